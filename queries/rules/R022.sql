/*
id = "R022"
title = { zh = "开班前登记为退休", en = "Registered as retired before the start" }
clause = "四(二)"
effect = "flag"
dataset = "training"
note = { zh = "证书登记中最近的状态为退休、状态日期不晚于开班日期，且补贴已审核；发现为状态日期。是否按月领取养老金需社保数据", en = "The latest status in the certificate register up to the start is retired, and a subsidy was approved; the detail is its day. Whether a pension is drawn needs insurance data" }
false_positive = { zh = "超龄但未按月领取养老金的劳动者可以享受", en = "Workers over the age who draw no monthly pension are eligible" }
provenance = "[seed; found: 2022 national audit]"
*/
WITH known AS (
    SELECT
        t.department, t.record_no, t.division, t.start_date,
        COALESCE(t.end_date, t.start_date) AS date,
        COALESCE(c.status_on, c.issued_on) AS since,
        c.employment_status AS status,
        ROW_NUMBER() OVER (
            PARTITION BY t.department, t.record_no
            ORDER BY COALESCE(c.status_on, c.issued_on) DESC NULLS LAST, c.department DESC NULLS LAST, c.record_no DESC NULLS LAST
        ) AS place
    FROM training AS t INNER JOIN certificates AS c ON t.person = c.person
    WHERE t.approved_on IS NOT NULL
        AND c.employment_status IS NOT NULL
        AND COALESCE(c.status_on, c.issued_on) <= t.start_date
)
SELECT
    department, record_no, division, date,
    since AS detail
FROM known
WHERE place = 1 AND status = 'retired'
