//! Exact numbers: decimals as scaled integers and ratios of them, so that nothing is ever compared or summed in binary fractions.

use std::cmp::Ordering;
use std::fmt;

/// Digits kept when an exact ratio is written as a decimal fraction (CONTRACT §8).
const SIGNIFICANT_DIGITS: u32 = 12;
/// Decimals at most, however small the ratio is.
const DECIMALS_MAX: u32 = 24;

/// `units / 10^scale`, exactly.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    units: i128,
    scale: u32,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { units: 0, scale: 0 };

    /// `units / 10^scale`.
    pub const fn new(units: i128, scale: u32) -> Self {
        Self { units, scale }
    }

    /// Reads `-12.50`; at most 18 digits before and 9 after the point. `None` for anything else, exponents included.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let pointless = digits.ends_with('.') || digits.starts_with('.');
        if whole.is_empty() || pointless || !numeric(whole) || !numeric(fraction) {
            return None;
        }
        if whole.trim_start_matches('0').len() > 18 || fraction.len() > 9 {
            return None;
        }
        let units = whole
            .bytes()
            .chain(fraction.bytes())
            .fold(0i128, |sum, byte| sum * 10 + i128::from(byte - b'0'));
        Some(Self {
            units: if negative { -units } else { units },
            scale: u32::try_from(fraction.len()).ok()?,
        })
    }

    /// The same value without zeros at the end of its fraction.
    #[must_use]
    pub fn shortest(self) -> Self {
        let mut short = self;
        while short.scale > 0 && short.units % 10 == 0 {
            short = Self::new(short.units / 10, short.scale - 1);
        }
        short
    }

    /// The value times `10^scale` when that is a whole number.
    pub fn scaled_to(self, scale: u32) -> Option<i128> {
        if self.scale <= scale {
            return Some(self.units * 10i128.pow(scale - self.scale));
        }
        let divisor = 10i128.pow(self.scale - scale);
        (self.units % divisor == 0).then_some(self.units / divisor)
    }

    /// The sum, exactly.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let scale = self.scale.max(other.scale);
        let widen = |value: Self| value.units * 10i128.pow(scale - value.scale);
        Self::new(widen(self) + widen(other), scale)
    }

    /// The difference, exactly.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.plus(Self::new(-other.units, other.scale))
    }

    /// The product, exactly.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self::new(self.units * other.units, self.scale + other.scale)
    }

    /// `self / other`, or `None` when `other` is 0.
    pub fn over(self, other: Self) -> Option<Ratio> {
        let numerator = self.units * 10i128.pow(other.scale);
        let denominator = other.units * 10i128.pow(self.scale);
        Ratio::new(numerator, denominator)
    }

    /// Whether the value is 0.
    pub fn is_zero(self) -> bool {
        self.units == 0
    }

    /// The nearest binary fraction, for drawing only.
    #[expect(
        clippy::cast_precision_loss,
        reason = "for drawing; figures are printed from the exact value"
    )]
    pub fn approximate(self) -> f64 {
        self.units as f64 / 10f64.powi(i32::try_from(self.scale).unwrap_or(0))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Decimal {}
impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        let widen = |value: &Self| value.units * 10i128.pow(scale - value.scale);
        widen(self).cmp(&widen(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(f, "{}", self.units);
        }
        let divisor = 10i128.pow(self.scale);
        let sign = if self.units < 0 { "-" } else { "" };
        let absolute = self.units.abs();
        write!(
            f,
            "{sign}{}.{:0width$}",
            absolute / divisor,
            absolute % divisor,
            width = self.scale as usize
        )
    }
}

/// An exact fraction with a positive denominator.
#[derive(Debug, Clone, Copy)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    /// `numerator / denominator` in lowest terms; `None` when the denominator is 0.
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs()).max(1);
        let divisor = i128::try_from(divisor).ok()?;
        let sign = denominator.signum();
        Some(Self {
            numerator: sign * numerator / divisor,
            denominator: sign * denominator / divisor,
        })
    }

    /// The product.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self::new(
            self.numerator * other.numerator,
            self.denominator * other.denominator,
        )
        .expect("denominators are positive")
    }

    /// The difference, exactly.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        let shared = gcd(
            self.denominator.unsigned_abs(),
            other.denominator.unsigned_abs(),
        );
        let shared = i128::try_from(shared).expect("a divisor is no larger than what it divides");
        let (ours, theirs) = (self.denominator / shared, other.denominator / shared);
        Self::new(
            self.numerator * theirs - other.numerator * ours,
            self.denominator * theirs,
        )
        .expect("denominators are positive")
    }

    /// 1 ÷ the value; `None` for 0.
    pub fn inverse(self) -> Option<Self> {
        Self::new(self.denominator, self.numerator)
    }

    /// The smallest number of `10^-decimals` that is not below the value.
    pub fn rounded_up(self, decimals: u32) -> Decimal {
        let near = self.rounded(decimals);
        match near.over(Decimal::new(1, 0)) {
            Some(near_ratio) if near_ratio < self => near.plus(Decimal::new(1, decimals)),
            _ => near,
        }
    }

    /// The nearest binary fraction, for drawing only.
    #[expect(
        clippy::cast_precision_loss,
        reason = "for drawing; figures are printed from the exact value"
    )]
    pub fn approximate(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// The value in units of `10^-decimals`, rounded half away from zero (四舍五入). Digit by digit, so that parts of any size
    /// are rounded right.
    pub fn rounded(self, decimals: u32) -> Decimal {
        let divisor = self.denominator.unsigned_abs();
        let mut quotient = self.numerator.unsigned_abs() / divisor;
        let mut rest = self.numerator.unsigned_abs() % divisor;
        for _ in 0..decimals {
            let (digit, left) = ten_times(rest, divisor);
            quotient = quotient * 10 + digit;
            rest = left;
        }
        if rest >= divisor - rest {
            quotient += 1;
        }
        let quotient = i128::try_from(quotient).expect("no figure has 38 digits");
        Decimal::new(self.numerator.signum() * quotient, decimals)
    }

    /// The value as it is written: to 12 significant digits (CONTRACT §8).
    pub fn written(self) -> Decimal {
        let (numerator, denominator) = (
            self.numerator.unsigned_abs(),
            self.denominator.unsigned_abs(),
        );
        let whole = numerator / denominator;
        let mut decimals = SIGNIFICANT_DIGITS;
        if whole > 0 {
            decimals = SIGNIFICANT_DIGITS.saturating_sub(whole.ilog10() + 1);
        } else if numerator != 0 {
            // Leading zeros after the point are not significant.
            let (mut digit, mut rest) = ten_times(numerator, denominator);
            while digit == 0 && decimals < DECIMALS_MAX {
                (digit, rest) = ten_times(rest, denominator);
                decimals += 1;
            }
        }
        self.rounded(decimals).shortest()
    }
}

/// Whole part and remainder of `10 × rest / divisor` for `rest < divisor`, also where `10 × rest` is too large a number.
fn ten_times(rest: u128, divisor: u128) -> (u128, u128) {
    if let Some(tenfold) = rest.checked_mul(10) {
        return (tenfold / divisor, tenfold % divisor);
    }
    let (mut digit, mut left) = (0, 0);
    for _ in 0..10 {
        // Both are below the divisor, which fits into 127 bits.
        left += rest;
        if left >= divisor {
            left -= divisor;
            digit += 1;
        }
    }
    (digit, left)
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Ratio {}
impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.numerator * other.denominator).cmp(&(other.numerator * self.denominator))
    }
}

impl fmt::Display for Ratio {
    /// A decimal fraction of at most 12 significant digits, without trailing zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written().fmt(f)
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::{Decimal, Ratio};

    #[test]
    fn decimals_are_read_and_written_exactly() {
        for text in ["0", "12.50", "-3.07", "900000000000000000"] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), text);
        }
        for text in ["", ".", "1.", ".5", "1e3", "1,000", "+1", "--1"] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn zeros_at_the_end_of_a_fraction_say_nothing() {
        assert_eq!(
            Decimal::parse("644.000000").unwrap().shortest().to_string(),
            "644"
        );
        assert_eq!(
            Decimal::parse("0.250000").unwrap().shortest().to_string(),
            "0.25"
        );
        assert_eq!(
            Decimal::parse("1000").unwrap().shortest().to_string(),
            "1000"
        );
    }

    #[test]
    fn a_tenth_added_ten_times_is_one() {
        let tenth = Decimal::parse("0.10").unwrap();
        let sum = (0..10).fold(Decimal::ZERO, |sum, _| sum.plus(tenth));
        assert_eq!(sum, Decimal::new(1, 0));
    }

    #[test]
    fn ratios_print_twelve_significant_digits() {
        // 4210 / 4515 = 0.93244739756367…; the example of CONTRACT §8.
        assert_eq!(
            Ratio::new(4210, 4515).unwrap().to_string(),
            "0.932447397564"
        );
        assert_eq!(
            Ratio::new(61002, 64500).unwrap().to_string(),
            "0.94576744186"
        );
        assert_eq!(Ratio::new(3, 4).unwrap().to_string(), "0.75");
        assert_eq!(Ratio::new(7, 3).unwrap().to_string(), "2.33333333333");
        assert_eq!(Ratio::new(1, 300).unwrap().to_string(), "0.00333333333333");
        assert_eq!(Ratio::new(1, 1).unwrap().to_string(), "1");
        assert_eq!(Ratio::new(0, 5).unwrap().to_string(), "0");
        assert!(Ratio::new(1, 0).is_none());
    }

    #[test]
    fn large_parts_are_written_without_overflow() {
        // 1/3 and 2/3 in parts of 37 digits; times 10^12 these would not fit.
        let large = 10i128.pow(37);
        let third = Ratio::new(large + 1, 3 * large).unwrap();
        assert_eq!(third.to_string(), "0.333333333333");
        let two_thirds = Ratio::new(i128::MAX / 3 * 2, i128::MAX).unwrap();
        assert_eq!(two_thirds.to_string(), "0.666666666667");
        // 12 zeros after the point are at most carried along: 1/10^30 is 0 to 24 decimals.
        assert_eq!(Ratio::new(1, 10i128.pow(30)).unwrap().to_string(), "0");
    }

    #[test]
    fn decimals_are_subtracted_at_their_own_scale() {
        let a = Decimal::parse("0.30").unwrap();
        assert_eq!(a.minus(Decimal::parse("0.1").unwrap()).to_string(), "0.20");
        assert_eq!(a.minus(Decimal::new(1, 0)).to_string(), "-0.70");
    }

    #[test]
    fn ratios_are_subtracted_exactly() {
        let of = |numerator, denominator| Ratio::new(numerator, denominator).unwrap();
        // 25.4 % less 24.5 % are 0.9 points; 1/3 − 1/4 = 1/12.
        assert_eq!(of(254, 1000).minus(of(245, 1000)), of(9, 1000));
        assert_eq!(of(1, 3).minus(of(1, 4)), of(1, 12));
        assert_eq!(of(1, 4).minus(of(1, 3)), of(-1, 12));
        // A common factor of the denominators is not multiplied twice.
        let large = 10i128.pow(30);
        assert_eq!(of(2, large).minus(of(1, large)), of(1, large));
    }

    #[test]
    fn rounding_up_is_never_below() {
        let of = |numerator, denominator| Ratio::new(numerator, denominator).unwrap();
        assert_eq!(of(1, 3).rounded_up(2).to_string(), "0.34");
        assert_eq!(of(2, 3).rounded_up(2).to_string(), "0.67");
        assert_eq!(of(1, 4).rounded_up(2).to_string(), "0.25");
    }

    #[test]
    fn display_rounding_is_half_up() {
        assert_eq!(Ratio::new(1, 8).unwrap().rounded(2).to_string(), "0.13");
        assert_eq!(Ratio::new(-1, 8).unwrap().rounded(2).to_string(), "-0.13");
    }
}
