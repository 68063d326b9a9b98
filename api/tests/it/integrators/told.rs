//! What events carry: what the API's page says of their kind, and nothing of a person (threat W4).
use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};
use shared::integrators::{
    ApiScope, EventData, EventKind, EventPage, EventResource, PublishedDocument, ReceivableResource, TicketResource,
};
use uuid::Uuid;

use super::credit::on_credit;
use super::invoices::{issue, order};
use super::tickets::invoice;
use super::{Program, sale};
use crate::payments::{AtTheBank, CUSTOMER, Person, comes_back};
use crate::support::{TestApp, on_both};

/// All that an event may carry. A new one is weighed against the threat before it stands here.
const ALLOWED: [&str; 18] = [
    "branch",
    "currency",
    "customer_external_id",
    "document_id",
    "document_kind",
    "document_state",
    "folio_fiscal",
    "invoice_id",
    "order_number",
    "payment_id",
    "receivable_external_id",
    "receivable_id",
    "receivable_state",
    "receptor_rfc",
    "sat_code",
    "ticket_external_id",
    "ticket_number",
    "total",
];

/// The page's table: what each kind carries.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/README.md")).unwrap();
    let (_, section) = page.split_once("## Kinds of events").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let words = |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let rows = section.lines().filter(|line| line.starts_with("| `") && !line.starts_with("| `type`"));
    rows.map(|line| {
        let cells: Vec<&str> = line.split('|').collect();
        // Values of a field stand in brackets behind it.
        let fields = cells[3].split(" (").map(|piece| piece.split_once(')').map_or(piece, |(_, rest)| rest));
        (words(cells[1]).remove(0), fields.flat_map(words).collect())
    })
    .collect()
}

fn keys(value: &impl serde::Serialize) -> BTreeSet<String> {
    serde_json::to_value(value).unwrap().as_object().unwrap().keys().cloned().collect()
}

/// Every event so far, each with no more than the page says.
pub async fn feed(program: &Program<'_>) -> Vec<EventResource> {
    let page: EventPage = program.get("/events?after=0&limit=100").await.ok().json();
    assert!(!page.has_more);
    let documented = documented();
    for event in &page.data {
        assert_eq!(keys(event), ["data", "id", "seq", "timestamp", "type"].map(str::to_owned).into());
        let more: Vec<_> = keys(&event.data).difference(&documented[event.kind.as_str()]).cloned().collect();
        assert!(more.is_empty(), "{}: {more:?}", event.kind.as_str());
    }
    page.data
}

/// Those of one kind.
async fn of_kind(program: &Program<'_>, kind: EventKind) -> Vec<EventResource> {
    feed(program).await.into_iter().filter(|event| event.kind == kind).collect()
}

#[test]
fn w4_no_kind_of_event_carries_more_than_ids_states_rfc_uuid_and_total() {
    let text = || Some("x".to_owned());
    let id = Some(Uuid::nil());
    // Every field by its name: a new one does not compile before it stands here.
    let full = EventData {
        invoice_id: id,
        document_id: id,
        payment_id: id,
        document_kind: text(),
        document_state: text(),
        ticket_external_id: text(),
        branch: text(),
        order_number: text(),
        ticket_number: text(),
        receivable_id: id,
        receivable_external_id: text(),
        receivable_state: text(),
        customer_external_id: text(),
        folio_fiscal: text(),
        receptor_rfc: text(),
        total: text(),
        currency: text(),
        sat_code: text(),
    };
    let allowed = BTreeSet::from(ALLOWED.map(str::to_owned));
    assert_eq!(keys(&full), allowed);
    let documented = documented();
    let kinds: BTreeSet<&str> = documented.keys().map(String::as_str).collect();
    assert_eq!(kinds, EventKind::ALL.map(EventKind::as_str).into(), "each kind has its row, and no other");
    for (kind, carried) in documented {
        assert!(carried.is_subset(&allowed), "{kind}: {carried:?}");
        assert_eq!(carried.is_empty(), kind == EventKind::WebhookTest.as_str(), "{kind}");
    }
}

async fn erp<'a>(app: &'a TestApp) -> Program<'a> {
    let erp = Program::at(app, "default", &ApiScope::ALL).await;
    let customer = json!({
        "rfc": CUSTOMER, "nombre": "TALLERES Y AUTOPARTES MIRADOR", "regimen": "601", "codigo_postal": "06010",
    });
    erp.put("/customers/C-1", &customer).await.ok();
    erp
}

fn owed(balance: &str, as_of: &str) -> Value {
    json!({
        "customer": "C-1", "number": "FA-9", "issued_on": "2026-11-02", "currency": "MXN", "total": "160.71",
        "balance": balance, "as_of": as_of,
    })
}

async fn publish(erp: &Program<'_>, id: &str, xml: &[u8]) -> Uuid {
    let request = erp.request(Method::PUT, &format!("/documents/external/{id}"));
    let sent = erp.send(request.header("Content-Type", "application/xml").body(xml.to_vec())).await;
    sent.ok().json::<PublishedDocument>().document.id
}

async fn withdraw(erp: &Program<'_>, id: &str) {
    erp.send(erp.request(Method::DELETE, &format!("/documents/external/{id}"))).await.ok();
}

on_both!(w4_what_happens_is_told_without_saying_who_somebody_is, |app| {
    let erp = erp(app).await;
    let ticket: TicketResource = erp.put("/tickets/v-1", &sale("A-1", "1")).await.json();
    invoice(app, &ticket, "k-1").await;
    let mut refused = order("p-1", Some(sale("P-1", "1")));
    refused["receptor"]["rfc"] = json!("RCH010101145");
    refused["receptor"]["regimen"] = json!("601");
    issue(&erp, "k-2", &refused).await;
    app.run_jobs().await;
    let id = publish(&erp, "f-1", &on_credit(app, "7001").await).await;
    erp.put(&format!("/documents/{id}/state"), &json!({ "state": "en_cancelacion" })).await.ok();
    withdraw(&erp, "f-1").await;
    app.run_jobs().await;
    erp.put("/receivables/R-1", &owed("160.71", "2026-11-18T10:00:00Z")).await.ok();
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["FA-9"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    comes_back(app, &answer).await;
    let reverse = json!({ "reason": "Contracargo de Amaranta" });
    erp.post(&format!("/payments/{}/reverse", payment.id), &reverse).await.ok();
    let feed = feed(&erp).await;
    let kinds: BTreeSet<&str> = feed.iter().map(|event| event.kind.as_str()).collect();
    for kind in [
        EventKind::InvoiceStamped,
        EventKind::InvoiceRefused,
        EventKind::DocumentPublished,
        EventKind::DocumentWithdrawn,
        EventKind::DocumentState,
        EventKind::PaymentConfirmed,
        EventKind::PaymentApplied,
        EventKind::PaymentReversed,
        EventKind::ReceivableChanged,
        EventKind::CustomerChanged,
    ] {
        assert!(kinds.contains(kind.as_str()), "{}: {kinds:?}", kind.as_str());
    }
    let told = serde_json::to_string(&feed).unwrap().to_lowercase();
    for of_a_person in ["@", "amaranta", "quintil", "mirador", "contracargo"] {
        assert!(!told.contains(of_a_person), "{of_a_person}: {told}");
    }
});

on_both!(what_an_erp_says_is_owed_is_told_when_it_changes, |app| {
    let erp = erp(app).await;
    let mut kept = Vec::new();
    for (balance, hour) in [("160.71", 10), ("160.71", 11), ("100.71", 12), ("0.00", 13)] {
        let said = owed(balance, &format!("2026-11-18T{hour}:00:00Z"));
        kept.push(erp.put("/receivables/R-1", &said).await.ok().json::<ReceivableResource>());
    }
    let told = of_kind(&erp, EventKind::ReceivableChanged).await;
    let states: Vec<_> = told.iter().map(|event| event.data.receivable_state.as_deref()).collect();
    assert_eq!(states, [Some("open"), Some("open"), Some("closed")]);
    for event in &told {
        let data = &event.data;
        assert_eq!((data.receivable_id, data.receivable_external_id.as_deref()), (Some(kept[0].id), Some("R-1")));
        assert_eq!((data.total.as_deref(), data.receptor_rfc.as_deref()), (Some("160.71"), Some(CUSTOMER)));
    }
});

on_both!(what_an_invoice_on_credit_leaves_owed_is_told_until_it_is_withdrawn, |app| {
    let erp = erp(app).await;
    let xml = on_credit(app, "7001").await;
    let id = publish(&erp, "f-1", &xml).await;
    app.run_jobs().await;
    withdraw(&erp, "f-1").await;
    app.run_jobs().await;
    publish(&erp, "f-1", &xml).await;
    app.run_jobs().await;
    // Asked again, nothing has changed and nothing is told.
    publish(&erp, "f-1", &xml).await;
    app.run_jobs().await;
    let told = of_kind(&erp, EventKind::ReceivableChanged).await.into_iter();
    let told: Vec<_> = told.map(|event| (event.data.document_id, event.data.receivable_state.unwrap())).collect();
    assert_eq!(told, ["open", "closed", "open"].map(|state| (Some(id), state.to_owned())));
});

on_both!(a_customer_that_changes_is_told_by_its_id_to_every_program_of_its_issuer, |app| {
    let (erp, till) = (erp(app).await, Program::of_the_demo(app).await);
    let said = |postal_code: &str, contract: Option<&str>| {
        json!({
            "rfc": CUSTOMER, "nombre": "TALLERES Y AUTOPARTES MIRADOR", "regimen": "601",
            "codigo_postal": postal_code, "contracts": Vec::from_iter(contract),
        })
    };
    // The same word again is no change.
    for (postal_code, contract) in [("06010", None), ("06020", None), ("06020", Some("009")), ("06020", Some("009"))] {
        erp.put("/customers/C-1", &said(postal_code, contract)).await.ok();
    }
    let told = of_kind(&till, EventKind::CustomerChanged).await;
    assert_eq!(told.len(), 3, "new, its data, a contract: {told:?}");
    for event in &told {
        let data = &event.data;
        assert_eq!(data.customer_external_id.as_deref(), Some("C-1"));
        assert_eq!(data.receptor_rfc.as_deref(), Some(CUSTOMER));
        assert_eq!(keys(data).len(), 2, "{data:?}");
    }
    // Who has no such customer is told nothing of it; who has it too is told of its own.
    let theirs = Program::at(app, "nandu", &ApiScope::ALL).await;
    assert_eq!(feed(&theirs).await, []);
    theirs.put("/customers/x-1", &said("64000", None)).await.ok();
    let there = of_kind(&theirs, EventKind::CustomerChanged).await;
    let ids: Vec<_> = there.iter().map(|event| event.data.customer_external_id.as_deref()).collect();
    assert_eq!(ids, [Some("x-1")]);
    assert_eq!(of_kind(&till, EventKind::CustomerChanged).await, told, "nothing that we know was changed");
});
