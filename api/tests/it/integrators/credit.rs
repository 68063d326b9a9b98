//! Invoices on credit: whichever road they come by, they are owed once.
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::documents::{DocumentState, DocumentsPage};
use shared::integrators::{
    ApiScope, DocumentResource, EventKind, EventPage, InvoiceResource, PaymentResource, PublishedDocument,
    ReceivableResource,
};

use super::documents::{CUSTOMER, PDF, foreign_cfdi_saying, printed_text};
use super::{Program, sale};
use crate::payments::{AtTheBank, Person, comes_back, money_is_in_order};
use crate::support::{TestApp, on_both};

/// An invoice in dollars, to be paid later.
pub async fn on_credit(app: &TestApp, folio: &str) -> Vec<u8> {
    let said = [
        (" TipoDeComprobante=\"E\"", " TipoDeComprobante=\"I\""),
        (" FormaPago=\"01\"", " FormaPago=\"99\""),
        (" MetodoPago=\"PUE\"", " MetodoPago=\"PPD\""),
        (" Moneda=\"MXN\"", " Moneda=\"USD\""),
        (" TipoCambio=\"1\"", " TipoCambio=\"18.886880\""),
    ];
    foreign_cfdi_saying(app, "egreso", folio, &said).await
}

async fn erp<'a>(app: &'a TestApp) -> Program<'a> {
    let erp = Program::at(app, "default", &ApiScope::ALL).await;
    let customer = json!({
        "rfc": CUSTOMER, "nombre": "TALLERES Y AUTOPARTES MIRADOR", "regimen": "601", "codigo_postal": "06010",
    });
    erp.put("/customers/C-1", &customer).await.ok();
    erp
}

async fn publish(program: &Program<'_>, id: &str, xml: &[u8]) -> PublishedDocument {
    let request = program.request(Method::PUT, &format!("/documents/external/{id}"));
    program.send(request.header("Content-Type", "application/xml").body(xml.to_vec())).await.ok().json()
}

/// What the ERP says of an invoice without naming its document.
fn said(document: &PublishedDocument, number: &str, rate: Option<&str>, balance: &str) -> Value {
    let document = &document.document;
    let mut said = json!({
        "customer": "C-1", "number": number, "issued_on": document.issued_on, "currency": document.currency,
        "total": document.total, "balance": balance, "as_of": "2026-11-18T10:00:00Z",
    });
    if let Some(rate) = rate {
        said["rate"] = json!(rate);
    }
    said
}

on_both!(an_invoice_on_credit_is_owed_until_it_is_withdrawn, |app| {
    let (erp, person) = (erp(app).await, Person::signs_in(app).await);
    let xml = on_credit(app, "7001").await;
    let rate = cfdi::read(&xml).unwrap().comprobante.tipo_cambio.map(|rate| rate.to_string());
    let published = publish(&erp, "f-7001", &xml).await;
    let number = shared::documents::document_number(&published.document.serie, "7001");
    assert!(!person.is_open(&number).await, "the job has not run");
    app.run_jobs().await;
    let owed = person.balance(&number).await;
    assert_eq!((&owed.total, &owed.available), (&published.document.total, &published.document.total));
    assert_eq!((owed.currency.as_str(), owed.available_mxn.as_str()), ("USD", "2190.88"));
    assert_eq!(owed.document_id, Some(published.document.id));
    assert_eq!((published.document.issued_on.as_str(), owed.due_on.as_str()), ("2026-11-10", "2026-12-10"));
    // Withdrawn, it asks nobody for money; brought back, it is the same debt.
    let withdraw = || async { erp.send(erp.request(Method::DELETE, "/documents/external/f-7001")).await.ok() };
    withdraw().await;
    app.run_jobs().await;
    assert!(!person.is_open(&number).await);
    publish(&erp, "f-7001", &xml).await;
    app.run_jobs().await;
    assert_eq!(person.balance(&number).await.id, owed.id);
    assert_eq!(person.balance(&number).await.available, owed.available);
    // The ERP speaks of it by its number alone: nothing is owed twice, and from now on the ERP's word counts.
    let told = said(&published, &number, rate.as_deref(), &published.document.total);
    let kept: ReceivableResource = erp.put("/receivables/R-1", &told).await.ok().json();
    assert_eq!((kept.id, kept.document_id), (owed.id, Some(published.document.id)));
    withdraw().await;
    app.run_jobs().await;
    assert!(person.is_open(&number).await, "the ERP still counts it");
    // The other way round: the ERP first, the document after.
    let xml = on_credit(app, "7002").await;
    let number = number.replace("7001", "7002");
    let told = said(&published, &number, rate.as_deref(), "1.00");
    let first: ReceivableResource = erp.put("/receivables/R-2", &told).await.ok().json();
    assert_eq!(first.document_id, None);
    let published = publish(&erp, "f-7002", &xml).await;
    app.run_jobs().await;
    let owed = person.balance(&number).await;
    assert_eq!((owed.id, owed.document_id), (first.id, Some(published.document.id)));
    assert_eq!(owed.available, "1.00");
    money_is_in_order(app).await;
});

on_both!(an_invoice_and_the_erps_word_about_it_at_once_are_one_balance, |app| {
    const MANY: u32 = 8;
    const OWED: &str = "SELECT COUNT(*) FROM receivables WHERE number LIKE '%71__' AND currency = 'USD'";
    let erp = erp(app).await;
    let mut words = Vec::new();
    for n in 0..MANY {
        let folio = format!("71{n:02}");
        let published = publish(&erp, &format!("f-{folio}"), &on_credit(app, &folio).await).await;
        let number = shared::documents::document_number(&published.document.serie, &folio);
        let told = said(&published, &number, Some("18.886880"), &published.document.total);
        words.push((format!("/receivables/R-{folio}"), told));
    }
    let telling = futures::future::join_all(words.iter().map(|(path, told)| async { erp.put(path, told).await.ok() }));
    tokio::join!(telling, app.run_jobs());
    app.run_jobs().await;
    assert_eq!(app.database.count(OWED).await, i64::from(MANY), "each is owed once");
    money_is_in_order(app).await;
});

on_both!(a_cancelled_invoice_says_so_everywhere_and_is_owed_no_more, |app| {
    let (erp, person) = (erp(app).await, Person::signs_in(app).await);
    let published = publish(&erp, "f-7003", &on_credit(app, "7003").await).await.document;
    let number = shared::documents::document_number(&published.serie, &published.folio);
    app.run_jobs().await;
    let owed = person.balance(&number).await;
    let path = format!("/documents/{}/state", published.id);
    let says = async |state: &str| -> DocumentResource {
        app.clock.advance_seconds(1);
        let kept = erp.put(&path, &json!({ "state": state })).await.ok().json();
        app.run_jobs().await;
        kept
    };
    let seen = async || person.get("/documents?typed=canceladas").await.ok().json::<DocumentsPage>();
    let asked = says("en_cancelacion").await;
    assert_eq!(asked.state, "en_cancelacion");
    assert!(person.is_open(&number).await, "nothing is decided yet");
    assert_eq!(seen().await.data, []);
    let ended = says("cancelada").await;
    assert!(ended.state == "cancelada" && ended.updated_at > asked.updated_at);
    assert_eq!(says("cancelada").await, ended, "the same again changes nothing");
    assert!(!person.is_open(&number).await);
    let page = seen().await;
    assert_eq!((page.data[0].id, page.data[0].state), (published.id, DocumentState::Cancelada));
    assert_eq!(page.totals.unwrap().sums, [], "it counts in no total");
    let paper = printed_text(&person.get(&format!("/documents/{}/pdf", published.id)).await.ok().body);
    assert!(paper.to_lowercase().contains("cancelad"), "{paper}");
    // A slip is mended.
    says("vigente").await;
    assert_eq!(person.balance(&number).await.id, owed.id);
    let feed: EventPage = erp.get("/events?after=0&limit=100").await.ok().json();
    let told = feed.data.into_iter().filter(|event| event.kind == EventKind::DocumentState);
    let told: Vec<_> = told.map(|event| (event.data.document_id, event.data.document_state.unwrap())).collect();
    assert_eq!(told, ["en_cancelacion", "cancelada", "vigente"].map(|state| (Some(published.id), state.to_owned())));
    const SAID: &str = "SELECT COUNT(*) FROM audit_log WHERE act = 'document.state' AND actor LIKE 'api_key:%'";
    assert_eq!(app.database.count(SAID).await, 3);
    what_is_no_state_is_refused(app, &erp, &path).await;
    money_is_in_order(app).await;
});

on_both!(a_payment_that_lets_go_of_a_cancelled_invoice_leaves_nothing_to_pay, |app| {
    let (erp, person) = (erp(app).await, Person::signs_in(app).await);
    let cancelled = json!({ "state": "cancelada" });
    let published = publish(&erp, "f-7004", &on_credit(app, "7004").await).await.document;
    let number = shared::documents::document_number(&published.serie, &published.folio);
    app.run_jobs().await;
    let payment = person.pays("k-1", &[number.as_str()]).await;
    erp.put(&format!("/documents/{}/state", published.id), &cancelled).await.ok();
    app.run_jobs().await;
    assert!(person.is_open(&number).await, "money is on its way for it");
    person.cancels(payment.id).await.ok();
    app.run_jobs().await;
    assert!(!person.is_open(&number).await, "nobody is asked for it again");
    money_is_in_order(app).await;
});

on_both!(money_on_a_cancelled_invoice_is_somebodys_to_look_at, |app| {
    let (erp, person) = (erp(app).await, Person::signs_in(app).await);
    let published = publish(&erp, "f-7005", &on_credit(app, "7005").await).await.document;
    let number = shared::documents::document_number(&published.serie, &published.folio);
    app.run_jobs().await;
    let payment = person.pays("k-1", &[number.as_str()]).await;
    // Cancelled while the money is on its way: looked at once it is there, and once.
    erp.put(&format!("/documents/{}/state", published.id), &json!({ "state": "cancelada" })).await.ok();
    app.run_jobs().await;
    let read = async || erp.get(&format!("/payments/{}", payment.id)).await.ok().json::<PaymentResource>();
    assert!(read().await.reviews.is_empty());
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    comes_back(app, &answer).await;
    app.run_jobs().await;
    assert_eq!(read().await.reviews, ["invoice_cancelled"]);
    erp.put(&format!("/documents/{}/state", published.id), &json!({ "state": "en_cancelacion" })).await.ok();
    erp.put(&format!("/documents/{}/state", published.id), &json!({ "state": "cancelada" })).await.ok();
    app.run_jobs().await;
    assert_eq!(read().await.reviews, ["invoice_cancelled"]);
    let feed: EventPage = erp.get("/events?after=0&limit=100").await.ok().json();
    let asked = feed.data.iter().filter(|event| event.kind == EventKind::PaymentReview).count();
    assert_eq!(asked, 1);
    money_is_in_order(app).await;
});

async fn what_is_no_state_is_refused(app: &TestApp, erp: &Program<'_>, path: &str) {
    let cancelled = json!({ "state": "cancelada" });
    let paper =
        "/documents/external/state?kind=recibo&number=1&issued_at=2026-11-10T10:00:00&total=1.00&rfc=TAM010203ABA";
    let request = erp.request(Method::PUT, paper).header("Content-Type", "application/pdf").body(PDF);
    let paper: PublishedDocument = erp.send(request).await.ok().json();
    let of_paper = format!("/documents/{}/state", paper.document.id);
    for (path, state) in [(path, "perdida"), (path, ""), (&of_paper, "cancelada")] {
        let refused = erp.put(path, &json!({ "state": state })).await.problem(ProblemCode::InvalidFields);
        assert_eq!(refused.errors[0].pointer, "/state");
    }
    let nandu = Program::at(app, "nandu", &[ApiScope::DocumentsWrite]).await;
    nandu.put(path, &cancelled).await.problem(ProblemCode::NotFound);
    let reader = Program::at(app, "default", &[ApiScope::DocumentsRead]).await;
    reader.put(path, &cancelled).await.problem(ProblemCode::ScopeMissing);
    erp.send(erp.request(Method::DELETE, "/documents/external/f-7003")).await.ok();
    erp.put(path, &cancelled).await.problem(ProblemCode::NotFound);
}

fn order(id: &str, metodo: &str) -> Value {
    let mut sale = sale("P-9", "9");
    sale.as_object_mut().unwrap().remove("forma_pago");
    json!({
        "external_id": id, "ticket": sale, "metodo_pago": metodo, "email": "amaranta@quintil.example",
        "receptor": {
            "rfc": "QUIA850712AA1", "nombre": "AMARANTA QUINTIL", "regimen": "612", "codigo_postal": "01000", "uso": "G03",
        },
    })
}

on_both!(an_order_that_is_paid_later_is_owed_once_its_receptor_is_a_customer, |app| {
    let erp = Program::at(app, "default", &ApiScope::ALL).await;
    let issue = async |key: &str, order: &Value| {
        erp.send(erp.request(Method::POST, "/invoices").header("Idempotency-Key", key).json(order)).await
    };
    let mut wrong = order("p-8", "PPD");
    wrong["forma_pago"] = json!("03");
    let mut paid = order("p-7", "PPD");
    paid["ticket"] = sale("P-7", "7");
    for (order, pointer) in [(order("p-8", "PAD"), "/metodo_pago"), (wrong, "/forma_pago"), (paid, "/metodo_pago")] {
        let refused = issue("k-1", &order).await.problem(ProblemCode::InvalidFields);
        assert_eq!(refused.errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), [pointer]);
    }
    let made: InvoiceResource = issue("k-2", &order("p-8", "PPD")).await.ok().json();
    let path = format!("/documents/{}/xml", made.document_id.unwrap());
    let xml = erp.get(&path).await.ok().body;
    let comprobante = cfdi::read(&xml).unwrap().comprobante;
    assert_eq!(comprobante.metodo_pago.as_deref(), Some("PPD"));
    assert_eq!(comprobante.forma_pago.as_deref(), Some("99"));
    app.run_jobs().await;
    const OPEN: &str = "SELECT COUNT(*) FROM receivables WHERE closed_at IS NULL AND total_minor = 11800";
    assert_eq!(app.database.count(OPEN).await, 0, "its receptor is no customer");
    let customer = json!({
        "rfc": "QUIA850712AA1", "nombre": "AMARANTA QUINTIL", "regimen": "612", "codigo_postal": "01000",
    });
    erp.put("/customers/C-9", &customer).await.ok();
    app.run_jobs().await;
    assert_eq!(app.database.count(OPEN).await, 1);
    let told = json!({
        "customer": "C-9", "number": "any", "issued_on": "2026-11-18", "due_on": "2026-12-31", "currency": "MXN",
        "total": "118.00", "balance": "118.00", "as_of": "2026-11-18T10:00:00Z", "folio_fiscal": made.folio_fiscal,
    });
    let kept: ReceivableResource = erp.put("/receivables/R-9", &told).await.ok().json();
    assert_eq!((kept.document_id, kept.due_on.as_str()), (made.document_id, "2026-12-31"));
    assert_eq!(app.database.count(OPEN).await, 1, "nothing is owed twice");
    let problem = erp.put("/receivables/R-10", &told).await.problem(ProblemCode::InvalidFields);
    assert_eq!((problem.errors[0].pointer.as_str(), problem.errors[0].code.as_str()), ("/folio_fiscal", "taken"));
    money_is_in_order(app).await;
});
