//! Resuming a stamp: the same bytes while the SAT takes their date, the same reference, the same two halves as the
//! request's own.
use uuid::Uuid;

use super::model::StampState;
use super::{reseal, service, store};
use crate::App;
use crate::db::{DbResult, Timestamp, Tx};
use crate::jobs::Outcome;

/// How old a sealed invoice may be before staff must look: the SAT refuses a date older than 72 h (F7).
const ALARM_SECONDS: i64 = 48 * 3_600;

/// Asks the PAC again for the stamp of a sealed invoice.
pub async fn resume(app: &App, id: Uuid) -> Outcome {
    match again(app, id).await {
        Ok(outcome) => outcome,
        Err(error) => {
            tracing::warn!(invoice.id = %id, error = &error as &dyn std::error::Error, "a stamp could not be resumed");
            Outcome::Retry { reason: error.to_string() }
        }
    }
}

async fn again(app: &App, id: Uuid) -> Result<Outcome, service::BillingError> {
    let row = store::find(&mut app.db.read().await?, id).await?;
    let Some(row) = row else { return Ok(Outcome::Park { reason: "no such invoice".into() }) };
    if row.state()? != StampState::Sealed {
        return Ok(Outcome::Done);
    }
    if app.now().seconds_since(row.created_at) > ALARM_SECONDS {
        tracing::error!(invoice.id = %id, "an invoice has waited 48 h for its stamp; at 72 h its date is refused");
    }
    let Ok(xml) = std::str::from_utf8(&row.sealed_xml) else {
        return Ok(Outcome::Park { reason: "the sealed document is damaged".into() });
    };
    let answer = service::ask(app, xml, id).await;
    let branch = reseal::branch_of(app, &row).await?;
    if reseal::is_due(&answer, &row, &branch, app.now())? {
        reseal::again(app, &row, &branch).await?;
        return Ok(Outcome::RetryAt { at: app.now(), reason: "its date was too old: it was sealed again".into() });
    }
    service::settle(app, id, answer, None).await?;
    let row = store::find(&mut app.db.read().await?, id).await?;
    match row.and_then(|row| row.next_attempt_at) {
        // `settle` moved the job's row itself and took its lease away: this end changes nothing.
        Some(at) => Ok(Outcome::RetryAt { at, reason: "the PAC is silent".into() }),
        None => Ok(Outcome::Done),
    }
}

/// Deletes at most `limit` accesses of guests' browsers that ended before `ended_before`; says how many.
pub async fn purge_accesses(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_ended_accesses(tx, ended_before, limit).await
}
