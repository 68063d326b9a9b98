//! An issuer's customers, their people, and the audit log.
use shared::Lang;
use shared::accounts::Role;
use shared::accounts::people::ChangePerson;
use shared::console::{AuditRow, ConsoleCustomer, ConsoleCustomerRow, CustomerViewOpened, MoveMail, SendActivation};
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

/// Customers by name; those that a text is part of.
pub async fn list(client: Client, slug: String, q: &str, cursor: Option<&str>) -> Answer<Page<ConsoleCustomerRow>> {
    let q = if q.is_empty() { String::new() } else { ["&q=", &encoded(q)].concat() };
    client.get(of(&slug, &["/customers", ROWS, &q, &next(cursor)].concat())).await
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
pub async fn reset_factor(client: Client, slug: String, customer: Uuid, id: Uuid) -> Answer<()> {
    client.delete(person(&slug, customer, id, "/second-factor")).await
}

/// Begins another mail address for somebody who lost their mailbox.
pub async fn move_mail(client: Client, slug: String, (customer, id): (Uuid, Uuid), form: &MoveMail) -> Answer<()> {
    client.post(person(&slug, customer, id, "/email-changes"), form).await
}

/// What was done, the newest first; of one object when it is named.
pub async fn log(client: Client, slug: String, cursor: Option<&str>) -> Answer<Page<AuditRow>> {
    client.get(of(&slug, &["/audit", ROWS, &next(cursor)].concat())).await
}
