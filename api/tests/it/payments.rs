//! What customers owe and pay, through the real server and the sandbox bank. Named after `payments.md` 4.5 and the
//! threats P.
mod attachments;
mod bank;
mod console;
mod crowd;
mod day_files;
mod demo;
mod doors;
mod files;
mod gateway;
mod history;
mod how;
mod orders;
mod orphans;
mod owed;
mod policies;
mod sequences;
mod statements;
mod told;
mod trips;
mod zones;

use api::accounts::{CustomerId, people};
use api::audit::Actor;
use api::issuers::{self, Scope};
use api::payments::operations::By;
use api::payments::receivables::{ErpReceivable, find_external, upsert};
use fiscal::{Amount, Currency, Rate, Rfc};
use reqwest::Method;
use serde_json::{Value, json};
use shared::accounts::SessionOpened;
use shared::payments::{BalanceRow, BalancesPage, PaymentView, PaymentsPage};
use shared::rehearsal::RehearsalView;
use uuid::Uuid;

use crate::support::{Browser, Reply, TestApp};

/// The demo's customer with users.
pub const CUSTOMER: &str = "TAM010203ABA";

/// A signed-in person.
pub struct Person {
    pub browser: Browser,
    token: String,
}

impl Person {
    /// The owner.
    pub async fn signs_in(app: &TestApp) -> Person {
        Person::signs_in_as(app, 0).await
    }

    /// The one at this place of the rehearsal's list.
    pub async fn signs_in_as(app: &TestApp, place: usize) -> Person {
        Person::signs_in_with(app.browser(), place).await
    }

    /// With a browser of any server.
    pub async fn signs_in_with(browser: Browser, place: usize) -> Person {
        let known = browser.get("/api/v1/rehearsal").await.ok().json::<RehearsalView>().sign_ins.swap_remove(place);
        let body = json!({ "user": known.user, "password": known.password });
        let opened: SessionOpened = browser.post("/api/v1/sessions", &body).await.ok().json();
        Person { browser, token: opened.access_token.expose().to_owned() }
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.browser.request(method, &format!("/api/v1{path}")).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.browser.send(self.request(Method::GET, path)).await
    }

    pub async fn balances(&self) -> BalancesPage {
        self.get("/balances?limit=100").await.ok().json()
    }

    /// The balance of an invoice by its number.
    pub async fn balance(&self, number: &str) -> BalanceRow {
        let found = self.balances().await.data.into_iter().find(|row| row.number == number);
        found.unwrap_or_else(|| panic!("no open balance of {number}"))
    }

    pub async fn is_open(&self, number: &str) -> bool {
        self.balances().await.data.iter().any(|row| row.number == number)
    }

    pub async fn order(&self, key: &str, body: &Value) -> Reply {
        self.browser.send(self.request(Method::POST, "/payments").header("Idempotency-Key", key).json(body)).await
    }

    /// Orders all of these invoices through BBVA.
    pub async fn pays(&self, key: &str, numbers: &[&str]) -> PaymentView {
        self.order(key, &self.all_of(numbers).await).await.ok().json()
    }

    /// An order of all that is available of these invoices.
    pub async fn all_of(&self, numbers: &[&str]) -> Value {
        let (mut lines, mut total) = (Vec::new(), 0);
        for number in numbers {
            let row = self.balance(number).await;
            total += Amount::parse(&row.available_mxn, Currency::Mxn).unwrap().minor();
            lines.push(json!({ "receivable_id": row.id, "pay_all": true }));
        }
        let total = Amount::new(total, Currency::Mxn).to_decimal_string();
        json!({ "issuer": "default", "bank": "bbva", "lines": lines, "expected_total": total })
    }

    pub async fn payment(&self, id: Uuid) -> PaymentView {
        self.get(&format!("/payments/{id}")).await.ok().json()
    }

    pub async fn cancels(&self, id: Uuid) -> Reply {
        self.browser.send(self.request(Method::POST, &format!("/payments/{id}/cancellations"))).await
    }

    /// Sends a payment to a bank again.
    pub async fn tries_again(&self, key: &str, id: Uuid, bank: &str) -> Reply {
        let request = self.request(Method::POST, &format!("/payments/{id}/attempts"));
        self.browser.send(request.header("Idempotency-Key", key).json(&json!({ "bank": bank }))).await
    }

    pub async fn history(&self, query: &str) -> PaymentsPage {
        self.get(&format!("/payments?limit=100{query}")).await.ok().json()
    }

    /// Gives a payment up, and signs in again when its bank's page can charge nothing any more.
    pub async fn gives_up_for_good(&self, app: &TestApp, id: Uuid) -> Person {
        self.cancels(id).await.ok();
        app.clock.advance_seconds(app.app.config.payments.answer_minutes * 60);
        Person::signs_in(app).await
    }
}

/// Somebody's browser at the bank: no session of ours, no script, redirects looked at and not followed.
pub struct AtTheBank {
    http: reqwest::Client,
    origin: String,
}

impl AtTheBank {
    /// Arrives with the redirect of a payment, and signs in.
    pub async fn arrives(payment: &PaymentView) -> AtTheBank {
        let redirect = payment.redirect.as_ref().expect("the payment has a way to the bank");
        let origin = redirect.action.split("/clb/").next().unwrap().to_owned();
        let bank = AtTheBank { http: plain_client(), origin };
        let fields: Vec<(&str, &str)> =
            redirect.fields.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
        let (status, page) = bank.submit(&redirect.action, &fields).await;
        let charged = Amount::parse(&field(payment, "mp_amount"), Currency::Mxn).unwrap().grouped();
        assert!(status == 200 && page.contains(&format!("${charged} MXN")), "{page}");
        bank
    }

    async fn submit(&self, url: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let answer = self.http.post(url).header("Content-Type", FORM).body(encode(fields)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Signs in: the buttons, or what was decided.
    pub async fn looks(&self, payment: &PaymentView) -> String {
        let order = field(payment, "mp_order");
        let (status, page) = self.submit(&format!("{}/clb/sesion", self.origin), &[("order", &order)]).await;
        assert!(status == 200 && page.contains("PRUEBAS"), "{page}");
        page
    }

    /// Presses a button, and gives the signed form that goes back to the portal.
    pub async fn decides(&self, payment: &PaymentView, deed: &str) -> Vec<(String, String)> {
        let order = field(payment, "mp_order");
        self.looks(payment).await;
        let decision = [("order", order.as_str()), ("deed", deed)];
        let (status, page) = self.submit(&format!("{}/clb/decision", self.origin), &decision).await;
        assert_eq!(status, 200, "{page}");
        hidden_fields(&page)
    }
}

pub const FORM: &str = "application/x-www-form-urlencoded";

/// Who was told what by mail, of those subjects that say something of these words.
pub async fn told_by_mail(app: &TestApp, words: &str) -> Vec<(String, String)> {
    app.run_jobs().await;
    let mailbox: Value = app.browser().get("/api/v1/mailbox?limit=100").await.ok().json();
    let text = |letter: &Value, name: &str| letter[name].as_str().unwrap().to_owned();
    let letters = mailbox["data"].as_array().unwrap().iter();
    letters
        .map(|letter| (text(letter, "to"), text(letter, "subject")))
        .filter(|(_, subject)| subject.contains(words))
        .collect()
}

pub fn plain_client() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy().tls_certs_only(std::iter::empty());
    builder.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

pub fn encode(fields: &[(impl AsRef<str>, impl AsRef<str>)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A field of a payment's redirect.
pub fn field(payment: &PaymentView, name: &str) -> String {
    let redirect = payment.redirect.as_ref().unwrap();
    redirect.fields.iter().find(|field| field.name == name).unwrap().value.clone()
}

pub fn hidden_fields(page: &str) -> Vec<(String, String)> {
    let attribute = |input: &str, name: &str| {
        let (_, rest) = input.split_once(&format!(" {name}=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    page.split("<input type=\"hidden\"")
        .skip(1)
        .map(|input| (attribute(input, "name"), attribute(input, "value")))
        .collect()
}

/// The browser comes back: a form of another site, without cookies. Gives where it is sent.
pub async fn comes_back(app: &TestApp, fields: &[(String, String)]) -> (u16, String) {
    say(app, "bank-returns", fields).await
}

/// The bank's server tells.
pub async fn is_told(app: &TestApp, fields: &[(String, String)]) -> u16 {
    say(app, "bank-notices", fields).await.0
}

async fn say(app: &TestApp, what: &str, fields: &[(String, String)]) -> (u16, String) {
    let answer = try_say(&app.base, what, fields).await.unwrap();
    let target = answer.headers().get("location").map(|target| target.to_str().unwrap().to_owned());
    (answer.status().as_u16(), target.unwrap_or_default())
}

/// The same to any server, which may die of it.
pub async fn try_say(base: &str, what: &str, fields: &[(String, String)]) -> reqwest::Result<reqwest::Response> {
    let request = plain_client().post(format!("{base}/api/v1/{what}/bbva")).header("Content-Type", FORM);
    request.header("Origin", "null").header("Sec-Fetch-Site", "cross-site").body(encode(fields)).send().await
}

/// The same answer with another value in one field.
pub fn with(fields: &[(String, String)], name: &str, value: &str) -> Vec<(String, String)> {
    fields
        .iter()
        .map(|(found, kept)| (found.clone(), if found == name { value.to_owned() } else { kept.clone() }))
        .collect()
}

pub async fn issuer_and_customer(app: &TestApp) -> (Scope, CustomerId) {
    let (scope, _) = issuers::service::scope_of_slug(&app.app, "default").await.unwrap().unwrap();
    let rfc = Rfc::parse(CUSTOMER).unwrap();
    let customer = people::find_customer(&mut app.app.db.read().await.unwrap(), &rfc).await.unwrap().unwrap();
    (scope, customer)
}

/// The ERP says what is owed of an invoice in pesos, or in dollars when a rate is given.
pub async fn erp_says(
    app: &TestApp,
    number: &str,
    balance: i64,
    rate: Option<&str>,
) -> api::payments::receivables::Upserted {
    let (scope, customer) = issuer_and_customer(app).await;
    let currency = if rate.is_some() { Currency::Usd } else { Currency::Mxn };
    // A total stays as it was first said.
    let known = find_external(&mut app.app.db.read().await.unwrap(), scope, number).await.unwrap();
    let known = known.map(|known| Amount::parse(&known.resource().unwrap().total, currency).unwrap());
    let erp = ErpReceivable {
        contract: Some("17-0942"),
        rate: rate.map(|rate| Rate::parse(rate).unwrap()),
        balance: Amount::new(balance, currency),
        ..invoice(app, customer, number, known.unwrap_or(Amount::new(balance.max(1), currency)))
    };
    entered(app, scope, &erp).await
}

/// An ERP's word about an invoice of November of which nothing is paid.
fn invoice<'a>(app: &TestApp, customer: CustomerId, number: &'a str, total: Amount) -> ErpReceivable<'a> {
    ErpReceivable {
        external_id: number,
        customer,
        contract: None,
        number,
        issued_on: "2026-11-02",
        due_on: None,
        total,
        rate: None,
        balance: total,
        as_of: app.app.now(),
        document_id: None,
    }
}

async fn entered(app: &TestApp, scope: Scope, erp: &ErpReceivable<'_>) -> api::payments::receivables::Upserted {
    let mut tx = app.app.db.begin().await.unwrap();
    let upserted = upsert(&mut tx, &app.app, scope, erp).await.unwrap();
    tx.commit().await.unwrap();
    upserted
}

/// The customer owes an invoice of one of the demo's companies; one in dollars at 18 pesos.
async fn owes(app: &TestApp, slug: &str, number: &str, due_on: Option<&str>, total: Amount) {
    let (_, customer) = issuer_and_customer(app).await;
    let (scope, _) = issuers::service::scope_of_slug(&app.app, slug).await.unwrap().unwrap();
    let rate = (total.currency() != Currency::Mxn).then(|| Rate::parse("18.000000").unwrap());
    entered(app, scope, &ErpReceivable { due_on, rate, ..invoice(app, customer, number, total) }).await;
}

/// The same under a contract's number, in pesos.
async fn owes_under(app: &TestApp, slug: &str, number: &str, contract: &str, total: Amount) {
    let (_, customer) = issuer_and_customer(app).await;
    let (scope, _) = issuers::service::scope_of_slug(&app.app, slug).await.unwrap().unwrap();
    entered(app, scope, &ErpReceivable { contract: Some(contract), ..invoice(app, customer, number, total) }).await;
}

/// The company of the demo that is not the default one.
async fn other_issuer(app: &TestApp) -> String {
    let all = issuers::service::list_issuers(&mut app.app.db.read().await.unwrap(), 10).await.unwrap();
    all.into_iter().find(|issuer| !issuer.is_default).unwrap().slug
}

/// Staff, as the audit log names it.
pub fn staff() -> By {
    By { actor: Actor::Operator, request_id: "r-1".into() }
}

/// Everything the house promises about money still holds.
pub async fn money_is_in_order(app: &TestApp) {
    let mut snapshot = app.app.db.snapshot().await.unwrap();
    for proof in api::payments::verify::verify(&mut snapshot).await.unwrap() {
        assert!(proof.holds(), "{}: {:?}", proof.promise, proof.named);
    }
}
