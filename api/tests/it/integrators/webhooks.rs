//! Webhooks: what arrives, how often, signed by what, and what is never sent.
use api::webhooks::courier;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::integrators::{ApiScope, EventKind, TicketResource};
use shared::mail::{MailboxLetter, MailboxMessage};
use shared::page::Page;
use shared::webhooks::{
    DeliveryState, DisabledBecause, WebhookDeliveryResource, WebhookEndpointResource, WebhookResent,
};

use super::tickets::invoice;
use super::{Program, sale};
use crate::support::{Posted, Sink, TestApp, on_both};

fn allow_this_machine(config: &mut api::config::Config) {
    config.webhooks.private_hosts = vec!["127.0.0.1".into()];
    config.webhooks.timeout_seconds = 5;
}

/// An endpoint at a sink; gives its secret.
async fn endpoint(program: &Program<'_>, id: &str, sink: &Sink) -> String {
    let made = program.put(&format!("/webhook-endpoints/{id}"), &json!({ "url": format!("{}/in", sink.base) })).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.text());
    made.json::<WebhookEndpointResource>().secret.unwrap()
}

async fn post(program: &Program<'_>, path: &str) -> crate::support::Reply {
    program.send(program.request(Method::POST, path)).await
}

async fn kept(program: &Program<'_>, id: &str) -> WebhookEndpointResource {
    program.get(&format!("/webhook-endpoints/{id}")).await.ok().json()
}

async fn deliveries(program: &Program<'_>, id: &str) -> Vec<WebhookDeliveryResource> {
    program.get(&format!("/webhook-endpoints/{id}/deliveries")).await.ok().json::<Page<_>>().data
}

/// A ticket of one's own, invoiced: two events.
async fn one_invoice(app: &TestApp, till: &Program<'_>) -> String {
    let ticket: TicketResource = till.put("/tickets/v-1", &sale("A-1", "1")).await.json();
    invoice(app, &ticket, "k-1").await
}

/// As a receiver checks it, by the words of the document.
fn is_signed(posted: &Posted, secret: &str) -> bool {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let content = format!("{}.{}.", posted.headers["webhook-id"], posted.headers["webhook-timestamp"]);
    let content = [content.as_bytes(), &posted.body].concat();
    posted.headers["webhook-signature"].split(' ').any(|entry| {
        let tag = STANDARD.decode(entry.strip_prefix("v1,").unwrap()).unwrap();
        hmac::verify(&key, &content, &tag).is_ok()
    })
}

on_both!(w2_what_happens_arrives_signed_and_once, with | config | allow_this_machine(config), |app| {
    let till = Program::of_the_demo(app).await;
    let sink = Sink::open();
    let secret = endpoint(&till, "erp", &sink).await;
    let folio_fiscal = one_invoice(app, &till).await;
    assert_eq!(kept(&till, "erp").await.waiting, 2);
    courier::run_due(&app.app).await.unwrap();
    courier::run_due(&app.app).await.unwrap();
    let mut arrived = sink.empty();
    arrived.sort_by_key(|posted| posted.json()["seq"].as_i64());
    let kinds: Vec<Value> = arrived.iter().map(|posted| posted.json()["type"].clone()).collect();
    assert_eq!(kinds, ["document.published", "invoice.stamped"]);
    for posted in &arrived {
        assert!(is_signed(posted, &secret), "{posted:?}");
        assert_eq!(posted.json()["id"], posted.headers["webhook-id"]);
        assert_eq!(posted.headers["webhook-timestamp"], app.app.now().jiff().as_second().to_string());
        assert_eq!((posted.path.as_str(), posted.headers["content-type"].as_str()), ("/in", "application/json"));
    }
    assert_eq!(arrived[1].json()["data"]["folio_fiscal"], folio_fiscal.as_str());
    let told = deliveries(&till, "erp").await;
    assert!(told.iter().all(|told| told.state == DeliveryState::Delivered && told.attempts == 1), "{told:?}");
    let one: WebhookDeliveryResource = till.get(&format!("/webhook-deliveries/{}", told[0].id)).await.ok().json();
    assert_eq!(one.tries.unwrap().len(), 1);
    assert_eq!(serde_json::to_value(one.event.unwrap()).unwrap(), arrived[1].json());
});

on_both!(
    w3_a_failing_endpoint_is_tried_with_one_id_and_then_parked,
    with | config | allow_this_machine(config),
    |app| {
        let till = Program::of_the_demo(app).await;
        let sink = Sink::answering(|_| (503, String::new()));
        endpoint(&till, "erp", &sink).await;
        post(&till, "/webhook-endpoints/erp/tests").await;
        let pauses = app.app.config.webhooks.retry_pauses.clone();
        for pause in pauses.iter().take(8).chain([&0]) {
            courier::run_due(&app.app).await.unwrap();
            app.clock.advance_seconds(pause + pause / 10 + 1);
        }
        let ids: Vec<String> = sink.empty().iter().map(|posted| posted.headers["webhook-id"].clone()).collect();
        assert!(ids.len() == 9 && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        let told = deliveries(&till, "erp").await;
        assert_eq!((told[0].state, told[0].attempts, told[0].attempts_max), (DeliveryState::Waiting, 9, 10));
        assert_eq!((told[0].last_status, told[0].last_failure.as_deref()), (Some(503), Some("status")));
        app.clock.advance_seconds(86_400 + 8_640);
        courier::run_due(&app.app).await.unwrap();
        let told = deliveries(&till, "erp").await;
        assert_eq!((told[0].state, told[0].attempts), (DeliveryState::Parked, 10));
        // Three days without anything: it is disabled, and its issuer hears of it.
        let lost = kept(&till, "erp").await;
        assert_eq!((lost.enabled, lost.disabled_because, lost.parked), (false, Some(DisabledBecause::Failing), 1));
        app.run_jobs().await;
        let letters = app.browser().get("/api/v1/mailbox").await.ok().text();
        assert!(letters.contains("dejamos de enviar avisos"), "{letters}");
        post(&till, "/webhook-endpoints/erp/tests").await.problem(ProblemCode::EndpointDisabled);
        post(&till, "/webhook-endpoints/erp/resends").await.problem(ProblemCode::EndpointDisabled);
        // Mended, enabled, sent again: the same id arrives.
        sink.empty();
        sink.answer(|_| (200, String::new()));
        till.put("/webhook-endpoints/erp", &json!({ "url": format!("{}/in", sink.base), "description": "x" }))
            .await
            .ok();
        assert_eq!(post(&till, "/webhook-endpoints/erp/resends").await.json::<WebhookResent>().deliveries, 1);
        courier::run_due(&app.app).await.unwrap();
        assert_eq!(sink.empty()[0].headers["webhook-id"], ids[0]);
        assert_eq!(deliveries(&till, "erp").await[0].state, DeliveryState::Delivered);
        let again = post(&till, &format!("/webhook-deliveries/{}/resends", told[0].id)).await;
        assert_eq!(again.status.as_u16(), 202);
        courier::run_due(&app.app).await.unwrap();
        assert_eq!(sink.empty()[0].headers["webhook-id"], ids[0]);
    }
);

on_both!(w1_a_redirect_is_not_followed_and_gone_is_believed, with | config | allow_this_machine(config), |app| {
    let till = Program::of_the_demo(app).await;
    let elsewhere = Sink::open();
    let there = elsewhere.base.clone();
    let sink = Sink::answering(move |_| (307, format!("location: {there}/in\r\n")));
    endpoint(&till, "erp", &sink).await;
    post(&till, "/webhook-endpoints/erp/tests").await;
    courier::run_due(&app.app).await.unwrap();
    assert_eq!((sink.empty().len(), elsewhere.empty().len()), (1, 0));
    assert_eq!(deliveries(&till, "erp").await[0].last_failure.as_deref(), Some("redirect"));
    sink.answer(|_| (410, String::new()));
    app.clock.advance_seconds(6);
    courier::run_due(&app.app).await.unwrap();
    assert_eq!(kept(&till, "erp").await.disabled_because, Some(DisabledBecause::Gone));
    app.clock.advance_seconds(86_400);
    sink.empty();
    courier::run_due(&app.app).await.unwrap();
    assert!(sink.empty().is_empty());
    app.run_jobs().await;
});

on_both!(
    an_english_issuer_reads_in_english_since_when_nothing_arrives,
    with | config | {
        allow_this_machine(config);
        config.webhooks.disable_after = 60;
    },
    |app| {
        app.operator().await.changes_issuer("default", |settings| settings.language = shared::Lang::En).await.ok();
        let till = Program::of_the_demo(app).await;
        let sink = Sink::answering(|_| (503, String::new()));
        endpoint(&till, "erp", &sink).await;
        post(&till, "/webhook-endpoints/erp/tests").await;
        for _ in 0..2 {
            courier::run_due(&app.app).await.unwrap();
            app.clock.advance_seconds(3_600);
        }
        assert_eq!(kept(&till, "erp").await.disabled_because, Some(DisabledBecause::Failing));
        app.run_jobs().await;
        let letters: Page<MailboxLetter> = app.browser().get("/api/v1/mailbox?limit=100").await.ok().json();
        let told = letters.data.iter().find(|letter| letter.subject.contains("we no longer send notices to erp"));
        let told = told.unwrap_or_else(|| panic!("{letters:?}"));
        let told: MailboxMessage = app.browser().get(&format!("/api/v1/mailbox/{}", told.id)).await.ok().json();
        assert!(told.text.contains("None has arrived since 18/11/2026."), "{}", told.text);
        assert!(told.text.contains("all that happened is in GET /events"), "{}", told.text);
    }
);

on_both!(w2_both_secrets_sign_for_a_day, with | config | allow_this_machine(config), |app| {
    let till = Program::of_the_demo(app).await;
    let sink = Sink::open();
    let old = endpoint(&till, "erp", &sink).await;
    let rotated: WebhookEndpointResource = post(&till, "/webhook-endpoints/erp/secrets").await.ok().json();
    let new = rotated.secret.unwrap();
    assert!(new != old && rotated.previous_secret_until.is_some());
    assert_eq!(kept(&till, "erp").await.secret, None, "told once");
    for (hours, both) in [(0, true), (24, false)] {
        app.clock.advance_seconds(hours * 3_600);
        post(&till, "/webhook-endpoints/erp/tests").await;
        courier::run_due(&app.app).await.unwrap();
        let posted = sink.empty().remove(0);
        assert_eq!((is_signed(&posted, &new), is_signed(&posted, &old)), (true, both), "{hours}");
    }
});

on_both!(
    w2_a_repeated_change_leaves_the_secret_that_the_receiver_has,
    with | config | allow_this_machine(config),
    |app| {
        let till = Program::of_the_demo(app).await;
        let sink = Sink::open();
        let held = endpoint(&till, "erp", &sink).await;
        let rotate =
            async || post(&till, "/webhook-endpoints/erp/secrets").await.ok().json::<WebhookEndpointResource>();
        // Its answer was lost, so it is asked for again.
        let lost = rotate().await;
        app.clock.advance_seconds(3_600);
        let told = rotate().await;
        assert_eq!(told.previous_secret_until, lost.previous_secret_until, "the end that it was given first");
        let (lost, told) = (lost.secret.unwrap(), told.secret.unwrap());
        for (hours, held_signs) in [(0, true), (22, true), (1, false)] {
            app.clock.advance_seconds(hours * 3_600);
            post(&till, "/webhook-endpoints/erp/tests").await;
            courier::run_due(&app.app).await.unwrap();
            let posted = sink.empty().remove(0);
            let signs = [&told, &held, &lost].map(|secret| is_signed(&posted, secret));
            assert_eq!(signs, [true, held_signs, false], "{hours}");
        }
        // The overlap is over: the next change begins another.
        let next = rotate().await;
        assert!(next.previous_secret_until.is_some());
        post(&till, "/webhook-endpoints/erp/tests").await;
        courier::run_due(&app.app).await.unwrap();
        let posted = sink.empty().remove(0);
        assert!(is_signed(&posted, &next.secret.unwrap()) && is_signed(&posted, &told));
    }
);

on_both!(
    w3_a_changed_or_enabled_endpoint_is_tried_at_once_with_what_waits,
    with | config | allow_this_machine(config),
    |app| {
        let till = Program::of_the_demo(app).await;
        let sink = Sink::answering(|_| (500, String::new()));
        endpoint(&till, "erp", &sink).await;
        let put = async |description: &str, enabled: bool| {
            let body = json!({ "url": format!("{}/in", sink.base), "description": description, "enabled": enabled });
            till.put("/webhook-endpoints/erp", &body).await.ok();
        };
        post(&till, "/webhook-endpoints/erp/tests").await;
        // Twice refused, it waits for minutes.
        courier::run_due(&app.app).await.unwrap();
        app.clock.advance_seconds(6);
        courier::run_due(&app.app).await.unwrap();
        app.clock.advance_seconds(6);
        courier::run_due(&app.app).await.unwrap();
        assert_eq!(sink.empty().len(), 2);
        put("corregido", true).await;
        courier::run_due(&app.app).await.unwrap();
        assert_eq!(sink.empty().len(), 1, "changed");
        sink.answer(|_| (204, String::new()));
        put("corregido", false).await;
        courier::run_due(&app.app).await.unwrap();
        assert_eq!(sink.empty().len(), 0, "disabled");
        put("corregido", true).await;
        courier::run_due(&app.app).await.unwrap();
        assert_eq!(sink.empty().len(), 1, "enabled");
        assert_eq!(deliveries(&till, "erp").await[0].state, DeliveryState::Delivered);
    }
);

on_both!(w3_an_endpoint_that_asks_for_time_gets_it_as_a_whole, with | config | allow_this_machine(config), |app| {
    let till = Program::of_the_demo(app).await;
    let sink = Sink::answering(|_| (429, "retry-after: 90\r\n".into()));
    endpoint(&till, "erp", &sink).await;
    let arrive = async |seconds: i64| {
        app.clock.advance_seconds(seconds);
        courier::run_due(&app.app).await.unwrap();
        sink.empty().len()
    };
    post(&till, "/webhook-endpoints/erp/tests").await;
    assert_eq!(arrive(0).await, 1);
    // What happens meanwhile waits too.
    post(&till, "/webhook-endpoints/erp/tests").await;
    assert_eq!((arrive(0).await, arrive(89).await), (0, 0));
    sink.answer(|_| (503, "retry-after: Wed, 18 Nov 2026 18:05:00 GMT\r\n".into()));
    assert_eq!(arrive(1).await, 2);
    post(&till, "/webhook-endpoints/erp/tests").await;
    sink.answer(|_| (204, String::new()));
    assert_eq!(arrive(209).await, 0);
    // Twice refused, the first one waits longer by itself.
    assert_eq!((arrive(1).await, arrive(331).await), (2, 1));
    // Sent by hand, nothing waits for the pause.
    sink.answer(|_| (504, "retry-after: 3000\r\n".into()));
    let made: WebhookDeliveryResource = post(&till, "/webhook-endpoints/erp/tests").await.json();
    assert_eq!((arrive(0).await, arrive(2_999).await), (1, 0));
    assert_eq!(post(&till, &format!("/webhook-deliveries/{}/resends", made.id)).await.status.as_u16(), 202);
    assert_eq!(arrive(0).await, 1);
});

on_both!(an_endpoint_whose_name_is_gone_can_be_disabled, with | config | allow_this_machine(config), |app| {
    let till = Program::of_the_demo(app).await;
    endpoint(&till, "erp", &Sink::open()).await;
    // A name that led somewhere once.
    app.database.change("UPDATE webhook_endpoints SET url = 'https://localhost/in'").await;
    let put = async |url: &str, enabled: bool| {
        till.put("/webhook-endpoints/erp", &json!({ "url": url, "description": "x", "enabled": enabled })).await
    };
    let told: WebhookEndpointResource = put("https://localhost/in", true).await.ok().json();
    assert!(told.enabled && told.description == "x");
    let told: WebhookEndpointResource = put("https://localhost/in", false).await.ok().json();
    assert_eq!((told.enabled, told.disabled_because), (false, Some(DisabledBecause::ByHand)));
    // Somewhere else, or on again: then it has to lead somewhere.
    for (url, enabled) in [("https://localhost/out", false), ("https://localhost/in", true)] {
        let refused = put(url, enabled).await.problem(ProblemCode::InvalidFields);
        assert_eq!((refused.errors[0].pointer.as_str(), refused.errors[0].code.as_str()), ("/url", "not_public"));
    }
});

on_both!(w3_one_dead_endpoint_delays_no_other, with | config | allow_this_machine(config), |app| {
    let till = Program::of_the_demo(app).await;
    let (alive, dead) = (Sink::open(), std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let port = dead.local_addr().unwrap().port();
    drop(dead);
    till.put("/webhook-endpoints/dead", &json!({ "url": format!("http://127.0.0.1:{port}/") })).await;
    endpoint(&till, "alive", &alive).await;
    one_invoice(app, &till).await;
    courier::run_due(&app.app).await.unwrap();
    assert_eq!(alive.empty().len(), 2);
    // Nobody answered at all: it is left in peace as a whole, not message by message.
    let before: Vec<i64> = deliveries(&till, "dead").await.iter().map(|told| told.attempts).collect();
    post(&till, "/webhook-endpoints/dead/tests").await;
    courier::run_due(&app.app).await.unwrap();
    // All of one instant: in any order.
    let mut after: Vec<i64> = deliveries(&till, "dead").await.iter().map(|told| told.attempts).collect();
    after.sort_unstable();
    assert_eq!((before, after), (vec![1, 1], vec![0, 1, 1]));
    assert!(kept(&till, "dead").await.failing_since.is_some());
    app.clock.advance_seconds(10);
    courier::run_due(&app.app).await.unwrap();
    assert!(deliveries(&till, "dead").await.iter().all(|told| told.attempts > 0));
});

on_both!(an_endpoint_asks_for_what_it_wants_and_gets_no_more, with | config | allow_this_machine(config), |app| {
    let till = Program::of_the_demo(app).await;
    let (stamps, off) = (Sink::open(), Sink::open());
    let wanted = json!({ "url": format!("{}/in", stamps.base), "event_types": ["invoice.stamped"] });
    till.put("/webhook-endpoints/stamps", &wanted).await;
    till.put("/webhook-endpoints/off", &json!({ "url": format!("{}/in", off.base), "enabled": false })).await;
    one_invoice(app, &till).await;
    courier::run_due(&app.app).await.unwrap();
    let kinds: Vec<Value> = stamps.empty().iter().map(|posted| posted.json()["type"].clone()).collect();
    assert_eq!((kinds, off.empty().len()), (vec![json!("invoice.stamped")], 0));
    // Sent twice it is one endpoint, and its secret is not told again.
    let again = till.put("/webhook-endpoints/stamps", &wanted).await.ok().json::<WebhookEndpointResource>();
    assert_eq!((again.secret, again.event_types), (None, vec![EventKind::InvoiceStamped]));
    let listed: Page<WebhookEndpointResource> = till.get("/webhook-endpoints").await.ok().json();
    assert_eq!(listed.data.len(), 2);
    let gone = till.send(till.request(Method::DELETE, "/webhook-endpoints/stamps")).await;
    assert_eq!(gone.status.as_u16(), 204);
    till.get("/webhook-endpoints/stamps").await.problem(ProblemCode::NotFound);
    endpoint(&till, "stamps", &stamps).await;
    for n in 0..8 {
        endpoint(&till, &format!("e-{n}"), &stamps).await;
    }
    let many = till.put("/webhook-endpoints/e-9", &wanted).await;
    many.problem(ProblemCode::TooManyEndpoints);
});

on_both!(w1_an_address_that_is_not_public_is_refused_at_save, |app| {
    let till = Program::of_the_demo(app).await;
    for (url, code) in [
        ("http://erp.arrayan.example/", "webhook_url"),
        ("https://erp.arrayan.example:9000/", "webhook_url"),
        ("https://127.0.0.1/", "not_public"),
        ("https://169.254.169.254/latest/meta-data/", "not_public"),
        ("https://[::ffff:10.0.0.1]/", "not_public"),
        ("https://localhost/", "not_public"),
        ("http://127.0.0.1:9000/", "webhook_url"),
    ] {
        let refused =
            till.put("/webhook-endpoints/erp", &json!({ "url": url })).await.problem(ProblemCode::InvalidFields);
        let told: Vec<(&str, &str)> =
            refused.errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
        assert_eq!(told, [("/url", code)], "{url}");
    }
});

on_both!(w1_a_demo_sends_to_localhost_out_of_the_box_and_never_to_itself, |app| {
    let (till, sink) = (Program::of_the_demo(app).await, Sink::open());
    let at = |base: &str| json!({ "url": format!("{}/in", base.replace("127.0.0.1", "localhost")) });
    assert_eq!(till.put("/webhook-endpoints/here", &at(&sink.base)).await.status.as_u16(), 201);
    assert_eq!(post(&till, "/webhook-endpoints/here/tests").await.status.as_u16(), 202);
    courier::run_due(&app.app).await.unwrap();
    assert_eq!(sink.empty().len(), 1);
    let itself = till.put("/webhook-endpoints/itself", &at(&app.base)).await.problem(ProblemCode::InvalidFields);
    assert_eq!((itself.errors[0].pointer.as_str(), itself.errors[0].code.as_str()), ("/url", "webhook_url"));
});

on_both!(b2_another_issuers_webhooks_are_not_there, with | config | allow_this_machine(config), |app| {
    let till = Program::of_the_demo(app).await;
    let sink = Sink::open();
    endpoint(&till, "erp", &sink).await;
    let made: WebhookDeliveryResource = post(&till, "/webhook-endpoints/erp/tests").await.json();
    let theirs = Program::at(app, "nandu", &ApiScope::ALL).await;
    for path in
        ["/webhook-endpoints/erp", "/webhook-endpoints/erp/deliveries", &format!("/webhook-deliveries/{}", made.id)]
    {
        theirs.get(path).await.problem(ProblemCode::NotFound);
    }
    for path in ["secrets", "tests", "resends"] {
        post(&theirs, &format!("/webhook-endpoints/erp/{path}")).await.problem(ProblemCode::NotFound);
    }
    post(&theirs, &format!("/webhook-deliveries/{}/resends", made.id)).await.problem(ProblemCode::NotFound);
    theirs.send(theirs.request(Method::DELETE, "/webhook-endpoints/erp")).await.problem(ProblemCode::NotFound);
    let reader = Program::at(app, "default", &[ApiScope::WebhooksRead]).await;
    reader.get("/webhook-endpoints").await.ok();
    post(&reader, "/webhook-endpoints/erp/tests").await.problem(ProblemCode::ScopeMissing);
    assert_eq!(
        till.get("/webhook-endpoints/erp/deliveries?state=parked").await.ok().json::<Page<Value>>().data.len(),
        0
    );
    courier::run_due(&app.app).await.unwrap();
    assert_eq!(sink.empty().len(), 1);
});

on_both!(what_arrived_is_let_go_of_after_its_term, with | config | allow_this_machine(config), |app| {
    let till = Program::of_the_demo(app).await;
    let sink = Sink::open();
    endpoint(&till, "erp", &sink).await;
    post(&till, "/webhook-endpoints/erp/tests").await;
    courier::run_due(&app.app).await.unwrap();
    for (days, left) in [(34, 1), (2, 0)] {
        app.clock.advance_seconds(days * 86_400);
        assert_eq!(api::ops::retention::purge(&app.app).await, api::jobs::Outcome::Done);
        assert_eq!(deliveries(&till, "erp").await.len(), left, "{days}");
    }
});
