//! The templates: they print models and decide nothing.

use crate::presentation::charts::scene::escaped;
use crate::presentation::{numbers, texts};
use crate::programme::{Language, Text};
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const TEMPLATES: [(&str, &str); 5] = [
    ("macros.html", include_str!("../templates/macros.html")),
    ("frame.html", include_str!("../templates/frame.html")),
    ("page.html", include_str!("../templates/page.html")),
    (
        "explanation.html",
        include_str!("../templates/explanation.html"),
    ),
    ("mistakes.html", include_str!("../templates/mistakes.html")),
];

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    pages.set_undefined_behavior(UndefinedBehavior::Strict);
    pages.set_formatter(|out, _, value| {
        let text = match value.as_str() {
            Some(text) if value.is_safe() => return Ok(out.write_str(text)?),
            Some(text) => escaped(text),
            None if value.is_undefined() || value.is_none() => String::new(),
            None => escaped(&value.to_string()),
        };
        Ok(out.write_str(&text)?)
    });
    pages.add_filter("grouped", grouped);
    for (name, source) in TEMPLATES {
        pages.add_template(name, source).expect("embedded, tested");
    }
    pages
});

/// The words of a language by their key.
fn words(language: Language) -> &'static Value {
    static WORDS: LazyLock<[Value; 2]> = LazyLock::new(|| {
        [Language::Zh, Language::En].map(|language| {
            let words: BTreeMap<&str, &str> = texts::all()
                .iter()
                .map(|(key, text): (&String, &Text)| (key.as_str(), text.get(language)))
                .collect();
            Value::from(Serde(words))
        })
    });
    &WORDS[usize::from(language == Language::En)]
}

/// `model` printed with a template.
pub(super) fn page(template: &str, model: &impl Serialize, language: Language) -> String {
    let template = ENVIRONMENT.get_template(template).expect("it was added");
    let page = context! { page => Value::from(Serde(model)), t => words(language) };
    tight(
        &template
            .render(page)
            .expect("the template is tested with this model"),
    )
}

/// Without the blank lines that templates leave, except where a reader sees them.
fn tight(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut kept_as_is = false;
    for line in html.lines() {
        kept_as_is |= line.contains("<pre");
        if kept_as_is || !line.trim().is_empty() {
            out.push_str(line);
            out.push('\n');
        }
        kept_as_is &= !line.contains("</pre>");
    }
    out
}

/// Numbers of five digits and more in groups of three, set apart by the stylesheet: for the eye only, a copied number
/// stays one number.
fn grouped(text: &str) -> Value {
    let escaped = escaped(text);
    Value::from_safe_string(numbers::grouped(&escaped, "<span class=\"g\">", "</span>"))
}
