//! What the sandbox bank gives of a day, brought in as the bank gives it: what a rehearsal of the files rests on.
use api::payments::settlement::{Brought, Format};
use serde_json::json;
use shared::payments::{BankCode, PaymentState, PaymentView, SettlementResult};

use super::files::{brings_in, results};
use super::{AtTheBank, FORM, Person, comes_back, encode, field, money_is_in_order, plain_client};
use crate::support::on_both;

/// A file of the sandbox bank's, downloaded by hand.
async fn given(origin: &str, kind: &str) -> Vec<u8> {
    let answer = plain_client().get(format!("{origin}/clb/archivos/{kind}")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    answer.bytes().await.unwrap().to_vec()
}

async fn transfers(origin: &str, amount: &str, concept: &str) -> u16 {
    let form = encode(&[("importe", amount), ("concepto", concept)]);
    let request = plain_client().post(format!("{origin}/clb/transferencias")).header("Content-Type", FORM);
    request.body(form).send().await.unwrap().status().as_u16()
}

fn origin_of(payment: &PaymentView) -> String {
    payment.redirect.as_ref().unwrap().action.split("/clb/").next().unwrap().to_owned()
}

on_both!(what_the_sandbox_bank_charged_is_in_its_file_of_the_day, |app| {
    let person = Person::signs_in(app).await;
    let silent = person.pays("k-1", &["6212976"]).await;
    let origin = origin_of(&silent);
    AtTheBank::arrives(&silent).await.decides(&silent, "sin_avisar").await;
    let refused = person.pays("k-2", &["1233080"]).await;
    let refusal = AtTheBank::arrives(&refused).await.decides(&refused, "rechazar").await;
    comes_back(app, &refusal).await;
    let slow = person.pays("k-3", &["1233074"]).await;
    AtTheBank::arrives(&slow).await.decides(&slow, "en_proceso").await;
    let page = plain_client().get(format!("{origin}/clb/cuenta")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Archivo del día (Multipagos)") && page.contains("/clb/archivos/csv?dia="), "{page}");
    assert_eq!(person.payment(silent.id).await.state, PaymentState::InTransit);
    let bytes = given(&origin, "multipagos").await;
    assert_eq!(bytes.len(), 616 + 2, "what was refused or is in process is not charged");
    let file = Brought { format: Format::Multipagos, bank: BankCode::Bbva, name: "dia.txt", bytes: &bytes };
    let file = brings_in(app, &file).await;
    assert_eq!(results(app, &file).await, [SettlementResult::Confirmed]);
    let paid = person.payment(silent.id).await;
    assert_eq!((paid.state, paid.applied), (PaymentState::Confirmed, true));
    // The same day as a table: its charge is known, its refusal too.
    let bytes = given(&origin, "csv").await;
    let table = Brought { format: Format::Csv, bank: BankCode::Bbva, name: "dia.csv", bytes: &bytes };
    let mut told = results(app, &brings_in(app, &table).await).await;
    told.sort_by_key(|result| result.as_str());
    assert_eq!(told, [SettlementResult::Known, SettlementResult::Repeated]);
    assert_eq!(given(&origin, "multipagos?dia=2026-01-01").await, b"");
    money_is_in_order(app).await;
});

on_both!(a_charge_that_came_twice_is_twice_in_the_file, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    AtTheBank::arrives(&payment).await.decides(&payment, "cobrar_dos_veces").await;
    let bytes = given(&origin_of(&payment), "multipagos").await;
    assert_eq!(bytes.len(), 2 * (616 + 2));
    let file = Brought { format: Format::Multipagos, bank: BankCode::Bbva, name: "dia.txt", bytes: &bytes };
    let mut told = results(app, &brings_in(app, &file).await).await;
    told.sort_by_key(|result| result.as_str());
    assert_eq!(told, [SettlementResult::Known, SettlementResult::Review], "the second is somebody's to look at");
    money_is_in_order(app).await;
});

on_both!(a_transfer_played_at_the_sandbox_bank_stands_in_its_account, |app| {
    let person = Person::signs_in(app).await;
    let origin = origin_of(&person.pays("k-1", &["1233080"]).await);
    let mut order = person.all_of(&["6212976"]).await;
    order["bank"] = json!("spei");
    let payment: PaymentView = person.order("k-2", &order).await.ok().json();
    let long = "a".repeat(41);
    // A comma that is somebody's decimal point is not guessed at.
    let wrong = [("0", "hola"), ("uno", "hola"), ("1,50", "hola"), ("1250,00", "hola"), ("1.00", " "), ("1.00", &long)];
    for (amount, concept) in wrong {
        assert_eq!(transfers(&origin, amount, concept).await, 400, "{amount} {concept}");
    }
    let concept = format!("PAGO, \"{}\"", field(&payment, "reference"));
    assert_eq!(transfers(&origin, "$27,794.52", &concept).await, 303);
    let bytes = given(&origin, "cuenta").await;
    let file = Brought { format: Format::Csv, bank: BankCode::Spei, name: "cuenta.csv", bytes: &bytes };
    assert_eq!(results(app, &brings_in(app, &file).await).await, [SettlementResult::Confirmed]);
    let paid = person.payment(payment.id).await;
    assert!(paid.applied && paid.bank_reference.unwrap().starts_with("SPEI PRUEBAS"));
    money_is_in_order(app).await;
});

// The SIE answers who shows its token, and nobody else.
on_both!(the_sandbox_gives_rates_to_who_has_its_token, |app| {
    let person = Person::signs_in(app).await;
    let origin = origin_of(&person.pays("k-1", &["1233080"]).await);
    let address = format!("{origin}/SieAPIRest/service/v1/series/SF60653/datos/2026-11-16/2026-11-18");
    let stranger = plain_client().get(&address).send().await.unwrap();
    assert_eq!(stranger.status(), 401);
    let guess = plain_client().get(&address).header("Bmx-Token", "otro").send().await.unwrap();
    assert_eq!(guess.status(), 401);
    let ours = app.app.banks.banxico().unwrap();
    let days = (jiff::civil::date(2026, 11, 16), jiff::civil::date(2026, 11, 18));
    assert_eq!(ours.rates(days.0, days.1).await.unwrap().len(), 3);
});
