/*
id = "R049"
title = { zh = "季末突击结业", en = "Completions crowd at the quarter's end" }
clause = "五(二)"
effect = "flag"
dataset = "training"
note = { zh = "一个部门在一个地区一季度的计数人次不少于300，其中最后5天的超过40%；记录编号为地区和季度，发现为最后5天的人次", en = "Of 300 or more counted completions of a department and division in a quarter more than 40 % lie in its last five days; the record is named by division and quarter, the detail is those of the last days" }
false_positive = { zh = "考核日期集中", en = "Exam dates cluster" }
provenance = "[knowledge, unverified]"
[parameters]
percent_max = 40
completions_min = 300
last_day_of_long_month = 27
last_day_of_short_month = 26
*/
WITH completions AS (
    SELECT
        department, division, end_date,
        CONCAT(CAST(DATE_PART('year', end_date) AS VARCHAR), 'Q', CAST(DATE_PART('quarter', end_date) AS VARCHAR)) AS quarter,
        CASE
            WHEN DATE_PART('month', end_date) IN (3, 12) AND DATE_PART('day', end_date) >= :last_day_of_long_month THEN 1
            WHEN DATE_PART('month', end_date) IN (6, 9) AND DATE_PART('day', end_date) >= :last_day_of_short_month THEN 1
            ELSE 0
        END AS late
    FROM training
    WHERE counted
),
quarters AS (
    SELECT department, division, quarter, MAX(end_date) AS last, SUM(late) AS late, COUNT(*) AS all_of_them
    FROM completions
    GROUP BY department, division, quarter
)
SELECT
    department,
    CONCAT(division, ' ', quarter) AS record_no,
    division,
    last AS date,
    late AS detail
FROM quarters
WHERE all_of_them >= :completions_min AND late * 100 > all_of_them * :percent_max
