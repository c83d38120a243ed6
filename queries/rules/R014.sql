/*
id = "R014"
title = { zh = "证书日期早于结业", en = "Certificate dated before completion" }
clause = "四(一)1"
effect = "flag"
dataset = "training"
note = { zh = "发证日期早于结业日期（未结业的，早于开班日期）", en = "The certificate is dated before the completion (before the start where there is no completion)" }
false_positive = { zh = "末日考核当天发证；证书在别处先行取得", en = "Assessed on the last days; a certificate gained elsewhere before" }
provenance = "[knowledge, unverified]"
*/
SELECT
    department, record_no, division,
    COALESCE(end_date, start_date) AS date,
    certificate_date AS detail
FROM training
WHERE certificate_date < COALESCE(end_date, start_date)
