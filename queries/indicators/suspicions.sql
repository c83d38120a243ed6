/*
id = "suspicions"
title = { zh = "疑点数", en = "Suspicions" }
unit = { zh = "条", en = "findings" }
kind = "flow"
clause = "四(四)"
note = { zh = "提示类规则发现的疑点条数，只供核查，不作结论", en = "Findings of rules that flag: a worklist, never an accusation" }
*/
SELECT
    date,
    division, department,
    1 AS value
FROM findings
WHERE effect = 'flag'
