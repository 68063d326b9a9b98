//! Customers in and out.
use fiscal::{CodigoPostal, Nombre, RegimenFiscal, Rfc};
use shared::accounts::{CONTRACT_MAX, fold_contract};
use shared::billing::ReceptorForm;
use shared::integrators::{CONTRACTS_MAX, CustomerResource, PutCustomer};
use shared::{FieldCode, FieldErrors};

use crate::App;
use crate::accounts::NewCustomer;
use crate::accounts::externals::{self, ExternalError, KeptCustomer};
use crate::db::{DbError, Timestamp};
use crate::integrators::guard::Caller;
use crate::integrators::tickets::form;
use crate::issuers::Scope;

/// Why a customer was not taken, or is not told.
#[derive(Debug, thiserror::Error)]
pub enum CustomerError {
    /// No customer of this issuer has this id.
    #[error("no such customer")]
    NotFound,
    /// All that is wrong with it.
    #[error("a customer with wrong fields")]
    Fields(FieldErrors),
    /// The database.
    #[error("keeping a customer")]
    Db(#[from] DbError),
}

/// A customer that is well formed.
struct Form {
    customer: NewCustomer,
    contracts: Vec<String>,
}

fn read(id: &str, body: &PutCustomer) -> Result<Form, FieldErrors> {
    let mut errors = FieldErrors::default();
    form::external_id(id, &mut errors);
    // A use that every regime admits: the receptor's rules then judge the rest alone.
    let receptor = ReceptorForm {
        rfc: body.rfc.clone(),
        nombre: body.nombre.clone(),
        regimen: body.regimen.clone(),
        codigo_postal: body.codigo_postal.clone(),
        uso: "S01".to_owned(),
    };
    let receptor = receptor.parse("", &mut errors);
    if body.contracts.len() > CONTRACTS_MAX {
        errors.add("/contracts", FieldCode::TooLong);
    }
    for (index, number) in body.contracts.iter().take(CONTRACTS_MAX).enumerate() {
        let folded = fold_contract(number);
        if folded.is_empty() {
            errors.add(format!("/contracts/{index}"), FieldCode::Required);
        } else if number.chars().count() > CONTRACT_MAX {
            errors.add(format!("/contracts/{index}"), FieldCode::TooLong);
        } else if number.chars().any(char::is_control) {
            errors.add(format!("/contracts/{index}"), FieldCode::Characters);
        }
    }
    match receptor {
        Some(receptor) if errors.is_empty() => Ok(Form {
            customer: new_customer(receptor.rfc, receptor.nombre, receptor.regimen, receptor.codigo_postal),
            contracts: body.contracts.iter().map(|number| number.trim().to_owned()).collect(),
        }),
        _ => Err(errors),
    }
}

const fn new_customer(rfc: Rfc, nombre: Nombre, regimen: RegimenFiscal, codigo_postal: CodigoPostal) -> NewCustomer {
    NewCustomer { rfc, nombre, regimen, codigo_postal }
}

/// Takes a customer. `true` beside it: the id is new.
pub async fn put(
    app: &App,
    caller: &Caller,
    external_id: &str,
    body: &PutCustomer,
) -> Result<(bool, CustomerResource), CustomerError> {
    let form = read(external_id, body).map_err(CustomerError::Fields)?;
    let by = (caller.actor(), caller.request_id.as_str());
    let kept = externals::upsert(app, caller.scope, external_id, (&form.customer, &form.contracts), by).await;
    let (new, kept) = kept.map_err(|error| match error {
        ExternalError::RfcFixed => fields(|errors| errors.add("/rfc", FieldCode::RfcFixed)),
        ExternalError::ContractsTaken(taken) => fields(|errors| {
            taken.iter().for_each(|index| errors.add(format!("/contracts/{index}"), FieldCode::ContractTaken));
        }),
        ExternalError::Db(source) => CustomerError::Db(source),
    })?;
    Ok((new, resource(external_id, kept)))
}

fn fields(fill: impl FnOnce(&mut FieldErrors)) -> CustomerError {
    let mut errors = FieldErrors::default();
    fill(&mut errors);
    CustomerError::Fields(errors)
}

/// The customer with the integrator's own id.
pub async fn get(app: &App, scope: Scope, external_id: &str) -> Result<CustomerResource, CustomerError> {
    let kept = externals::find(&mut app.db.read().await?, scope, external_id).await?;
    Ok(resource(external_id, kept.ok_or(CustomerError::NotFound)?))
}

/// Customers by their last change, after a key. Of an RFC that has no id the customer itself, where the issuer knows it.
pub async fn list(
    app: &App,
    scope: Scope,
    (since, rfc): (Option<Timestamp>, Option<&Rfc>),
    after: Option<(Timestamp, &str)>,
    limit: i64,
) -> Result<Vec<(Timestamp, CustomerResource)>, CustomerError> {
    let mut conn = app.db.read().await?;
    let mut found = externals::list_changed(&mut conn, scope, (since, rfc), after, limit).await?;
    if let (Some(rfc), None) = (rfc, after) {
        let unnamed = externals::find_unnamed(&mut conn, scope, rfc).await?;
        let is_wanted = |kept: &KeptCustomer| since.is_none_or(|since| kept.updated_at >= since);
        found.extend(unnamed.filter(is_wanted).map(|kept| (String::new(), kept)));
    }
    Ok(found.into_iter().map(|(id, kept)| (kept.updated_at, resource(&id, kept))).collect())
}

fn resource(external_id: &str, kept: KeptCustomer) -> CustomerResource {
    CustomerResource {
        external_id: external_id.to_owned(),
        rfc: kept.rfc,
        nombre: kept.nombre,
        regimen: kept.regimen,
        codigo_postal: kept.codigo_postal,
        contracts: kept.contracts,
        updated_at: kept.updated_at.to_string(),
    }
}
