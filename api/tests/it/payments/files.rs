//! Files of banks, and transfers that nobody ordered (4.5, 11; P9).
use api::payments::model::Finding;
use api::payments::operations::{self, Looked};
use api::payments::settlement::{self, Brought, Format};
use api::payments::{Asker, PaymentError, deposits};
use fiscal::{Amount, Currency};
use serde_json::json;
use shared::FieldCode;
use shared::payments::{BankCode, PaymentState, PaymentView, SettlementFileView, SettlementResult};

use super::{
    AtTheBank, Person, comes_back, erp_says, field, issuer_and_customer, money_is_in_order, staff, told_by_mail,
};
use crate::support::{TestApp, on_both};

const HEADER: &str = "orden,referencia,importe,autorizacion,comision,fecha_dispersion";

pub async fn brings(app: &TestApp, bank: BankCode, name: &str, table: &str) -> SettlementFileView {
    brings_in(app, &Brought { format: Format::Csv, bank, name, bytes: table.as_bytes() }).await
}

pub async fn brings_in(app: &TestApp, file: &Brought<'_>) -> SettlementFileView {
    let (scope, _) = issuer_and_customer(app).await;
    let brought = settlement::bring(&app.app, scope, file, &staff()).await.unwrap();
    app.run_jobs().await;
    settlement::find(&mut app.app.db.read().await.unwrap(), scope, brought.id).await.unwrap()
}

pub async fn results(app: &TestApp, file: &SettlementFileView) -> Vec<SettlementResult> {
    let (scope, _) = issuer_and_customer(app).await;
    let mut conn = app.app.db.read().await.unwrap();
    let lines = settlement::list_lines(&mut conn, scope, (file.id, None), 0, 100).await.unwrap();
    lines.into_iter().map(|line| line.result.unwrap()).collect()
}

fn line(payment: &PaymentView, amount: &str, authorization: &str) -> String {
    let (order, reference) = (field(payment, "mp_order"), field(payment, "mp_reference"));
    format!("{order},{reference},\"{amount}\",{authorization},12.00,2026-11-20")
}

on_both!(p8_a_file_confirms_what_no_browser_told_and_only_once, |app| {
    let person = Person::signs_in(app).await;
    let silent = person.pays("k-1", &["6212976"]).await;
    let told = person.pays("k-2", &["1233080"]).await;
    let answer = AtTheBank::arrives(&told).await.decides(&told, "sin_avisar").await;
    comes_back(app, &answer).await;
    let number = answer.iter().find(|(name, _)| name == "mp_authorization").unwrap().1.clone();
    let short = person.pays("k-3", &["1233074"]).await;
    let table = [
        HEADER.to_owned(),
        line(&silent, "27,794.52", "804512"),
        line(&told, "5904.42", &number),
        line(&short, "3035.30", "804513"),
        "ffff,000000009901,10.00,804514,,".to_owned(),
        "a,b,c,d,e,f".to_owned(),
    ]
    .join("\n");
    let file = brings(app, BankCode::Bbva, "uno.csv", &table).await;
    assert!(file.done && file.lines == 5);
    use SettlementResult as R;
    assert_eq!(results(app, &file).await, [R::Confirmed, R::Known, R::AmountDiffers, R::NotFound, R::Unreadable]);
    let paid = person.payment(silent.id).await;
    assert_eq!((paid.state, paid.applied), (PaymentState::Confirmed, true));
    assert_eq!(paid.bank_reference.as_deref(), Some("BBVA 804512"));
    assert_eq!(person.payment(short.id).await.state, PaymentState::Review);
    money_is_in_order(app).await;
    // The same file is the same file; the same lines in another file change nothing.
    assert_eq!(brings(app, BankCode::Bbva, "otro nombre.csv", &table).await.id, file.id);
    let longer = format!("{table}\n");
    let again = brings(app, BankCode::Bbva, "dos.csv", &longer).await;
    assert_ne!(again.id, file.id);
    let repeated = [R::Repeated, R::Repeated, R::Repeated, R::NotFound, R::Unreadable];
    assert_eq!(results(app, &again).await, repeated);
    assert_eq!(person.payment(silent.id).await, paid);
    money_is_in_order(app).await;
});

/// A line of Multipagos' own file, by the widths of `payments.md` 1.6.
fn fixed(payment: &PaymentView, amount: &str, approval: &str) -> Vec<u8> {
    let (order, reference) = (field(payment, "mp_order"), field(payment, "mp_reference"));
    let fields = [
        ("2026-11-18 12:00:05.000000", 27),
        ("COMERCIO", 50),
        ("0", 10),
        ("1", 10),
        ("TDX", 10),
        (reference.as_str(), 40),
        (order.as_str(), 40),
        (approval, 10),
        ("77001", 20),
        ("", 20),
        (amount, 22),
        ("12.00", 22),
        ("1.92", 22),
        ("2026-11-20", 10),
        ("", 2),
        ("1", 1),
        ("BANCO", 100),
        ("LUCÍA MUÑOZ", 100),
        ("lucia@arrayan.example", 50),
        ("5555555555", 50),
    ];
    let letters = |text: &str| text.chars().map(|letter| u8::try_from(letter).unwrap()).collect::<Vec<u8>>();
    let filled = fields.into_iter().flat_map(|(text, width)| {
        let mut bytes = letters(text);
        bytes.resize(width, b' ');
        bytes
    });
    filled.chain(*b"\r\n").collect()
}

// payments.md 1.6: what the bank gives in its own widths and letters.
on_both!(the_file_of_multipagos_settles_like_any_other, |app| {
    let person = Person::signs_in(app).await;
    erp_says(app, "88", 100_000, None).await;
    let silent = person.pays("k-1", &["6212976"]).await;
    let told = person.pays("k-2", &["1233080"]).await;
    let answer = AtTheBank::arrives(&told).await.decides(&told, "sin_avisar").await;
    comes_back(app, &answer).await;
    let number = answer.iter().find(|(name, _)| name == "mp_authorization").unwrap().1.clone();
    let short = person.pays("k-3", &["1233074"]).await;
    let refused = person.pays("k-4", &["88"]).await;
    let refusal = AtTheBank::arrives(&refused).await.decides(&refused, "rechazar").await;
    comes_back(app, &refusal).await;
    assert_eq!(person.payment(refused.id).await.state, PaymentState::Declined);
    let mut dollars = fixed(&silent, "27794.52", "804515");
    dollars[315] = b'2';
    let mut nobodys = fixed(&silent, "10.00", "804516");
    nobodys[107..119].copy_from_slice(b"000000009901");
    let bytes = [
        fixed(&silent, "0000000000000027794.52", "804512"),
        fixed(&told, "5904.42", &number),
        fixed(&short, "3035.30", "804513"),
        // The card was tried again at the bank's page after it was refused.
        fixed(&refused, "1000.00", "804514"),
        fixed(&silent, "27794.52", "000000"),
        dollars,
        nobodys,
    ]
    .concat();
    let brought = Brought { format: Format::Multipagos, bank: BankCode::Bbva, name: "dia.txt", bytes: &bytes };
    let file = brings_in(app, &brought).await;
    use SettlementResult as R;
    let came_to =
        [R::Confirmed, R::Known, R::AmountDiffers, R::ConfirmedLate, R::Unreadable, R::Unreadable, R::NotFound];
    assert_eq!(results(app, &file).await, came_to);
    let paid = person.payment(silent.id).await;
    assert_eq!((paid.applied, paid.bank_reference.as_deref()), (true, Some("BBVA 804512")));
    assert_eq!(person.payment(short.id).await.state, PaymentState::Review);
    assert!(person.payment(refused.id).await.applied);
    let (scope, _) = issuer_and_customer(app).await;
    let mut conn = app.app.db.read().await.unwrap();
    let lines = settlement::list_lines(&mut conn, scope, (file.id, None), 0, 1).await.unwrap();
    drop(conn);
    let money = (lines[0].fee.as_deref(), lines[0].fee_tax.as_deref());
    assert_eq!((money, lines[0].paid_out_on.as_deref()), ((Some("12.00"), Some("1.92")), Some("2026-11-20")));
    let kept = app.database.count("SELECT COUNT(*) FROM settlement_lines WHERE raw LIKE '%lucia%'").await;
    assert_eq!(kept, 0, "nothing of the payer");
    // The next day's file begins with this day's lines.
    let longer = [bytes.as_slice(), b"\r\n"].concat();
    let again = brings_in(app, &Brought { name: "dia 2.txt", bytes: &longer, ..brought }).await;
    let repeated = [R::Repeated, R::Repeated, R::Repeated, R::Repeated, R::Unreadable, R::Unreadable, R::NotFound];
    assert_eq!(results(app, &again).await, repeated);
    assert_eq!(person.payment(silent.id).await, paid);
    money_is_in_order(app).await;
});

on_both!(money_that_was_given_up_here_is_received_from_a_file, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    person.cancels(payment.id).await.ok();
    let other = person.pays("k-2", &["6212976"]).await;
    let table = format!("{HEADER}\n{}\n", line(&payment, "27794.52", "804512"));
    let file = brings(app, BankCode::Bbva, "uno.csv", &table).await;
    assert_eq!(results(app, &file).await, [SettlementResult::ConfirmedLate]);
    let late = person.payment(payment.id).await;
    assert_eq!((late.state, late.unapplied.as_deref()), (PaymentState::Confirmed, Some("27794.52")));
    assert_eq!(person.payment(other.id).await.state, PaymentState::InTransit, "the reservation is the other's");
    money_is_in_order(app).await;
});

on_both!(a_file_that_is_no_file_is_refused_whole, |app| {
    let (scope, _) = issuer_and_customer(app).await;
    for (format, bytes) in [(Format::Csv, "".as_bytes()), (Format::Csv, b"a,b\n1,2\n"), (Format::Multipagos, b"\n\n")] {
        let file = Brought { format, bank: BankCode::Bbva, name: "x", bytes };
        let refused = settlement::bring(&app.app, scope, &file, &staff()).await;
        assert!(matches!(refused, Err(PaymentError::Fields(_))), "{refused:?}");
    }
});

on_both!(a_transfer_by_reference_confirms_its_payment, |app| {
    let person = Person::signs_in(app).await;
    let mut order = person.all_of(&["6212976"]).await;
    order["bank"] = serde_json::json!("spei");
    let payment: PaymentView = person.order("k-1", &order).await.ok().json();
    let reference = field(&payment, "reference");
    let table =
        format!("Fecha;Concepto;Abono;Clave de rastreo\n18/11/2026;PAGO {reference} GRACIAS;$27,794.52;MBAN01\n");
    let file = brings(app, BankCode::Spei, "cuenta.csv", &table).await;
    assert_eq!(results(app, &file).await, [SettlementResult::Confirmed]);
    let paid = person.payment(payment.id).await;
    assert_eq!((paid.applied, paid.bank_reference.as_deref()), (true, Some("SPEI MBAN01")));
    money_is_in_order(app).await;
});

// payments.md 3.5: transfers arrive without a trip, and make a payment.
on_both!(a_transfer_with_the_customers_own_number_pays_what_is_due_first, |app| {
    let person = Person::signs_in(app).await;
    let (scope, customer) = issuer_and_customer(app).await;
    let user = person.get("/me").await.ok().json::<shared::accounts::Me>().user_id;
    let asker = Asker { user_id: user, customer, only: None, may_pay: true, request_id: "r-1".into() };
    let accounts = deposits::accounts(&app.app, &asker).await.unwrap();
    assert_eq!(accounts, deposits::accounts(&app.app, &asker).await.unwrap(), "the number stays");
    let number = accounts.iter().find(|account| account.issuer == "colibri-azul").unwrap().reference.clone();
    // 1233074 is overdue and owes 3,035.31; of the next one a part is left.
    let table = format!(
        "referencia,importe,clave de rastreo\n{number},4000.00,AA1\n{number},4000.00,AA1\nquien sabe,50.00,AA2\n"
    );
    let file = brings(app, BankCode::Spei, "cuenta.csv", &table).await;
    use SettlementResult as R;
    assert_eq!(results(app, &file).await, [R::Deposit, R::Repeated, R::NotFound]);
    assert!(!person.is_open("1233074").await);
    let history = person.history("").await;
    assert_eq!(history.totals.count, 1);
    let deposit = &history.data[0];
    assert_eq!((deposit.amount.as_str(), deposit.unapplied.as_deref(), deposit.applied), ("4000.00", None, true));
    let mut parts: Vec<&str> = deposit.lines.iter().map(|line| line.amount_mxn.as_str()).collect();
    parts.sort_unstable();
    assert_eq!(parts, ["3035.31", "964.69"], "lines come in the order of their balances' ids");
    let told = told_by_mail(app, "su transferencia").await;
    assert_eq!(told.len(), 1, "the owner of the account, once: {told:?}");
    money_is_in_order(app).await;
    // Somebody knows whose the other one is.
    erp_says(app, "77", 1_000, None).await;
    let by = (file.id, 4);
    let made = settlement::assign(&app.app, scope, by, customer, &staff()).await.unwrap();
    assert_eq!(person.payment(made).await.amount, "50.00");
    let twice = settlement::assign(&app.app, scope, by, customer, &staff()).await;
    assert!(matches!(twice, Err(PaymentError::NothingToDecide)), "{twice:?}");
    money_is_in_order(app).await;
    app.run_jobs().await;
    assert!(person.payment(made).await.receipt_document_id.is_some());
});

/// A transfer in the bank's statement.
pub async fn transferred(
    app: &TestApp,
    reference: &str,
    amount: &str,
    number: &str,
) -> (SettlementFileView, SettlementResult) {
    let table = format!("referencia,importe,clave de rastreo\n{reference},{amount},{number}\n");
    let file = brings(app, BankCode::Spei, "cuenta.csv", &table).await;
    let result = results(app, &file).await[0];
    (file, result)
}

// P3: one transfer is entered once, by whichever road it is told.
on_both!(money_that_somebody_entered_is_not_entered_again_by_a_file, |app| {
    let person = Person::signs_in(app).await;
    let (scope, customer) = issuer_and_customer(app).await;
    let order = async |pesos: &str| -> PaymentView {
        let line = json!({ "receivable_id": person.balance("6212976").await.id, "amount": pesos, "currency": "MXN" });
        let order = json!({ "issuer": "default", "bank": "spei", "lines": [line], "expected_total": pesos });
        person.order(&format!("k-{pesos}"), &order).await.ok().json()
    };
    let looked = |minor: i64, number: &'static str| Looked {
        trip: None,
        finding: Finding::Arrived(Amount::new(minor, Currency::Mxn)),
        transaction: Some(number),
        forma: None,
        note: "Está en la cuenta",
    };
    // Somebody saw it in the account; the payer had written the customer's own number and not the order's.
    let first = order("20.00").await;
    operations::decide(&app.app, scope, first.id, &looked(2_000, "MBAN77"), &staff()).await.unwrap();
    let user = person.get("/me").await.ok().json::<shared::accounts::Me>().user_id;
    let asker = Asker { user_id: user, customer, only: None, may_pay: true, request_id: "r-1".into() };
    let accounts = deposits::accounts(&app.app, &asker).await.unwrap();
    let own = accounts.iter().find(|account| account.issuer == "colibri-azul").unwrap().reference.clone();
    let (_, result) = transferred(app, &own, "20.00", "MBAN77").await;
    assert_eq!(result, SettlementResult::Known);
    assert_eq!(person.history("").await.totals.count, 1);
    // The same number with another amount is other money.
    assert_eq!(transferred(app, &own, "21.00", "MBAN77").await.1, SettlementResult::Deposit);
    // A line that nobody knew, and then somebody entered it: it is not the customer's a second time.
    let second = order("30.00").await;
    let (file, result) = transferred(app, "gracias", "30.00", "MBAN78").await;
    assert_eq!(result, SettlementResult::NotFound);
    operations::decide(&app.app, scope, second.id, &looked(3_000, "MBAN78"), &staff()).await.unwrap();
    let made = settlement::assign(&app.app, scope, (file.id, 2), customer, &staff()).await.unwrap();
    assert_eq!((made, results(app, &file).await), (second.id, vec![SettlementResult::Known]));
    // And the other way round: what a line entered nobody enters for an order.
    let third = order("40.00").await;
    assert_eq!(transferred(app, &own, "40.00", "MBAN79").await.1, SettlementResult::Deposit);
    let twice = operations::decide(&app.app, scope, third.id, &looked(4_000, "MBAN79"), &staff()).await;
    let Err(PaymentError::Fields(errors)) = twice else { panic!("{twice:?}") };
    assert_eq!(errors.of("/bank_transaction"), Some(FieldCode::MoneyEntered));
    operations::decide(&app.app, scope, third.id, &looked(4_000, "MBAN80"), &staff()).await.unwrap();
    assert_eq!(person.history("").await.totals.count, 5);
    money_is_in_order(app).await;
});
