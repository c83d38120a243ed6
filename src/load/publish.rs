//! The published tables after a load: current records, and for training which of them count and why not.

use super::Error;
use super::counted::{self, Counted};
use super::state::keys;
use crate::counting::Records;
use crate::engine::schema::COUNTED_DATASET;
use crate::intake::dispose::{Changes, Known};
use crate::lake::{Group, Load, Snapshot};
use crate::programme::{Contract, Programme};
use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray, ParquetReader, SerReader};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Rows of one part of a published table. A part is rewritten as a whole when one of its records changes.
const PART_ROWS: usize = 1 << 17;
/// Column that names the part.
const PART: &str = "part";

/// One part of the published table as it was, or one slice of what the load appended.
pub(super) struct Piece {
    path: PathBuf,
    /// First row and number of rows in the file.
    slice: (usize, usize),
    /// The row group of the file that is just this slice, where the load appended one.
    group: Option<usize>,
    /// Name of the part it is or becomes.
    part: String,
    /// Whether it was published before.
    pub(super) published: bool,
    /// Which rows are current records after the load; `None` for all.
    pub(super) live: Option<Vec<bool>>,
}

impl Piece {
    /// Number of rows, current or not.
    pub(super) fn rows(&self) -> usize {
        self.slice.1
    }

    /// All rows, current or not.
    pub(super) fn read(&self, columns: Option<&[&str]>) -> Result<DataFrame, Error> {
        let columns =
            columns.map(|columns| columns.iter().map(|name| (*name).to_owned()).collect());
        let reader = ParquetReader::new(open(&self.path)?)
            .with_columns(columns)
            .with_slice(Some(self.slice));
        Ok(reader.finish()?)
    }

    /// The current records of what was read.
    pub(super) fn current(&self, frame: DataFrame) -> Result<DataFrame, Error> {
        Ok(match &self.live {
            Some(live) => frame.filter(&BooleanChunked::from_slice("live".into(), live))?,
            None => frame,
        })
    }
}

/// What publishing a dataset goes by.
pub(super) struct Publication<'a> {
    pub(super) load: &'a Load,
    pub(super) programme: &'a Programme,
    pub(super) contract: &'a Contract,
    pub(super) changes: &'a Changes,
    /// Whether a record of before was replaced or taken back.
    pub(super) replaces: bool,
    pub(super) base: Option<&'a Snapshot>,
    /// The rows the load appended, in order, where they were kept.
    pub(super) appended: Option<Records>,
    /// Whether what was counted before stands.
    pub(super) counts_stand: bool,
}

/// Publishes the current records of a dataset as the changes leave them.
///
/// # Errors
/// When a table cannot be read or written.
pub(super) fn publish(mut publication: Publication<'_>) -> Result<(), Error> {
    let (load, contract) = (publication.load, publication.contract);
    let mut pieces = appended_pieces(load, &contract.id)?;
    find_appended(&mut pieces, publication.changes, &mut publication.appended)?;
    let appended = pieces.len();
    pieces.extend(published_pieces(publication.base, &contract.id)?);
    if publication.replaces {
        find_replaced(&mut pieces[appended..], publication.changes)?;
    }
    let counted = match contract.id == COUNTED_DATASET {
        true => Some(counted::count(&mut publication, &pieces)?),
        false => None,
    };
    let touched = pieces.iter().enumerate().filter(|(at, piece)| {
        let recounted = counted.as_ref().is_some_and(|counted| counted.differs(*at));
        !piece.published || piece.live.is_some() || recounted
    });
    let log = format!("{}_log", contract.id);
    both(touched, |(at, piece)| {
        put_part(load, &contract.id, &log, piece, at, counted.as_ref())
    })?;
    if let Some(counted) = &counted {
        load.replace(
            counted::FINDINGS,
            &counted.findings(&pieces, publication.base)?,
        )?;
    }
    Ok(())
}

fn published_pieces(base: Option<&Snapshot>, dataset: &str) -> Result<Vec<Piece>, Error> {
    let mut pieces = Vec::new();
    for path in base.map(|base| base.files(dataset)).unwrap_or_default() {
        let rows = rows_of(&path)?;
        pieces.push(Piece {
            part: part_of(&path),
            slice: (0, rows),
            group: None,
            path,
            published: true,
            live: None,
        });
    }
    Ok(pieces)
}

fn appended_pieces(load: &Load, dataset: &str) -> Result<Vec<Piece>, Error> {
    let mut pieces = Vec::new();
    for path in load.staged_files(&format!("{dataset}_log")) {
        let groups = load.groups(&path)?;
        let rows = groups.iter().sum();
        for start in (0..rows).step_by(PART_ROWS) {
            let slice = (start, PART_ROWS.min(rows - start));
            let part = format!("{}-{:03}", load.id(), pieces.len());
            pieces.push(Piece {
                path: path.clone(),
                slice,
                group: group_of(&groups, slice),
                part,
                published: false,
                live: None,
            });
        }
    }
    Ok(pieces)
}

/// The row group that is just this slice of the rows.
fn group_of(groups: &[usize], slice: (usize, usize)) -> Option<usize> {
    let mut start = 0;
    for (position, rows) in groups.iter().enumerate() {
        if (start, *rows) == slice {
            return Some(position);
        }
        start += rows;
    }
    None
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

/// Finds the current records among what the load appended.
fn find_appended(
    pieces: &mut [Piece],
    changes: &Changes,
    appended: &mut Option<Records>,
) -> Result<(), Error> {
    let live = |known| matches!(known, Known::Live(_));
    let seqs = changes.values().filter(|change| live(change.known()));
    let mut current = Vec::new();
    let mut count = 0;
    for change in seqs {
        let seq = change.seq as usize;
        if current.len() <= seq {
            current.resize(seq + 1, false);
        }
        current[seq] = true;
        count += 1;
    }
    if pieces.iter().map(Piece::rows).sum::<usize>() == count {
        // A current record is one row: as many rows as records are all current.
        return Ok(());
    }
    *appended = None;
    for piece in pieces {
        let frame = piece.read(Some(&["seq"]))?;
        let seqs = frame.column("seq")?.i64()?.into_no_null_iter();
        let live =
            seqs.map(|seq| usize::try_from(seq).is_ok_and(|seq| current.get(seq) == Some(&true)));
        piece.live = some_live(live.collect());
    }
    Ok(())
}

/// Finds the records of before that the load replaced or took back.
fn find_replaced(pieces: &mut [Piece], changes: &Changes) -> Result<(), Error> {
    let read = pieces
        .iter()
        .map(|piece| move || piece.read(Some(&["key_high", "key_low"])))
        .collect::<Vec<_>>();
    let mut lives = Vec::new();
    ahead(read.into_iter(), |frame| {
        lives.push(
            keys(&frame?)?
                .map(|key| !changes.contains_key(&key))
                .collect(),
        );
        Ok(())
    })?;
    for (piece, live) in pieces.iter_mut().zip(lives) {
        piece.live = some_live(live);
    }
    Ok(())
}

fn some_live(live: Vec<bool>) -> Option<Vec<bool>> {
    live.contains(&false).then_some(live)
}

/// Does `jobs` on a thread of their own, one ahead of `take`, which gets their results in order.
///
/// # Errors
/// The first of `take`.
pub(super) fn ahead<T: Send, J: FnOnce() -> T + Send>(
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

/// Does the same with every item on two threads: where one waits for the disk the other goes on.
///
/// # Errors
/// The first found.
fn both<T: Send>(
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(T) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    let items = Mutex::new(items);
    let next = || {
        items
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .next()
    };
    let all = || std::iter::from_fn(next).try_for_each(&work);
    std::thread::scope(|scope| {
        let other = scope.spawn(all);
        let mine = all();
        let others = other.join();
        mine.and(others.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Publishes the current records of a piece with what the rules say of them. Where all its rows are current and make a row
/// group of the log, their bytes are taken over as they are.
fn put_part(
    load: &Load,
    dataset: &str,
    log: &str,
    piece: &Piece,
    at: usize,
    counted: Option<&Counted>,
) -> Result<(), Error> {
    if let Some(group) = piece.group.filter(|_| piece.live.is_none()) {
        let added = match counted {
            Some(counted) => counted.columns_of(at, piece, None)?,
            None => DataFrame::new(piece.rows(), vec![])?,
        };
        let group = Group {
            table: log,
            path: &piece.path,
            index: group,
            without: &["disposition"],
        };
        return Ok(load.copy_partition(dataset, (PART, &piece.part), &group, &added)?);
    }
    let mut frame = piece.read(None)?;
    for dropped in ["disposition", PART] {
        if frame.get_column_index(dropped).is_some() {
            frame = frame.drop(dropped)?;
        }
    }
    if let Some(counted) = counted {
        for column in counted.columns_of(at, piece, Some(&frame))?.columns() {
            frame.with_column(column.clone())?;
        }
    }
    let frame = piece.current(frame)?;
    Ok(load.replace_partitions(dataset, PART, &[(piece.part.clone(), frame)])?)
}
