//! The queue at the end of a process and at the start of the next. Its SQL is one text: SQLite stands for both.
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use api::App;
use api::jobs::{self, Job, JobKind, Outcome, Runner};
use futures::FutureExt;
use futures::future::BoxFuture;
use shared::billing::{InvoiceState, InvoiceView};
use tokio::sync::watch;

use crate::support::{Engine, TestApp, order};

/// Says the word; work is dispatched by a plain function.
static STOP: OnceLock<watch::Sender<bool>> = OnceLock::new();
static RAN: AtomicUsize = AtomicUsize::new(0);

fn says_stop(_app: App, _job: Job) -> BoxFuture<'static, Outcome> {
    async {
        RAN.fetch_add(1, Ordering::Relaxed);
        STOP.get().unwrap().send_replace(true);
        Outcome::Done
    }
    .boxed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f23_whoever_is_told_to_stop_takes_nothing_new() {
    let app = TestApp::start_with(Engine::Sqlite, |config| config.jobs.workers = 1).await;
    let mut tx = app.app.db.begin().await.unwrap();
    for _ in 0..10 {
        let ids = &app.app.ids;
        jobs::enqueue(&mut tx, ids, JobKind::AwaitSale, ids.uuid(), app.app.now()).await.unwrap();
    }
    tx.commit().await.unwrap();
    let (say, stopped) = watch::channel(false);
    STOP.set(say).unwrap();
    Runner::new(app.app.clone(), says_stop).run(stopped).await;
    assert_eq!(RAN.load(Ordering::Relaxed), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f2_a_start_on_sqlite_takes_over_what_the_dead_process_had_in_hand() {
    let app = TestApp::start_with(Engine::Sqlite, |config| config.jobs.lease_seconds = 600).await;
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    // A PAC that is down once: the queue asks again.
    let asked = order(&ticket, &browser.claim(&ticket).await, "CAI010101001");
    let waiting: InvoiceView = browser.invoice(&asked, "k-1").await.ok().json();
    assert_eq!(waiting.state, InvoiceState::Waiting);
    // Killed while a worker asked.
    const HELD: &str =
        "UPDATE jobs SET lease_id = id, leased_until = '2026-11-18T18:10:00.000000Z' WHERE kind = 'stamp'";
    app.database.execute(HELD).await;
    let app = app.restart().await;
    app.run_jobs().await;
    let invoice = app.browser().invoice(&asked, "k-1").await.ok().json::<InvoiceView>();
    assert_eq!(invoice.id, waiting.id);
    assert_eq!(app.database.count("SELECT COUNT(*) FROM stamps WHERE state = 'stamped'").await, 1);
    app.finish().await;
}
