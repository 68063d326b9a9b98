//! The payments' part of the queue: evidence that waits for its judgement, trips to a bank whose time is over.
use uuid::Uuid;

use super::PaymentError;
use super::evidence;
use super::model::{Event, Reading, after};
use super::settle::{self, Cause};
use super::store::payments::{self as store, Which};
use super::store::{attempts, unreadable};
use crate::App;
use crate::audit::Actor;
use crate::jobs::Outcome;

/// Between two questions to a bank that answers and has not decided.
const ASK_SECONDS: i64 = 3_600;
/// After its time, how long a payer may still pay at the bank's page.
const PAGE_SECONDS: i64 = 86_400;

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
    let answer = if found.state()?.is_open() { evidence::ask(app, &found).await? } else { None };
    let scope = found.scope();
    let mut tx = app.db.begin().await?;
    attempts::lock(&mut tx, scope, found.id).await?;
    let payment = store::find(&mut tx, Which::Attempt(attempt_id)).await?.ok_or_else(|| unreadable("attempt"))?;
    // Nobody pays any more at a page that is a day old.
    let is_old = found.expires_at.plus_seconds(PAGE_SECONDS) <= app.now();
    let answer = answer.map(|answer| if is_old && answer == Reading::Hint { Reading::NotFound } else { answer });
    let asks_again = answer.is_some();
    let decision = after(&payment.standing()?, &Event::Deadline(answer));
    let cause = Cause { actor: Actor::System, evidence_id: None, transaction: None, received: None, request_id: None };
    settle::carry_out(&mut tx, app, &payment, &decision, &cause).await?;
    tx.commit().await?;
    if decision.next.is_open() && asks_again {
        let at = app.now().plus_seconds(ASK_SECONDS);
        return Ok(Outcome::RetryAt { at, reason: "the bank has not decided yet".into() });
    }
    Ok(Outcome::Done)
}
