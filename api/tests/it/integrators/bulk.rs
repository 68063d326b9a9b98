//! Many sales in one request.
use api::http::from_json;
use api::integrators::guard::Caller;
use api::integrators::keys::{self, Who};
use api::integrators::tickets::bulk::Run;
use futures::{StreamExt, stream};
use serde_json::Value;
use shared::ProblemCode;
use shared::integrators::{ApiScope, BulkOutcome, BulkResult, BulkTicket, TicketResource};

use super::{Program, new_key, sale};
use crate::support::{Reply, on_both};

fn line(n: usize) -> Value {
    let mut sale = sale("B-1", &n.to_string());
    sale["external_id"] = format!("b-{n}").into();
    sale
}

fn results(reply: &Reply) -> Vec<BulkResult> {
    assert_eq!(reply.headers["content-type"], "application/x-ndjson", "{}", reply.text());
    reply.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

on_both!(five_thousand_lines_with_bad_ones_between_are_answered_line_by_line, |app| {
    let till = Program::of_the_demo(app).await;
    let bad = |n: usize| n.is_multiple_of(97);
    let body: String = (1..=5_000_usize)
        .map(|n| match n {
            n if n.is_multiple_of(194) => "{\"external_id\": \n".to_owned(),
            n if bad(n) => {
                let mut wrong = line(n);
                wrong["total"] = "1.00".into();
                format!("{wrong}\n")
            }
            n => format!("{}\r\n", line(n)),
        })
        .collect();
    let found = results(&till.bulk(body.clone()).await.ok());
    assert_eq!(found.len(), 5_000);
    for (n, result) in (1..).zip(&found) {
        assert_eq!(result.line, n);
        let n = usize::try_from(n).unwrap();
        let wanted = if bad(n) { BulkOutcome::Refused } else { BulkOutcome::Created };
        assert_eq!(result.outcome, wanted, "{result:?}");
        assert_eq!(result.problem.is_some(), bad(n));
    }
    let differs = found.iter().find(|result| result.line == 97).unwrap();
    assert_eq!(differs.external_id.as_deref(), Some("b-97"));
    assert_eq!(differs.problem.as_ref().unwrap().errors[0].pointer, "/total");
    // The same again, as after a line that broke off: nothing is done twice.
    let again = results(&till.bulk(body).await.ok());
    assert!(again.iter().all(|result| result.outcome != BulkOutcome::Created), "{:?}", again[0]);
    assert_eq!(again.iter().filter(|result| result.outcome == BulkOutcome::Unchanged).count(), 5_000 - 51);
});

on_both!(a_bulk_request_sees_its_own_earlier_lines, |app| {
    let till = Program::of_the_demo(app).await;
    let mut changed = line(1);
    changed["forma_pago"] = "01".into();
    let mut stolen = line(1);
    stolen["external_id"] = "b-9".into();
    let mut unknown = line(3);
    unknown["estado"] = 1.into();
    let body = format!("{}\n\n{changed}\n{stolen}\n{unknown}\n{}", line(1), line(2));
    let found = results(&till.bulk(body).await.ok());
    let told: Vec<(u32, BulkOutcome)> = found.iter().map(|result| (result.line, result.outcome)).collect();
    use BulkOutcome::{Created, Refused, Updated};
    assert_eq!(told, [(1, Created), (3, Updated), (4, Refused), (5, Refused), (6, Created)]);
    assert_eq!(found[2].problem.as_ref().unwrap().code, ProblemCode::TicketNumbersTaken);
    assert_eq!(found[3].problem.as_ref().unwrap().errors[0].pointer, "/estado");
    let kept: TicketResource = till.get("/tickets/b-1").await.ok().json();
    assert_eq!(kept.forma_pago.as_deref(), Some("01"));
});

on_both!(a_byte_order_mark_before_the_first_line_is_passed_over, |app| {
    let till = Program::of_the_demo(app).await;
    let found = results(&till.bulk(format!("\u{feff}{}\r\n\u{feff}{}", line(1), line(2))).await.ok());
    let told: Vec<(u32, BulkOutcome)> = found.iter().map(|result| (result.line, result.outcome)).collect();
    assert_eq!(told, [(1, BulkOutcome::Created), (2, BulkOutcome::Refused)], "before the first alone");
});

on_both!(a_request_that_is_wrong_throughout_stops, |app| {
    let till = Program::of_the_demo(app).await;
    let found = results(&till.bulk("{}\n".repeat(1_500)).await.ok());
    let last = found.last().unwrap();
    assert_eq!((found.len(), last.line, last.outcome), (1_001, 1_001, BulkOutcome::Stopped));
});

on_both!(u2_a_line_without_end_is_refused_and_kept_nowhere, |app| {
    let till = Program::of_the_demo(app).await;
    let found = results(&till.bulk(format!("{}\n\"{}", line(1), "x".repeat(400_000))).await.ok());
    let told: Vec<(u32, BulkOutcome)> = found.iter().map(|result| (result.line, result.outcome)).collect();
    assert_eq!(told, [(1, BulkOutcome::Created), (2, BulkOutcome::Stopped)]);
    assert_eq!(found[1].problem.as_ref().unwrap().code, ProblemCode::BodyTooLarge);
});

on_both!(u6_strange_lines_are_refused_in_our_own_words, |app| {
    let till = Program::of_the_demo(app).await;
    let twice = format!("{}", line(1)).replacen("{", "{\"total\":\"1.00\",", 1);
    let body =
        ["null", "[]", "{", "\u{feff}{}", "1e400", "\"\\u0000\"", "{\"external_id\":\"a\\ud800\"}", &twice].join("\n");
    for result in results(&till.bulk(body).await.ok()) {
        assert_eq!(result.outcome, BulkOutcome::Refused, "{result:?}");
        let code = result.problem.unwrap().code;
        assert!(matches!(code, ProblemCode::MalformedBody | ProblemCode::InvalidFields), "{code}");
    }
});

on_both!(u3_only_plain_ndjson_is_read, |app| {
    let till = Program::at(app, "default", &[ApiScope::TicketsWrite]).await;
    let asks = |kind: &str| till.request(reqwest::Method::POST, "/tickets/bulk").header("Content-Type", kind).body("");
    till.send(asks("application/json")).await.problem(ProblemCode::UnsupportedMediaType);
    till.send(asks("application/x-ndjson").header("Content-Encoding", "gzip"))
        .await
        .problem(ProblemCode::UnsupportedMediaType);
    assert_eq!(till.send(asks("application/x-ndjson")).await.ok().text(), "");
});

on_both!(i1_a_key_revoked_in_the_middle_of_a_bulk_request_writes_nothing_more, |app| {
    let (key, _) = new_key(app, "default", &[ApiScope::TicketsWrite], None).await;
    let caller = Caller { key: key.id, scope: key.scope, request_id: "bulk".to_owned() };
    let lines = |from: usize, to: usize| (from..=to).map(|n| format!("{}\n", line(n))).collect::<String>();
    let body = [lines(1, 25), lines(26, 60)];
    let key = &key;
    let arriving = stream::iter(body).enumerate().then(|(nth, chunk)| async move {
        if nth > 0 {
            let mut tx = app.app.db.begin().await.unwrap();
            assert!(keys::revoke(&mut tx, key.scope, key.id, app.app.now(), Who::COMMAND).await.unwrap());
            tx.commit().await.unwrap();
        }
        Ok(chunk)
    });
    let read = |line: &[u8]| from_json::<BulkTicket>(line).map_err(|error| Box::new(error.problem().clone()));
    let answer = String::from_utf8(Run::new(&app.app, &caller, read).over(arriving).await.unwrap()).unwrap();
    let found: Vec<BulkResult> = answer.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(found[..25].iter().all(|result| result.outcome == BulkOutcome::Created), "{found:?}");
    assert_eq!((found.len(), found[25].line, found[25].outcome), (26, 26, BulkOutcome::Stopped));
    assert_eq!(found[25].problem.as_ref().unwrap().code, ProblemCode::ApiKeyUnknown);
    let kept = app.database.count("SELECT COUNT(*) FROM tickets WHERE external_id LIKE 'b-%'").await;
    assert_eq!(kept, 25);
});

on_both!(i3_one_bulk_request_of_a_key_runs_at_a_time, |app| {
    let till = Program::of_the_demo(app).await;
    let key = api::integrators::keys::recognise(&app.app, &till.key).await.unwrap().unwrap();
    let running = app.app.api_limits.enter_bulk(key.id, app.app.now()).unwrap();
    let refused = till.bulk(String::new()).await;
    refused.problem(ProblemCode::ApiKeyLimit);
    assert_eq!(refused.headers["retry-after"], "5");
    drop(running);
    till.bulk(String::new()).await.ok();
});
