//! Carrying a decision out: states, reservations, the ledger, the letter. Always in one transaction, under the
//! attempt's lock, and then under the locks of its receivables in the order of their ids.
use std::collections::HashMap;

use fiscal::Amount;
use serde_json::json;
use uuid::Uuid;

use super::how::{How, Teller};
use super::ledger::{self, Held, Placed, Room};
use super::model::{Decision, Effect, ReviewReason, is_unanswered};
use super::store::ledger::{self as entries, EntryKind};
use super::store::payments::{self as store, AllocationRow, PaymentRow};
use super::store::{amount, attempts, rate, receivables, reviews, unreadable};
use super::{PaymentError, erp_applies, events, letters};
use crate::App;
use crate::audit::{self, Actor, Entry};
use crate::db::{DbResult, Timestamp, Tx};
use crate::failpoint::{self, Failpoint};
use crate::issuers;
use crate::jobs::{self, JobKind};

/// Who or what moved a payment.
pub(super) struct Cause<'a> {
    pub actor: Actor,
    pub evidence_id: Option<Uuid>,
    /// The bank's number in what it said.
    pub transaction: Option<&'a str>,
    /// What came, when that is not what was ordered.
    pub received: Option<Amount>,
    pub request_id: Option<&'a str>,
}

/// Writes what was decided. The caller holds the payment's lock, and `payment` was read under it.
pub(super) async fn carry_out(
    tx: &mut Tx,
    app: &App,
    payment: &PaymentRow,
    decision: &Decision,
    cause: &Cause<'_>,
) -> Result<(), PaymentError> {
    let (scope, now, before) = (payment.scope(), app.now(), payment.state()?);
    match decision.effect {
        Effect::Keep => {}
        Effect::Release => {
            store::release_allocations(tx, scope, payment.id).await?;
            follow_invoices(tx, app, payment).await?;
        }
        Effect::Hold => hold(tx, payment).await?,
        Effect::Receive => receive(tx, app, payment, cause.transaction.unwrap_or_default()).await?,
        Effect::Credit => credit(tx, app, payment, cause).await?,
    }
    if decision.next != before {
        let states = (before, decision.next);
        if !attempts::mark_state(tx, scope, payment.attempt_id, states, cause.transaction, now).await? {
            return Err(unreadable("state under its lock").into());
        }
        if is_unanswered(before) && !is_unanswered(decision.next) {
            let asked = (payment.id, ReviewReason::Unanswered.as_str());
            reviews::close_by_itself(tx, scope, asked, now).await?;
        }
    }
    if let Some(reason) = decision.review {
        review(tx, app, payment, reason, cause.evidence_id).await?;
    }
    if decision.next != before || decision.review.is_some() {
        store::touch(tx, scope, payment.id, now).await?;
        events::moved(tx, app, payment, decision).await?;
        let entry = Entry {
            actor: cause.actor,
            on_behalf_of: None,
            issuer_id: Some(payment.issuer_id),
            act: "payment.moved",
            object_kind: "payment",
            object_id: &payment.id.to_string(),
            before: Some(json!({ "state": before.as_str() })),
            after: Some(json!({
                "state": decision.next.as_str(),
                "verdict": decision.verdict,
                "review": decision.review.map(ReviewReason::as_str),
            })),
            request_id: cause.request_id,
        };
        audit::record(tx, now, entry).await?;
    }
    Ok(())
}

/// Commits what was done with money, or with who waits for it.
pub(super) async fn commit(tx: Tx) -> DbResult<()> {
    failpoint::hit(Failpoint::BeforeMoneyCommit);
    tx.commit().await?;
    failpoint::hit(Failpoint::AfterMoneyCommit);
    Ok(())
}

/// Keeps how and when a trip's money came, as far as that is news. Who follows payments by their change sees it.
pub(super) async fn note_how(
    tx: &mut Tx,
    app: &App,
    payment: &PaymentRow,
    how: &How,
    teller: Teller,
) -> DbResult<bool> {
    let scope = payment.scope();
    let (now, mut is_news) = (app.now(), false);
    if let Some(forma) = how.forma {
        is_news |= attempts::set_forma(tx, scope, payment.attempt_id, (forma, teller)).await?;
    }
    if how.given.is_some() && attempts::set_bank_date(tx, scope, payment.attempt_id, (how, teller)).await? {
        is_news = true;
        show(tx, payment, how.at.or(payment.confirmed_at).unwrap_or(now)).await?;
    }
    if is_news {
        store::touch(tx, scope, payment.id, now).await?;
    }
    Ok(is_news)
}

/// Shows a payment whose money is here by an instant, on the calendar of its issuer.
async fn show(tx: &mut Tx, payment: &PaymentRow, at: Timestamp) -> DbResult<()> {
    let issuer = issuers::service::find_issuer(tx, payment.scope()).await?.ok_or_else(|| unreadable("issuer"))?;
    store::mark_shown(tx, payment, (at, &issuer.day_of(at).to_string())).await
}

/// Has a payment's invoices counted anew: one may have been cancelled while money was held for it, which the job of its
/// cancellation had to leave alone.
pub(super) async fn follow_invoices(tx: &mut Tx, app: &App, payment: &PaymentRow) -> DbResult<()> {
    for line in store::list_allocations(tx, &[payment.id]).await? {
        if let Some(document) = line.document_id {
            jobs::enqueue(tx, &app.ids, JobKind::FollowInvoice, document, app.now()).await?;
        }
    }
    Ok(())
}

/// Asks somebody to look at a payment, and says so to who follows payments.
pub(super) async fn review(
    tx: &mut Tx,
    app: &App,
    payment: &PaymentRow,
    reason: ReviewReason,
    evidence_id: Option<Uuid>,
) -> DbResult<()> {
    tracing::error!(payment.id = %payment.id, reason = reason.as_str(), "a payment asks to be looked at");
    let ids = (app.ids.uuid(), payment.id);
    reviews::insert(tx, payment.scope(), ids, (reason.as_str(), evidence_id), app.now()).await?;
    events::asked(tx, app, payment).await
}

/// The payment's allocations with their receivables' rooms, both locked and read under the lock.
pub(super) async fn locked(tx: &mut Tx, payment: &PaymentRow) -> Result<Vec<(Held, Room)>, PaymentError> {
    let allocations = store::list_allocations(tx, &[payment.id]).await?;
    let ids: Vec<Uuid> = allocations.iter().map(|allocation| allocation.receivable_id).collect();
    receivables::lock(tx, payment.scope(), &ids).await?;
    let rows = receivables::list_by_id(tx, payment.scope(), None, &ids).await?;
    let rooms: HashMap<Uuid, Room> = rows
        .iter()
        .map(|row| {
            let room = Room {
                pending_minor: row.pending_minor(),
                reserved_minor: row.reserved_minor,
                parcialidades: row.parcialidades,
            };
            (row.id, room)
        })
        .collect();
    let mut both = Vec::with_capacity(allocations.len());
    for allocation in allocations {
        let room = rooms.get(&allocation.receivable_id).copied().ok_or_else(|| unreadable("receivable"))?;
        both.push((held(&allocation)?, room));
    }
    Ok(both)
}

fn held(row: &AllocationRow) -> DbResult<Held> {
    Ok(Held {
        id: row.id,
        receivable_id: row.receivable_id,
        amount: amount(row.amount_minor, &row.currency)?,
        charge: Amount::new(row.charge_minor, fiscal::Currency::Mxn),
        rate: rate(row.rate.as_deref())?,
        reserved: row.state == "reserved",
        from_credit: row.from_credit,
    })
}

/// Takes ended reservations again, where there is room for the whole of them.
async fn hold(tx: &mut Tx, payment: &PaymentRow) -> Result<(), PaymentError> {
    for (held, room) in locked(tx, payment).await? {
        if !held.reserved && !held.from_credit && room.open_for(&held) == held.amount.minor() {
            store::reserve_again(tx, payment.scope(), held.id).await?;
        }
    }
    Ok(())
}

/// The money is here. It is entered once; whether it is applied now is the issuer's choice.
async fn receive(tx: &mut Tx, app: &App, payment: &PaymentRow, transaction: &str) -> Result<(), PaymentError> {
    let (scope, now) = (payment.scope(), app.now());
    let issuer = issuers::service::find_issuer(tx, scope).await?.ok_or_else(|| unreadable("issuer"))?;
    if !store::mark_confirmed(tx, scope, payment.id, now, &issuer.day_of(now).to_string()).await? {
        return Err(unreadable("confirmation under its lock").into());
    }
    let received = payment.amount()?;
    attempts::set_current(tx, scope, payment.id, Some(payment.attempt_id)).await?;
    if let Some(paid_at) = payment.paid_at {
        show(tx, payment, paid_at).await?;
    }
    entries::insert(tx, app.ids.uuid(), payment, (EntryKind::Receipt, received), transaction, now).await?;
    if erp_applies(app, &issuer) {
        hold(tx, payment).await?;
    } else {
        apply(tx, app, payment, transaction).await?;
    }
    jobs::enqueue(tx, &app.ids, JobKind::PrintReceipt, payment.attempt_id, now).await?;
    letters::received(tx, app, &issuer, payment, transaction).await
}

/// Money that is not for the payment's invoices as they were ordered: all of it becomes a credit, and where it goes is
/// somebody's to say.
async fn credit(tx: &mut Tx, app: &App, payment: &PaymentRow, cause: &Cause<'_>) -> Result<(), PaymentError> {
    let (scope, now, transaction) = (payment.scope(), app.now(), cause.transaction.unwrap_or_default());
    let received = cause.received.map_or_else(|| payment.amount(), Ok)?;
    for kind in [EntryKind::Receipt, EntryKind::UnappliedCredit] {
        entries::insert(tx, app.ids.uuid(), payment, (kind, received), transaction, now).await?;
    }
    let issuer = issuers::service::find_issuer(tx, scope).await?.ok_or_else(|| unreadable("issuer"))?;
    if store::mark_confirmed(tx, scope, payment.id, now, &issuer.day_of(now).to_string()).await? {
        attempts::set_current(tx, scope, payment.id, Some(payment.attempt_id)).await?;
        if let Some(paid_at) = payment.paid_at {
            show(tx, payment, paid_at).await?;
        }
        store::release_allocations(tx, scope, payment.id).await?;
        follow_invoices(tx, app, payment).await?;
        store::mark_applied(tx, scope, payment.id, now).await?;
        jobs::enqueue(tx, &app.ids, JobKind::PrintReceipt, payment.attempt_id, now).await?;
    }
    Ok(())
}

/// Puts received money on its invoices; what finds no room becomes a credit.
pub(super) async fn apply(tx: &mut Tx, app: &App, payment: &PaymentRow, transaction: &str) -> Result<(), PaymentError> {
    let (scope, now) = (payment.scope(), app.now());
    let mut all: Vec<Placed> = Vec::new();
    for (held, room) in locked(tx, payment).await? {
        if held.from_credit {
            continue;
        }
        let placed = ledger::place(&held, room)?;
        store::place_allocation(tx, scope, &placed, now).await?;
        if placed.parcialidad.is_some() {
            let (receivable_id, receivable_minor) = (placed.receivable_id, placed.applied.minor());
            let kind = EntryKind::Application { receivable_id, receivable_minor };
            entries::insert(tx, app.ids.uuid(), payment, (kind, placed.applied_charge), transaction, now).await?;
            receivables::touch(tx, scope, placed.receivable_id, now).await?;
            if placed.after_minor <= 0 {
                receivables::set_closed(tx, scope, placed.receivable_id, Some(now)).await?;
            }
        }
        all.push(placed);
    }
    let credit = ledger::unapplied(payment.amount()?, &all)?;
    if credit.is_positive() {
        let entry = (EntryKind::UnappliedCredit, credit);
        entries::insert(tx, app.ids.uuid(), payment, entry, transaction, now).await?;
        review(tx, app, payment, ReviewReason::UnappliedCredit, None).await?;
    }
    if !store::mark_applied(tx, scope, payment.id, now).await? {
        return Err(unreadable("application under its lock").into());
    }
    store::touch(tx, scope, payment.id, now).await?;
    follow_invoices(tx, app, payment).await?;
    Ok(events::applied(tx, app, payment).await?)
}
