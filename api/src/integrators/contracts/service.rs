//! Contracts in and out.
use shared::accounts::{CONTRACT_MAX, fold_contract};
use shared::integrators::{ContractResource, PAYMENT_DAYS_MAX, PutContract};
use shared::{FieldCode, FieldErrors};
use uuid::Uuid;

use crate::App;
use crate::accounts::contracts::{self, ContractError, KeptContract, TERM_DAYS};
use crate::db::Timestamp;
use crate::documents;
use crate::integrators::guard::Caller;
use crate::issuers::Scope;
use crate::payments::receivables;

/// Why a contract was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// All that is wrong with it.
    #[error("a contract with wrong fields")]
    Fields(FieldErrors),
    /// Of one that is well formed.
    #[error(transparent)]
    Contract(#[from] ContractError),
}

fn check(number: &str, body: &PutContract) -> Result<(), FieldErrors> {
    let mut errors = FieldErrors::default();
    if fold_contract(number).is_empty() {
        errors.add("/number", FieldCode::Required);
    } else if number.chars().count() > CONTRACT_MAX {
        errors.add("/number", FieldCode::TooLong);
    } else if number.chars().any(char::is_control) {
        errors.add("/number", FieldCode::Characters);
    }
    if body.payment_days.is_some_and(|days| !(0..=PAYMENT_DAYS_MAX).contains(&days)) {
        errors.add("/payment_days", FieldCode::Number);
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Takes a contract. `true` beside it: the number is new.
pub async fn put(
    app: &App,
    caller: &Caller,
    (external_id, number): (&str, &str),
    body: &PutContract,
) -> Result<(bool, ContractResource), Refused> {
    check(number, body).map_err(Refused::Fields)?;
    let by = (caller.actor(), caller.request_id.as_str());
    let named = (external_id, number.trim());
    let (new, kept) = contracts::put(app, caller.scope, named, body.payment_days, by).await?;
    Ok((new, resource(kept)))
}

/// One contract of a customer's.
pub async fn get(
    app: &App,
    scope: Scope,
    (external_id, number): (&str, &str),
) -> Result<ContractResource, ContractError> {
    let kept = contracts::find(&mut app.db.read().await?, scope, (external_id, number)).await?;
    kept.map(resource).ok_or(ContractError::NotFound)
}

/// Contracts by their last change, after a key; of one customer, where its id is said.
pub async fn list(
    app: &App,
    scope: Scope,
    (since, customer): (Option<Timestamp>, Option<&str>),
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<((Timestamp, Uuid), ContractResource)>, ContractError> {
    let mut conn = app.db.read().await?;
    let found = contracts::list_changed(&mut conn, scope, (since, customer), after, limit).await?;
    let told = |mut kept: KeptContract| {
        if let Some(asked) = customer {
            kept.external_id = Some(asked.to_owned());
        }
        ((kept.updated_at, kept.id), resource(kept))
    };
    Ok(found.into_iter().map(told).collect())
}

/// Takes a contract away that nothing names and nobody needs.
pub async fn delete(app: &App, caller: &Caller, (external_id, number): (&str, &str)) -> Result<(), ContractError> {
    let (scope, folded) = (caller.scope, fold_contract(number));
    let mut tx = app.db.begin().await?;
    let contract = contracts::lock(&mut tx, scope, (external_id, number)).await?.ok_or(ContractError::NotFound)?;
    let in_use = documents::issued::names_contract(&mut tx, scope, &contract.rfc, &folded).await?
        || receivables::names_contract(&mut tx, scope, contract.customer, &folded).await?
        || contracts::is_last_of_people(&mut tx, scope, contract.customer).await?;
    if in_use {
        return Err(ContractError::InUse);
    }
    contracts::remove(&mut tx, app, scope, &contract, (caller.actor(), &caller.request_id)).await?;
    Ok(tx.commit().await?)
}

fn resource(kept: KeptContract) -> ContractResource {
    ContractResource {
        customer: kept.external_id.unwrap_or_default(),
        customer_rfc: kept.rfc,
        number: kept.number,
        payment_days: kept.payment_days.unwrap_or(TERM_DAYS),
        created_at: kept.created_at.to_string(),
        updated_at: kept.updated_at.to_string(),
    }
}
