//! `dabiao explain`.

use super::output::{self, Listing};
use super::query::Selected;
use super::{DONE, Place};
use crate::presentation::encode;
use crate::programme::Language;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selected: Selected,
    /// How many records to list, or `all`
    #[arg(long, default_value = "50", value_parser = records)]
    records: Records,
    #[arg(long, value_enum, default_value = "text")]
    format: Listing,
}

/// How many records are listed.
#[derive(Debug, Clone, Copy)]
struct Records(Option<usize>);

fn records(text: &str) -> Result<Records, String> {
    match text {
        "all" => Ok(Records(None)),
        number => match number.parse() {
            Ok(most) => Ok(Records(Some(most))),
            Err(_) => Err("应为条数或 all / a number, or all".to_owned()),
        },
    }
}

/// Tells what stands behind a figure.
pub(super) fn run(place: &Place, args: &Args) -> anyhow::Result<u8> {
    let app = place.open()?;
    let request = args.selected.request()?;
    let explained = app.explain(&request, args.selected.as_of(), args.records.0)?;
    let text = match args.format {
        Listing::Json => encode::explain::json(&explained),
        Listing::Text => encode::explain::text(&explained, app.programme(), Language::Zh),
    };
    output::out(text.as_bytes())?;
    Ok(DONE)
}
