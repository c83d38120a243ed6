//! The published tables after a load: current records, and for training which of them count and why not.

use super::Error;
use super::frames::{boolean, texts};
use super::state::keys;
use crate::counting::{self, Outcomes, Reason, Records, RecordsBuilder, Rules};
use crate::engine::schema::COUNTED_DATASET;
use crate::intake::days;
use crate::intake::dispose::{Changes, Known};
use crate::lake::{Load, Snapshot};
use crate::programme::{Contract, Programme};
use polars::prelude::{
    BooleanChunked, Column, DataFrame, NewChunkedArray, ParquetReader, SerReader,
};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Rows of one part of a published table. A part is rewritten as a whole when one of its records changes.
const PART_ROWS: usize = 1 << 17;
/// Column that names the part.
const PART: &str = "part";
/// Table of findings of the counting rules.
pub const FINDINGS: &str = "findings";

/// Columns the counting rules read.
const COUNTED_COLUMNS: [&str; 13] = [
    "key_high",
    "key_low",
    "person",
    "department",
    "record_no",
    "occupation",
    "level",
    "start_date",
    "end_date",
    "status",
    "training_type",
    "funding_source",
    "employer_uscc",
];

/// One part of the published table as it was, or one slice of what the load appended.
struct Piece {
    path: PathBuf,
    /// First row and number of rows in the file.
    slice: (usize, usize),
    /// Name of the part it is or becomes.
    part: String,
    /// Whether it was published before.
    published: bool,
    /// Which rows are current records after the load; `None` for all.
    live: Option<Vec<bool>>,
    /// Number of current records.
    records: usize,
}

/// Publishes the current records of a dataset as the changes leave them.
///
/// # Errors
/// When a table cannot be read or written.
pub(super) fn publish(
    load: &Load,
    programme: &Programme,
    contract: &Contract,
    changes: &Changes,
    base: Option<&Snapshot>,
) -> Result<(), Error> {
    let counted = contract.id == COUNTED_DATASET;
    let mut pieces = published_pieces(base, &contract.id)?;
    pieces.extend(appended_pieces(load, &contract.id)?);
    let rows: usize = pieces.iter().map(|piece| piece.slice.1).sum();
    let mut records = Records::with_capacity(if counted { rows } else { 0 });
    let mut before = Vec::new();
    let mut lives = Vec::with_capacity(pieces.len());
    ahead(
        pieces
            .iter()
            .map(|piece| move || read(piece, Some(&narrow(piece, counted)))),
        |frame| {
            let piece = &pieces[lives.len()];
            let counting = counted.then_some((&mut records, &mut before));
            lives.push(take_piece(piece, &frame?, changes, counting)?);
            Ok(())
        },
    )?;
    records.complete();
    let outcomes = counted.then(|| counting::count(&records, &rules(programme)));
    let mut first = 0;
    let mut touched = Vec::new();
    for (piece, live) in pieces.iter_mut().zip(lives) {
        piece.records = live.iter().filter(|live| **live).count();
        piece.live = (piece.records < live.len()).then_some(live);
        let range = first..first + piece.records;
        first = range.end;
        let recounted = outcomes.as_ref().is_some_and(|outcomes| {
            piece.published && before[range.clone()] != stored(outcomes, range.clone())[..]
        });
        if !piece.published || piece.live.is_some() || recounted {
            touched.push((&*piece, range));
        }
    }
    let made = touched.iter().map(|(piece, range)| {
        let said = outcomes.as_ref().map(|outcomes| (outcomes, range.clone()));
        move || Ok::<_, Error>((piece.part.clone(), frame_of(piece, said)?))
    });
    ahead(made, |part| {
        Ok(load.replace_partitions(&contract.id, PART, &[part?])?)
    })?;
    if let Some(outcomes) = &outcomes {
        load.replace(FINDINGS, &findings(&records, &pieces, outcomes)?)?;
    }
    Ok(())
}

/// The parameters of the counting rules.
pub(super) fn rules(programme: &Programme) -> Rules {
    let config = &programme.config;
    let rule = |id: &str| config.rule(id);
    let types = programme
        .list("training_types")
        .iter()
        .filter(|code| programme.type_counts(code));
    Rules {
        statuses: rule("status")
            .map(|rule| rule.statuses.clone())
            .unwrap_or_default(),
        types: types.map(|code| code.code.clone()).collect(),
        own_line_types: rule("type")
            .map(|rule| rule.types_on_own_line.clone())
            .unwrap_or_default(),
        funding_sources: rule("funding")
            .map(|rule| rule.funding_sources.clone())
            .unwrap_or_default(),
        start: days(config.programme.start),
        end: days(config.programme.end),
        per_year_max: rule("R008")
            .and_then(|rule| rule.per_year_max)
            .unwrap_or(u32::MAX),
        months_max: rule("R009")
            .and_then(|rule| rule.months_max)
            .unwrap_or(u32::MAX),
    }
}

fn published_pieces(base: Option<&Snapshot>, dataset: &str) -> Result<Vec<Piece>, Error> {
    let mut pieces = Vec::new();
    for path in base.map(|base| base.files(dataset)).unwrap_or_default() {
        let rows = rows_of(&path)?;
        pieces.push(Piece {
            part: part_of(&path),
            slice: (0, rows),
            path,
            published: true,
            live: None,
            records: rows,
        });
    }
    Ok(pieces)
}

fn appended_pieces(load: &Load, dataset: &str) -> Result<Vec<Piece>, Error> {
    let mut pieces = Vec::new();
    for path in load.staged_files(&format!("{dataset}_log")) {
        let rows = rows_of(&path)?;
        for start in (0..rows).step_by(PART_ROWS) {
            let slice = (start, PART_ROWS.min(rows - start));
            let part = format!("{}-{:03}", load.id(), pieces.len());
            pieces.push(Piece {
                path: path.clone(),
                slice,
                part,
                published: false,
                live: None,
                records: 0,
            });
        }
    }
    Ok(pieces)
}

fn part_of(path: &Path) -> String {
    let prefix = format!("{PART}=");
    let parts = path
        .components()
        .filter_map(|component| component.as_os_str().to_str());
    parts
        .filter_map(|component| component.strip_prefix(&prefix))
        .next_back()
        .unwrap_or_default()
        .to_owned()
}

fn rows_of(path: &Path) -> Result<usize, Error> {
    Ok(ParquetReader::new(open(path)?).num_rows()?)
}

fn open(path: &Path) -> Result<File, Error> {
    File::open(path).map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })
}

fn read(piece: &Piece, columns: Option<&[&str]>) -> Result<DataFrame, Error> {
    let columns = columns.map(|columns| columns.iter().map(|name| (*name).to_owned()).collect());
    let reader = ParquetReader::new(open(&piece.path)?)
        .with_columns(columns)
        .with_slice(Some(piece.slice));
    Ok(reader.finish()?)
}

/// What the rules said of a record, as it is stored.
type Stored = (bool, Option<Reason>, bool);

/// Does `jobs` on a thread of their own, one ahead of `take`, which gets their results in order.
///
/// # Errors
/// The first of `take`.
fn ahead<T: Send, J: FnOnce() -> T + Send>(
    jobs: impl Iterator<Item = J> + Send,
    mut take: impl FnMut(T) -> Result<(), Error>,
) -> Result<(), Error> {
    std::thread::scope(|scope| {
        let (done, results) = std::sync::mpsc::sync_channel(1);
        scope.spawn(move || {
            for job in jobs {
                if done.send(job()).is_err() {
                    return;
                }
            }
        });
        results.into_iter().try_for_each(&mut take)
    })
}

/// The columns by which the current records of a piece are found and, where they are, counted.
fn narrow(piece: &Piece, counted: bool) -> Vec<&'static str> {
    let mut columns = match counted {
        true => COUNTED_COLUMNS.to_vec(),
        false => vec!["key_high", "key_low"],
    };
    match piece.published {
        true if counted => columns.extend(["counted", "reason", "own_line"]),
        true => {}
        false => columns.push("seq"),
    }
    columns
}

/// Which rows of a piece are current records after the load; these are taken in for counting.
fn take_piece(
    piece: &Piece,
    frame: &DataFrame,
    changes: &Changes,
    counting: Option<(&mut Records, &mut Vec<Stored>)>,
) -> Result<Vec<bool>, Error> {
    let live: Vec<bool> = if piece.published {
        keys(frame)?
            .map(|key| !changes.contains_key(&key))
            .collect()
    } else {
        let seqs = frame.column("seq")?.i64()?.into_no_null_iter();
        keys(frame)?
            .zip(seqs)
            .map(|(key, seq)| {
                let change = changes.get(&key);
                change.is_some_and(|change| {
                    i64::from(change.seq) == seq && matches!(change.known(), Known::Live(_))
                })
            })
            .collect()
    };
    if let Some((records, before)) = counting {
        take_records(frame, &live, records, piece.published.then_some(before))?;
    }
    Ok(live)
}

fn take_records(
    frame: &DataFrame,
    live: &[bool],
    records: &mut Records,
    before: Option<&mut Vec<Stored>>,
) -> Result<(), Error> {
    let text = |name: &str| frame.column(name).and_then(|column| column.str());
    let date = |name: &str| {
        frame
            .column(name)
            .and_then(|column| column.date().map(|dates| &dates.phys))
    };
    let (person, department, record_no) =
        (text("person")?, text("department")?, text("record_no")?);
    let (occupation, level, status) = (text("occupation")?, text("level")?, text("status")?);
    let (training_type, funding_source, employer) = (
        text("training_type")?,
        text("funding_source")?,
        text("employer_uscc")?,
    );
    let (start, end) = (date("start_date")?, date("end_date")?);
    let rows = || (0..live.len()).filter(|row| live[*row]);
    for row in rows() {
        let person = person
            .get(row)
            .and_then(|person| u128::from_str_radix(person, 16).ok());
        records.push(RecordsBuilder {
            person: person.expect("every training record has a person"),
            department: department.get(row).unwrap_or_default(),
            record_no: record_no.get(row).unwrap_or_default(),
            occupation: occupation.get(row).unwrap_or_default(),
            level: level.get(row).unwrap_or_default(),
            start: start.get(row).unwrap_or_default(),
            end: end.get(row),
            status: status.get(row).unwrap_or_default(),
            training_type: training_type.get(row).unwrap_or_default(),
            funding_source: funding_source.get(row).unwrap_or_default(),
            employer: employer.get(row).unwrap_or_default(),
        });
    }
    let Some(before) = before else {
        return Ok(());
    };
    let yes = |name: &str| frame.column(name).and_then(|column| column.bool());
    let (counted, reason, own_line) = (yes("counted")?, text("reason")?, yes("own_line")?);
    before.resize(records.len() - rows().count(), Stored::default());
    before.extend(rows().map(|row| {
        let reason = reason
            .get(row)
            .and_then(|code| Reason::ALL.into_iter().find(|reason| reason.code() == code));
        (
            counted.get(row).unwrap_or(false),
            reason,
            own_line.get(row).unwrap_or(false),
        )
    }));
    Ok(())
}

fn stored(outcomes: &Outcomes, range: std::ops::Range<usize>) -> Vec<Stored> {
    range
        .map(|row| {
            (
                outcomes.reasons[row].is_none(),
                outcomes.reasons[row],
                outcomes.own_line[row],
            )
        })
        .collect()
}

/// The current records of a piece with what the rules say of them.
fn frame_of(
    piece: &Piece,
    counted: Option<(&Outcomes, std::ops::Range<usize>)>,
) -> Result<DataFrame, Error> {
    let mut frame = read(piece, None)?;
    if let Some(live) = &piece.live {
        frame = frame.filter(&BooleanChunked::from_slice("live".into(), live))?;
    }
    for dropped in ["disposition", PART] {
        if frame.get_column_index(dropped).is_some() {
            frame = frame.drop(dropped)?;
        }
    }
    if let Some((outcomes, range)) = counted {
        put_outcomes(&mut frame, outcomes, range)?;
    }
    Ok(frame)
}

/// Training records that are current with what the counting rules say of them, as [`publish`] does it for the whole table.
///
/// # Errors
/// When a column is missing.
pub(super) fn count(mut frame: DataFrame, programme: &Programme) -> Result<DataFrame, Error> {
    let rows = frame.height();
    let mut records = Records::with_capacity(rows);
    take_records(&frame, &vec![true; rows], &mut records, None)?;
    records.complete();
    let outcomes = counting::count(&records, &rules(programme));
    put_outcomes(&mut frame, &outcomes, 0..rows)?;
    Ok(frame)
}

fn put_outcomes(
    frame: &mut DataFrame,
    outcomes: &Outcomes,
    range: std::ops::Range<usize>,
) -> Result<(), Error> {
    let said = stored(outcomes, range);
    let counted = said.iter().map(|(counted, _, _)| *counted);
    put(frame, boolean("counted", counted))?;
    let reasons = said.iter().map(|(_, reason, _)| reason.map(Reason::code));
    put(frame, texts("reason", reasons))?;
    let own_line = said.iter().map(|(_, _, own_line)| *own_line);
    put(frame, boolean("own_line", own_line))
}

fn put(frame: &mut DataFrame, column: Column) -> Result<(), Error> {
    frame.with_column(column)?;
    Ok(())
}

fn findings(records: &Records, pieces: &[Piece], outcomes: &Outcomes) -> Result<DataFrame, Error> {
    let rows: Vec<usize> = outcomes
        .findings
        .iter()
        .map(|(row, _)| *row as usize)
        .collect();
    let divisions = divisions_of(pieces, &rows)?;
    let columns = vec![
        texts(
            "rule",
            outcomes.findings.iter().map(|(_, rule)| Some(*rule)),
        ),
        texts(
            "department",
            rows.iter().map(|row| Some(records.department.get(*row))),
        ),
        texts(
            "record_no",
            rows.iter().map(|row| Some(records.record_no(*row))),
        ),
        texts(
            "division",
            divisions.iter().map(|division| Some(division.as_str())),
        ),
    ];
    Ok(DataFrame::new(rows.len(), columns)?)
}

/// The divisions of some current records, which are given in ascending order.
fn divisions_of(pieces: &[Piece], rows: &[usize]) -> Result<Vec<String>, Error> {
    let mut divisions = Vec::with_capacity(rows.len());
    let mut wanted = rows.iter().copied().peekable();
    let mut first = 0;
    for piece in pieces {
        let end = first + piece.records;
        if wanted.peek().is_some_and(|row| *row < end) {
            let mut frame = read(piece, Some(&["division"]))?;
            if let Some(live) = &piece.live {
                frame = frame.filter(&BooleanChunked::from_slice("live".into(), live))?;
            }
            let column = frame.column("division")?.str()?;
            while let Some(row) = wanted.next_if(|row| *row < end) {
                divisions.push(column.get(row - first).unwrap_or_default().to_owned());
            }
        }
        first = end;
    }
    Ok(divisions)
}
