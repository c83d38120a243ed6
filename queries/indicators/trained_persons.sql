/*
id = "trained_persons"
title = { zh = "补贴性培训人数", en = "Persons trained" }
unit = { zh = "人", en = "persons" }
kind = "distinct"
clause = "一"
note = { zh = "计入目标的结业记录中不重复的人；各县区、各月人数不可相加", en = "Distinct persons among the counted completions; persons of units or months do not add up" }
*/
SELECT
    end_date AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    person
FROM training
WHERE counted
