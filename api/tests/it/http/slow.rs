//! Clients that take their time (U4), as bytes on a line.
use std::time::{Duration, Instant};

use futures::future::join_all;
use shared::ProblemCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::integrators::Program;
use crate::support::{TestApp, on_both};

/// Longer than any answer here takes on a machine that has other work, shorter than the half minute that bodies have by
/// default, and that an answer would take that waits for the slow lines.
const SOON: Duration = Duration::from_secs(25);

/// A line on which the head of a request and a little of its body were sent.
async fn stalled(app: &TestApp, head: &str, body: &str) -> TcpStream {
    let host = app.base.trim_start_matches("http://");
    let mut line = TcpStream::connect(host).await.unwrap();
    let request = format!("{head}\r\nHost: {host}\r\nX-Requested-With: ventanilla\r\n\r\n{body}");
    line.write_all(request.as_bytes()).await.unwrap();
    line
}

/// The answer: its head and a problem, which end in a brace.
async fn answer(mut line: TcpStream) -> String {
    let mut heard = Vec::new();
    let hearing = async { while !heard.ends_with(b"}") && line.read_buf(&mut heard).await.unwrap() > 0 {} };
    tokio::time::timeout(SOON, hearing).await.expect("the server answers");
    String::from_utf8(heard).unwrap()
}

on_both!(
    u4_a_body_that_stops_half_way_is_answered_wherever_it_is_read,
    with | config | config.body_seconds = 5,
    |app| {
        let till = Program::of_the_demo(app).await;
        let key = format!("Authorization: Bearer {}", till.key);
        let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 200";
        let json = "Content-Type: application/json\r\nContent-Length: 200";
        let heads = [
            format!("POST /api/v1/bank-notices/bbva HTTP/1.1\r\n{form}"),
            format!("POST /api/v1/bank-returns/bbva HTTP/1.1\r\n{form}"),
            format!("POST /api/v1/sessions HTTP/1.1\r\n{json}"),
            format!("POST /api/v1/issuers/default/ticket-claims HTTP/1.1\r\n{json}"),
            format!("PUT /api/integrators/v1/tickets/v-1 HTTP/1.1\r\n{key}\r\n{json}"),
            format!(
                "POST /api/integrators/v1/tickets/bulk HTTP/1.1\r\n{key}\r\nContent-Type: application/x-ndjson\r\n\
             Content-Length: 200"
            ),
            format!(
                "PUT /api/integrators/v1/documents/external/d-1 HTTP/1.1\r\n{key}\r\nContent-Type: application/xml\r\n\
             Content-Length: 200"
            ),
        ];
        let answers =
            join_all(heads.iter().map(|head| async move { answer(stalled(app, head, "{").await).await })).await;
        for (head, answer) in heads.iter().zip(answers) {
            assert!(answer.starts_with("HTTP/1.1 408 "), "{head}\n{answer}");
            assert!(answer.contains(&format!("\"code\":\"{}\"", ProblemCode::BodyTooSlow)), "{head}\n{answer}");
            assert!(answer.contains("connection: close"), "{head}\n{answer}");
        }
        // Whoever sends on is not hurried.
        let mut line = stalled(app, &format!("POST /api/v1/sessions HTTP/1.1\r\n{json}"), "{").await;
        line.write_all(&[b' '; 199]).await.unwrap();
        assert!(answer(line).await.starts_with("HTTP/1.1 400 "));
    }
);

on_both!(u4_a_body_in_chunks_that_nobody_reads_holds_no_connection, |app| {
    let head = "POST /api/v1/nowhere HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked";
    let answer = answer(stalled(app, head, "1\r\n{\r\n").await).await;
    assert!(answer.starts_with("HTTP/1.1 404 ") && answer.contains("connection: close"), "{answer}");
});

on_both!(u4_two_hundred_slow_connections_leave_health_quick, |app| {
    let head = "POST /api/v1/bank-notices/bbva HTTP/1.1\r\nContent-Length: 200";
    let lines = join_all((0..200).map(|_| stalled(app, head, "a="))).await;
    let began = Instant::now();
    app.browser().get("/health/live").await.ok();
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    drop(lines);
});
