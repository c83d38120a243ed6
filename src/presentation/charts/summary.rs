//! What the picture of the units shows, in one sentence made from its data.

use crate::indicators::table::{Row, Table, Value, Verdict};
use crate::presentation::figure::Figure;
use crate::presentation::{labels, numbers, ranking, texts};
use crate::programme::{Language, Programme};

/// Names listed before the rest is counted.
const NAMES_MAX: usize = 3;

/// Who is behind, who is at risk, how many are not, and the two ends.
pub fn summary(table: &Table, programme: &Programme, language: Language) -> String {
    let say = Saying {
        table,
        programme,
        language,
    };
    let rows: Vec<&Row> = ranking::by_gap(table)
        .into_iter()
        .filter(|row| ranking::is_unit(row))
        .collect();
    let judged: Vec<&Row> = rows
        .iter()
        .copied()
        .filter(|row| row.progress.is_some())
        .collect();
    if rows.is_empty() {
        return texts::say(language, "summary_nothing").to_owned()
            + texts::say(language, "answer_stop").trim_end();
    }
    let mut parts = if judged.is_empty() {
        vec![say.amounts(&rows)]
    } else {
        say.verdicts(&judged)
    };
    if let (Some(worst), Some(best)) = (
        judged.iter().min_by_key(progress),
        judged.iter().max_by_key(progress),
    ) && judged.len() > 1
    {
        let values = [
            ("best", say.named_share(best)),
            ("worst", say.named_share(worst)),
        ];
        parts.push(texts::fill(
            language,
            "summary_extremes",
            &values.each_ref().map(|(name, text)| (*name, text.as_str())),
        ));
    }
    parts.join(texts::say(language, "answer_then")) + texts::say(language, "answer_stop").trim_end()
}

fn progress(row: &&&Row) -> crate::programme::Ratio {
    row.progress.expect("only rows with progress are asked")
}

/// The wrong ones by name, as a clause for the page's first sentence; `None` where nothing is wrong.
pub fn wrong(table: &Table, programme: &Programme, language: Language) -> Option<String> {
    let say = Saying {
        table,
        programme,
        language,
    };
    let rows: Vec<&Row> = ranking::by_gap(table);
    let parts = say.wrong(&rows);
    (!parts.is_empty()).then(|| parts.join(texts::say(language, "answer_then")))
}

struct Saying<'a> {
    table: &'a Table,
    programme: &'a Programme,
    language: Language,
}

impl Saying<'_> {
    fn verdicts(&self, judged: &[&Row]) -> Vec<String> {
        let wrong = self.wrong(judged);
        let count = judged.len().to_string();
        if wrong.is_empty() {
            return vec![texts::fill(
                self.language,
                "summary_all_good",
                &[("n", &count)],
            )];
        }
        let good = judged
            .iter()
            .filter(|row| matches!(row.verdict, Verdict::Ahead | Verdict::OnTrack))
            .count();
        let lead = texts::fill(self.language, "summary_counts", &[("n", &count)]);
        let mut parts = vec![lead];
        parts.extend(wrong);
        if good > 0 {
            parts.push(texts::fill(
                self.language,
                "summary_good",
                &[("n", &good.to_string())],
            ));
        }
        parts
    }

    fn wrong(&self, rows: &[&Row]) -> Vec<String> {
        let keys = [
            (Verdict::Behind, "summary_behind"),
            (Verdict::AtRisk, "summary_at_risk"),
            (Verdict::InsufficientData, "summary_insufficient_data"),
        ];
        keys.into_iter()
            .filter_map(|(verdict, key)| {
                let names: Vec<String> = ranking::with(rows, verdict)
                    .into_iter()
                    .map(|row| self.name(row))
                    .collect();
                let names = (!names.is_empty()).then(|| self.listed(&names))?;
                Some(texts::fill(self.language, key, &[("names", &names)]))
            })
            .collect()
    }

    fn listed(&self, names: &[String]) -> String {
        if names.len() <= NAMES_MAX + 1 {
            return texts::listed(self.language, names);
        }
        let first = texts::listed(self.language, &names[..NAMES_MAX]);
        // Chinese counts all of them, English the rest.
        let count = match self.language {
            Language::Zh => names.len(),
            Language::En => names.len() - NAMES_MAX,
        };
        texts::fill(
            self.language,
            "names_more",
            &[("names", &first), ("n", &count.to_string())],
        )
    }

    fn amounts(&self, rows: &[&Row]) -> String {
        let amount = |row: &&&Row| match row.value {
            Some(Value::Number(number)) => numbers::ratio(number),
            Some(Value::Share(share)) => share,
            None => numbers::ratio(crate::programme::Decimal::ZERO),
        };
        let named = |row: Option<&&Row>| row.map(|row| self.named_value(row)).unwrap_or_default();
        let (most, least) = (
            named(rows.iter().max_by_key(amount)),
            named(rows.iter().min_by_key(amount)),
        );
        texts::fill(
            self.language,
            "summary_no_targets",
            &[("most", &most), ("least", &least)],
        )
    }

    fn name(&self, row: &Row) -> String {
        let dimension = self
            .table
            .dimensions
            .first()
            .map_or("division", String::as_str);
        let code = row.codes.first().map_or("", String::as_str);
        labels::short(self.programme, dimension, code, self.language)
    }

    fn named_share(&self, row: &Row) -> String {
        self.with(row, Figure::of(row, self.table.kind).progress)
    }

    fn named_value(&self, row: &Row) -> String {
        self.with(row, Figure::of(row, self.table.kind).value)
    }

    fn with(&self, row: &Row, figure: Option<String>) -> String {
        let figure = figure.unwrap_or_default();
        match self.language {
            Language::Zh => format!("{}（{figure}）", self.name(row)),
            Language::En => format!("{} ({figure})", self.name(row)),
        }
    }
}
