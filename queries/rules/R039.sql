/*
id = "R039"
title = { zh = "培训机构不在目录或超范围", en = "Institution or course not in the catalogue" }
clause = "五(三)"
effect = "flag"
dataset = "training"
note = { zh = "开班日期当天，机构目录中没有该机构，或没有该机构的这个职业、等级；没有报送目录时不比对", en = "On the start date the catalogue does not list the institution, or not with this occupation and level; nothing is compared where no catalogue was reported" }
false_positive = { zh = "目录补录滞后", en = "A catalogue entered late" }
provenance = "[seed 五(三); found: Shandong audit article]"
[parameters]
types_left_out = ["TT09"]
*/
WITH catalogue AS (
    SELECT COUNT(*) AS listed FROM institutions
),
taught AS (
    SELECT DISTINCT institution, occupation, level, start_date
    FROM training
    WHERE institution IS NOT NULL AND training_type NOT IN (:types_left_out)
),
fitting AS (
    SELECT DISTINCT
        t.institution,
        COALESCE(t.occupation, '-') AS occupation,
        t.level, t.start_date,
        1 AS fits
    FROM taught AS t INNER JOIN institutions AS i ON t.institution = i.code
    WHERE i.valid_from <= t.start_date AND COALESCE(i.valid_to, t.start_date) >= t.start_date
        AND (t.occupation IS NULL OR i.occupation IS NULL OR i.occupation = t.occupation)
        AND (t.level = 'LN' OR i.level IS NULL OR i.level = t.level)
)
SELECT
    t.department, t.record_no, t.division,
    COALESCE(t.end_date, t.start_date) AS date,
    t.institution AS detail
FROM training AS t
    CROSS JOIN catalogue
    LEFT JOIN fitting AS f
    ON t.institution = f.institution AND COALESCE(t.occupation, '-') = f.occupation
        AND t.level = f.level AND t.start_date = f.start_date
WHERE listed > 0
    AND t.institution IS NOT NULL
    AND t.training_type NOT IN (:types_left_out)
    AND f.fits IS NULL
