//! `dabiao template`.

use super::{DONE, Place, output};
use crate::presentation::form;
use crate::project::{Definitions, Project, built_in};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Dataset, e.g. training
    dataset: String,
    /// Workbook to write
    #[arg(long)]
    out: PathBuf,
}

/// Writes the blank form of a dataset; outside a project, that of the built-in programme.
pub(super) fn run(place: &Place, args: &Args) -> anyhow::Result<u8> {
    let definitions = match Project::open(&place.folder()) {
        Ok(project) => project.definitions,
        Err(crate::project::Error::NotFound { .. }) => {
            Definitions::parse(built_in()).map_err(crate::project::Error::Problems)?
        }
        Err(error) => return Err(error.into()),
    };
    let programme = &definitions.programme;
    let Some(contract) = programme.contracts.get(&args.dataset) else {
        let known: Vec<&str> = programme.contracts.keys().map(String::as_str).collect();
        return Err(crate::app::Error::from(crate::indicators::unknown(
            "数据集",
            "dataset",
            &args.dataset,
            &known,
        ))
        .into());
    };
    std::fs::write(&args.out, form::form(contract, programme))?;
    output::line(&format!("{} {}", contract.title.zh, args.out.display()))?;
    Ok(DONE)
}
