//! What somebody says they have: whether a folio fiscal is of an invoice made out to an RFC. It answers for the accounts,
//! which know no documents: a first entry, whoever adds another company of the group, and whoever asks at the desk for
//! another mail address or has their second step taken away.
use shared::accounts::Me;
use shared::accounts::group::ProveCompany;
use shared::console::{MoveMail, ResetFactor};
use shared::{FieldCode, FieldErrors};
use uuid::Uuid;

use super::store::facts as store;
use crate::App;
use crate::accounts::console::shown::{self, Shown};
use crate::accounts::console::{self, Act, moves};
use crate::accounts::{AccountError, Asker, Caller, UserId, first_entries, parts};
use crate::db::DbResult;
use crate::issuers::{self, Scope};
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
    let is_invoice = is_invoice(app, scope, &rfc, &fact).await?;
    first_entries::answer(app, id, is_invoice).await
}

async fn is_invoice(app: &App, scope: Scope, rfc: &fiscal::Rfc, fact: &str) -> DbResult<bool> {
    match Uuid::try_parse(fact) {
        Ok(folio) => store::is_invoiced_to(&mut app.db.read().await?, scope, rfc.as_str(), folio).await,
        Err(_no_folio) => Ok(false),
    }
}

/// Adds another company of the group to what the caller sees, by a contract with it or by one of its documents.
pub async fn prove(app: &App, caller: &Caller, form: &ProveCompany, asker: &Asker) -> Result<Me, AccountError> {
    let fact = form.parse().map_err(AccountError::Fields)?;
    let Some((scope, _)) = issuers::service::scope_of_slug(app, &form.issuer).await? else {
        let mut errors = FieldErrors::default();
        errors.add("/issuer", FieldCode::NotInCatalog);
        return Err(AccountError::Fields(errors));
    };
    let is_document = is_invoice(app, scope, &caller.rfc, &fact).await?;
    parts::prove(app, caller, (scope, &fact, is_document), asker).await
}

/// Sends one of a customer's people the way to another mail address, by a contract with the issuer or by one of its documents.
pub async fn move_mail(app: &App, act: &Act<'_>, user: UserId, form: &MoveMail) -> Result<(), AccountError> {
    let (fact, email) = form.parse().map_err(AccountError::Fields)?;
    moves::begin(app, act, (user, &email), &shown(app, act, &fact).await?).await
}

/// Takes the second step of one of a customer's people away, by a contract with the issuer or by one of its documents.
pub async fn reset_factor(app: &App, act: &Act<'_>, user: UserId, form: &ResetFactor) -> Result<(), AccountError> {
    let fact = form.parse().map_err(AccountError::Fields)?;
    console::reset_factor(app, act, user, &shown(app, act, &fact).await?).await
}

async fn shown<'a>(app: &App, act: &Act<'_>, fact: &'a str) -> Result<Shown<'a>, AccountError> {
    let rfc = shown::rfc_of(app, act).await?;
    Ok(Shown { fact, is_document: is_invoice(app, act.at.scope, &rfc, fact).await? })
}
