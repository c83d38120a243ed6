/*
id = "R015"
title = { zh = "同一证书编号多次使用", en = "One certificate number used more than once" }
clause = "四(一)1"
effect = "flag"
dataset = "training"
note = { zh = "同一证书类型的同一编号出现在多条培训记录，或在证书登记中属于他人；发现为涉及的记录数", en = "The same number of a certificate type stands in several training records, or in the certificate register for another person; the detail is the number of records" }
false_positive = { zh = "补发的证书；同一证书由两个部门分别上报", en = "A certificate issued again; one certificate reported by two departments" }
provenance = "[knowledge, unverified]"
*/
WITH listed AS (
    SELECT certificate_type, certificate_no, person, 1 AS claims
    FROM training
    WHERE certificate_no IS NOT NULL
    UNION ALL
    SELECT certificate_type, certificate_no, person, 0 AS claims
    FROM certificates
),
doubtful AS (
    SELECT certificate_type, certificate_no, COUNT(*) AS records
    FROM listed
    GROUP BY certificate_type, certificate_no
    HAVING SUM(claims) > 1 OR (SUM(claims) = 1 AND COUNT(DISTINCT person) > 1)
)
SELECT
    t.department, t.record_no, t.division,
    COALESCE(t.end_date, t.start_date) AS date,
    d.records AS detail
FROM training AS t
    INNER JOIN doubtful AS d
    ON t.certificate_no = d.certificate_no AND t.certificate_type = d.certificate_type
