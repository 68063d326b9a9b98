//! Proofs of transfers: attached by a customer, seen by staff and by nobody else (threats U2, B1).
use reqwest::Method;
use shared::ProblemCode;
use shared::payments::PaymentAttachment;
use shared::problem::FieldCode;
use shared::time::LocalTime;
use uuid::Uuid;

use super::Person;
use crate::audit::by_hand;
use crate::support::{Reply, on_both};

const PDF: &[u8] = b"%PDF-1.7\nel comprobante del banco\n%%EOF\n";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\nde la banca en linea";

impl Person {
    async fn attaches(&self, id: Uuid, name: &str, bytes: impl Into<reqwest::Body>) -> Reply {
        let request = self.request(Method::POST, &format!("/payments/{id}/proofs?name={name}"));
        self.browser.send(request.header("Content-Type", "application/octet-stream").body(bytes)).await
    }

    async fn proofs(&self, id: Uuid) -> Vec<PaymentAttachment> {
        self.get(&format!("/payments/{id}/proofs")).await.ok().json()
    }
}

on_both!(a_proof_of_transfer_is_kept_as_it_came_and_seen_by_staff, |app| {
    let person = Person::signs_in(app).await;
    let mut order = person.all_of(&["6212976"]).await;
    order["bank"] = serde_json::json!("spei");
    let payment: shared::payments::PaymentView = person.order("k-1", &order).await.ok().json();
    let first: PaymentAttachment =
        person.attaches(payment.id, "..%2Fspei%20%22noviembre%22.exe", PDF).await.ok().json();
    assert_eq!((first.kind.as_str(), first.name.as_str()), ("pdf", "..spei noviembre.exe"), "by its bytes");
    let again: PaymentAttachment = person.attaches(payment.id, "otro", PDF).await.ok().json();
    assert_eq!(again, first, "the same file is the same proof");
    // Rows of one instant have no order of their own.
    app.clock.advance_seconds(1);
    let second: PaymentAttachment = person.attaches(payment.id, "captura.png", PNG).await.ok().json();
    assert_eq!(person.proofs(payment.id).await, [first.clone(), second]);
    let before = person.payment(payment.id).await.state;
    let mine = person.get(&format!("/payments/{}/proofs/{}", payment.id, first.id)).await.ok();
    let desk = app.desk().await;
    let root = format!("/console/issuers/default/payments/{}/proofs", payment.id);
    let seen: Vec<PaymentAttachment> = desk.get(&root).await.ok().json();
    assert_eq!(seen.len(), 2);
    let theirs = desk.get(&format!("{root}/{}", first.id)).await.ok();
    for file in [&mine, &theirs] {
        assert_eq!(file.body, PDF, "byte for byte");
        assert_eq!(file.headers["content-type"], "application/pdf");
        assert_eq!(file.headers["x-content-type-options"], "nosniff");
        let said = file.headers["content-disposition"].to_str().unwrap();
        assert_eq!(said, "attachment; filename=\"comprobante-1.pdf\"", "a name of ours, to be saved");
    }
    assert_eq!(person.payment(payment.id).await.state, before, "it moves nothing");
    desk.get(&format!("/console/issuers/nandu/payments/{}/proofs", payment.id)).await.problem(ProblemCode::NotFound);
    desk.get(&format!("{root}/{}", payment.id)).await.problem(ProblemCode::NotFound);
});

on_both!(a_proof_of_transfer_stands_in_the_clock_of_its_issuer, |app| {
    let operator = app.operator().await;
    operator.changes_issuer("default", |settings| settings.time_zone = "America/Tijuana".into()).await.ok();
    let person = Person::signs_in(app).await;
    let mut order = person.all_of(&["6212976"]).await;
    order["bank"] = serde_json::json!("spei");
    let payment: shared::payments::PaymentView = person.order("k-1", &order).await.ok().json();
    let proof: PaymentAttachment = person.attaches(payment.id, "spei.pdf", PDF).await.ok().json();
    let civil = app.app.now().jiff().in_tz("America/Tijuana").unwrap().strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let at = LocalTime { instant: app.app.now().to_string(), civil, zone: "America/Tijuana".into() };
    assert_eq!(proof.created_at, at);
    assert_eq!(person.proofs(payment.id).await[0].created_at, at, "it is listed as it was answered");
});

on_both!(what_is_no_proof_or_too_much_of_it_is_refused, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let wrong = |reply: Reply| reply.problem(ProblemCode::InvalidFields).errors[0].code;
    assert_eq!(wrong(person.attaches(payment.id, "a.pdf", "<svg onload=alert(1)>").await), FieldCode::Shape);
    assert_eq!(wrong(person.attaches(payment.id, "a.pdf", "").await), FieldCode::Required);
    let large = [PDF, &vec![b' '; 5 * 1024 * 1024]].concat();
    person.attaches(payment.id, "a.pdf", large).await.problem(ProblemCode::BodyTooLarge);
    for n in 0..3 {
        person.attaches(payment.id, "a.pdf", [PDF, format!("{n}").as_bytes()].concat()).await.ok();
    }
    assert_eq!(wrong(person.attaches(payment.id, "a.pdf", PDF).await), FieldCode::TooMany);
    person.attaches(Uuid::from_u128(7), "a.pdf", PDF).await.problem(ProblemCode::NotFound);
    // A reader sees, and attaches nothing.
    let proof = person.proofs(payment.id).await[0].id;
    by_hand(&app.app, "UPDATE memberships SET role = 'reader'").await.unwrap();
    person.attaches(payment.id, "a.pdf", PDF).await.problem(ProblemCode::PayerNeeded);
    person.get(&format!("/payments/{}/proofs/{proof}", payment.id)).await.ok();
    // Another customer's payment is no payment.
    by_hand(&app.app, "UPDATE payments SET customer_id = (SELECT id FROM customers WHERE rfc = 'CHI1203155K7')")
        .await
        .unwrap();
    for path in [format!("/payments/{}/proofs", payment.id), format!("/payments/{}/proofs/{proof}", payment.id)] {
        person.get(&path).await.problem(ProblemCode::NotFound);
    }
});
