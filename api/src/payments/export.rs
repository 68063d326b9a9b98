//! The history of payments as a table for spreadsheets: a line for each invoice that a payment paid. How tables of this
//! room are written.
use std::io::Cursor;

use rust_decimal::Decimal;
use shared::payments::{Money, PaymentFilter, PaymentState, PaymentView};
use zip::ZipWriter;
use zip::result::ZipError;

use super::{Asker, PaymentError, history};
use crate::App;
use crate::documents::delivery::{BOM, Cell, Workbook, csv_line};

/// Payments of one table; more than that is asked for month by month.
const PAYMENTS_MAX: usize = 10_000;
/// Payments read at once.
const PAGE: u32 = 200;

const HEADER: [&str; 15] = [
    "Fecha de pago",
    "Referencia de pago",
    "Referencia bancaria",
    "Banco",
    "Empresa",
    "Estado",
    "Total del pago (MXN)",
    "Saldo a favor (MXN)",
    "Factura",
    "Moneda",
    "Importe en su moneda",
    "Tipo de cambio",
    "Importe (MXN)",
    "Forma de pago",
    "Total ordenado (MXN)",
];
/// The column of days, and how much of an instant is the day.
const DAY: usize = 0;
const DAY_CHARS: usize = 10;
/// The columns of numbers, and that of rates.
const AMOUNTS: [usize; 5] = [6, 7, 10, 12, 14];
const RATE: usize = 11;

/// A line of the table, as text.
type Row = [String; HEADER.len()];

/// The customer's payments as CSV.
pub async fn csv(app: &App, asker: &Asker, filter: &PaymentFilter) -> Result<Vec<u8>, PaymentError> {
    let rows = rows(app, asker, filter).await?;
    Ok(table(&HEADER, rows.into_iter().map(|row| row.map(Cell::Text).into())))
}

/// The same as a workbook: days and amounts are such, and add up.
pub async fn xlsx(app: &App, asker: &Asker, filter: &PaymentFilter) -> Result<Vec<u8>, PaymentError> {
    let rows = rows(app, asker, filter).await?;
    let cells = |row: &Row| row.iter().enumerate().map(|(column, text)| cell(column, text)).collect();
    workbook("Pagos", &HEADER, rows.iter().map(cells).collect()).await
}

/// A table as CSV: UTF-8 with its mark, so that spreadsheets read the accents, and no cell that one would run (threats B7).
pub(super) fn table(headings: &[&str], rows: impl Iterator<Item = Vec<Cell>>) -> Vec<u8> {
    let headings = headings.iter().map(|heading| Cell::Text((*heading).to_owned())).collect();
    let lines = std::iter::once(headings).chain(rows).flat_map(|cells: Vec<Cell>| csv_line(&cells));
    BOM.iter().copied().chain(lines).collect()
}

/// A table as a workbook of one sheet, on a thread that may take its time.
pub(super) async fn workbook(
    sheet: &'static str,
    headings: &'static [&'static str],
    rows: Vec<Vec<Cell>>,
) -> Result<Vec<u8>, PaymentError> {
    let written = tokio::task::spawn_blocking(move || write_workbook(sheet, headings, &rows)).await;
    written.map_err(|ended| PaymentError::Printing(ended.into()))?.map_err(PaymentError::Table)
}

fn write_workbook(sheet: &str, headings: &[&str], rows: &[Vec<Cell>]) -> Result<Vec<u8>, ZipError> {
    let mut book = Workbook::begin(ZipWriter::new(Cursor::new(Vec::new())), sheet, headings)?;
    for row in rows {
        book.row(row)?;
    }
    Ok(book.finish()?.into_inner())
}

/// A number as such; what is none, an empty text among them, stays what it is.
pub(super) fn number(text: &str, cell: fn(Decimal) -> Cell) -> Cell {
    text.parse().map_or_else(|_| Cell::Text(text.to_owned()), cell)
}

fn cell(column: usize, text: &str) -> Cell {
    match column {
        DAY => Cell::Day(text.chars().take(DAY_CHARS).collect()),
        RATE => number(text, Cell::Rate),
        _ if AMOUNTS.contains(&column) => number(text, Cell::Amount),
        _ => Cell::Text(text.to_owned()),
    }
}

async fn rows(app: &App, asker: &Asker, filter: &PaymentFilter) -> Result<Vec<Row>, PaymentError> {
    let (mut all, mut after, mut told) = (Vec::new(), None, 0);
    loop {
        let (mut rows, _) = history::list(app, asker, filter, after, PAGE).await?;
        let more = rows.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
        rows.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
        told += rows.len();
        rows.iter().for_each(|(_, payment)| write(&mut all, payment));
        after = rows.last().map(|(at, payment)| (*at, payment.id));
        if !more || told >= PAYMENTS_MAX {
            return Ok(all);
        }
    }
}

fn write(all: &mut Vec<Row>, payment: &PaymentView) {
    let forma =
        payment.forma_de_pago.as_ref().map(|forma| format!("{} {}", forma.code, forma.name)).unwrap_or_default();
    let row = |[number, currency, amount, rate, pesos]: [String; 5]| {
        [
            payment.paid_at.civil.clone(),
            payment.reference.clone(),
            payment.bank_reference.clone().unwrap_or_default(),
            payment.bank_name.clone(),
            payment.issuer_name.clone(),
            standing(payment).to_owned(),
            payment.amount.clone(),
            payment.unapplied.clone().unwrap_or_default(),
            number,
            currency,
            amount,
            rate,
            pesos,
            forma.clone(),
            payment.ordered.as_ref().unwrap_or(&payment.amount).clone(),
        ]
    };
    if payment.lines.is_empty() {
        all.push(row(Default::default()));
    }
    for paid in &payment.lines {
        let rate = paid.rate.clone().unwrap_or_default();
        let invoice = [paid.number.clone(), paid.currency.clone(), paid.amount.clone(), rate, paid.amount_mxn.clone()];
        all.push(row(invoice));
    }
}

/// The chips of the history, in words.
const fn standing(payment: &PaymentView) -> &'static str {
    match (payment.money(), payment.state) {
        (Money::Back, _) => "Revertido",
        (Money::Applied, _) => "Aplicado",
        (Money::Credit, _) => "Saldo a favor",
        (Money::Waits, PaymentState::Created | PaymentState::InTransit | PaymentState::Confirmed) => "En tránsito",
        (Money::Waits, PaymentState::PendingBank) => "En proceso en el banco",
        (Money::Waits, PaymentState::Declined) => "Rechazado",
        (Money::Waits, PaymentState::Cancelled) => "Cancelado",
        (Money::Waits, PaymentState::Expired) => "Vencido",
        (Money::Waits, PaymentState::Unknown) => "Por confirmar",
        (Money::Waits, PaymentState::Review) => "En revisión",
    }
}
