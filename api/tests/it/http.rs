//! The HTTP room over a real socket and real databases.
mod slow;

use api::http::idempotency::{Claim, Saved, claim, find, finish, forget, purge};
use futures::future::join_all;
use shared::ProblemCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{TestApp, on_both};

const ASKED: [u8; 32] = [7; 32];

fn saved() -> Saved {
    Saved { status: 201, content_type: "application/json".into(), body: b"{\"id\": 1 }".to_vec() }
}

/// Claims and commits.
async fn claimed(app: &TestApp, owner: &str, key: &str, asked: [u8; 32]) -> Claim {
    let mut tx = app.app.db.begin().await.unwrap();
    let claim = claim(&mut tx, owner, key, asked, app.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    claim
}

async fn found(app: &TestApp, owner: &str, key: &str) -> Claim {
    find(&mut app.app.db.read().await.unwrap(), owner, key, ASKED).await.unwrap()
}

on_both!(sixteen_at_once_have_one_effect, |app| {
    let claims = join_all((0..16).map(|_| async {
        let mut tx = app.app.db.begin().await.unwrap();
        let claim = claim(&mut tx, "o", "k", ASKED, app.app.now()).await.unwrap();
        if claim == Claim::Fresh {
            // The others come while this one is still at work.
            tokio::task::yield_now().await;
            assert!(finish(&mut tx, "o", "k", &saved()).await.unwrap());
        }
        tx.commit().await.unwrap();
        claim
    }))
    .await;
    assert_eq!(claims.iter().filter(|claim| **claim == Claim::Fresh).count(), 1, "{claims:?}");
    assert_eq!(claims.iter().filter(|claim| **claim == Claim::Replay(saved())).count(), 15, "{claims:?}");
});

on_both!(i2_a_key_stands_for_one_request_of_one_owner, |app| {
    assert_eq!(found(app, "o", "k").await, Claim::Fresh);
    assert_eq!(claimed(app, "o", "k", ASKED).await, Claim::Fresh);
    assert_eq!(claimed(app, "o", "k", ASKED).await, Claim::InFlight);
    assert_eq!(claimed(app, "o", "k", [8; 32]).await, Claim::Reused);
    assert_eq!(claimed(app, "other", "k", [8; 32]).await, Claim::Fresh);

    let mut tx = app.app.db.begin().await.unwrap();
    assert!(finish(&mut tx, "o", "k", &saved()).await.unwrap());
    let later = Saved { status: 409, ..saved() };
    assert!(!finish(&mut tx, "o", "k", &later).await.unwrap(), "what was answered stands");
    assert!(!finish(&mut tx, "o", "never", &later).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(claimed(app, "o", "k", ASKED).await, Claim::Replay(saved()));
    assert_eq!(found(app, "o", "k").await, Claim::Replay(saved()));
    assert_eq!(claimed(app, "o", "k", [8; 32]).await, Claim::Reused);
});

on_both!(a_key_given_back_or_never_committed_is_fresh, |app| {
    let mut tx = app.app.db.begin().await.unwrap();
    assert_eq!(claim(&mut tx, "o", "k", ASKED, app.app.now()).await.unwrap(), Claim::Fresh);
    drop(tx);
    assert_eq!(claimed(app, "o", "k", ASKED).await, Claim::Fresh);
    let mut tx = app.app.db.begin().await.unwrap();
    forget(&mut tx, "o", "k").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claimed(app, "o", "k", [8; 32]).await, Claim::Fresh);
});

on_both!(old_records_go_a_few_at_a_time, |app| {
    for key in ["a", "b", "c"] {
        claimed(app, "o", key, ASKED).await;
    }
    app.clock.advance_seconds(10);
    let noon = app.app.now();
    claimed(app, "o", "young", ASKED).await;
    let mut tx = app.app.db.begin().await.unwrap();
    assert_eq!(purge(&mut tx, noon, 2).await.unwrap(), 2);
    assert_eq!(purge(&mut tx, noon, 2).await.unwrap(), 1);
    assert_eq!(purge(&mut tx, noon, 2).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(found(app, "o", "young").await, Claim::InFlight);
});

on_both!(health_says_alive_and_ready, |app| {
    assert_eq!(app.browser().get("/health/live").await.ok().text(), r#"{"status":"live"}"#);
    assert_eq!(app.browser().get("/health/ready").await.ok().text(), r#"{"status":"ready"}"#);
    // A database that does not answer takes the process out of the balance, not down.
    app.app.db.close().await;
    app.browser().get("/health/live").await.ok();
    app.browser().get("/health/ready").await.problem(ProblemCode::Busy);
});

on_both!(a_database_of_another_version_is_not_ready, |app| {
    let ready = async || app.browser().get("/health/ready").await;
    app.database.execute("UPDATE _sqlx_migrations SET version = version + 9000 WHERE version = 6").await;
    let newer = ready().await.problem(ProblemCode::SchemaDiffers);
    let known = api::db::known_schema();
    assert_eq!(newer.detail.unwrap(), format!("the database has schema 9006, this program knows schema {known}"));
    app.database.execute("DELETE FROM _sqlx_migrations WHERE version > 2").await;
    let older = ready().await.problem(ProblemCode::SchemaDiffers);
    assert_eq!(older.detail.unwrap(), format!("the database has schema 2, this program knows schema {known}"));
    app.database.execute("DROP TABLE _sqlx_migrations").await;
    let none = ready().await.problem(ProblemCode::SchemaDiffers);
    assert_eq!(none.detail.unwrap(), format!("the database has no schema, this program knows schema {known}"));
    app.browser().get("/health/live").await.ok();
});

on_both!(every_route_of_the_house_is_documented, |app| {
    let served = app.browser().get("/openapi/portal.json").await.ok().text();
    assert_eq!(served, api::http::openapi::portal_json(api::serve::API).unwrap());
    app.browser().get("/api/docs/").await.ok();
});

/// Method and address of every route that the source declares. The sandbox is another server, and tests have routes of
/// their own.
fn declared() -> Vec<(String, String, String)> {
    let mut routes = Vec::new();
    for (file, text) in crate::tidy::rust_files("api/src") {
        if file.starts_with("api/src/sandbox/") || file.ends_with("tests.rs") {
            continue;
        }
        for line in text.lines().map(str::trim) {
            for method in ["get", "post", "put", "patch", "delete", "head", "options"] {
                let path = line.strip_prefix(&format!("#[{method}(\"")).and_then(|rest| rest.split('"').next());
                routes.extend(path.map(|path| (file.clone(), method.to_owned(), path.to_owned())));
            }
        }
    }
    assert!(routes.len() > 20, "{routes:?}");
    routes
}

/// Method and address of every operation of a document.
fn operations(json: &str) -> std::collections::BTreeSet<(String, String)> {
    let document: serde_json::Value = serde_json::from_str(json).unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let of_path = |(path, item): (&String, &serde_json::Value)| {
        let methods: Vec<String> = item.as_object().unwrap().keys().cloned().collect();
        methods.into_iter().map(|method| (method, path.clone())).collect::<Vec<_>>()
    };
    paths.flat_map(of_path).collect()
}

#[test]
fn every_declared_route_is_in_its_document_and_nothing_else() {
    let mut portal = operations(&api::http::openapi::portal_json(api::serve::API).unwrap());
    let mut integrators = operations(&api::http::openapi::integrators_json(api::serve::API).unwrap());
    let mut missing = Vec::new();
    for (file, method, path) in declared() {
        // What staff do with keys and webhooks belongs to the portal's own pages.
        let of_the_console = file.starts_with("api/src/integrators/console/");
        let found = if file.starts_with("api/src/integrators/") && !of_the_console {
            integrators.remove(&(method.clone(), format!("/api/integrators/v1{path}")))
        } else {
            [format!("/api/v1{path}"), path.clone()].into_iter().any(|path| portal.remove(&(method.clone(), path)))
        };
        if !found {
            missing.push(format!("{file}: {method} {path}"));
        }
    }
    assert!(missing.is_empty(), "in no document: {missing:#?}");
    assert!(portal.is_empty(), "in the portal's document and nowhere in the source: {portal:?}");
    assert!(integrators.is_empty(), "in the integrators' document and nowhere in the source: {integrators:?}");
}

/// A route put on the app by hand is in no document: only the attributes and [`declared`] see each other.
#[test]
fn no_route_is_put_on_the_app_by_hand() {
    let by_hand = [".route(", "web::resource(", "web::scope("];
    // The figures are there only where a setting puts them, and are of no API.
    let excepted = |file: &str| {
        file.starts_with("api/src/sandbox/") || file == "api/src/metrics/routes.rs" || file.ends_with("/tests.rs")
    };
    let mut found = Vec::new();
    for (file, text) in crate::tidy::rust_files("api/src") {
        // Swagger UI's own files are no part of what it documents.
        let mut lines = text.lines().filter(|line| !line.contains("{DOCS}"));
        let calls = |line: &str| by_hand.iter().any(|call| line.contains(call));
        if !excepted(&file) && lines.any(calls) {
            found.push(file);
        }
    }
    assert!(found.is_empty(), "{found:?}");
}

/// Sends bytes as they are; says what came back until the server closes, or falls silent after an answer.
async fn raw(app: &TestApp, request: &str) -> String {
    let mut line = TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    line.write_all(request.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    // Before the answer a busy machine takes its time; after it a silence is one.
    let patience = |heard: &[u8]| std::time::Duration::from_secs(if heard.is_empty() { 60 } else { 5 });
    while let Ok(Ok(1..)) = tokio::time::timeout(patience(&heard), line.read_buf(&mut heard)).await {}
    String::from_utf8_lossy(&heard).into_owned()
}

on_both!(u7_a_request_that_could_be_read_in_two_ways_is_refused, |app| {
    let host = app.base.trim_start_matches("http://");
    let post = "POST /api/v1/issuers/default/ticket-claims HTTP/1.1\r\nX-Requested-With: ventanilla\r\n\
        Content-Type: application/json\r\nConnection: close\r\n";
    let chunked = "Transfer-Encoding: chunked\r\n";
    for request in [
        format!("GET /health/live HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
        format!("{post}Host: {host}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}"),
        format!("{post}Host: {host}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"),
        format!("{post}Host: {host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n0\r\n\r\n"),
        "GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(),
        // A line that ends bare in a body of pieces.
        format!("{post}Host: {host}\r\n{chunked}\r\n2\n{{}}\r\n0\r\n\r\n"),
        format!("{post}Host: {host}\r\n{chunked}\r\n2;a\n{{}}\r\n0\r\n\r\n"),
        format!("{post}Host: {host}\r\n{chunked}\r\n2\r\n{{}}\n0\r\n\r\n"),
        // Among the headers it ends a line, and what it would hide from a careless proxy counts.
        format!("GET /health/live HTTP/1.1\r\nHost: {host}\nHost: evil.example\r\nConnection: close\r\n\r\n"),
        format!("{post}Host: {host}\n{chunked}Content-Length: 2\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"),
        format!("{post}Host: {host}\nContent-Length: 3\r\nContent-Length: 2\r\n\r\n{{}}"),
        format!("GET /health/live HTTP/1.1\r\nHost: {host}\rX: y\r\nConnection: close\r\n\r\n"),
        format!("GET /health/live HTTP/1.1\r\nHost : {host}\r\nConnection: close\r\n\r\n"),
    ] {
        let answer = raw(app, &request).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && !answer.contains("200 OK"), "{request}\n{answer}");
        let (answers, refusals) = (answer.matches("HTTP/1.1 "), answer.matches("HTTP/1.1 400 "));
        assert_eq!(answers.count(), refusals.count(), "what follows is no request either: {answer}");
    }
});

on_both!(head_is_get_without_its_body, |app| {
    let host = app.base.trim_start_matches("http://");
    let answer = raw(app, &format!("HEAD /health/live HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK") && head.contains("content-length: 17"), "{head}");
    assert_eq!(body, "");
});
