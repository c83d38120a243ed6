/*
id = "highly_skilled_ratio"
title = { zh = "高技能人才占技能劳动者比例", en = "Highly skilled as a share of skilled workers" }
unit = { zh = "%", en = "%" }
kind = "ratio"
parts = "stock"
clause = "一"
note = { zh = "期末存量之比：三级（高级工）及以上人数占技能劳动者；沿用上期或估算的数标 [e]", en = "Ratio of stocks at the period's end: level 3 (senior worker) and above among skilled workers; carried-forward or estimated ones are marked [e]" }
*/
SELECT
    as_of AS date,
    division, sector,
    highly_skilled AS numerator,
    skilled AS denominator,
    COALESCE(basis = 'estimated', FALSE) AS estimated
FROM workforce
WHERE highly_skilled IS NOT NULL AND skilled IS NOT NULL
