//! Money that came beside a payment's own: charged twice, transferred twice under one reference, or in parts. It is looked
//! at first; then somebody says that it is there, and it becomes a credit of the payment's customer (`payments.md` 0, D5).
//! Each such transfer has a trip of its own, on which nobody was sent, so that one receipt is one number of the bank's.
use fiscal::{Amount, Currency};
use serde_json::json;
use shared::payments::PaymentState;
use uuid::Uuid;

use super::how::{How, Teller};
use super::model::{Entry, Reading, ReviewReason, Source};
use super::operations::{self, By};
use super::store::evidence::{self as kept, EvidenceRow};
use super::store::ledger::{self as entries, EntryKind};
use super::store::payments::{self as store, PaymentRow, Which};
use super::store::reviews::{self, ReviewRow};
use super::store::{attempts, entered as entered_rows, unreadable};
use super::{PaymentError, entered, evidence, service, settle};
use crate::App;
use crate::db::{Conn, Tx};
use crate::issuers::{self, Scope};

/// What a review is about when its money may not be here yet.
const REASONS: [ReviewReason; 2] = [ReviewReason::SecondSuccess, ReviewReason::AmountDiffers];

/// Money that a review tells of.
struct Told {
    /// The trip that it came by.
    about: PaymentRow,
    /// The bank's number of it.
    transaction: String,
    /// In pesos.
    amount: Amount,
    how: How,
    teller: Teller,
}

/// What of a review's money can be entered; `None`: nothing, or it is here.
pub(super) async fn offered(
    app: &App,
    conn: &mut impl Conn,
    slug: &str,
    (review, said): (&ReviewRow, &EvidenceRow),
) -> Result<Option<Amount>, PaymentError> {
    match told(app, conn, slug, (review, said)).await {
        Ok(told) => Ok(told.map(|told| told.amount)),
        // The account that could read it is not configured any more: the list is shown all the same.
        Err(PaymentError::BankUnavailable) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn told(
    app: &App,
    conn: &mut impl Conn,
    slug: &str,
    (review, said): (&ReviewRow, &EvidenceRow),
) -> Result<Option<Told>, PaymentError> {
    if review.closed_at.is_some() || !REASONS.iter().any(|reason| reason.as_str() == review.reason) {
        return Ok(None);
    }
    let about = store::find(conn, Which::Attempt(said.attempt_id)).await?.ok_or_else(|| unreadable("attempt"))?;
    // Until it is decided what became of the trip itself, this may be its own money.
    if about.id != review.payment_id || about.state()? != PaymentState::Confirmed {
        return Ok(None);
    }
    let source = Source::parse(&said.source).ok_or_else(|| unreadable("source"))?;
    let (reading, how) = evidence::read(app, slug, &about, (source, &said.raw))?;
    let Reading::Paid { transaction, amount } = reading else { return Ok(None) };
    if amount.currency() != Currency::Mxn || !amount.is_positive() {
        return Ok(None);
    }
    let money = (transaction.as_str(), amount.minor());
    let rows = entered_rows::list(conn, about.scope(), about.bank()?, money).await?;
    if entered::of_trip(&about, &rows, how.given.as_deref())? != Entry::Not {
        return Ok(None);
    }
    Ok(Some(Told { about, transaction, amount, how, teller: Teller::of(source) }))
}

/// Enters the money that a review tells of, as a credit of its payment's, and closes the review with the note. Gives the
/// payment.
pub async fn enter(app: &App, scope: Scope, review_id: Uuid, note: &str, by: &By) -> Result<Uuid, PaymentError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let review = reviews::find(&mut tx, scope, review_id).await?.ok_or(PaymentError::NotFound)?;
    attempts::lock(&mut tx, scope, review.payment_id).await?;
    entered_rows::lock(&mut tx, scope).await?;
    let issuer = issuers::service::find_issuer(&mut tx, scope).await?.ok_or_else(|| unreadable("issuer"))?;
    let evidence_id = review.evidence_id.ok_or(PaymentError::NothingToDecide)?;
    let said = kept::find(&mut tx, scope, evidence_id).await?.ok_or(PaymentError::NothingToDecide)?;
    let told = told(app, &mut tx, &issuer.slug, (&review, &said)).await?.ok_or(PaymentError::NothingToDecide)?;
    let who = by.actor.to_string();
    if !reviews::mark_closed(&mut tx, scope, review_id, (note, &who), now).await? {
        return Err(PaymentError::NothingToDecide);
    }
    put(&mut tx, app, &told).await?;
    let words = json!({
        "review": review_id.to_string(),
        "amount": told.amount.to_decimal_string(),
        "bank_transaction": told.transaction,
        "note": note,
    });
    operations::record(&mut tx, app, &told.about, by, ("payment.money_entered", words)).await?;
    settle::commit(tx).await?;
    Ok(review.payment_id)
}

/// A trip of its own, a receipt, and all of it a credit: where it goes is somebody's to say. Under the payment's lock.
async fn put(tx: &mut Tx, app: &App, told: &Told) -> Result<(), PaymentError> {
    let Told { about, transaction, amount, how, teller } = told;
    let (scope, now, id) = (about.scope(), app.now(), about.id);
    let shown = store::find(tx, Which::OfIssuer(scope, id)).await?.ok_or_else(|| unreadable("payment"))?;
    let trip = entered_rows::next_trip(tx, scope, id).await?;
    let intended = service::intend(app, about.bank()?, (about.number, trip), *amount);
    // One trip alone is current, the new one never: its customer sees the payment by the trip that paid it.
    attempts::set_current(tx, scope, id, None).await?;
    attempts::insert(tx, scope, id, (&intended, trip), now, now).await?;
    let states = (PaymentState::Created, PaymentState::Confirmed);
    attempts::mark_state(tx, scope, intended.attempt_id, states, Some(transaction), now).await?;
    attempts::set_current(tx, scope, id, Some(shown.attempt_id)).await?;
    let own = store::find(tx, Which::Attempt(intended.attempt_id)).await?.ok_or_else(|| unreadable("attempt"))?;
    for kind in [EntryKind::Receipt, EntryKind::UnappliedCredit] {
        entries::insert(tx, app.ids.uuid(), &own, (kind, *amount), transaction, now).await?;
    }
    settle::note_how(tx, app, &own, how, *teller).await?;
    Ok(store::touch(tx, scope, id, now).await?)
}
