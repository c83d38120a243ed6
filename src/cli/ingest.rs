//! `dabiao ingest`.

use super::output::{self, Listing};
use super::{DONE, Place, REJECTED};
use crate::intake::receipt::{FileStatus, Receipt};
use crate::load::{Progress, Report};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Files and folders (default: the project's inbox)
    paths: Vec<PathBuf>,
    /// Show everything and write nothing
    #[arg(long)]
    dry_run: bool,
    #[arg(long, value_enum, default_value = "text")]
    format: Listing,
}

/// Runs one load and prints its report.
pub(super) fn run(place: &Place, args: &Args) -> anyhow::Result<u8> {
    let app = place.open()?;
    let bar = output::bar(0);
    let report = app.ingest(&args.paths, args.dry_run, &mut |progress| match progress {
        Progress::File(at, of, name) => {
            bar.set_length(of as u64);
            bar.set_position(at as u64 - 1);
            bar.set_message(name.to_owned());
        }
        Progress::Publishing => bar.set_message("发布 publishing"),
    })?;
    bar.finish_and_clear();
    match args.format {
        Listing::Json => output::line(&serde_json::to_string(&report)?)?,
        Listing::Text => output::out(text(&report).as_bytes())?,
    }
    Ok(if report.has_rejections() {
        REJECTED
    } else {
        DONE
    })
}

/// The report for people: one line per file, then its violations by rule, then the sums.
fn text(report: &Report) -> String {
    let mut lines = Vec::new();
    for file in &report.files {
        lines.push(summary(file));
        lines.extend(rules(file));
    }
    let totals = report.totals;
    lines.push(format!(
        "合计 total: 收到 received {} = 新增 new {} + 更正 correction {} + 撤销 withdrawal {} + 未变 unchanged {} + 退回 rejected {}",
        totals.received, totals.new, totals.correction, totals.withdrawal, totals.unchanged, totals.rejected
    ));
    for effect in &report.effect {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
        lines.push(format!(
            "{} {}: {} → {}",
            effect.title.zh,
            effect.title.en,
            shown(&effect.before),
            shown(&effect.after)
        ));
    }
    lines.push(match (&report.snapshot, report.dry_run) {
        (_, true) => "试运行，什么也没有写入 / dry run: nothing was written".to_owned(),
        (Some(snapshot), false) => format!("已发布快照 / published {snapshot}"),
        (None, false) => "没有新的内容 / nothing new".to_owned(),
    });
    lines.join("\n") + "\n"
}

fn summary(file: &Receipt) -> String {
    let totals = file.totals;
    match file.status {
        FileStatus::Loaded => format!(
            "{}: {} = {} + {} + {} + {} + {}",
            file.file,
            totals.received,
            totals.new,
            totals.correction,
            totals.withdrawal,
            totals.unchanged,
            totals.rejected
        ),
        FileStatus::Duplicate => {
            let earlier = file.earlier.as_ref().map(|earlier| &earlier.message);
            let said = earlier.map_or_else(String::new, |message| {
                format!("\n    {} / {}", message.zh, message.en)
            });
            format!("{}: 重复 duplicate{said}", file.file)
        }
        FileStatus::Quarantined => format!("{}: 已隔离 quarantined", file.file),
    }
}

/// Violations of a file: the first row of every rule and column, and how many more there are.
fn rules(file: &Receipt) -> Vec<String> {
    let mut seen: Vec<(&str, &str, usize)> = Vec::new();
    let mut lines = Vec::new();
    for violation in &file.violations {
        match seen
            .iter_mut()
            .find(|(rule, column, _)| *rule == violation.rule && *column == violation.column)
        {
            Some((_, _, more)) => *more += 1,
            None => {
                seen.push((&violation.rule, &violation.column, 0));
                lines.push(format!(
                    "    {} {} 第{}行 {}: {} / {}",
                    violation.rule,
                    violation.column,
                    violation.row,
                    violation.value,
                    violation.message.zh,
                    violation.message.en
                ));
            }
        }
    }
    for (line, (_, _, more)) in lines
        .iter_mut()
        .zip(&seen)
        .filter(|(_, (_, _, more))| *more > 0)
    {
        line.push_str(&format!(" (+{more})"));
    }
    lines
}
