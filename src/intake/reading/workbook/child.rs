//! The parsing process: reads one hostile file from standard input and says what it holds on standard output.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Stdout, Write};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use calamine::{
    Data, Ods, OdsError, Range, Reader, Sheet, SheetType, SheetVisible, Xls, XlsError, Xlsb,
    XlsbError, Xlsx, XlsxError,
};

use super::super::detect::Format;
use super::super::{DayNumbers, Kind, Limits};
use super::archive::Archive;
use super::frames::{self, Failure, SheetHead};
use super::rows::SheetWriter;
use super::{cells, hidden, parquet, rlimit};

/// Why the process stops early.
pub(super) enum Stop {
    /// The file is at fault; we are told.
    Failure(Failure),
    /// Nobody listens any more.
    Pipe,
}

impl From<io::Error> for Stop {
    fn from(_: io::Error) -> Self {
        Self::Pipe
    }
}

pub(super) type Out = BufWriter<Stdout>;

/// Runs the parsing process; `main` calls this, and nothing else, when the first argument is
/// [`READ_WORKBOOK`](super::READ_WORKBOOK).
///
/// Gives success when the answer was complete, also if it is that the file cannot be parsed.
pub fn child_main() -> ExitCode {
    let mut arguments = std::env::args().skip(2);
    let (Some(format), Some(limits)) = (arguments.next(), arguments.next()) else {
        return ExitCode::from(2);
    };
    let Ok(limits) = serde_json::from_str::<Limits>(&limits) else {
        return ExitCode::from(2);
    };
    // Before a byte of the file is looked at.
    if rlimit::confine(&limits).is_err() {
        return ExitCode::from(2);
    }
    let Ok(file) = io::stdin().as_fd().try_clone_to_owned().map(File::from) else {
        return ExitCode::from(2);
    };
    // A panic's message may quote the file; that it panicked is all we tell.
    std::panic::set_hook(Box::new(|_| {}));
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout());
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        answer(&format, file, &limits, &mut out)
    }));
    let failure = match outcome {
        Ok(Ok(())) => None,
        Ok(Err(Stop::Failure(failure))) => Some(failure),
        Ok(Err(Stop::Pipe)) => return ExitCode::FAILURE,
        Err(_) => Some(Failure::Panic),
    };
    let said = match failure {
        None => frames::write(&mut out, frames::DONE, &[]),
        Some(failure) => serde_json::to_vec(&failure)
            .map_err(io::Error::from)
            .and_then(|failure| frames::write(&mut out, frames::FAILURE, &failure)),
    };
    if said.and_then(|()| out.flush()).is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The format's name on the command line.
pub(super) fn format_name(format: Format) -> &'static str {
    match format {
        Format::Xlsx => "xlsx",
        Format::Xlsb => "xlsb",
        Format::Xls => "xls",
        Format::Ods => "ods",
        _ => "parquet",
    }
}

fn answer(format: &str, file: File, limits: &Limits, out: &mut Out) -> Result<(), Stop> {
    match format {
        "xlsx" => xlsx(file, limits, out),
        "xlsb" => xlsb(file, limits, out),
        "xls" => xls(file, limits, out),
        "ods" => ods(file, limits, out),
        _ => parquet::write(file, limits, out),
    }
}

fn xlsx(file: File, limits: &Limits, out: &mut Out) -> Result<(), Stop> {
    let failure = |error: XlsxError| match error {
        XlsxError::Password => Stop::Failure(Failure::Encrypted),
        error => unparsed(&error),
    };
    // Both handles share one position; each seeks before every part.
    let mut archive = Archive::new(file.try_clone()?)?;
    let mut book = Xlsx::new(BufReader::new(file)).map_err(failure)?;
    let day_numbers = day_numbers(book.has_1904_epoch());
    let mut heads = worksheets(book.sheets_metadata(), day_numbers, limits)?;
    let mut merged = hidden::note_xlsx(&mut archive, &mut heads, &book.sheet_names())?;
    archive.check_rest()?;
    for head in heads {
        let name = head.name.clone();
        let merged = match merged.remove(&name) {
            Some(merged) => merged,
            None => book.merge_cells_by_sheet_name(&name).map_err(failure)?,
        };
        let mut sheet = SheetWriter::begin(out, limits, &head, merged)?;
        let mut cells = match book.worksheet_cells_reader(&name) {
            Ok(cells) => cells,
            // A chart sheet listed as a worksheet holds no rows.
            Err(XlsxError::NotAWorksheet(_)) => continue,
            Err(error) => return Err(failure(error)),
        };
        while let Some(cell) = cells.next_cell().map_err(failure)? {
            let (kind, text) = cells::of_ref(cell.get_value());
            sheet.cell(cell.get_position(), kind, &text)?;
        }
        sheet.end()?;
    }
    Ok(())
}

fn xlsb(file: File, limits: &Limits, out: &mut Out) -> Result<(), Stop> {
    let failure = |error: XlsbError| match error {
        XlsbError::Password => Stop::Failure(Failure::Encrypted),
        error => unparsed(&error),
    };
    Archive::new(file.try_clone()?)?.check_rest()?;
    let mut book = Xlsb::new(BufReader::new(file)).map_err(failure)?;
    let day_numbers = day_numbers(book.has_1904_epoch());
    for head in worksheets(book.sheets_metadata(), day_numbers, limits)? {
        let mut sheet = SheetWriter::begin(out, limits, &head, Vec::new())?;
        let mut cells = book.worksheet_cells_reader(&head.name).map_err(failure)?;
        while let Some(cell) = cells.next_cell().map_err(failure)? {
            let (kind, text) = cells::of_ref(cell.get_value());
            sheet.cell(cell.get_position(), kind, &text)?;
        }
        sheet.end()?;
    }
    Ok(())
}

fn xls(file: File, limits: &Limits, out: &mut Out) -> Result<(), Stop> {
    let again = file.try_clone()?;
    let mut book = match Xls::new(BufReader::new(file)) {
        Ok(book) => book,
        Err(XlsError::Password) => return Err(Stop::Failure(Failure::Encrypted)),
        Err(error) => {
            // An encrypted new workbook lies in the same container as an old one.
            let encrypted = matches!(Xlsx::new(BufReader::new(again)), Err(XlsxError::Password));
            return Err(if encrypted {
                Stop::Failure(Failure::Encrypted)
            } else {
                unparsed(&error)
            });
        }
    };
    let day_numbers = day_numbers(book.has_1904_epoch());
    for head in worksheets(book.sheets_metadata(), day_numbers, limits)? {
        let merged = book
            .merge_cells_by_sheet_name(&head.name)
            .unwrap_or_default();
        let range = book
            .worksheet_range(&head.name)
            .map_err(|error| unparsed(&error))?;
        write_range(SheetWriter::begin(out, limits, &head, merged)?, &range)?;
    }
    Ok(())
}

fn ods(file: File, limits: &Limits, out: &mut Out) -> Result<(), Stop> {
    let failure = |error: OdsError| match error {
        OdsError::Password => Stop::Failure(Failure::Encrypted),
        error => unparsed(&error),
    };
    let mut archive = Archive::new(file.try_clone()?)?;
    let mut book = Ods::new(BufReader::new(file)).map_err(failure)?;
    let mut heads = worksheets(book.sheets_metadata(), DayNumbers::From1900, limits)?;
    let merged = hidden::note_ods(&mut archive, &mut heads)?;
    archive.check_rest()?;
    for (head, merged) in heads.into_iter().zip(merged) {
        let range = book.worksheet_range(&head.name).map_err(failure)?;
        write_range(SheetWriter::begin(out, limits, &head, merged)?, &range)?;
    }
    Ok(())
}

fn write_range(mut sheet: SheetWriter<'_>, range: &Range<Data>) -> Result<(), Stop> {
    let (top, left) = range.start().unwrap_or_default();
    for (row, column, cell) in range.used_cells() {
        let (kind, text) = cells::of_data(cell);
        if kind != Kind::Empty {
            sheet.cell((top + row as u32, left + column as u32), kind, &text)?;
        }
    }
    sheet.end()
}

fn day_numbers(from_1904: bool) -> DayNumbers {
    match from_1904 {
        true => DayNumbers::From1904,
        false => DayNumbers::From1900,
    }
}

fn worksheets(
    sheets: &[Sheet],
    day_numbers: DayNumbers,
    limits: &Limits,
) -> Result<Vec<SheetHead>, Stop> {
    if sheets.len() > limits.sheets_max as usize {
        return Err(Stop::Failure(Failure::TooManySheets(sheets.len() as u32)));
    }
    let head = |sheet: &Sheet| SheetHead {
        name: sheet.name.clone(),
        hidden: sheet.visible != SheetVisible::Visible,
        day_numbers,
        ..SheetHead::default()
    };
    Ok(sheets
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(head)
        .collect())
}

fn unparsed(error: &impl std::fmt::Display) -> Stop {
    let message: String = error.to_string().chars().take(500).collect();
    Stop::Failure(Failure::Workbook(message))
}
