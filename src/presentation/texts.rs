//! The catalogue of everything the product says in two languages: `texts.toml`.

use crate::indicators::table::Mark;
use crate::programme::{Language, Text};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static CATALOGUE: LazyLock<BTreeMap<String, Text>> = LazyLock::new(|| {
    toml::from_str(include_str!("texts.toml")).expect("the embedded catalogue is tested")
});

/// All texts by key.
pub fn all() -> &'static BTreeMap<String, Text> {
    &CATALOGUE
}

/// The text of `key`.
///
/// # Panics
/// When the catalogue has no such key: a mistake of ours, which a test looks for.
pub fn say(language: Language, key: &str) -> &'static str {
    CATALOGUE
        .get(key)
        .unwrap_or_else(|| panic!("texts.toml has no key {key}"))
        .get(language)
}

/// The text of `key` with `{name}` replaced by each value.
pub fn fill(language: Language, key: &str, values: &[(&str, &str)]) -> String {
    let mut text = say(language, key).to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// What a data mark means.
pub fn mark(mark: Mark, language: Language) -> &'static str {
    say(language, &format!("mark_{}", mark.code()))
}

/// Names in a row as the language lists them: `甲、乙` or `A, B`.
pub fn listed<S: AsRef<str>>(language: Language, names: &[S]) -> String {
    let separator = match language {
        Language::Zh => "、",
        Language::En => ", ",
    };
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.join(separator)
}
