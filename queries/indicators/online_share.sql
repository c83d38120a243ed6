/*
id = "online_share"
title = { zh = "线上培训占比", en = "Online share" }
unit = { zh = "%", en = "%" }
kind = "ratio"
clause = "一"
note = { zh = "培训方式为线上的结业人次占全部结业人次；线上线下混合不算线上，未填报的计入分母", en = "Completions delivered online among all completions; blended is not online, blank stays in the denominator" }
*/
SELECT
    end_date AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    CASE WHEN delivery = 'TM03' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM training
WHERE counted
