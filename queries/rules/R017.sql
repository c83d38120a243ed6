/*
id = "R017"
title = { zh = "同一时间参加两个培训班", en = "Two classes at the same time" }
clause = "三(六)"
effect = "flag"
dataset = "training"
note = { zh = "同一人两个不同班期的起止日期重叠；列出后开班的一条，发现为另一班期的记录。台账只有日期，没有课时表", en = "The dates of two different classes of one person overlap; the later one is named, the detail is the record of the other. The register knows days, not hours" }
false_positive = { zh = "线上与晚间面授可以同时进行，应核对课时", en = "Online and evening classes may run side by side: compare the sessions" }
provenance = "[knowledge, unverified]"
[parameters]
types_left_out = ["TT07", "TT08", "TT09"]
statuses_left_out = ["enrolled", "dropped"]
online = "TM03"
*/
WITH attended AS (
    SELECT
        person, department, record_no, division, class_no, start_date,
        COALESCE(end_date, start_date) AS last,
        COALESCE(delivery, '-') AS delivery
    FROM training
    WHERE training_type NOT IN (:types_left_out) AND status NOT IN (:statuses_left_out)
),
repeated AS (
    SELECT person FROM attended GROUP BY person HAVING COUNT(*) > 1
),
several AS (
    SELECT a.person, a.department, a.record_no, a.division, a.class_no, a.start_date, a.last, a.delivery
    FROM attended AS a INNER JOIN repeated AS r ON a.person = r.person
)
SELECT
    b.department, b.record_no, b.division,
    MAX(b.last) AS date,
    MIN(CONCAT(a.department, ' ', a.record_no)) AS detail
FROM several AS a INNER JOIN several AS b ON a.person = b.person
WHERE a.start_date <= b.last AND b.start_date <= a.last
    AND a.class_no <> b.class_no
    AND a.delivery <> :online AND b.delivery <> :online
    AND (
        a.start_date < b.start_date
        OR (a.start_date = b.start_date AND CONCAT(a.department, ' ', a.record_no) < CONCAT(b.department, ' ', b.record_no))
    )
GROUP BY b.department, b.record_no, b.division
