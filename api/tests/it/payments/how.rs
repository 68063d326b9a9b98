//! How and when money came: what a complemento de pago asks of a payment and of each of its invoices (4.6).
use serde_json::json;
use shared::ProblemCode;
use shared::integrators::PaymentResource;
use shared::payments::{BankCode, PaymentView, SettlementResult};
use uuid::Uuid;

use super::files::{brings, results};
use super::{
    AtTheBank, Person, comes_back, field, gateway, is_told, issuer_and_customer, money_is_in_order, staff, with,
};
use crate::support::{TestApp, on_both};

const INVOICE: &str = "6212976";

async fn told(app: &TestApp, id: Uuid) -> PaymentResource {
    app.desk().await.get(&format!("/console/issuers/default/payments/{id}")).await.ok().json()
}

/// The form, and who said it.
async fn forma(app: &TestApp, id: Uuid) -> (Option<String>, Option<String>) {
    let told = told(app, id).await;
    (told.forma_de_pago, told.forma_de_pago_source)
}

fn said(code: &str, source: &str) -> (Option<String>, Option<String>) {
    (Some(code.to_owned()), Some(source.to_owned()))
}

/// Orders some pesos of an invoice.
async fn part(person: &Person, bank: &str, pesos: &str) -> PaymentView {
    let id = person.balance(INVOICE).await.id;
    let line = json!({ "receivable_id": id, "amount": pesos, "currency": "MXN" });
    let order = json!({ "issuer": "default", "bank": bank, "lines": [line], "expected_total": pesos });
    person.order(&format!("k-{bank}-{pesos}"), &order).await.ok().json()
}

fn without(fields: &[(String, String)], gone: &[&str]) -> Vec<(String, String)> {
    fields.iter().filter(|(name, _)| !gone.contains(&name.as_str())).cloned().collect()
}

on_both!(each_bank_says_by_which_form_its_money_came, |app| {
    let person = Person::signs_in(app).await;
    for (pesos, deed, code, name) in [
        ("10.00", "aprobar", "04", "Tarjeta de crédito"),
        ("11.00", "aprobar_debito", "28", "Tarjeta de débito"),
        ("12.00", "aprobar_otro_banco", "03", "Transferencia electrónica de fondos"),
    ] {
        let payment = part(&person, "bbva", pesos).await;
        assert_eq!(person.payment(payment.id).await.forma_de_pago, None, "nothing came yet");
        AtTheBank::arrives(&payment).await.decides(&payment, deed).await;
        assert_eq!(forma(app, payment.id).await, said(code, "message"), "{deed}");
        let text = person.payment(payment.id).await.forma_de_pago.unwrap();
        assert_eq!((text.code.as_str(), text.name.as_str()), (code, name));
        let told = told(app, payment.id).await;
        assert_eq!((told.tipo_cambio.as_str(), told.currency.as_str()), ("1", "MXN"));
        assert!(told.bank_date.is_some() && told.fecha_pago.is_some(), "{told:?}");
    }
    // The gateway is asked, and says it itself; of what it does not know nothing is made.
    for (invoice, deed, code) in [("1233080", "aprobar_debito", Some("28")), ("1233074", "aprobar_otro_banco", None)] {
        let payment = gateway::ordered(&person, invoice).await;
        gateway::decides(&payment, deed).await;
        let told = told(app, payment.id).await;
        assert_eq!((told.state.as_str(), told.forma_de_pago.as_deref()), ("confirmed", code), "{deed}");
        assert_eq!(told.forma_de_pago_source.as_deref(), code.map(|_| "bank"));
        assert!(told.bank_date.unwrap().ends_with('Z'));
    }
    money_is_in_order(app).await;
});

on_both!(a_transfer_has_one_form_and_a_file_the_banks_own_date, |app| {
    let person = Person::signs_in(app).await;
    let payment = part(&person, "spei", "20.00").await;
    let reference = field(&payment, "reference");
    let table =
        format!("fecha,referencia,importe,folio\n17/11/2026,{reference},20.00,AA1\n17/11/2026,nadie,5.00,AA2\n");
    let file = brings(app, BankCode::Spei, "cuenta.csv", &table).await;
    assert_eq!(results(app, &file).await, [SettlementResult::Confirmed, SettlementResult::NotFound]);
    let paid = told(app, payment.id).await;
    assert_eq!((paid.forma_de_pago.as_deref(), paid.forma_de_pago_source.as_deref()), (Some("03"), Some("bank")));
    // The SAT's hour of a day without one.
    assert_eq!(
        (paid.bank_date.as_deref(), paid.fecha_pago.as_deref()),
        (Some("17/11/2026"), Some("2026-11-17T12:00:00"))
    );
    // Money that nobody ordered, given to its customer.
    let (scope, customer) = issuer_and_customer(app).await;
    let by = staff();
    let made = api::payments::settlement::assign(&app.app, scope, (file.id, 3), customer, &by).await.unwrap();
    let deposit = told(app, made).await;
    assert_eq!(
        (deposit.forma_de_pago.as_deref(), deposit.fecha_pago.as_deref()),
        (Some("03"), Some("2026-11-17T12:00:00"))
    );
    money_is_in_order(app).await;
});

on_both!(what_a_message_says_yields_to_the_banks_file_and_both_to_somebody_who_looked, |app| {
    let person = Person::signs_in(app).await;
    let payment = part(&person, "bbva", "30.00").await;
    let operator = app.operator().await;
    let address = format!("/console/issuers/default/payments/{}/forma-de-pago", payment.id);
    let form = |code: &str| json!({ "forma_de_pago": code });
    operator.put(&address, &form("28")).await.problem(ProblemCode::PaymentStateDiffers);
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    // A bank that says nothing of the card: that is what is known.
    comes_back(app, &without(&answer, &["mp_cardType", "mp_date"])).await;
    let paid = told(app, payment.id).await;
    assert_eq!((paid.state.as_str(), paid.forma_de_pago, paid.bank_date), ("confirmed", None, None));
    assert_eq!(paid.fecha_pago.map(|at| at.len()), Some("2026-11-18T11:00:00".len()), "when it was known to be there");
    // The bank's server says more of the same money.
    assert_eq!(is_told(app, &answer).await, 204);
    assert_eq!(forma(app, payment.id).await, said("04", "message"));
    assert_eq!(is_told(app, &with(&answer, "mp_cardType", "D")).await, 204);
    assert_eq!(
        forma(app, payment.id).await,
        said("04", "message"),
        "the payer may have written it: the first word stays"
    );
    let before = told(app, payment.id).await.updated_at;
    app.clock.advance_seconds(60);
    let number = &answer.iter().find(|(name, _)| name == "mp_authorization").unwrap().1;
    let (order, reference) = (field(&payment, "mp_order"), field(&payment, "mp_reference"));
    let table = |more: &str, forma: &str| {
        format!("orden,referencia,importe,autorizacion{more}\n{order},{reference},30.00,{number}{forma}\n")
    };
    let file = brings(app, BankCode::Bbva, "uno.csv", &table("", "")).await;
    assert_eq!(results(app, &file).await, [SettlementResult::Known]);
    assert_eq!(forma(app, payment.id).await, said("04", "message"), "a file that does not say it");
    // The same line again, in a file that says more of it.
    let file = brings(app, BankCode::Bbva, "dos.csv", &table(",forma de pago", ",Tarjeta de débito")).await;
    assert_eq!(results(app, &file).await, [SettlementResult::Repeated]);
    let paid = told(app, payment.id).await;
    assert_eq!((paid.forma_de_pago.as_deref(), paid.forma_de_pago_source.as_deref()), (Some("28"), Some("bank")));
    assert!(paid.updated_at > before, "who follows changes sees it");
    for wrong in ["99", "", "77", "4"] {
        let problem = operator.put(&address, &form(wrong)).await.problem(ProblemCode::InvalidFields);
        assert_eq!(problem.errors[0].pointer, "/forma_de_pago", "{wrong}");
    }
    app.desk().await.put(&address, &form("03")).await.problem(ProblemCode::OperatorNeeded);
    operator.put(&address, &form("03")).await.ok();
    operator.put(&address, &form("03")).await.ok();
    assert_eq!(forma(app, payment.id).await, said("03", "staff"));
    let noted = "SELECT COUNT(*) FROM audit_log WHERE act = 'payment.forma_set'";
    assert_eq!(app.database.count(noted).await, 1, "once, and nothing for saying it again");
    let file = brings(app, BankCode::Bbva, "tres.csv", &table(",medio de pago", ",04")).await;
    assert_eq!(results(app, &file).await, [SettlementResult::Repeated]);
    assert_eq!(forma(app, payment.id).await, said("03", "staff"));
    money_is_in_order(app).await;
});

// P6: what the signature does not cover is believed only where it can do no harm.
// 4.5, 10.
on_both!(p10_a_payer_dates_no_payment_back, |app| {
    let person = Person::signs_in(app).await;
    let payment = part(&person, "bbva", "40.00").await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    app.clock.advance_seconds(3_600);
    comes_back(app, &with(&answer, "mp_date", "2026-10-31 10:00:00.0")).await;
    let paid = told(app, payment.id).await;
    assert_eq!(paid.bank_date.as_deref(), Some("2026-10-31 10:00:00.0"), "what was said is kept");
    let confirmed = Person::signs_in(app).await.payment(payment.id).await.paid_at.civil;
    assert_eq!(paid.fecha_pago, Some(confirmed));
    money_is_in_order(app).await;
});

// 4.6: NumParcialidad, ImpSaldoAnt, ImpPagado, ImpSaldoInsoluto, MonedaDR, EquivalenciaDR, IdDocumento.
on_both!(every_invoice_of_a_payment_has_what_a_complemento_says_of_it, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &[INVOICE, "1233080"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    comes_back(app, &answer).await;
    let paid = told(app, payment.id).await;
    let line = |number: &str| paid.lines.iter().find(|line| line.number == number).unwrap();
    let (pesos, dollars) = (line(INVOICE), line("1233080"));
    for line in [pesos, dollars] {
        assert_eq!((line.state.as_str(), line.saldo_insoluto.as_deref()), ("applied", Some("0.00")));
        assert!(line.parcialidad.is_some_and(|number| number >= 1));
        assert_eq!(line.saldo_anterior, line.importe_pagado);
    }
    assert_eq!((pesos.currency.as_str(), pesos.equivalencia.as_str(), &pesos.rate_on), ("MXN", "1", &None));
    assert_eq!((dollars.currency.as_str(), dollars.equivalencia.as_str()), ("USD", "0.0529468075"));
    assert_eq!((dollars.rate.as_deref(), dollars.rate_source.as_deref()), (Some("18.886880"), Some("invoice")));
    assert!(dollars.rate_on.is_some() && dollars.rate_series.is_none());
    money_is_in_order(app).await;
});
