/*
id = "subsidy_approved"
title = { zh = "审核补贴金额", en = "Subsidy approved" }
unit = { zh = "元", en = "yuan" }
kind = "flow"
clause = "四(四)"
note = { zh = "全部入库记录的补贴金额，按审核通过日期计，不论学习状态、类型和剔除规则", en = "Subsidy of all accepted records, dated by approval, whatever their status, type or exclusion" }
*/
SELECT
    approved_on AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    subsidy AS value
FROM training
WHERE approved_on IS NOT NULL AND subsidy IS NOT NULL
