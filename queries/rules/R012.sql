/*
id = "R012"
title = { zh = "免费培训对象缴费", en = "A free-training trainee paid a fee" }
clause = "四(一)4"
effect = "flag"
dataset = "training"
note = { zh = "人员类别在代码表 groups 中为免费培训对象（主类别，或其他类别中的贫困劳动力、下岗失业人员），个人缴费大于0", en = "The primary group is free of charge by the code list groups (or another group is poor or laid-off workers), and the trainee paid a fee" }
false_positive = { zh = "已退还的押金", en = "A deposit that was refunded" }
provenance = "[seed 四(一)4]"
[parameters]
poor = "%TG10%"
laid_off = "%TG13%"
*/
SELECT
    department, record_no, division,
    COALESCE(end_date, start_date) AS date,
    fee AS detail
FROM training
WHERE fee > 0
    AND (
        primary_group IN (SELECT code FROM ref_groups WHERE free_training = 'yes')
        OR other_groups LIKE :poor
        OR other_groups LIKE :laid_off
    )
