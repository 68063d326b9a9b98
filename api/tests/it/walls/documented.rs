//! B4, B9 and B10 over every operation: it takes and answers no field that it does not document, its list has a bound,
//! and no cache keeps what it says.
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::integrators::ApiScope;

use crate::integrators::Program;
use crate::integrators::documents::Customer;
use crate::support::shapes::{filled, least_body, least_query};
use crate::support::{Browser, Reply, TestApp, on_both, order};

/// What a stranger would like to say of a thing.
const WANTED: [&str; 7] = ["customer_id", "issuer_id", "paid_at", "rfc", "role", "status", "total"];
/// What no list takes as a number of rows, nor as an order.
const UNBOUNDED: [&str; 6] =
    ["limit=101", "limit=0", "limit=-1", "limit=1e2", "limit=4294967296", "limit=1&sort=issuer_id%3B--"];

/// Whoever has a right to something, all of the same company.
struct Doors {
    browser: Browser,
    customer: String,
    operator: String,
    program: String,
    /// The customer's own document, of this company.
    document: String,
}

impl Doors {
    async fn of(app: &TestApp) -> Doors {
        let (guest, ticket) = (app.browser(), app.ticket(0).await);
        let claim = guest.claim(&ticket).await;
        guest.invoice(&order(&ticket, &claim, "TAM010203ABA"), "k-1").await.ok();
        app.run_jobs().await;
        let customer = Customer::of(app).await;
        Doors {
            browser: app.browser(),
            document: customer.has().await.data[0].id.to_string(),
            customer: customer.token,
            operator: app.operator().await.token,
            program: Program::at(app, "default", &ApiScope::ALL).await.key,
        }
    }

    /// What opens an operation; none for those that are open or a guest's.
    fn key_to(&self, operation: &Value) -> Option<&str> {
        let asked = operation["security"].as_array().into_iter().flatten();
        let asked: Vec<&str> = asked.flat_map(|one| one.as_object().unwrap().keys().map(String::as_str)).collect();
        let keys = [("customer", &self.customer), ("staff", &self.operator), ("api_key", &self.program)];
        keys.into_iter().find(|(name, _)| asked.contains(name)).map(|(_, key)| key.as_str())
    }
}

/// An operation as its document says it.
pub(super) struct Operation<'a> {
    pub(super) document: &'a Value,
    pub(super) verb: String,
    pub(super) path: &'a str,
    pub(super) said: &'a Value,
}

impl<'a> Operation<'a> {
    pub(super) fn all(document: &'a Value) -> Vec<Operation<'a>> {
        let paths = document["paths"].as_object().unwrap().iter();
        let of_path = |(path, verbs): (&'a String, &'a Value)| {
            let of_verb = move |(verb, said): (&'a String, &'a Value)| Operation {
                document,
                verb: verb.to_uppercase(),
                path,
                said,
            };
            verbs.as_object().unwrap().iter().map(of_verb).collect::<Vec<_>>()
        };
        paths.flat_map(of_path).collect()
    }

    pub(super) fn name(&self) -> String {
        format!("{} {}", self.verb, self.path)
    }

    /// At the default issuer, of the customer's own document; whatever else it names is invented.
    async fn asked(&self, doors: &Doors, query: &str, body: Option<&Value>) -> Reply {
        let own = self
            .path
            .replace("{slug}", "default")
            .replace("/documents/{id}", &["/documents/", &doors.document].concat());
        let address = format!("{}{query}", filled(&own));
        let method = Method::from_bytes(self.verb.as_bytes()).unwrap();
        let mut request = doors.browser.request(method, &address).header("Idempotency-Key", "k-2");
        if let Some(key) = doors.key_to(self.said) {
            request = request.bearer_auth(key);
        }
        doors.browser.send(if let Some(body) = body { request.json(body) } else { request }).await
    }

    /// Whether its list is there for whoever asks: everything that its address names exists.
    fn is_list(&self) -> bool {
        let parameters = self.said["parameters"].as_array().into_iter().flatten();
        let is_bounded = parameters.into_iter().any(|one| one["in"] == "query" && one["name"] == "limit");
        let named = self.path.replace("{issuer}", "").replace("{slug}", "");
        let of_a_guest = self.said["security"][0].get("guest").is_some();
        self.verb == "GET" && is_bounded && !named.contains('{') && !of_a_guest
    }
}

/// The schema that a reference names.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(place) => resolved(document, document.pointer(place.trim_start_matches('#')).unwrap()),
        None => schema,
    }
}

/// Pointers of an answer's fields that its schema does not name. An object without named fields may hold anything.
fn unsaid(document: &Value, schema: &Value, answer: &Value, at: &str) -> Vec<String> {
    let schema = resolved(document, schema);
    if let Some(way) = schema["oneOf"].as_array().and_then(|ways| ways.iter().find(|way| way["type"] != "null")) {
        return unsaid(document, way, answer, at);
    }
    match (answer, schema["properties"].as_object()) {
        (Value::Object(fields), Some(named)) => {
            let of_field = |(name, value): (&String, &Value)| match named.get(name) {
                Some(said) => unsaid(document, said, value, &format!("{at}/{name}")),
                None => vec![format!("{at}/{name}")],
            };
            fields.iter().flat_map(of_field).collect()
        }
        (Value::Array(rows), _) => {
            rows.iter().flat_map(|row| unsaid(document, &schema["items"], row, &format!("{at}/-"))).collect()
        }
        _ => Vec::new(),
    }
}

/// What was tried, and what went wrong.
#[derive(Default)]
struct Ledger {
    named: Vec<String>,
    unnamed: Vec<String>,
    read: Vec<String>,
    lists: Vec<String>,
    faults: Vec<String>,
}

impl Ledger {
    /// B4: one field more than it documents, and it does nothing.
    async fn takes_no_more(&mut self, doors: &Doors, operation: &Operation<'_>) {
        let Some(Value::Object(mut fields)) = least_body(operation.document, operation.said) else { return };
        let content = &operation.said["requestBody"]["content"]["application/json"]["schema"];
        let documented = &resolved(operation.document, content)["properties"];
        let more: Vec<&str> = WANTED.into_iter().filter(|name| documented.get(name).is_none()).collect();
        fields.extend(more.iter().map(|name| ((*name).to_owned(), json!("1"))));
        let query = least_query(operation.document, operation.said);
        let reply = operation.asked(doors, &query, Some(&Value::Object(fields))).await;
        let text = reply.text();
        if !reply.status.is_client_error() {
            self.faults.push(format!("{} with {more:?}: {} {text}", operation.name(), reply.status));
        }
        let is_named = more.iter().any(|name| text.contains(&format!("\"/{name}\"")));
        let told = if is_named { &mut self.named } else { &mut self.unnamed };
        told.push(format!("{}: {} {text}", operation.name(), reply.status));
    }

    /// B9: a page has one to a hundred rows, in an order of the list's own.
    async fn has_a_bound(&mut self, doors: &Doors, operation: &Operation<'_>) {
        if !operation.is_list() {
            return;
        }
        self.lists.push(operation.name());
        let whole = operation.asked(doors, "?limit=100", None).await;
        if !whole.status.is_success() {
            self.faults.push(format!("{}?limit=100: {} {}", operation.name(), whole.status, whole.text()));
        }
        for query in UNBOUNDED {
            let reply = operation.asked(doors, &format!("?{query}"), None).await;
            let code = reply.json::<Value>()["code"].as_str().unwrap_or_default().to_owned();
            let refused = [ProblemCode::InvalidFields.as_str(), ProblemCode::MalformedAddress.as_str()];
            if !reply.status.is_client_error() || !refused.contains(&code.as_str()) {
                self.faults.push(format!("{}?{query}: {} {}", operation.name(), reply.status, reply.text()));
            }
        }
    }

    /// B4 and B10: what it tells is documented, and for whoever asked alone.
    async fn tells_no_more(&mut self, doors: &Doors, operation: &Operation<'_>) {
        if operation.verb != "GET" {
            return;
        }
        let reply = operation.asked(doors, &least_query(operation.document, operation.said), None).await;
        if doors.key_to(operation.said).is_some()
            && reply.headers.get("cache-control").is_none_or(|kept| kept != "no-store")
        {
            self.faults.push(format!("{}: a cache may keep it, {:?}", operation.name(), reply.headers));
        }
        let schema = &operation.said["responses"]["200"]["content"]["application/json"]["schema"];
        if reply.status != 200 || schema.is_null() {
            return;
        }
        self.read.push(operation.name());
        let more = unsaid(operation.document, schema, &reply.json(), "");
        if !more.is_empty() {
            self.faults.push(format!("{}: tells {more:?}", operation.name()));
        }
    }
}

on_both!(b4_b9_b10_every_operation_keeps_to_what_it_documents, |app| {
    let doors = Doors::of(app).await;
    let mut ledger = Ledger::default();
    for name in ["portal", "integrators.v1"] {
        let document: Value = app.browser().get(&format!("/openapi/{name}.json")).await.ok().json();
        for operation in Operation::all(&document) {
            ledger.takes_no_more(&doors, &operation).await;
            ledger.has_a_bound(&doors, &operation).await;
            ledger.tells_no_more(&doors, &operation).await;
        }
    }
    assert!(ledger.faults.is_empty(), "\n{}", ledger.faults.join("\n"));
    // They were refused for that field, and not at the door.
    assert!(
        ledger.named.len() > 60 && ledger.named.len() > 4 * ledger.unnamed.len(),
        "\n{}",
        ledger.unnamed.join("\n")
    );
    assert!(ledger.lists.len() > 20, "{:?}", ledger.lists);
    assert!(ledger.read.len() > 30, "{:?}", ledger.read);
});
