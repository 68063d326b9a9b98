//! A list as CSV: UTF-8 or what a spreadsheet of this country saves, with commas, semicolons or tabs.
use cfdi::List;
use csv::{ByteRecord, ReaderBuilder};

use super::sheet::{COLUMNS_MAX, Cell, ReadError, Sheet, list_named};
use super::{Codes, Found};

/// What may stand between two columns.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

pub(super) fn read(bytes: &[u8], name: &str, of: Option<List>) -> Result<Found, ReadError> {
    if bytes.contains(&0) {
        return Err(ReadError::Csv("it has bytes that no text has".to_owned()));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let head = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let many = |delimiter: &u8| head.iter().filter(|byte| *byte == delimiter).count();
    let delimiter = DELIMITERS.into_iter().rev().max_by_key(many).unwrap_or(b',');
    let first = head.split(|byte| *byte == delimiter).next().unwrap_or_default();
    let named = || list_named(&String::from_utf8_lossy(first));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let list = of.or_else(named).or_else(|| list_named(stem)).ok_or(ReadError::WhichList)?;

    let mut codes = Codes::new();
    let mut sheet = Sheet::of(list, name, &mut codes);
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes);
    let (mut record, mut row) = (ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record).map_err(|error| ReadError::Csv(error.to_string()))? {
        row += 1;
        // Only codes and days are of use, and those are ASCII in any encoding.
        let cells: Vec<Cell> = record
            .iter()
            .take(COLUMNS_MAX)
            .map(|cell| Cell::Text(String::from_utf8_lossy(cell).into_owned()))
            .collect();
        sheet.row(row, &cells)?;
    }
    sheet.end()?;
    let mut found = Found::default();
    found.lists.insert(list, codes);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_may_be_separated_as_spreadsheets_do() {
        for text in [
            "c_Pais,Descripción\nMEX,\"México, el país\"\nUSA,Estados Unidos\n",
            "\u{feff}c_Pais;Descripción\r\nMEX;México\r\nUSA;Estados Unidos\r\n",
            "c_Pais\tDescripción\nMEX\tMéxico\nUSA\tEstados Unidos",
        ] {
            let found = read(text.as_bytes(), "lista.csv", None).unwrap();
            assert_eq!(found.lists[&List::Pais].keys().collect::<Vec<_>>(), ["MEX", "USA"], "{text}");
        }
    }

    #[test]
    fn which_list_it_is_is_said_by_whoever_types_by_its_columns_or_by_its_name() {
        let plain = b"id,texto\nMEX,M\xE9xico\n";
        assert!(matches!(read(plain, "lista.csv", None), Err(ReadError::WhichList)));
        assert!(read(plain, "lista.csv", Some(List::Pais)).is_ok());
        assert!(read(plain, "c_Pais.csv", None).is_ok());
        assert!(matches!(read(plain, "c_ClaveProdServ.csv", None), Err(ReadError::Row { row: 2, .. })));
        let states = b"c_Estado,c_Pais,Nombre\nAGU,MEX,Aguascalientes\n";
        assert!(matches!(read(states, "lista.csv", None), Err(ReadError::WhichList)), "a list that names another");
        assert!(matches!(read(states, "lista.csv", Some(List::Pais)), Err(ReadError::NoHeader { .. })));
        assert!(matches!(read(b"\x00\x01", "c_Pais.csv", None), Err(ReadError::Csv(_))));
        assert!(matches!(read(b"", "c_Pais.csv", None), Err(ReadError::NoHeader { .. })));
    }
}
