//! A workbook of one sheet, written row by row into whatever takes bytes (ECMA-376, the little that a list needs).
//! Texts are inline strings: a spreadsheet shows them and runs none.
use std::fmt::Write as _;
use std::io::{self, Seek, Write};

use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

use super::table::Cell;

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"#;
const RELS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="{sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const WORKBOOK_RELS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
/// Style 1: an amount. 2: a day. 3: a heading. 4: a rate.
const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/><numFmt numFmtId="165" formatCode="0.000000"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5"><xf/><xf numFmtId="4" applyNumberFormat="1"/><xf numFmtId="164" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/><xf numFmtId="165" applyNumberFormat="1"/></cellXfs></styleSheet>"#;
const SHEET_HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultColWidth="18" defaultRowHeight="15"/><sheetData>"#;
const SHEET_FOOT: &str = "</sheetData></worksheet>";

/// Characters of a cell (ECMA-376 allows 32,767).
const CELL_CHARS_MAX: usize = 32_000;

/// A workbook that is being written.
pub struct Workbook<W: Write + Seek> {
    zip: ZipWriter<W>,
}

impl<W: Write + Seek> Workbook<W> {
    /// Writes what every workbook has, the sheet's name (plain words) and the headings.
    pub fn begin(mut zip: ZipWriter<W>, sheet: &str, headings: &[&str]) -> ZipResult<Workbook<W>> {
        let workbook = WORKBOOK.replace("{sheet}", sheet);
        let parts = [
            ("[Content_Types].xml", TYPES),
            ("_rels/.rels", RELS),
            ("xl/workbook.xml", workbook.as_str()),
            ("xl/_rels/workbook.xml.rels", WORKBOOK_RELS),
            ("xl/styles.xml", STYLES),
        ];
        for (name, text) in parts {
            zip.start_file(name, SimpleFileOptions::default())?;
            zip.write_all(text.as_bytes())?;
        }
        zip.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default())?;
        let mut head = String::from(SHEET_HEAD);
        head.push_str("<row>");
        for heading in headings {
            push_text(&mut head, heading, 3);
        }
        head.push_str("</row>");
        zip.write_all(head.as_bytes())?;
        Ok(Workbook { zip })
    }

    /// One more row.
    pub fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        let mut row = String::from("<row>");
        for cell in cells {
            match cell {
                Cell::Text(text) => push_text(&mut row, text, 0),
                Cell::Amount(amount) => {
                    _ = write!(row, r#"<c s="1"><v>{amount}</v></c>"#);
                }
                Cell::Rate(rate) => {
                    _ = write!(row, r#"<c s="4"><v>{rate}</v></c>"#);
                }
                Cell::Day(day) => match serial(day) {
                    Some(serial) => _ = write!(row, r#"<c s="2"><v>{serial}</v></c>"#),
                    None => push_text(&mut row, day, 0),
                },
            }
        }
        row.push_str("</row>");
        self.zip.write_all(row.as_bytes())
    }

    /// Ends the sheet and the file.
    pub fn finish(mut self) -> ZipResult<W> {
        self.zip.write_all(SHEET_FOOT.as_bytes())?;
        self.zip.finish()
    }
}

fn push_text(row: &mut String, text: &str, style: u8) {
    _ = write!(row, r#"<c t="inlineStr" s="{style}"><is><t xml:space="preserve">"#);
    for c in text.chars().take(CELL_CHARS_MAX) {
        match c {
            '&' => row.push_str("&amp;"),
            '<' => row.push_str("&lt;"),
            '>' => row.push_str("&gt;"),
            // XML 1.0 has no place for these.
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            c => row.push(c),
        }
    }
    row.push_str("</t></is></c>");
}

/// A day as spreadsheets count them: from the 30th of December 1899.
fn serial(day: &str) -> Option<i64> {
    let day: jiff::civil::Date = day.parse().ok()?;
    let days = jiff::civil::date(1899, 12, 30).until(day).ok()?.get_days();
    Some(i64::from(days)).filter(|days| *days > 60)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    #[test]
    fn b8_texts_are_texts_and_numbers_are_numbers() {
        let zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mut book = Workbook::begin(zip, "Documentos", &["Uno", "Dos"]).unwrap();
        book.row(&[
            Cell::Text("=1+1 <b>&\u{0}".into()),
            Cell::Amount("-1250.50".parse().unwrap()),
            Cell::Day("2026-11-17".into()),
            Cell::Rate("18.886880".parse().unwrap()),
        ])
        .unwrap();
        let bytes = book.finish().unwrap().into_inner();
        let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut sheet = String::new();
        parts.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
        assert!(
            sheet.contains(r#"<c t="inlineStr" s="0"><is><t xml:space="preserve">=1+1 &lt;b&gt;&amp;</t></is></c>"#)
        );
        assert!(sheet.contains(r#"<c s="1"><v>-1250.50</v></c><c s="2"><v>46343</v></c>"#), "{sheet}");
        assert!(sheet.contains(r#"<c s="4"><v>18.886880</v></c>"#), "{sheet}");
        // The rate's style is the fifth, and shows all that a rate says.
        let mut styles = String::new();
        parts.by_name("xl/styles.xml").unwrap().read_to_string(&mut styles).unwrap();
        let (_, cells) = styles.split_once("<cellXfs count=\"5\">").unwrap();
        assert_eq!(
            cells.split("<xf").nth(5),
            Some(" numFmtId=\"165\" applyNumberFormat=\"1\"/></cellXfs></styleSheet>")
        );
        assert!(styles.contains(r#"<numFmt numFmtId="165" formatCode="0.000000"/>"#), "{styles}");
        assert!(!sheet.contains("<f>") && roxmltree_reads(&sheet));
        assert_eq!(parts.len(), 6);
    }

    fn roxmltree_reads(text: &str) -> bool {
        text.matches("<row>").count() == text.matches("</row>").count() && text.ends_with(SHEET_FOOT)
    }
}
