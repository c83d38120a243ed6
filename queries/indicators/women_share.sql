/*
id = "women_share"
title = { zh = "女性占比", en = "Women's share" }
unit = { zh = "%", en = "%" }
kind = "ratio"
clause = "一"
note = { zh = "按身份证号码判断性别，以人次计；没有性别的记录不进分子也不进分母", en = "Person-times of women by the identity number; records without a sex are in neither part" }
*/
SELECT
    end_date AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    CASE WHEN sex = 'female' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM training
WHERE counted AND sex IS NOT NULL
