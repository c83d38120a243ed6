/*
id = "R044"
title = { zh = "以工代训与其他培训同月享受", en = "Work-for-training in the same month as another paid training" }
clause = "四(一)3"
effect = "flag"
dataset = "training"
note = { zh = "以工代训的起止日期与同一人另一条已拨付的培训重叠；列出以工代训的一条，发现为另一条", en = "Work-for-training overlaps another paid training of the same person; the work-for-training record is named, the detail is the other" }
false_positive = { zh = "可能合规，仅作提示", en = "May be lawful: a hint only" }
provenance = "[knowledge, unverified]"
[parameters]
type = "TT09"
*/
WITH work AS (
    SELECT person, department, record_no, division, start_date, COALESCE(end_date, start_date) AS last
    FROM training
    WHERE training_type = :type AND status <> 'enrolled'
),
paid AS (
    SELECT person, department, record_no, start_date, COALESCE(end_date, start_date) AS last
    FROM training
    WHERE training_type <> :type AND paid_on IS NOT NULL
)
SELECT
    w.department, w.record_no, w.division,
    MAX(w.last) AS date,
    MIN(CONCAT(p.department, ' ', p.record_no)) AS detail
FROM work AS w INNER JOIN paid AS p ON w.person = p.person
WHERE p.start_date <= w.last AND w.start_date <= p.last
GROUP BY w.department, w.record_no, w.division
