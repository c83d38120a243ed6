/*
id = "funds_paid"
title = { zh = "资金支出", en = "Funds paid" }
unit = { zh = "元", en = "yuan" }
kind = "flow"
clause = "四(四)"
note = { zh = "拨付加预拨减追回，按期间计，部门为资金部门而非报送部门；跨月的期间记在其最后一个月", en = "Paid plus advanced minus recovered, by period; the department is that of the money, not the sender; a period longer than a month stands in its last month" }
*/
SELECT
    DATE(
        CASE
            WHEN period LIKE '%-__' THEN CONCAT(SUBSTR(period, LENGTH(period) - 6, 7), '-01')
            WHEN period LIKE '%Q1' THEN CONCAT(SUBSTR(period, LENGTH(period) - 5, 4), '-03-01')
            WHEN period LIKE '%Q2' OR period LIKE '%H1' THEN CONCAT(SUBSTR(period, LENGTH(period) - 5, 4), '-06-01')
            WHEN period LIKE '%Q3' THEN CONCAT(SUBSTR(period, LENGTH(period) - 5, 4), '-09-01')
            WHEN period LIKE '%Q4' OR period LIKE '%H2' THEN CONCAT(SUBSTR(period, LENGTH(period) - 5, 4), '-12-01')
            ELSE CONCAT(SUBSTR(period, LENGTH(period) - 3, 4), '-12-01')
        END
    ) AS date,
    division, department,
    CASE WHEN kind = 'recovered' THEN -amount ELSE amount END AS value
FROM funds
WHERE kind IN ('paid', 'advance', 'recovered')
