//! Asked to stop under load, started twice, kept from writing.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use shared::ProblemCode;
use shared::billing::{InvoiceState, InvoiceView};

use super::house::House;
use super::{ADDRESS, idle, letters, settled, tickets};
use crate::support::process::{command, eventually};
use crate::support::{Engine, Reply, order};

/// The sandbox takes two seconds over this receptor.
const SLOW: &str = "LEN010101002";
/// Invoices in flight when the stop comes.
const IN_FLIGHT: usize = 4;
/// A stop may take half a minute (F23); on a busy machine twice that.
const STOP_TIME: Duration = Duration::from_secs(60);
/// A writer waits five seconds for its turn, at most twice (its connection, then its lock); then room for a busy machine.
const BUSY_TIME: Duration = Duration::from_secs(30);

/// Reads until the door is closed, and counts. No answer may be a 5xx.
async fn read_until_closed(base: String, answers: Arc<AtomicUsize>) {
    // Each time a new connection: an old one may be closed under a request that it has not taken yet.
    let client = reqwest::Client::builder().no_proxy().tls_certs_only(std::iter::empty()).pool_max_idle_per_host(0);
    let client = client.build().unwrap();
    while let Ok(reply) = client.get(format!("{base}/api/v1/rehearsal")).send().await {
        assert!(!reply.status().is_server_error(), "{reply:?}");
        answers.fetch_add(1, Ordering::Relaxed);
    }
}

async fn stops_under_load(engine: Engine) {
    let patient = [("PAC__TIMEOUT_SECONDS", "20"), ("JOBS__LEASE_SECONDS", "30")];
    let house = House::open_with(engine, &patient).await;
    let mut server = house.serve(None).await;
    let mut orders = Vec::new();
    for (number, ticket) in tickets(&server.browser()).await.into_iter().take(IN_FLIGHT).enumerate() {
        let browser = server.browser();
        let order = order(&ticket, &browser.claim(&ticket).await, SLOW);
        orders.push((browser, order, format!("k-{number}")));
    }
    let answers = Arc::new(AtomicUsize::new(0));
    let readers = (0..2).map(|_| tokio::spawn(read_until_closed(server.base.clone(), answers.clone())));
    let readers: Vec<_> = readers.collect();
    let sending = orders.iter().map(|(browser, order, key)| browser.try_invoice(order, key));
    let stopping = async {
        let sealed = "SELECT COUNT(*) FROM stamps WHERE state = 'sealed'";
        let all = i64::try_from(IN_FLIGHT).unwrap();
        eventually("all are in flight, and somebody reads", STOP_TIME, async || {
            (house.count(sealed).await == all && answers.load(Ordering::Relaxed) > 0).then_some(())
        })
        .await;
        server.process.terminate();
        let told = Instant::now();
        (server.process.ended().await, told.elapsed())
    };
    let (replies, (end, took)) = tokio::join!(join_all(sending), stopping);
    assert!(end.success(), "{end}; its log:\n{}", server.process.tail());
    assert!(took < STOP_TIME, "{took:?}");
    let replies: Vec<Reply> = replies.into_iter().map(|reply| reply.expect("what is in flight is finished")).collect();
    for reply in &replies {
        assert_eq!(reply.status, 201, "{}; its log:\n{}", reply.text(), server.process.tail());
    }
    for reader in readers {
        reader.await.unwrap();
    }

    let server = house.serve(None).await;
    for ((_, order, key), reply) in orders.iter().zip(replies) {
        let again = server.browser().invoice(order, key).await;
        assert_eq!((again.status, again.body), (reply.status, reply.body));
    }
    idle(&house).await;
    server.process.stop().await;
    house.insist_on_every_promise();
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_under_load_finishes_what_is_in_flight_on_sqlite() {
    stops_under_load(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_under_load_finishes_what_is_in_flight_on_postgres() {
    stops_under_load(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_on_one_sqlite_file_refuses_to_start() {
    let house = House::open(Engine::Sqlite).await;
    let first = house.serve(None).await;
    let mut second = house.start(None);
    let end = second.ended().await;
    assert_eq!(end.code(), Some(1));
    assert!(second.tail().contains("another ventanilla is using"), "{}", second.tail());
    first.browser().get("/health/ready").await.ok();
    first.process.stop().await;
    house.serve(None).await.process.stop().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_on_one_postgres_make_one_of_each() {
    let house = House::open(Engine::Postgres).await;
    let servers = [house.serve(None).await, house.serve(None).await];
    let before = house.tally().await;
    let tickets: Vec<_> = tickets(&servers[0].browser()).await.into_iter().take(6).collect();
    let mut orders = Vec::new();
    for ticket in &tickets {
        for server in &servers {
            let browser = server.browser();
            let order = order(ticket, &browser.claim(ticket).await, "QUIA850712AA1");
            // A ticket's own number is one of its branch: two branches may hold the same.
            let key = format!("{}-{}-{}", ticket.branch_id, ticket.ticket_number, server.base);
            orders.push((browser, order, key));
        }
    }
    let replies = join_all(orders.iter().map(|(browser, order, key)| browser.invoice(order, key))).await;
    let mut made = 0;
    for (reply, (browser, ..)) in replies.into_iter().zip(&orders) {
        if reply.status.is_success() {
            made += 1;
            let invoice = settled(browser, reply.json::<InvoiceView>().id).await;
            assert_eq!((invoice.state, invoice.mails.len()), (InvoiceState::Stamped, 1));
        } else {
            // Which of the two depends on how far the other has come.
            let in_progress = reply.text().contains(ProblemCode::TicketInProgress.as_str());
            let code = if in_progress { ProblemCode::TicketInProgress } else { ProblemCode::TicketAlreadyInvoiced };
            reply.problem(code);
        }
    }
    assert_eq!(made, tickets.len());
    idle(&house).await;
    let letters = letters(&servers[1].browser(), ADDRESS).await;
    assert_eq!(letters.len(), tickets.len(), "{letters:?}");
    house.insist_on_more(before, i64::try_from(tickets.len()).unwrap()).await;
    for server in servers {
        server.process.stop().await;
    }
    house.insist_on_every_promise();
    house.close().await;
}

/// F10: kept from writing, the server says when to come back; nothing is lost and reading goes on.
async fn is_kept_from_writing(engine: Engine) {
    let house = House::open(engine).await;
    let server = house.serve(None).await;
    let browser = server.browser();
    let ticket = tickets(&browser).await.swap_remove(0);
    let order = order(&ticket, &browser.claim(&ticket).await, "QUIA850712AA1");
    let before = house.tally().await;
    let held = house.hold_writers().await;
    let asked = Instant::now();
    let busy = browser.invoice(&order, "k-1").await;
    let problem = busy.problem(ProblemCode::Busy);
    assert!(asked.elapsed() < BUSY_TIME, "{:?}", asked.elapsed());
    assert_eq!(busy.headers["retry-after"], problem.retry_after_seconds.unwrap().to_string());
    browser.get("/api/v1/rehearsal").await.ok();
    browser.get("/health/ready").await.ok();
    drop(held);
    let invoice: InvoiceView = browser.invoice(&order, "k-1").await.ok().json();
    settled(&browser, invoice.id).await;
    idle(&house).await;
    house.insist_on_more(before, 1).await;
    server.process.stop().await;
    house.insist_on_every_promise();
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_waits_too_long_is_told_when_to_come_back_on_sqlite() {
    is_kept_from_writing(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_waits_too_long_is_told_when_to_come_back_on_postgres() {
    is_kept_from_writing(Engine::Postgres).await;
}

/// A server that is given the database without the keys serves, and says in its log what it cannot do.
async fn says_that_keys_do_not_open(engine: Engine) {
    const SAID: &str = "sealing keys do not open with this master key";
    let house = House::open(engine).await;
    house.serve(None).await.process.stop().await;
    std::fs::remove_file(house.folder().join("master.key")).unwrap();
    let mut serve = command(&["serve"], &[]);
    serve.env("VENTANILLA_REHEARSAL", "true");
    let mut server = house.run(serve);
    server.address().await;
    server.stop().await;
    let log = |number: u32| std::fs::read_to_string(house.folder().join(format!("server-{number}.log"))).unwrap();
    assert!(!log(0).contains(SAID), "{}", log(0));
    assert!(log(1).contains(SAID) && log(1).contains("sealed under another master key"), "{}", log(1));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_the_others_master_key_says_so_on_sqlite() {
    says_that_keys_do_not_open(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_the_others_master_key_says_so_on_postgres() {
    says_that_keys_do_not_open(Engine::Postgres).await;
}
