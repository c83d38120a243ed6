//! The single clean CSV for benchmarks, written as it is drawn.

use std::io::Write;
use std::path::Path;

use chrono::Datelike;

use super::classes::each;
use super::identity::People;
use super::render::{ClassCells, Renderer, Row, TITLES, View};
use super::tables::Tables;
use super::truth::Summary;
use super::{Error, Plan, write};

/// Rows between two messages of progress.
const PROGRESS_ROWS: u64 = 50_000;

/// Writes `training__DP01__ALL__FROM..TO__SYNTHETIC.csv`: every row new, complete and valid.
pub(super) fn write(
    plan: &Plan,
    tables: &Tables,
    out: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<Summary, Error> {
    let (from, to) = (plan.from.year(), plan.to.year());
    let period = if from == to {
        from.to_string()
    } else {
        format!("{from}..{to}")
    };
    let name = format!("training__DP01__ALL__{period}__SYNTHETIC.csv");
    let path = out.join(&name);
    let mut file = write::stream(&path)?;
    let people = People::new(plan.seed, tables.prefixes.clone());
    let renderer = Renderer {
        seed: plan.seed,
        tables,
        people: &people,
    };
    let failed = |source| Error::Write {
        path: path.clone(),
        source,
    };
    let (mut lines, mut row, mut done) = (Vec::new(), Row::default(), 0u64);
    write::line(TITLES.into_iter(), b',', &mut lines);
    each(plan, tables, plan.rows, false, &mut |class| {
        let cells = ClassCells::new(plan.seed, tables, &class, true);
        let view = View {
            as_of: plan.to,
            action: "",
            revision: 0,
            open: false,
        };
        for seat in 0..class.people.len() {
            renderer.row(&class, &cells, seat, view, true, &mut row);
            if row
                .text()
                .bytes()
                .any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n'))
            {
                write::line(row.cells(), b',', &mut lines);
            } else {
                plain_line(&row, &mut lines);
            }
            done += 1;
            if done.is_multiple_of(PROGRESS_ROWS) {
                progress(done);
            }
        }
        file.write_all(&lines).map_err(failed)?;
        lines.clear();
        Ok(())
    })?;
    write::finish(&path, file)?;
    progress(done);
    let mut summary = Summary {
        files: vec![name],
        ..Summary::default()
    };
    summary.rows.insert("training".to_owned(), done);
    summary.truth.new = done;
    Ok(summary)
}

/// A line none of whose cells needs quotes.
fn plain_line(row: &Row, out: &mut Vec<u8>) {
    for cell in row.cells() {
        out.extend_from_slice(cell.as_bytes());
        out.push(b',');
    }
    out.pop();
    out.extend_from_slice(b"\r\n");
}
