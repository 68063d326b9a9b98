//! A sheet or a CSV, row by row: what stands above the header, the header, the codes.
use cfdi::{List, Validity};
use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use super::{CODES_MAX, Codes};

/// Columns of a row that are looked at; the widest list has fourteen.
pub(super) const COLUMNS_MAX: usize = 64;
/// Days that a workbook counts from 1899-12-30: those from 2000 to 2100.
const SERIAL_DAYS: std::ops::Range<i64> = 36_526..73_051;

/// Why a file is not taken. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Damaged, or something else.
    #[error("it is no workbook that can be read: {0}")]
    Workbook(String),
    /// The same for a CSV.
    #[error("it is neither a workbook (XLSX, XLS) nor a CSV: {0}")]
    Csv(String),
    /// It would take too much memory.
    #[error("its sheets have more than {0} bytes when unpacked")]
    TooLarge(u64),
    /// No sheet is of a list that we use.
    #[error("none of its sheets is c_ClaveProdServ, c_ClaveUnidad, c_CodigoPostal or c_Pais; it has: {0}")]
    NoList(String),
    /// A CSV that does not say what it is.
    #[error(
        "it does not say which list it is: name it with --catalog (c_ClaveProdServ, c_ClaveUnidad, c_CodigoPostal, c_Pais)"
    )]
    WhichList,
    /// No header.
    #[error("{place}: no row names the columns; the first of them is {list}")]
    NoHeader {
        /// Sheet or file.
        place: String,
        /// The list's name.
        list: &'static str,
    },
    /// A header and nothing below it.
    #[error("{place}: it has no codes")]
    NoCodes {
        /// Sheet or file.
        place: String,
    },
    /// A row that cannot be read.
    #[error("{place}, row {row}: {fault}")]
    Row {
        /// Sheet or file.
        place: String,
        /// From 1, as a spreadsheet counts.
        row: usize,
        /// What is wrong.
        fault: String,
    },
    /// More codes than any list has.
    #[error("{place}: more than {CODES_MAX} codes")]
    TooMany {
        /// Sheet or file.
        place: String,
    },
}

/// What a cell holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Cell {
    #[default]
    Empty,
    Text(String),
    /// A number, which has lost the zeros before it.
    Number(String),
    /// A day.
    Day(String),
}

impl Cell {
    fn text(&self) -> &str {
        match self {
            Cell::Empty => "",
            Cell::Text(text) | Cell::Number(text) | Cell::Day(text) => text.trim(),
        }
    }

    fn is_empty(&self) -> bool {
        self.text().is_empty()
    }
}

/// Where in a row to look.
#[derive(Debug, Clone, Copy)]
struct Columns {
    code: usize,
    from: Option<usize>,
    until: Option<usize>,
}

/// One sheet of a list, while it is read.
pub(super) struct Sheet<'a> {
    list: List,
    place: String,
    columns: Option<Columns>,
    codes: &'a mut Codes,
    begun: bool,
}

impl<'a> Sheet<'a> {
    /// A list may have several sheets: they fill the same codes.
    pub fn of(list: List, place: impl Into<String>, codes: &'a mut Codes) -> Sheet<'a> {
        Sheet { list, place: place.into(), columns: None, codes, begun: false }
    }

    /// Takes the next row, counted from 1.
    pub fn row(&mut self, row: usize, cells: &[Cell]) -> Result<(), ReadError> {
        // A title may look like a header; the last one above the codes is it.
        if !self.begun
            && let Some(columns) = header(self.list, cells)
        {
            self.columns = Some(columns);
            return Ok(());
        }
        let Some(columns) = self.columns else { return Ok(()) };
        let cell = cells.get(columns.code).unwrap_or(&Cell::Empty);
        // Blank rows, and the second row of a header.
        if cell.is_empty() {
            return Ok(());
        }
        let Some(code) = code(self.list, cell) else {
            // A lone text is a note, above or below the codes.
            if cells.iter().filter(|cell| !cell.is_empty()).count() == 1 && matches!(cell, Cell::Text(_)) {
                return Ok(());
            }
            let shown: String = cell.text().chars().take(40).collect();
            return Err(self.fault(row, format!("«{shown}» is no code of {}", self.list.name())));
        };
        let day = |column: Option<usize>| column.and_then(|at| cells.get(at)).map_or(Ok(None), day);
        let (from, until) = match (day(columns.from), day(columns.until)) {
            (Ok(from), Ok(until)) => (from, until),
            (Err(text), _) | (_, Err(text)) => return Err(self.fault(row, format!("«{text}» is no day"))),
        };
        self.begun = true;
        self.add(row, code, Validity { from, until })
    }

    fn add(&mut self, row: usize, code: String, validity: Validity) -> Result<(), ReadError> {
        match self.codes.get(&code) {
            Some(known) if *known != validity => {
                Err(self.fault(row, format!("{code} was there before with other days")))
            }
            Some(_) => Ok(()),
            None if self.codes.len() >= CODES_MAX => Err(ReadError::TooMany { place: self.place.clone() }),
            None => {
                self.codes.insert(code, validity);
                Ok(())
            }
        }
    }

    /// The end of the sheet.
    pub fn end(self) -> Result<(), ReadError> {
        match (self.columns, self.begun) {
            (None, _) => Err(ReadError::NoHeader { place: self.place, list: self.list.name() }),
            (Some(_), false) => Err(ReadError::NoCodes { place: self.place }),
            (Some(_), true) => Ok(()),
        }
    }

    fn fault(&self, row: usize, fault: String) -> ReadError {
        ReadError::Row { place: self.place.clone(), row, fault }
    }
}

/// The list that a name of a sheet, a file or a column says; a list in parts has them at the end of its sheets' names.
pub(super) fn list_named(name: &str) -> Option<List> {
    let name = folded(name);
    let of = |list: &List| name.strip_prefix(&folded(list.name())).is_some_and(|rest| rest.is_empty() || part(rest));
    List::ALL.into_iter().find(of)
}

/// `parte1`, as the folded end of `c_CodigoPostal_Parte_1`.
fn part(rest: &str) -> bool {
    rest.strip_prefix("parte").is_some_and(|number| number.chars().all(|c| c.is_ascii_digit()))
}

/// Where the columns are, if the row names them: first the code's, by the list's own name or plainly.
fn header(list: List, cells: &[Cell]) -> Option<Columns> {
    let names: Vec<String> = cells.iter().map(|cell| folded(cell.text())).collect();
    let own = folded(list.name());
    // Only the first column is the code: lists of other things name countries and units, too.
    let code = names.iter().position(|name| !name.is_empty())?;
    let is_code = names[code] == own || matches!(names[code].as_str(), "id" | "clave" | "codigo" | "codigopostal");
    if !is_code || names[code + 1..].iter().all(String::is_empty) {
        return None;
    }
    let of = |words: [&str; 2]| {
        names.iter().position(|name| name.contains("vigencia") && words.iter().any(|word| name.contains(word)))
    };
    Some(Columns { code, from: of(["inicio", "desde"]), until: of(["fin", "hasta"]) })
}

/// Small letters and digits, without accents: `Fecha de inicio de vigencia` and `FechaInicioVigencia` differ in little.
fn folded(text: &str) -> String {
    text.nfd().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The code in a cell; a number gets the zeros back that a spreadsheet dropped.
fn code(list: List, cell: &Cell) -> Option<String> {
    let text = cell.text();
    let code = match (cell, list) {
        (Cell::Number(_), List::ClaveProdServ) => format!("{text:0>8}"),
        (Cell::Number(_), List::CodigoPostal) => format!("{text:0>5}"),
        (Cell::Number(_), List::ClaveUnidad) => format!("{text:0>2}"),
        _ => text.to_owned(),
    };
    Some(code).filter(|code| list.has_shape(code))
}

/// The day in a cell: `2026-11-18`, `18/11/2026`, or as a spreadsheet counts days. An error gives the text.
fn day(cell: &Cell) -> Result<Option<String>, String> {
    let text = cell.text();
    if text.is_empty() {
        return Ok(None);
    }
    let day = match (cell, text.split('/').collect::<Vec<_>>().as_slice()) {
        (Cell::Number(_), _) => serial(text),
        (_, [day, month, year]) if year.len() == 4 => civil(year, month, day),
        _ => text.get(..10).and_then(|day| day.parse().ok()),
    };
    day.map(|day: Date| Some(day.to_string())).ok_or_else(|| text.chars().take(40).collect())
}

fn civil(year: &str, month: &str, day: &str) -> Option<Date> {
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn serial(text: &str) -> Option<Date> {
    let days: i64 = text.parse().ok().filter(|days| SERIAL_DAYS.contains(days))?;
    let span = jiff::Span::new().try_days(days).ok()?;
    jiff::civil::date(1899, 12, 30).checked_add(span).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(cells: &[&str]) -> Vec<Cell> {
        cells.iter().map(|text| Cell::Text((*text).to_owned())).collect()
    }

    fn number(text: &str) -> Cell {
        Cell::Number(text.to_owned())
    }

    /// As the SAT lays a sheet out: a title, facts about the list, a header whose second row belongs to some columns.
    #[test]
    fn a_sheet_of_the_sat_is_read_below_its_header() {
        let mut codes = Codes::new();
        let mut sheet = Sheet::of(List::CodigoPostal, "c_CodigoPostal_Parte_1", &mut codes);
        let rows = [
            texts(&["Catálogo de códigos postales.", ""]),
            texts(&["Versión CFDI", "Versión catálogo"]),
            texts(&["4.0", "5.0"]),
            texts(&["c_CodigoPostal", "c_Estado", "Fecha inicio de vigencia", "Fecha fin de vigencia", "Huso horario"]),
            texts(&["", "", "", "", "Descripción"]),
            vec![number("1000"), Cell::Text("CMX".into()), number("44562"), Cell::Empty],
            vec![
                Cell::Text("64000".into()),
                Cell::Text("NLE".into()),
                Cell::Text("01/01/2022".into()),
                Cell::Day("2025-12-31".into()),
            ],
            texts(&["Continúa en la siguiente hoja", ""]),
        ];
        for (index, row) in rows.iter().enumerate() {
            sheet.row(index + 1, row).unwrap();
        }
        sheet.end().unwrap();
        let told: Vec<_> =
            codes.iter().map(|(code, it)| (code.as_str(), it.from.as_deref(), it.until.as_deref())).collect();
        assert_eq!(told, [("01000", Some("2022-01-01"), None), ("64000", Some("2022-01-01"), Some("2025-12-31"))]);
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_row() {
        let told = |rows: &[Vec<Cell>]| {
            let mut codes = Codes::new();
            let mut sheet = Sheet::of(List::Pais, "paises.csv", &mut codes);
            let read = rows.iter().enumerate().try_for_each(|(index, row)| sheet.row(index + 1, row));
            read.and_then(|()| sheet.end()).unwrap_err().to_string()
        };
        let head = texts(&["c_Pais", "Descripción", "FechaInicioVigencia", "FechaFinVigencia"]);
        assert_eq!(told(&[]), "paises.csv: no row names the columns; the first of them is c_Pais");
        assert_eq!(told(std::slice::from_ref(&head)), "paises.csv: it has no codes");
        let bad = told(&[head.clone(), texts(&["MEXICO", "México"])]);
        assert_eq!(bad, "paises.csv, row 2: «MEXICO» is no code of c_Pais");
        let bad = told(&[head.clone(), texts(&["MEX", "México", "31/02/2022", ""])]);
        assert_eq!(bad, "paises.csv, row 2: «31/02/2022» is no day");
        let bad = told(&[head, texts(&["MEX", "México"]), texts(&["MEX", "México", "", "2022-01-01"])]);
        assert_eq!(bad, "paises.csv, row 3: MEX was there before with other days");
    }

    #[test]
    fn sheets_and_files_say_which_list_they_are() {
        for (name, list) in [
            ("c_CodigoPostal_Parte_2", Some(List::CodigoPostal)),
            ("C_PAIS", Some(List::Pais)),
            ("c_ClaveUnidad", Some(List::ClaveUnidad)),
            ("c_ClaveUnidadPeso", None),
            ("c_UsoCFDI", None),
            ("", None),
        ] {
            assert_eq!(list_named(name), list, "{name}");
        }
    }
}
