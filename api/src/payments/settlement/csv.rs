//! A bank's payments or transfers as a table: the first line names its columns, in Spanish or English, in any order.
use std::collections::HashMap;

use fiscal::{Currency, FormaPago};

use super::LINES_MAX;
use super::lines::{FileFault, FileLine, Numbered, day, money};
use crate::payments::files::{Line, Said, TRANSACTION_MAX};
use crate::payments::how;

/// Columns looked at.
const COLUMNS_MAX: usize = 60;
/// Longest cell, in characters.
const CELL_MAX: usize = 200;
/// Digits of a payment's reference, and of a customer's own.
const REFERENCE_DIGITS: [usize; 2] = [12, 10];

/// What a column may be called, by what it is.
const NAMES: [(&str, &[&str]); 11] = [
    ("reference", &["referencia", "reference", "concepto", "concepto de pago", "referencia leyenda"]),
    ("amount", &["importe", "monto", "abono", "abonos", "amount"]),
    ("transaction", &["autorizacion", "clave de rastreo", "clave_rastreo", "rastreo", "folio", "transaction"]),
    ("order", &["orden", "order"]),
    ("paid_on", &["fecha", "fecha de pago", "fecha_pago", "paid_on", "date"]),
    ("fee", &["comision", "fee"]),
    ("fee_tax", &["iva", "iva comision", "iva_comision", "fee_tax"]),
    ("paid_out_on", &["fecha de dispersion", "fecha_dispersion", "paid_out_on"]),
    ("said", &["estado", "estatus", "status"]),
    ("currency", &["moneda", "currency"]),
    ("forma", &["forma de pago", "forma_de_pago", "forma_pago", "metodo de pago", "medio de pago", "payment_method"]),
];
/// Numbers so called are of SPEI: whatever carries one is a transfer.
const OF_TRANSFERS: [&str; 3] = ["clave de rastreo", "clave_rastreo", "rastreo"];

fn plain(text: &str) -> String {
    let folded = text.trim().to_lowercase();
    folded.replace('á', "a").replace('é', "e").replace('í', "i").replace('ó', "o").replace('ú', "u")
}

/// Reads a table.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Numbered>, FileFault> {
    // UTF-8, or else the single-byte letters that spreadsheets of this country still write.
    let text = std::str::from_utf8(bytes)
        .map_or_else(|_single_bytes| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned);
    let mut records = records(&text);
    let Some((_, header)) = records.next() else { return Err(FileFault::Empty) };
    let mut columns = HashMap::new();
    for (place, name) in header.iter().enumerate().take(COLUMNS_MAX) {
        let name = plain(name);
        if let Some((what, _)) = NAMES.iter().find(|(_, names)| names.contains(&name.as_str())) {
            columns.entry(*what).or_insert(place);
        }
    }
    if ["reference", "amount", "transaction"].iter().any(|needed| !columns.contains_key(needed)) {
        return Err(FileFault::Columns);
    }
    let traced = columns.get("transaction").and_then(|place| header.get(*place));
    let traced = traced.is_some_and(|name| OF_TRANSFERS.contains(&plain(name).as_str()));
    let otherwise = traced.then_some(FormaPago::Transferencia);
    let lines = records.filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    Ok(lines.take(LINES_MAX + 1).map(|(number, cells)| (number, line(&columns, &cells, otherwise))).collect())
}

/// `otherwise` is how all of the table was paid, but for what a line says of itself.
fn line(
    columns: &HashMap<&str, usize>,
    cells: &[String],
    otherwise: Option<FormaPago>,
) -> Result<FileLine, &'static str> {
    let cell = |what: &str| columns.get(what).and_then(|place| cells.get(*place)).map_or("", |cell| cell.trim());
    if cells.iter().any(|cell| cell.chars().count() > CELL_MAX) {
        return Err("length");
    }
    if !matches!(plain(cell("currency")).as_str(), "" | "mxn" | "mxp" | "1") {
        return Err("currency");
    }
    let said = match plain(cell("said")).as_str() {
        "" | "pagado" | "pagada" | "paid" | "aprobado" | "aprobada" | "abonado" | "liquidado" | "liquidada" => {
            Said::Paid
        }
        "rechazado" | "rechazada" | "declined" | "devuelto" | "devuelta" => Said::Declined,
        "pendiente" | "pending" | "en proceso" => Said::Pending,
        _ => return Err("said"),
    };
    let (reference, transaction, order) = (cell("reference"), cell("transaction"), cell("order"));
    if reference.is_empty() {
        return Err("reference");
    }
    let plain_number = !transaction.is_empty()
        && transaction.len() <= TRANSACTION_MAX
        && transaction.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && !transaction.bytes().all(|byte| byte == b'0');
    if !plain_number {
        return Err("transaction");
    }
    Ok(FileLine {
        line: Line {
            order: (!order.is_empty()).then(|| order.to_owned()),
            reference: named(reference),
            transaction: transaction.to_owned(),
            amount: money(cell("amount"), Currency::Mxn).filter(|amount| amount.is_positive()).ok_or("amount")?,
            said,
            forma: how::forma_named(cell("forma")).or(otherwise),
            date: Some(cell("paid_on")).filter(|date| !date.is_empty()).map(str::to_owned),
        },
        fee: money(cell("fee"), Currency::Mxn),
        fee_tax: money(cell("fee_tax"), Currency::Mxn),
        paid_on: day(cell("paid_on")),
        paid_out_on: day(cell("paid_out_on")),
    })
}

/// The one number in a payer's words that has as many digits as a reference of ours; else the words themselves.
fn named(text: &str) -> String {
    let numbers: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|number| REFERENCE_DIGITS.contains(&number.len())).collect();
    match numbers[..] {
        [only] => only.to_owned(),
        _ => text.chars().take(40).collect(),
    }
}

/// Records of a table with the number of the line each begins on: cells between commas, semicolons or tabs (whichever the
/// first line has most of), quoted where they hold one, quotes doubled inside.
fn records(text: &str) -> impl Iterator<Item = (usize, Vec<String>)> + '_ {
    let first = text.lines().next().unwrap_or_default();
    let count = |mark: char| first.matches(mark).count();
    let mark = [',', ';', '\t'].into_iter().max_by_key(|mark| (count(*mark), *mark == ',')).unwrap_or(',');
    let (mut letters, mut line) = (text.chars().peekable(), 1);
    std::iter::from_fn(move || {
        letters.peek()?;
        let (began, mut cells, mut cell, mut quoted) = (line, Vec::new(), String::new(), false);
        while let Some(letter) = letters.next() {
            if letter == '\n' {
                line += 1;
            }
            match letter {
                '"' if quoted && letters.peek() == Some(&'"') => {
                    letters.next();
                    cell.push('"');
                }
                '"' if quoted || cell.is_empty() => quoted = !quoted,
                '\n' if !quoted => break,
                '\r' if !quoted => {}
                letter if letter == mark && !quoted => cells.push(std::mem::take(&mut cell)),
                letter => cell.push(letter),
            }
        }
        cells.push(cell);
        Some((began, cells))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_by_the_names_of_its_columns() {
        let table = "Fecha;Concepto;Abono;Clave de rastreo;Nombre\r\n\
                     18/11/2026;\"PAGO \"\"A\"\" 000000004201\";$15,230.50;MBAN01002611180001;LUCIA\r\n\
                     \r\n\
                     18/11/2026;gracias;100.00;MBAN01002611180002;\r\n";
        let lines = read(table.as_bytes()).unwrap();
        assert_eq!(lines.len(), 2);
        let (number, line) = &lines[0];
        let line = line.as_ref().unwrap();
        assert_eq!((*number, line.line.reference.as_str(), line.line.amount.minor()), (2, "000000004201", 1_523_050));
        assert_eq!(
            (line.line.transaction.as_str(), line.paid_on.as_deref()),
            ("MBAN01002611180001", Some("2026-11-18"))
        );
        assert_eq!(lines[1].1.as_ref().unwrap().line.reference, "gracias");
        assert_eq!(line.line.forma, Some(FormaPago::Transferencia), "a clave de rastreo is a transfer's");
    }

    #[test]
    fn a_table_says_how_each_was_paid_or_nothing_is_known() {
        let table =
            "referencia,importe,folio,forma de pago\n1,5.00,A1,28\n2,5.00,A2,Cheque\n3,5.00,A3,TDX\n4,5.00,A4,99\n";
        let formas: Vec<_> =
            read(table.as_bytes()).unwrap().into_iter().map(|(_, line)| line.unwrap().line.forma).collect();
        assert_eq!(formas, [Some(FormaPago::TarjetaDebito), Some(FormaPago::Cheque), None, None]);
    }

    #[test]
    fn a_line_that_cannot_be_read_stops_no_other() {
        let table = "reference,amount,transaction,status,currency\n\
                     1,x,A1,,\n2,5.00,,,\n3,5.00,A3,quizá,\n4,5.00,A4,rechazado,USD\n,5.00,A5,,\n6,5.00,A6,Rechazado,\n";
        let faults: Vec<_> =
            read(table.as_bytes()).unwrap().into_iter().map(|(_, line)| line.map(|line| line.line.said)).collect();
        assert_eq!(
            faults,
            [Err("amount"), Err("transaction"), Err("said"), Err("currency"), Err("reference"), Ok(Said::Declined)]
        );
    }

    #[test]
    fn a_table_without_its_columns_is_no_table() {
        assert_eq!(read(b"fecha,monto\n1,2\n"), Err(FileFault::Columns));
        assert_eq!(read(b""), Err(FileFault::Empty));
    }

    #[test]
    fn two_numbers_of_a_references_length_are_not_guessed_between() {
        assert_eq!(named("000000004201 y 000000004301"), "000000004201 y 000000004301");
        assert_eq!(named("cliente 9000000017"), "9000000017");
    }
}
