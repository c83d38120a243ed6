/*
id = "work_for_training_person_times"
title = { zh = "以工代训人次", en = "Work-for-training person-times" }
unit = { zh = "人次", en = "person-times" }
kind = "flow"
clause = "四(一)3"
note = { zh = "以工代训另列，不在19万人次内；同一人在同一企业累计超过6个月的记录整条剔除", en = "A line of its own, not part of the 190,000; a record that takes a person and employer beyond six months is excluded whole" }
*/
SELECT
    end_date AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    1 AS value
FROM training
WHERE own_line
