/*
id = "starts"
title = { zh = "学徒入学人次", en = "Apprenticeship starts" }
unit = { zh = "人次", en = "starts" }
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
    starts AS value
FROM apprenticeships
