/*
id = "subsidy_paid"
title = { zh = "拨付补贴金额", en = "Subsidy paid" }
unit = { zh = "元", en = "yuan" }
kind = "flow"
clause = "五(二)"
note = { zh = "全部入库记录的补贴金额，按拨付日期计，不论学习状态、类型和剔除规则", en = "Subsidy of all accepted records, dated by payment, whatever their status, type or exclusion" }
*/
SELECT
    paid_on AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    subsidy AS value
FROM training
WHERE paid_on IS NOT NULL AND subsidy IS NOT NULL
