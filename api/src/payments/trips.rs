//! Going to a bank again with a payment that the bank, the payer or the clock ended.
use shared::Problem;
use shared::payments::{BankCode, PaymentState, RateSource, TripView};
use uuid::Uuid;

use super::service::{self, Key};
use super::store::payments::{self as store, PaymentRow, Which};
use super::store::{attempts, receivables, unreadable};
use super::{Asker, PaymentError, rates, settle};
use crate::App;
use crate::db::{Conn, DbResult, Timestamp, Tx};
use crate::http::idempotency::{self, Claim, Saved};
use crate::issuers::{self, Issuer, Scope};
use crate::jobs::{self, JobKind};
use shared::FieldCode;

/// Trips that one payment may take.
const TRIPS_MAX: i64 = 10;

/// Its customer gave it up behind the hand-over, and its bank cannot be asked: whoever left the bank's page open may
/// still authorise it there, until its time is over.
pub(super) fn may_still_charge(payment: &PaymentRow, now: Timestamp) -> DbResult<bool> {
    let given_up = payment.state()? == PaymentState::Cancelled && payment.redirect.is_some();
    Ok(given_up && payment.bank()? == BankCode::Bbva && payment.expires_at > now)
}

/// Its last trip came to nothing for good, nothing else of it can still be paid, and its money never came.
pub(super) fn can_retry(payment: &PaymentRow, now: Timestamp) -> DbResult<bool> {
    let ended = matches!(payment.state()?, PaymentState::Declined | PaymentState::Cancelled | PaymentState::Expired);
    let unpaid = payment.confirmed_at.is_none() && !payment.is_open_otherwise && !payment.is_paid_otherwise;
    let retries = payment.user_id.is_some() && payment.trip < TRIPS_MAX;
    Ok(ended && unpaid && retries && !may_still_charge(payment, now)?)
}

/// A payment's trips as its issuer's staff see them, the first one first.
pub async fn list(conn: &mut impl Conn, scope: Scope, id: Uuid) -> Result<Vec<TripView>, PaymentError> {
    store::find(conn, Which::OfIssuer(scope, id)).await?.ok_or(PaymentError::NotFound)?;
    let mut all = Vec::new();
    for row in attempts::list(conn, scope, id).await? {
        let state = PaymentState::parse(&row.state).ok_or_else(|| unreadable("state"))?;
        all.push(TripView {
            trip: row.trip,
            bank: BankCode::parse(&row.bank).ok_or_else(|| unreadable("bank"))?,
            state,
            reference: row.merchant_reference,
            bank_transaction: row.bank_transaction,
            created_at: row.created_at.to_string(),
            is_current: row.is_current,
            is_open: state.is_open(),
            can_decide: !matches!(state, PaymentState::Created | PaymentState::Confirmed),
        });
    }
    Ok(all)
}

/// Reserves the payment's invoices again, as they were ordered, and makes another way to a bank: the same or another.
pub async fn again(
    app: &App,
    asker: &Asker,
    (id, bank): (Uuid, BankCode),
    key: &Key<'_>,
) -> Result<Saved, PaymentError> {
    if !asker.may_pay {
        return Err(PaymentError::PayerNeeded);
    }
    let (scope, issuer) = {
        let mut conn = app.db.read().await?;
        let found = store::find(&mut conn, Which::OfCustomer(asker.customer, asker.only, id)).await?;
        let scope = found.ok_or(PaymentError::NotFound)?.scope();
        let issuer = issuers::service::find_issuer(&mut conn, scope).await?;
        (scope, issuer.ok_or_else(|| unreadable("issuer"))?)
    };
    if app.banks.find(&issuer.slug, bank).is_none() {
        return Err(service::wrong("/bank", FieldCode::NotInCatalog));
    }
    let owner = format!("payer-again:{}:{}:{id}", asker.user_id, asker.customer);
    let now = app.now();
    let mut tx = app.db.begin().await?;
    match idempotency::claim(&mut tx, &owner, key.text, key.request_sha256, now).await? {
        Claim::Fresh => {}
        Claim::Replay(saved) => return Ok(saved),
        Claim::Reused => return Err(PaymentError::KeyReused),
        Claim::InFlight => {
            drop(tx);
            let known =
                store::find(&mut app.db.read().await?, Which::OfCustomer(asker.customer, asker.only, id)).await?;
            return service::hand_over(app, &issuer, known.ok_or(PaymentError::KeyInFlight)?, (&owner, key.text)).await;
        }
    }
    attempts::lock(&mut tx, scope, id).await?;
    let payment = store::find(&mut tx, Which::OfIssuer(scope, id)).await?.ok_or(PaymentError::NotFound)?;
    if !can_retry(&payment, now)? {
        return Err(PaymentError::NotRetryable);
    }
    if let Some(problem) = reserve_again(&mut tx, app, &issuer, &payment).await? {
        let saved = Saved::problem(&problem, key.request_id)?;
        idempotency::finish(&mut tx, &owner, key.text, &saved).await?;
        tx.commit().await?;
        return Ok(saved);
    }
    let intended = service::intend(app, bank, (payment.number, payment.trip + 1), payment.amount()?);
    let expires_at = now.plus_seconds(app.config.payments.hand_over_minutes * 60);
    attempts::set_current(&mut tx, scope, id, None).await?;
    attempts::insert(&mut tx, scope, id, (&intended, payment.trip + 1), expires_at, now).await?;
    store::touch(&mut tx, scope, id, now).await?;
    jobs::enqueue(&mut tx, &app.ids, JobKind::PaymentDeadline, intended.attempt_id, expires_at).await?;
    let kept = store::find(&mut tx, Which::Attempt(intended.attempt_id)).await?.ok_or_else(|| unreadable("attempt"))?;
    service::record(&mut tx, asker, &kept, "payment.retried", now).await?;
    tx.commit().await?;
    app.wake.notify_one();
    service::hand_over(app, &issuer, kept, (&owner, key.text)).await
}

/// All of it as it was, at the rates it was ordered at, or nothing: another amount is another order.
async fn reserve_again(
    tx: &mut Tx,
    app: &App,
    issuer: &Issuer,
    payment: &PaymentRow,
) -> Result<Option<Problem>, PaymentError> {
    let held = settle::locked(tx, payment).await?;
    // A quote lives to the end of its day; on a day that has no rate of its own it is an older day's.
    let is_old = issuer.day_of(payment.created_at) != issuer.day_of(app.now());
    let quoted = store::list_allocations(tx, &[payment.id]).await?;
    let stale = is_old && quoted.iter().any(|line| line.rate_source.as_deref() == Some(RateSource::Day.as_str()));
    let whole = held.iter().all(|(held, room)| room.open_for(held) == held.amount.minor());
    if stale || !whole {
        let ids: Vec<Uuid> = held.iter().map(|(held, _)| held.receivable_id).collect();
        let mut rows = receivables::list_by_id(tx, payment.scope(), None, &ids).await?;
        rates::quote(tx, app, &mut rows).await?;
        return Ok(Some(service::changed(tx, app, &rows).await?));
    }
    for (held, _) in held {
        store::reserve_again(tx, payment.scope(), held.id).await?;
    }
    Ok(None)
}
