/*
id = "trained_person_times"
title = { zh = "补贴性培训人次", en = "Subsidised training person-times" }
unit = { zh = "人次", en = "person-times" }
kind = "flow"
clause = "一"
note = { zh = "一人参加一个班期并结业计一人次，按结业月份计；以工代训另列，企业自行负担的培训不计", en = "One person completing one class is one person-time, counted in the month of completion; work-for-training has a line of its own, self-funded training does not count" }
*/
SELECT
    end_date AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    1 AS value
FROM training
WHERE counted
