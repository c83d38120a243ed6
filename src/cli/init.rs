//! `dabiao init`.

use super::{DONE, output};
use crate::project::Project;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Directory to make the project in
    dir: PathBuf,
}

/// Makes a project directory with the built-in programme.
pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    Project::create(&args.dir)?;
    output::line(&format!(
        "{} 已建立：把报送文件放进 {}/inbox，然后运行 dabiao ingest",
        args.dir.display(),
        args.dir.display()
    ))?;
    output::line(&format!(
        "{} is ready: put submissions into {}/inbox and run dabiao ingest",
        args.dir.display(),
        args.dir.display()
    ))?;
    Ok(DONE)
}
