//! A house for one test, and the people who use it.
mod browser;
mod bucket;
mod clock;
mod engine;
mod furnished;
pub mod process;
pub mod shapes;
mod sink;
mod staff;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::App;
use api::clock::{Clock, Ids, SystemRandomness};
use api::config::{Config, Floods};
use api::http::spa::Assets;
use api::ops::start::{self, Started, World};
use shared::rehearsal::{RehearsalTicket, RehearsalView};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use browser::{Browser, Reply, data_of, order};
pub use bucket::Bucket;
pub use clock::ManualClock;
pub use engine::{Database, Engine};
pub use sink::{Posted, Sink};
pub use staff::Clerk;

/// Runs a test on SQLite and on PostgreSQL.
macro_rules! on_both {
    ($(#[$doc:meta])* $name:ident, |$app:ident| $body:expr) => {
        $crate::support::on_both!($(#[$doc])* $name, with |_config| {}, |$app| $body);
    };
    // The same with settings of the test's own.
    ($(#[$doc:meta])* $name:ident, with |$config:ident| $change:expr, |$app:ident| $body:expr) => {
        $(#[$doc])*
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "a short test may need none of them")]
            use super::*;
            fn settings($config: &mut api::config::Config) { $change }
            async fn journey($app: &$crate::support::TestApp) { $body }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let app = $crate::support::TestApp::start_with($crate::support::Engine::Sqlite, settings).await;
                journey(&app).await;
                app.finish().await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let app = $crate::support::TestApp::start_with($crate::support::Engine::Postgres, settings).await;
                journey(&app).await;
                app.finish().await;
            }
        }
    };
}
pub(crate) use on_both;

/// The SAT's own files, where they are at hand. Else the test proves nothing and says so: `make test` counts such notes.
pub fn sat_dir(test: &str) -> Option<PathBuf> {
    let dir = std::env::var_os("VENTANILLA_SAT_DIR").map(PathBuf::from).filter(|dir| dir.join("catalogos").is_dir());
    if dir.is_none() {
        eprintln!("SKIPPED {test}: set VENTANILLA_SAT_DIR to the SAT's files");
        let notes = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sat-skipped");
        std::fs::create_dir_all(&notes).unwrap();
        std::fs::write(notes.join(test), "").unwrap();
    }
    dir
}

/// A real server with its own database, sandbox PAC and mailbox, and a clock the test moves.
pub struct TestApp {
    pub app: App,
    pub clock: Arc<ManualClock>,
    pub base: String,
    started: Started,
    stop: watch::Sender<bool>,
    server: JoinHandle<anyhow::Result<()>>,
    pub database: engine::Database,
    _data_dir: tempfile::TempDir,
}

/// Settings of a house under test.
fn settings(data_dir: &Path, database: &Database, change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config { data_dir: data_dir.to_owned(), ..Config::default() };
    config.database_url = database.url.clone().into();
    config.pac.timeout_seconds = 3;
    config.demo_history = false;
    // Browsers make proofs of work; a test that is about them asks for them.
    config.accounts.work_max_number = 0;
    // Each worker makes the routes anew, which in a test costs more than it serves.
    config.workers = 1;
    // All of a test's people come from one address, and its clock stands still.
    config.floods = Floods { look_ups_per_minute: 0, sign_ins_per_minute: 0, invoices_per_minute: 0 };
    change(&mut config);
    config
}

/// A house, the clock on its wall, and a door that nobody answers yet.
async fn start_house(config: Config) -> (Started, Arc<ManualClock>, TcpListener) {
    // A test that rehearses by its settings wants no invented companies.
    let demo = !config.rehearsal;
    let clock = Arc::new(ManualClock::at("2026-11-18T18:00:00Z"));
    let shared_clock: Arc<dyn Clock> = clock.clone();
    let world = World { ids: Ids::new(shared_clock.clone(), Arc::new(SystemRandomness)), clock: shared_clock };
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let started = start::start(config, demo, Some(address), world).await.expect("the house starts");
    (started, clock, listener)
}

impl TestApp {
    pub async fn start(engine: Engine) -> TestApp {
        TestApp::start_with(engine, |_| {}).await
    }

    /// A house with settings of a test's own.
    pub async fn start_with(engine: Engine, change: impl Fn(&mut Config)) -> TestApp {
        let data_dir = tempfile::tempdir().unwrap();
        let database = if furnished::fits(&change) {
            furnished::house(engine, data_dir.path()).await
        } else {
            Database::make(engine, data_dir.path()).await
        };
        TestApp::open(data_dir, database, change).await
    }

    /// A house over a folder and a database that may hold something already.
    pub async fn start_over(data_dir: tempfile::TempDir, database: Database) -> TestApp {
        TestApp::open(data_dir, database, |_| {}).await
    }

    async fn open(data_dir: tempfile::TempDir, database: Database, change: impl FnOnce(&mut Config)) -> TestApp {
        let (started, clock, listener) = start_house(settings(data_dir.path(), &database, change)).await;
        let app = started.app.clone();
        let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let (stop, stopped) = watch::channel(false);
        let assets = Assets::from_bundle(&[]).unwrap();
        // No runner: a test runs the jobs itself, so that nothing happens behind its back.
        let server = tokio::spawn(api::serve::serve(app.clone(), listener, assets, stopped, async {}));
        TestApp { app, clock, base, started, stop, server, database, _data_dir: data_dir }
    }

    /// A browser with no cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.base)
    }

    /// Runs every job that is due now.
    pub async fn run_jobs(&self) -> u32 {
        api::jobs::run_due(&self.app, start::dispatch).await.unwrap()
    }

    /// What the rehearsal page shows.
    pub async fn rehearsal(&self) -> RehearsalView {
        self.browser().get("/api/v1/rehearsal").await.ok().json()
    }

    /// An open ticket of a few lines, another at each `index`.
    pub async fn ticket(&self, index: usize) -> RehearsalTicket {
        let mut tickets = self.rehearsal().await.tickets;
        tickets.retain(|ticket| ticket.lines <= 5);
        assert!(tickets.len() > index, "the demo has too few open tickets");
        tickets.swap_remove(index)
    }

    /// Stops everything, and starts a house over what it left: at the hour at which every house starts.
    pub async fn restart(self) -> TestApp {
        let TestApp { app, started, stop, server, database, _data_dir: data_dir, .. } = self;
        end(app, started, stop, server).await;
        Box::pin(TestApp::start_over(data_dir, database)).await
    }

    /// Stops the server and takes the database away.
    pub async fn finish(self) {
        end(self.app, self.started, self.stop, self.server).await;
        self.database.drop().await;
    }
}

/// After it another process may have the folder.
async fn end(app: App, started: Started, stop: watch::Sender<bool>, server: JoinHandle<anyhow::Result<()>>) {
    stop.send(true).unwrap();
    server.await.unwrap().expect("the server stops in peace");
    if let Some(sandbox) = started.sandbox {
        sandbox.stop().await;
    }
    app.db.close().await;
}
