/*
id = "poverty_person_times"
title = { zh = "贫困劳动者培训人次", en = "Training person-times of poor workers" }
unit = { zh = "人次", en = "person-times" }
kind = "flow"
clause = "二(三)"
note = { zh = "人员类别或其他类别含贫困家庭子女、贫困劳动力的结业人次，每条记录只计一次", en = "Completions whose primary or other groups name children of poor families or poor labourers, each record once" }
*/
SELECT
    end_date AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    1 AS value
FROM training
WHERE counted
    AND (
        primary_group IN ('TG01', 'TG10')
        OR other_groups LIKE '%TG01%'
        OR other_groups LIKE '%TG10%'
    )
