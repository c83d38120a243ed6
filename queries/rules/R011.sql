/*
id = "R011"
title = { zh = "学徒补贴低于每人每年4000元", en = "Apprentice subsidy below 4,000 yuan a year" }
clause = "四(一)1"
effect = "flag"
dataset = "training"
note = { zh = "企业新型学徒制已拨付的补贴，按整月折算到一年不足4000元", en = "Subsidy paid for a new-type apprenticeship, over its whole months, is less than 4,000 yuan a year" }
false_positive = { zh = "尚未结清，或按实际月数分期拨付", en = "Not settled yet, or paid in parts by month" }
provenance = "[seed 四(一)1]"
[parameters]
types = ["TT07"]
yuan_per_year_min = 4000
*/
WITH apprentices AS (
    SELECT
        department, record_no, division, end_date, subsidy,
        (DATE_PART('year', end_date) - DATE_PART('year', start_date)) * 12
            + DATE_PART('month', end_date) - DATE_PART('month', start_date)
            - (CASE WHEN DATE_PART('day', end_date) < DATE_PART('day', start_date) THEN 1 ELSE 0 END) AS months
    FROM training
    WHERE training_type IN (:types) AND status = 'completed' AND paid_on IS NOT NULL
)
SELECT
    department, record_no, division,
    end_date AS date,
    subsidy AS detail
FROM apprentices
WHERE months > 0 AND subsidy * 12 < months * :yuan_per_year_min
