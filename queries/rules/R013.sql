/*
id = "R013"
title = { zh = "无证书即拨付", en = "Paid before a certificate" }
clause = "四(一)1"
effect = "flag"
dataset = "training"
note = { zh = "补贴已拨付而没有证书，或发证日期晚于拨付日期", en = "Subsidy was paid without a certificate, or before the certificate's date" }
false_positive = { zh = "不超过50%的预拨合规；学徒制和以工代训不在此列", en = "Advances up to 50 % are in order; apprenticeships and work-for-training are left out" }
provenance = "[seed 四(一)1]"
[parameters]
types_left_out = ["TT07", "TT08", "TT09"]
*/
SELECT
    department, record_no, division,
    COALESCE(end_date, start_date) AS date,
    paid_on AS detail
FROM training
WHERE paid_on IS NOT NULL
    AND training_type NOT IN (:types_left_out)
    AND (certificate_no IS NULL OR certificate_date > paid_on)
