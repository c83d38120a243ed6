/*
id = "R002"
title = { zh = "参训时不满16岁", en = "Trainee under 16" }
clause = "四(二)"
effect = "flag"
dataset = "training"
note = { zh = "按证件号码中的出生日期，培训时不满16岁；证件号码或日期可能有误", en = "Under 16 at the training by the birth date in the ID number: the number or a date may be wrong" }
false_positive = { zh = "16—18岁的两后生参训合规", en = "Junior- and senior-high leavers of 16 to 18 are in order" }
provenance = "[knowledge, unverified]"
[parameters]
age_bands = ["under-16"]
*/
SELECT
    department, record_no, division,
    COALESCE(end_date, start_date) AS date
FROM training
WHERE age_band IN (:age_bands)
