/*
id = "R020"
title = { zh = "开班前登记为死亡", en = "Registered as deceased before the start" }
clause = "三(六)"
effect = "flag"
dataset = "training"
note = { zh = "证书登记中的状态为死亡、状态日期早于开班日期；发现为状态日期。完整核查需民政或社保数据", en = "The certificate register says deceased as of a day before the start; the detail is that day. A full check needs civil-affairs or insurance data" }
false_positive = { zh = "登记状态或日期有误；同号不同人", en = "A wrong status or day in the register; a number that belongs to another person" }
provenance = "[knowledge, unverified]"
*/
WITH deceased AS (
    SELECT person, MIN(COALESCE(status_on, issued_on)) AS since
    FROM certificates
    WHERE employment_status = 'deceased'
    GROUP BY person
)
SELECT
    t.department, t.record_no, t.division,
    COALESCE(t.end_date, t.start_date) AS date,
    d.since AS detail
FROM training AS t INNER JOIN deceased AS d ON t.person = d.person
WHERE d.since < t.start_date
