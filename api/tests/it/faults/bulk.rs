//! F8 for many sales in one request: killed in the middle, sent again whole, each sale is there once.
use std::time::Duration;

use serde_json::{Value, json};
use shared::rehearsal::RehearsalView;

use super::house::{House, Server};
use crate::support::Engine;

const SALES: usize = 3_000;
/// Moments of the kills, in milliseconds after the request was sent.
const KILLS: [u64; 3] = [40, 400, 1_500];

fn body() -> String {
    let line = |n: usize| {
        let sale = json!({
            "external_id": format!("v-{n}"), "branch": "Centro Histórico", "order_number": format!("B-{n}"),
            "ticket_number": n.to_string(), "sold_at": "2026-11-18T11:00:00", "total": "59.00",
            "lines": [{
                "clave_prod_serv": "14111514", "cantidad": "1", "clave_unidad": "H87", "descripcion": "Cuaderno raya",
                "importe": "59.00", "impuesto": "iva_16",
            }],
        });
        format!("{sale}\n")
    };
    (0..SALES).map(line).collect()
}

async fn bulk(server: &Server, key: &str) -> reqwest::Result<String> {
    let http = reqwest::Client::builder().no_proxy().tls_certs_only(std::iter::empty()).build()?;
    let request = http.post(format!("{}/api/integrators/v1/tickets/bulk", server.base)).bearer_auth(key);
    request.header("Content-Type", "application/x-ndjson").body(body()).send().await?.text().await
}

async fn killed_in_the_middle(engine: Engine) {
    let house = House::open(engine).await;
    let before = "SELECT COUNT(*) FROM tickets WHERE external_id IS NOT NULL";
    for moment in KILLS {
        let server = house.serve(None).await;
        let view: RehearsalView = server.browser().get("/api/v1/rehearsal").await.ok().json();
        let key = view.api_key.unwrap();
        let sending = bulk(&server, &key);
        // Whatever it said before its end, nothing of it is believed.
        let _ = tokio::time::timeout(Duration::from_millis(moment), sending).await;
        server.process.kill();
        let there = house.count(before).await;
        eprintln!("{engine:?}: {there} sales after {moment} ms");
    }
    let server = house.serve(None).await;
    let view: RehearsalView = server.browser().get("/api/v1/rehearsal").await.ok().json();
    let answer = bulk(&server, &view.api_key.unwrap()).await.unwrap();
    let lines: Vec<Value> = answer.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), SALES, "{:?}", lines.last());
    assert!(lines.iter().all(|line| line["outcome"] == "created" || line["outcome"] == "unchanged"));
    assert_eq!(house.count(before).await, i64::try_from(SALES).unwrap());
    server.process.stop().await;
    house.insist_on_every_promise();
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f8_a_bulk_killed_in_the_middle_is_sent_again_whole_on_sqlite() {
    killed_in_the_middle(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f8_a_bulk_killed_in_the_middle_is_sent_again_whole_on_postgres() {
    killed_in_the_middle(Engine::Postgres).await;
}
