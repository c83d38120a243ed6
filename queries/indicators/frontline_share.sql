/*
id = "frontline_share"
title = { zh = "一线职工经费占比", en = "Front-line share" }
unit = { zh = "%", en = "%" }
kind = "ratio"
clause = "四(三)"
note = { zh = "职工教育经费支出中用于一线职工的部分，应不低于60%，按年度计；各企业先分别求和再相除", en = "Part of the education funds used that went to front-line staff, to be 60 % or more, by year; summed over enterprises before dividing" }
*/
SELECT
    DATE(CONCAT(CAST(year AS VARCHAR), '-12-31')) AS date,
    department,
    frontline AS numerator,
    used AS denominator
FROM education_funds
