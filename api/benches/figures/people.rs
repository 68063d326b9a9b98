//! What a stranger can read from the clock (A2), and what a crowd at the door does to everybody else (A12).
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::rehearsal::RehearsalView;

use crate::Effort;
use crate::portal::Portal;
use crate::table::{Aim, Table};

/// Area under the curve: one half when times tell nothing, one or zero when they tell all.
const AUC_LEAST: Aim = Aim::AtLeast(0.4);
const AUC_MOST: Aim = Aim::AtMost(0.6);
/// Milliseconds in which the house says that it lives while a crowd signs in.
const LIVE: Aim = Aim::AtMost(500.0);
/// People who sign in at the same moment.
const CROWD: usize = 200;
/// Between two looks at the house's life.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Compares the times of answers that must not be told apart, then lets a crowd in.
pub async fn measure(effort: Effort, portal: &Portal, table: &mut Table) {
    let rehearsal: RehearsalView = portal.get("/api/v1/rehearsal").await.json().await.unwrap();
    let known = &rehearsal.sign_ins[0].user;
    let password = "no es esta";
    let sign_in = |user: &str| json!({"user": user, "password": password});
    let recover = |user: &str| json!({"user": user});
    let register = |rfc: &str| json!({"rfc": rfc, "contract": "005300", "email": "a@b.example", "language": "es"});
    let pairs = [
        ("entrar: cuenta que existe o no", "/sessions", sign_in(known), sign_in("nadie@arrayan.example")),
        ("recuperar: cuenta que existe o no", "/password-recoveries", recover(known), recover("nadie@arrayan.example")),
        ("registro: datos que coinciden o no", "/registrations", register("TAM010203ABA"), register("XYZ010101AB1")),
    ];
    for (what, path, one, other) in pairs {
        compare(effort, portal, (what, path), (&one, &other), table).await;
    }
    first_entries(effort, table).await;
    crowd(portal, &sign_in(known), table).await;
}

/// The way in by an RFC, which only one of the profiles has: its opening, and the code that is asked for with it.
async fn first_entries(effort: Effort, table: &mut Table) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let portal = Portal::start_with(folder.path(), &["serve", "--demo", "--profile", "canon"]).await;
    let rehearsal: RehearsalView = portal.get("/api/v1/rehearsal").await.json().await.unwrap();
    let known = &rehearsal.registrable[0];
    let rfcs = [known.rfc.as_str(), "XYZ010101AB1"];
    let [one, other] = rfcs.map(|rfc| json!({"user": rfc, "password": rfc}));
    compare(effort, &portal, ("primera entrada: RFC que existe o no", "/first-entries"), (&one, &other), table).await;
    let mut asked = Vec::new();
    for form in [&one, &other] {
        let opened: Value = post(&portal, "/first-entries", form).await.json().await.unwrap();
        let activation = &opened["activation"];
        asked.push(json!({
            "activation": activation, "fact": known.contract, "email": "a@b.example", "language": "es"
        }));
    }
    let what = ("código de la primera entrada: datos que coinciden o no", "/first-entries/codes");
    compare(effort, &portal, what, (&asked[0], &asked[1]), table).await;
    portal.stop().await;
}

async fn compare(
    effort: Effort,
    portal: &Portal,
    (what, path): (&str, &str),
    pair: (&Value, &Value),
    table: &mut Table,
) {
    let value = auc(effort, portal, path, pair).await;
    let aim = if value < 0.5 { AUC_LEAST } else { AUC_MOST };
    table.judge(&format!("{what}: AUC de los tiempos"), value, "", aim);
}

/// Mann and Whitney's: how often an answer of one kind takes longer than one of the other. Which of a pair comes first
/// is drawn: in strict turns, the letter of one answer would always be written during the answers of the same kind.
async fn auc(effort: Effort, portal: &Portal, path: &str, (one, other): (&Value, &Value)) -> f64 {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    let mut draw = [0; 1];
    for _ in 0..effort.answers {
        aws_lc_rs::rand::fill(&mut draw).unwrap();
        if draw[0] & 1 == 0 {
            ones.push(seconds(portal, path, one).await);
            others.push(seconds(portal, path, other).await);
        } else {
            others.push(seconds(portal, path, other).await);
            ones.push(seconds(portal, path, one).await);
        }
    }
    let pairs = ones.iter().flat_map(|a| others.iter().map(move |b| a.total_cmp(b)));
    let points = pairs.map(|order| {
        if order.is_gt() {
            1.0
        } else if order.is_eq() {
            0.5
        } else {
            0.0
        }
    });
    let count = f64::from(u32::try_from(ones.len() * others.len()).unwrap());
    points.sum::<f64>() / count
}

async fn seconds(portal: &Portal, path: &str, body: &Value) -> f64 {
    let started = Instant::now();
    send(portal, path, body).await;
    started.elapsed().as_secs_f64()
}

async fn post(portal: &Portal, path: &str, body: &Value) -> reqwest::Response {
    let request = portal.client.post(format!("{}/api/v1{path}", portal.base)).header("X-Requested-With", "ventanilla");
    request.json(body).send().await.unwrap()
}

async fn send(portal: &Portal, path: &str, body: &Value) -> u16 {
    let reply = post(portal, path, body).await;
    let status = reply.status().as_u16();
    reply.bytes().await.unwrap();
    status
}

/// Many sign in at once: some are put off, the rest get their answer, and the house says all the while that it lives.
async fn crowd(portal: &Portal, form: &Value, table: &mut Table) {
    let over = Arc::new(AtomicBool::new(false));
    let looking = {
        let (over, client, live) = (over.clone(), portal.client.clone(), format!("{}/health/live", portal.base));
        tokio::spawn(async move {
            let mut took = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let started = Instant::now();
                client.get(&live).send().await.unwrap().error_for_status().unwrap();
                took.push(started.elapsed().as_secs_f64());
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            took
        })
    };
    let started = Instant::now();
    let answers = futures::future::join_all((0..CROWD).map(|_| send(portal, "/sessions", form))).await;
    let seconds = started.elapsed().as_secs_f64();
    over.store(true, Ordering::Relaxed);
    let mut took = looking.await.unwrap();
    took.sort_by(f64::total_cmp);
    let p99 = took[(took.len() * 99).div_ceil(100).saturating_sub(1)];
    let put_off = answers.iter().filter(|status| **status == 503).count();
    assert!(answers.iter().all(|status| matches!(status, 401 | 503)), "{answers:?}");
    table.add(&format!("{CROWD} entradas a la vez: todas contestadas en"), seconds, "s");
    table.add("  de ellas, pedidas para más tarde", f64::from(u32::try_from(put_off).unwrap()), "");
    table.judge("  /health/live mientras tanto, percentil 99", 1_000.0 * p99, "ms", LIVE);
}
