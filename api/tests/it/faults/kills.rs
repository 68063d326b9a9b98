//! `kill -9` at any moment, again and again, while guests invoice.
//!
//! Five times in an ordinary run. `VENTANILLA_TEST_KILLS=50` kills more often; `VENTANILLA_TEST_SEED` repeats a run's
//! choice of moments (what the guests had done by then is the machine's affair).
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use shared::ProblemCode;
use shared::billing::InvoiceView;
use shared::rehearsal::{RehearsalTicket, RehearsalView};
use tokio::sync::watch;

use super::house::{House, Tally};
use super::{idle, letters, settled};
use crate::support::process::eventually;
use crate::support::{Browser, Engine, Reply, order};

/// Kills in an ordinary run.
const KILLS: u64 = 5;
/// Guests at once.
const GUESTS: u64 = 4;
/// Longest life of a server from its first new order on, in milliseconds.
const LIFE_MAX: u64 = 1_000;
/// Longest life of a server that is killed while it starts.
const YOUTH_MAX: u64 = 700;
/// Every so many kills, one comes while the server starts.
const YOUNG_EVERY: u64 = 5;
/// The mailbox keeps a thousand letters: no more orders than it can show.
const ORDERS_MAX: usize = 900;
/// What guests may need to get an order through, and to finish after the last kill.
const PATIENCE: Duration = Duration::from_secs(180);
/// A guest who found the door closed looks again after this.
const KNOCK: Duration = Duration::from_millis(25);

/// Where the server is, while there is one, and whether guests begin anything new.
#[derive(Clone, Default)]
struct Door {
    base: Option<String>,
    closing: bool,
}

/// What all guests share.
struct Street {
    door: watch::Receiver<Door>,
    taken: Mutex<HashSet<String>>,
    orders: AtomicU64,
    chance: Chance,
}

/// A linear congruential generator (Knuth's constants): moments, not secrets.
pub struct Chance(pub AtomicU64);

impl Chance {
    pub fn below(&self, limit: u64) -> u64 {
        let next = |state: u64| state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let state = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |state| Some(next(state))).unwrap();
        (state >> 33) % limit
    }
}

/// What a guest asked for, and was told.
struct Order {
    key: String,
    address: String,
    body: Value,
    told: Option<Reply>,
}

impl Order {
    /// Sends it once more. Whatever was told before must be told again, byte for byte.
    async fn send(&mut self, browser: &Browser) -> reqwest::Result<()> {
        let reply = browser.try_invoice(&self.body, &self.key).await?;
        match (reply.status.as_u16(), &self.told) {
            (200..=299, None) => self.told = Some(reply),
            (200..=299, Some(told)) => assert_eq!((told.status, &told.body), (reply.status, &reply.body)),
            (409, None) => drop(reply.problem(ProblemCode::IdempotencyInFlight)),
            _ => drop(reply.problem(ProblemCode::Busy)),
        }
        Ok(())
    }
}

impl Street {
    /// A ticket that nobody has, claimed; nothing when there is none, or when the server had no time.
    async fn new_order(&self, browser: &Browser) -> reqwest::Result<Option<Order>> {
        let reply = browser.try_get("/api/v1/rehearsal").await?;
        if reply.status != 200 {
            reply.problem(ProblemCode::Busy);
            return Ok(None);
        }
        let Some(ticket) = self.take(reply.json::<RehearsalView>().tickets) else { return Ok(None) };
        let claim = match browser.try_look_up(&ticket).await {
            Ok(reply) if reply.status == 200 => reply.json::<Value>()["claim"].as_str().unwrap().to_owned(),
            other => {
                // Nothing was ordered: somebody else may have it.
                self.taken.lock().unwrap().remove(&name(&ticket));
                return other.map(|reply| drop(reply.problem(ProblemCode::Busy))).map(|()| None);
            }
        };
        let number = self.orders.fetch_add(1, Ordering::Relaxed);
        let address = format!("guest-{number}@quintil.example");
        let mut body = order(&ticket, &claim, "QUIA850712AA1");
        body["email"] = json!(address);
        Ok(Some(Order { key: format!("k-{number}"), address, body, told: None }))
    }

    /// Waits until a guest is about to send a new order.
    async fn is_busy_since(&self, orders: u64) {
        let busy = async || (self.orders.load(Ordering::Relaxed) > orders).then_some(());
        eventually("a guest has a new order", PATIENCE, busy).await;
    }

    fn take(&self, tickets: Vec<RehearsalTicket>) -> Option<RehearsalTicket> {
        let mut taken = self.taken.lock().unwrap();
        let ticket = tickets.into_iter().find(|ticket| ticket.lines <= 8 && !taken.contains(&name(ticket)))?;
        (taken.len() < ORDERS_MAX && taken.insert(name(&ticket))).then_some(ticket)
    }

    /// Invoices until the door closes; then insists on an answer to everything asked.
    async fn guest(self: Arc<Street>) -> Vec<Order> {
        let (mut answered, mut waiting) = (VecDeque::new(), VecDeque::new());
        let mut browser = Browser::new("");
        loop {
            let Door { base, closing } = self.door.borrow().clone();
            if closing && waiting.is_empty() {
                return answered.into();
            }
            let Some(base) = base else {
                tokio::time::sleep(KNOCK).await;
                continue;
            };
            if !browser.is_at(&base) {
                browser = Browser::new(&base);
            }
            // One that was cut short, one that has its answer, or a new one.
            let old = match self.chance.below(4) {
                0 => waiting.pop_front(),
                _ if closing => waiting.pop_front(),
                1 => answered.pop_front(),
                _ => None,
            };
            let order = match old {
                Some(order) => Ok(Some(order)),
                None => self.new_order(&browser).await,
            };
            let Ok(Some(mut order)) = order else {
                tokio::time::sleep(KNOCK).await;
                continue;
            };
            let sent = order.send(&browser).await;
            if sent.is_err() || order.told.is_none() {
                tokio::time::sleep(KNOCK).await;
            }
            let kept = if order.told.is_some() { &mut answered } else { &mut waiting };
            kept.push_back(order);
        }
    }
}

fn name(ticket: &RehearsalTicket) -> String {
    format!("{} {} {}", ticket.branch_id, ticket.order_number, ticket.ticket_number)
}

pub fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

async fn random_kills(engine: Engine) {
    let kills = setting("VENTANILLA_TEST_KILLS").unwrap_or(KILLS);
    let seed = setting("VENTANILLA_TEST_SEED").unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0);
    eprintln!("{engine:?}: {kills} kills, VENTANILLA_TEST_SEED={seed}");
    let house = House::open(engine).await;
    let (say, door) = watch::channel(Door::default());
    let chance = Chance(AtomicU64::new(seed));
    let moments = Chance(AtomicU64::new(seed.rotate_left(32)));
    let street = Arc::new(Street { door, taken: Mutex::default(), orders: AtomicU64::new(0), chance });
    let guests: Vec<_> = (0..GUESTS).map(|_| tokio::spawn(street.clone().guest())).collect();
    // The first start fills the demo.
    house.serve(None).await.process.stop().await;
    let before = (house.tally().await, house.stamped_by_the_pac().await);
    for kill in 1..=kills {
        if kill % YOUNG_EVERY == 0 {
            let young = house.start(None);
            tokio::time::sleep(Duration::from_millis(moments.below(YOUTH_MAX))).await;
            young.kill();
            continue;
        }
        let server = house.serve(None).await;
        let orders = street.orders.load(Ordering::Relaxed);
        say.send_replace(Door { base: Some(server.base), closing: false });
        street.is_busy_since(orders).await;
        tokio::time::sleep(Duration::from_millis(moments.below(LIFE_MAX))).await;
        server.process.kill();
        say.send_replace(Door::default());
    }
    let server = house.serve(None).await;
    let orders = street.orders.load(Ordering::Relaxed);
    say.send_replace(Door { base: Some(server.base.clone()), closing: false });
    street.is_busy_since(orders).await;
    say.send_replace(Door { base: Some(server.base.clone()), closing: true });
    let orders = tokio::time::timeout(PATIENCE, futures::future::join_all(guests)).await;
    let orders: Vec<Order> = orders.expect("every guest gets an answer").into_iter().flat_map(Result::unwrap).collect();
    idle(&house).await;
    one_of_each(&house, before, &server.browser(), orders).await;
    server.process.stop().await;
    house.insist_on_every_promise();
    house.close().await;
}

/// Each order has one invoice, one stamp of the PAC, one letter; nothing else was made.
async fn one_of_each(house: &House, before: (Tally, Vec<String>), browser: &Browser, orders: Vec<Order>) {
    let count = orders.len();
    let mut stamped = BTreeSet::from_iter(before.1);
    let mut written = BTreeSet::new();
    for order in orders {
        let invoice: InvoiceView = order.told.expect("an answer").json();
        // The same request opens the invoice to a browser that lost its cookie.
        browser.invoice(&order.body, &order.key).await.ok();
        let invoice = settled(browser, invoice.id).await;
        assert_eq!(invoice.mails.len(), 1, "{invoice:?}");
        assert!(stamped.insert(invoice.folio_fiscal.unwrap()), "two orders, one stamp");
        written.insert(order.address);
    }
    assert_eq!(house.stamped_by_the_pac().await, stamped.into_iter().collect::<Vec<_>>());
    let letters: Vec<String> = letters(browser, "guest-").await.into_iter().map(|letter| letter.to).collect();
    assert_eq!(letters.len(), count);
    assert_eq!(letters.into_iter().collect::<BTreeSet<_>>(), written);
    house.insist_on_more(before.0, i64::try_from(count).unwrap()).await;
    eprintln!("{count} orders, one invoice each");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_kills_on_sqlite() {
    random_kills(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_kills_on_postgres() {
    random_kills(Engine::Postgres).await;
}
