/*
id = "skilled_ratio"
title = { zh = "技能劳动者占就业人员比例", en = "Skilled workers as a share of the employed" }
unit = { zh = "%", en = "%" }
kind = "ratio"
parts = "stock"
clause = "一"
note = { zh = "期末存量之比：各县区各行业取最近一期两数俱全的报数，先分别求和再相除；沿用上期或估算的数标 [e]", en = "Ratio of stocks at the period's end: for every division and sector the latest return with both parts, summed before dividing; carried-forward or estimated ones are marked [e]" }
*/
SELECT
    as_of AS date,
    division, sector,
    skilled AS numerator,
    employed AS denominator,
    COALESCE(basis = 'estimated', FALSE) AS estimated
FROM workforce
WHERE skilled IS NOT NULL AND employed IS NOT NULL
