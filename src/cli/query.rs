//! `dabiao query`.

use super::{DONE, Place, output};
use crate::indicators;
use crate::indicators::table::{self, Request};
use crate::presentation::encode;
use crate::programme::Language;
use std::path::PathBuf;

/// Which figure.
#[derive(clap::Args)]
pub(super) struct Selected {
    /// Id of the indicator
    indicator: String,
    /// Dimensions to break down by, separated by commas
    #[arg(long, value_delimiter = ',')]
    by: Vec<String>,
    /// Keep only facts with this code: DIM=CODE (several: comma or repeated)
    #[arg(long = "where", value_name = "DIM=CODE")]
    filters: Vec<String>,
    /// Period: 2020, 2020H1, 2020Q3, 2020-09, 2019..2021, ytd:2020-09
    #[arg(long)]
    period: Option<String>,
    /// Scope of units
    #[arg(long)]
    scope: Option<String>,
    /// Hold every cell against the year before (yoy), the period before (pop), or both: yoy,pop
    #[arg(long, value_delimiter = ',')]
    compare: Vec<String>,
    /// As known at: a snapshot id, a day or an instant
    #[arg(long)]
    as_of: Option<String>,
    /// Units under the code of their own time (as_was) or of today (as_is)
    #[arg(long, value_enum, default_value = "as_was")]
    view: View,
}

impl Selected {
    /// The request.
    pub(super) fn request(&self) -> anyhow::Result<Request> {
        Ok(Request {
            indicator: self.indicator.clone(),
            by: self.by.clone(),
            filters: filters(&self.filters)?,
            period: self.period.clone(),
            scope: self.scope.clone(),
            compare: indicators::comparisons(self.compare.iter().map(String::as_str))
                .map_err(crate::app::Error::from)?,
            view: self.view.into(),
        })
    }

    /// The snapshot, a day or an instant.
    pub(super) fn as_of(&self) -> Option<&str> {
        self.as_of.as_deref()
    }
}

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selected: Selected,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    Table,
    Csv,
    Json,
    Xlsx,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum View {
    AsWas,
    AsIs,
}

impl From<View> for table::View {
    fn from(view: View) -> Self {
        match view {
            View::AsWas => Self::AsWas,
            View::AsIs => Self::AsIs,
        }
    }
}

/// Evaluates and prints one request.
pub(super) fn run(place: &Place, args: &Args) -> anyhow::Result<u8> {
    let app = place.open()?;
    let request = args.selected.request()?;
    let table = app.figures(&request, args.selected.as_of())?;
    // What codes are called is part of what was published.
    let programme = app.programme_of(&table.snapshot)?;
    let bytes = match args.format {
        Format::Table => encode::text::text(&table, &programme, Language::Zh).into_bytes(),
        Format::Csv => encode::csv::csv(&table, false),
        Format::Json => encode::json::json(&table).into_bytes(),
        Format::Xlsx => encode::xlsx::xlsx(&table, &programme),
    };
    match &args.out {
        Some(path) => std::fs::write(path, bytes)?,
        None => output::out(&bytes)?,
    }
    Ok(DONE)
}

/// `DIM=CODE,CODE` as dimension and codes; the same dimension twice lets either through.
pub(super) fn filters(texts: &[String]) -> anyhow::Result<Vec<(String, Vec<String>)>> {
    let mut filters: Vec<(String, Vec<String>)> = Vec::new();
    for text in texts {
        let Some((dimension, codes)) = text.split_once('=') else {
            anyhow::bail!("--where 应写作 维度=代码 / --where takes DIM=CODE, not \"{text}\"");
        };
        let codes = codes.split(',').map(str::to_owned);
        match filters.iter_mut().find(|(known, _)| known == dimension) {
            Some((_, known)) => known.extend(codes),
            None => filters.push((dimension.to_owned(), codes.collect())),
        }
    }
    Ok(filters)
}
