//! Customers by the ids of an issuer's own systems.
use std::collections::HashMap;

use fiscal::Rfc;
use serde_json::json;
use uuid::Uuid;

use super::events;
use super::model::{CustomerId, NewCustomer};
use super::store::{console, contracts as contract_store, externals as store, people};
use crate::App;
use crate::audit::{self, Actor, Entry};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx};
use crate::issuers::Scope;
use crate::jobs::{self, JobKind};
use shared::accounts::fold_contract;
use shared::{FieldCode, FieldErrors};

/// Contracts that one answer shows.
const CONTRACTS_SHOWN_MAX: i64 = 100;

/// A customer as an issuer's system sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCustomer {
    /// RFC.
    pub rfc: String,
    /// Name in the SAT's register.
    pub nombre: String,
    /// c_RegimenFiscal.
    pub regimen: String,
    /// Tax domicile.
    pub codigo_postal: String,
    /// Its numbers with this issuer.
    pub contracts: Vec<String>,
    /// When this id last changed it.
    pub updated_at: Timestamp,
}

/// Why a customer was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ExternalError {
    /// The id is of a customer with another RFC.
    #[error("the id is of another RFC")]
    RfcFixed,
    /// Contracts of other customers, by their place in the request.
    #[error("contracts that belong to others")]
    ContractsTaken(Vec<usize>),
    /// The database.
    #[error("keeping a customer")]
    Db(#[from] DbError),
}

impl ExternalError {
    /// What is wrong with which field, or what the database said.
    pub fn into_fields(self) -> Result<FieldErrors, DbError> {
        let mut errors = FieldErrors::default();
        match self {
            ExternalError::RfcFixed => errors.add("/rfc", FieldCode::RfcFixed),
            ExternalError::ContractsTaken(taken) => {
                taken.iter().for_each(|index| errors.add(format!("/contracts/{index}"), FieldCode::ContractTaken));
            }
            ExternalError::Db(source) => return Err(source),
        }
        Ok(errors)
    }
}

/// The customer that an issuer's own id names.
pub async fn find(conn: &mut impl Conn, scope: Scope, external_id: &str) -> DbResult<Option<KeptCustomer>> {
    let Some(row) = store::find(conn, scope, external_id).await? else { return Ok(None) };
    let contracts = store::list_contracts(conn, scope, CustomerId::new(row.id), CONTRACTS_SHOWN_MAX).await?;
    Ok(Some(kept(row, contracts)))
}

/// The customer of an RFC that has a contract with the issuer and that none of its systems has an id for: it came by the
/// portal or the console.
pub async fn find_unnamed(conn: &mut impl Conn, scope: Scope, rfc: &Rfc) -> DbResult<Option<KeptCustomer>> {
    let Some(row) = store::find_unnamed(conn, scope, rfc).await? else { return Ok(None) };
    let contracts = store::list_contracts(conn, scope, CustomerId::new(row.id), CONTRACTS_SHOWN_MAX).await?;
    Ok(Some(kept(row, contracts)))
}

/// An issuer's own ids with their customers by their last change, after a key; of one RFC, where it is said.
pub async fn list_changed(
    conn: &mut impl Conn,
    scope: Scope,
    wanted: (Option<Timestamp>, Option<&Rfc>),
    after: Option<(Timestamp, &str)>,
    limit: i64,
) -> DbResult<Vec<(String, KeptCustomer)>> {
    let rows = store::list_changed(conn, scope, wanted, after, limit).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut numbers = HashMap::<Uuid, Vec<String>>::new();
    for (customer, number) in store::list_contracts_of(conn, scope, &ids, CONTRACTS_SHOWN_MAX).await? {
        numbers.entry(customer).or_default().push(number);
    }
    let told = |row: store::ExternalRow| {
        let contracts = numbers.get(&row.id).cloned().unwrap_or_default();
        (row.external_id.clone(), kept(row, contracts))
    };
    Ok(rows.into_iter().map(told).collect())
}

fn kept(row: store::ExternalRow, contracts: Vec<String>) -> KeptCustomer {
    KeptCustomer {
        rfc: row.rfc,
        nombre: row.nombre,
        regimen: row.regimen,
        codigo_postal: row.codigo_postal,
        contracts,
        updated_at: row.updated_at,
    }
}

/// Leaves a customer as sent, under an issuer's own id, with these contracts among its own. `true`: the id is new.
pub async fn upsert(
    app: &App,
    scope: Scope,
    external_id: &str,
    (sent, contracts): (&NewCustomer, &[String]),
    (actor, request_id): (Actor, &str),
) -> Result<(bool, KeptCustomer), ExternalError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let before = store::lock(&mut tx, scope, external_id).await?;
    let id = match &before {
        Some(row) if row.rfc != sent.rfc.as_str() => return Err(ExternalError::RfcFixed),
        Some(row) => CustomerId::new(row.id),
        None => customer_of(&mut tx, app, sent).await?,
    };
    let said = |row: &store::ExternalRow| {
        (row.nombre.as_str(), row.regimen.as_str(), row.codigo_postal.as_str())
            == (sent.nombre.as_str(), sent.regimen.code(), sent.codigo_postal.as_str())
    };
    let changed = !before.as_ref().is_some_and(said);
    // Shared in the group: what one issuer says never changes silently what another one knows.
    store::update_customer(&mut tx, scope, id, sent).await?;
    let added = add_contracts(&mut tx, app, scope, id, contracts).await?;
    if before.is_some() && !changed && added == 0 {
        let kept = find(&mut tx, scope, external_id).await?.ok_or(ExternalError::RfcFixed)?;
        return Ok((false, kept));
    }
    // Two requests that bring one new id in at once: the second waits here and must name the same customer.
    if store::upsert(&mut tx, scope, (external_id, id), sent, now).await? != id.uuid() {
        return Err(ExternalError::RfcFixed);
    }
    let kept = find(&mut tx, scope, external_id).await?.ok_or(ExternalError::RfcFixed)?;
    // What a rehearsal is filled with happened before anybody listens.
    if actor != Actor::System {
        events::customer_changed(&mut tx, app, scope, (Some(external_id), &kept.rfc)).await?;
    }
    let told = |nombre: &str, regimen: &str, codigo_postal: &str| json!({ "nombre": nombre, "regimen": regimen, "codigo_postal": codigo_postal });
    let object_id = id.to_string();
    let entry = Entry {
        actor,
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act: "customer.upsert",
        object_kind: "customer",
        object_id: &object_id,
        before: before.as_ref().map(|row| told(&row.nombre, &row.regimen, &row.codigo_postal)),
        after: Some(json!({
            "external_id": external_id, "contracts_added": added,
            "data": told(&kept.nombre, &kept.regimen, &kept.codigo_postal),
        })),
        request_id: Some(request_id),
    };
    audit::record(&mut tx, now, entry).await?;
    tx.commit().await?;
    Ok((before.is_none(), kept))
}

/// What became of a customer that was added.
#[derive(Debug, Clone, Copy)]
pub struct Added {
    /// Which one.
    pub customer: CustomerId,
    /// The issuer had nothing with it before.
    pub is_new: bool,
    /// Numbers that it lacked.
    pub contracts: usize,
}

/// Leaves a customer among an issuer's own by its numbers, without an id of its systems: what a person types. What is said
/// of one that is there already changes none of its data.
pub async fn add(
    tx: &mut Tx,
    app: &App,
    scope: Scope,
    (sent, contracts): (&NewCustomer, &[String]),
) -> Result<Added, ExternalError> {
    let customer = customer_of(tx, app, sent).await?;
    people::lock_customer(tx, customer).await?;
    let is_new = console::find(tx, scope, customer).await?.is_none();
    if is_new {
        store::update_customer(tx, scope, customer, sent).await?;
    }
    let contracts = add_contracts(tx, app, scope, customer, contracts).await?;
    if is_new || contracts > 0 {
        contract_store::mark_customer_changed(tx, scope, customer, app.now()).await?;
        let external_id = store::find_external_id(tx, scope, customer).await?;
        events::customer_changed(tx, app, scope, (external_id.as_deref(), sent.rfc.as_str())).await?;
    }
    Ok(Added { customer, is_new, contracts })
}

/// The customer with this RFC, made if there is none.
async fn customer_of(tx: &mut Tx, app: &App, sent: &NewCustomer) -> DbResult<CustomerId> {
    if let Some(id) = people::find_customer_by_rfc(tx, &sent.rfc).await? {
        return Ok(id);
    }
    let id = CustomerId::new(app.ids.uuid());
    people::insert_customer(tx, id, sent, app.now()).await.map_err(|error| match error {
        // Somebody brought the same RFC in meanwhile: asked again, it is found.
        DbError::Duplicate(source) => DbError::Busy(source),
        other => other,
    })?;
    // Invoices on credit may have been there before: whoever counts what is owed looks.
    jobs::enqueue(tx, &app.ids, JobKind::FollowCustomer, id.uuid(), app.now()).await?;
    Ok(id)
}

/// Adds the contracts that are not there; says how many were new.
async fn add_contracts(
    tx: &mut Tx,
    app: &App,
    scope: Scope,
    id: CustomerId,
    contracts: &[String],
) -> Result<usize, ExternalError> {
    let (mut added, mut taken) = (0, Vec::new());
    for (index, number) in contracts.iter().enumerate() {
        let folded = fold_contract(number);
        if store::insert_contract(tx, scope, app.ids.uuid(), id, (number, &folded), app.now()).await? {
            added += 1;
        } else if store::find_contract_owner(tx, scope, &folded).await? != Some(id.uuid()) {
            taken.push(index);
        }
    }
    if taken.is_empty() { Ok(added) } else { Err(ExternalError::ContractsTaken(taken)) }
}
