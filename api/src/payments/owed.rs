//! What is owed as a table for spreadsheets: a line for each open balance, as Saldos shows it.
use shared::payments::{BalanceFilter, BalanceRow, Transit};

use super::{Asker, PaymentError, balances, export};
use crate::App;
use crate::documents::delivery::Cell;

/// Balances of one table.
const BALANCES_MAX: usize = 10_000;

const HEADER: [&str; 18] = [
    "Factura",
    "Fecha",
    "Vencimiento",
    "Vencida",
    "Empresa",
    "Contrato",
    "Moneda",
    "Importe",
    "Tipo de cambio",
    "Fecha del tipo de cambio",
    "Importe (MXN)",
    "Pendiente",
    "Pendiente (MXN)",
    "En tránsito",
    "En tránsito (MXN)",
    "Disponible para pagar",
    "Disponible para pagar (MXN)",
    "Pagos en tránsito",
];

/// The customer's open balances as CSV.
pub async fn csv(app: &App, asker: &Asker, filter: &BalanceFilter) -> Result<Vec<u8>, PaymentError> {
    Ok(export::table(&HEADER, rows(app, asker, filter).await?.into_iter()))
}

/// The same as a workbook: days and amounts are such, and add up.
pub async fn xlsx(app: &App, asker: &Asker, filter: &BalanceFilter) -> Result<Vec<u8>, PaymentError> {
    let rows = rows(app, asker, filter).await?;
    export::workbook("Saldos", &HEADER, rows).await
}

async fn rows(app: &App, asker: &Asker, filter: &BalanceFilter) -> Result<Vec<Vec<Cell>>, PaymentError> {
    let found = balances::list_all(app, asker, filter, BALANCES_MAX).await?;
    Ok(found.iter().map(|row| cells(row).into()).collect())
}

fn cells(row: &BalanceRow) -> [Cell; HEADER.len()] {
    let text = |text: &str| Cell::Text(text.to_owned());
    let amount = |text: &str| export::number(text, Cell::Amount);
    let day = |text: &str| if text.is_empty() { Cell::Text(String::new()) } else { Cell::Day(text.to_owned()) };
    let (rate, rate_on) = row.rate.as_ref().map_or(("", ""), |rate| (rate.rate.as_str(), rate.on.as_str()));
    [
        text(&row.number),
        day(&row.issued_on),
        day(&row.due_on),
        text(if row.days_overdue > 0 { "Sí" } else { "No" }),
        text(&row.issuer_name),
        text(row.contract.as_deref().unwrap_or_default()),
        text(&row.currency),
        amount(&row.total),
        export::number(rate, Cell::Rate),
        day(rate_on),
        amount(&row.total_mxn),
        amount(&row.pending),
        amount(&row.pending_mxn),
        amount(&row.in_transit),
        amount(&row.in_transit_mxn),
        amount(&row.available),
        amount(&row.available_mxn),
        text(&row.transits.iter().map(transit).collect::<Vec<String>>().join("; ")),
    ]
}

/// Through which bank, how much and since when.
fn transit(transit: &Transit) -> String {
    let bank = transit.bank_reference.as_deref().unwrap_or_else(|| transit.bank.name());
    let since = transit.since.civil.get(..10).unwrap_or_default();
    format!("{bank}: {} desde {since}", transit.amount)
}

#[cfg(test)]
mod tests {
    use shared::payments::{RateSource, RateView};

    use super::*;

    #[test]
    fn a_balance_is_a_line_with_its_rate_and_numbers_stay_numbers() {
        let rate = RateView { rate: "18.886880".into(), on: "2026-11-09".into(), source: RateSource::Invoice };
        let row = BalanceRow {
            id: uuid::Uuid::nil(),
            document_id: None,
            issuer: "colibri-azul".into(),
            issuer_name: "=Colibrí, S.A.".into(),
            contract: None,
            number: "1233080".into(),
            issued_on: "2026-11-09".into(),
            due_on: "2026-12-09".into(),
            days_overdue: -21,
            currency: "USD".into(),
            total: "312.62".into(),
            rate: Some(rate),
            total_mxn: "5904.42".into(),
            pending: "312.62".into(),
            pending_mxn: "5904.42".into(),
            in_transit: "0.00".into(),
            in_transit_mxn: "0.00".into(),
            transits: vec![],
            available: "312.62".into(),
            available_mxn: "5904.42".into(),
        };
        let table = export::table(&HEADER, [cells(&row).to_vec()].into_iter());
        let table = String::from_utf8(table).unwrap();
        let line = table.lines().nth(1).unwrap();
        assert!(table.starts_with("\u{feff}Factura,Fecha,Vencimiento,"), "{table}");
        assert_eq!(
            line,
            "1233080,2026-11-09,2026-12-09,No,\"'=Colibrí, S.A.\",,USD,312.62,18.886880,2026-11-09,5904.42,312.62,5904.42,\
             0.00,0.00,312.62,5904.42,"
        );
    }
}
