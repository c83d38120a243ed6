//! `dabiao demo`.

use super::log::Log;
use super::{DONE, output};
use crate::demo::{self, Step};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Directory of the demonstration; kept, and opened again by the next run
    #[arg(long, default_value = "dabiao-demo")]
    dir: PathBuf,
    /// Port on 127.0.0.1
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Make and load it, and stop there
    #[arg(long)]
    no_serve: bool,
}

/// Unpacks the Changchun project, loads made-up records of the whole programme, and serves it.
pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let bar = output::bar(0);
    let app = demo::prepare(&args.dir, &mut |step| match step {
        Step::Generate(done, rows) => {
            bar.set_length(rows);
            bar.set_position(done);
            bar.set_message("生成模拟数据 making synthetic records");
        }
        Step::Load(quarter, at, of) => {
            bar.set_length(of as u64);
            bar.set_position(at as u64 - 1);
            bar.set_message(format!("入库 loading {quarter}"));
        }
    })?;
    bar.finish_and_clear();
    let records = app.freshness(None)?.records;
    output::line(&format!(
        "模拟数据 SYNTHETIC：{records} 条记录，截至 {} / {records} records as of {}",
        demo::today(),
        demo::today()
    ))?;
    if args.no_serve {
        return Ok(DONE);
    }
    super::serve::serve(&app, &format!("127.0.0.1:{}", args.port), Log::Text)
}
