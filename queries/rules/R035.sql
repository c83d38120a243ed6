/*
id = "R035"
title = { zh = "机构入目录后短期大量发证", en = "Many certificates right after an institution was listed" }
clause = "五(四)"
effect = "flag"
dataset = "institutions"
note = { zh = "机构首次列入目录后60天内学员取得的证书超过500本；记录编号为机构编码，发现为证书数", en = "More than 500 certificates of an institution's trainees in the 60 days after it was first listed; the record is the institution, the detail the number of certificates" }
false_positive = { zh = "大型企业集中培训", en = "A large employer's drive" }
provenance = "[found: Xianning audit: 25 batches, 2,600+ certificates in two months]"
[parameters]
window = "60 days"
certificates_max = 500
*/
WITH listed AS (
    SELECT code, MIN(department) AS department, MIN(division) AS division, MIN(valid_from) AS since
    FROM institutions
    GROUP BY code
)
SELECT
    i.department,
    i.code AS record_no,
    i.division,
    MAX(t.certificate_date) AS date,
    COUNT(*) AS detail
FROM training AS t INNER JOIN listed AS i ON t.institution = i.code
WHERE t.certificate_no IS NOT NULL
    AND t.certificate_date >= i.since AND t.certificate_date < i.since + INTERVAL :window
GROUP BY i.department, i.code, i.division
HAVING COUNT(*) > :certificates_max
