/*
id = "highly_skilled_ratio_register"
title = { zh = "高技能人才占比(证书口径)", en = "Highly skilled share (certificate register)" }
unit = { zh = "%", en = "%" }
kind = "ratio"
parts = "events"
clause = "一"
note = { zh = "证书登记中期末在职的技能劳动者里最高等级为三级（高级工）及以上的人所占比例", en = "Among the skilled workers of the certificate register in work at the period's end, those whose highest level is 3 (senior worker) or above" }
*/
SELECT
    date,
    division, sector,
    highly_skilled AS numerator,
    skilled AS denominator
FROM register
