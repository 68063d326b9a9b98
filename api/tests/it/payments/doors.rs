//! Doors by which money comes in: by any number of them one transfer is entered once, and what comes is never lost (D5, P3).
use api::accounts::{CustomerId, people};
use api::http::RequestId;
use api::payments::model::Finding;
use api::payments::operations::{self, Looked};
use api::payments::service::{self, Key};
use api::payments::{Asker, PaymentError, deposits, resource, settlement};
use fiscal::{Amount, Currency, Rfc};
use serde_json::json;
use shared::accounts::Me;
use shared::integrators::PaymentResource;
use shared::page::Page;
use shared::payments::{
    BankCode, CreatePayment, PaymentState, PaymentView, ReviewView, SettlementFileView, SettlementResult,
};
use shared::{FieldCode, ProblemCode};
use uuid::Uuid;

use super::files::{brings, results, transferred};
use super::gateway::with_a_silent_gateway;
use super::{
    AtTheBank, Person, comes_back, entered, field, invoice, is_told, issuer_and_customer, money_is_in_order, staff,
};
use crate::audit::by_hand;
use crate::support::{Clerk, TestApp, on_both};

/// A customer of the demo's without users.
const OTHER: &str = "CHI1203155K7";
const INVOICE: &str = "6212976";
const ROOT: &str = "/console/issuers/default";

fn mxn(minor: i64) -> Amount {
    Amount::new(minor, Currency::Mxn)
}

fn saw(minor: i64, number: &'static str) -> Looked<'static> {
    let finding = Finding::Arrived(mxn(minor));
    Looked { trip: None, finding, transaction: Some(number), forma: None, note: "Está en la cuenta" }
}

async fn open_reviews(clerk: &Clerk) -> Vec<ReviewView> {
    clerk.get(&format!("{ROOT}/payment-reviews")).await.ok().json::<Page<ReviewView>>().data
}

async fn asker(person: &Person, customer: CustomerId) -> Asker {
    let me: Me = person.get("/me").await.ok().json();
    Asker { user_id: me.user_id, customer, only: None, may_pay: true, request_id: "r-1".into() }
}

/// A customer's own number at the default company.
async fn own_number(app: &TestApp, person: &Person, customer: CustomerId) -> String {
    let accounts = deposits::accounts(&app.app, &asker(person, customer).await).await.unwrap();
    accounts.iter().find(|account| account.issuer == "colibri-azul").unwrap().reference.clone()
}

/// Orders some pesos of an invoice, by transfer or through a bank.
async fn part(person: &Person, (bank, invoice): (&str, &str), pesos: &str) -> PaymentView {
    let line = json!({ "receivable_id": person.balance(invoice).await.id, "amount": pesos, "currency": "MXN" });
    let order = json!({ "issuer": "default", "bank": bank, "lines": [line], "expected_total": pesos });
    person.order(&format!("k-{bank}-{invoice}-{pesos}"), &order).await.ok().json()
}

/// A line of the account that says its day.
async fn on_a_day(app: &TestApp, day: &str, reference: &str, number: &str) -> (SettlementFileView, SettlementResult) {
    let table = format!("fecha,referencia,importe,clave de rastreo\n{day},{reference},20.00,{number}\n");
    let file = brings(app, BankCode::Spei, "cuenta.csv", &table).await;
    let result = results(app, &file).await[0];
    (file, result)
}

on_both!(a_second_charge_that_somebody_saw_is_entered_once, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "cobrar_dos_veces").await;
    comes_back(app, &answer).await;
    let paid = person.payment(payment.id).await;
    assert_eq!((paid.state, paid.unapplied.as_deref()), (PaymentState::Confirmed, None));
    let (desk, operator) = (app.desk().await, app.operator().await);
    app.run_jobs().await;
    let review = open_reviews(&desk).await.swap_remove(0);
    assert_eq!((review.reason.as_str(), review.to_enter.as_deref()), ("second_success", Some("27794.52")));
    let address = format!("{ROOT}/payment-reviews/{}/entries", review.id);
    let note = json!({ "note": "Está dos veces en la cuenta" });
    desk.post(&address, &note).await.problem(ProblemCode::OperatorNeeded);
    operator.post(&address, &json!({ "note": " " })).await.problem(ProblemCode::InvalidFields);
    app.clock.advance_seconds(1);
    let entered: PaymentResource = operator.post(&address, &note).await.ok().json();
    assert_eq!((entered.state.as_str(), entered.unapplied.as_str()), ("confirmed", "27794.52"));
    operator.post(&address, &note).await.problem(ProblemCode::PaymentStateDiffers);
    let number = review.said.iter().find(|field| field.name == "mp_authorization").unwrap().value.clone();
    let after = person.payment(payment.id).await;
    let both = format!("{}, BBVA {number}", paid.bank_reference.unwrap());
    assert_eq!((after.unapplied.as_deref(), after.bank_reference.as_deref()), (Some("27794.52"), Some(both.as_str())));
    assert!(open_reviews(&desk).await.is_empty());
    money_is_in_order(app).await;
    // The bank tells of the second one again, by its server and by its file: it is known.
    assert_eq!(is_told(app, &answer).await, 204);
    let (order, reference) = (field(&payment, "mp_order"), field(&payment, "mp_reference"));
    let table = format!("orden,referencia,importe,autorizacion\n{order},{reference},27794.52,{number}\n");
    let file = brings(app, BankCode::Bbva, "uno.csv", &table).await;
    assert_eq!(results(app, &file).await, [SettlementResult::Known]);
    assert!(open_reviews(&desk).await.is_empty());
    assert_eq!(person.payment(payment.id).await, after);
    let noted = "SELECT COUNT(*) FROM audit_log WHERE act = 'payment.money_entered'";
    assert_eq!(app.database.count(noted).await, 1);
    // It goes back to the customer like any other credit.
    let (scope, _) = issuer_and_customer(app).await;
    operations::refund_credit(&app.app, scope, payment.id, "Se devolvió", &staff()).await.unwrap();
    assert_eq!(person.payment(payment.id).await.unapplied, None);
    money_is_in_order(app).await;
});

on_both!(an_order_that_two_transfers_paid_has_both, |app| {
    let person = Person::signs_in(app).await;
    let (scope, _) = issuer_and_customer(app).await;
    let payment = part(&person, ("spei", INVOICE), "50.00").await;
    let reference = field(&payment, "reference");
    let (_, result) = transferred(app, &reference, "30.00", "MBAN01").await;
    assert_eq!(result, SettlementResult::AmountDiffers);
    let (desk, operator) = (app.desk().await, app.operator().await);
    assert!(open_reviews(&desk).await.iter().all(|review| review.to_enter.is_none()), "it may be the order's own");
    operations::decide(&app.app, scope, payment.id, &saw(3_000, "MBAN01"), &staff()).await.unwrap();
    let (_, result) = transferred(app, &reference, "20.00", "MBAN02").await;
    assert_eq!(result, SettlementResult::AmountDiffers);
    let reviews = open_reviews(&desk).await;
    let offered: Vec<_> = reviews.iter().filter_map(|review| review.to_enter.as_deref()).collect();
    assert_eq!(offered, ["20.00"], "the first is here already");
    for review in &reviews {
        let address = format!("{ROOT}/payment-reviews/{}/entries", review.id);
        let reply = operator.post(&address, &json!({ "note": "Está en la cuenta" })).await;
        match review.to_enter {
            Some(_) => assert_eq!(reply.ok().json::<PaymentResource>().unapplied, "50.00"),
            None => drop(reply.problem(ProblemCode::PaymentStateDiffers)),
        }
    }
    money_is_in_order(app).await;
    // The customer's own number of the same transfer makes no third.
    let (_, result) = transferred(app, "gracias", "20.00", "MBAN02").await;
    assert_eq!(result, SettlementResult::Known);
    assert_eq!(person.history("").await.totals.count, 1);
});

// payments.md 3.5: a bank's number alone is nobody's.
on_both!(two_deposits_with_one_number_are_both_there, |app| {
    let person = Person::signs_in(app).await;
    let (scope, customer) = issuer_and_customer(app).await;
    let own = own_number(app, &person, customer).await;
    assert_eq!(transferred(app, &own, "20.00", "1").await.1, SettlementResult::Deposit);
    assert_eq!(transferred(app, &own, "21.00", "1").await.1, SettlementResult::Deposit);
    assert_eq!(person.history("").await.totals.count, 2);
    // Another customer's with the same number and amount waits for somebody, and is not the first one's.
    let rfc = Rfc::parse(OTHER).unwrap();
    let other = people::find_customer(&mut app.app.db.read().await.unwrap(), &rfc).await.unwrap().unwrap();
    entered(app, scope, &invoice(app, other, "OTRA-1", mxn(100_000))).await;
    let others = own_number(app, &person, other).await;
    let (file, result) = transferred(app, &others, "20.00", "1").await;
    assert_eq!(result, SettlementResult::NotFound);
    let made = settlement::assign(&app.app, scope, (file.id, 2), other, &staff()).await.unwrap();
    assert_eq!(results(app, &file).await, [SettlementResult::Deposit]);
    let told = resource::find(&mut app.app.db.read().await.unwrap(), scope, made).await.unwrap();
    assert_eq!((told.customer_rfc.as_str(), told.amount.as_str()), (OTHER, "20.00"));
    assert_eq!(person.history("").await.totals.count, 2);
    // A line that names nobody, and somebody entered it for the one: it is not the other's.
    let (file, result) = transferred(app, "gracias", "25.00", "2").await;
    assert_eq!(result, SettlementResult::NotFound);
    let order = part(&person, ("spei", INVOICE), "25.00").await;
    operations::decide(&app.app, scope, order.id, &saw(2_500, "2"), &staff()).await.unwrap();
    let wrong = settlement::assign(&app.app, scope, (file.id, 2), other, &staff()).await;
    let Err(PaymentError::Fields(errors)) = wrong else { panic!("{wrong:?}") };
    assert_eq!(errors.of("/rfc"), Some(FieldCode::MoneyEntered));
    // Unless that payment was taken back: it was put down to the wrong one.
    operations::reverse(&app.app, scope, order.id, "Era de otro cliente", &staff()).await.unwrap();
    settlement::assign(&app.app, scope, (file.id, 2), other, &staff()).await.unwrap();
    money_is_in_order(app).await;
});

on_both!(a_number_that_comes_again_on_another_day_waits_for_somebody, |app| {
    let person = Person::signs_in(app).await;
    let (scope, customer) = issuer_and_customer(app).await;
    let own = own_number(app, &person, customer).await;
    use SettlementResult as R;
    assert_eq!(on_a_day(app, "17/11/2026", &own, "7").await.1, R::Deposit);
    let (file, result) = on_a_day(app, "18/11/2026", &own, "7").await;
    assert_eq!(result, R::NotFound, "it is no repetition, and nobody enters it by himself");
    assert_eq!(person.history("").await.totals.count, 1);
    settlement::assign(&app.app, scope, (file.id, 2), customer, &staff()).await.unwrap();
    assert_eq!(results(app, &file).await, [R::Deposit]);
    assert_eq!(person.history("").await.totals.count, 2);
    // Of the first day it is the first one.
    let (_, result) = on_a_day(app, "2026-11-17", "gracias", "7").await;
    assert_eq!(result, R::Known);
    money_is_in_order(app).await;
});

// P3: the same transfer, first without its reference and then with it.
on_both!(one_transfer_through_two_doors_is_entered_once, |app| {
    let person = Person::signs_in(app).await;
    let (scope, customer) = issuer_and_customer(app).await;
    let order = part(&person, ("spei", INVOICE), "50.00").await;
    let (file, result) = transferred(app, "gracias", "50.00", "MBAN05").await;
    assert_eq!(result, SettlementResult::NotFound);
    let made = settlement::assign(&app.app, scope, (file.id, 2), customer, &staff()).await.unwrap();
    let (file, result) = transferred(app, &field(&order, "reference"), "50.00", "MBAN05").await;
    assert_eq!(result, SettlementResult::Known);
    let mut conn = app.app.db.read().await.unwrap();
    let lines = settlement::list_lines(&mut conn, scope, (file.id, None), 0, 10).await.unwrap();
    drop(conn);
    assert_eq!(lines[0].payment_id, Some(made), "the one that has the money");
    let waiting = person.payment(order.id).await;
    assert_eq!((waiting.state, waiting.applied), (PaymentState::InTransit, false));
    money_is_in_order(app).await;
    // A card's authorization may be two payments' by chance: somebody looks, and nothing is entered meanwhile.
    let one = part(&person, ("bbva", INVOICE), "60.00").await;
    let other = part(&person, ("bbva", "1233080"), "60.00").await;
    let (order, reference) = (field(&other, "mp_order"), field(&other, "mp_reference"));
    operations::decide(&app.app, scope, one.id, &saw(6_000, "804512"), &staff()).await.unwrap();
    assert_eq!(person.payment(one.id).await.state, PaymentState::Confirmed);
    let table = format!("orden,referencia,importe,autorizacion\n{order},{reference},60.00,804512\n");
    let file = brings(app, BankCode::Bbva, "uno.csv", &table).await;
    assert_eq!(results(app, &file).await, [SettlementResult::Review]);
    assert_eq!(person.payment(other.id).await.state, PaymentState::Review);
    let reviews = open_reviews(&app.desk().await).await;
    assert_eq!(reviews.last().map(|review| review.reason.as_str()), Some("money_entered"));
    money_is_in_order(app).await;
});

// What a line came to is the same whoever settles it, and however often.
on_both!(a_file_that_is_settled_again_says_the_same, |app| {
    let person = Person::signs_in(app).await;
    let (scope, customer) = issuer_and_customer(app).await;
    let own = own_number(app, &person, customer).await;
    let order = part(&person, ("spei", INVOICE), "50.00").await;
    let reference = field(&order, "reference");
    let table = format!("referencia,importe,clave de rastreo\n{reference},50.00,AA1\n{own},20.00,AA2\n");
    let file = brings(app, BankCode::Spei, "cuenta.csv", &table).await;
    use SettlementResult as R;
    assert_eq!(results(app, &file).await, [R::Confirmed, R::Deposit]);
    // As if the process had died behind each line's money.
    by_hand(&app.app, "UPDATE settlement_lines SET result = NULL, payment_id = NULL, settled_at = NULL").await.unwrap();
    settlement::go_on(&app.app, file.id).await;
    assert_eq!(results(app, &file).await, [R::Confirmed, R::Deposit]);
    let mut conn = app.app.db.read().await.unwrap();
    let again = settlement::find(&mut conn, scope, file.id).await.unwrap();
    assert_eq!(again, file);
    drop(conn);
    assert_eq!(person.history("").await.totals.count, 2);
    money_is_in_order(app).await;
});

/// As many messages about the one payment as are kept of any.
const FULL_SQLITE: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) \
     INSERT INTO evidence (id, issuer_id, attempt_id, bank, source, raw, dedupe_key, received_at) \
     SELECT randomblob(16), a.issuer_id, a.id, a.bank, 'return', x'00', randomblob(16), a.created_at \
     FROM n CROSS JOIN attempts AS a";
const FULL_POSTGRES: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) \
     INSERT INTO evidence (id, issuer_id, attempt_id, bank, source, raw, dedupe_key, received_at) \
     SELECT gen_random_uuid(), a.issuer_id, a.id, a.bank, 'return', decode('00', 'hex'), \
     decode(md5(n.i::text), 'hex'), a.created_at FROM n CROSS JOIN attempts AS a";

on_both!(a_line_that_is_not_kept_is_somebodys_to_look_at, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    by_hand(&app.app, if app.app.db.is_sqlite() { FULL_SQLITE } else { FULL_POSTGRES }).await.unwrap();
    let (order, reference) = (field(&payment, "mp_order"), field(&payment, "mp_reference"));
    let table = format!("orden,referencia,importe,autorizacion\n{order},{reference},27794.52,804512\n");
    let file = brings(app, BankCode::Bbva, "uno.csv", &table).await;
    assert_eq!(results(app, &file).await, [SettlementResult::Review]);
    let reviews = open_reviews(&app.desk().await).await;
    let told: Vec<_> = reviews.iter().map(|review| (review.reason.as_str(), review.payment.id)).collect();
    assert_eq!(told, [("too_much_said", payment.id)]);
    assert_eq!(person.payment(payment.id).await.state, PaymentState::InTransit);
});

// Who follows payments by their last change sees one set out.
on_both!(going_to_the_bank_is_a_change, |app| {
    let person = Person::signs_in(app).await;
    let (scope, customer) = issuer_and_customer(app).await;
    let asker = asker(&person, customer).await;
    let mut order = person.all_of(&["6212976"]).await;
    order["bank"] = json!("citibanamex");
    let order = serde_json::from_value::<CreatePayment>(order).unwrap().parse().unwrap();
    let key = Key { text: "k-1", request_sha256: [0; 32], request_id: RequestId::new(Uuid::from_u128(1)) };
    let silent = service::order(&with_a_silent_gateway(app), &asker, &order, &key).await;
    assert!(matches!(silent, Err(PaymentError::BankUnavailable)), "{:?}", silent.map(|saved| saved.status));
    app.clock.advance_seconds(60);
    let since = app.app.now();
    assert_eq!(service::order(&app.app, &asker, &order, &key).await.unwrap().status, 201);
    let mut conn = app.app.db.read().await.unwrap();
    let changed = resource::list(&mut conn, scope, Some(since), None, 10).await.unwrap();
    let states: Vec<&str> = changed.iter().map(|(_, payment)| payment.state.as_str()).collect();
    assert_eq!(states, ["in_transit"]);
});
