/*
id = "R052"
title = { zh = "一线职工培训经费低于60%", en = "Front-line share below 60 %" }
clause = "四(三)"
effect = "flag"
dataset = "education_funds"
note = { zh = "企业职工教育经费支出中用于一线职工的不足60%；记录编号为企业统一社会信用代码，日期为年末，发现为一线职工支出", en = "Less than 60 % of an enterprise's education funds used went to front-line staff; the record is the enterprise's credit code, the date the year's end, the detail the front-line part" }
false_positive = { zh = "规模很小的企业", en = "Small firms" }
provenance = "[seed 四(三)]"
[parameters]
percent_min = 60
*/
SELECT
    department,
    employer_uscc AS record_no,
    CAST(NULL AS VARCHAR) AS division,
    DATE(CONCAT(CAST(year AS VARCHAR), '-12-31')) AS date,
    frontline AS detail
FROM education_funds
WHERE used > 0 AND frontline * 100 < used * :percent_min
