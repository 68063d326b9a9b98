//! Keys: what they open, and when they stop.
use api::integrators::keys::Who;
use shared::ProblemCode;
use shared::integrators::ApiScope;

use super::invoices::{issue, order};
use super::{Program, new_key, sale, scope_of};
use crate::support::{TestApp, on_both};

on_both!(i1_a_key_is_kept_as_its_digest_and_shown_by_its_first_letters, |app| {
    let (key, text) = new_key(app, "default", &ApiScope::ALL, None).await;
    assert!(text.expose().starts_with(&key.prefix) && key.prefix.len() == "vk_test_".len() + 6);
    let kept = api::integrators::keys::list(&mut app.app.db.read().await.unwrap(), key.scope).await.unwrap();
    assert_eq!(kept.len(), 2, "the rehearsal's own and this one: two live at once");
    let told = format!("{kept:?}");
    assert!(!told.contains(&text.expose()[key.prefix.len()..]), "{told}");
});

on_both!(i1_without_a_good_key_nothing_opens, |app| {
    let (key, text) = new_key(app, "default", &ApiScope::ALL, None).await;
    let good = text.expose().to_owned();
    Program::with(app, &good).get("/branches").await.ok();
    let flipped = good.replace(&good[good.len() - 1..], if good.ends_with('0') { "1" } else { "0" });
    let live = good.replace("vk_test_", "vk_live_");
    for bad in ["", "x", &key.prefix, &flipped, &live, &good.to_uppercase()] {
        let refused = Program::with(app, bad).get("/branches").await;
        refused.problem(ProblemCode::ApiKeyUnknown);
        assert_eq!(refused.headers["www-authenticate"], "Bearer", "{bad}");
    }
    let bare = app.browser().get("/api/integrators/v1/branches").await;
    bare.problem(ProblemCode::ApiKeyUnknown);
});

on_both!(i1_a_key_in_the_address_is_no_key, |app| {
    let key = Program::of_the_demo(app).await.key;
    for name in ["api_key", "key", "access_token", "token"] {
        let asked = app.browser().get(&format!("/api/integrators/v1/branches?{name}={key}")).await;
        asked.problem(ProblemCode::ApiKeyUnknown);
    }
});

on_both!(i1_a_revoked_key_stops_at_once, |app| {
    let (key, text) = new_key(app, "default", &ApiScope::ALL, None).await;
    let program = Program::with(app, text.expose());
    program.get("/branches").await.ok();
    let mut tx = app.app.db.begin().await.unwrap();
    let nandu = scope_of(app, "nandu").await;
    let now = app.app.now();
    assert!(
        !api::integrators::keys::revoke(&mut tx, nandu, key.id, now, Who::COMMAND).await.unwrap(),
        "another issuer's"
    );
    assert!(api::integrators::keys::revoke(&mut tx, key.scope, key.id, now, Who::COMMAND).await.unwrap());
    assert!(!api::integrators::keys::revoke(&mut tx, key.scope, key.id, now, Who::COMMAND).await.unwrap(), "once");
    tx.commit().await.unwrap();
    program.get("/branches").await.problem(ProblemCode::ApiKeyUnknown);
});

on_both!(i1_an_expired_key_stops_at_its_instant, |app| {
    let (_, text) = new_key(app, "default", &ApiScope::ALL, Some(60)).await;
    let program = Program::with(app, text.expose());
    app.clock.advance_seconds(59);
    program.get("/branches").await.ok();
    app.clock.advance_seconds(1);
    program.get("/branches").await.problem(ProblemCode::ApiKeyUnknown);
});

on_both!(i1_each_operation_wants_its_own_scope, |app| {
    let id = uuid::Uuid::nil();
    let asks = [
        (ApiScope::TicketsRead, "GET", "/branches".to_owned()),
        (ApiScope::TicketsRead, "GET", "/tickets".to_owned()),
        (ApiScope::TicketsRead, "GET", "/tickets/v-1".to_owned()),
        (ApiScope::TicketsWrite, "PUT", "/tickets/v-1".to_owned()),
        (ApiScope::TicketsWrite, "POST", "/tickets/bulk".to_owned()),
        (ApiScope::CustomersRead, "GET", "/customers".to_owned()),
        (ApiScope::CustomersRead, "GET", "/customers/c-1".to_owned()),
        (ApiScope::CustomersWrite, "PUT", "/customers/c-1".to_owned()),
        (ApiScope::CustomersRead, "GET", "/contracts".to_owned()),
        (ApiScope::CustomersRead, "GET", "/customers/c-1/contracts/9".to_owned()),
        (ApiScope::CustomersWrite, "PUT", "/customers/c-1/contracts/9".to_owned()),
        (ApiScope::CustomersWrite, "DELETE", "/customers/c-1/contracts/9".to_owned()),
        (ApiScope::DocumentsRead, "GET", "/documents".to_owned()),
        (ApiScope::DocumentsRead, "GET", format!("/documents/{id}")),
        (ApiScope::DocumentsRead, "GET", format!("/documents/{id}/xml")),
        (ApiScope::DocumentsRead, "GET", format!("/documents/{id}/pdf")),
        (ApiScope::DocumentsWrite, "PUT", "/documents/external/d-1".to_owned()),
        (ApiScope::DocumentsWrite, "DELETE", "/documents/external/d-1".to_owned()),
        (ApiScope::DocumentsWrite, "PUT", format!("/documents/{id}/state")),
        (ApiScope::EventsRead, "GET", "/events".to_owned()),
        (ApiScope::ReceivablesRead, "GET", "/receivables".to_owned()),
        (ApiScope::ReceivablesRead, "GET", "/receivables/r-1".to_owned()),
        (ApiScope::ReceivablesRead, "GET", format!("/receivables/by-id/{id}")),
        (ApiScope::ReceivablesRead, "GET", "/customers/c-1/account-statements/2026-11/pdf".to_owned()),
        (ApiScope::ReceivablesWrite, "PUT", "/receivables/r-1".to_owned()),
        (ApiScope::PaymentsRead, "GET", "/payments".to_owned()),
        (ApiScope::PaymentsRead, "GET", format!("/payments/{id}")),
        (ApiScope::PaymentsWrite, "POST", format!("/payments/{id}/apply")),
        (ApiScope::PaymentsWrite, "POST", format!("/payments/{id}/reverse")),
        (ApiScope::PaymentsWrite, "POST", format!("/payments/{id}/credit-applications")),
        (ApiScope::RatesRead, "GET", "/exchange-rates".to_owned()),
        (ApiScope::RatesRead, "GET", "/exchange-rates/USD/2026-11-18".to_owned()),
        (ApiScope::RatesWrite, "PUT", "/exchange-rates/USD/2026-11-18".to_owned()),
        (ApiScope::InvoicesWrite, "POST", "/invoices".to_owned()),
        (ApiScope::InvoicesRead, "GET", "/invoices".to_owned()),
        (ApiScope::InvoicesRead, "GET", format!("/invoices/{id}")),
        (ApiScope::WebhooksRead, "GET", "/webhook-endpoints".to_owned()),
        (ApiScope::WebhooksRead, "GET", "/webhook-endpoints/e-1".to_owned()),
        (ApiScope::WebhooksWrite, "PUT", "/webhook-endpoints/e-1".to_owned()),
        (ApiScope::WebhooksWrite, "DELETE", "/webhook-endpoints/e-1".to_owned()),
        (ApiScope::WebhooksWrite, "POST", "/webhook-endpoints/e-1/secrets".to_owned()),
        (ApiScope::WebhooksWrite, "POST", "/webhook-endpoints/e-1/tests".to_owned()),
        (ApiScope::WebhooksWrite, "POST", "/webhook-endpoints/e-1/resends".to_owned()),
        (ApiScope::WebhooksRead, "GET", "/webhook-endpoints/e-1/deliveries".to_owned()),
        (ApiScope::WebhooksRead, "GET", format!("/webhook-deliveries/{id}")),
        (ApiScope::WebhooksWrite, "POST", format!("/webhook-deliveries/{id}/resends")),
    ];
    let documented = api::http::openapi::integrators(api::serve::API).unwrap();
    let operations: usize = documented
        .paths
        .paths
        .values()
        .map(|item| [&item.get, &item.put, &item.post, &item.delete, &item.patch].into_iter().flatten().count())
        .sum();
    assert_eq!(operations, asks.len(), "a new operation needs a line here");
    for scope in ApiScope::ALL {
        let program = Program::at(app, "default", &[scope]).await;
        for (wanted, method, path) in &asks {
            let request = program.request(method.parse().unwrap(), path);
            let asked = program.send(request.header("Content-Type", "application/json").body("{}")).await;
            let refused = asked.status.as_u16() == 403;
            assert_eq!(refused, *wanted != scope, "{} with {}: {}", path, scope.as_str(), asked.text());
            if refused {
                asked.problem(ProblemCode::ScopeMissing);
            }
        }
    }
});

on_both!(b2_another_issuers_key_sees_nothing_of_ours, |app| {
    let ours = Program::of_the_demo(app).await;
    ours.put("/tickets/v-1", &sale("X-1", "1")).await.ok();
    ours.put("/customers/c-1", &crate::integrators::customers::customer()).await.ok();
    let theirs = Program::at(app, "nandu", &ApiScope::ALL).await;
    for path in ["/tickets/v-1", "/customers/c-1"] {
        ours.get(path).await.ok();
        theirs.get(path).await.problem(ProblemCode::NotFound);
    }
    assert!(!theirs.get("/tickets").await.ok().text().contains("v-1"));
    // The same id and the same numbers are another sale there, and our branch is none of theirs.
    theirs.put("/tickets/v-1", &sale("X-1", "1")).await.problem(ProblemCode::InvalidFields);
    let mut there = sale("X-1", "1");
    there["branch"] = "Morelia Catedral".into();
    assert_eq!(theirs.put("/tickets/v-1", &there).await.status.as_u16(), 201);
});

on_both!(i3_a_key_that_asks_too_much_is_told_when_to_come_back, |app| {
    let program = Program::at(app, "default", &[ApiScope::TicketsRead]).await;
    let limit = app.app.config.integrators.requests_per_minute;
    let first = program.get("/branches?limit=1").await.ok();
    assert_eq!(first.headers["ratelimit-policy"], format!("\"default\";q={limit};w=60"));
    assert_eq!(first.headers["ratelimit"], format!("\"default\";r={};t=1", limit - 1));
    exhaust(app, &program).await;
    let refused = program.get("/branches?limit=1").await;
    let problem = refused.problem(ProblemCode::ApiKeyLimit);
    assert_eq!((problem.retry_after_seconds, refused.headers["retry-after"].to_str().unwrap()), (Some(1), "1"));
    assert_eq!(refused.headers["ratelimit"], "\"default\";r=0;t=60");
    Program::at(app, "default", &[ApiScope::TicketsRead]).await.get("/branches").await.ok();
    app.clock.advance_seconds(1);
    program.get("/branches?limit=1").await.ok();
});

on_both!(i3_a_key_makes_so_many_documents_a_day_and_waits_for_a_few_stamps_at_once, |app| {
    let erp = Program::of_the_demo(app).await;
    let key = api::integrators::keys::recognise(&app.app, &erp.key).await.unwrap().unwrap();
    let (limits, config) = (&app.app.api_limits, &app.app.config.integrators);
    let (first, second) = (order("p-1", Some(sale("P-1", "1"))), order("p-2", Some(sale("P-2", "1"))));
    let now = app.app.now();
    let waiting: Vec<_> = (0..config.stamps_at_once).filter_map(|_| limits.enter_stamp(key.id, now)).collect();
    let refused = issue(&erp, "k-1", &first).await;
    refused.problem(ProblemCode::ApiKeyLimit);
    assert_eq!(refused.headers["retry-after"], "5");
    drop(waiting);
    let made = issue(&erp, "k-1", &first).await.ok();
    for _ in 1..config.documents_per_day {
        limits.made_document(key.id, now);
    }
    let publishing = erp.request(reqwest::Method::PUT, "/documents/external/d-1");
    let publishing = erp.send(publishing.header("Content-Type", "application/xml").body("<a/>")).await;
    for refused in [issue(&erp, "k-2", &second).await, publishing] {
        refused.problem(ProblemCode::ApiKeyLimit);
        assert_eq!(refused.headers["retry-after"], "86400");
    }
    assert_eq!(issue(&erp, "k-1", &first).await.body, made.body, "what was answered is answered again");
    app.run_jobs().await;
});

/// Takes what is left in the key's bucket, without a request for each.
async fn exhaust(app: &TestApp, program: &Program<'_>) {
    let key = api::integrators::keys::recognise(&app.app, &program.key).await.unwrap().unwrap();
    while app.app.api_limits.take(key.id, app.app.now()).retry_after_seconds.is_none() {}
}

on_both!(i1_the_use_of_a_key_is_noted_to_the_quarter_of_an_hour, |app| {
    let (key, text) = new_key(app, "default", &[ApiScope::TicketsRead], None).await;
    let program = Program::with(app, text.expose());
    let used = || async {
        let keys = api::integrators::keys::list(&mut app.app.db.read().await.unwrap(), key.scope).await.unwrap();
        keys.into_iter().find(|kept| kept.id == key.id).unwrap().last_used_at
    };
    assert_eq!(used().await, None);
    program.get("/branches").await.ok();
    let first = used().await;
    assert_eq!(first, Some(app.app.now()));
    app.clock.advance_seconds(14 * 60);
    program.get("/branches").await.ok();
    assert_eq!(used().await, first);
    app.clock.advance_seconds(60);
    program.get("/branches").await.ok();
    assert_eq!(used().await, Some(app.app.now()));
});

on_both!(an_operator_makes_lists_and_ends_keys, |app| {
    use api::ops::api_key::{CreateArgs, create, list, revoke};
    use api::ops::start::World;
    let world = World { clock: app.app.clock.clone(), ids: app.app.ids.clone() };
    let args = |scopes: &[&str]| CreateArgs {
        issuer: "nandu".into(),
        name: "ERP".into(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        days: Some(30),
    };
    let mut out = Vec::new();
    let error = create(&app.app.config, &args(&["tickets:everything"]), &world, &mut out).await.unwrap_err();
    assert!(error.to_string().contains("tickets:write"), "{error}");
    create(&app.app.config, &args(&["tickets:read", "events:read"]), &world, &mut out).await.unwrap();
    let made: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let program = Program::with(app, made["key"].as_str().unwrap());
    assert_eq!(program.get("/branches").await.ok().json::<serde_json::Value>()["data"].as_array().unwrap().len(), 2);
    let mut listed = Vec::new();
    list(&app.app.config, "nandu", &world, &mut listed).await.unwrap();
    let listed = String::from_utf8(listed).unwrap();
    assert!(listed.contains(made["prefix"].as_str().unwrap()) && !listed.contains(&program.key), "{listed}");
    let id = made["id"].as_str().unwrap().parse().unwrap();
    assert!(revoke(&app.app.config, "nandu", id, &world).await.unwrap());
    assert!(!revoke(&app.app.config, "nandu", id, &world).await.unwrap());
    program.get("/branches").await.problem(ProblemCode::ApiKeyUnknown);
});
