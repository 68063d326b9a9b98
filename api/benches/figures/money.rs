//! Banks that call back: how many payments a second are kept, judged and applied, each with its ledger, its letter and its
//! log, against bare commits on the same disk, before and after; and how many words about one payment that is known are
//! thanked for. On SQLite, and on PostgreSQL where a server is named.
use std::path::Path;
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use rust_decimal::Decimal;
use serde_json::json;
use shared::accounts::SessionOpened;
use shared::payments::{BalancesPage, PaymentView};
use shared::rehearsal::RehearsalView;
use sqlx::{Connection, PgConnection};

use crate::documents::{drop_database, make_database};
use crate::portal::{self, Portal};
use crate::table::Table;
use crate::{Effort, median};

/// Calls of the bank at once.
const AT_ONCE: usize = 4;
/// Where the data folder keeps what the sandbox's bank signs with: a rehearsal knows no other bank.
const KEY_FILE: &str = "sandbox-bank.key";
/// Each payment is a small part of one invoice.
const PART: &str = "10.00";
/// The database on a server.
const DATABASE: &str = "ventanilla_figures_money";

/// Each engine that is there.
pub async fn measure(effort: Effort, table: &mut Table) {
    on_engine(effort, "SQLite", None, table).await;
    if let Ok(server) = std::env::var("VENTANILLA_TEST_POSTGRES_URL") {
        let url = make_database(&server, DATABASE).await;
        on_engine(effort, "PostgreSQL", Some(&url), table).await;
        drop_database(&server, DATABASE).await;
    }
}

/// Bare commits per second; `None`: this server was told not to wait for its disk, as one for tests is.
async fn commits(effort: Effort, folder: &Path, url: Option<&str>) -> Option<f64> {
    let Some(url) = url else { return Some(portal::commits(effort, folder).await) };
    let mut conn = PgConnection::connect(url).await.unwrap();
    let fsync: String = sqlx::query_scalar("SHOW fsync").fetch_one(&mut conn).await.unwrap();
    let waits: String = sqlx::query_scalar("SHOW synchronous_commit").fetch_one(&mut conn).await.unwrap();
    if fsync == "off" || waits == "off" {
        return None;
    }
    let bare =
        "CREATE TABLE IF NOT EXISTS bare (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body TEXT NOT NULL)";
    sqlx::query(bare).execute(&mut conn).await.unwrap();
    let mut rates = Vec::new();
    for _ in 0..effort.rounds {
        let (started, mut times) = (Instant::now(), 0);
        while started.elapsed() < effort.round {
            let insert =
                sqlx::query("INSERT INTO bare (body) VALUES ($1)").bind("a row of the size of a short sentence");
            insert.execute(&mut conn).await.unwrap();
            times += 1;
        }
        rates.push(per_second(times, started.elapsed()));
    }
    Some(median(rates))
}

/// Orders payments, then lets the bank say that each was paid, then say one of them over and over.
async fn on_engine(effort: Effort, engine: &str, url: Option<&str>, table: &mut Table) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let before = commits(effort, folder.path(), url).await;
    let portal = Portal::start_on(folder.path(), &["serve", "--demo"], url).await;
    let key = hex::encode(std::fs::read(folder.path().join(KEY_FILE)).unwrap());
    let words = orders(effort, &portal, &key).await;
    let (started, applied) = (Instant::now(), words.len());
    let calls = words.chunks(applied.div_ceil(AT_ONCE)).map(async |mine| {
        for word in mine {
            say(&portal, word).await;
        }
    });
    futures::future::join_all(calls).await;
    let rate = per_second(applied, started.elapsed());
    let after = commits(effort, folder.path(), url).await;
    let (started, mut times) = (Instant::now(), 0);
    while started.elapsed() < effort.round {
        futures::future::join_all((0..AT_ONCE).map(|_| say(&portal, &words[0]))).await;
        times += AT_ONCE;
    }
    let repeated = per_second(times, started.elapsed());
    table.add(&format!("{engine}: avisos de banco aplicados, {AT_ONCE} a la vez"), rate, "/s");
    match before.zip(after) {
        Some((before, after)) => {
            let bare = f64::midpoint(before, after);
            table.add("  commits sueltos con fsync, antes y después", bare, "/s");
            table.add("  aplicados por cada 100 commits sueltos", 100.0 * rate / bare, "%");
        }
        None => table.add("  sin comparar: este servidor no espera a su disco, fsync", 0.0, "/s"),
    }
    table.add("  avisos repetidos, que no cambian nada", repeated, "/s");
    portal.stop().await;
}

fn per_second(count: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / took.as_secs_f64()
}

/// Orders as many payments as are measured; gives the bank's word about each.
async fn orders(effort: Effort, portal: &Portal, key: &str) -> Vec<String> {
    let rehearsal: RehearsalView = portal.get("/api/v1/rehearsal").await.json().await.unwrap();
    let known = &rehearsal.sign_ins[0];
    let form = json!({ "user": known.user, "password": known.password });
    let request = portal.client.post(format!("{}/api/v1/sessions", portal.base));
    let opened = request.header("X-Requested-With", "ventanilla").json(&form).send().await.unwrap();
    let opened: SessionOpened = opened.error_for_status().unwrap().json().await.unwrap();
    let token = opened.access_token.expose();
    let request = portal.client.get(format!("{}/api/v1/balances?issuer=colibri-azul&limit=100", portal.base));
    let page: BalancesPage = request.bearer_auth(token).send().await.unwrap().json().await.unwrap();
    let largest = page.data.iter().filter(|row| row.currency == "MXN");
    let largest = largest.max_by_key(|row| pesos(&row.available)).unwrap();
    let mut words = Vec::new();
    for number in 0..effort.payments {
        let line = json!({ "receivable_id": largest.id, "amount": PART, "currency": "MXN" });
        let order = json!({ "issuer": "colibri-azul", "bank": "bbva", "lines": [line], "expected_total": PART });
        let request = portal.client.post(format!("{}/api/v1/payments", portal.base)).bearer_auth(token);
        let request = request.header("X-Requested-With", "ventanilla");
        let reply = request.header("Idempotency-Key", format!("k-{number}")).json(&order).send().await.unwrap();
        let payment: PaymentView = reply.error_for_status().unwrap().json().await.unwrap();
        words.push(approval(&payment, number, key));
    }
    words
}

fn pesos(amount: &str) -> Decimal {
    amount.parse().unwrap()
}

/// What the bank says of a payment that was made, signed.
fn approval(payment: &PaymentView, number: usize, key: &str) -> String {
    let sent = payment.redirect.as_ref().unwrap();
    let field = |name: &str| sent.fields.iter().find(|field| field.name == name).unwrap().value.clone();
    let [order, reference, amount] = ["mp_order", "mp_reference", "mp_amount"].map(field);
    let authorization = format!("{:06}", 100_000 + number);
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let signature = hex::encode(hmac::sign(&key, format!("{order}{reference}{amount}{authorization}").as_bytes()));
    let pairs = [
        ("mp_order", order),
        ("mp_reference", reference),
        ("mp_amount", amount),
        ("mp_authorization", authorization),
        ("mp_response", "00".to_owned()),
        ("mp_signature", signature),
    ];
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

async fn say(portal: &Portal, word: &str) {
    let request = portal.client.post(format!("{}/api/v1/bank-notices/bbva", portal.base));
    let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(word.to_owned());
    assert_eq!(request.send().await.unwrap().status().as_u16(), 204, "the bank is thanked");
}
