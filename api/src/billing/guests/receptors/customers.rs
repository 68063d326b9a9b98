//! The same of a signed-in customer's person: their session stands for the code, and the customer's RFC for the invoice.
use shared::guests::{MyReceptor, SaveReceptor};

use super::super::super::service::BillingError;
use super::{Changer, change, of_saved, of_used, store};
use crate::App;
use crate::accounts::guard::Customer;
use crate::accounts::people;
use crate::audit::Actor;
use crate::db::{Conn, DbResult};
use crate::issuers::Scope;

/// The customer's data for its next invoice at an issuer, with what the person changed of them.
pub async fn find(app: &App, scope: Scope, customer: &Customer) -> Result<MyReceptor, BillingError> {
    let mut conn = app.db.read().await?;
    Ok(known(&mut conn, scope, customer).await?.ok_or(BillingError::NotFound)?.1)
}

/// Changes them.
pub async fn save(
    app: &App,
    scope: Scope,
    customer: &Customer,
    request_id: &str,
    form: &SaveReceptor,
) -> Result<MyReceptor, BillingError> {
    let found = known(&mut app.db.read().await?, scope, customer).await?;
    let (mailbox, before) = found.ok_or(BillingError::NotFound)?;
    let id = customer.customer_id.to_string();
    let actor = Actor::User(customer.user_id.uuid());
    let by = Changer { actor, on_behalf_of: Some(&id), request_id };
    change(app, scope, &by, (&mailbox, &before, form)).await
}

/// The person's mailbox and the data. Where a stranger invoiced the RFC, the address is theirs and not told.
async fn known(conn: &mut impl Conn, scope: Scope, customer: &Customer) -> DbResult<Option<(String, MyReceptor)>> {
    let Some(contact) = people::contact(conn, customer.user_id).await? else { return Ok(None) };
    let (mailbox, rfc) = (contact.email.as_str().to_ascii_lowercase(), customer.rfc.as_str());
    let saved = store::find(conn, scope, &mailbox, rfc).await?;
    // What was invoiced by an issuer whose part the person does not see is not theirs to read.
    let used = match customer.only() {
        Some(only) if only != scope => None,
        _ => store::find_used_by_rfc(conn, scope, rfc).await?,
    };
    let newer = saved.filter(|saved| used.as_ref().is_none_or(|used| saved.updated_at >= used.created_at));
    let receptor = newer.as_ref().and_then(of_saved).or_else(|| {
        let used = used.as_ref().and_then(of_used)?;
        Some(MyReceptor { email: contact.email.as_str().to_owned(), ..used })
    });
    let nothing = MyReceptor {
        rfc: rfc.to_owned(),
        nombre: people::name_of(conn, customer.customer_id).await?.unwrap_or_default(),
        regimen: String::new(),
        codigo_postal: String::new(),
        uso: String::new(),
        email: contact.email.as_str().to_owned(),
    };
    Ok(Some((mailbox, receptor.unwrap_or(nothing))))
}
