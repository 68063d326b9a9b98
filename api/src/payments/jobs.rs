//! The payments' part of the queue: evidence that waits for its judgement, trips to a bank whose time is over.
use shared::payments::PaymentState;
use uuid::Uuid;

use super::PaymentError;
use super::evidence::{self, Asked};
use super::model::{Event, Reading, ReviewReason, after, is_unanswered};
use super::settle::{self, Cause};
use super::store::payments::{self as store, PaymentRow, Which};
use super::store::{attempts, reviews, unreadable};
use crate::App;
use crate::audit::Actor;
use crate::db::{DbResult, Tx};
use crate::jobs::Outcome;

/// Between two questions to a bank that answers and has not decided.
const ASK_SECONDS: i64 = 3_600;
/// After its time, how long a payer may still pay at the bank's page.
const PAGE_SECONDS: i64 = 86_400;
/// So long a bank that says nothing is asked about a trip that ended here; its files are heard for ever.
const SILENCE_SECONDS: i64 = 30 * 86_400;

/// Judges evidence that its own request could not.
pub async fn judge(app: &App, evidence_id: Uuid) -> Outcome {
    match evidence::judge(app, evidence_id).await {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Retry { reason: error.to_string() },
    }
}

/// Decides about a trip to a bank whose time is over.
pub async fn deadline(app: &App, attempt_id: Uuid) -> Outcome {
    match expire(app, attempt_id).await {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Retry { reason: error.to_string() },
    }
}

async fn expire(app: &App, attempt_id: Uuid) -> Result<Outcome, PaymentError> {
    let Some(found) = store::find(&mut app.db.read().await?, Which::Attempt(attempt_id)).await? else {
        return Ok(Outcome::Done);
    };
    if found.expires_at > app.now() {
        return Ok(Outcome::RetryAt { at: found.expires_at, reason: "its time is not over".into() });
    }
    // What the bank says is evidence and judged as such; only its silence is this job's to judge.
    let asked = if may_be_paid(&found)? { evidence::ask(app, &found).await? } else { Asked::Never };
    let scope = found.scope();
    let mut tx = app.db.begin().await?;
    attempts::lock(&mut tx, scope, found.id).await?;
    let payment = store::find(&mut tx, Which::Attempt(attempt_id)).await?.ok_or_else(|| unreadable("attempt"))?;
    // Nobody pays any more at a page that is a day old.
    let is_old = found.expires_at.plus_seconds(PAGE_SECONDS) <= app.now();
    let is_lost = found.expires_at.plus_seconds(SILENCE_SECONDS) <= app.now();
    let is_silent = asked == Asked::Silent;
    let is_nobodys = is_old || asked == Asked::Never;
    let answer = match asked {
        Asked::Said(Reading::Hint) if is_old => Some(Reading::NotFound),
        Asked::Said(reading) => Some(reading),
        Asked::Silent | Asked::Never => None,
    };
    let may_come = !is_old && matches!(answer, Some(Reading::Hint | Reading::Pending));
    let says_something = answer.is_some();
    let mut decision = after(&payment.standing()?, &Event::Deadline(answer));
    if is_nobodys && is_unanswered(decision.next) {
        decision.review = unanswered(&mut tx, &payment).await?;
    }
    let cause = Cause { actor: Actor::System, evidence_id: None, transaction: None, received: None, request_id: None };
    settle::carry_out(&mut tx, app, &payment, &decision, &cause).await?;
    tx.commit().await?;
    let asks_again = match decision.next {
        PaymentState::Confirmed => false,
        next if next.is_open() => says_something || is_silent,
        // Given up here, and perhaps paid at a page that is still there.
        _ => may_come || (is_silent && !is_lost),
    };
    if asks_again {
        let at = app.now().plus_seconds(ASK_SECONDS);
        return Ok(Outcome::RetryAt { at, reason: "the bank has not decided yet".into() });
    }
    Ok(Outcome::Done)
}

/// Nobody is left who would say what became of it: staff are asked, once for each trip, however long it lasts.
async fn unanswered(tx: &mut Tx, payment: &PaymentRow) -> DbResult<Option<ReviewReason>> {
    let reason = ReviewReason::Unanswered;
    let asked = (payment.id, reason.as_str());
    let is_asked = reviews::is_asked(tx, payment.scope(), asked, payment.expires_at).await?;
    Ok((!is_asked).then_some(reason))
}

/// Somebody was sent to the bank with it, or may have been, and its money is not here: whatever it ended as, the bank
/// knows better.
fn may_be_paid(payment: &PaymentRow) -> DbResult<bool> {
    let state = payment.state()?;
    Ok(state != PaymentState::Confirmed && (state.is_open() || payment.redirect.is_some()))
}
