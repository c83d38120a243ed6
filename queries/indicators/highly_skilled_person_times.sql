/*
id = "highly_skilled_person_times"
title = { zh = "高技能人才培训人次", en = "Highly-skilled training person-times" }
unit = { zh = "人次", en = "person-times" }
kind = "flow"
clause = "二(一)"
note = { zh = "培训等级为三级（高级工）及以上的结业人次", en = "Person-times completed at level 3 (senior worker) or above" }
*/
SELECT
    end_date AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    1 AS value
FROM training
WHERE counted AND level IN ('L3', 'L2', 'L1', 'LS', 'LC')
