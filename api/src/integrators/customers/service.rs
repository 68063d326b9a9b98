//! Customers in and out.
use fiscal::Rfc;
use shared::FieldErrors;
use shared::accounts::customer::{CustomerData, CustomerForm};
use shared::integrators::{CustomerResource, PutCustomer};

use crate::App;
use crate::accounts::NewCustomer;
use crate::accounts::externals::{self, KeptCustomer};
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

fn read(id: &str, body: &PutCustomer) -> Result<CustomerData, FieldErrors> {
    let mut errors = FieldErrors::default();
    form::external_id(id, &mut errors);
    let form = CustomerForm {
        rfc: &body.rfc,
        nombre: &body.nombre,
        regimen: &body.regimen,
        codigo_postal: &body.codigo_postal,
        contracts: &body.contracts,
    };
    form.parse(&mut errors).ok_or(errors)
}

/// Takes a customer. `true` beside it: the id is new.
pub async fn put(
    app: &App,
    caller: &Caller,
    external_id: &str,
    body: &PutCustomer,
) -> Result<(bool, CustomerResource), CustomerError> {
    let (sent, contracts) = NewCustomer::split(read(external_id, body).map_err(CustomerError::Fields)?);
    let by = (caller.actor(), caller.request_id.as_str());
    let kept = externals::upsert(app, caller.scope, external_id, (&sent, &contracts), by).await;
    let (new, kept) = kept.map_err(|error| match error.into_fields() {
        Ok(errors) => CustomerError::Fields(errors),
        Err(source) => CustomerError::Db(source),
    })?;
    Ok((new, resource(external_id, kept)))
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
