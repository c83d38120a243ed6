//! Tables of a page: plain cells that one template prints, as rows on a desk and as a list on a phone.

use super::selection::Behind;
use crate::indicators::table::{Kind, Row, Table, Value, Verdict};
use crate::presentation::charts::{bullet, sparkline};
use crate::presentation::figure::Figure;
use crate::presentation::{labels, numbers, ranking, texts, verdict};
use crate::programme::{Language, Programme};
use serde::Serialize;
use std::collections::HashMap;

/// A table.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Grid {
    /// What it holds, for those who do not see the heading above it.
    pub caption: String,
    /// Columns after the first.
    pub columns: Vec<Column>,
    /// What the first column holds.
    pub head: String,
    /// The rows.
    pub rows: Vec<Line>,
    /// How it is laid out: `figures`, `matrix`, `list`.
    pub layout: &'static str,
    /// Rows that are not shown.
    pub left: usize,
}

/// A column.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    /// Its heading.
    pub label: String,
    /// Its class: what it holds.
    pub class: &'static str,
}

/// A row.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Line {
    /// Whether it is the total.
    pub total: bool,
    /// Its name.
    pub name: String,
    /// Its name on a small screen.
    pub short: String,
    /// Where its name leads.
    pub href: Option<String>,
    /// Its cells, one for every column.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// The exact value behind a rounded one.
    pub exact: Option<String>,
    /// Where its number leads.
    pub href: Option<String>,
    /// A verdict.
    pub verdict: Option<Judged>,
    /// A small picture without words.
    pub picture: Option<String>,
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    fn maybe(text: Option<String>) -> Self {
        Self::text(text.unwrap_or_else(|| "—".to_owned()))
    }
}

/// A verdict for a template.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    /// Its word.
    pub word: &'static str,
    /// Its class.
    pub class: &'static str,
}

impl Judged {
    /// The word and class of a verdict.
    pub fn new(of: Verdict, language: Language) -> Self {
        Self {
            word: verdict::word(of, language),
            class: verdict::class(of),
        }
    }
}

/// A number that leads to its explanation.
pub fn number(row: &Row, table: &Table, behind: &Behind<'_>) -> Cell {
    let figure = Figure::of(row, table.kind);
    match figure.value {
        Some(text) => Cell {
            text: text
                .strip_suffix(".00")
                .map_or_else(|| text.clone(), str::to_owned),
            exact: row.value.map(|value| value.to_string()),
            href: Some(behind.explanation(&row.codes)),
            ..Cell::default()
        },
        None => Cell::text("—"),
    }
}

/// What a table of figures is made from.
pub struct Figures<'a> {
    /// Programme of the snapshot.
    pub programme: &'a Programme,
    /// Language.
    pub language: Language,
    /// The tables, the one that leads first; all by the same dimension.
    pub tables: Vec<Behind<'a>>,
    /// The course of each row over the months.
    pub courses: Option<&'a Table>,
    /// Share of expected returns that are in, by code.
    pub returns: HashMap<String, String>,
    /// Where a row's name leads, by code.
    pub profile: &'a dyn Fn(&str) -> Option<String>,
    /// Rows shown at most, the total aside.
    pub limit: Option<usize>,
}

impl Figures<'_> {
    /// The table by one dimension: total first, then by the gap to the pace.
    pub fn grid(&self) -> Grid {
        let lead = &self.tables[0];
        let table = lead.table;
        let dimension = table.dimensions.first().map_or("", String::as_str);
        let is_time = crate::indicators::TIME_DIMENSIONS.contains(&dimension);
        let mut rows = match is_time {
            true => table.rows.iter().collect(),
            false => ranking::by_gap(table),
        };
        let left = self
            .limit
            .map_or(0, |limit| rows.len().saturating_sub(limit));
        rows.truncate(self.limit.unwrap_or(usize::MAX));
        let plan = Plan::of(self, table);
        let lines = std::iter::once(&table.totals).chain(rows);
        Grid {
            caption: table.title.get(self.language).to_owned(),
            head: labels::dimension(self.programme, dimension, self.language).to_owned(),
            columns: plan.columns(self),
            rows: lines.map(|row| self.line(row, &plan, dimension)).collect(),
            layout: match plan.judged {
                true => "figures",
                false => "amounts",
            },
            left,
        }
    }

    fn line(&self, row: &Row, plan: &Plan, dimension: &str) -> Line {
        let lead = &self.tables[0];
        let (name, short) = self.names(row, dimension);
        let code = row.codes.first().map(String::as_str);
        let mut cells = vec![number(row, lead.table, lead)];
        if plan.parts {
            let part =
                |part: Option<crate::programme::Decimal>| Cell::maybe(part.map(numbers::plain));
            cells.extend([part(row.numerator), part(row.denominator)]);
        }
        if plan.judged {
            cells.extend(self.judgement(row, lead.table));
        }
        if plan.courses {
            cells.push(self.course(row));
        }
        if plan.judged {
            cells.push(Cell {
                verdict: Some(Judged::new(row.verdict, self.language)),
                ..Cell::default()
            });
        }
        cells.extend(self.tables[1..].iter().map(|other| self.beside(row, other)));
        if plan.returns {
            cells.push(Cell::maybe(
                self.returns.get(code.unwrap_or_default()).cloned(),
            ));
        }
        if plan.marked {
            cells.push(Cell::text(row.mark.to_string()));
        }
        Line {
            total: row.codes.is_empty(),
            name,
            short,
            href: code.and_then(|code| (self.profile)(code)),
            cells,
        }
    }

    fn judgement(&self, row: &Row, table: &Table) -> [Cell; 4] {
        let figure = Figure::of(row, table.kind);
        let exact = |value: Option<String>, text: Option<String>| Cell {
            exact: value,
            ..Cell::maybe(text)
        };
        [
            exact(
                row.target.map(|target| target.to_string()),
                figure.target.clone(),
            ),
            exact(
                row.progress.map(|progress| progress.to_string()),
                figure.progress.clone(),
            ),
            Cell::maybe(figure.gap.clone()),
            Cell {
                picture: Some(bullet::bare(row)).filter(|svg| !svg.is_empty()),
                ..Cell::default()
            },
        ]
    }

    fn course(&self, row: &Row) -> Cell {
        let Some(courses) = self.courses else {
            return Cell::default();
        };
        let mut by_month: std::collections::BTreeMap<&str, f64> = courses
            .rows
            .iter()
            .filter_map(|each| Some((each.codes.get(1)?.as_str(), 0.0)))
            .collect();
        for each in &courses.rows {
            let (Some(code), Some(month)) = (each.codes.first(), each.codes.get(1)) else {
                continue;
            };
            if row.codes.is_empty() || row.codes.first() == Some(code) {
                let value = each.value.map_or(0.0, Value::approximate);
                *by_month.entry(month).or_default() += value;
            }
        }
        let last = by_month.len().saturating_sub(1).max(1) as f64;
        let mut sum = 0.0;
        let points: Vec<(f64, f64)> = by_month
            .into_values()
            .enumerate()
            .map(|(at, value)| {
                sum += value;
                (at as f64 / last, sum)
            })
            .collect();
        let pace: Vec<(f64, f64)> = match row.target.zip(row.pace) {
            Some((target, pace)) => {
                vec![(0.0, 0.0), (1.0, target.approximate() * pace.approximate())]
            }
            None => Vec::new(),
        };
        Cell {
            picture: Some(sparkline(&points, &pace)),
            ..Cell::default()
        }
    }

    /// The cell of another indicator in the row of the same codes.
    fn beside(&self, row: &Row, other: &Behind<'_>) -> Cell {
        let found = match row.codes.is_empty() {
            true => Some(&other.table.totals),
            false => other.table.rows.iter().find(|each| each.codes == row.codes),
        };
        found.map_or_else(
            || Cell::text("—"),
            |found| number(found, other.table, other),
        )
    }

    fn names(&self, row: &Row, dimension: &str) -> (String, String) {
        match row.codes.first() {
            None => {
                let total = labels::total(dimension, self.language).to_owned();
                (total.clone(), total)
            }
            Some(code) => (
                labels::code(self.programme, dimension, code, self.language),
                labels::short(self.programme, dimension, code, self.language),
            ),
        }
    }
}

/// Which columns a table has.
struct Plan {
    parts: bool,
    judged: bool,
    courses: bool,
    returns: bool,
    marked: bool,
}

impl Plan {
    fn of(figures: &Figures<'_>, table: &Table) -> Self {
        let rows = || table.rows.iter().chain([&table.totals]);
        Self {
            parts: table.kind == Kind::Ratio,
            judged: table.rows.iter().any(|row| row.target.is_some()),
            courses: figures.courses.is_some(),
            returns: !figures.returns.is_empty(),
            marked: rows().any(|row| !row.mark.is_empty()),
        }
    }

    fn columns(&self, figures: &Figures<'_>) -> Vec<Column> {
        let language = figures.language;
        let table = figures.tables[0].table;
        let column = |key: &str, class: &'static str| Column {
            label: texts::say(language, key).to_owned(),
            class,
        };
        let mut columns = vec![match figures.tables.len() {
            1 if table.kind != Kind::Ratio => Column {
                label: with_unit(texts::say(language, "column_value"), table, language),
                class: "n c-value",
            },
            _ => headed(table, language, "n c-value"),
        }];
        if self.parts {
            columns.push(column("column_numerator", "n c-part"));
            columns.push(column("column_denominator", "n c-part"));
        }
        if self.judged {
            columns.push(column("column_target", "n c-target"));
            columns.push(column("column_progress", "n c-progress"));
            columns.push(column("column_gap", "n c-gap"));
            columns.push(column("column_bullet", "c-bullet"));
        }
        if self.courses {
            columns.push(column("column_course", "c-course"));
        }
        if self.judged {
            columns.push(column("column_verdict", "c-verdict"));
        }
        columns.extend(
            figures.tables[1..]
                .iter()
                .map(|other| headed(other.table, language, "n c-more")),
        );
        if self.returns {
            columns.push(column("column_returns", "n c-returns"));
        }
        if self.marked {
            columns.push(column("column_mark", "c-mark"));
        }
        columns
    }
}

fn headed(table: &Table, language: Language, class: &'static str) -> Column {
    let title = table.title.get(language);
    Column {
        label: match table.kind {
            Kind::Ratio => title.to_owned(),
            _ => with_unit(title, table, language),
        },
        class,
    }
}

fn with_unit(title: &str, table: &Table, language: Language) -> String {
    let unit = table.unit.get(language);
    match language {
        Language::Zh => format!("{title}（{unit}）"),
        Language::En => format!("{title} ({unit})"),
    }
}

/// A table of two dimensions: the first down, the second across, with totals of each where they are given.
pub fn matrix(
    of: Behind<'_>,
    singles: [Option<&Table>; 2],
    programme: &Programme,
    language: Language,
) -> Grid {
    let table = of.table;
    let [down, across] = [0, 1].map(|at| table.dimensions.get(at).map_or("", String::as_str));
    let distinct = |at: usize| {
        let mut codes: Vec<&String> = Vec::new();
        for row in &table.rows {
            if let Some(code) = row.codes.get(at)
                && !codes.contains(&code)
            {
                codes.push(code);
            }
        }
        codes
    };
    let (rows, columns) = (distinct(0), distinct(1));
    let cells: HashMap<(&str, &str), &Row> = table
        .rows
        .iter()
        .filter_map(|row| {
            Some((
                (row.codes.first()?.as_str(), row.codes.get(1)?.as_str()),
                row,
            ))
        })
        .collect();
    let single = |at: usize, code: &str| {
        let table = singles[at]?;
        table
            .rows
            .iter()
            .find(|row| row.codes.first().is_some_and(|own| own == code))
    };
    let cell = |row: Option<&Row>, table: Option<&Table>| match (row, table) {
        (Some(row), Some(table)) => {
            let behind = Behind { table, ..of };
            number(row, table, &behind)
        }
        _ => Cell::text("·"),
    };
    let line = |code: Option<&String>| Line {
        total: code.is_none(),
        name: code.map_or_else(
            || labels::total(down, language).to_owned(),
            |code| labels::code(programme, down, code, language),
        ),
        short: code.map_or_else(
            || labels::total(down, language).to_owned(),
            |code| labels::short(programme, down, code, language),
        ),
        href: None,
        cells: columns
            .iter()
            .map(|column| match code {
                Some(code) => {
                    let found = cells.get(&(code.as_str(), column.as_str())).copied();
                    cell(found, Some(table))
                }
                None => cell(single(1, column), singles[1]),
            })
            .chain([match code {
                Some(code) => cell(single(0, code), singles[0]),
                None => cell(Some(&table.totals), Some(table)),
            }])
            .collect(),
    };
    let headed = columns.iter().map(|code| Column {
        label: labels::short(programme, across, code, language),
        class: "n",
    });
    let total = Column {
        label: labels::total(across, language).to_owned(),
        class: "n c-total",
    };
    Grid {
        caption: table.title.get(language).to_owned(),
        head: labels::dimension(programme, down, language).to_owned(),
        columns: headed.chain([total]).collect(),
        rows: std::iter::once(None)
            .chain(rows.iter().map(|code| Some(*code)))
            .map(line)
            .collect(),
        layout: "matrix",
        left: 0,
    }
}
