/*
id = "R016"
title = { zh = "跨地区或跨部门重复申领", en = "Claimed in two places or by two departments" }
clause = "五(一)"
effect = "flag"
dataset = "training"
note = { zh = "同一人的两条已审核记录培训时间重叠，而培训地或部门不同；列出后开班的一条，发现为另一条", en = "Two approved records of one person overlap in time and differ in place or department; the later one is named, the detail is the other" }
false_positive = { zh = "先后参加的不同类型培训合规", en = "Different types of training one after the other are in order" }
provenance = "[seed 五(一) scope; knowledge]"
[parameters]
types_left_out = ["TT09"]
*/
WITH claims AS (
    SELECT person, department, record_no, division, start_date, COALESCE(end_date, start_date) AS last
    FROM training
    WHERE approved_on IS NOT NULL AND training_type NOT IN (:types_left_out)
),
repeated AS (
    SELECT person FROM claims GROUP BY person HAVING COUNT(*) > 1
),
several AS (
    SELECT c.person, c.department, c.record_no, c.division, c.start_date, c.last
    FROM claims AS c INNER JOIN repeated AS r ON c.person = r.person
)
SELECT
    b.department, b.record_no, b.division,
    MAX(b.last) AS date,
    MIN(CONCAT(a.department, ' ', a.record_no)) AS detail
FROM several AS a INNER JOIN several AS b ON a.person = b.person
WHERE a.start_date <= b.last AND b.start_date <= a.last
    AND (a.department <> b.department OR a.division <> b.division)
    AND (
        a.start_date < b.start_date
        OR (a.start_date = b.start_date AND CONCAT(a.department, ' ', a.record_no) < CONCAT(b.department, ' ', b.record_no))
    )
GROUP BY b.department, b.record_no, b.division
