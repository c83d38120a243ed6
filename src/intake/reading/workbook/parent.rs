//! Our side of the parsing process: starts it, watches it, doubts it.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::ops::{ControlFlow, Range};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::super::detect::Format;
use super::super::layout::{List, SheetLayout};
use super::super::table::{Cells, Each, TableReader, Terms, no_header};
use super::super::{Death, Kind, Limits, Unreadable};
use super::frames::{self, Failure, SheetHead};
use super::{READ_WORKBOOK, child, executable};

/// What the process says on standard error is kept up to here; it says why memory ran out.
const STDERR_BYTES_MAX: u64 = 4096;

/// Reads all sheets of a workbook, or the one table of a Parquet file.
///
/// # Errors
/// What the parser says, what ended it, or what is wrong with a header; see [`Unreadable`].
pub(in super::super) fn read(
    mut file: File,
    format: Format,
    terms: Terms<'_>,
    each: &mut Each<'_>,
) -> Result<Vec<SheetLayout>, Unreadable> {
    file.rewind()?;
    let limits = terms.limits;
    let (process, stdout) =
        Process::start(file, format, limits).map_err(|source| Unreadable::Parser { source })?;
    let waited = Arc::clone(&process.kept_waiting);
    let mut patient = |chunk| {
        let start = Instant::now();
        let flow = each(chunk);
        waited.fetch_add(start.elapsed().as_micros() as u64, Ordering::Relaxed);
        flow
    };
    let heard = Listener::new(terms, stdout).listen(&mut patient);
    let ended = process.end();
    match heard {
        Ok(Heard::Enough(sheets)) => Ok(sheets),
        Ok(Heard::All(sheets)) if sheets.iter().any(|sheet| sheet.read) => Ok(sheets),
        Ok(Heard::All(_)) => Err(no_header(terms.names)),
        Ok(Heard::Failure(failure)) => Err(of_failure(failure, limits)),
        Err(Trouble::Unreadable(unreadable)) => Err(unreadable),
        Err(Trouble::Cut) => Err(Unreadable::ParserDied {
            cause: ended.cause(limits),
        }),
        Err(Trouble::Nonsense) => Err(Unreadable::ParserDied {
            cause: Death::Unfinished,
        }),
    }
}

fn of_failure(failure: Failure, limits: &Limits) -> Unreadable {
    match failure {
        Failure::Encrypted => Unreadable::Encrypted,
        Failure::TooManySheets(sheets) => Unreadable::TooManySheets {
            sheets,
            sheets_max: limits.sheets_max,
        },
        Failure::TooManyColumns { sheet, row } => Unreadable::TooManyColumns {
            sheet,
            row,
            columns_max: limits.columns_max,
        },
        Failure::TooManyRows { sheet } => Unreadable::TooManyRows {
            sheet,
            rows_max: limits.rows_max,
        },
        Failure::Workbook(message) => Unreadable::Workbook { message },
        Failure::Parquet(message) => Unreadable::Parquet { message },
        Failure::Panic => Unreadable::ParserDied {
            cause: Death::Panic,
        },
    }
}

/// The running process and the thread that watches its clock.
struct Process {
    done: Sender<()>,
    watch: Option<JoinHandle<Ended>>,
    /// Microseconds in which the process waited for us, which do not count as its own.
    kept_waiting: Arc<AtomicU64>,
}

/// How the process ended.
struct Ended {
    status: Option<ExitStatus>,
    overtime: bool,
    stderr: String,
}

impl Process {
    fn start(file: File, format: Format, limits: &Limits) -> io::Result<(Self, ChildStdout)> {
        let mut child = Command::new(executable()?)
            .arg(READ_WORKBOOK)
            .arg(child::format_name(format))
            .arg(serde_json::to_string(limits)?)
            .env_clear()
            // Threads and their arenas take address space, which is limited.
            .env("POLARS_MAX_THREADS", "1")
            .env("MALLOC_ARENA_MAX", "1")
            .stdin(Stdio::from(file))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let wall = Duration::from_secs(limits.child_wall_seconds_max);
        let (done, is_done) = mpsc::channel();
        let kept_waiting = Arc::new(AtomicU64::new(0));
        let waited = Arc::clone(&kept_waiting);
        let watch = std::thread::spawn(move || {
            let start = Instant::now();
            let overtime = loop {
                let own = start
                    .elapsed()
                    .saturating_sub(Duration::from_micros(waited.load(Ordering::Relaxed)));
                let left = wall.saturating_sub(own);
                match is_done.recv_timeout(left) {
                    Err(RecvTimeoutError::Timeout) if left.is_zero() => break true,
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => break false,
                }
            };
            reap(child, overtime)
        });
        Ok((
            Self {
                done,
                watch: Some(watch),
                kept_waiting,
            },
            stdout,
        ))
    }

    /// Waits for the end of the process, to which nobody listens any more.
    fn end(mut self) -> Ended {
        // The watch may have ended on its own, at the limit of time.
        let _ = self.done.send(());
        let ended = self.watch.take().and_then(|watch| watch.join().ok());
        ended.unwrap_or(Ended {
            status: None,
            overtime: false,
            stderr: String::new(),
        })
    }
}

/// Lets the process end by itself for a moment, since how it died tells why; then kills it.
fn reap(mut child: Child, overtime: bool) -> Ended {
    let grace = Instant::now()
        + if overtime {
            Duration::ZERO
        } else {
            Duration::from_secs(2)
        };
    let mut status = child.try_wait().ok().flatten();
    while status.is_none() && Instant::now() < grace {
        std::thread::sleep(Duration::from_millis(2));
        status = child.try_wait().ok().flatten();
    }
    if status.is_none() {
        // Already gone is as good as killed.
        let _ = child.kill();
        status = child.wait().ok();
    }
    let mut stderr = Vec::new();
    if let Some(pipe) = child.stderr.take() {
        // Only a hint for the message; without it the signal speaks.
        let _ = pipe.take(STDERR_BYTES_MAX).read_to_end(&mut stderr);
    }
    Ended {
        status,
        overtime,
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

impl Ended {
    fn cause(&self, limits: &Limits) -> Death {
        let signal = self.status.and_then(|status| status.signal());
        if self.overtime {
            Death::Wall(limits.child_wall_seconds_max)
        } else if self.stderr.contains("memory allocation of")
            || self.stderr.contains("capacity overflow")
        {
            Death::Memory(limits.child_memory_bytes_max)
        } else if signal == Some(libc::SIGXCPU) {
            Death::Cpu(limits.child_cpu_seconds_max)
        } else if let Some(signal) = signal {
            Death::Signal(signal)
        } else {
            Death::Unfinished
        }
    }
}

/// What came of listening to the process.
enum Heard {
    All(Vec<SheetLayout>),
    /// The consumer wants no more.
    Enough(Vec<SheetLayout>),
    Failure(Failure),
}

enum Trouble {
    Unreadable(Unreadable),
    /// The answer broke off.
    Cut,
    /// The answer is not one.
    Nonsense,
}

impl From<Unreadable> for Trouble {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::InvalidData {
            Self::Nonsense
        } else {
            Self::Cut
        }
    }
}

struct Listener<'a> {
    terms: Terms<'a>,
    from: BufReader<ChildStdout>,
    sheets: Vec<SheetLayout>,
    table: Option<TableReader<'a>>,
    /// Ranges of a row's cells in its frame, by position.
    cells: Vec<(Range<usize>, Kind)>,
    last_row: Option<u32>,
}

impl<'a> Listener<'a> {
    fn new(terms: Terms<'a>, stdout: ChildStdout) -> Self {
        let from = BufReader::with_capacity(1 << 18, stdout);
        Self {
            terms,
            from,
            sheets: Vec::new(),
            table: None,
            cells: Vec::new(),
            last_row: None,
        }
    }

    fn listen(mut self, each: &mut Each<'_>) -> Result<Heard, Trouble> {
        let mut frame = Vec::new();
        loop {
            let flow = match frames::read(&mut self.from, &mut frame)? {
                frames::SHEET => {
                    let flow = self.end_sheet(each)?;
                    self.begin_sheet(&frame)?;
                    flow
                }
                frames::ROW => self.row(&frame, each)?,
                frames::DONE => {
                    // A `Break` on the last chunk stops nothing.
                    let _ = self.end_sheet(each)?;
                    return Ok(Heard::All(self.sheets));
                }
                frames::FAILURE => {
                    let failure = serde_json::from_slice(&frame).map_err(|_| Trouble::Nonsense)?;
                    return Ok(Heard::Failure(failure));
                }
                _ => return Err(Trouble::Nonsense),
            };
            if flow.is_break() {
                return Ok(Heard::Enough(self.sheets));
            }
        }
    }

    fn begin_sheet(&mut self, frame: &[u8]) -> Result<(), Trouble> {
        let head: SheetHead = serde_json::from_slice(frame).map_err(|_| Trouble::Nonsense)?;
        if self.sheets.len() >= self.terms.limits.sheets_max as usize {
            return Err(Trouble::Nonsense);
        }
        let mut hidden_rows = List::default();
        head.hidden_rows
            .iter()
            .for_each(|row| hidden_rows.push(|| row + 1));
        let layout = SheetLayout {
            name: head.name,
            hidden: head.hidden,
            day_numbers: head.day_numbers,
            hidden_columns: head
                .hidden_columns
                .iter()
                .map(|column| letters(*column))
                .collect(),
            hidden_rows,
            ..SheetLayout::default()
        };
        self.table = Some(TableReader::new(self.terms, self.sheets.len(), layout));
        self.last_row = None;
        Ok(())
    }

    fn end_sheet(&mut self, each: &mut Each<'_>) -> Result<ControlFlow<()>, Trouble> {
        let Some(table) = self.table.take() else {
            return Ok(ControlFlow::Continue(()));
        };
        let (layout, flow) = table.finish(each)?;
        self.sheets.push(layout);
        Ok(flow)
    }

    fn row(&mut self, frame: &[u8], each: &mut Each<'_>) -> Result<ControlFlow<()>, Trouble> {
        let table = self.table.as_mut().ok_or(Trouble::Nonsense)?;
        let mut rest = frame;
        let row = frames::take_u32(&mut rest)?;
        if self.last_row.is_some_and(|last| last >= row) || row == u32::MAX {
            return Err(Trouble::Nonsense);
        }
        self.last_row = Some(row);
        self.cells.clear();
        while let Some((column, kind, text)) = frames::take_cell(&mut rest)? {
            let position = column as usize;
            if column >= self.terms.limits.columns_max {
                return Err(Trouble::Nonsense);
            }
            if self.cells.len() <= position {
                self.cells.resize(position + 1, (0..0, Kind::Empty));
            }
            let end = frame.len() - rest.len();
            self.cells[position] = (end - text.len()..end, kind);
        }
        Ok(table.row(
            row + 1,
            &FrameRow {
                frame,
                cells: &self.cells,
            },
            None,
            each,
        )?)
    }
}

struct FrameRow<'a> {
    frame: &'a [u8],
    cells: &'a [(Range<usize>, Kind)],
}

impl Cells for FrameRow<'_> {
    fn len(&self) -> usize {
        self.cells.len()
    }

    fn cell(&self, position: usize) -> (&[u8], Kind) {
        self.cells
            .get(position)
            .map_or((&[], Kind::Empty), |(range, kind)| {
                (&self.frame[range.clone()], *kind)
            })
    }
}

/// A column as a spreadsheet names it.
fn letters(column: u32) -> String {
    let (mut name, mut rest) = (String::new(), u64::from(column) + 1);
    while rest > 0 {
        name.insert(0, char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    name
}
