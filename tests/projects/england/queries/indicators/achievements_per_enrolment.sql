/*
id = "achievements_per_enrolment"
title = { zh = "结业在学比", en = "Achievements per enrolment" }
unit = { zh = "%", en = "%" }
kind = "ratio"
clause = "DfE apprenticeships provider dashboard"
note = { zh = "同一学年结业人次之和除以在学人次之和；不是官方的结业率", en = "Sum of achievements over sum of enrolments of the same academic year; not the official achievement rate" }
*/
SELECT
    DATE(CONCAT('20', RIGHT(year, 2), '-07-31')) AS date,
    year AS academic_year,
    learner_home_lad AS home,
    delivery_lad AS delivery,
    provider_name AS provider,
    achievements AS numerator,
    enrolments AS denominator
FROM apprenticeships
