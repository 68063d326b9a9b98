//! From a file's bytes to its lines: each one read by itself, so that one that cannot be read stops no other.
use fiscal::{Amount, Currency};

use super::{Format, LINES_MAX, csv, multipagos};
use crate::payments::files::Line;
use crate::payments::how;

/// A line of a file that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileLine {
    /// What it says of a payment.
    pub line: Line,
    /// What the bank kept.
    pub fee: Option<Amount>,
    /// The IVA of that.
    pub fee_tax: Option<Amount>,
    /// Civil day of the payment.
    pub paid_on: Option<String>,
    /// Civil day the bank paid it out.
    pub paid_out_on: Option<String>,
}

/// Why a file is not taken at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileFault {
    /// Nothing is in it.
    Empty,
    /// More lines than one file may have.
    TooLong,
    /// Its first line does not name the columns that are needed.
    Columns,
}

/// One line with its number, from 1, or which part of it cannot be read.
pub(super) type Numbered = (usize, Result<FileLine, &'static str>);

/// Reads a file.
pub(super) fn read(format: Format, bytes: &[u8]) -> Result<Vec<Numbered>, FileFault> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let lines = match format {
        Format::Multipagos => bytes
            .split(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .enumerate()
            .filter(|(_, line)| !line.trim_ascii().is_empty())
            .take(LINES_MAX + 1)
            .map(|(index, line)| (index + 1, multipagos::read(line)))
            .collect(),
        Format::Csv => csv::read(bytes)?,
    };
    match lines.len() {
        0 => Err(FileFault::Empty),
        found if found > LINES_MAX => Err(FileFault::TooLong),
        _ => Ok(lines),
    }
}

/// Money as banks write it: zeros before it, commas between thousands, a sign of pesos; at most two decimals.
pub(super) fn money(text: &str, currency: Currency) -> Option<Amount> {
    let text = text.trim().trim_start_matches('$').trim();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    // A comma stands before three digits, or it is somebody's decimal point.
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    if !groups.all(|group| group.len() == 3) || (whole.contains(',') && !(1..=3).contains(&first.len())) {
        return None;
    }
    let digits: String = whole.chars().filter(|c| *c != ',').collect();
    let digits = digits.trim_start_matches('0');
    let digits = if digits.is_empty() && !whole.is_empty() { "0" } else { digits };
    let decimals = decimals.trim_end_matches('0');
    let text = if decimals.is_empty() { digits.to_owned() } else { format!("{digits}.{decimals}") };
    Amount::parse(&text, currency).ok()
}

/// A civil day, `2026-11-18` or `18/11/2026`.
pub(super) fn day(text: &str) -> Option<String> {
    how::day(text).map(|day| day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_as_banks_write_it_and_never_guessed() {
        for (text, minor) in [
            ("15230.50", 1_523_050),
            ("0000015230.50", 1_523_050),
            ("$15,230.5", 1_523_050),
            ("1,015,230", 101_523_000),
            ("0.05", 5),
            ("000.00", 0),
            ("7.500", 750),
        ] {
            assert_eq!(money(text, Currency::Mxn).map(Amount::minor), Some(minor), "{text}");
        }
        for text in ["", "15.230,50", "15230,50", "1,5230", "1.005", "-1", "1e3", "abc", ",500", "1,,000"] {
            assert_eq!(money(text, Currency::Mxn), None, "{text}");
        }
    }

    #[test]
    fn days_are_read_in_both_orders() {
        assert_eq!(day("2026-11-18").as_deref(), Some("2026-11-18"));
        assert_eq!(day("2026-11-18 13:04:05").as_deref(), Some("2026-11-18"));
        assert_eq!(day("18/11/2026").as_deref(), Some("2026-11-18"));
        for text in ["31/02/2026", "18/11/26", "ayer", "", "2026-13-01"] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn a_file_is_empty_or_too_long_as_a_whole() {
        assert_eq!(read(Format::Multipagos, b"\r\n \n"), Err(FileFault::Empty));
        let many = "x\n".repeat(LINES_MAX + 1);
        assert_eq!(read(Format::Multipagos, many.as_bytes()), Err(FileFault::TooLong));
        let lines = read(Format::Multipagos, b"\nx\n").unwrap();
        assert_eq!(lines, [(2, Err("length"))]);
    }
}
