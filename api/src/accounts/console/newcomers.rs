//! A customer that staff type in: a company without an ERP lets its customers register by it, and one that is there already
//! gets the numbers that it lacked.
//!
//! Promises: what the issuer, or another of the group, has of a customer stays as it is; a number is never taken from another
//! customer; the link of a first entry goes out only where nobody has come in.
use serde_json::json;
use shared::console::{CustomerAdded, NewCustomerForm};

use super::{Act, activation};
use crate::App;
use crate::accounts::externals::{self, Added, ExternalError};
use crate::accounts::model::NewCustomer;
use crate::accounts::staff::guard::StaffScope;
use crate::accounts::{AccountError, Asker, people};

/// Adds a customer to those of an issuer.
pub async fn add(
    app: &App,
    at: &StaffScope,
    form: &NewCustomerForm,
    asker: &Asker,
) -> Result<CustomerAdded, AccountError> {
    let (data, email) = form.parse().map_err(AccountError::Fields)?;
    let (sent, contracts) = NewCustomer::split(data);
    let mut tx = app.db.begin().await?;
    let added = externals::add(&mut tx, app, at.scope, (&sent, &contracts)).await.map_err(refused)?;
    let Added { customer, is_new, contracts } = added;
    let act = Act { at, customer, asker };
    if is_new || contracts > 0 {
        let after = json!({ "new": is_new, "contracts_added": contracts });
        act.record(&mut tx, app, "customer.added", ("customer", customer.uuid()), (None, Some(after))).await?;
    }
    let waits = !people::has_users(&mut tx, customer, at.scope).await?;
    let invited = email.filter(|_| waits);
    if let Some(email) = &invited {
        activation(&mut tx, app, &act, sent.rfc.as_str(), (email, form.language)).await?;
    }
    tx.commit().await?;
    app.wake.notify_one();
    Ok(CustomerAdded {
        id: customer.uuid(),
        created: is_new,
        contracts_added: u32::try_from(contracts).unwrap_or(u32::MAX),
        invited: invited.is_some(),
    })
}

fn refused(error: ExternalError) -> AccountError {
    match error.into_fields() {
        Ok(errors) => AccountError::Fields(errors),
        Err(source) => AccountError::Db(source),
    }
}
