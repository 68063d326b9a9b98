//! Payments as their issuer's ERP reads them: with all that a complemento de pago says of each invoice.
use fiscal::{Amount, Currency, MoneyError, Rate};
use rust_decimal::Decimal;
use shared::integrators::{PaymentLineResource, PaymentReceiptResource, PaymentResource};
use shared::payments::PaymentState;
use uuid::Uuid;

use super::store::ledger::{self, ReceiptRow};
use super::store::payments::{self as store, AllocationRow, PaymentRow, Which};
use super::store::{amount, rate, reviews, unreadable};
use super::{PaymentError, search};
use crate::accounts::{CustomerId, people};
use crate::clock::local_time;
use crate::db::{Conn, Timestamp};
use crate::documents::{self, DocumentId};
use crate::issuers::{self, Scope};

/// One payment of an issuer's.
pub async fn find(conn: &mut impl Conn, scope: Scope, id: Uuid) -> Result<PaymentResource, PaymentError> {
    let row = store::find(conn, Which::OfIssuer(scope, id)).await?.ok_or(PaymentError::NotFound)?;
    of(conn, row).await
}

/// An issuer's payments by their last change, after a key; beside each, its own.
pub async fn list(
    conn: &mut impl Conn,
    scope: Scope,
    since: Option<Timestamp>,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<(Timestamp, PaymentResource)>, PaymentError> {
    let mut all = Vec::new();
    for row in store::list_changed(conn, scope, since, after, limit).await? {
        all.push((row.updated_at, of(conn, row).await?));
    }
    Ok(all)
}

/// An issuer's payments, the one that changed last first, before a key: of one state, or found by what somebody typed.
/// Beside each, its own.
pub async fn list_recent(
    conn: &mut impl Conn,
    scope: Scope,
    (state, typed): (Option<PaymentState>, &str),
    before: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<(Timestamp, PaymentResource)>, PaymentError> {
    let mut all = Vec::new();
    let sought = search::read(conn, typed).await?;
    for row in store::list_recent(conn, scope, (state, sought.as_ref()), before, limit).await? {
        all.push((row.updated_at, of(conn, row).await?));
    }
    Ok(all)
}

/// What was ordered, in pesos.
pub async fn amount_of(conn: &mut impl Conn, scope: Scope, id: Uuid) -> Result<Amount, PaymentError> {
    let row = store::find(conn, Which::OfIssuer(scope, id)).await?.ok_or(PaymentError::NotFound)?;
    Ok(row.amount()?)
}

async fn of(conn: &mut impl Conn, row: PaymentRow) -> Result<PaymentResource, PaymentError> {
    let names = people::names_of(conn, CustomerId::new(row.customer_id)).await?;
    let money = ledger::list_money(conn, &[row.id]).await?.pop().unwrap_or_default();
    let ordered = row.amount()?;
    let came = Some(money.received_minor).filter(|minor| *minor > 0).unwrap_or(ordered.minor());
    let receipts = ledger::list_receipts(conn, &[row.id]).await?;
    let mut lines = Vec::new();
    for allocation in store::list_allocations(conn, &[row.id]).await? {
        let folio_fiscal = match allocation.document_id {
            Some(id) => documents::service::folio_fiscal(conn, row.scope(), DocumentId::new(id)).await?,
            None => None,
        };
        lines.push(line(allocation, folio_fiscal)?);
    }
    let at = |instant: Option<Timestamp>| instant.map(|instant| instant.to_string());
    let issuer = issuers::service::find_issuer(conn, row.scope()).await?.ok_or_else(|| unreadable("issuer"))?;
    let paid_at = row.confirmed_at.map(|confirmed_at| row.paid_at.unwrap_or(confirmed_at));
    Ok(PaymentResource {
        id: row.id,
        reference: row.number.to_string(),
        customer_rfc: names.map(|(rfc, _)| rfc).unwrap_or_default(),
        state: row.state.clone(),
        is_deposit: row.user_id.is_none(),
        bank: row.bank.clone(),
        bank_transaction: row.bank_transaction.clone(),
        amount: Amount::new(came, Currency::Mxn).to_decimal_string(),
        ordered: (came != ordered.minor()).then(|| ordered.to_decimal_string()),
        currency: row.currency.clone(),
        created_at: row.created_at.to_string(),
        forma_de_pago: row.forma()?.filter(|_| paid_at.is_some()).map(|forma| forma.code().to_owned()),
        forma_de_pago_source: row.forma_source.clone().filter(|_| paid_at.is_some()),
        fecha_pago: paid_at.map(|at| local_time(at, &issuer.time_zone).civil),
        bank_date: row.bank_date.clone().filter(|_| paid_at.is_some()),
        tipo_cambio: "1".to_owned(),
        confirmed_at: at(row.confirmed_at),
        applied_at: at(row.applied_at),
        reversed_at: at(row.reversed_at),
        reversal_reason: row.reversal_reason.clone(),
        unapplied: Amount::new(money.credit_minor, Currency::Mxn).to_decimal_string(),
        receipts: receipts.into_iter().map(receipt).collect(),
        reviews: reviews::list_reasons(conn, row.scope(), row.id).await?,
        lines,
        updated_at: row.updated_at.to_string(),
    })
}

fn receipt(row: ReceiptRow) -> PaymentReceiptResource {
    PaymentReceiptResource {
        bank: row.bank,
        bank_transaction: row.bank_transaction,
        amount: Amount::new(row.amount_minor, Currency::Mxn).to_decimal_string(),
        entered_at: row.entered_at.to_string(),
    }
}

fn line(row: AllocationRow, folio_fiscal: Option<String>) -> Result<PaymentLineResource, PaymentError> {
    let own = |minor: i64| Ok::<_, PaymentError>(amount(minor, &row.currency)?.to_decimal_string());
    let kept = |minor: Option<i64>| minor.map(own).transpose();
    let rate = rate(row.rate.as_deref())?;
    let equivalencia = rate.map_or(Some(Decimal::ONE), Rate::equivalencia).ok_or(MoneyError::Overflow)?;
    Ok(PaymentLineResource {
        receivable_id: row.receivable_id,
        folio_fiscal,
        state: row.state.clone(),
        amount: own(row.amount_minor)?,
        amount_mxn: Amount::new(row.charge_minor, Currency::Mxn).to_decimal_string(),
        rate: rate.map(|rate| rate.to_string()),
        rate_on: row.rate_on,
        rate_source: row.rate_source,
        rate_series: row.rate_series,
        equivalencia: equivalencia.to_string(),
        parcialidad: row.parcialidad,
        saldo_anterior: kept(row.balance_before_minor)?,
        importe_pagado: kept(row.applied_minor)?,
        saldo_insoluto: kept(row.balance_after_minor)?,
        receivable: row.external_id,
        number: row.number,
        currency: row.currency,
    })
}
