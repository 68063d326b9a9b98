//! What an ERP says of money, and reads of it.
use api::payments::deposits::{self, Deposit};
use api::payments::how::How;
use api::payments::operations;
use fiscal::{Amount, Currency};
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::integrators::{ApiScope, EventPage, ExchangeRateResource, PaymentResource, ReceivableResource};
use shared::page::Page;
use shared::payments::{BankCode, Money};

use super::Program;
use crate::payments::{AtTheBank, CUSTOMER, Person, comes_back, issuer_and_customer, money_is_in_order, staff};
use crate::support::{TestApp, on_both};

const MONEY: [ApiScope; 8] = [
    ApiScope::CustomersWrite,
    ApiScope::ReceivablesWrite,
    ApiScope::ReceivablesRead,
    ApiScope::PaymentsWrite,
    ApiScope::PaymentsRead,
    ApiScope::RatesWrite,
    ApiScope::RatesRead,
    ApiScope::EventsRead,
];

async fn erp<'a>(app: &'a TestApp) -> Program<'a> {
    let erp = Program::at(app, "default", &MONEY).await;
    let customer = json!({
        "rfc": CUSTOMER, "nombre": "TALLERES Y AUTOPARTES MIRADOR", "regimen": "601", "codigo_postal": "06010",
    });
    erp.put("/customers/C-1", &customer).await.ok();
    erp
}

fn owed(balance: &str, as_of: &str) -> Value {
    json!({
        "customer": "C-1", "number": "FA-9", "issued_on": "2026-11-02", "currency": "USD", "total": "160.71",
        "rate": "18.886880", "balance": balance, "as_of": as_of,
    })
}

on_both!(an_erp_says_what_is_owed_and_old_news_are_refused, |app| {
    let (erp, person) = (erp(app).await, Person::signs_in(app).await);
    let first = erp.put("/receivables/R-1", &owed("160.71", "2026-11-18T10:00:00Z")).await;
    assert_eq!(first.status.as_u16(), 201, "{}", first.text());
    let row = person.balance("FA-9").await;
    assert_eq!((row.available.as_str(), row.available_mxn.as_str()), ("160.71", "3035.31"));
    assert_eq!(row.due_on, "2026-12-02");
    let again = erp.put("/receivables/R-1", &owed("160.71", "2026-11-18T10:00:00Z")).await;
    assert_eq!(again.status.as_u16(), 200, "the same word changes nothing: {}", again.text());
    assert_eq!(again.json::<ReceivableResource>(), first.json::<ReceivableResource>());
    for old in ["2026-11-18T10:00:00Z", "2026-11-18T09:59:59Z"] {
        erp.put("/receivables/R-1", &owed("1.00", old)).await.problem(ProblemCode::ReceivableNewer);
    }
    let newer = erp.put("/receivables/R-1", &owed("100.71", "2026-11-18T11:00:00-00:00")).await;
    assert_eq!(newer.status.as_u16(), 200, "{}", newer.text());
    let kept: ReceivableResource = newer.json();
    assert_eq!((kept.adjusted.as_str(), kept.pending.as_str(), kept.open), ("-60.00", "100.71", true));
    assert_eq!(person.balance("FA-9").await.pending, "100.71");
    let told: ReceivableResource = erp.get("/receivables/R-1").await.ok().json();
    assert_eq!(told, kept);
    let by_id = format!("/receivables/by-id/{}", kept.id);
    assert_eq!(erp.get(&by_id).await.ok().json::<ReceivableResource>(), kept);
    let theirs = Program::at(app, "nandu", &MONEY).await;
    theirs.get(&by_id).await.problem(ProblemCode::NotFound);
    let gone: ReceivableResource = erp.put("/receivables/R-1", &owed("0.00", "2026-11-18T12:00:00Z")).await.ok().json();
    assert!(!gone.open && !person.is_open("FA-9").await);
    let page: Page<ReceivableResource> = erp.get("/receivables?updated_since=2026-11-18T00:00:00Z").await.ok().json();
    assert!(page.data.contains(&gone));
    money_is_in_order(app).await;
});

on_both!(what_was_first_said_of_a_receivable_stays_and_all_faults_are_named, |app| {
    let erp = erp(app).await;
    erp.put("/receivables/R-1", &owed("160.71", "2026-11-18T10:00:00Z")).await.ok();
    let other = json!({
        "rfc": "CHI1203155K7", "nombre": "CAFETERIAS LA HIGUERA", "regimen": "601", "codigo_postal": "06010",
    });
    erp.put("/customers/C-2", &other).await.ok();
    let mut moved = owed("1.00", "2026-11-18T11:00:00Z");
    moved["customer"] = json!("C-2");
    moved["currency"] = json!("EUR");
    let problem = erp.put("/receivables/R-1", &moved).await.problem(ProblemCode::InvalidFields);
    let told: Vec<_> = problem.errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
    assert_eq!(told, [("/customer", "fixed"), ("/currency", "fixed")]);
    let mut dearer = owed("160.71", "2026-11-18T11:00:00Z");
    dearer["total"] = json!("200.00");
    let problem = erp.put("/receivables/R-1", &dearer).await.problem(ProblemCode::InvalidFields);
    let told: Vec<_> = problem.errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
    assert_eq!(told, [("/total", "fixed")]);
    let wrong = json!({
        "customer": "C-9", "number": " ", "issued_on": "2026-02-30", "due_on": "ayer", "currency": "MXN", "total": "0",
        "rate": "18", "balance": "-1", "as_of": "2030-01-01T00:00:00Z", "folio_fiscal": "7",
    });
    let problem = erp.put("/receivables/R-2", &wrong).await.problem(ProblemCode::InvalidFields);
    let told: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
    let all = ["/number", "/issued_on", "/due_on", "/total", "/balance", "/rate", "/as_of", "/folio_fiscal"];
    assert_eq!(told, all);
    let mut stranger = owed("1.00", "2026-11-18T11:00:00Z");
    stranger["customer"] = json!("C-9");
    let problem = erp.put("/receivables/R-3", &stranger).await.problem(ProblemCode::InvalidFields);
    assert_eq!(problem.errors[0].code.as_str(), "customer_unknown");
});

// Threats I: another issuer's key, and a key without the scope.
on_both!(b2_another_issuers_money_does_not_exist, |app| {
    let mine = erp(app).await;
    mine.put("/receivables/R-1", &owed("160.71", "2026-11-18T10:00:00Z")).await.ok();
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["FA-9"]).await;
    let theirs = Program::at(app, "nandu", &MONEY).await;
    theirs.get("/receivables/R-1").await.problem(ProblemCode::NotFound);
    theirs.get(&format!("/payments/{}", payment.id)).await.problem(ProblemCode::NotFound);
    theirs.post(&format!("/payments/{}/apply", payment.id), &json!({})).await.problem(ProblemCode::NotFound);
    let reverse = json!({ "reason": "No es mío" });
    theirs.post(&format!("/payments/{}/reverse", payment.id), &reverse).await.problem(ProblemCode::NotFound);
    assert!(theirs.get("/payments").await.ok().json::<Page<PaymentResource>>().data.is_empty());
    let reader = Program::at(app, "default", &[ApiScope::PaymentsRead]).await;
    reader.get(&format!("/payments/{}", payment.id)).await.ok();
    reader.post(&format!("/payments/{}/reverse", payment.id), &reverse).await.problem(ProblemCode::ScopeMissing);
    reader.get("/receivables/R-1").await.problem(ProblemCode::ScopeMissing);
});

async fn kinds(erp: &Program<'_>) -> Vec<String> {
    let page: EventPage = erp.get("/events?after=0").await.ok().json();
    let all = page.data.iter().map(|event| event.kind.as_str().to_owned());
    all.filter(|kind| kind.starts_with("payment.")).collect()
}

// Decisions 5: confirmed and applied are two facts, and the ERP says the second.
on_both!(
    an_erp_applies_a_confirmed_payment_and_takes_it_back,
    with | config | {
        config.payments.erp_applies = vec!["colibri-azul".into()];
    },
    |app| {
        let (erp, person) = (erp(app).await, Person::signs_in(app).await);
        erp.put("/receivables/R-1", &owed("160.71", "2026-11-18T10:00:00Z")).await.ok();
        let payment = person.pays("k-1", &["FA-9", "6212976"]).await;
        let address = format!("/payments/{}", payment.id);
        erp.post(&format!("{address}/apply"), &json!({})).await.problem(ProblemCode::PaymentStateDiffers);
        let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
        comes_back(app, &answer).await;
        let confirmed: PaymentResource = erp.get(&address).await.ok().json();
        assert_eq!((confirmed.state.as_str(), confirmed.applied_at), ("confirmed", None));
        assert_eq!(kinds(&erp).await, ["payment.confirmed"]);
        let before: ReceivableResource = erp.get("/receivables/R-1").await.ok().json();
        assert_eq!((before.pending.as_str(), before.in_transit.as_str()), ("160.71", "160.71"));
        let applied: PaymentResource = erp.post(&format!("{address}/apply"), &json!({})).await.ok().json();
        let again: PaymentResource = erp.post(&format!("{address}/apply"), &json!({})).await.ok().json();
        assert_eq!(applied, again, "twice is once");
        let line = applied.lines.iter().find(|line| line.receivable.as_deref() == Some("R-1")).unwrap();
        assert_eq!(
            (line.parcialidad, line.saldo_insoluto.as_deref(), line.rate.as_deref()),
            (Some(1), Some("0.00"), Some("18.886880"))
        );
        assert_eq!((line.importe_pagado.as_deref(), line.amount_mxn.as_str()), (Some("160.71"), "3035.31"));
        money_is_in_order(app).await;
        erp.post(&format!("{address}/reverse"), &json!({ "reason": " " })).await.problem(ProblemCode::InvalidFields);
        let reverse = json!({ "reason": "Contracargo" });
        let reversed: PaymentResource = erp.post(&format!("{address}/reverse"), &reverse).await.ok().json();
        assert_eq!(
            (reversed.reversal_reason.as_deref(), reversed.lines[0].state.as_str()),
            (Some("Contracargo"), "reversed")
        );
        let again: PaymentResource = erp.post(&format!("{address}/reverse"), &reverse).await.ok().json();
        assert_eq!(reversed, again, "twice is once");
        erp.post(&format!("{address}/apply"), &json!({})).await.problem(ProblemCode::PaymentStateDiffers);
        let open: ReceivableResource = erp.get("/receivables/R-1").await.ok().json();
        assert_eq!((open.pending.as_str(), open.available.as_str()), ("160.71", "160.71"));
        assert_eq!(kinds(&erp).await, ["payment.confirmed", "payment.applied", "payment.reversed"]);
        let changed: Page<PaymentResource> =
            erp.get("/payments?updated_since=2026-11-18T00:00:00Z&limit=1").await.ok().json();
        assert_eq!(changed.data[0].id, payment.id);
        money_is_in_order(app).await;
    }
);

// `payments.md` 4.6, which rate; D6.
on_both!(
    the_rate_of_the_day_is_charged_where_the_issuer_says_so,
    with | config | {
        config.payments.day_rate = vec!["colibri-azul".into()];
    },
    |app| {
        let (erp, person) = (erp(app).await, Person::signs_in(app).await);
        let of_invoice = person.balance("1233080").await;
        assert_eq!(of_invoice.rate.as_ref().unwrap().source.as_str(), "invoice", "no rate of the day is known");
        erp.put("/exchange-rates/USD/2026-11-17", &json!({ "rate": "19.000000" })).await.ok();
        erp.put("/exchange-rates/USD/2026-11-19", &json!({ "rate": "25" })).await.ok();
        let row = person.balance("1233080").await;
        let rate = row.rate.unwrap();
        assert_eq!((rate.rate.as_str(), rate.on.as_str(), rate.source.as_str()), ("19.000000", "2026-11-17", "day"));
        assert_eq!(row.available_mxn, "5939.78");
        let payment = person.pays("k-1", &["1233080"]).await;
        assert_eq!((payment.amount.as_str(), payment.lines[0].rate.as_deref()), ("5939.78", Some("19.000000")));
        erp.put("/exchange-rates/USD/2026-11-18", &json!({ "rate": "20.5" })).await.ok();
        let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
        comes_back(app, &answer).await;
        assert!(!person.is_open("1233080").await, "frozen when it was ordered");
        assert_eq!(person.balance("1233074").await.rate.unwrap().rate, "20.500000");
        let kept: ExchangeRateResource = erp.get("/exchange-rates/USD/2026-11-18").await.ok().json();
        assert_eq!((kept.rate.as_str(), kept.source.as_str()), ("20.500000", "erp"));
        let all: Page<ExchangeRateResource> = erp.get("/exchange-rates?limit=2").await.ok().json();
        assert_eq!(
            all.data.iter().map(|rate| rate.valid_on.as_str()).collect::<Vec<_>>(),
            ["2026-11-19", "2026-11-18"]
        );
        let problem =
            erp.put("/exchange-rates/MXN/hoy", &json!({ "rate": "0" })).await.problem(ProblemCode::InvalidFields);
        assert_eq!(problem.errors.len(), 3);
        money_is_in_order(app).await;
    }
);

// Issue 5: application by staff or API, also of what nobody ordered.
on_both!(
    what_a_transfer_left_is_put_where_the_erp_says,
    with | config | {
        config.payments.erp_applies = vec!["colibri-azul".into()];
    },
    |app| {
        let (erp, person) = (erp(app).await, Person::signs_in(app).await);
        let owed: ReceivableResource =
            erp.put("/receivables/R-1", &owed("160.71", "2026-11-18T10:00:00Z")).await.ok().json();
        let (scope, customer) = issuer_and_customer(app).await;
        let (how, amount) = (How::default(), Amount::new(400_000, Currency::Mxn));
        let deposit = Deposit { bank: BankCode::Spei, transaction: "AA1", amount, reference: "9", how: &how };
        let whose = (customer, deposits::By::Number);
        let received = deposits::receive(&app.app, scope, whose, &deposit, b"line").await.unwrap();
        let Some(deposits::Received::Made(id)) = received else { panic!("{received:?}") };
        let address = format!("/payments/{id}");
        let came: PaymentResource = erp.get(&address).await.ok().json();
        assert_eq!((came.is_deposit, came.unapplied.as_str(), came.lines.len()), (true, "4000.00", 0));
        assert_eq!(came.forma_de_pago.as_deref(), Some("03"));
        // It is on no invoice, and nobody is told that it is.
        assert_eq!((came.applied_at, person.payment(id).await.money()), (None, Money::Credit));
        assert_eq!(kinds(&erp).await, ["payment.confirmed"]);
        erp.post(&format!("{address}/apply"), &json!({})).await.problem(ProblemCode::PaymentStateDiffers);
        let places = format!("{address}/credit-applications");
        let on = |id: uuid::Uuid, amount: Option<&str>| json!({ "lines": [{ "receivable_id": id, "amount": amount }] });
        let named = async |key: &str, body: &Value| {
            erp.send(erp.request(Method::POST, &places).header("Idempotency-Key", key).json(body)).await
        };
        let first = named("c-1", &on(owed.id, None)).await.ok();
        let placed: PaymentResource = first.json();
        assert_eq!(named("c-1", &on(owed.id, None)).await.ok().body, first.body, "the same key, the same answer");
        named("c-1", &on(owed.id, Some("1.00"))).await.problem(ProblemCode::IdempotencyKeyReused);
        named("", &on(owed.id, None)).await.problem(ProblemCode::IdempotencyKeyMissing);
        assert!(placed.applied_at.is_some() && person.payment(id).await.money() == Money::Applied);
        assert_eq!(kinds(&erp).await, ["payment.confirmed", "payment.applied"]);
        let line = &placed.lines[0];
        assert_eq!((placed.unapplied.as_str(), line.receivable.as_deref()), ("964.69", Some("R-1")));
        assert_eq!((line.parcialidad, line.saldo_insoluto.as_deref()), (Some(1), Some("0.00")));
        erp.post(&places, &on(owed.id, None)).await.problem(ProblemCode::IdempotencyKeyMissing);
        named("c-2", &on(owed.id, None)).await.problem(ProblemCode::InvalidFields);
        let other = person.balance("6212976").await.id;
        for wrong in [on(other, Some("964.70")), on(other, Some("0")), json!({ "lines": [] })] {
            named("c-3", &wrong).await.problem(ProblemCode::InvalidFields);
        }
        let reader = Program::at(app, "default", &[ApiScope::PaymentsRead]).await;
        reader.post(&places, &on(other, None)).await.problem(ProblemCode::ScopeMissing);
        let theirs = Program::at(app, "nandu", &MONEY).await;
        theirs
            .send(theirs.request(Method::POST, &places).header("Idempotency-Key", "c-1").json(&on(other, None)))
            .await
            .problem(ProblemCode::NotFound);
        let placed: PaymentResource = named("c-4", &on(other, Some("964.69"))).await.ok().json();
        assert_eq!(placed.unapplied, "0.00");
        named("c-5", &on(other, None)).await.problem(ProblemCode::PaymentStateDiffers);
        money_is_in_order(app).await;
    }
);

// The documented order is the other one; what came of this one is told, and can be mended.
on_both!(
    a_balance_that_came_before_its_payment_is_mended_by_its_credit,
    with | config | {
        config.payments.erp_applies = vec!["colibri-azul".into()];
    },
    |app| {
        let (erp, person) = (erp(app).await, Person::signs_in(app).await);
        let says = async |balance: &str, as_of: &str| -> ReceivableResource {
            erp.put("/receivables/R-1", &owed(balance, as_of)).await.ok().json()
        };
        let receivable = says("160.71", "2026-11-18T10:00:00Z").await.id;
        let payment = person.pays("k-1", &["FA-9"]).await;
        let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
        comes_back(app, &answer).await;
        says("0.00", "2026-11-18T11:00:00Z").await;
        let address = format!("/payments/{}", payment.id);
        let applied: PaymentResource = erp.post(&format!("{address}/apply"), &json!({})).await.ok().json();
        assert_eq!((applied.unapplied.as_str(), applied.lines[0].parcialidad), ("3035.31", None));
        assert_eq!(applied.reviews, ["unapplied_credit"]);
        assert_eq!(kinds(&erp).await, ["payment.confirmed", "payment.review", "payment.applied"]);
        money_is_in_order(app).await;
        says("160.71", "2026-11-18T12:00:00Z").await;
        let lines = json!({ "lines": [{ "receivable_id": receivable }] });
        let places = erp.request(Method::POST, &format!("{address}/credit-applications"));
        let mended: PaymentResource = erp.send(places.header("Idempotency-Key", "c-1").json(&lines)).await.ok().json();
        let line = mended.lines.iter().find(|line| line.state == "applied").unwrap();
        assert_eq!((line.parcialidad, line.saldo_insoluto.as_deref()), (Some(1), Some("0.00")));
        assert_eq!((mended.unapplied.as_str(), person.is_open("FA-9").await), ("0.00", false));
        money_is_in_order(app).await;
    }
);

on_both!(
    what_changes_of_a_payment_later_is_told,
    with | config | {
        config.payments.erp_applies = vec!["colibri-azul".into()];
    },
    |app| {
        let erp = erp(app).await;
        let (scope, customer) = issuer_and_customer(app).await;
        let (how, amount) = (How::default(), Amount::new(400_000, Currency::Mxn));
        let deposit = Deposit { bank: BankCode::Spei, transaction: "AA1", amount, reference: "9", how: &how };
        let whose = (customer, deposits::By::Number);
        let received = deposits::receive(&app.app, scope, whose, &deposit, b"line").await.unwrap();
        let Some(deposits::Received::Made(id)) = received else { panic!("{received:?}") };
        assert_eq!(kinds(&erp).await, ["payment.confirmed"]);
        operations::set_forma(&app.app, scope, id, fiscal::FormaPago::Cheque, &staff()).await.unwrap();
        operations::set_forma(&app.app, scope, id, fiscal::FormaPago::Cheque, &staff()).await.unwrap();
        assert_eq!(kinds(&erp).await, ["payment.confirmed", "payment.changed"], "once");
        operations::refund_credit(&app.app, scope, id, "Se devolvió", &staff()).await.unwrap();
        assert_eq!(kinds(&erp).await, ["payment.confirmed", "payment.changed", "payment.changed"]);
        money_is_in_order(app).await;
    }
);
