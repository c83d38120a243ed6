/*
id = "R040"
title = { zh = "未告知先开班", en = "Class started before notice" }
clause = "三(五)"
effect = "flag"
dataset = "training"
note = { zh = "告知日期晚于开班日期，或没有告知日期；发现为告知日期", en = "The notice is dated after the start, or there is none; the detail is the date of notice" }
false_positive = { zh = "告知已办理但补录较晚", en = "Given in time, entered late" }
provenance = "[seed 三(五)]"
*/
SELECT
    department, record_no, division,
    COALESCE(end_date, start_date) AS date,
    notice_date AS detail
FROM training
WHERE notice_date IS NULL OR notice_date > start_date
