//! The feed, documents, and the document that describes them all.
use std::collections::BTreeMap;
use std::sync::Arc;

use api::webhooks;
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::ProblemCode;
use shared::integrators::{
    ApiScope, DocumentResource, EventData, EventKind, EventPage, InvoiceResource, PlaceCredit, ReversePayment,
    TicketResource,
};
use shared::page::Page;
use shared::webhooks::PutWebhookEndpoint;

use super::invoices::issue;
use super::tickets::invoice;
use super::{Program, sale, scope_of};
use crate::support::on_both;

on_both!(an_invoice_is_told_with_the_tills_own_id, |app| {
    let till = Program::of_the_demo(app).await;
    let ticket: TicketResource = till.put("/tickets/v-1", &sale("A-1", "1")).await.ok().json();
    let folio_fiscal = invoice(app, &ticket, "k-1").await;
    let feed: EventPage = till.get("/events").await.ok().json();
    let kinds: Vec<(i64, EventKind)> = feed.data.iter().map(|event| (event.seq, event.kind)).collect();
    assert_eq!(kinds, [(1, EventKind::DocumentPublished), (2, EventKind::InvoiceStamped)]);
    assert_eq!((feed.next_after, feed.has_more), (2, false));
    let data = &feed.data[1].data;
    assert_eq!(data.ticket_external_id.as_deref(), Some("v-1"));
    assert_eq!(data.folio_fiscal.as_deref(), Some(folio_fiscal.as_str()));
    assert_eq!((data.total.as_deref(), data.currency.as_deref()), (Some("118.00"), Some("MXN")));
    // And what it names can be had, by this issuer's key alone.
    let id = data.document_id.unwrap();
    let document: DocumentResource = till.get(&format!("/documents/{id}")).await.ok().json();
    assert_eq!((document.kind.as_str(), document.receptor_rfc.as_str()), ("factura", "QUIA850712AA1"));
    let xml = till.get(&format!("/documents/{id}/xml")).await.ok();
    assert!(
        xml.text().to_uppercase().contains(&folio_fiscal)
            && xml.headers["content-type"] == "application/xml; charset=utf-8"
    );
    let page: Page<DocumentResource> = till.get("/documents?limit=1").await.ok().json();
    assert_eq!(page.data, [document]);
    let theirs = Program::at(app, "nandu", &ApiScope::ALL).await;
    for path in [format!("/documents/{id}"), format!("/documents/{id}/xml"), format!("/documents/{id}/pdf")] {
        theirs.get(&path).await.problem(ProblemCode::NotFound);
    }
    assert!(theirs.get("/events").await.ok().json::<EventPage>().data.is_empty());
    assert!(theirs.get("/documents").await.ok().json::<Page<DocumentResource>>().data.is_empty());
});

on_both!(a_document_is_printed_for_its_issuers_systems, |app| {
    let till = Program::of_the_demo(app).await;
    let ticket: TicketResource = till.put("/tickets/v-1", &sale("A-1", "1")).await.ok().json();
    invoice(app, &ticket, "k-1").await;
    let page: Page<DocumentResource> = till.get("/documents").await.ok().json();
    let pdf = till.get(&format!("/documents/{}/pdf", page.data[0].id)).await.ok();
    assert!(pdf.body.starts_with(b"%PDF") && pdf.headers["content-type"] == "application/pdf");
});

on_both!(a_feed_has_no_gap_and_no_repeat_under_parallel_writers, |app| {
    const WRITERS: usize = 8;
    const EACH: usize = 25;
    let issuer = scope_of(app, "default").await.uuid();
    let done = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let writers = (0..WRITERS).map(|writer| {
        let (house, done) = (app.app.clone(), done.clone());
        tokio::spawn(async move {
            for n in 0..EACH {
                let mut tx = house.db.begin().await.unwrap();
                let told = EventData { folio_fiscal: Some(format!("{writer}-{n}")), ..EventData::default() };
                let event = (EventKind::DocumentPublished, &told);
                webhooks::publish(&mut tx, &house.ids, house.now(), issuer, event).await.unwrap();
                // One in five changes its mind: its number is given to the next.
                tokio::task::yield_now().await;
                if n % 5 != 4 {
                    tx.commit().await.unwrap();
                }
            }
            done.fetch_add(1, std::sync::atomic::Ordering::Release);
        })
    });
    let writers: Vec<_> = writers.collect();
    let reader = Program::of_the_demo(app).await;
    let (mut after, mut seen) = (0, Vec::new());
    loop {
        let all_written = done.load(std::sync::atomic::Ordering::Acquire) == WRITERS;
        let page: EventPage = reader.get(&format!("/events?after={after}&limit=7")).await.ok().json();
        seen.extend(page.data.iter().map(|event| event.seq));
        after = page.next_after;
        if all_written && !page.has_more {
            break;
        }
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let wanted: Vec<i64> = (1..=i64::try_from(WRITERS * EACH / 5 * 4).unwrap()).collect();
    assert_eq!(seen, wanted);
    let proof = webhooks::verify::feeds(&mut app.app.db.read().await.unwrap()).await.unwrap();
    assert!(proof.holds(), "{proof:?}");
});

on_both!(a_feed_is_asked_for_in_its_own_words, |app| {
    let reader = Program::of_the_demo(app).await;
    for query in ["after=-1", "limit=0", "limit=101"] {
        reader.get(&format!("/events?{query}")).await.problem(ProblemCode::InvalidFields);
    }
    reader.get("/events?cursor=1").await.problem(ProblemCode::MalformedAddress);
    let empty: EventPage = reader.get("/events?after=9").await.ok().json();
    assert_eq!((empty.data.len(), empty.next_after, empty.has_more), (0, 9, false));
});

on_both!(i5_what_is_served_is_documented, |app| {
    let served = app.browser().get("/openapi/integrators.v1.json").await.ok().text();
    assert_eq!(served, api::http::openapi::integrators_json(api::serve::API).unwrap());
    let checked_in = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/integrators.v1.json");
    assert_eq!(served, std::fs::read_to_string(checked_in).unwrap(), "write it anew with `ventanilla openapi`");
    let document: serde_json::Value = serde_json::from_str(&served).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        assert!(path.starts_with("/api/integrators/v1/"), "{path}");
        for operation in item.as_object().unwrap().values() {
            let scope = operation["security"][0]["api_key"][0].as_str().unwrap();
            assert!(ApiScope::parse(scope).is_some() && operation["description"].as_str().unwrap().contains(scope));
        }
    }
    let start = app.browser().get("/api/docs/swagger-initializer.js").await.ok().text();
    assert!(start.contains("/openapi/integrators.v1.json") && start.contains("preauthorizeApiKey"), "{start}");
    let refused = app.browser().request(reqwest::Method::DELETE, "/api/integrators/v1/tickets/v-1");
    let refused = app.browser().send(refused).await;
    assert_eq!(refused.headers["allow"], "GET, PUT, HEAD");
    refused.problem(ProblemCode::MethodNotAllowed);
});

/// The document's own examples of requests, each taken once.
struct Examples(BTreeMap<(String, String), Value>);

impl Examples {
    fn of(document: &Value) -> Examples {
        let mut found = BTreeMap::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (verb, operation) in item.as_object().unwrap() {
                let contents = operation["requestBody"]["content"].as_object();
                for content in contents.into_iter().flat_map(serde_json::Map::values) {
                    if let Some(example) = content.get("example") {
                        let path = path.strip_prefix("/api/integrators/v1").unwrap().to_owned();
                        found.insert((path, verb.clone()), example.clone());
                    }
                }
            }
        }
        Examples(found)
    }

    fn take(&mut self, verb: &str, path: &str) -> Value {
        self.0.remove(&(path.to_owned(), verb.to_owned())).unwrap_or_else(|| panic!("no example of {verb} {path}"))
    }

    /// It is of the shape that its operation reads.
    fn reads<T: DeserializeOwned>(&mut self, verb: &str, path: &str) {
        let example = self.take(verb, path);
        serde_json::from_value::<T>(example.clone())
            .unwrap_or_else(|error| panic!("{verb} {path}: {error}: {example}"));
    }
}

on_both!(every_example_of_the_document_is_taken, |app| {
    let till = Program::of_the_demo(app).await;
    app.clock.advance_seconds(4 * 24 * 3_600);
    let document: serde_json::Value = app.browser().get("/openapi/integrators.v1.json").await.ok().json();
    let mut examples = Examples::of(&document);
    let ticket = examples.take("put", "/tickets/{external_id}");
    assert_eq!(till.put("/tickets/venta-1", &ticket).await.status.as_u16(), 201, "{ticket}");
    let customer = examples.take("put", "/customers/{external_id}");
    assert_eq!(till.put("/customers/cliente-1", &customer).await.status.as_u16(), 201, "{customer}");
    let contract = examples.take("put", "/customers/{external_id}/contracts/{number}");
    let named = "/customers/cliente-1/contracts/000901";
    assert_eq!(till.put(named, &contract).await.status.as_u16(), 201, "{contract}");
    let lines = examples.take("post", "/tickets/bulk");
    let lines = lines.as_str().unwrap().to_owned();
    assert!(till.bulk(lines.clone()).await.ok().text().contains("created"), "{lines}");
    let owed = examples.take("put", "/receivables/{external_id}");
    assert_eq!(
        till.put("/receivables/cargo-1", &owed).await.status.as_u16(),
        201,
        "the demo knows its customer: {owed}"
    );
    let rate = examples.take("put", "/exchange-rates/{currency}/{valid_on}");
    till.put("/exchange-rates/USD/2026-11-18", &rate).await.ok();
    let order = examples.take("post", "/invoices");
    let made = issue(&till, "pedido-77", &order).await;
    assert_eq!(made.status.as_u16(), 201, "{order}");
    let made: InvoiceResource = made.json();
    let state = examples.take("put", "/documents/{id}/state");
    till.put(&format!("/documents/{}/state", made.document_id.unwrap()), &state).await.ok();
    // Of what must have happened before, or what a machine without a line does not resolve, the shape.
    examples.reads::<PutWebhookEndpoint>("put", "/webhook-endpoints/{external_id}");
    examples.reads::<ReversePayment>("post", "/payments/{id}/reverse");
    examples.reads::<PlaceCredit>("post", "/payments/{id}/credit-applications");
    assert_eq!(
        examples.0.keys().collect::<Vec<_>>(),
        Vec::<&(String, String)>::new(),
        "a new example needs a line here"
    );
    for read in ["/customers/C-1001", "/customers/C-1001/contracts/000781", "/receivables/6212976"] {
        till.get(read).await.ok();
    }
    app.run_jobs().await;
});

on_both!(the_quickstart_works_word_for_word, |app| {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let (_, quickstart) = readme.split_once("## Connect your till in ten minutes").unwrap();
    let (path, rest) = quickstart.split_once("/api/integrators/v1").unwrap().1.split_once(' ').unwrap();
    let body = rest.split_once("-d '").unwrap().1.split_once("}]}'").unwrap().0;
    let body = format!("{body}}}]}}").replace("'$(date -u +%FT%TZ)'", "2026-11-18T17:58:00Z");
    let till = Program::of_the_demo(app).await;
    let sent = till.put(path, &serde_json::from_str(&body).unwrap()).await;
    assert_eq!(sent.status.as_u16(), 201, "{body}: {}", sent.text());
    let ticket: TicketResource = sent.json();
    for typed in [&ticket.order_number, &ticket.ticket_number, &ticket.total] {
        assert!(quickstart.contains(&format!("`{typed}`")), "the quickstart does not say {typed}");
    }
    invoice(app, &ticket, "k-1").await;
    // Or the program is both: the same again, of another sale.
    let second = body.replace("MIA-1", "MIA-2").replace("\"77\"", "\"78\"");
    assert_eq!(till.put("/tickets/mi-venta-2", &serde_json::from_str(&second).unwrap()).await.status.as_u16(), 201);
    let (_, rest) = quickstart.split_once("-X POST http://localhost:8080/api/integrators/v1/invoices").unwrap();
    let order = rest.split_once("-d '").unwrap().1.split_once('\'').unwrap().0;
    let order = serde_json::from_str(&order.replace("mi-venta-1", "mi-venta-2")).unwrap();
    let made: InvoiceResource = issue(&till, "mi-venta-2", &order).await.ok().json();
    till.get(&format!("/documents/{}/xml", made.document_id.expect("it is stamped"))).await.ok();
});
