//! What somebody says they have: whether a folio fiscal is of an invoice made out to an RFC. It answers a first entry, which
//! knows no documents.
use uuid::Uuid;

use super::store::facts as store;
use crate::App;
use crate::accounts::{AccountError, first_entries};
use crate::jobs::Outcome;

/// Finds out whether a first entry's fact is one of the customer's invoices, and answers it: the body of
/// [`crate::jobs::JobKind::AnswerFirstEntry`].
pub async fn answer(app: &App, id: Uuid) -> Outcome {
    match try_answer(app, id).await {
        Ok(()) => Outcome::Done,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "a first entry could not be answered");
            Outcome::Retry { reason: "a first entry could not be answered".into() }
        }
    }
}

async fn try_answer(app: &App, id: Uuid) -> Result<(), AccountError> {
    let Some((scope, rfc, fact)) = first_entries::asked(app, id).await? else { return Ok(()) };
    let is_invoice = match Uuid::try_parse(&fact) {
        Ok(folio) => store::is_invoiced_to(&mut app.db.read().await?, scope, rfc.as_str(), folio).await?,
        Err(_no_folio) => false,
    };
    first_entries::answer(app, id, is_invoice).await
}
