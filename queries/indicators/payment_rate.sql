/*
id = "payment_rate"
title = { zh = "补贴拨付率", en = "Payment rate" }
unit = { zh = "%", en = "%" }
kind = "ratio"
clause = "五(二)"
note = { zh = "已拨付的补贴占审核通过的补贴，均按审核通过日期计；先分别求和再相除", en = "Subsidy that was paid among subsidy approved, both dated by approval; summed before dividing" }
*/
SELECT
    approved_on AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    CASE WHEN paid_on IS NOT NULL THEN subsidy ELSE CAST(0 AS DECIMAL(18, 2)) END AS numerator,
    subsidy AS denominator
FROM training
WHERE approved_on IS NOT NULL AND subsidy IS NOT NULL
