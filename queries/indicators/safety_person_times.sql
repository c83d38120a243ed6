/*
id = "safety_person_times"
title = { zh = "安全技能培训人次", en = "Safety-skills training person-times" }
unit = { zh = "人次", en = "person-times" }
kind = "flow"
clause = "二(一)"
note = { zh = "安全技能培训的结业人次", en = "Person-times of safety-skills training completed" }
*/
SELECT
    end_date AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    1 AS value
FROM training
WHERE counted AND training_type = 'TT06'
