//! Contracts as an issuer's programs keep them: a customer's number with the issuer, and the days it gives to pay.
use serde_json::{Value, json};
use uuid::Uuid;

use super::events;
use super::model::CustomerId;
use super::people;
use super::store::contracts as store;
use super::store::externals as externals_store;
use crate::App;
use crate::audit::{self, Actor, Entry};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx};
use crate::issuers::Scope;
use shared::accounts::fold_contract;

/// Days to pay when nobody says otherwise (K23).
pub const TERM_DAYS: i64 = 30;

/// A contract as an issuer's program sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptContract {
    /// Ours.
    pub id: Uuid,
    /// Whose.
    pub customer: CustomerId,
    /// The issuer's own id of the customer, where it has one.
    pub external_id: Option<String>,
    /// RFC of the customer.
    pub rfc: String,
    /// The number as it was first said.
    pub number: String,
    /// Days to pay; `None`: nobody said any.
    pub payment_days: Option<i64>,
    /// When it was brought in.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Why a contract was not kept, or not taken away.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// The issuer has no such customer, or the customer no such contract.
    #[error("no such contract")]
    NotFound,
    /// The number is another customer's.
    #[error("the contract belongs to another")]
    Taken,
    /// Documents or balances name it, or it is the last one of a customer with people.
    #[error("the contract is in use")]
    InUse,
    /// The database.
    #[error("keeping a contract")]
    Db(#[from] DbError),
}

fn kept(row: store::ContractRow) -> KeptContract {
    KeptContract {
        id: row.id,
        customer: CustomerId::new(row.customer_id),
        external_id: row.external_id,
        rfc: row.rfc,
        number: row.number,
        payment_days: row.payment_days,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// A contract of the customer that an issuer's own id names, however the number is spaced and capitalised.
pub async fn find(
    conn: &mut impl Conn,
    scope: Scope,
    (external_id, number): (&str, &str),
) -> DbResult<Option<KeptContract>> {
    Ok(store::find(conn, scope, (external_id, &fold_contract(number))).await?.map(kept))
}

/// The same, held until the transaction ends.
pub async fn lock(tx: &mut Tx, scope: Scope, (external_id, number): (&str, &str)) -> DbResult<Option<KeptContract>> {
    Ok(store::lock(tx, scope, (external_id, &fold_contract(number))).await?.map(kept))
}

/// An issuer's contracts by their last change, after a key; of one customer, where its id is said.
pub async fn list_changed(
    conn: &mut impl Conn,
    scope: Scope,
    wanted: (Option<Timestamp>, Option<&str>),
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> DbResult<Vec<KeptContract>> {
    Ok(store::list_changed(conn, scope, wanted, after, limit).await?.into_iter().map(kept).collect())
}

/// Days that a customer has to pay: by the contract that is named, or by the only one it has with the issuer.
pub async fn days_to_pay(
    conn: &mut impl Conn,
    scope: Scope,
    customer: CustomerId,
    folded: Option<&str>,
) -> DbResult<i64> {
    Ok(store::find_days(conn, scope, customer, folded).await?.unwrap_or(TERM_DAYS))
}

/// Leaves a contract of a customer with these days to pay. `true`: the number is new.
pub async fn put(
    app: &App,
    scope: Scope,
    (external_id, number): (&str, &str),
    payment_days: Option<i64>,
    by: (Actor, &str),
) -> Result<(bool, KeptContract), ContractError> {
    let (now, folded) = (app.now(), fold_contract(number));
    let mut tx = app.db.begin().await?;
    let owner = externals_store::lock(&mut tx, scope, external_id).await?.ok_or(ContractError::NotFound)?;
    let customer = CustomerId::new(owner.id);
    let new =
        externals_store::insert_contract(&mut tx, scope, app.ids.uuid(), customer, (number, &folded), now).await?;
    if !new && externals_store::find_contract_owner(&mut tx, scope, &folded).await? != Some(owner.id) {
        return Err(ContractError::Taken);
    }
    let before = store::find(&mut tx, scope, (external_id, &folded)).await?.map(kept);
    let changed = store::mark_days(&mut tx, scope, &folded, payment_days, now).await?;
    let after = find(&mut tx, scope, (external_id, number)).await?.ok_or(ContractError::NotFound)?;
    if !new && !changed {
        return Ok((false, after));
    }
    let before = before.filter(|_| !new).as_ref().map(told);
    tell(&mut tx, app, scope, (&after, "contract.upsert"), (before, Some(told(&after))), by).await?;
    tx.commit().await?;
    Ok((new, after))
}

/// Whether taking a contract away would leave a customer with people without any at the issuer.
pub async fn is_last_of_people(conn: &mut impl Conn, scope: Scope, customer: CustomerId) -> DbResult<bool> {
    let numbers = externals_store::list_contracts(conn, scope, customer, 2).await?;
    Ok(numbers.len() < 2 && people::has_users(conn, customer, scope).await?)
}

/// Takes a contract away that is held ([`lock`]); whether anything needs it, the caller made sure.
pub async fn remove(tx: &mut Tx, app: &App, scope: Scope, contract: &KeptContract, by: (Actor, &str)) -> DbResult<()> {
    store::delete(tx, scope, contract.id).await?;
    tell(tx, app, scope, (contract, "contract.removed"), (Some(told(contract)), None), by).await
}

fn told(contract: &KeptContract) -> Value {
    json!({ "number": contract.number, "payment_days": contract.payment_days })
}

/// To whoever follows the customer, and to the audit log.
async fn tell(
    tx: &mut Tx,
    app: &App,
    scope: Scope,
    (contract, act): (&KeptContract, &'static str),
    (before, after): (Option<Value>, Option<Value>),
    (actor, request_id): (Actor, &str),
) -> DbResult<()> {
    let now = app.now();
    store::mark_customer_changed(tx, scope, contract.customer, now).await?;
    events::customer_changed(tx, app, scope, (contract.external_id.as_deref(), &contract.rfc)).await?;
    let object_id = contract.customer.to_string();
    let entry = Entry {
        actor,
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act,
        object_kind: "customer",
        object_id: &object_id,
        before,
        after,
        request_id: Some(request_id),
    };
    audit::record(tx, now, entry).await
}
