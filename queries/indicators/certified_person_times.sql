/*
id = "certified_person_times"
title = { zh = "取证人次", en = "Person-times certified" }
unit = { zh = "人次", en = "person-times" }
kind = "flow"
clause = "四(一)1"
note = { zh = "计入目标的结业记录中有证书编号的，按结业日期计，因此不大于结业人次", en = "Counted completions with a certificate number, dated by completion, so never more than the completions" }
*/
SELECT
    end_date AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    1 AS value
FROM training
WHERE counted AND certificate_no IS NOT NULL
