//! What codes and dimensions are called.

use super::texts;
pub use crate::indicators::{UNALLOCATED, UNKNOWN};
use crate::programme::{Language, Programme};

/// The name of a dimension: as the programme calls it, else as the product does, else the name itself.
pub fn dimension<'a>(programme: &'a Programme, name: &'a str, language: Language) -> &'a str {
    let own = programme
        .dimension(name)
        .and_then(|dimension| dimension.title.as_ref());
    own.or_else(|| texts::all().get(&format!("dimension_{name}")))
        .map_or(name, |text| text.get(language))
}

/// What the total of a breakdown is called: the city's where its rows are the city's units.
pub fn total(dimension: &str, language: Language) -> &'static str {
    texts::say(
        language,
        match dimension {
            "division" => "total_city",
            _ => "total",
        },
    )
}

/// The full name of a code of `dimension`.
pub fn code(programme: &Programme, dimension: &str, code: &str, language: Language) -> String {
    named(programme, dimension, code, language, None)
}

/// The short name of a code of `dimension`, for charts and tables.
pub fn short(programme: &Programme, dimension: &str, code: &str, language: Language) -> String {
    let attribute = match language {
        Language::Zh => "short_zh",
        Language::En => "short_en",
    };
    named(programme, dimension, code, language, Some(attribute))
}

fn named(
    programme: &Programme,
    dimension: &str,
    code: &str,
    language: Language,
    attribute: Option<&str>,
) -> String {
    match code {
        UNKNOWN => return texts::say(language, "code_unknown").to_owned(),
        UNALLOCATED => return texts::say(language, "code_unallocated").to_owned(),
        _ => {}
    }
    let Some(entry) = programme.list_of(dimension).get(code) else {
        return code.to_owned();
    };
    attribute
        .and_then(|attribute| entry.attributes.get(attribute))
        .map_or_else(|| entry.name.get(language).to_owned(), Clone::clone)
}
