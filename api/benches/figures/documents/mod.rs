//! A million documents: how long it takes to make them, what a page of the list costs beyond the bare statement, what
//! that is beside a hundredth of the documents, an answer over HTTP beside one that is ready, and a ZIP beside `zip -0`.
mod fill;
mod http;
mod pages;

pub use fill::{drop_database, make_database};

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use api::clock::{Ids, SystemClock, SystemRandomness};
use api::config::Config;
use api::ops::start::{self, Started, World};

use crate::Effort;
use crate::table::{Aim, Table};

/// The small installation that the large one is compared with.
const SMALL: u32 = 10_000;
/// Seconds in which a million documents are made.
const MADE: Aim = Aim::AtMost(300.0);
/// What the house may cost beyond the bare thing, and the large installation beyond the small one.
const RATIO: Aim = Aim::AtMost(1.5);

/// The engines that are measured: SQLite, and PostgreSQL where a server is named.
pub async fn measure(effort: Effort, table: &mut Table) {
    on_engine(effort, None, "SQLite", table).await;
    if let Ok(url) = std::env::var("VENTANILLA_TEST_POSTGRES_URL") {
        on_engine(effort, Some(&url), "PostgreSQL", table).await;
    }
}

async fn on_engine(effort: Effort, server: Option<&str>, engine: &str, table: &mut Table) {
    let (small, house) = filled(SMALL.min(effort.documents / 2), server).await;
    let small_pages = pages::measure(effort, &house.app, &small.url, small.count).await;
    close(house).await;
    small.end(server).await;

    let (large, house) = filled(effort.documents, server).await;
    table.judge(&format!("{engine}: {} documentos hechos", effort.documents), large.seconds, "s", MADE);
    let large_pages = pages::measure(effort, &house.app, &large.url, large.count).await;
    for (small, large) in small_pages.iter().zip(&large_pages) {
        table.add(&format!("{engine}: {}, p95", large.what), large.house, "ms");
        table.judge("  veces la consulta sola", large.house / large.bare, "", RATIO);
        let (what, times) = (format!("  veces con {SMALL} documentos"), large.house / small.house);
        if large.grows {
            table.add(&what, times, "");
        } else {
            table.judge(&what, times, "", RATIO);
        }
    }
    // Its lock goes with it: the program that serves is another.
    close(house).await;
    http::measure(effort, &large, engine, table).await;
    large.end(server).await;
}

async fn close(house: Started) {
    if let Some(sandbox) = house.sandbox {
        sandbox.stop().await;
    }
    house.app.db.close().await;
}

/// An installation with documents in it.
pub struct Filled {
    pub folder: tempfile::TempDir,
    pub url: String,
    pub count: u32,
    seconds: f64,
    name: Option<String>,
}

impl Filled {
    async fn end(self, server: Option<&str>) {
        if let (Some(server), Some(name)) = (server, self.name) {
            fill::drop_database(server, &name).await;
        }
    }
}

async fn filled(count: u32, server: Option<&str>) -> (Filled, Started) {
    // On the disk that the build is on: a folder in memory would make every read free.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let name = server.map(|_| format!("ventanilla_figures_{count}"));
    let url = match (server, &name) {
        (Some(server), Some(name)) => fill::make_database(server, name).await,
        _ => String::new(),
    };
    let house = open(folder.path(), &url).await;
    let url = house.app.config.database_url().to_owned();
    let started = Instant::now();
    fill::documents(&house.app, folder.path(), &url, count).await;
    (Filled { folder, url, count, seconds: started.elapsed().as_secs_f64(), name }, house)
}

/// The house itself, in this process: its functions are measured, not its server.
async fn open(folder: &Path, url: &str) -> Started {
    let mut config = Config { data_dir: folder.to_owned(), demo_history: false, ..Config::default() };
    if !url.is_empty() {
        config.database_url = url.to_owned().into();
    }
    let clock: Arc<dyn api::clock::Clock> = Arc::new(SystemClock);
    let world = World { ids: Ids::new(clock.clone(), Arc::new(SystemRandomness)), clock };
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    start::start(config, true, None, world).await.expect("the house starts")
}
