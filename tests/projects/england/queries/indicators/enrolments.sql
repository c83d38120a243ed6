/*
id = "enrolments"
title = { zh = "学徒在学人次", en = "Apprenticeship enrolments" }
unit = { zh = "人次", en = "enrolments" }
kind = "flow"
clause = "DfE apprenticeships provider dashboard"
note = { zh = "学年内曾在学的人次，记在学年最后一天", en = "Enrolled at any time of the academic year, dated by its last day" }
*/
SELECT
    DATE(CONCAT('20', RIGHT(year, 2), '-07-31')) AS date,
    year AS academic_year,
    learner_home_lad AS home,
    delivery_lad AS delivery,
    provider_name AS provider,
    enrolments AS value
FROM apprenticeships
