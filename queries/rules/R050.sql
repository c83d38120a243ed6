/*
id = "R050"
title = { zh = "上报数凑整", en = "Suspiciously round figures" }
clause = "五(一)"
effect = "flag"
dataset = "returns"
note = { zh = "一个地区不少于10个非零的汇总数中，超过60%是50的倍数；记录编号为地区，发现为凑整的个数", en = "Of ten or more returns of a division that are not 0, over 60 % are multiples of 50; the record is the division, the detail the number of round ones" }
false_positive = { zh = "规模小的开发区", en = "Small zones" }
provenance = "[knowledge, unverified]"
[parameters]
multiple = 50
percent_max = 60
cells_min = 10
*/
WITH cells AS (
    SELECT
        r.department, r.division, p.last,
        CASE WHEN r.value = CAST(CAST(r.value AS BIGINT) AS DECIMAL(18, 6)) AND MOD(CAST(r.value AS BIGINT), :multiple) = 0 THEN 1 ELSE 0 END AS round_one
    FROM returns AS r INNER JOIN periods AS p ON r.period = p.period
    WHERE r.value > 0
)
SELECT
    department,
    division AS record_no,
    division,
    MAX(last) AS date,
    SUM(round_one) AS detail
FROM cells
GROUP BY department, division
HAVING COUNT(*) >= :cells_min AND SUM(round_one) * 100 > COUNT(*) * :percent_max
