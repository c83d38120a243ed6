/*
id = "new_skilled_persons"
title = { zh = "新增技能劳动者", en = "Newly skilled persons" }
unit = { zh = "人", en = "persons" }
kind = "flow"
clause = "一"
note = { zh = "每人首次取得五级（初级工）及以上职业资格证书或技能等级证书时计一人，按发证日期计，不论就业状态", en = "One per person on the day of the first vocational qualification or skill-level certificate of level 5 or higher, whatever the employment status" }
*/
SELECT
    issued_on AS date,
    division, department, sector, level, certificate_type, occupation, sex, age_band,
    1 AS value
FROM (
    SELECT
        issued_on, division, department, sector, level, certificate_type, occupation, sex, age_band,
        ROW_NUMBER() OVER (PARTITION BY person ORDER BY issued_on NULLS LAST, department NULLS LAST, record_no NULLS LAST) AS place
    FROM certificates
    WHERE certificate_type IN ('CT01', 'CT02')
        AND level IN ('L5', 'L4', 'L3', 'L2', 'L1', 'LS', 'LC')
) AS ranked
WHERE place = 1
