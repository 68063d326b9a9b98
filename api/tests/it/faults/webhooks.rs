//! F19: webhooks to a server that fails three times in ten, while the courier is killed at any moment.
//!
//! A few hundred and three kills in an ordinary run; `VENTANILLA_TEST_WEBHOOKS=10000 VENTANILLA_TEST_KILLS=20` is the
//! whole measure, and `VENTANILLA_TEST_SEED` repeats a run's chances.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use shared::integrators::EventPage;
use shared::rehearsal::RehearsalView;

use super::house::{House, Server};
use super::kills::{Chance, setting};
use crate::support::process::eventually;
use crate::support::{Engine, Sink};

const WEBHOOKS: u64 = 240;
const KILLS: u64 = 3;
/// Longest life of a server between two kills, in milliseconds, once it has its events.
const LIFE_MAX: u64 = 600;
/// Of ten tries, those that fail.
const FAILING: u64 = 3;
/// The whole table of pauses, a thousand times as fast, and some room.
const PATIENCE: Duration = Duration::from_secs(300);
/// Times that what was given up is sent again by hand.
const ROUNDS_MAX: u32 = 5;
/// What each webhook adds to it, in milliseconds, in a build without optimisation on a busy machine.
const EACH_MILLISECONDS: u64 = 50;

const WAITING: &str = "SELECT COUNT(*) FROM webhook_deliveries WHERE state = 'waiting'";
const DELIVERED: &str = "SELECT COUNT(*) FROM webhook_deliveries WHERE state = 'delivered'";
const ALL: &str = "SELECT COUNT(*) FROM webhook_deliveries";

/// A program at a server that may have died meanwhile.
struct Program {
    http: reqwest::Client,
    base: String,
    key: String,
}

impl Program {
    async fn at(server: &Server) -> Program {
        let view: RehearsalView = server.browser().get("/api/v1/rehearsal").await.ok().json();
        let http = reqwest::Client::builder().no_proxy().tls_certs_only(std::iter::empty()).build().unwrap();
        Program { http, base: format!("{}/api/integrators/v1", server.base), key: view.api_key.unwrap() }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.key)
    }

    async fn make_event(&self) {
        let made = self.request(Method::POST, "/webhook-endpoints/erp/tests").send().await.unwrap();
        assert_eq!(made.status().as_u16(), 202, "{}", made.text().await.unwrap());
    }

    /// What was given up goes once more, by hand.
    async fn resend_parked(&self) {
        let asked = self.request(Method::POST, "/webhook-endpoints/erp/resends").send().await.unwrap();
        assert_eq!(asked.status().as_u16(), 202, "{}", asked.text().await.unwrap());
    }

    async fn event_ids(&self) -> BTreeSet<String> {
        let (mut ids, mut after) = (BTreeSet::new(), 0);
        loop {
            let asked = self.request(Method::GET, &format!("/events?limit=100&after={after}")).send().await.unwrap();
            let page: EventPage = asked.json().await.unwrap();
            ids.extend(page.data.iter().map(|event| event.id.to_string()));
            after = page.next_after;
            if !page.has_more {
                return ids;
            }
        }
    }
}

async fn every_event_arrives(engine: Engine) {
    let kills = setting("VENTANILLA_TEST_KILLS").unwrap_or(KILLS);
    let webhooks = setting("VENTANILLA_TEST_WEBHOOKS").unwrap_or(WEBHOOKS);
    let seed = setting("VENTANILLA_TEST_SEED").unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0);
    eprintln!("{engine:?}: {webhooks} webhooks, {kills} kills, VENTANILLA_TEST_SEED={seed}");
    let arrived: Arc<Mutex<BTreeMap<String, u32>>> = Arc::default();
    let (taken, chance) = (arrived.clone(), Chance(AtomicU64::new(seed)));
    let sink = Sink::answering(move |posted| {
        if chance.below(10) < FAILING {
            return (500, String::new());
        }
        assert_eq!(posted.json()["id"], posted.headers["webhook-id"]);
        *taken.lock().unwrap().entry(posted.headers["webhook-id"].clone()).or_default() += 1;
        (204, String::new())
    });
    let house = House::open_with(
        engine,
        &[
            ("WEBHOOKS__PRIVATE_HOSTS", "127.0.0.1"),
            ("WEBHOOKS__RETRY_UNIT_MILLISECONDS", "1"),
            ("WEBHOOKS__TIMEOUT_SECONDS", "1"),
            ("INTEGRATORS__REQUESTS_PER_MINUTE", "1000000"),
        ],
    )
    .await;
    let moments = Chance(AtomicU64::new(seed.rotate_left(32)));
    for kill in 0..kills {
        let server = house.serve(None).await;
        let program = Program::at(&server).await;
        if kill == 0 {
            let body = json!({ "url": format!("{}/in", sink.base) });
            let made = program.request(Method::PUT, "/webhook-endpoints/erp").json(&body).send().await.unwrap();
            assert_eq!(made.status().as_u16(), 201);
        }
        let share = webhooks * (kill + 1) / kills - webhooks * kill / kills;
        for _ in 0..share {
            program.make_event().await;
        }
        tokio::time::sleep(Duration::from_millis(moments.below(LIFE_MAX))).await;
        server.process.kill();
    }
    let server = house.serve(None).await;
    let patience = PATIENCE + Duration::from_millis(webhooks * EACH_MILLISECONDS);
    let (all, waited) = (i64::try_from(webhooks).unwrap(), Instant::now());
    // Ten tries that all fail are one in 170,000: in ten thousand webhooks, one run of seventeen parks one.
    for round in 0..ROUNDS_MAX {
        if round > 0 {
            Program::at(&server).await.resend_parked().await;
        }
        eventually("every webhook was decided", patience, async || (house.count(WAITING).await == 0).then_some(()))
            .await;
        if house.count(DELIVERED).await == all {
            break;
        }
    }
    eprintln!("{engine:?}: all delivered {:.1} s after the last kill", waited.elapsed().as_secs_f64());
    assert_eq!((house.count(ALL).await, house.count(DELIVERED).await), (all, all));
    let arrived = arrived.lock().unwrap().clone();
    assert_eq!(Program::at(&server).await.event_ids().await, arrived.keys().cloned().collect());
    let more_than_once = arrived.values().filter(|times| **times > 1).count();
    eprintln!("{webhooks} webhooks arrived, {more_than_once} of them more than once");
    server.process.stop().await;
    house.insist_on_every_promise();
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f19_every_webhook_arrives_on_sqlite() {
    every_event_arrives(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f19_every_webhook_arrives_on_postgres() {
    every_event_arrives(Engine::Postgres).await;
}
