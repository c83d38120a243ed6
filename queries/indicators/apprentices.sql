/*
id = "apprentices"
title = { zh = "学徒人数", en = "Apprentices" }
unit = { zh = "人", en = "persons" }
kind = "distinct"
clause = "二(一)"
note = { zh = "企业新型学徒制和现代学徒制中已结业或已拨付补贴的不重复的人，按开班日期计", en = "Distinct persons in enterprise new-type or modern apprenticeships who completed or for whom subsidy was paid, dated by the start" }
*/
SELECT
    start_date AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    person
FROM training
WHERE training_type IN ('TT07', 'TT08')
    AND (status = 'completed' OR paid_on IS NOT NULL)
