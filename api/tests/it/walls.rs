//! B1 to B3 over every operation of the OpenAPI documents as they are served: each is tried by nobody, by a customer, by
//! an integrator, by a reader, and with what belongs to somebody else. A route without an entry here fails.
mod bodies;
mod documented;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::accounts::SessionOpened;
use shared::documents::ShareOpened;
use shared::integrators::ApiScope;

use crate::accounts::mailboxes::claim;
use crate::accounts::profiles::ticket;
use crate::audit::by_hand;
use crate::integrators::Program;
use crate::support::shapes::filled;
use crate::support::{Browser, Reply, TestApp, on_both, order};

/// What anybody may ask, and why that opens nothing. Prefixes.
const OPEN: [(&str, &str); 30] = [
    ("/health/", "says whether the server lives"),
    ("/openapi/", "the documents of the API"),
    ("/brand/", "an issuer's colour and logo"),
    ("/problems", "the words of every problem"),
    ("/q/", "what a till signed is the right to its ticket"),
    ("/Q/", "what a till signed is the right to its ticket"),
    ("/api/v1/proof-of-work", "a puzzle for whoever asks"),
    ("/api/v1/console/sessions/refreshes", "the cookie is the right to it"),
    ("/api/v1/console/sessions/second-steps", "the challenge and the code are the right to it"),
    ("/api/v1/console/sessions", "the password or the passkey is the right to it"),
    ("/api/v1/console/invitations/", "the link is the right to it"),
    ("/api/v1/console/password-recoveries/", "answers alike for everybody; the link is the right"),
    ("/api/v1/people-invitations/confirmations", "the link is the right to it"),
    ("/api/v1/people-invitations/openings", "the link is the right to it"),
    ("/api/v1/bank-", "a bank's word is proved by its signature"),
    ("/api/v1/issuers/{slug}/invoices", "the claim is the right to the ticket"),
    ("/api/v1/issuers/{slug}/ticket-claims", "the ticket's data are the right to it"),
    ("/api/v1/issuers/", "what anybody may know of an issuer"),
    ("/api/v1/mailbox", "the rehearsal's letters, in a rehearsal only"),
    ("/api/v1/rehearsal", "in a rehearsal only"),
    ("/api/v1/email-change-links/", "the link is the right to it"),
    ("/api/v1/password-recoveries", "answers alike for everybody; the link is the right"),
    ("/api/v1/registrations", "answers alike for everybody; the link is the right"),
    ("/api/v1/first-entries", "answers alike for everybody; the code is the right"),
    ("/api/v1/sessions/current", "ends the session of whoever asks"),
    ("/api/v1/sessions/refreshes", "the cookie is the right to it"),
    ("/api/v1/sessions", "the password or the passkey is the right to it"),
    ("/api/v1/downloads/", "the address is the right to it, once"),
    ("/api/v1/shared-documents/", "the link is the right to it"),
    ("/api/v1/invoices/", "the guest's cookie is the right to it"),
];

/// Operations that a reader of the customer's may not do, with the query that they insist on.
const PAYERS_ONLY: [(&str, &str); 4] = [
    ("/api/v1/payments", ""),
    ("/api/v1/payments/{id}/cancellations", ""),
    ("/api/v1/payments/{id}/attempts", ""),
    ("/api/v1/payments/{id}/proofs", "?name=transferencia.pdf"),
];

/// What stands in an address for something that belongs to somebody else.
struct Foreign {
    document: String,
    share: String,
}

impl Foreign {
    /// `None`: the address has a part that nobody has thought about here.
    fn fill(&self, path: &str) -> Option<String> {
        let unknown = uuid::Uuid::from_u128(7).to_string();
        let known = [
            ("/api/v1/documents/downloads/{id}", unknown.as_str()),
            ("/api/v1/documents/{id}", self.document.as_str()),
            ("/api/v1/document-shares/{id}", &self.share),
            ("/api/v1/payments/{id}", &unknown),
            ("/api/v1/sessions/{id}", &unknown),
            ("/api/v1/people/{id}", &unknown),
            ("/api/v1/people-invitations/{id}", &unknown),
            ("/api/v1/mail-copies/{id}", &unknown),
            ("/api/v1/passkeys/{id}", &unknown),
            ("/api/integrators/v1/invoices/{id}", &unknown),
            ("/api/integrators/v1/payments/{id}", &unknown),
            ("/api/integrators/v1/webhook-deliveries/{id}", &unknown),
            ("/api/integrators/v1/receivables/by-id/{id}", &unknown),
            ("/api/integrators/v1/receivables/{external_id}", "ajeno"),
            ("/api/integrators/v1/webhook-endpoints/{external_id}", "ajeno"),
            ("/api/integrators/v1/documents/{id}", &self.document),
            ("/api/integrators/v1/documents/external/{external_id}", "ajeno"),
            ("/api/integrators/v1/tickets/{external_id}", "ajeno"),
            ("/api/integrators/v1/customers/{external_id}", "ajeno"),
        ];
        if !path.contains('{') {
            return Some(path.to_owned());
        }
        // Staff are tried at an issuer that is not theirs; a customer at one that is nobody's.
        if path.starts_with("/api/v1/console/issuers/{issuer}") {
            return Some(filled(&path.replacen("{issuer}", "nandu", 1)));
        }
        if path.starts_with("/api/v1/issuers/{slug}/customer-") {
            return Some(filled(&path.replacen("{slug}", "nadie", 1)));
        }
        if path == "/api/v1/issuers/{slug}/mailbox-sessions" {
            return Some(filled(&path.replacen("{slug}", "default", 1)));
        }
        if path.starts_with("/api/v1/account-statements/") {
            return Some(filled(&path.replacen("{issuer}", "nadie", 1)));
        }
        if path.starts_with("/api/integrators/v1/exchange-rates/") {
            return Some(filled(path));
        }
        let (pattern, value) = known.iter().find(|(pattern, _)| path.starts_with(pattern))?;
        let (head, _) = pattern.split_once('{')?;
        Some(filled(&[head, value, path.strip_prefix(pattern)?].concat()))
    }
}

/// Verb and path of every operation, with what it asks for: `customer`, `guest`, `api_key`, or nothing.
async fn operations(app: &TestApp) -> BTreeMap<(String, String), Vec<String>> {
    let mut all = BTreeMap::new();
    for name in ["portal", "integrators.v1"] {
        let document: Value = app.browser().get(&format!("/openapi/{name}.json")).await.ok().json();
        for (path, verbs) in document["paths"].as_object().unwrap() {
            for (verb, operation) in verbs.as_object().unwrap() {
                let none = Vec::new();
                let security = operation["security"].as_array().unwrap_or(&none);
                let asked = security.iter().map(|one| one.as_object().unwrap().keys().cloned().collect::<String>());
                all.insert((path.clone(), verb.to_uppercase()), asked.collect());
            }
        }
    }
    assert!(all.len() > 50, "{}", all.len());
    all
}

async fn ask(browser: &Browser, verb: &str, path: &str, token: Option<&str>) -> Reply {
    let method = Method::from_bytes(verb.as_bytes()).unwrap();
    let mut request = browser.request(method, path);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    browser.send(request).await
}

/// The demo's customer, one of its links, and somebody else's document.
async fn people(app: &TestApp) -> (Browser, String, Foreign) {
    let known = app.rehearsal().await.sign_ins.swap_remove(0);
    let browser = app.browser();
    let body = json!({ "user": known.user, "password": known.password });
    let opened: SessionOpened = browser.post("/api/v1/sessions", &body).await.ok().json();
    let token = opened.access_token.expose().to_owned();
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let claim = guest.claim(&ticket).await;
    guest.invoice(&order(&ticket, &claim, "TAM010203ABA"), "k-1").await.ok();
    let page: Value = ask(&browser, "GET", "/api/v1/documents", Some(&token)).await.ok().json();
    let document = page["data"][0]["id"].as_str().unwrap().to_owned();
    let shared = ask(&browser, "POST", &format!("/api/v1/documents/{document}/shares"), Some(&token)).await.ok();
    let share = shared.json::<ShareOpened>().share.id.to_string();
    by_hand(
        &app.app,
        "UPDATE document_shares SET customer_id = (SELECT id FROM customers WHERE rfc = 'CHI1203155K7'); \
         UPDATE documents SET receptor_rfc = 'CHI1203155K7'",
    )
    .await
    .unwrap();
    (browser, token, Foreign { document, share })
}

/// What has a body may hear first that it has none; nothing was done either way.
fn refused(verb: &str, status: u16) -> bool {
    status == 401 || (!matches!(verb, "GET" | "DELETE") && matches!(status, 400 | 415 | 422))
}

fn ends_own(verb: &str, path: &str) -> bool {
    path.ends_with("/sessions/current") && verb == "DELETE"
}

on_both!(
    t24_a_mailboxs_account_opens_no_operation_of_customers_staff_or_programs,
    with | config | ticket(config),
    |app| {
        let (_, customer, foreign) = people(app).await;
        // The customer's own invoice went there; its RFC is the customer's.
        let (token, _) = claim(app, "amaranta@quintil.example").await;
        let nobody = app.browser();
        let (mut tried, mut faults) = (0, Vec::new());
        for ((path, verb), asked) in operations(app).await {
            let wants = |name: &str| asked.iter().any(|one| one == name);
            let is_persons = wants("customer") && (wants("staff") || wants("mailbox"));
            if is_persons || ends_own(&verb, &path) || !(wants("customer") || wants("staff") || wants("api_key")) {
                continue;
            }
            let Some(address) = foreign.fill(&path) else { continue };
            let status = ask(&nobody, &verb, &address, Some(&token)).await.status.as_u16();
            if !refused(&verb, status) {
                faults.push(format!("{verb} {path}: {status}"));
            }
            tried += 1;
        }
        assert!(tried > 100, "{tried}");
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
        // And its own to nobody else.
        let own = "/api/v1/issuers/default/mailbox-sessions";
        ask(&nobody, "POST", own, Some(&customer)).await.problem(ProblemCode::SignedOut);
        ask(&nobody, "POST", own, Some(&app.desk().await.token)).await.problem(ProblemCode::SignedOut);
        ask(&nobody, "POST", own, Some(&token)).await.ok();
    }
);

on_both!(b1_to_b3_every_operation_keeps_its_walls, |app| {
    let (browser, token, foreign) = people(app).await;
    let strangers = Program::at(app, "nandu", &ApiScope::ALL).await.key;
    let desk = app.desk().await.token;
    let nobody = app.browser();
    let mut faults = Vec::new();
    let mut report = String::from("walls: operation, nobody, the wrong door, another's\n");
    for ((path, verb), asked) in operations(app).await {
        let name = format!("{verb} {path}");
        if let Some((_, why)) = OPEN.iter().find(|(prefix, _)| path.starts_with(prefix))
            && !asked.iter().any(|one| matches!(one.as_str(), "customer" | "api_key" | "mailbox"))
        {
            _ = writeln!(report, "  {name}: open, {why}");
            continue;
        }
        let Some(address) = foreign.fill(&path) else {
            faults.push(format!("{name}: has no entry in walls.rs"));
            continue;
        };
        let integrator = asked.iter().any(|one| one == "api_key");
        let customers = asked.iter().any(|one| one == "customer");
        if asked.iter().all(String::is_empty) {
            faults.push(format!("{name}: asks for nothing and is not in the list of what is open"));
            continue;
        }
        // A door that is neither of these, such as the staff's, opens to neither of them.
        let staffs = !customers && asked.iter().any(|one| one == "staff");
        let wrong_door = if customers { &strangers } else { &token };
        let own_door = if customers {
            &token
        } else if staffs {
            &desk
        } else {
            &strangers
        };
        let by_nobody = ask(&nobody, &verb, &address, None).await.status.as_u16();
        let by_wrong = ask(&nobody, &verb, &address, Some(wrong_door)).await.status.as_u16();
        _ = write!(report, "  {name}: {by_nobody}, {by_wrong}");
        if !(ends_own(&verb, &path) || refused(&verb, by_nobody) && refused(&verb, by_wrong)) {
            faults.push(format!("{name}: {by_nobody} to nobody, {by_wrong} at the wrong door"));
        }
        if (customers || integrator || staffs) && path.contains('{') && matches!(verb.as_str(), "GET" | "DELETE") {
            let others = ask(&browser, &verb, &address, Some(own_door)).await;
            _ = write!(report, ", {}", others.status.as_u16());
            if others.status.as_u16() != ProblemCode::NotFound.status() {
                faults.push(format!("{name}: {} for another's", others.status));
            }
        }
        report.push('\n');
    }
    readers_do_not_pay(app, &browser, &token, &mut faults).await;
    // The harness keeps what passing tests print to itself: `make test` shows this file.
    let engine = if app.app.db.is_sqlite() { "sqlite" } else { "postgres" };
    std::fs::write(format!("{}/walls-{engine}.txt", env!("CARGO_TARGET_TMPDIR")), report).unwrap();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
});

/// What they send is well-formed: only who they are refuses them.
async fn readers_do_not_pay(app: &TestApp, browser: &Browser, token: &str, faults: &mut Vec<String>) {
    by_hand(&app.app, "UPDATE memberships SET role = 'reader'").await.unwrap();
    let unknown = uuid::Uuid::from_u128(7).to_string();
    for (path, query) in PAYERS_ONLY {
        let body = match path {
            "/api/v1/payments" => json!({
                "issuer": "default",
                "bank": "bbva",
                "lines": [{ "receivable_id": unknown, "pay_all": true }],
                "expected_total": "10.00",
            }),
            _ => json!({ "bank": "bbva" }),
        };
        let request = browser.request(Method::POST, &format!("{}{query}", path.replace("{id}", &unknown)));
        let request = request.bearer_auth(token).header("Idempotency-Key", "k-9").json(&body);
        let answer = browser.send(request).await;
        if answer.status.as_u16() != ProblemCode::PayerNeeded.status() || !answer.text().contains("\"payer_needed\"") {
            faults.push(format!("POST {path}: {} to a reader: {}", answer.status, answer.text()));
        }
    }
}
