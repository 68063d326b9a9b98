//! A house in pieces: a server that may die, a PAC that outlives it, a database that remembers.
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use api::failpoint::Failpoint;
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::support::process::{Process, command, in_clean_environment};
use crate::support::{Browser, Database, Engine};

/// What the server shows the PAC.
const TOKEN: &str = "the token of these tests";

/// What every invoice makes one of. The sum of folios says that none was skipped, the rows that none was doubled.
const ONE_OF_EACH: [&str; 7] = [
    "SELECT COUNT(*) FROM stamps",
    "SELECT COUNT(DISTINCT ticket_id) FROM stamps WHERE state = 'stamped'",
    "SELECT COUNT(*) FROM documents",
    "SELECT CAST(COALESCE(SUM(last_folio), 0) AS BIGINT) FROM folios",
    "SELECT COUNT(*) FROM idempotency_records WHERE status IS NOT NULL",
    "SELECT COUNT(*) FROM letters WHERE state = 'sent'",
    "SELECT COUNT(*) FROM tickets WHERE state = 'invoiced'",
];

pub struct House {
    folder: tempfile::TempDir,
    database: Database,
    settings: Vec<(String, String)>,
    pac: Process,
    starts: AtomicU32,
}

/// How many there are of each thing.
pub type Tally = Vec<(&'static str, i64)>;

/// A server that answers.
pub struct Server {
    pub process: Process,
    pub base: String,
}

impl Server {
    pub fn browser(&self) -> Browser {
        Browser::new(&self.base)
    }
}

impl House {
    /// Everything but the server.
    pub async fn open(engine: Engine) -> House {
        House::open_with(engine, &[]).await
    }

    /// The same, with settings of the server's own.
    pub async fn open_with(engine: Engine, settings: &[(&str, &str)]) -> House {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::make(engine, folder.path()).await;
        let token = folder.path().join("token");
        std::fs::write(&token, TOKEN).unwrap();
        let path = |path: &Path| path.to_str().unwrap().to_owned();
        // Its test authority lives in the data folder, where the demo gets its certificates from.
        let sandbox =
            ["sandbox", "--listen", "127.0.0.1:0", "--data-dir", &path(folder.path()), "--token-file", &path(&token)];
        let mut pac = Process::spawn(&sandbox, &[], &folder.path().join("sandbox.log"));
        let pac_url = pac.hear(|line| Some(line.strip_prefix("pac.url = \"")?.strip_suffix('"')?.to_owned())).await;
        let defaults = [
            ("LISTEN", "127.0.0.1:0"),
            ("DATA_DIR", &path(folder.path())),
            ("DATABASE_URL", &database.url),
            ("DEMO_HISTORY", "false"),
            ("PAC__URL", &pac_url),
            ("PAC__TOKEN", TOKEN),
            // Short, since what a dead server was doing is taken up again after these.
            ("PAC__TIMEOUT_SECONDS", "2"),
            ("MAIL__TIMEOUT_SECONDS", "2"),
            ("JOBS__LEASE_SECONDS", "5"),
            ("JOBS__POLL_MILLISECONDS", "100"),
            ("FLOODS__LOOK_UPS_PER_MINUTE", "0"),
            ("FLOODS__INVOICES_PER_MINUTE", "0"),
        ];
        let all = defaults.iter().chain(settings);
        let settings = all.map(|(name, value)| (format!("VENTANILLA_{name}"), (*value).to_owned())).collect();
        House { folder, database, settings, pac, starts: AtomicU32::new(0) }
    }

    /// Starts a server and does not wait for it.
    pub fn start(&self, failpoint: Option<Failpoint>) -> Process {
        let mut settings = self.settings.clone();
        let armed = failpoint.map(|point| ("VENTANILLA_TEST_FAILPOINT".to_owned(), point.name().to_owned()));
        settings.extend(armed);
        let number = self.starts.fetch_add(1, Ordering::Relaxed);
        Process::spawn(&["serve", "--demo"], &settings, &self.folder.path().join(format!("server-{number}.log")))
    }

    /// A server started by a command of a test's own, with this house's settings.
    pub fn run(&self, mut command: Command) -> Process {
        in_clean_environment(&mut command, &self.settings);
        let number = self.starts.fetch_add(1, Ordering::Relaxed);
        Process::run(command, &self.folder.path().join(format!("server-{number}.log")))
    }

    /// Where everything lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a statement on the portal's own database.
    pub async fn execute(&self, sql: &'static str) {
        self.database.execute(sql).await;
    }

    /// A server that answers.
    pub async fn serve(&self, failpoint: Option<Failpoint>) -> Server {
        let mut process = self.start(failpoint);
        let base = process.address().await;
        Server { process, base }
    }

    /// A number from the portal's own database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        self.database.count(sql).await
    }

    /// How many there are of each thing that an invoice makes one of.
    pub async fn tally(&self) -> Tally {
        let mut tally = Vec::new();
        for sql in ONE_OF_EACH {
            tally.push((sql, self.count(sql).await));
        }
        tally.push(("stamps of the PAC", i64::try_from(self.stamped_by_the_pac().await.len()).unwrap()));
        tally
    }

    /// Insists on so many more of each than there were.
    pub async fn insist_on_more(&self, before: Tally, more: i64) {
        let wanted: Vec<_> = before.into_iter().map(|(what, count)| (what, count + more)).collect();
        assert_eq!(self.tally().await, wanted);
    }

    /// UUIDs of all that the PAC ever stamped, as the portal writes them.
    pub async fn stamped_by_the_pac(&self) -> Vec<String> {
        let url = format!("sqlite:{}", self.folder.path().join("sandbox.db").display());
        let mut conn = SqliteConnection::connect(&url).await.unwrap();
        let uuids = sqlx::query_scalar("SELECT UPPER(folio_fiscal) FROM stamps ORDER BY 1");
        uuids.fetch_all(&mut conn).await.unwrap()
    }

    /// Stops every writer until it is dropped. Readers go on.
    pub async fn hold_writers(&self) -> Held {
        if self.database.url.starts_with("sqlite:") {
            let mut conn = SqliteConnection::connect(&self.database.url).await.unwrap();
            sqlx::query("BEGIN IMMEDIATE").execute(&mut conn).await.unwrap();
            Held::Sqlite { _conn: conn }
        } else {
            let mut conn = PgConnection::connect(&self.database.url).await.unwrap();
            sqlx::query("BEGIN").execute(&mut conn).await.unwrap();
            sqlx::query("LOCK TABLE stamps, tickets, jobs IN EXCLUSIVE MODE").execute(&mut conn).await.unwrap();
            Held::Postgres { _conn: conn }
        }
    }

    /// `ventanilla verify` finds every promise kept.
    pub fn insist_on_every_promise(&self) {
        let told = command(&["verify"], &self.settings).output().unwrap();
        let said = String::from_utf8_lossy(&told.stdout).into_owned() + &String::from_utf8_lossy(&told.stderr);
        assert!(told.status.success(), "verify ended with {}:\n{said}", told.status);
        assert!(said.contains("promises hold"), "{said}");
    }

    /// Takes everything away; the server has ended.
    pub async fn close(self) {
        self.pac.stop().await;
        self.database.drop().await;
    }
}

/// The connection that stops writers.
pub enum Held {
    Sqlite { _conn: SqliteConnection },
    Postgres { _conn: PgConnection },
}
