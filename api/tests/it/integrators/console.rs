//! Keys and webhooks as staff handle them.
use api::webhooks::courier;
use reqwest::Method;
use serde_json::json;
use shared::ProblemCode;
use shared::integrators::{ApiKeyMade, ApiKeyView};
use shared::page::Page;
use shared::webhooks::{DeliveryState, WebhookDeliveryResource, WebhookEndpointResource};

use super::Program;
use crate::support::{Sink, on_both};

const KEYS: &str = "/console/issuers/default/api-keys";
const WEBHOOKS: &str = "/console/issuers/default/webhook-endpoints";

on_both!(i1_an_operator_makes_a_key_sees_its_first_letters_and_ends_it, |app| {
    let operator = app.operator().await;
    let asked = json!({ "name": "Caja, tiendas", "scopes": ["tickets:write", "tickets:read"] });
    let made = operator.post(KEYS, &asked).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.text());
    let made: ApiKeyMade = made.json();
    let program = Program::with(app, &made.secret);
    program.get("/branches").await.ok();
    program.get("/events").await.problem(ProblemCode::ScopeMissing);
    let listed = operator.get(KEYS).await.ok();
    assert!(!listed.text().contains(&made.secret));
    let listed: Page<ApiKeyView> = listed.json();
    let kept = listed.data.iter().find(|key| key.id == made.key.id).unwrap();
    assert!(kept.good && kept.last_used_at.is_some() && made.secret.starts_with(&kept.prefix), "{kept:?}");
    let gone = operator.delete(&format!("{KEYS}/{}", made.key.id)).await;
    assert_eq!(gone.status.as_u16(), 204);
    program.get("/branches").await.problem(ProblemCode::ApiKeyUnknown);
    operator.delete(&format!("{KEYS}/{}", made.key.id)).await.problem(ProblemCode::NotFound);
    for (wrong, pointer) in [
        (json!({ "name": "", "scopes": ["tickets:read"] }), "/name"),
        (json!({ "name": "x", "scopes": [] }), "/scopes"),
        (json!({ "name": "x", "scopes": ["tickets:read"], "expires_at": "2020-01-01T00:00:00Z" }), "/expires_at"),
        (json!({ "name": "x", "scopes": ["tickets:read"], "expires_at": "mañana" }), "/expires_at"),
    ] {
        let refused = operator.post(KEYS, &wrong).await.problem(ProblemCode::InvalidFields);
        assert_eq!(refused.errors[0].pointer, pointer, "{wrong}");
    }
});

on_both!(b3_keys_and_secrets_are_for_operators, |app| {
    let clerk = app.desk().await;
    clerk.get(KEYS).await.problem(ProblemCode::OperatorNeeded);
    clerk.post(KEYS, &json!({ "name": "x", "scopes": ["tickets:read"] })).await.problem(ProblemCode::OperatorNeeded);
    let put = json!({ "url": "https://erp.arrayan.example/" });
    clerk.put(&format!("{WEBHOOKS}/erp"), &put).await.problem(ProblemCode::OperatorNeeded);
    clerk.get(WEBHOOKS).await.ok();
    // Another issuer's is not there for staff of this one.
    clerk.get("/console/issuers/nandu/webhook-endpoints").await.problem(ProblemCode::NotFound);
    app.browser().get(&format!("/api/v1{WEBHOOKS}")).await.problem(ProblemCode::SignedOut);
});

on_both!(
    staff_follow_a_webhook_and_send_it_again,
    with | config | config.webhooks.private_hosts = vec!["127.0.0.1".into()],
    |app| {
        let (operator, sink) = (app.operator().await, Sink::answering(|_| (503, String::new())));
        let body = json!({ "url": format!("{}/in", sink.base), "description": "ERP contable" });
        let made = operator.put(&format!("{WEBHOOKS}/erp"), &body).await;
        assert_eq!(made.status.as_u16(), 201, "{}", made.text());
        assert!(made.json::<WebhookEndpointResource>().secret.is_some());
        let sent = operator.post(&format!("{WEBHOOKS}/erp/tests"), &json!({})).await;
        assert_eq!(sent.status.as_u16(), 202, "{}", sent.text());
        courier::run_due(&app.app).await.unwrap();
        let listed: Page<WebhookDeliveryResource> =
            operator.get(&format!("{WEBHOOKS}/erp/deliveries?state=waiting")).await.ok().json();
        assert_eq!((listed.data.len(), listed.data[0].last_status), (1, Some(503)));
        sink.answer(|_| (200, String::new()));
        let one = format!("/console/issuers/default/webhook-deliveries/{}", listed.data[0].id);
        assert_eq!(operator.post(&format!("{one}/resends"), &json!({})).await.status.as_u16(), 202);
        courier::run_due(&app.app).await.unwrap();
        let shown: WebhookDeliveryResource = operator.get(&one).await.ok().json();
        assert_eq!((shown.state, shown.tries.unwrap().len()), (DeliveryState::Delivered, 2));
        let rotated = operator.post(&format!("{WEBHOOKS}/erp/secrets"), &json!({})).await;
        assert!(rotated.ok().json::<WebhookEndpointResource>().previous_secret_until.is_some());
        assert_eq!(operator.delete(&format!("{WEBHOOKS}/erp")).await.status.as_u16(), 204);
        let till = Program::of_the_demo(app).await;
        till.send(till.request(Method::GET, "/webhook-endpoints/erp")).await.problem(ProblemCode::NotFound);
    }
);
