/*
id = "certification_rate"
title = { zh = "取证率", en = "Certification rate" }
unit = { zh = "%", en = "%" }
kind = "ratio"
clause = "四(一)1"
note = { zh = "取证人次与结业人次之比，均按结业日期计；先分别求和再相除", en = "Person-times certified among person-times completed, both dated by completion; summed before dividing" }
*/
SELECT
    end_date AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    CASE WHEN certificate_no IS NOT NULL THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM training
WHERE counted
