/*
id = "skilled_ratio_register"
title = { zh = "技能劳动者占比(证书口径)", en = "Skilled share (certificate register)" }
unit = { zh = "%", en = "%" }
kind = "ratio"
parts = "events"
denominator_of = "skilled_ratio"
clause = "一"
note = { zh = "期末持有五级及以上职业资格证书或技能等级证书且最近已知状态为在职的人数，每人一次，按最高等级和最近一本证书的就业地、行业；分母与报送口径相同", en = "Persons who at the period's end hold a vocational qualification or skill-level certificate of level 5 or higher and whose latest known status is in work, each once, at the place and sector of the latest certificate; the denominator is that of the reported figure" }
*/
SELECT
    date,
    division, sector,
    skilled AS numerator
FROM register
