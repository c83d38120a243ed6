/*
id = "R034"
title = { zh = "多个班期全部合格", en = "Nobody failed in any class" }
clause = "四(四)"
effect = "flag"
dataset = "institutions"
note = { zh = "同一机构人数达到30人的班期不少于5个，且无一人不合格；记录编号为机构编码，发现为这些班期的人数", en = "An institution had five or more classes of 30 or more, and nobody failed; the record is the institution, the detail the number of trainees" }
false_positive = { zh = "短期培训通过率高属正常", en = "Short courses do pass everybody" }
provenance = "[found: 2022 national audit]"
[parameters]
persons_min = 30
classes_min = 5
*/
WITH classes AS (
    SELECT
        institution, department, class_no,
        MIN(division) AS division,
        MAX(end_date) AS last,
        COUNT(*) AS persons,
        SUM(CASE WHEN status = 'failed' THEN 1 ELSE 0 END) AS failed
    FROM training
    WHERE status IN ('completed', 'failed') AND institution IS NOT NULL
    GROUP BY institution, department, class_no
)
SELECT
    MIN(department) AS department,
    institution AS record_no,
    MIN(division) AS division,
    MAX(last) AS date,
    SUM(persons) AS detail
FROM classes
WHERE persons >= :persons_min
GROUP BY institution
HAVING COUNT(*) >= :classes_min AND SUM(failed) = 0
