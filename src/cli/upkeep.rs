//! `dabiao verify`, `dabiao backup`, `dabiao restore`, `dabiao retain`.

use super::{DONE, FAILED, Place, output};
use crate::lake;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Backup {
    /// Directory the backup is kept in; the key file is never part of it
    dest: PathBuf,
}

#[derive(clap::Args)]
pub(super) struct Restore {
    /// Directory of the backup
    source: PathBuf,
    /// Empty directory to restore into (default: the project's lake)
    #[arg(long)]
    into: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(super) struct Retain {
    /// List what would go, and remove nothing
    #[arg(long)]
    dry_run: bool,
}

/// Reads and re-hashes everything a kept snapshot names.
pub(super) fn verify(place: &Place) -> anyhow::Result<u8> {
    let app = place.open()?;
    let findings = app.lake().verify()?;
    for finding in &findings {
        output::line(&finding.to_string())?;
    }
    let harm = findings
        .iter()
        .filter(|finding| !finding.is_harmless())
        .count();
    output::line(&match harm {
        0 => "完好 / all is as it was written".to_owned(),
        harm => format!("{harm} 处损坏 / {harm} damaged"),
    })?;
    Ok(if harm == 0 { DONE } else { FAILED })
}

/// Copies the lake, also while a load is running.
pub(super) fn backup(place: &Place, args: &Backup) -> anyhow::Result<u8> {
    let report = place.open()?.lake().backup(&args.dest)?;
    output::line(&format!("{report:?}"))?;
    output::line(
        "密钥文件不在备份内，请另行保管 / the key file is not part of the backup: keep it elsewhere",
    )?;
    Ok(DONE)
}

/// Makes a lake from a backup, checking every file.
pub(super) fn restore(place: &Place, args: &Restore) -> anyhow::Result<u8> {
    let into = match &args.into {
        Some(into) => into.clone(),
        None => crate::project::Project::open(&place.folder())?.lake(),
    };
    let report = lake::restore(&args.source, &into)?;
    output::line(&format!("{report:?}"))?;
    Ok(DONE)
}

/// Retires snapshots that are older than the project keeps them.
pub(super) fn retain(place: &Place, args: &Retain) -> anyhow::Result<u8> {
    let report = place.open()?.retain(args.dry_run)?;
    output::line(&format!("{report:?}"))?;
    Ok(DONE)
}
