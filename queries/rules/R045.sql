/*
id = "R045"
title = { zh = "全市总数与各地合计不平", en = "City total and the sum of the units differ" }
clause = "五(一)"
effect = "flag"
dataset = "returns"
note = { zh = "汇总报送中同一期间、同一指标的全市数小于各地合计，或各地报齐而不相等；只比对可以相加的指标。记录编号为期间和指标，发现为各地合计", en = "For one period and indicator the city's return is below the sum of the units, or differs although all units reported; only indicators that add up. The record is named by period and indicator, the detail is the sum" }
false_positive = { zh = "以万为单位时的舍入", en = "Rounding in units of ten thousand" }
provenance = "[found: statistics-form rules: 平衡公式]"
[parameters]
city = "220100"
units_all = 17
additive = ["trained_person_times", "started_person_times", "certified_person_times", "highly_skilled_person_times", "work_for_training_person_times", "entrepreneurship_person_times", "safety_person_times", "poverty_person_times", "subsidy_approved", "subsidy_paid", "funds_paid", "new_skilled_persons"]
*/
WITH units AS (
    SELECT period, indicator, SUM(value) AS total, COUNT(*) AS units
    FROM returns
    WHERE division <> :city AND indicator IN (:additive)
    GROUP BY period, indicator
)
SELECT
    r.department,
    CONCAT(r.period, ' ', r.indicator) AS record_no,
    r.division,
    p.last AS date,
    u.total AS detail
FROM returns AS r
    INNER JOIN units AS u ON r.period = u.period AND r.indicator = u.indicator
    INNER JOIN periods AS p ON r.period = p.period
WHERE r.division = :city
    AND (r.value < u.total OR (u.units >= :units_all AND r.value > u.total))
