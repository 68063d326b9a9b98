//! People: registering, signing in, sessions, passwords; each line of the threats by its number.
mod attempts;
mod clocks;
mod console;
mod first_start;
mod in_flight;
mod language;
mod links;
pub mod mailboxes;
mod members;
mod moves;
mod newcomers;
mod parts;
mod passkeys;
mod privacy;
pub mod profiles;
mod second_factor;
mod sessions;
mod sign_in;
mod staff;
mod work;

use reqwest::Method;
use serde_json::{Value, json};
use shared::accounts::{Me, SessionOpened};
use shared::mail::{MailboxLetter, MailboxMessage};
use shared::page::Page;
use shared::rehearsal::{RehearsalCustomer, RehearsalSignIn};
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::support::{Browser, Reply, TestApp};

/// A good password: neither common nor anybody's data.
const PASSWORD: &str = "tulipán de agua";
const OTHER_PASSWORD: &str = "zarzamora y mesa";

/// Calls a route with an access token.
async fn call(browser: &Browser, method: Method, path: &str, token: &str, body: Option<&Value>) -> Reply {
    let request = browser.request(method, &format!("/api/v1{path}")).bearer_auth(token);
    // Only some routes ask for a key; the others do not look.
    let request = request.header("Idempotency-Key", "k-1");
    browser.send(if let Some(body) = body { request.json(body) } else { request }).await
}

async fn get(browser: &Browser, path: &str, token: &str) -> Reply {
    call(browser, Method::GET, path, token, None).await
}

async fn sign_in(browser: &Browser, user: &str, password: &str) -> Reply {
    browser.post("/api/v1/sessions", &json!({"user": user, "password": password})).await
}

/// Signs in and keeps the cookie; gives the access token.
async fn token_of(browser: &Browser, user: &str, password: &str) -> String {
    opened(&sign_in(browser, user, password).await.ok()).0
}

fn opened(reply: &Reply) -> (String, Me) {
    let session: SessionOpened = reply.json();
    (session.access_token.expose().to_owned(), session.me)
}

/// The demo's owner of a customer, and the reader beside them.
async fn people(app: &TestApp) -> [RehearsalSignIn; 2] {
    app.rehearsal().await.sign_ins.try_into().expect("the demo has two users")
}

/// The demo's customer without users.
async fn registrable(app: &TestApp) -> RehearsalCustomer {
    app.rehearsal().await.registrable.remove(0)
}

async fn register(app: &TestApp, customer: &RehearsalCustomer, email: &str) -> Reply {
    let form = json!({"rfc": customer.rfc, "contract": customer.contract, "email": email, "language": "es"});
    app.browser().post("/api/v1/registrations", &form).await
}

async fn recover(app: &TestApp, user: &str) -> Reply {
    app.browser().post("/api/v1/password-recoveries", &json!({"user": user})).await
}

/// Letters in the mailbox to an address, the newest first.
async fn letters_to(app: &TestApp, address: &str) -> Vec<MailboxMessage> {
    app.run_jobs().await;
    let browser = app.browser();
    let letters: Page<MailboxLetter> = browser.get("/api/v1/mailbox?limit=100").await.ok().json();
    let mut found = Vec::new();
    for letter in letters.data.iter().filter(|letter| letter.to == address) {
        found.push(browser.get(&format!("/api/v1/mailbox/{}", letter.id)).await.ok().json());
    }
    found
}

/// The token at the end of a letter's link to a page.
fn token_in(letter: &MailboxMessage, page: &str) -> String {
    let text = &letter.text;
    let at = text.find(&format!("/{page}/")).unwrap_or_else(|| panic!("no link to {page} in {text}"));
    let token: String = text[at + page.len() + 2..].chars().take_while(char::is_ascii_hexdigit).collect();
    assert_eq!(token.len(), 64, "{text}");
    token
}

async fn use_link(app: &TestApp, route: &str, token: &str, password: &str) -> Reply {
    let form = json!({"token": token, "password": password});
    app.browser().post(&format!("/api/v1/{route}/confirmations"), &form).await
}

/// What an answer shows a stranger: all but the number of the request, which differs by design.
fn face(reply: &Reply) -> (u16, Value, Vec<String>) {
    let mut body: Value = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
    if let Some(body) = body.as_object_mut() {
        body.remove("request_id");
    }
    let mut names: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
    names.sort();
    (reply.status.as_u16(), body, names)
}

/// Runs a statement that no route of ours makes.
async fn execute(app: &TestApp, sql: &'static str) {
    let url = app.app.config.database_url();
    if app.app.db.is_sqlite() {
        sqlx::query(sql).execute(&mut SqliteConnection::connect(&url).await.unwrap()).await.unwrap();
    } else {
        sqlx::query(sql).execute(&mut PgConnection::connect(&url).await.unwrap()).await.unwrap();
    }
}

/// One column of text of everything.
async fn column(app: &TestApp, sql: &'static str) -> Vec<String> {
    let url = app.app.config.database_url();
    if app.app.db.is_sqlite() {
        sqlx::query_scalar(sql).fetch_all(&mut SqliteConnection::connect(&url).await.unwrap()).await.unwrap()
    } else {
        sqlx::query_scalar(sql).fetch_all(&mut PgConnection::connect(&url).await.unwrap()).await.unwrap()
    }
}
