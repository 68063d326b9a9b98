//! A workbook: XLSX, read cell by cell, or the older XLS, which is what the SAT publishes and is read whole.
use std::io::Cursor;

use calamine::{DataType, Reader as _, Xls, XlsError, Xlsx, XlsxError};

use super::Found;
use super::sheet::{COLUMNS_MAX, Cell, ReadError, Sheet, list_named};

/// Most bytes that the files inside an XLSX may come to.
const UNPACKED_MAX_BYTES: u64 = 768 * 1024 * 1024;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Xlsx,
    Xls,
}

/// What the first bytes say; `None` when it is no workbook.
pub(super) fn kind(bytes: &[u8]) -> Option<Kind> {
    if bytes.starts_with(b"PK\x03\x04") {
        Some(Kind::Xlsx)
    } else if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        Some(Kind::Xls)
    } else {
        None
    }
}

pub(super) fn read(bytes: &[u8], kind: Kind) -> Result<Found, ReadError> {
    let mut found = Found::default();
    match kind {
        Kind::Xlsx => xlsx(bytes, &mut found)?,
        Kind::Xls => xls(bytes, &mut found)?,
    }
    Ok(found)
}

fn xlsx(bytes: &[u8], found: &mut Found) -> Result<(), ReadError> {
    let broken = |error: XlsxError| ReadError::Workbook(error.to_string());
    stays_small(bytes)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    for name in book.sheet_names() {
        let Some(list) = list_named(&name) else {
            found.ignored.push(name);
            continue;
        };
        let mut sheet = Sheet::of(list, format!("sheet {name}"), found.lists.entry(list).or_default());
        let mut cells = book.worksheet_cells_reader(&name).map_err(broken)?;
        let (mut row, mut number) = (Vec::new(), 0);
        while let Some(cell) = cells.next_cell().map_err(broken)? {
            let (at, column) = cell.get_position();
            if at != number {
                sheet.row(counted(number), &row)?;
                row.clear();
                number = at;
            }
            put(&mut row, column, of(cell.get_value()));
        }
        sheet.row(counted(number), &row)?;
        sheet.end()?;
    }
    Ok(())
}

fn xls(bytes: &[u8], found: &mut Found) -> Result<(), ReadError> {
    let broken = |error: XlsError| ReadError::Workbook(error.to_string());
    let mut book = Xls::new(Cursor::new(bytes)).map_err(broken)?;
    for name in book.sheet_names() {
        let Some(list) = list_named(&name) else {
            found.ignored.push(name);
            continue;
        };
        let mut sheet = Sheet::of(list, format!("sheet {name}"), found.lists.entry(list).or_default());
        let range = book.worksheet_range(&name).map_err(broken)?;
        let first = range.start().map_or(0, |(row, _)| row);
        for (number, cells) in (first..).zip(range.rows()) {
            let row: Vec<Cell> = cells.iter().take(COLUMNS_MAX).map(of).collect();
            sheet.row(counted(number), &row)?;
        }
        sheet.end()?;
    }
    Ok(())
}

/// A row's number as a spreadsheet shows it.
fn counted(row: u32) -> usize {
    usize::try_from(row).map_or(usize::MAX, |row| row.saturating_add(1))
}

fn put(row: &mut Vec<Cell>, column: u32, cell: Cell) {
    let Some(at) = usize::try_from(column).ok().filter(|at| *at < COLUMNS_MAX) else { return };
    if row.len() <= at {
        row.resize(at + 1, Cell::Empty);
    }
    row[at] = cell;
}

fn of(value: &impl DataType) -> Cell {
    if let Some(at) = value.get_datetime() {
        let (year, month, day, ..) = at.to_ymd_hms_milli();
        return Cell::Day(format!("{year:04}-{month:02}-{day:02}"));
    }
    if let Some(text) = value.get_string().or_else(|| value.get_datetime_iso()) {
        return Cell::Text(text.to_owned());
    }
    let number = value.get_int().map(|number| number.to_string());
    // Codes are small whole numbers, which a float holds exactly and shows without a point.
    number.or_else(|| value.get_float().map(|number| number.to_string())).map_or(Cell::Empty, Cell::Number)
}

/// A small file can unpack to anything.
fn stays_small(bytes: &[u8]) -> Result<(), ReadError> {
    let broken = |error: zip::result::ZipError| ReadError::Workbook(error.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut unpacked: u64 = 0;
    for index in 0..archive.len() {
        unpacked = unpacked.saturating_add(archive.by_index_raw(index).map_err(broken)?.size());
    }
    if unpacked > UNPACKED_MAX_BYTES { Err(ReadError::TooLarge(UNPACKED_MAX_BYTES)) } else { Ok(()) }
}
