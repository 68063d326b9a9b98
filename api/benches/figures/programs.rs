//! What programs do to the house: a hundred thousand sales in one request, and one key at full speed beside another.
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::rehearsal::RehearsalView;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, QueryBuilder, Sqlite, SqliteConnection};

use crate::portal::Portal;
use crate::process::command;
use crate::table::{Aim, Table};
use crate::{Effort, median};

const ROOT: &str = "/api/integrators/v1";
/// Megabytes that the largest bulk request may add.
const GROWTH: Aim = Aim::AtMost(64.0);
/// How much longer another key may wait.
const SLOWER: Aim = Aim::AtMost(2.0);
/// Rows of one transaction, as the house itself writes them.
const BATCH: usize = 25;
/// Requests a second of the key that is measured.
const PER_SECOND: u32 = 5;
/// Connections of the key at full speed.
const CROWD: usize = 8;
/// Between two looks at the server's memory.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A house of its own: the sales stay behind.
pub async fn measure(effort: Effort, table: &mut Table) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let portal = Portal::start(folder.path()).await;
    let rehearsal: RehearsalView = portal.get("/api/v1/rehearsal").await.json().await.unwrap();
    let key = rehearsal.api_key.expect("a rehearsal shows its key");
    // A server's first requests are its slowest.
    probe(&portal, &key, Duration::from_secs(1)).await;
    fairness(effort, &portal, (&key, &another_key(folder.path())), table).await;
    bulk(effort, &portal, &key, folder.path(), table).await;
    portal.stop().await;
}

/// A key as an operator makes one, beside the running server.
fn another_key(folder: &Path) -> String {
    let settings = [("VENTANILLA_DATA_DIR".to_owned(), folder.to_str().unwrap().to_owned())];
    let wanted = ["--issuer", "default", "--name", "otra caja", "--scopes", "tickets:write,tickets:read"];
    let made = command(&[&["api-key", "create"], &wanted[..]].concat(), &settings).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let told: Value = serde_json::from_slice(&made.stdout).unwrap();
    told["key"].as_str().unwrap().to_owned()
}

fn sale(n: usize) -> Value {
    json!({
        "branch": "Centro Histórico", "order_number": format!("M-{n}"), "ticket_number": n.to_string(),
        "sold_at": "2026-11-18T11:00:00", "total": "118.00", "forma_pago": "04",
        "lines": [{
            "clave_prod_serv": "14111514", "cantidad": "2", "clave_unidad": "H87", "unidad": "Pieza",
            "descripcion": "Cuaderno raya", "importe": "118.00", "impuesto": "iva_16",
        }],
    })
}

/// One request of the measured kind: a new sale, which is a transaction of its own.
async fn put(portal: &Portal, key: &str, n: usize) -> reqwest::StatusCode {
    let request = portal.client.put(format!("{}{ROOT}/tickets/m-{n}", portal.base));
    let reply = request.bearer_auth(key).json(&sale(n)).send().await.unwrap();
    let status = reply.status();
    reply.bytes().await.unwrap();
    status
}

/// Numbers of sales that nobody has used yet.
fn fresh() -> usize {
    static LAST: AtomicU32 = AtomicU32::new(1_000_000);
    usize::try_from(LAST.fetch_add(1, Ordering::Relaxed)).unwrap()
}

/// The 99th percentile, in milliseconds, of a program that asks so often for so long.
async fn probe(portal: &Portal, key: &str, length: Duration) -> f64 {
    let (began, pause) = (Instant::now(), Duration::from_secs(1) / PER_SECOND);
    let mut times = Vec::new();
    for turn in 1.. {
        let started = Instant::now();
        let status = put(portal, key, fresh()).await;
        assert!(status.is_success(), "{status}");
        times.push(1_000.0 * started.elapsed().as_secs_f64());
        if began.elapsed() >= length {
            break;
        }
        // By the clock and not by the last answer: a slow answer makes no pause.
        tokio::time::sleep((pause * turn).saturating_sub(began.elapsed())).await;
    }
    times.sort_by(f64::total_cmp);
    times[(times.len() * 99).div_ceil(100).saturating_sub(1)]
}

/// One key asks as fast as it can, single sales and bulks, within the limits that every installation has.
async fn fairness(effort: Effort, portal: &Portal, (greedy, modest): (&str, &str), table: &mut Table) {
    let (runs, length) = if effort.rounds > 1 { (3, Duration::from_secs(30)) } else { (1, Duration::from_secs(2)) };
    let (mut alone, mut beside, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        let quiet = probe(portal, modest, length).await;
        let over = Arc::new(AtomicBool::new(false));
        let asked = async {
            let crowd = (0..CROWD).map(async |_| {
                while !over.load(Ordering::Relaxed) {
                    put(portal, greedy, fresh()).await;
                }
            });
            let bulks = async {
                while !over.load(Ordering::Relaxed) {
                    let body: String = (0..1_000).map(|_| line(fresh())).collect();
                    send_bulk(portal, greedy, body).await;
                }
            };
            futures::future::join(futures::future::join_all(crowd), bulks).await;
        };
        let watched = async {
            let p99 = probe(portal, modest, length).await;
            over.store(true, Ordering::Relaxed);
            p99
        };
        let (_, loud) = futures::future::join(asked, watched).await;
        ratios.push(loud / quiet);
        alone.push(quiet);
        beside.push(loud);
    }
    table.add("una llave a 5 ventas/s, sola: percentil 99", median(alone), "ms");
    table.add("  junto a otra llave a toda velocidad", median(beside), "ms");
    table.judge("  cuántas veces más", median(ratios), "", SLOWER);
}

fn line(n: usize) -> String {
    let mut sale = sale(n);
    sale["external_id"] = json!(format!("b-{n}"));
    format!("{sale}\n")
}

async fn send_bulk(portal: &Portal, key: &str, body: String) -> (reqwest::StatusCode, String) {
    let request = portal.client.post(format!("{}{ROOT}/tickets/bulk", portal.base)).bearer_auth(key);
    let reply = request.header("Content-Type", "application/x-ndjson").body(body).send().await.unwrap();
    (reply.status(), reply.text().await.unwrap())
}

/// The largest request there may be: what it adds to the memory, and its rate against bare inserts of the same rows.
async fn bulk(effort: Effort, portal: &Portal, key: &str, folder: &Path, table: &mut Table) {
    let sales = if effort.rounds > 1 { 100_000 } else { 2_000 };
    let body: String = (0..sales).map(line).collect();
    let bare = bare_inserts(folder, sales).await;
    let before = portal.memory();
    let (started, over) = (Instant::now(), AtomicBool::new(false));
    let sent = async {
        // A key's other bulk request may still be ending.
        let (status, answer) = loop {
            let (status, answer) = send_bulk(portal, key, body.clone()).await;
            if status != reqwest::StatusCode::TOO_MANY_REQUESTS {
                break (status, answer);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        };
        over.store(true, Ordering::Relaxed);
        assert!(status.is_success(), "{status} {answer}");
        answer
    };
    let peak = async {
        let mut peak = before;
        while !over.load(Ordering::Relaxed) {
            peak = portal.memory().max(peak);
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        peak
    };
    let (answer, peak) = futures::future::join(sent, peak).await;
    let seconds = started.elapsed().as_secs_f64();
    assert_eq!(answer.lines().filter(|line| line.contains("\"created\"")).count(), sales);
    let rate = f64::from(u32::try_from(sales).unwrap()) / seconds;
    table.add("inserciones sueltas por lotes, los mismos renglones", bare, "/s");
    table.add(&format!("{sales} ventas en una solicitud NDJSON"), rate, "/s");
    table.add("  ventas por cada 100 inserciones", 100.0 * rate / bare, "%");
    table.judge("  memoria que añade", peak - before, "MB", GROWTH);
}

/// The same rows into a table with the same keys and indices, and nothing else: rows a second.
async fn bare_inserts(folder: &Path, rows: usize) -> f64 {
    let options = SqliteConnectOptions::new().filename(folder.join("bare-sales.db")).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let mut conn: SqliteConnection = options.connect().await.unwrap();
    sqlx::raw_sql(
        "CREATE TABLE bare (id BLOB NOT NULL PRIMARY KEY, issuer BLOB NOT NULL, orden TEXT NOT NULL, ticket TEXT NOT NULL, \
         external TEXT NOT NULL UNIQUE, total INTEGER NOT NULL, lines TEXT NOT NULL, state TEXT NOT NULL, \
         at TEXT NOT NULL, UNIQUE (issuer, orden, ticket)) STRICT; \
         CREATE INDEX bare_by_state ON bare (issuer, state, at, id); CREATE INDEX bare_by_change ON bare (issuer, at, id)",
    )
    .execute(&mut conn)
    .await
    .unwrap();
    let lines = sale(0)["lines"].to_string();
    let started = Instant::now();
    let all: Vec<usize> = (0..rows).collect();
    for some in all.chunks(BATCH) {
        let mut tx = conn.begin().await.unwrap();
        let mut sql: QueryBuilder<Sqlite> =
            QueryBuilder::new("INSERT INTO bare (id, issuer, orden, ticket, external, total, lines, state, at) ");
        sql.push_values(some, |mut values, n| {
            values
                .push_bind(uuid::Uuid::new_v4())
                .push_bind(uuid::Uuid::nil())
                .push_bind(format!("M-{n}"))
                .push_bind(n.to_string())
                .push_bind(format!("b-{n}"))
                .push_bind(11_800_i64)
                .push_bind(lines.clone())
                .push_bind("open")
                .push_bind("2026-11-18T17:00:00.000000Z");
        });
        sql.build().execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }
    f64::from(u32::try_from(rows).unwrap()) / started.elapsed().as_secs_f64()
}
