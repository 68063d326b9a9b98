//! The queue, whatever its work is: what counts as a failure, what is given up, and what is said of it.
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use api::App;
use api::jobs::{Dispatch, Job, JobKind, Outcome, enqueue, reschedule_for, run_due};
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::support::{TestApp, on_both};

const READY: &str = "SELECT COUNT(*) FROM jobs WHERE kind = 'make_bundle' AND state = 'ready'";
const ATTEMPTS: &str = "SELECT attempts FROM jobs WHERE kind = 'make_bundle'";
/// Longer than any pause of the queue's own.
const PAUSE_SECONDS: i64 = 600;
/// What the body of a job dies of.
const MARKER: &str = "Peña y hijos";

fn looks_again(app: App, _: Job) -> BoxFuture<'static, Outcome> {
    let at = app.now().plus_seconds(1);
    Box::pin(async move { Outcome::RetryAt { at, reason: "not yet".into() } })
}

fn stumbles(_: App, _: Job) -> BoxFuture<'static, Outcome> {
    Box::pin(async { Outcome::Retry { reason: "the database is busy".into() } })
}

fn panics(_: App, _: Job) -> BoxFuture<'static, Outcome> {
    Box::pin(async { panic!("byte index 3 of `{MARKER}`") })
}

async fn one_job(app: &TestApp) -> Uuid {
    let subject = app.app.ids.uuid();
    let mut tx = app.app.db.begin().await.unwrap();
    enqueue(&mut tx, &app.app.ids, JobKind::MakeBundle, subject, app.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    subject
}

async fn run(app: &TestApp, body: Dispatch, pause_seconds: i64) {
    assert!(run_due(&app.app, body).await.unwrap() > 0);
    app.clock.advance_seconds(pause_seconds);
}

on_both!(work_that_looks_again_by_itself_is_not_given_up_for_it, |app| {
    let subject = one_job(app).await;
    for _ in 0..70 {
        run(app, looks_again, 1).await;
    }
    run(app, stumbles, PAUSE_SECONDS).await;
    assert_eq!((app.database.count(READY).await, app.database.count(ATTEMPTS).await), (1, 1));
    run(app, looks_again, 1).await;
    assert_eq!(app.database.count(ATTEMPTS).await, 0, "it ran as it should");

    // Failures in a row are counted, to their end.
    for tried in 1..=app.app.config.jobs.attempts_max {
        run(app, stumbles, PAUSE_SECONDS).await;
        assert_eq!((app.database.count(READY).await, app.database.count(ATTEMPTS).await), (1, tried));
    }
    run(app, stumbles, PAUSE_SECONDS).await;
    assert_eq!(app.database.count(READY).await, 0);

    // What is new on its row takes it up again.
    let mut tx = app.app.db.begin().await.unwrap();
    reschedule_for(&mut tx, JobKind::MakeBundle, subject, app.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    run(app, stumbles, PAUSE_SECONDS).await;
    assert_eq!((app.database.count(READY).await, app.database.count(ATTEMPTS).await), (1, 1));
});

/// Keeps what this thread logs.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<Vec<u8>>>);

impl Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

on_both!(o2_what_a_panic_says_is_neither_logged_nor_kept, |app| {
    one_job(app).await;
    let ear = Ear::default();
    let log = tracing_subscriber::fmt().with_ansi(false).with_writer({
        let ear = ear.clone();
        move || ear.clone()
    });
    let listening = tracing::subscriber::set_default(log.finish());
    run(app, panics, 0).await;
    drop(listening);
    let logged = String::from_utf8(ear.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("panicked") && !logged.contains(MARKER), "{logged}");
    const SAID: &str = "SELECT COUNT(*) FROM jobs WHERE kind = 'make_bundle' AND last_error = 'panicked'";
    assert_eq!(app.database.count(SAID).await, 1);
});
