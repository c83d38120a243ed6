//! Synthetic people and enterprises: numbers that pass every check and cannot belong to anybody.
//!
//! A woman has a real division code of the Changchun area and the sequence `000`; a man has the non-existent area
//! `2299xx` and the sequence `001` (domain.md 7.3, CONTRACT E2). Only when a run needs more people than these give
//! (from about 700,000 women or 2,000,000 men on) are the equally non-existent areas `2299xx`, `2298xx` … `2291xx` used.

use chrono::{Days, NaiveDate};

use super::random::Random;

/// Weights of GB 11643 for the first seventeen digits.
const ID_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The alphabet of GB 32100, in the order of its values.
const USCC_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Birth dates by band: first day, days in the band, weight in a hundred. The youngest is 16 in mid-2018.
const BANDS: [(i32, u32, u32, u64, u64); 6] = [
    (1998, 6, 1, 1461, 6),
    (1988, 6, 1, 3652, 24),
    (1978, 6, 1, 3653, 30),
    (1968, 6, 1, 3652, 24),
    (1959, 6, 1, 3288, 14),
    (1951, 1, 1, 3073, 2),
];

/// The check character of the first seventeen digits of a resident identity number (GB 11643).
pub fn id_check(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .zip(ID_WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    b"10X98765432"[(sum % 11) as usize]
}

/// The check character of the first seventeen characters of a unified social credit code (GB 32100).
pub fn uscc_check(characters: &[u8]) -> u8 {
    let mut weight = 1u32;
    let mut sum = 0u32;
    for character in characters {
        let value = USCC_ALPHABET
            .iter()
            .position(|one| one == character)
            .unwrap_or(0) as u32;
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    USCC_ALPHABET[((31 - sum % 31) % 31) as usize]
}

/// The code of the `number`-th synthetic enterprise: its area `2299xx` does not exist.
pub(super) fn uscc(number: u64) -> String {
    let mut code = format!("912299{:02}{:09}", number % 100, 100_000_000 + number / 100);
    code.push(uscc_check(code.as_bytes()) as char);
    code
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Sex {
    Female,
    Male,
}

/// One person: the `index`-th woman or man of the run. Everything else about her or him follows from this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Person {
    pub(super) sex: Sex,
    pub(super) index: u32,
}

impl Person {
    pub(super) fn key(self) -> u64 {
        (u64::from(self.index) << 1) | u64::from(self.sex == Sex::Male)
    }
}

/// All people of a run.
#[derive(Debug)]
pub(super) struct People {
    seed: u64,
    prefixes: Vec<u32>,
}

impl People {
    /// `prefixes` are the division codes that women's numbers begin with.
    pub(super) fn new(seed: u64, prefixes: Vec<u32>) -> Self {
        Self { seed, prefixes }
    }

    fn prefix_and_birth(&self, person: Person) -> (u32, NaiveDate) {
        // A hundred people in a row spread over the bands by weight, so that no two share a place in a band.
        let (hundred, slot) = (
            u64::from(person.index) / 100,
            u64::from(person.index) * 37 % 100,
        );
        let mut first_slot = 0;
        for (year, month, day, days, weight) in BANDS {
            if slot < first_slot + weight {
                let place = hundred * weight + slot - first_slot;
                let (prefix, offset) = self.place(person.sex, place, days);
                let first = NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
                return (prefix, first + Days::new(offset));
            }
            first_slot += weight;
        }
        unreachable!("the weights of the bands add up to a hundred")
    }

    /// Scatters the places of one band over area codes and days, each pair once.
    fn place(&self, sex: Sex, place: u64, days: u64) -> (u32, u64) {
        let near = if sex == Sex::Female {
            self.prefixes.len() as u64
        } else {
            0
        };
        if place < near * days {
            let at = scatter(place, near * days, self.seed);
            return (self.prefixes[(at / days) as usize], at % days);
        }
        let rest = place - near * days;
        let (hundred, within) = (rest / (100 * days), rest % (100 * days));
        let at = scatter(within, 100 * days, self.seed ^ 1);
        (
            229_900 - 100 * (hundred as u32).min(8) + (at / days) as u32,
            at % days,
        )
    }

    /// The birth date.
    pub(super) fn birth(&self, person: Person) -> NaiveDate {
        self.prefix_and_birth(person).1
    }

    /// Writes the eighteen characters of the identity number.
    pub(super) fn write_id(&self, person: Person, out: &mut String) {
        use chrono::Datelike;
        let (prefix, birth) = self.prefix_and_birth(person);
        let sequence = u32::from(person.sex == Sex::Male);
        let mut digits = [0u8; 18];
        put(&mut digits[0..6], prefix);
        put(
            &mut digits[6..14],
            birth.year() as u32 * 10_000 + birth.month() * 100 + birth.day(),
        );
        put(&mut digits[14..17], sequence);
        digits[17] = id_check(&digits[..17]);
        out.extend(digits.iter().map(|digit| *digit as char));
    }

    /// Writes the name.
    pub(super) fn write_name(&self, person: Person, out: &mut String) {
        let mut random = Random::keyed(self.seed, &[0x6e61, person.key()]);
        if random.chance(6) {
            out.push_str(random.pick(&MINORITY_GIVEN));
            out.push('·');
            out.push_str(random.pick(&MINORITY_FAMILY));
            return;
        }
        out.push_str(random.pick(&SURNAMES));
        let given: &[&str] = if person.sex == Sex::Female {
            &GIVEN_FEMALE
        } else {
            &GIVEN_MALE
        };
        if random.chance(3) {
            out.push_str(random.pick(&RARE));
        } else {
            out.push_str(random.pick(given));
        }
        if random.chance(720) {
            out.push_str(random.pick(&GIVEN_SECOND));
        }
    }

    /// Writes a mobile number; `revision` changes it. No operator owns a number that begins with 12.
    pub(super) fn write_phone(&self, person: Person, revision: u8, out: &mut String) {
        let number = scatter(person.key() % 500_000_000, 500_000_000, self.seed)
            + 500_000_000 * u64::from(revision % 2);
        let mut digits = [0u8; 11];
        put(&mut digits[2..11], number as u32);
        digits[0] = b'1';
        digits[1] = b'2';
        out.extend(digits.iter().map(|digit| *digit as char));
    }
}

/// A permutation of `0..size`: multiplication by a number that shares no factor with `size`.
fn scatter(place: u64, size: u64, seed: u64) -> u64 {
    // A prime beyond any size used here shares no factor with it.
    const PRIME: u64 = 2_654_435_761;
    ((u128::from(place) * u128::from(PRIME) + u128::from(seed)) % u128::from(size)) as u64
}

/// Writes `value` in decimal, padded with zeros to the length of `digits`.
pub(super) fn put(digits: &mut [u8], value: u32) {
    let mut rest = value;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}

const SURNAMES: [&str; 40] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
    "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹",
    "袁", "邓", "许", "傅", "沈", "曾", "彭", "欧阳",
];
const GIVEN_FEMALE: [&str; 24] = [
    "秀", "丽", "桂", "淑", "玉", "艳", "红", "敏", "静", "雪", "芳", "娜", "慧", "晓", "春", "凤",
    "海", "燕", "婷", "梅", "莹", "佳", "思", "雨",
];
const GIVEN_MALE: [&str; 24] = [
    "伟", "强", "军", "建", "国", "志", "海", "文", "明", "永", "洪", "立", "德", "春", "玉", "俊",
    "浩", "宇", "鹏", "凯", "磊", "刚", "勇", "洋",
];
const GIVEN_SECOND: [&str; 32] = [
    "华", "英", "兰", "民", "平", "东", "生", "林", "波", "江", "山", "龙", "辉", "杰", "涛", "超",
    "宝", "福", "顺", "祥", "梅", "霞", "云", "珍", "荣", "琴", "萍", "玲", "晶", "茹", "涵", "怡",
];
/// Characters that old systems lose: outside GBK, and one outside the basic plane.
const RARE: [&str; 6] = ["䶮", "㛃", "喆", "堃", "𠮷", "昇"];
const MINORITY_GIVEN: [&str; 6] = ["阿依古丽", "古丽娜尔", "巴图", "其其格", "娜仁", "阿迪力"];
const MINORITY_FAMILY: [&str; 5] = ["买买提", "孟和", "艾合买提", "吐尔逊", "巴雅尔"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_match_the_published_vectors() {
        for id in [
            "34052419800101001X",
            "11010519491231002X",
            "440524188001010014",
            "22010419850315000X",
        ] {
            assert_eq!(id_check(&id.as_bytes()[..17]), id.as_bytes()[17], "{id}");
        }
        // The code of Huawei Technologies, printed on its invoices.
        assert_eq!(uscc_check(b"91440300708461136"), b'T');
    }

    #[test]
    fn two_people_never_share_a_number() {
        let people = People::new(7, vec![220_102, 220_103, 220_181]);
        let mut seen = std::collections::HashSet::new();
        for index in 0..60_000 {
            for sex in [Sex::Female, Sex::Male] {
                let mut id = String::new();
                people.write_id(Person { sex, index }, &mut id);
                assert!(seen.insert(id.clone()), "{id} twice");
            }
        }
    }
}
