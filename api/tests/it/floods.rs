//! Flood limits: one source cannot take the whole machine, and says who it is only by its TCP line.
use serde_json::json;
use shared::ProblemCode;
use shared::accounts::SessionOpened;
use shared::billing::InvoiceView;

use crate::support::{TestApp, data_of, on_both, order};

/// A request that says it comes from elsewhere.
async fn look_up_as(app: &TestApp, forwarded_for: &str) -> crate::support::Reply {
    let browser = app.browser();
    let request = browser.request(reqwest::Method::POST, "/api/v1/issuers/default/ticket-claims");
    browser.send(request.header("X-Forwarded-For", forwarded_for).json(&data_of(&app.ticket(0).await))).await
}

on_both!(
    a_source_that_asks_too_fast_is_told_when_to_come_back,
    with | config | {
        config.floods.look_ups_per_minute = 3;
        config.floods.sign_ins_per_minute = 2;
        config.floods.invoices_per_minute = 1;
    },
    |app| {
        let (browser, ticket) = (app.browser(), app.ticket(0).await);
        let claim = browser.claim(&ticket).await;
        for _ in 0..2 {
            browser.look_up(&ticket).await.ok();
        }
        let held = app.browser().look_up(&ticket).await;
        let problem = held.problem(ProblemCode::TooManyRequests);
        assert_eq!(problem.retry_after_seconds, Some(21), "a third of a minute, and the next whole second");
        assert_eq!(held.headers["retry-after"], "21");
        // Headers that anybody can write make nobody another source.
        look_up_as(app, "203.0.113.7").await.problem(ProblemCode::TooManyRequests);

        let before = app.app.db.commits();
        let somebody = json!({"user": "nobody@nowhere.example", "password": "tulipán de agua"});
        for _ in 0..2 {
            browser.post("/api/v1/sessions", &somebody).await.problem(ProblemCode::WrongCredentials);
        }
        let counted = app.app.db.commits();
        assert!(counted > before);
        browser.post("/api/v1/sessions", &somebody).await.problem(ProblemCode::TooManyRequests);
        let passkey = json!({"id": uuid::Uuid::nil(), "credential": {}});
        for door in ["sessions", "console/sessions"] {
            let entering = browser.post(&format!("/api/v1/{door}/passkeys"), &passkey).await;
            entering.problem(ProblemCode::TooManyRequests);
        }
        assert_eq!(app.app.db.commits(), counted, "a refused request costs no write");

        let asked = order(&ticket, &claim, "QUIA850712AA1");
        let invoice: InvoiceView = browser.invoice(&asked, "k-1").await.ok().json();
        let mails = format!("/api/v1/invoices/{}/mails", invoice.id);
        let letter = json!({"to": "otra@quintil.example", "language": "es"});
        browser.post(&mails, &letter).await.problem(ProblemCode::TooManyRequests);
        browser.invoice(&asked, "k-1").await.problem(ProblemCode::TooManyRequests);
        browser.get("/api/v1/rehearsal").await.ok();
        app.clock.advance_seconds(60);
        assert_eq!(browser.invoice(&asked, "k-1").await.ok().status, 201, "the answer waits under its key");
        browser.look_up(&ticket).await.problem(ProblemCode::TicketAlreadyInvoiced);

        let known = app.rehearsal().await.sign_ins.swap_remove(0);
        let person = json!({"user": known.user, "password": known.password});
        let opened: SessionOpened = browser.post("/api/v1/sessions", &person).await.ok().json();
        let prove = async || {
            let path = "/api/v1/sessions/current/proofs/passkey-challenges";
            let request = browser.request(reqwest::Method::POST, path);
            browser.send(request.bearer_auth(opened.access_token.expose())).await
        };
        prove().await.problem(ProblemCode::NotFound);
        prove().await.problem(ProblemCode::TooManyRequests);
    }
);

on_both!(
    behind_a_proxy_each_caller_has_its_own_limit,
    with | config | {
        config.floods.look_ups_per_minute = 1;
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    },
    |app| {
        look_up_as(app, "203.0.113.7").await.ok();
        look_up_as(app, "203.0.113.7").await.problem(ProblemCode::TooManyRequests);
        look_up_as(app, "1.1.1.1, 203.0.113.7").await.problem(ProblemCode::TooManyRequests);
        look_up_as(app, "203.0.113.8").await.ok();
    }
);
