//! The integrators' API over a real socket, on both engines. Names begin with the line of the threats they hold.
mod bulk;
mod catalogue;
pub mod changes;
mod console;
mod contract;
mod contracts;
pub mod credit;
mod customers;
pub mod documents;
mod feed;
mod invoices;
mod keys;
mod money;
mod papers;
mod tickets;
pub mod told;
mod webhooks;

use api::integrators::keys::{self as service, Who};
use api::integrators::model::{KeyText, Mode, NewKey};
use api::issuers::Scope;
use reqwest::Method;
use serde_json::{Value, json};
use shared::integrators::ApiScope;

use crate::support::{Reply, TestApp};

const ROOT: &str = "/api/integrators/v1";

/// A program with a key.
pub struct Program<'a> {
    app: &'a TestApp,
    pub key: String,
}

impl<'a> Program<'a> {
    /// With the rehearsal's own key, at the default issuer.
    pub async fn of_the_demo(app: &'a TestApp) -> Program<'a> {
        Program { app, key: app.rehearsal().await.api_key.expect("a rehearsal shows its key") }
    }

    /// With a new key at an issuer.
    pub async fn at(app: &'a TestApp, slug: &str, scopes: &[ApiScope]) -> Program<'a> {
        let (_, text) = new_key(app, slug, scopes, None).await;
        Program { app, key: text.expose().to_owned() }
    }

    pub fn with(app: &'a TestApp, key: &str) -> Program<'a> {
        Program { app, key: key.to_owned() }
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        // No page of ours: neither a cookie nor the header that pages send.
        let http = reqwest::Client::builder().no_proxy().tls_certs_only(std::iter::empty()).build().unwrap();
        http.request(method, format!("{}{ROOT}{path}", self.app.base)).bearer_auth(&self.key)
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        self.app.browser().send(request).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn bulk(&self, body: String) -> Reply {
        let request = self.request(Method::POST, "/tickets/bulk").header("Content-Type", "application/x-ndjson");
        self.send(request.body(body)).await
    }
}

pub async fn scope_of(app: &TestApp, slug: &str) -> Scope {
    api::issuers::service::scope_of_slug(&app.app, slug).await.unwrap().unwrap().0
}

/// A key made as an operator does.
pub async fn new_key(
    app: &TestApp,
    slug: &str,
    scopes: &[ApiScope],
    seconds: Option<i64>,
) -> (api::integrators::ApiKey, KeyText) {
    let (scope, now) = (scope_of(app, slug).await, app.app.now());
    let expires_at = seconds.map(|seconds| now.plus_seconds(seconds));
    let new = NewKey { name: "caja".into(), scopes: scopes.to_vec(), expires_at };
    let mut tx = app.app.db.begin().await.unwrap();
    let made = service::create(&mut tx, &app.app.ids, now, (scope, Mode::Test), new, Who::COMMAND).await.unwrap();
    tx.commit().await.unwrap();
    made
}

/// A sale of two notebooks at the demo's first branch, an hour ago.
pub fn sale(order: &str, ticket: &str) -> Value {
    json!({
        "branch": "Centro Histórico",
        "order_number": order,
        "ticket_number": ticket,
        "sold_at": "2026-11-18T11:00:00",
        "total": "118.00",
        "currency": "MXN",
        "forma_pago": "04",
        "lines": [{
            "clave_prod_serv": "14111514", "cantidad": "2", "clave_unidad": "H87", "unidad": "Pieza",
            "descripcion": "Cuaderno raya", "importe": "118.00", "impuesto": "iva_16",
        }],
    })
}
