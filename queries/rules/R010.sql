/*
id = "R010"
title = { zh = "预拨比例超过50%", en = "Advance above 50 %" }
clause = "四(一)5"
effect = "flag"
dataset = "funds"
note = { zh = "同一地区、部门、资金来源在一年内预拨的金额超过审核金额的一半；记录编号为地区、资金来源和年度", en = "Advances of a division, department and source in a year exceed half of what was approved; the record is named by division, source and year" }
false_positive = { zh = "审核数次年才到的项目；0.01元以内的舍入", en = "Projects whose approval is reported in the next year; rounding within 0.01 yuan" }
provenance = "[seed 四(一)5]"
[parameters]
percent_max = 50
*/
WITH years AS (
    SELECT
        f.department, f.division, f.funding_source,
        SUBSTR(f.period, 1, 4) AS year,
        MAX(p.last) AS last,
        SUM(CASE WHEN f.kind = 'advance' THEN f.amount ELSE f.amount - f.amount END) AS advanced,
        SUM(CASE WHEN f.kind = 'approved' THEN f.amount ELSE f.amount - f.amount END) AS approved
    FROM funds AS f INNER JOIN periods AS p ON f.period = p.period
    GROUP BY f.department, f.division, f.funding_source, SUBSTR(f.period, 1, 4)
)
SELECT
    department,
    CONCAT(division, ' ', funding_source, ' ', year) AS record_no,
    division,
    last AS date,
    advanced AS detail
FROM years
WHERE advanced * 100 > approved * :percent_max
