//! Dimensions: what a figure can be broken down by (DESIGN §2, 维度).

use super::text::Text;
use serde::Deserialize;
use std::sync::LazyLock;

/// One dimension: its name in requests and answers, the column of the facts that holds it, and the code list of its codes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// Name.
    pub id: String,
    /// Column of the facts; the name itself when absent.
    #[serde(default)]
    pub column: String,
    /// Code list; codes are taken as they are where there is none.
    pub list: Option<String>,
    /// What it is called, where the product's own texts do not say.
    pub title: Option<Text>,
    /// Whether codes outside the list occur in the data (occupations): they are valid filters then.
    #[serde(default)]
    pub open: bool,
    /// Whether its codes are units that targets are set for.
    #[serde(default)]
    pub unit: bool,
}

impl Dimension {
    fn built_in(id: &str, column: &str, list: &str) -> Self {
        Self {
            id: id.to_owned(),
            column: column.to_owned(),
            list: Some(list.to_owned()),
            title: None,
            open: id == "occupation",
            unit: ["division", "department", "sector"].contains(&id),
        }
    }

    /// The same with its column filled in.
    #[must_use]
    pub(super) fn complete(mut self) -> Self {
        if self.column.is_empty() {
            self.column.clone_from(&self.id);
        }
        self
    }
}

/// The dimensions of a programme that declares none of its own (DESIGN §2).
pub(super) static BUILT_IN: LazyLock<Vec<Dimension>> = LazyLock::new(|| {
    [
        ("division", "division", "divisions"),
        ("department", "department", "departments"),
        ("sector", "sector", "sectors"),
        ("group", "primary_group", "groups"),
        ("training_type", "training_type", "training_types"),
        ("mode", "mode", "modes"),
        ("delivery", "delivery", "deliveries"),
        ("programme_tag", "programme_tag", "programmes"),
        ("level", "level", "levels"),
        ("certificate_type", "certificate_type", "certificate_types"),
        ("occupation", "occupation", "occupations"),
        ("sex", "sex", "sexes"),
        ("age_band", "age_band", "age_bands"),
        ("primary_group", "primary_group", "groups"),
    ]
    .map(|(id, column, list)| Dimension::built_in(id, column, list))
    .to_vec()
});
