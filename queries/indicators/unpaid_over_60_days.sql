/*
id = "unpaid_over_60_days"
title = { zh = "审核超60天未拨付", en = "Approved but unpaid over 60 days" }
unit = { zh = "条", en = "records" }
kind = "flow"
clause = "五(二)"
note = { zh = "审核通过而没有拨付日期、到快照日已超过60天的记录数，按审核通过日期计；迟付的不在内", en = "Records approved more than 60 days before the snapshot's day and without a payment, dated by approval; paid late is not in it" }
*/
SELECT
    approved_on AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    1 AS value
FROM training CROSS JOIN snapshot
WHERE paid_on IS NULL AND approved_on + INTERVAL '60 days' < day
