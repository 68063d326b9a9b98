//! Many at once.
use std::sync::Arc;

use api::payments::model::Intended;
use api::payments::settlement::{self, Brought, Format};
use api::payments::trips;
use fiscal::{Amount, Currency};
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use shared::payments::{BankCode, PaymentState, PaymentView};
use uuid::Uuid;

use super::{
    AtTheBank, Person, comes_back, encode, field, gateway, is_told, issuer_and_customer, money_is_in_order,
    plain_client, staff,
};
use crate::support::{TestApp, on_both};

/// Orders of one invoice at once.
const ORDERS: usize = 50;
/// Times one word of the bank is said at once.
const WORDS: usize = 100;

// 4.5, 6.
on_both!(p6_of_fifty_orders_of_one_invoice_one_is_taken, |app| {
    let person = Person::signs_in(app).await;
    let order = person.all_of(&["6212976"]).await;
    let keys: Vec<String> = (0..ORDERS).map(|number| format!("k-{number}")).collect();
    let replies = join_all(keys.iter().map(|key| person.order(key, &order))).await;
    let taken = replies.iter().filter(|reply| reply.status == 201).count();
    let others: Vec<u16> = replies.iter().map(|reply| reply.status.as_u16()).filter(|status| *status != 201).collect();
    assert_eq!(taken, 1, "{others:?}");
    assert!(others.iter().all(|status| matches!(status, 409 | 503)), "{others:?}");
    let row = person.balance("6212976").await;
    assert_eq!((row.in_transit.as_str(), row.transits.len()), ("27794.52", 1));
    money_is_in_order(app).await;
});

// P8.
on_both!(one_key_at_once_from_many_tabs_is_one_payment, |app| {
    let person = Person::signs_in(app).await;
    let order = person.all_of(&["6212976"]).await;
    let replies = join_all((0..10).map(|_| person.order("k-1", &order))).await;
    let mut paid: Vec<PaymentView> =
        replies.iter().filter(|reply| reply.status == 201).map(|reply| reply.json()).collect();
    assert!(!paid.is_empty() && replies.iter().all(|reply| matches!(reply.status.as_u16(), 201 | 409 | 503)));
    let first = paid.swap_remove(0);
    assert!(paid.iter().all(|payment| payment.id == first.id && payment.redirect == first.redirect));
    assert_eq!(person.history("").await.totals.count, 1);
});

// 4.5, 1 to 3 and 11: browser, server, file and clock at once, about a trip and the one before it.
on_both!(p3_return_notice_file_and_clock_at_once_pay_once, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    let number = answer.iter().find(|(name, _)| name == "mp_authorization").unwrap().1.clone();
    let trip = uuid::Uuid::try_parse(&field(&payment, "mp_order")).unwrap();
    let (scope, _) = issuer_and_customer(app).await;
    app.clock.advance_seconds(31 * 60);
    let files: Vec<(String, String)> = (0..5)
        .map(|index| {
            let (order, reference) = (field(&payment, "mp_order"), field(&payment, "mp_reference"));
            let table =
                format!("orden,referencia,importe,autorizacion,n\n{order},{reference},27794.52,{number},{index}\n");
            (format!("{index}.csv"), table)
        })
        .collect();
    let imports = join_all(files.iter().map(|(name, table)| async move {
        let file = Brought { format: Format::Csv, bank: BankCode::Bbva, name, bytes: table.as_bytes() };
        // A full house says so, and the queue goes on with what was kept.
        drop(settlement::bring(&app.app, scope, &file, &staff()).await);
    }));
    let said = join_all((0..20).map(|index| {
        let answer = &answer;
        async move { if index % 2 == 0 { is_told(app, answer).await } else { comes_back(app, answer).await.0 } }
    }));
    let clock = join_all((0..5).map(|_| api::payments::jobs::deadline(&app.app, trip)));
    let ((), (_, said)) = futures::join!(async { drop(clock.await) }, async { futures::join!(imports, said) });
    assert!(said.iter().all(|status| matches!(status, 204 | 303 | 503)), "{said:?}");
    assert_eq!(is_told(app, &answer).await, 204);
    app.run_jobs().await;
    let person = Person::signs_in(app).await;
    let paid = person.payment(payment.id).await;
    assert_eq!((paid.state, paid.applied, paid.unapplied), (PaymentState::Confirmed, true, None));
    money_is_in_order(app).await;
});

// The same of a bank that is asked: browser, server, file and our own question at once.
on_both!(p3_return_notice_file_and_clock_at_once_pay_once_at_the_gateway, |app| {
    let person = Person::signs_in(app).await;
    let payment = gateway::ordered(&person, "6212976").await;
    let back = gateway::decides(&payment, "sin_avisar").await;
    let order = back.iter().find(|(name, _)| name == "order").unwrap().1.clone();
    let trip = Uuid::try_parse(&order).unwrap();
    let (scope, _) = issuer_and_customer(app).await;
    let mut conn = app.app.db.read().await.unwrap();
    let reference = trips::list(&mut conn, scope, payment.id).await.unwrap().swap_remove(0).reference;
    drop(conn);
    let number = number_at_the_gateway(app, &payment, (trip, &order, &reference)).await;
    app.clock.advance_seconds(31 * 60);
    let table =
        |index| format!("orden,referencia,importe,autorizacion,n\n{order},{reference},27794.52,{number},{index}\n");
    let files: Vec<String> = (0..5).map(table).collect();
    let imports = join_all(files.iter().map(|table| async move {
        let file = Brought { format: Format::Csv, bank: BankCode::Citibanamex, name: "x.csv", bytes: table.as_bytes() };
        drop(settlement::bring(&app.app, scope, &file, &staff()).await);
    }));
    let (returns, notices) = ("/api/v1/bank-returns/citibanamex", "/api/v1/bank-notices/citibanamex");
    let said = join_all((0..20).map(|index| {
        let http = plain_client();
        let request = match index % 2 {
            0 => http.post(format!("{}{notices}", app.base)).json(&json!({ "order": { "id": order } })),
            _ => http.get(format!("{}{returns}?{}", app.base, encode(&back))),
        };
        async move { request.send().await.unwrap().status().as_u16() }
    }));
    let clock = join_all((0..5).map(|_| api::payments::jobs::deadline(&app.app, trip)));
    let ((), (_, said)) = futures::join!(async { drop(clock.await) }, async { futures::join!(imports, said) });
    assert!(said.iter().all(|status| matches!(status, 204 | 303 | 503)), "{said:?}");
    app.run_jobs().await;
    let person = Person::signs_in(app).await;
    let paid = person.payment(payment.id).await;
    assert_eq!((paid.state, paid.applied, paid.unapplied), (PaymentState::Confirmed, true, None));
    assert_eq!(app.database.count("SELECT COUNT(*) FROM ledger_entries WHERE kind = 'receipt'").await, 1);
    assert_eq!(app.database.count("SELECT COUNT(*) FROM payment_reviews WHERE closed_at IS NULL").await, 0);
    money_is_in_order(app).await;
});

/// The number under which the gateway has the money, as it tells who asks.
async fn number_at_the_gateway(
    app: &TestApp,
    payment: &PaymentView,
    (attempt_id, order, reference): (Uuid, &str, &str),
) -> String {
    let intended = Intended {
        attempt_id,
        bank: BankCode::Citibanamex,
        merchant_order: order.to_owned(),
        merchant_reference: reference.to_owned(),
        amount_text: payment.amount.clone(),
        amount: Amount::parse(&payment.amount, Currency::Mxn).unwrap(),
        bank_secret: None,
    };
    let gateway = app.app.banks.find(&payment.issuer, BankCode::Citibanamex).unwrap();
    let answer = gateway.poll(&intended).await.unwrap().unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    answer["transaction"].as_str().unwrap().to_owned()
}

// Threats P3; F16.
on_both!(p3_a_hundred_words_at_once_pay_once, |app| {
    let person = Arc::new(Person::signs_in(app).await);
    let payment = person.pays("k-1", &["6212976", "1233080"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    let said = join_all((0..WORDS).map(|number| {
        let answer = answer.clone();
        async move { if number % 2 == 0 { is_told(app, &answer).await } else { comes_back(app, &answer).await.0 } }
    }))
    .await;
    assert!(said.iter().all(|status| matches!(status, 204 | 303 | 503)), "{said:?}");
    assert!(said.contains(&204));
    assert_eq!(is_told(app, &answer).await, 204);
    let paid = person.payment(payment.id).await;
    assert_eq!((paid.state, paid.applied, paid.unapplied), (PaymentState::Confirmed, true, None));
    money_is_in_order(app).await;
    let page = person.browser.send(person.request(Method::GET, "/payments")).await.ok();
    assert_eq!(page.json::<shared::payments::PaymentsPage>().totals.applied, paid.amount);
});
