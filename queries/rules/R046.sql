/*
id = "R046"
title = { zh = "累计数小于上期累计", en = "Cumulative figure below the last one" }
clause = "五(一)"
effect = "flag"
dataset = "returns"
note = { zh = "同一地区、同一指标从同一天起的较长期间（如全年、上半年）的汇总数小于较短期间（如一季度、一月）的；只比对只增不减的指标。记录编号为较长的期间和指标，发现为较短期间的数", en = "For a division and indicator the return of a longer period (a year, a half) is below that of a shorter one from the same first day (its first quarter, its January); only indicators that never fall. The record is named by the longer period and indicator, the detail is the shorter period's figure" }
false_positive = { zh = "有记录的更正", en = "A recorded correction" }
provenance = "[knowledge, unverified]"
[parameters]
growing = ["trained_person_times", "trained_persons", "started_person_times", "certified_person_times", "highly_skilled_person_times", "apprentices", "work_for_training_person_times", "entrepreneurship_person_times", "safety_person_times", "poverty_person_times", "subsidy_approved", "subsidy_paid", "new_skilled_persons"]
*/
WITH reported AS (
    SELECT r.department, r.division, r.period, r.indicator, r.value, p.first, p.last
    FROM returns AS r INNER JOIN periods AS p ON r.period = p.period
    WHERE r.indicator IN (:growing)
),
fallen AS (
    SELECT b.department, b.period, b.indicator, b.division, MAX(b.last) AS last, MAX(a.value) AS before
    FROM reported AS a
        INNER JOIN reported AS b
        ON a.division = b.division AND a.indicator = b.indicator AND a.first = b.first
    WHERE a.last < b.last AND b.value < a.value
    GROUP BY b.department, b.period, b.indicator, b.division
)
SELECT
    department,
    CONCAT(period, ' ', indicator) AS record_no,
    division,
    last AS date,
    before AS detail
FROM fallen
