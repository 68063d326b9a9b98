//! Payments as their customer sees them: one, and the history.
use std::collections::HashMap;

use fiscal::{Amount, Currency};
use shared::documents::CatalogText;
use shared::payments::{PaymentFilter, PaymentLineView, PaymentState, PaymentTotals, PaymentView};
use uuid::Uuid;

use super::balances::Issuers;
use super::store::payments::{self as store, AllocationRow, PaymentRow, Which};
use super::store::{amount, ledger, rate, unreadable};
use super::{Asker, PaymentError, trips};
use crate::App;
use crate::clock::local_time;
use crate::db::{Conn, DbResult, Timestamp};
use crate::issuers::Issuer;

/// One payment of the customer's.
pub async fn find(app: &App, asker: &Asker, id: Uuid) -> Result<PaymentView, PaymentError> {
    let mut conn = app.db.read().await?;
    let row = store::find(&mut conn, Which::OfCustomer(asker.customer, asker.only, id)).await?;
    view(app, &mut conn, row.ok_or(PaymentError::NotFound)?).await
}

/// One payment with its redirect, while it makes sense to go there.
pub(super) async fn view(app: &App, conn: &mut impl Conn, row: PaymentRow) -> Result<PaymentView, PaymentError> {
    let bank = row.bank()?;
    let live = row.state()? == PaymentState::InTransit && row.expires_at > app.now();
    let redirect = row.redirect.clone().filter(|_| live);
    let mut views = views(conn, vec![row]).await?;
    let mut view = views.pop().ok_or_else(|| unreadable("payment"))?;
    view.redirect = redirect.zip(app.banks.find(&view.issuer, bank)).map(|(kept, bank)| kept.view(bank.as_ref()));
    Ok(view)
}

/// The customer's payments after a key, `limit + 1` of them, and what all come to. Beside each row, the key of its place.
pub async fn list(
    app: &App,
    asker: &Asker,
    filter: &PaymentFilter,
    after: Option<(Timestamp, Uuid)>,
    limit: u32,
) -> Result<(Vec<(Timestamp, PaymentView)>, PaymentTotals), PaymentError> {
    let mut conn = app.db.read().await?;
    let rows = store::list(&mut conn, (asker.customer, asker.only), filter, after, i64::from(limit) + 1).await?;
    let keys: Vec<Timestamp> = rows.iter().map(|row| row.shown_at).collect();
    let mut totals = PaymentTotals::default();
    let (mut applied, mut in_transit) = (Amount::zero(Currency::Mxn), Amount::zero(Currency::Mxn));
    for (state, is_applied, is_reversed, count, minor) in
        store::sums(&mut conn, (asker.customer, asker.only), filter).await?
    {
        let state = PaymentState::parse(&state).ok_or_else(|| unreadable("state"))?;
        let sum = Amount::new(minor, Currency::Mxn);
        totals.count += u64::try_from(count).unwrap_or(0);
        if is_reversed {
            continue;
        }
        if is_applied {
            applied = applied.checked_add(sum)?;
        } else if state == PaymentState::Confirmed || state.is_open() {
            in_transit = in_transit.checked_add(sum)?;
        }
    }
    totals.applied = applied.to_decimal_string();
    totals.in_transit = in_transit.to_decimal_string();
    let views = views(&mut conn, rows).await?;
    Ok((keys.into_iter().zip(views).collect(), totals))
}

pub(super) async fn views(conn: &mut impl Conn, rows: Vec<PaymentRow>) -> Result<Vec<PaymentView>, PaymentError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines: HashMap<Uuid, Vec<PaymentLineView>> = HashMap::new();
    for allocation in store::list_allocations(conn, &ids).await? {
        let payment = allocation.payment_id;
        lines.entry(payment).or_default().push(line(allocation)?);
    }
    let credits: HashMap<Uuid, i64> = ledger::list_credits(conn, &ids).await?.into_iter().collect();
    let (mut known, mut views) = (Issuers::default(), Vec::with_capacity(rows.len()));
    for row in rows {
        let issuer = known.get(conn, row.issuer_id).await?;
        let lines = lines.remove(&row.id).unwrap_or_default();
        views.push(one(issuer, &row, lines, credits.get(&row.id).copied())?);
    }
    Ok(views)
}

fn line(row: AllocationRow) -> DbResult<PaymentLineView> {
    let paid = amount(row.amount_minor, &row.currency)?;
    Ok(PaymentLineView {
        receivable_id: row.receivable_id,
        document_id: row.document_id,
        number: row.number,
        amount: paid.to_decimal_string(),
        amount_mxn: Amount::new(row.charge_minor, Currency::Mxn).to_decimal_string(),
        rate: rate(row.rate.as_deref())?.map(|rate| rate.to_string()),
        partial: row.amount_minor < row.pending_minor,
        currency: row.currency,
    })
}

/// `BBVA 804512`, `BC-Banamex 063197` (K34).
pub(super) fn bank_reference(row: &PaymentRow) -> DbResult<Option<String>> {
    let prefix = row.bank()?.reference_prefix();
    Ok(row.bank_transaction.as_ref().map(|number| format!("{prefix} {number}")))
}

/// By which form the money of a payment came, with the SAT's words for it.
pub(super) fn forma_text(row: &PaymentRow) -> DbResult<Option<CatalogText>> {
    let forma = row.forma()?.filter(|_| row.confirmed_at.is_some());
    Ok(forma.map(|forma| CatalogText { code: forma.code().to_owned(), name: forma.name().to_owned() }))
}

fn one(
    issuer: &Issuer,
    row: &PaymentRow,
    lines: Vec<PaymentLineView>,
    credit_minor: Option<i64>,
) -> DbResult<PaymentView> {
    let (bank, state) = (row.bank()?, row.state()?);
    Ok(PaymentView {
        id: row.id,
        reference: row.number.to_string(),
        issuer: issuer.slug.clone(),
        issuer_name: issuer.commercial_name.clone(),
        bank,
        bank_name: bank.name().to_owned(),
        bank_reference: bank_reference(row)?,
        state,
        applied: row.applied_at.is_some(),
        paid_at: local_time(row.shown_at, &issuer.time_zone),
        amount: row.amount()?.to_decimal_string(),
        currency: row.currency.clone(),
        forma_de_pago: forma_text(row)?,
        unapplied: credit_minor
            .filter(|minor| *minor > 0)
            .map(|minor| Amount::new(minor, Currency::Mxn).to_decimal_string()),
        lines,
        can_cancel: matches!(state, PaymentState::Created | PaymentState::InTransit),
        safe_to_pay_again: !state.is_open() && !row.is_open_otherwise,
        can_retry: trips::can_retry(row)?,
        reversed_at: row.reversed_at.map(|at| local_time(at, &issuer.time_zone)),
        redirect: None,
        receipt_document_id: row.receipt_document_id,
    })
}
