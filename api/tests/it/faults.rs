//! What was promised survives whatever happens to the process (F1 to F3, F8, F10, F19, F23, F24 of the list of faults):
//! the real program, its PAC in a process of its own, both engines.
mod acts;
mod bulk;
mod bundles;
mod disk;
mod house;
mod kills;
mod money;
mod stops;
mod webhooks;

use std::time::Duration;

use api::failpoint::Failpoint;
use shared::ProblemCode;
use shared::billing::{InvoiceState, InvoiceView};
use shared::mail::{MailState, MailboxLetter};
use shared::page::Page;
use shared::rehearsal::{RehearsalTicket, RehearsalView};

use crate::support::process::eventually;
use crate::support::{Browser, Engine, Reply, order};
use house::House;

/// Recovery has a minute (F2); here two, for a busy machine.
const RECOVERY: Duration = Duration::from_secs(120);
/// `abort` is signal 6.
const SIGABRT: i32 = 6;
/// The address in `support::order`.
const ADDRESS: &str = "amaranta@quintil.example";

/// Open tickets of a few lines.
async fn tickets(browser: &Browser) -> Vec<RehearsalTicket> {
    let mut tickets = browser.get("/api/v1/rehearsal").await.ok().json::<RehearsalView>().tickets;
    tickets.retain(|ticket| ticket.lines <= 5);
    tickets
}

/// Asks with the same key until there is an answer. Meanwhile the server may only say that the first request with
/// this key is not settled.
async fn answer(browser: &Browser, order: &serde_json::Value, key: &str) -> Reply {
    eventually("the same request gets an answer", RECOVERY, async || {
        let reply = browser.invoice(order, key).await;
        if reply.status.is_success() {
            return Some(reply);
        }
        reply.problem(ProblemCode::IdempotencyInFlight);
        assert!(reply.headers.contains_key("retry-after"));
        None
    })
    .await
}

/// The letters of the mailbox whose address begins so.
async fn letters(browser: &Browser, to: &str) -> Vec<MailboxLetter> {
    let (mut letters, mut path) = (Vec::new(), "/api/v1/mailbox?limit=100".to_owned());
    loop {
        let page: Page<MailboxLetter> = browser.get(&path).await.ok().json();
        letters.extend(page.data.into_iter().filter(|letter| letter.to.starts_with(to)));
        match page.next_cursor {
            Some(cursor) => path = format!("/api/v1/mailbox?limit=100&cursor={cursor}"),
            None => return letters,
        }
    }
}

/// Waits until the invoice is stamped and its letter sent.
async fn settled(browser: &Browser, id: uuid::Uuid) -> InvoiceView {
    eventually("the invoice is stamped and mailed", RECOVERY, async || {
        let view = browser.view(id).await;
        let mailed = view.mails.iter().all(|mail| mail.state == MailState::Sent);
        (view.state == InvoiceState::Stamped && mailed).then_some(view)
    })
    .await
}

/// Waits until no invoice and no letter is left to work on.
async fn idle(house: &House) {
    eventually("the queue is empty", RECOVERY, async || {
        (house.count("SELECT COUNT(*) FROM jobs WHERE kind IN ('stamp', 'deliver_letter')").await == 0).then_some(())
    })
    .await;
}

/// Kills the server at this place while a guest invoices, starts it again, and looks at everything that was promised.
async fn dies_at(engine: Engine, point: Failpoint) {
    let house = House::open(engine).await;
    let mut server = house.serve(Some(point)).await;
    let browser = server.browser();
    let (before, stamped_before) = (house.tally().await, house.stamped_by_the_pac().await);
    let ticket = tickets(&browser).await.swap_remove(0);
    let order = order(&ticket, &browser.claim(&ticket).await, "QUIA850712AA1");
    let first = browser.try_invoice(&order, "k-1").await;
    let end = server.process.ended().await;
    let signal = std::os::unix::process::ExitStatusExt::signal(&end);
    assert_eq!(signal, Some(SIGABRT), "{end}; its log:\n{}", server.process.tail());
    // Only the letter is carried after the answer.
    assert!(first.is_err() || point == Failpoint::AfterMailAccepted, "{first:?}");

    let committed = i64::from(point != Failpoint::BeforeIntentionCommit);
    assert_eq!(house.count("SELECT COUNT(*) FROM stamps WHERE idempotency_key = 'k-1'").await, committed);
    let server = house.serve(None).await;
    let browser = server.browser();
    if matches!(point, Failpoint::AfterSettleCommit | Failpoint::AfterMailAccepted) {
        browser.invoice(&order, "k-1").await.ok();
    }
    let told = answer(&browser, &order, "k-1").await;
    if let Ok(first) = first {
        assert_eq!((first.status, &first.body), (told.status, &told.body), "the first answer is kept");
    }
    let invoice = settled(&browser, told.json::<InvoiceView>().id).await;
    idle(&house).await;
    house.insist_on_more(before, 1).await;
    let mut stamped = house.stamped_by_the_pac().await;
    stamped.retain(|uuid| !stamped_before.contains(uuid));
    assert_eq!(stamped, [invoice.folio_fiscal.unwrap()]);
    assert_eq!(invoice.mails.len(), 1);
    let letters = letters(&browser, ADDRESS).await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    server.browser().look_up(&ticket).await.problem(ProblemCode::TicketAlreadyInvoiced);
    let again = browser.invoice(&order, "k-1").await;
    assert_eq!((again.status, again.body), (told.status, told.body), "the same bytes to the same key");
    server.process.stop().await;
    house.insist_on_every_promise();
    house.close().await;
}

macro_rules! dies_at_each {
    ($($name:ident: $point:ident,)*) => {
        $(mod $name {
            use super::*;
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                dies_at(Engine::Sqlite, Failpoint::$point).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                dies_at(Engine::Postgres, Failpoint::$point).await;
            }
        })*
        #[test]
        fn every_place_is_tried() {
            assert_eq!([$(Failpoint::$point),*], Failpoint::ALL);
        }
    };
}

dies_at_each! {
    dies_before_the_intention_is_committed: BeforeIntentionCommit,
    dies_after_the_intention_is_committed: AfterIntentionCommit,
    dies_after_the_pac_answered: AfterPacAnswer,
    dies_before_the_answer_is_committed: BeforeSettleCommit,
    dies_after_the_answer_is_committed: AfterSettleCommit,
    dies_after_the_letter_was_taken: AfterMailAccepted,
}
