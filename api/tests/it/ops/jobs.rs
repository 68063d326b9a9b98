//! `ventanilla jobs`: what was given up is seen, done again, or let go of.
use std::sync::Arc;

use api::App;
use api::config::Config;
use api::mail::{MailError, Mailer, Outgoing};
use api::ops::doctor::{Finding, Verdict, examine};
use api::ops::start::{World, dispatch};
use api::ops::{jobs, verify};
use futures::future::BoxFuture;
use serde_json::Value;
use uuid::Uuid;

use super::beside;
use crate::support::{TestApp, on_both};

const PARKED: &str = "SELECT COUNT(*) FROM jobs WHERE state = 'parked'";
const GIVEN_UP: &str = "SELECT COUNT(*) FROM letters WHERE state = 'failed'";
/// Longer than any pause between two tries of a letter.
const PAUSE_SECONDS: i64 = 6 * 3_600;

/// A mail server that is away from Friday to Monday.
struct Away;

impl Mailer for Away {
    fn send<'a>(&'a self, _: &'a Outgoing) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(async { Err(MailError::Temporary("no connection".into())) })
    }
}

fn world(app: &TestApp) -> World {
    World { clock: app.clock.clone(), ids: app.app.ids.clone() }
}

async fn parked_work(app: &TestApp) -> Finding {
    let findings = examine(Ok(Config::clone(&app.app.config)), &world(app)).await;
    findings.into_iter().find(|finding| finding.what == "parked work").unwrap()
}

async fn listed(app: &TestApp) -> Vec<Value> {
    let mut told = Vec::new();
    jobs::list(&app.app.config, &mut told).await.unwrap();
    String::from_utf8(told).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn retry(app: &TestApp, id: Option<Uuid>) -> (bool, Value) {
    let mut told = Vec::new();
    let good = jobs::retry(&app.app.config, id, &world(app), &mut told).await.unwrap();
    (good, serde_json::from_slice(&told).unwrap())
}

async fn discard(app: &TestApp, id: &Value) -> anyhow::Result<bool> {
    jobs::discard(&app.app.config, id.as_str().unwrap().parse()?, &world(app)).await
}

/// An invoice is mailed while the mail server is away, until its letter is given up.
async fn a_letter_is_given_up(app: &TestApp) {
    app.browser().invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
    let house = App { mailer: Arc::new(Away), ..app.app.clone() };
    for _ in 0..house.config.mail.attempts_max {
        assert_eq!(app.database.count(PARKED).await, 0);
        api::jobs::run_due(&house, dispatch).await.unwrap();
        app.clock.advance_seconds(PAUSE_SECONDS);
    }
    assert!(app.database.count(PARKED).await > 0);
    assert_eq!(app.database.count(GIVEN_UP).await, app.database.count(PARKED).await);
}

on_both!(m5_a_letter_that_was_given_up_is_sent_after_a_retry, |app| {
    a_letter_is_given_up(app).await;
    let found = parked_work(app).await;
    assert!(found.verdict == Verdict::Fault && found.remedy.contains("ventanilla jobs retry --all"), "{found:?}");
    let jobs = listed(app).await;
    assert_eq!(i64::try_from(jobs.len()).unwrap(), app.database.count(PARKED).await);
    let reason = "the mail server did not take it yet: no connection";
    let is_told = |job: &Value| job["kind"] == "deliver_letter" && job["last_error"] == reason;
    assert!(jobs.iter().all(is_told), "{jobs:?}");

    assert_eq!(retry(app, Some(Uuid::nil())).await, (false, serde_json::json!({"retried": 0})));
    let (good, told) = retry(app, None).await;
    assert!(good && told["retried"] == jobs.len(), "{told}");
    assert_eq!((app.database.count(PARKED).await, app.database.count(GIVEN_UP).await), (0, 0));
    app.run_jobs().await;
    const SENT: &str = "SELECT COUNT(*) FROM letters WHERE state = 'sent' AND attempts = 1 AND last_error IS NULL";
    assert!(app.database.count(SENT).await >= i64::try_from(jobs.len()).unwrap());
    assert_eq!((parked_work(app).await.verdict, listed(app).await.len()), (Verdict::Good, 0));
    const NOTED: &str = "SELECT COUNT(*) FROM audit_log WHERE act = 'job.retried' AND actor = 'operator'";
    assert_eq!(app.database.count(NOTED).await, i64::try_from(jobs.len()).unwrap());
});

on_both!(what_nobody_wants_is_let_go_of_and_what_an_invoice_waits_for_is_not, |app| {
    // A letter whose job was given up before it was: it goes with it.
    app.browser().invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
    app.database.execute("UPDATE jobs SET state = 'parked' WHERE kind = 'deliver_letter'").await;
    let jobs = listed(app).await;
    assert!(!jobs.is_empty());
    for job in &jobs {
        assert!(discard(app, &job["id"]).await.unwrap());
        assert!(!discard(app, &job["id"]).await.unwrap(), "it is gone");
    }
    assert_eq!(parked_work(app).await.verdict, Verdict::Good);
    const NOTED: &str = "SELECT COUNT(*) FROM audit_log WHERE act = 'job.dropped' AND actor = 'operator'";
    assert_eq!(app.database.count(NOTED).await, i64::try_from(jobs.len()).unwrap());
    assert_eq!(app.database.count("SELECT COUNT(*) FROM letters WHERE state = 'queued'").await, 0);
    let proofs = verify::prove(&app.app.config, &app.app.db, app.app.now()).await.unwrap();
    let letters = proofs.iter().find(|proof| proof.promise == "every letter that waits has its job").unwrap();
    assert!(letters.holds(), "{:?}", letters.named);

    const AGAIN: &str = "UPDATE jobs SET state = 'parked' WHERE kind = 'purge'";
    const UNKNOWN: &str = "UPDATE jobs SET kind = 'of_tomorrow' WHERE kind = 'purge'";
    for (sql, why) in [(AGAIN, "comes again and again"), (UNKNOWN, "does not know the job")] {
        app.database.execute(sql).await;
        let jobs = listed(app).await;
        let refused = discard(app, &jobs[0]["id"]).await.unwrap_err().to_string();
        assert!(refused.contains(why) && listed(app).await == jobs, "{refused}");
    }
    app.database.execute("UPDATE jobs SET state = 'parked', kind = 'stamp' WHERE kind = 'of_tomorrow'").await;
    let jobs = listed(app).await;
    assert_eq!(jobs.len(), 1);
    let refused = discard(app, &jobs[0]["id"]).await.unwrap_err().to_string();
    assert!(refused.contains("an invoice or money waits for this job (stamp)"), "{refused}");
    assert_eq!(listed(app).await, jobs);
});

on_both!(the_command_itself_tells_what_was_given_up, |app| {
    assert_eq!(beside(&app.app, &["jobs", "list"]).await.out, "");
    app.database.execute("UPDATE jobs SET state = 'parked', last_error = 'panicked' WHERE kind = 'purge'").await;
    let listed = beside(&app.app, &["jobs", "list"]).await;
    let job: Value = serde_json::from_str(listed.out.trim_end()).unwrap();
    assert_eq!((&job["kind"], &job["last_error"]), (&"purge".into(), &"panicked".into()));
    let nobody = Uuid::nil().to_string();
    for wrong in [&["jobs", "retry"][..], &["jobs", "retry", &nobody], &["jobs", "retry", &nobody, "--all"]] {
        assert!(!beside(&app.app, wrong).await.good, "{wrong:?}");
    }
    assert!(!beside(&app.app, &["jobs", "drop", &nobody]).await.good);
    assert_eq!(app.database.count(PARKED).await, 1);
    let retried = beside(&app.app, &["jobs", "retry", job["id"].as_str().unwrap()]).await;
    assert!(retried.good && app.database.count(PARKED).await == 0, "{retried:?}");
});
