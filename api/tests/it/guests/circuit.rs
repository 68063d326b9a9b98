//! A PAC that is silent for everybody: nobody waits for it for long, and no other work waits behind it (F7).
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use api::App;
use api::billing::pac::{Circuit, Pac, PacError, StampedXml};
use api::http::spa::Assets;
use api::jobs::{Runner, run_due};
use api::ops::start;
use futures::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::*;
use crate::support::process::eventually;
use crate::support::{Browser, Reply};

/// Time for what must not wait for the PAC, on a busy machine; far less than the PAC may take here.
const SOON: Duration = Duration::from_secs(30);
const STAMPED: &str = "SELECT COUNT(*) FROM stamps WHERE state = 'stamped'";
const DOCUMENTS: &str = "SELECT COUNT(*) FROM documents";

#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Works,
    Silent,
    Hangs,
}

/// The sandbox's PAC, behind somebody who lets a test say how it feels.
struct Moody {
    real: Arc<dyn Pac>,
    mood: watch::Sender<Mood>,
    asked: AtomicUsize,
}

impl Pac for Moody {
    fn stamp<'a>(&'a self, sealed_xml: &'a str, reference: &'a str) -> BoxFuture<'a, Result<StampedXml, PacError>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let mut feels = self.mood.subscribe();
            let mood = *feels.wait_for(|mood| *mood != Mood::Hangs).await.unwrap();
            if mood == Mood::Works {
                return self.real.stamp(sealed_xml, reference).await;
            }
            Err(PacError::Silent { reason: "a test says so".into() })
        })
    }
}

/// The same house, entered by another door: behind this one the PAC has moods.
struct Door {
    app: App,
    base: String,
    pac: Arc<Moody>,
    stop: watch::Sender<bool>,
    server: JoinHandle<anyhow::Result<()>>,
}

impl Door {
    fn open(house: &TestApp, mood: Mood) -> Door {
        let real = house.app.pac.clone();
        let pac = Arc::new(Moody { real, mood: watch::Sender::new(mood), asked: AtomicUsize::new(0) });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let circuit = closed(&house.app);
        let app = App { pac: pac.clone(), circuit, public_url: base.as_str().into(), ..house.app.clone() };
        let (stop, stopped) = watch::channel(false);
        let assets = Assets::from_bundle(&[]).unwrap();
        let server = tokio::spawn(api::serve::serve(app.clone(), listener, assets, stopped, async {}));
        Door { app, base, pac, stop, server }
    }

    fn feels(&self, mood: Mood) {
        self.pac.mood.send_replace(mood);
    }

    fn asked(&self) -> usize {
        self.pac.asked.load(Ordering::Relaxed)
    }

    /// A guest comes with this ticket.
    async fn serves(&self, ticket: &RehearsalTicket) -> Reply {
        let key = format!("{}-{}", ticket.branch_id, ticket.ticket_number);
        let coming = async { Browser::new(&self.base).invoice_ticket(ticket, &key).await };
        tokio::time::timeout(SOON, coming).await.expect("no guest waits for a silent PAC")
    }

    async fn close(self) {
        self.stop.send(true).unwrap();
        self.server.await.unwrap().expect("the door closes in peace");
    }
}

/// As a process begins.
fn closed(app: &App) -> Arc<Circuit> {
    Arc::new(Circuit::new(api::billing::service::pac_seconds(&app.config)))
}

async fn tickets(app: &TestApp, count: usize) -> Vec<RehearsalTicket> {
    let mut tickets = app.rehearsal().await.tickets;
    tickets.retain(|ticket| ticket.lines <= 5);
    tickets.truncate(count);
    assert_eq!(tickets.len(), count, "the demo has too few open tickets");
    tickets
}

async fn kept(app: &TestApp) -> (i64, i64) {
    (app.database.count(STAMPED).await, app.database.count(DOCUMENTS).await)
}

on_both!(
    f7_whoever_comes_while_the_pac_is_silent_is_told_so_at_once,
    with | config | config.pac.timeout_seconds = 120,
    |app| {
        let (door, tickets, before) = (Door::open(app, Mood::Silent), tickets(app, 7).await, kept(app).await);
        for ticket in &tickets[..3] {
            assert_eq!(door.serves(ticket).await.status, 202);
        }
        door.feels(Mood::Hangs);
        for ticket in &tickets[3..6] {
            let invoice: InvoiceView = door.serves(ticket).await.ok().json();
            assert_eq!(invoice.state, InvoiceState::Waiting);
        }
        assert_eq!(door.asked(), 3, "three were enough");
        // After the pause the next one is tried, and its answer opens the way to all.
        app.clock.advance_seconds(30);
        door.feels(Mood::Works);
        assert_eq!(door.serves(&tickets[6]).await.status, 201);
        run_due(&door.app, start::dispatch).await.unwrap();
        assert_eq!(kept(app).await, (before.0 + 7, before.1 + 7), "each has its one stamp");
        assert_eq!(door.asked(), 10);
        door.close().await;
    }
);

/// The newest letter's subject to this address.
async fn subject_to(app: &TestApp, to: &str) -> String {
    let letters: Page<MailboxLetter> = app.browser().get("/api/v1/mailbox?limit=100").await.ok().json();
    letters.data.into_iter().find(|letter| letter.to == to).expect("a letter").subject
}

on_both!(a_letter_asks_for_a_correction_only_where_a_field_is_wrong, |app| {
    let (door, tickets) = (Door::open(app, Mood::Silent), tickets(app, 3).await);
    let cases = [
        ("RCH010101145", "es", "su factura necesita un dato"),
        ("RCH010101304", "es", "no pudimos hacer su factura"),
        ("RCH010101401", "en", "we could not make your invoice"),
    ];
    for (n, ((rfc, language, _), ticket)) in cases.iter().zip(&tickets).enumerate() {
        let browser = Browser::new(&door.base);
        let mut order = order(ticket, &browser.claim(ticket).await, rfc);
        (order["language"], order["email"]) = (json!(language), json!(format!("g{n}@quintil.example")));
        assert_eq!(browser.invoice(&order, &format!("k-{n}")).await.status, 202);
    }
    // The PAC answers the queue, and nobody is at the page any more.
    door.feels(Mood::Works);
    app.clock.advance_seconds(60);
    run_due(&door.app, start::dispatch).await.unwrap();
    for (n, (rfc, _, subject)) in cases.iter().enumerate() {
        let said = subject_to(app, &format!("g{n}@quintil.example")).await;
        assert!(said.contains(subject), "{rfc}: {said}");
    }
    door.close().await;
});

on_both!(f7_a_letter_leaves_while_ten_stamps_hang, with | config | config.pac.timeout_seconds = 120, |app| {
    let (door, tickets, before) = (Door::open(app, Mood::Silent), tickets(app, 11).await, kept(app).await);
    let (last, waiting) = tickets.split_last().unwrap();
    for ticket in waiting {
        assert_eq!(door.serves(ticket).await.status, 202);
    }
    app.clock.advance_seconds(60);
    // All ten are due before the letter of this one, whose PAC works.
    let buyer = app.browser();
    let invoice: InvoiceView = buyer.invoice_ticket(last, "k-last").await.ok().json();
    assert_eq!(invoice.state, InvoiceState::Stamped);
    door.feels(Mood::Hangs);
    let asked = door.asked();
    let app_anew = App { circuit: closed(&app.app), ..door.app.clone() };
    let (stop, stopped) = watch::channel(false);
    let runner = tokio::spawn(Runner::new(app_anew.clone(), start::dispatch).run(stopped));
    eventually("the letter leaves", SOON, async || {
        (buyer.view(invoice.id).await.mails[0].state == MailState::Sent).then_some(())
    })
    .await;
    let hanging = app.app.config.jobs.workers - 1;
    eventually("all workers but one wait for the PAC", SOON, async || (door.asked() == asked + hanging).then_some(()))
        .await;
    door.feels(Mood::Silent);
    stop.send(true).unwrap();
    runner.await.unwrap();
    door.feels(Mood::Works);
    for _ in 0..3 {
        app.clock.advance_seconds(120);
        run_due(&app_anew, start::dispatch).await.unwrap();
    }
    assert_eq!(kept(app).await, (before.0 + 11, before.1 + 11), "each has its one stamp");
    door.close().await;
});
