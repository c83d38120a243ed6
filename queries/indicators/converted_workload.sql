/*
id = "converted_workload"
title = { zh = "折算工作量", en = "Converted workload" }
unit = { zh = "学时", en = "trainee-class-hours" }
kind = "flow"
clause = "三(二)"
note = { zh = "院校（机构目录中性质为院校的机构）承担的计入目标的培训学时，按30%折算成全日制学生培养工作量", en = "Hours of counted training at colleges (institutions whose ownership in the catalogue is college), 30 % of which convert into full-time teaching workload" }
*/
SELECT
    end_date AS date,
    division, department, sector, primary_group, training_type, mode, delivery, programme_tag,
    level, certificate_type, occupation, sex, age_band,
    CAST(hours AS DECIMAL(18, 3)) * CAST('0.3' AS DECIMAL(2, 1)) AS value
FROM training
WHERE counted
    AND hours IS NOT NULL
    AND institution IN (SELECT code FROM institutions WHERE ownership = 'college')
