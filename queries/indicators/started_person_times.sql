/*
id = "started_person_times"
title = { zh = "开班人次", en = "Person-times started" }
unit = { zh = "人次", en = "person-times" }
kind = "flow"
clause = "三(五)"
note = { zh = "除报名外的记录，按开班日期计，培训类型和资金应属补贴性培训；不适用剔除规则", en = "Every record that is past enrolment, dated by its start, if its type and its money are subsidised training; exclusion rules do not apply" }
*/
SELECT
    start_date AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    1 AS value
FROM training
WHERE status <> 'enrolled'
    AND training_type NOT IN ('TT09')
    AND COALESCE(funding_source, '') NOT IN ('FS03', 'FS05', 'FS08', 'FS09')
