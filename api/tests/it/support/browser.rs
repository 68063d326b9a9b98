//! Somebody at a browser: keeps cookies, sends what the page would send.
use std::sync::Mutex;

use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared::billing::InvoiceView;
use shared::rehearsal::RehearsalTicket;
use shared::{Problem, ProblemCode};

pub struct Browser {
    base: String,
    http: reqwest::Client,
    cookie: Mutex<Option<String>>,
}

/// An answer, whole.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Insists on a 2xx.
    #[track_caller]
    pub fn ok(self) -> Reply {
        assert!(self.status.is_success(), "{} {}", self.status, self.text());
        self
    }

    /// Insists on a problem with this code and the code's own status.
    #[track_caller]
    pub fn problem(&self, code: ProblemCode) -> Problem {
        assert_eq!(self.status.as_u16(), code.status(), "{}", self.text());
        let problem: Problem = self.json();
        assert_eq!(problem.code, code);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        problem
    }
}

impl Browser {
    pub fn new(base: &str) -> Browser {
        // Nothing here speaks TLS, and reading the machine's certificates takes longer than most tests.
        let http = reqwest::Client::builder().no_proxy().tls_certs_only(std::iter::empty()).build().unwrap();
        Browser { base: base.to_owned(), http, cookie: Mutex::default() }
    }

    /// Whether it visits this server.
    pub fn is_at(&self, base: &str) -> bool {
        self.base == base
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> Reply {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn post_with_key(&self, path: &str, key: &str, body: &impl Serialize) -> Reply {
        self.send(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }

    /// A request as the page would send it, cookies included.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let request = request.header("X-Requested-With", "ventanilla");
        match self.cookie.lock().unwrap().as_ref() {
            Some(cookie) => request.header("Cookie", cookie),
            None => request,
        }
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        self.try_send(request).await.expect("the server answers")
    }

    /// An error when the connection breaks before the whole answer is here.
    async fn try_send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Reply> {
        let response = request.send().await?;
        if let Some(set) = response.headers().get("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            *self.cookie.lock().unwrap() = Some(pair);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Reply { status, headers, body: response.bytes().await?.to_vec() })
    }

    /// A GET to a server that may die or stop meanwhile.
    pub async fn try_get(&self, path: &str) -> reqwest::Result<Reply> {
        self.try_send(self.request(Method::GET, path)).await
    }

    /// The data of a ticket, to a server that may die meanwhile.
    pub async fn try_look_up(&self, ticket: &RehearsalTicket) -> reqwest::Result<Reply> {
        let request = self.request(Method::POST, "/api/v1/issuers/default/ticket-claims");
        self.try_send(request.json(&data_of(ticket))).await
    }

    /// An order, to a server that may die meanwhile.
    pub async fn try_invoice(&self, order: &Value, key: &str) -> reqwest::Result<Reply> {
        let request = self.request(Method::POST, "/api/v1/issuers/default/invoices");
        self.try_send(request.header("Idempotency-Key", key).json(order)).await
    }

    /// The last cookie that was set: `name=value`.
    pub fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    pub fn set_cookie(&self, pair: &str) {
        *self.cookie.lock().unwrap() = Some(pair.to_owned());
    }

    pub fn forget_cookies(&self) {
        *self.cookie.lock().unwrap() = None;
    }

    /// Types the ticket's data.
    pub async fn look_up(&self, ticket: &RehearsalTicket) -> Reply {
        self.post("/api/v1/issuers/default/ticket-claims", &data_of(ticket)).await
    }

    /// The claim of a ticket.
    pub async fn claim(&self, ticket: &RehearsalTicket) -> String {
        self.look_up(ticket).await.ok().json::<Value>()["claim"].as_str().unwrap().to_owned()
    }

    /// Asks for the invoice of a claimed ticket.
    pub async fn invoice(&self, order: &Value, key: &str) -> Reply {
        self.post_with_key("/api/v1/issuers/default/invoices", key, order).await
    }

    /// From the paper ticket to the answer, as a person with good data would go.
    pub async fn invoice_ticket(&self, ticket: &RehearsalTicket, key: &str) -> Reply {
        let claim = self.claim(ticket).await;
        self.invoice(&order(ticket, &claim, "QUIA850712AA1"), key).await
    }

    pub async fn view(&self, id: uuid::Uuid) -> InvoiceView {
        self.get(&format!("/api/v1/invoices/{id}")).await.ok().json()
    }
}

pub fn data_of(ticket: &RehearsalTicket) -> Value {
    json!({
        "branch_id": ticket.branch_id, "order_number": ticket.order_number,
        "ticket_number": ticket.ticket_number, "total": ticket.total,
    })
}

/// An order with good data for this RFC: a person's régimen and use for 13 characters, a company's for 12.
pub fn order(ticket: &RehearsalTicket, claim: &str, rfc: &str) -> Value {
    let regimen = if rfc.chars().count() == 13 { "612" } else { "601" };
    json!({
        "claim": claim,
        "receptor": {
            "rfc": rfc, "nombre": "Amaranta Quintil Ibarra", "regimen": regimen, "codigo_postal": "06010", "uso": "G03",
        },
        "forma_pago": ticket.forma_pago.clone().unwrap_or_else(|| "01".into()),
        "email": "amaranta@quintil.example",
        "language": "es",
    })
}
