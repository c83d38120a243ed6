/*
id = "R053"
title = { zh = "审核超60天未拨付", en = "Approved, unpaid for over 60 days" }
clause = "五(二)"
effect = "flag"
dataset = "training"
note = { zh = "审核通过而没有拨付日期，到快照日已超过60天；发现为审核通过日期", en = "Approved more than 60 days before the snapshot's day and without a payment; the detail is the day of approval" }
false_positive = { zh = "年终关账", en = "Year-end close" }
provenance = "[seed 五(二)]"
[parameters]
grace = "60 days"
*/
SELECT
    department, record_no, division,
    approved_on AS date,
    approved_on AS detail
FROM training CROSS JOIN snapshot
WHERE paid_on IS NULL AND approved_on + INTERVAL :grace < day
