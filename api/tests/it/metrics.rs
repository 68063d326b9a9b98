//! `/metrics`: figures for whoever watches, for nobody else, and about nobody.
use std::net::TcpListener;

use api::payments::operations;
use reqwest::Method;
use shared::ProblemCode;
use tokio::sync::watch;
use uuid::Uuid;

use crate::payments::{AtTheBank, Person, comes_back, issuer_and_customer, staff};
use crate::support::process::Process;
use crate::support::{Browser, Reply, TestApp, on_both, order};

const TOKEN: &str = "a token of these tests";

async fn ask(app: &TestApp, authorization: &str) -> Reply {
    let browser = app.browser();
    browser.send(browser.request(Method::GET, "/metrics").header("Authorization", authorization)).await
}

async fn figures(app: &TestApp) -> String {
    ask(app, &format!("Bearer {TOKEN}")).await.ok().text()
}

/// The value of a line, by its name and labels.
#[track_caller]
fn value(figures: &str, line: &str) -> i64 {
    let found = figures.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("no {line} in\n{figures}")).parse().unwrap()
}

on_both!(there_are_no_figures_unless_a_setting_asks_for_them, |app| {
    app.browser().get("/metrics").await.problem(ProblemCode::NotFound);
    ask(app, "Bearer ").await.problem(ProblemCode::NotFound);
});

on_both!(
    only_who_shows_the_token_reads_the_figures,
    with | config | {
        config.metrics.token = TOKEN.into();
    },
    |app| {
        app.browser().get("/metrics").await.problem(ProblemCode::NotFound);
        // Nor do other verbs tell that something is there.
        let browser = app.browser();
        for method in [Method::POST, Method::DELETE] {
            let asked = browser.request(method, "/metrics");
            let shown = asked.try_clone().unwrap().header("Authorization", format!("Bearer {TOKEN}"));
            browser.send(asked).await.problem(ProblemCode::NotFound);
            browser.send(shown).await.problem(ProblemCode::NotFound);
        }
        for wrong in ["Bearer", "Bearer ", "Bearer a token of these test", "Bearer a token of these tests!", TOKEN] {
            ask(app, wrong).await.problem(ProblemCode::NotFound);
        }
        let reply = ask(app, &format!("Bearer {TOKEN}")).await.ok();
        assert_eq!(reply.headers["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
        assert!(reply.text().ends_with("# EOF\n"), "{}", reply.text());
    }
);

on_both!(
    requests_work_stamps_and_letters_are_counted,
    with | config | {
        config.metrics.token = TOKEN.into();
    },
    |app| {
        let before = figures(app).await;
        assert!(!before.contains("ventanilla_stamps_total{"), "{before}");
        assert_eq!(value(&before, "process_start_time_seconds"), app.app.now().jiff().as_second());
        app.browser().invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
        app.run_jobs().await;
        let invoices =
            r#"ventanilla_http_requests_total{method="POST",route="/api/v1/issuers/{slug}/invoices",status="2xx"}"#;
        let after = figures(app).await;
        for (line, count) in [
            (invoices, 1),
            (r#"ventanilla_stamps_total{outcome="stamped"}"#, 1),
            ("ventanilla_database_up", 1),
            ("ventanilla_jobs_due", 0),
            ("ventanilla_jobs_oldest_due_seconds", 0),
            ("ventanilla_jobs_parked", 0),
            ("ventanilla_pac_circuit_open", 0),
            ("ventanilla_password_hashes_running", 0),
            ("ventanilla_password_hashes_waiting", 0),
        ] {
            assert_eq!(value(&after, line), count, "{line}");
        }
        for line in [
            r#"ventanilla_letters_total{outcome="sent"}"#,
            r#"ventanilla_jobs_total{kind="deliver_letter",outcome="done"}"#,
            r#"ventanilla_http_request_seconds_count{surface="portal"}"#,
        ] {
            assert!(value(&after, line) >= 1, "{line}");
        }
        let open_reviews = app.database.count("SELECT COUNT(*) FROM payment_reviews WHERE closed_at IS NULL").await;
        assert_eq!(value(&after, "ventanilla_payment_reviews_open"), open_reviews);
        let pool = if app.app.db.is_sqlite() { "read" } else { "all" };
        let used = value(&after, &format!(r#"ventanilla_database_connections{{pool="{pool}",state="used"}}"#));
        assert!((0..=8).contains(&used), "{used}");

        // A PAC that says nothing: the invoice waits, and its work is due when its time has come.
        let ticket = app.ticket(1).await;
        let browser = app.browser();
        let claim = browser.claim(&ticket).await;
        assert_eq!(browser.invoice(&order(&ticket, &claim, "CAI010101003"), "k-2").await.status, 202);
        app.clock.advance_seconds(3_600);
        let late = figures(app).await;
        assert_eq!(value(&late, r#"ventanilla_stamps_total{outcome="silent"}"#), 1);
        assert_eq!(value(&late, invoices), 2);
        assert!(value(&late, "ventanilla_jobs_due") >= 1);
        let waited = value(&late, "ventanilla_jobs_oldest_due_seconds");
        assert!((1..=3_600).contains(&waited), "{waited}");
    }
);

on_both!(
    what_is_decided_of_a_payment_is_counted_once_it_is_kept,
    with | config | {
        config.metrics.token = TOKEN.into();
    },
    |app| {
        let taken_back = r#"ventanilla_payment_events_total{event="payment.reversed"}"#;
        let person = Person::signs_in(app).await;
        let payment = person.pays("k-1", &["6212976"]).await;
        let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
        comes_back(app, &answer).await;
        let paid = figures(app).await;
        assert!(value(&paid, r#"ventanilla_payment_events_total{event="payment.confirmed"}"#) >= 1);
        // What is written after the event fails, and the event with it.
        let ((scope, _), by) = (issuer_and_customer(app).await, staff());
        let reverse = || operations::reverse(&app.app, scope, payment.id, "Contracargo", &by);
        app.database.execute("ALTER TABLE audit_log RENAME TO elsewhere").await;
        reverse().await.unwrap_err();
        app.database.execute("ALTER TABLE elsewhere RENAME TO audit_log").await;
        assert!(!figures(app).await.contains(taken_back), "nothing was decided");
        assert!(reverse().await.unwrap());
        assert_eq!(value(&figures(app).await, taken_back), 1);
    }
);

on_both!(
    no_figure_tells_of_anybody,
    with | config | {
        config.metrics.token = TOKEN.into();
    },
    |app| {
        let browser = app.browser();
        let ticket = app.ticket(0).await;
        browser.invoice_ticket(&ticket, "k-1").await.ok();
        let id = Uuid::from_u128(7).to_string();
        for path in [
            format!("/api/v1/issuers/default/invoices/{id}"),
            format!("/api/v1/issuers/nobody-knows-this/invoices/{id}"),
            format!("/api/integrators/v1/tickets/{}", ticket.ticket_number),
            "/nobody-knows-this".to_owned(),
            format!("/api/v1/nobody-knows-this/{id}"),
            format!("/api/v1/payments/{id}?rfc=QUIA850712AA1"),
        ] {
            browser.get(&path).await;
        }
        browser.send(browser.request(Method::from_bytes(b"NOBODYKNOWSTHIS").unwrap(), "/api/v1/rehearsal")).await;
        let figures = figures(app).await;
        let labels = figures.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('{'));
        let mut seen = 0;
        for (_, labels) in labels {
            let (labels, _value) = labels.rsplit_once('}').unwrap();
            assert!(!labels.to_lowercase().contains("nobody"), "{labels}");
            assert!(!labels.contains("QUIA"), "{labels}");
            for part in labels.split(['/', '"', ',']) {
                assert!(Uuid::parse_str(part).is_err() && part != ticket.ticket_number, "{labels}");
            }
            seen += 1;
        }
        assert!(seen > 10, "{figures}");
        assert!(figures.contains(r#"route="/api/integrators/v1/tickets/{external_id}""#), "{figures}");
    }
);

on_both!(
    a_listener_of_its_own_keeps_the_figures_off_the_portals_address,
    with | config | {
        config.metrics.listen = "127.0.0.1:0".to_owned();
    },
    |app| {
        app.browser().get("/metrics").await.problem(ProblemCode::NotFound);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(api::metrics::routes::serve(&app.app, listener, stopped).unwrap());
        let watcher = Browser::new(&base);
        let told = watcher.get("/metrics").await.ok().text();
        assert_eq!(value(&told, "ventanilla_database_up"), 1);
        assert_eq!(watcher.get("/health/live").await.status, 404, "it knows nothing else");
        // A page of another name, which a browser on this machine was led to.
        let led = watcher.request(Method::GET, "/metrics").header("Host", "evil.example");
        assert_eq!(watcher.send(led).await.status, 404);
        stop.send(true).unwrap();
        server.await.unwrap().unwrap();
    }
);

/// As an operator starts it; which engine is behind it makes no difference here.
#[tokio::test]
async fn a_server_opens_the_listener_that_the_settings_name() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("server.log");
    let data_dir = folder.path().join("data").to_str().unwrap().to_owned();
    let settings = [
        ("VENTANILLA_DATA_DIR", data_dir.as_str()),
        ("VENTANILLA_LISTEN", "127.0.0.1:0"),
        ("VENTANILLA_REHEARSAL", "true"),
        ("VENTANILLA_METRICS__LISTEN", "127.0.0.1:0"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut server = Process::spawn(&["serve"], &settings, &log);
    let portal = server.address().await;
    let told = std::fs::read_to_string(&log).unwrap();
    let (_, rest) = told.split_once("figures for a Prometheus server: ").unwrap_or_else(|| panic!("{told}"));
    let (base, _) = rest.split_once("/metrics").unwrap();
    assert_eq!(value(&Browser::new(base).get("/metrics").await.ok().text(), "ventanilla_database_up"), 1);
    Browser::new(&portal).get("/metrics").await.problem(ProblemCode::NotFound);
    server.stop().await;
}
