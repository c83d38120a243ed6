//! Numbers for the eye (DESIGN §7, domain §8): rounded half up, and never so far that they contradict a verdict.

use crate::programme::{Decimal, Language, Ratio};
use std::cmp::Ordering;

/// Digits after the point a percentage has when nothing asks for more.
const USUAL: u32 = 1;
/// Digits after which we stop looking for a difference; figures that differ less do not occur.
const MOST: u32 = 12;
/// Digits in which differences of two ratios are taken; far below anything shown.
const FINE: u32 = 16;

/// One, for turning a decimal into a ratio.
const ONE: Decimal = Decimal::new(1, 0);
const HUNDRED: Decimal = Decimal::new(100, 0);
const TEN_THOUSAND: Decimal = Decimal::new(10_000, 0);

/// A number as it is, with a true minus sign.
pub fn plain(number: Decimal) -> String {
    number.to_string().replace('-', "−")
}

/// A decimal as an exact ratio.
pub fn ratio(number: Decimal) -> Ratio {
    number.over(ONE).expect("one is not zero")
}

/// `a − b`, to 16 digits after the point.
pub fn difference(a: Ratio, b: Ratio) -> Decimal {
    let b = b.rounded(FINE).scaled_to(FINE).unwrap_or(0);
    a.rounded(FINE).plus(Decimal::new(-b, FINE))
}

/// A share as percent with `decimals` digits: `83.3%`.
pub fn percent(share: Ratio, decimals: u32) -> String {
    format!("{}%", plain(in_percent(share).rounded(decimals)))
}

/// A share as percent with as many digits as it has, at most `decimals`: a target of `25%` stays `25%`.
pub fn percent_short(share: Ratio, decimals: u32) -> String {
    let text = plain(in_percent(share).rounded(decimals));
    format!("{}%", trimmed(&text))
}

/// The fewest digits after the point with which `share` in percent shows on its own side of every border.
pub fn decimals_apart(share: Ratio, borders: &[Ratio]) -> u32 {
    let apart = |decimals: u32| {
        let shown = |share: Ratio| in_percent(share).rounded(decimals);
        let crosses = |border: &Ratio| share < *border && shown(share) >= shown(*border);
        !borders.iter().any(crosses)
    };
    (USUAL..MOST)
        .find(|decimals| apart(*decimals))
        .unwrap_or(MOST)
}

/// `a − b` in percentage points with its sign, `−0.06`; never a zero that is none.
pub fn points(a: Ratio, b: Ratio, least: u32) -> String {
    let gap = in_percent(ratio(difference(a, b)));
    let shown = (least.max(USUAL)..MOST)
        .map(|decimals| gap.rounded(decimals))
        .find(|shown| !shown.is_zero() || a == b)
        .unwrap_or(Decimal::ZERO);
    signed(shown)
}

/// A number with its sign: `+0.3`, `−4.1`, and `0.0` without.
pub fn signed(number: Decimal) -> String {
    match number.cmp(&Decimal::ZERO) {
        Ordering::Greater => format!("+{}", plain(number)),
        _ => plain(number),
    }
}

/// A text of `signed` without its sign, for sentences that say the direction in words.
pub fn unsigned(text: &str) -> &str {
    text.trim_start_matches(['+', '−'])
}

/// A count as sentences say it: `15.8万` in Chinese, all digits in English; all digits as well where the rounding would
/// put it on the wrong side of one of `borders`, and where there is no ten thousand in it.
pub fn spoken(count: Decimal, borders: &[Decimal], language: Language) -> String {
    if language == Language::En || count < TEN_THOUSAND {
        return plain(count);
    }
    let shown = count.over(TEN_THOUSAND).expect("not zero").rounded(1);
    let meant = shown
        .scaled_to(1)
        .map_or(count, |tenths| Decimal::new(tenths * 1000, 0));
    if borders
        .iter()
        .any(|border| (count < *border) != (meant < *border))
    {
        return plain(count);
    }
    // A measured 16.0 keeps its decimal: it is not the round number that a target is.
    format!("{}万", plain(shown))
}

/// A target as sentences say it: `19万`, `6.45万`; all digits where two decimals would not be exact.
pub fn spoken_exactly(target: Decimal, language: Language) -> String {
    let wan = target.over(TEN_THOUSAND).expect("not zero");
    if language == Language::En || target < TEN_THOUSAND || ratio(wan.rounded(2)) != wan {
        return plain(target);
    }
    format!("{}万", trimmed(&plain(wan.rounded(2))))
}

/// An amount of money as a headline says it, and its unit: `8461.5` 万元, `84.6` million yuan; in full below ten thousand.
pub fn money(amount: Decimal, language: Language) -> (String, &'static str) {
    const MILLION: Decimal = Decimal::new(1_000_000, 0);
    let (part, unit, usual) = match language {
        Language::Zh => (TEN_THOUSAND, "万元", "元"),
        Language::En => (MILLION, "million yuan", "yuan"),
    };
    let size = amount.max(Decimal::ZERO.minus(amount));
    if size < part {
        return (plain(amount.shortest()), usual);
    }
    let shown = amount.over(part).expect("not zero").rounded(1);
    (plain(shown), unit)
}

/// `text` with every number of five digits and more cut into groups of three, each but the first between `open` and `close`.
pub fn grouped(text: &str, open: &str, close: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(start);
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = number.split_at(digits);
        // What follows a point are decimals, and digits among letters are no number: a code, a digest, the name of a file.
        let joined = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_name = out
            .chars()
            .chain(before.chars())
            .next_back()
            .is_some_and(joined)
            || after.starts_with(joined);
        let first = if digits < 5 || before.ends_with('.') || is_name {
            digits
        } else {
            (digits - 1) % 3 + 1
        };
        out.push_str(before);
        out.push_str(&number[..first]);
        for at in (first..digits).step_by(3) {
            out.extend([open, &number[at..at + 3], close]);
        }
        rest = after;
    }
    out + rest
}

/// How far `value` is from `border` in whole units, never 0 when they differ.
pub fn whole_distance(value: Ratio, border: Ratio) -> Decimal {
    let (low, high) = (value.min(border), value.max(border));
    let distance = ratio(difference(high, low)).rounded(0);
    match low != high && distance.is_zero() {
        true => ONE,
        false => distance,
    }
}

fn in_percent(share: Ratio) -> Ratio {
    share.times(ratio(HUNDRED))
}

fn trimmed(text: &str) -> &str {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn share(numerator: i128, denominator: i128) -> Ratio {
        Ratio::new(numerator, denominator).unwrap()
    }

    #[test]
    fn the_worked_examples_of_the_domain() {
        // domain §11.1
        let (progress, pace) = (share(3200, 4515), share(3, 4));
        let decimals = decimals_apart(progress, &[share(1, 1), pace]);
        assert_eq!(percent(progress, decimals), "70.9%");
        assert_eq!(points(progress, pace, decimals), "−4.1");
        // domain §11.2: rounded it would be reached, and it is not.
        let progress = share(60_999, 61_000);
        assert_eq!(
            percent(progress, decimals_apart(progress, &[share(1, 1)])),
            "99.998%"
        );
        let (done, target) = (Decimal::new(60_999, 0), Decimal::new(61_000, 0));
        assert_eq!(spoken(done, &[target], Language::Zh), "60999");
        assert_eq!(spoken(target, &[target], Language::Zh), "6.1万");
        assert_eq!(
            spoken_exactly(Decimal::new(190_000, 0), Language::Zh),
            "19万"
        );
    }

    #[test]
    fn a_tiny_gap_is_not_shown_as_none() {
        let (progress, pace) = (share(158_214, 190_000), share(5, 6));
        let decimals = decimals_apart(progress, &[pace]);
        assert_eq!(percent(progress, decimals), "83.27%");
        assert_eq!(percent(pace, decimals), "83.33%");
        assert_eq!(points(progress, pace, decimals), "−0.06");
        let expected = share(190_000, 1).times(pace);
        assert_eq!(plain(whole_distance(share(158_214, 1), expected)), "119");
    }

    #[test]
    fn only_long_numbers_are_grouped() {
        let grouped = |text| grouped(text, "[", "]");
        assert_eq!(grouped("158214 / 4160800"), "158[214] / 4[160][800]");
        assert_eq!(
            grouped("2021-06-30 8610 99.998%"),
            "2021-06-30 8610 99.998%"
        );
        assert_eq!(grouped("0.123456"), "0.123456");
    }

    #[test]
    fn negative_numbers_have_a_true_minus_and_zero_has_no_sign() {
        assert_eq!(plain(Decimal::new(-32, 1)), "−3.2");
        assert_eq!(points(share(1, 2), share(1, 2), 1), "0.0");
    }

    proptest! {
        #[test]
        fn a_displayed_share_is_never_on_the_wrong_side(
            value in 0i128..400_000, target in 1i128..200_000, elapsed in 0i128..=36,
        ) {
            let progress = share(value, target);
            let pace = share(elapsed, 36);
            let decimals = decimals_apart(progress, &[share(1, 1), pace]);
            let shown = |share| -> Decimal {
                let text = percent(share, decimals);
                Decimal::parse(text.trim_end_matches('%')).unwrap()
            };
            prop_assert_eq!(progress >= share(1, 1), shown(progress) >= shown(share(1, 1)));
            prop_assert_eq!(progress >= pace, shown(progress) >= shown(pace));
            let gap = points(progress, pace, decimals);
            prop_assert_eq!(progress < pace, gap.starts_with('−'));
            prop_assert_eq!(progress > pace, gap.starts_with('+'));
        }

        #[test]
        fn a_spoken_count_never_claims_a_target(value in 0i128..400_000, target in 1i128..400_000) {
            let (value, target) = (Decimal::new(value, 0), Decimal::new(target, 0));
            let number = |text: &str| -> Decimal {
                match text.strip_suffix('万') {
                    Some(wan) => Decimal::parse(wan).unwrap().over(Decimal::new(1, 4)).unwrap().rounded(0),
                    None => Decimal::parse(text).unwrap(),
                }
            };
            let shown = number(&spoken(value, &[target], Language::Zh));
            let wanted = number(&spoken_exactly(target, Language::Zh));
            prop_assert_eq!(wanted, target);
            prop_assert_eq!(value < target, shown < wanted);
        }
    }
}
