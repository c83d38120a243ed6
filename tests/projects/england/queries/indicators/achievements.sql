/*
id = "achievements"
title = { zh = "学徒结业人次", en = "Apprenticeship achievements" }
unit = { zh = "人次", en = "achievements" }
kind = "flow"
clause = "DfE apprenticeships provider dashboard"
note = { zh = "学年累计数，记在学年最后一天", en = "Cumulative over the academic year, dated by its last day" }
*/
SELECT
    DATE(CONCAT('20', RIGHT(year, 2), '-07-31')) AS date,
    year AS academic_year,
    learner_home_lad AS home,
    delivery_lad AS delivery,
    provider_name AS provider,
    achievements AS value
FROM apprenticeships
