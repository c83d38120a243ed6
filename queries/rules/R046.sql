/*
id = "R046"
title = { zh = "累计数小于上期累计", en = "Cumulative figure below the last one" }
clause = "五(一)"
effect = "flag"
dataset = "returns"
note = { zh = "同一年、同一地区和指标的年内累计（ytd）小于上一个累计；记录编号为期间和指标，发现为上期累计", en = "A to-date return (ytd) of a division and indicator is below the one before it in the same year; the record is named by period and indicator, the detail is the earlier figure" }
false_positive = { zh = "有记录的更正", en = "A recorded correction" }
provenance = "[knowledge, unverified]"
*/
WITH cumulative AS (
    SELECT
        r.department, r.period, r.indicator, r.division, r.value, p.last,
        LAG(r.value) OVER (
            PARTITION BY r.division, r.indicator, SUBSTR(r.period, 5, 4)
            ORDER BY r.period NULLS LAST
        ) AS before
    FROM returns AS r INNER JOIN periods AS p ON r.period = p.period
    WHERE r.period LIKE 'ytd:%'
)
SELECT
    department,
    CONCAT(period, ' ', indicator) AS record_no,
    division,
    last AS date,
    before AS detail
FROM cumulative
WHERE value < before
