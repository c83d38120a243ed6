/*
id = "entrepreneurship_person_times"
title = { zh = "创业培训人次", en = "Entrepreneurship training person-times" }
unit = { zh = "人次", en = "person-times" }
kind = "flow"
clause = "二(二)"
note = { zh = "创业培训的结业人次", en = "Person-times of entrepreneurship training completed" }
*/
SELECT
    end_date AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    1 AS value
FROM training
WHERE counted AND training_type = 'TT02'
