//! What is past its term goes, a few rows at a time, once a night; what the law keeps stays.
use serde_json::json;
use shared::ProblemCode;

use crate::support::{TestApp, data_of, on_both, order};

const DAY_SECONDS: i64 = 86_400;
/// Lines of the schedule.
const SCHEDULED: u32 = 5;

/// Every table that has a term, and some that have none.
async fn counts(app: &TestApp) -> [i64; 8] {
    let sql = [
        "SELECT COUNT(*) FROM security_counters",
        "SELECT COUNT(*) FROM idempotency_records",
        "SELECT COUNT(*) FROM one_time_links",
        "SELECT COUNT(*) FROM sessions",
        "SELECT COUNT(*) FROM guest_accesses",
        "SELECT COUNT(*) FROM stamps",
        "SELECT COUNT(*) FROM letters",
        "SELECT COUNT(*) FROM documents",
    ];
    let mut counts = [0; 8];
    for (count, sql) in counts.iter_mut().zip(sql) {
        *count = app.database.count(sql).await;
    }
    counts
}

on_both!(what_is_past_its_term_goes_and_the_rest_stays, |app| {
    let [_, keys, links, sessions, _, stamps, letters, documents] = counts(app).await;
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let asked = order(&ticket, &browser.claim(&ticket).await, "QUIA850712AA1");
    let first = browser.invoice(&asked, "k-1").await.ok();
    let mut wrong = data_of(&app.ticket(0).await);
    wrong["total"] = json!("1.23");
    browser.post("/api/v1/issuers/default/ticket-claims", &wrong).await.problem(ProblemCode::TicketNotFound);
    let customer = app.rehearsal().await.registrable.remove(0);
    let form = json!({
        "rfc": customer.rfc, "contract": customer.contract, "email": "ana@higuera.example", "language": "es",
    });
    browser.post("/api/v1/registrations", &form).await.ok();
    let person = app.rehearsal().await.sign_ins.remove(0);
    browser.post("/api/v1/sessions", &json!({"user": person.user, "password": person.password})).await.ok();
    app.run_jobs().await;
    let full = counts(app).await;
    assert!(full[0] > 0, "{full:?}");
    assert_eq!(full[1..5], [keys + 1, links + 1, sessions + 1, 1]);
    assert_eq!(full[5..], [stamps + 1, letters + 2, documents + 1]);

    app.clock.advance_seconds(3 * DAY_SECONDS);
    app.run_jobs().await;
    assert_eq!(counts(app).await, [0, full[1], full[2], full[3], full[4], full[5], full[6], full[7]]);
    app.clock.advance_seconds(26 * DAY_SECONDS);
    app.run_jobs().await;
    let again = app.browser().invoice(&asked, "k-1").await;
    assert_eq!((again.status, again.body), (first.status, first.body), "a key is good for 30 days");
    // The answer given again opened the invoice to one more browser, for a day from then on.
    app.clock.advance_seconds(3 * DAY_SECONDS);
    app.run_jobs().await;
    assert_eq!(counts(app).await, [0, 0, 0, 0, 1, full[5], full[6], full[7]]);
    app.clock.advance_seconds(30 * DAY_SECONDS);
    app.run_jobs().await;
    assert_eq!(counts(app).await, [0, 0, 0, 0, 0, full[5], full[6], full[7]]);
});

on_both!(what_guests_saved_goes_after_two_years_and_what_they_had_forgotten_stays_so, |app| {
    const SAVED: &str = "SELECT COUNT(*) FROM guest_receptors WHERE nombre IS NOT NULL";
    const FORGOTTEN: &str = "SELECT COUNT(*) FROM guest_receptors WHERE nombre IS NULL";
    app.database
        .execute(
            "INSERT INTO guest_receptors (id, issuer_id, email, rfc, nombre, updated_at) \
             SELECT id, id, 'ana@higuera.example', 'QUIA850712AA1', CASE WHEN is_default THEN 'ANA' END, created_at \
             FROM issuers",
        )
        .await;
    let forgotten = app.database.count(FORGOTTEN).await;
    assert!(forgotten > 0);
    app.clock.advance_seconds(729 * DAY_SECONDS);
    app.run_jobs().await;
    assert_eq!(app.database.count(SAVED).await, 1);
    app.clock.advance_seconds(2 * DAY_SECONDS);
    app.run_jobs().await;
    assert_eq!((app.database.count(SAVED).await, app.database.count(FORGOTTEN).await), (0, forgotten));
});

on_both!(m5_a_refused_address_is_forgotten_after_half_a_year, |app| {
    const MARKS: &str = "SELECT COUNT(*) FROM mail_refusals";
    app.database
        .execute(
            "INSERT INTO mail_refusals (email_folded, since, code, tried_at, tried_with) \
             SELECT 'ana@higuera.example', created_at, 550, created_at, id FROM issuers WHERE is_default",
        )
        .await;
    app.clock.advance_seconds(179 * DAY_SECONDS);
    app.run_jobs().await;
    assert_eq!(app.database.count(MARKS).await, 1);
    app.clock.advance_seconds(2 * DAY_SECONDS);
    app.run_jobs().await;
    assert_eq!(app.database.count(MARKS).await, 0);
});

on_both!(more_than_one_run_takes_goes_a_minute_later, |app| {
    app.browser().invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
    app.database
        .execute(
            "INSERT INTO idempotency_records (owner, key, request_sha256, created_at) \
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20300) \
             SELECT 'o', CAST(n AS TEXT), r.request_sha256, r.created_at FROM numbers, idempotency_records AS r \
             WHERE r.key = 'k-1'",
        )
        .await;
    app.clock.advance_seconds(31 * DAY_SECONDS);
    app.run_jobs().await;
    let left = app.database.count("SELECT COUNT(*) FROM idempotency_records").await;
    assert!((1..=301).contains(&left), "{left}");
    app.clock.advance_seconds(61);
    app.run_jobs().await;
    assert_eq!(app.database.count("SELECT COUNT(*) FROM idempotency_records").await, 0);
});

on_both!(the_work_of_the_night_is_one_row_however_often_the_house_starts, |app| {
    const PLANNED: &str = "SELECT COUNT(*) FROM jobs WHERE kind = 'purge' AND state = 'ready'";
    assert_eq!(app.database.count(PLANNED).await, 1);
    api::jobs::plan(&app.app.db, app.app.now()).await.unwrap();
    assert_eq!(app.database.count(PLANNED).await, 1);
    app.run_jobs().await;
    assert_eq!(app.run_jobs().await, 0, "its hour has not come");
    app.clock.advance_seconds(DAY_SECONDS);
    assert_eq!(app.run_jobs().await, SCHEDULED);
    assert_eq!(app.run_jobs().await, 0);
    assert_eq!(app.database.count(PLANNED).await, 1, "it waits for the next night");
    app.database.execute("UPDATE jobs SET state = 'parked', attempts = 60 WHERE kind = 'purge'").await;
    api::jobs::plan(&app.app.db, app.app.now()).await.unwrap();
    assert_eq!(app.database.count(PLANNED).await, 1, "a start takes up what was given up");
});

on_both!(two_workers_take_one_row_of_the_schedule_once, |app| {
    app.clock.advance_seconds(DAY_SECONDS);
    let (one, two) = tokio::join!(app.run_jobs(), app.run_jobs());
    assert_eq!(one + two, SCHEDULED);
});
