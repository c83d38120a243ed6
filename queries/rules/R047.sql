/*
id = "R047"
title = { zh = "上报数与实名明细不一致", en = "Return differs from the real-name detail" }
clause = "三(六)"
effect = "flag"
dataset = "returns"
note = { zh = "部门既报汇总又有实名台账时，汇总报送的补贴性培训人次多于台账的结业记录，或少于其中计数的记录，相差超过2%；发现为台账结业数", en = "A department with both returns and records reported more completions than its records hold, or fewer than those that count, by more than 2 %; the detail is the completions in the records" }
false_positive = { zh = "未上传明细的部门另列一层，不比对；台账补报较晚", en = "Departments without records are a layer of their own and not compared; records that arrive late" }
provenance = "[seed 三(六), 五(一)]"
[parameters]
indicator = "trained_person_times"
types_left_out = ["TT09"]
percent_max = 2
*/
WITH days AS (
    SELECT
        department, division, end_date,
        COUNT(*) AS completed,
        SUM(CASE WHEN counted THEN 1 ELSE 0 END) AS counted
    FROM training
    WHERE status = 'completed' AND training_type NOT IN (:types_left_out)
    GROUP BY department, division, end_date
),
compared AS (
    SELECT
        r.department, r.division, r.period,
        MAX(r.value) AS value,
        MAX(p.last) AS last,
        SUM(d.completed) AS completed,
        SUM(d.counted) AS counted
    FROM returns AS r
        INNER JOIN periods AS p ON r.period = p.period
        INNER JOIN days AS d ON r.department = d.department AND r.division = d.division
    WHERE r.indicator = :indicator AND d.end_date >= p.first AND d.end_date <= p.last
    GROUP BY r.department, r.division, r.period
)
SELECT
    department,
    CONCAT(period, ' ', division) AS record_no,
    division,
    last AS date,
    completed AS detail
FROM compared
WHERE value * 100 > completed * (100 + :percent_max)
    OR value * 100 < counted * (100 - :percent_max)
