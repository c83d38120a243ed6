//! Texts that exist in Chinese and English.

use serde::{Deserialize, Serialize};

/// The language a text is wanted in; Chinese is the product's first language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

/// One text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A text from its two versions.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// The version in `language`.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// `known` with the spellings most like `found` first, whatever their case; equally like ones stay in their order.
pub fn nearest<'a>(found: &str, known: &[&'a str]) -> Vec<&'a str> {
    let folded = found.to_lowercase();
    let mut sorted = known.to_vec();
    sorted.sort_by_key(|name| distance(&folded, &name.to_lowercase()));
    sorted
}

/// The fewest characters to put in, take out or change to make one text the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut costs: Vec<usize> = (0..=other.len()).collect();
    for (row, left) in one.chars().enumerate() {
        let mut diagonal = costs[0];
        costs[0] = row + 1;
        for (column, right) in other.iter().enumerate() {
            let changed = diagonal + usize::from(left != *right);
            diagonal = costs[column + 1];
            costs[column + 1] = changed.min(diagonal + 1).min(costs[column] + 1);
        }
    }
    costs[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_similar_name_comes_first() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "ab"), 2);
        let known = ["division", "department", "sector"];
        assert_eq!(nearest("divison", &known)[0], "division");
        assert_eq!(nearest("Sectors", &known)[0], "sector");
        assert_eq!(nearest("zzz", &["b", "a"]), ["b", "a"]);
    }
}
