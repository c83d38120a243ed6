/*
id = "R029"
title = { zh = "培训学时不足", en = "Class hours below the standard" }
clause = "五(三)"
effect = "flag"
dataset = "training"
note = { zh = "结业记录的学时低于机构目录中该机构、职业、等级当时的最低学时；目录没有的，对照补贴标准表 subsidy_standards", en = "Hours of a completion are below the minimum of the institution, occupation and level in the catalogue on the start date; where the catalogue has none, below that of the list subsidy_standards" }
false_positive = { zh = "省定学时标准自2020-08-31起执行，此前开班的不对照该表", en = "The provincial minimum stands from 2020-08-31 only; earlier classes are not held against it" }
provenance = "[found: 吉人社联〔2020〕59号]"
[parameters]
types = ["TT01", "TT03", "TT04", "TT05", "TT10", "TT11", "TT13"]
tariff_types = ["TT01", "TT10", "TT13"]
*/
WITH completed AS (
    SELECT department, record_no, division, institution, occupation, level, training_type, start_date, end_date, hours
    FROM training
    WHERE status = 'completed' AND hours IS NOT NULL AND training_type IN (:types)
),
by_catalogue AS (
    SELECT c.department, c.record_no, MIN(i.min_hours) AS hours_min
    FROM completed AS c
        INNER JOIN institutions AS i
        ON c.institution = i.code AND c.occupation = i.occupation AND c.level = i.level
    WHERE i.min_hours IS NOT NULL
        AND i.valid_from <= c.start_date AND COALESCE(i.valid_to, c.start_date) >= c.start_date
    GROUP BY c.department, c.record_no
),
by_tariff AS (
    SELECT
        c.department, c.record_no,
        MIN(CAST(s.min_hours AS DECIMAL(18, 2))) AS hours_min
    FROM completed AS c INNER JOIN ref_subsidy_standards AS s ON c.level = s.level
    WHERE s.min_hours IS NOT NULL AND c.training_type IN (:tariff_types)
        AND DATE(s.valid_from) <= c.start_date AND DATE(s.valid_to) >= c.start_date
    GROUP BY c.department, c.record_no
)
SELECT
    c.department, c.record_no, c.division,
    c.end_date AS date,
    c.hours AS detail
FROM completed AS c
    LEFT JOIN by_catalogue AS k ON c.department = k.department AND c.record_no = k.record_no
    LEFT JOIN by_tariff AS s ON c.department = s.department AND c.record_no = s.record_no
WHERE c.hours < COALESCE(k.hours_min, s.hours_min)
