//! Many at once.
use std::sync::Arc;

use api::payments::settlement::{self, Brought, Format};
use futures::future::join_all;
use reqwest::Method;
use shared::payments::{BankCode, PaymentState, PaymentView};

use super::{AtTheBank, Person, comes_back, field, is_told, issuer_and_customer, money_is_in_order, staff};
use crate::support::on_both;

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
