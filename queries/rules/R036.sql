/*
id = "R036"
title = { zh = "补贴超过标准", en = "Subsidy above the standard" }
clause = "四(一)1"
effect = "flag"
dataset = "training"
note = { zh = "补贴高于机构目录中该机构、职业、等级当时的标准；目录没有的，对照补贴标准表 subsidy_standards", en = "The subsidy is above the standard of the institution, occupation and level in the catalogue on the start date; where the catalogue has none, above that of the list subsidy_standards" }
false_positive = { zh = "紧缺职业目录可按规定上浮；省定标准自2020-08-31起执行", en = "Shortage occupations may have a margin by rule; the provincial tariff stands from 2020-08-31" }
provenance = "[knowledge, unverified]; tariff [found: 吉人社联〔2020〕59号]"
[parameters]
types_left_out = ["TT02", "TT06", "TT07", "TT08", "TT09"]
tariff_types = ["TT01", "TT10", "TT13"]
*/
WITH claims AS (
    SELECT department, record_no, division, institution, occupation, level, training_type, start_date, end_date, subsidy
    FROM training
    WHERE subsidy > 0 AND training_type NOT IN (:types_left_out)
),
by_catalogue AS (
    SELECT c.department, c.record_no, MAX(i.standard) AS yuan_max
    FROM claims AS c
        INNER JOIN institutions AS i
        ON c.institution = i.code AND c.occupation = i.occupation AND c.level = i.level
    WHERE i.standard IS NOT NULL
        AND i.valid_from <= c.start_date AND COALESCE(i.valid_to, c.start_date) >= c.start_date
    GROUP BY c.department, c.record_no
),
by_tariff AS (
    SELECT
        c.department, c.record_no,
        MAX(CAST(s.amount AS DECIMAL(18, 2))) AS yuan_max
    FROM claims AS c INNER JOIN ref_subsidy_standards AS s ON c.level = s.level
    WHERE s.amount IS NOT NULL AND c.training_type IN (:tariff_types)
        AND DATE(s.valid_from) <= c.start_date AND DATE(s.valid_to) >= c.start_date
    GROUP BY c.department, c.record_no
)
SELECT
    c.department, c.record_no, c.division,
    COALESCE(c.end_date, c.start_date) AS date,
    c.subsidy AS detail
FROM claims AS c
    LEFT JOIN by_catalogue AS k ON c.department = k.department AND c.record_no = k.record_no
    LEFT JOIN by_tariff AS s ON c.department = s.department AND c.record_no = s.record_no
WHERE c.subsidy > COALESCE(k.yuan_max, s.yuan_max)
