//! An issuer's customers, their people, and the audit log.
use shared::Lang;
use shared::accounts::Role;
use shared::accounts::people::ChangePerson;
use shared::console::{
    AuditRow, ConsoleCustomer, ConsoleCustomerRow, CustomerAdded, CustomerState, CustomerViewOpened, MoveMail,
    NewCustomerForm, ResetFactor, SendActivation,
};
use shared::page::Page;
use uuid::Uuid;

use super::{Client, of};
use crate::api::Answer;
use crate::browser::encoded;
use crate::signed::client::{Request, Verb};

/// Rows of a page.
const ROWS: &str = "?limit=25";

fn person(slug: &str, customer: Uuid, id: Uuid, tail: &str) -> String {
    of(slug, &["/customers/", &customer.to_string(), "/people/", &id.to_string(), tail].concat())
}

fn next(cursor: Option<&str>) -> String {
    cursor.map_or_else(String::new, |cursor| ["&cursor=", &encoded(cursor)].concat())
}

/// Customers by name; those that a text is part of, and whose account stands so.
pub async fn list(
    client: Client,
    slug: String,
    (q, state): (&str, Option<CustomerState>),
    cursor: Option<&str>,
) -> Answer<Page<ConsoleCustomerRow>> {
    let q = if q.is_empty() { String::new() } else { ["&q=", &encoded(q)].concat() };
    let state = state.map(|state| ["&state=", state.as_str()].concat()).unwrap_or_default();
    client.get(of(&slug, &["/customers", ROWS, &q, &state, &next(cursor)].concat())).await
}

/// Adds one.
pub async fn add(client: Client, slug: String, form: &NewCustomerForm) -> Answer<CustomerAdded> {
    client.post(of(&slug, "/customers"), form).await
}

/// One, whole.
pub async fn find(client: Client, slug: String, id: Uuid) -> Answer<ConsoleCustomer> {
    client.get(of(&slug, &["/customers/", &id.to_string()].concat())).await
}

/// Opens a look at its pages.
pub async fn look(client: Client, slug: String, id: Uuid) -> Answer<CustomerViewOpened> {
    client.write(Request::new(Verb::Post, of(&slug, &["/customers/", &id.to_string(), "/views"].concat()))).await
}

/// Sends the link of a first entry.
pub async fn activate(client: Client, slug: String, id: Uuid, email: String, language: Lang) -> Answer<()> {
    let path = of(&slug, &["/customers/", &id.to_string(), "/activations"].concat());
    client.post(path, &SendActivation { email, language }).await
}

/// Takes the link of a first entry back.
pub async fn revoke(client: Client, slug: String, id: Uuid, link: Uuid) -> Answer<()> {
    let path = ["/customers/", &id.to_string(), "/activations/", &link.to_string()].concat();
    client.delete(of(&slug, &path)).await
}

/// Frees somebody whom wrong passwords or codes held.
pub async fn unlock(client: Client, slug: String, customer: Uuid, id: Uuid) -> Answer<()> {
    client.write(Request::new(Verb::Post, person(&slug, customer, id, "/unlocks"))).await
}

/// Sends somebody the link to another password.
pub async fn send_recovery(client: Client, slug: String, customer: Uuid, id: Uuid) -> Answer<()> {
    client.write(Request::new(Verb::Post, person(&slug, customer, id, "/recoveries"))).await
}

/// Ends all of somebody's sessions.
pub async fn end_sessions(client: Client, slug: String, customer: Uuid, id: Uuid) -> Answer<()> {
    client.delete(person(&slug, customer, id, "/sessions")).await
}

/// Another role.
pub async fn change_role(client: Client, slug: String, customer: Uuid, id: Uuid, role: Role) -> Answer<()> {
    client.put(person(&slug, customer, id, ""), &ChangePerson { role }).await
}

/// Takes somebody's access away.
pub async fn remove(client: Client, slug: String, customer: Uuid, id: Uuid) -> Answer<()> {
    client.delete(person(&slug, customer, id, "")).await
}

/// Takes the second step away of somebody who lost their phone.
pub async fn reset_factor(
    client: Client,
    slug: String,
    (customer, id): (Uuid, Uuid),
    form: &ResetFactor,
) -> Answer<()> {
    client.post(person(&slug, customer, id, "/second-factor-resets"), form).await
}

/// Begins another mail address for somebody who lost their mailbox.
pub async fn move_mail(client: Client, slug: String, (customer, id): (Uuid, Uuid), form: &MoveMail) -> Answer<()> {
    client.post(person(&slug, customer, id, "/email-changes"), form).await
}

/// What was done, the newest first; by one request when it is named.
pub async fn log(client: Client, slug: String, request: &str, cursor: Option<&str>) -> Answer<Page<AuditRow>> {
    let request = if request.is_empty() { String::new() } else { ["&request_id=", &encoded(request)].concat() };
    client.get(of(&slug, &["/audit", ROWS, &request, &next(cursor)].concat())).await
}
