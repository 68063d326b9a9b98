//! The list as a table: its columns, and its CSV.
use rust_decimal::Decimal;
use shared::documents::{DocumentKind, DocumentRow, DocumentState};

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text, which no program may take for a formula.
    Text(String),
    /// An amount: a number in either form.
    Amount(Decimal),
    /// An exchange rate: a number with the six decimals that the SAT counts.
    Rate(Decimal),
    /// A civil day, `YYYY-MM-DD`.
    Day(String),
}

/// What a row of the index says beyond the list: which chosen invoice it goes with when it was not chosen itself, and
/// where its files are in the archive.
#[derive(Debug, Clone, Default)]
pub(super) struct Files {
    pub goes_with: Option<String>,
    pub xml: String,
    pub pdf: String,
    pub xml_sha256: String,
}

/// Headings of the list.
const LIST: [&str; 11] = [
    "Tipo",
    "Folio",
    "Folio fiscal",
    "Fecha",
    "Contrato",
    "Orden de compra",
    "Empresa",
    "RFC de quien recibe",
    "Estado",
    "Total",
    "Moneda",
];
/// Headings that an archive's index has besides.
const FILES: [&str; 4] = ["Acompaña a", "Archivo XML", "Archivo PDF", "SHA-256 del XML"];

/// The heading row.
pub(super) fn headings(with_files: bool) -> Vec<&'static str> {
    let files: &[&str] = if with_files { &FILES } else { &[] };
    LIST.iter().chain(files).copied().collect()
}

/// A document's row. Its total is signed as on the page: what a nota de crédito takes away is below zero, so that the
/// column adds up.
pub(super) fn cells(row: &DocumentRow, receptor_rfc: &str, files: Option<&Files>) -> Vec<Cell> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let total: Decimal = row.total.parse().unwrap_or_default();
    let mut cells = vec![
        text(kind(row.kind)),
        text(&row.number),
        text(row.folio_fiscal.as_deref().unwrap_or_default()),
        Cell::Day(row.issued_on.clone()),
        text(row.contract.as_deref().unwrap_or_default()),
        text(row.purchase_order.as_deref().unwrap_or_default()),
        text(&row.issuer_name),
        text(receptor_rfc),
        text(state(row.state)),
        Cell::Amount(if row.kind == DocumentKind::NotaDeCredito { -total } else { total }),
        text(&row.currency),
    ];
    if let Some(files) = files {
        let goes_with = files.goes_with.as_deref().unwrap_or_default();
        cells.extend([text(goes_with), text(&files.xml), text(&files.pdf), text(&files.xml_sha256)]);
    }
    cells
}

fn kind(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Factura => "Factura",
        DocumentKind::NotaDeCredito => "Nota de crédito",
        DocumentKind::ComplementoDePago => "Complemento de pago",
        DocumentKind::Recibo => "Recibo",
        DocumentKind::EstadoDeCuenta => "Estado de cuenta",
    }
}

fn state(state: DocumentState) -> &'static str {
    match state {
        DocumentState::Vigente => "Vigente",
        DocumentState::EnCancelacion => "En cancelación",
        DocumentState::Cancelada => "Cancelada",
    }
}

/// Says that what follows is UTF-8: without it Excel reads accents as Latin-1.
pub const BOM: &[u8] = b"\xef\xbb\xbf";

/// A line of CSV (RFC 4180).
pub fn csv_line(cells: &[Cell]) -> Vec<u8> {
    let mut line = String::new();
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        match cell {
            Cell::Text(text) => push_text(&mut line, text),
            Cell::Amount(number) | Cell::Rate(number) => line.push_str(&number.to_string()),
            Cell::Day(day) => line.push_str(day),
        }
    }
    line.push_str("\r\n");
    line.into_bytes()
}

/// A text that a spreadsheet would run as a formula gets an apostrophe before it (CWE-1236), and quotes.
fn push_text(line: &mut String, text: &str) {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if !runs && !text.contains(['"', ',', '\r', '\n', ';']) && text.trim() == text {
        line.push_str(text);
        return;
    }
    line.push('"');
    if runs {
        line.push('\'');
    }
    line.push_str(&text.replace('"', "\"\""));
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cells: &[Cell]) -> String {
        String::from_utf8(csv_line(cells)).unwrap()
    }

    #[test]
    fn b8_what_would_run_is_defused_and_numbers_stay_numbers() {
        for (text, cell) in [
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("a,b", "\"a,b\""),
            ("dos\nlíneas", "\"dos\nlíneas\""),
            ("005300", "005300"),
            ("Ñandú", "Ñandú"),
        ] {
            assert_eq!(line(&[Cell::Text(text.into())]), format!("{cell}\r\n"));
        }
        let amount = Cell::Amount("-1250.00".parse().unwrap());
        assert_eq!(line(&[amount, Cell::Day("2026-11-17".into())]), "-1250.00,2026-11-17\r\n");
    }
}
