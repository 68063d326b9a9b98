//! The portal as people meet it: the real program on SQLite, its sandbox PAC beside it in the same process, over HTTP.
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::billing::{InvoiceState, InvoiceView};
use shared::rehearsal::{RehearsalTicket, RehearsalView};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};

use crate::process::{Process, eventually};
use crate::table::{Aim, Table};
use crate::{Effort, median, megabytes};

const READY: Aim = Aim::AtMost(0.3);
const MEMORY: Aim = Aim::AtMost(60.0);
/// Guests who invoice at once.
const GUESTS: usize = 4;
/// Starts that are timed.
const STARTS: usize = 7;
/// An idle server has finished its letters.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a start needed and gave back is the system's again at the allocator's next work, which at rest comes with the
/// beat of the jobs.
const STEADY: Duration = Duration::from_secs(15);

/// A program on a data folder of its own.
pub struct Portal {
    process: Process,
    pub base: String,
    pub client: reqwest::Client,
}

impl Portal {
    pub async fn start(folder: &Path) -> Portal {
        Portal::start_with(folder, &["serve", "--demo"]).await
    }

    /// The same by a command line of the measure's own.
    pub async fn start_with(folder: &Path, command: &[&str]) -> Portal {
        Portal::start_on(folder, command, None).await
    }

    /// The same on a database of the measure's own.
    pub async fn start_on(folder: &Path, command: &[&str], database_url: Option<&str>) -> Portal {
        // Everybody comes from one address, faster than people do.
        let settings = [
            ("LISTEN", "127.0.0.1:0"),
            ("DATA_DIR", folder.to_str().unwrap()),
            ("FLOODS__LOOK_UPS_PER_MINUTE", "0"),
            ("FLOODS__INVOICES_PER_MINUTE", "0"),
            ("FLOODS__SIGN_INS_PER_MINUTE", "0"),
            ("ACCOUNTS__WRONG_PER_ACCOUNT", "1000000"),
            ("ACCOUNTS__WRONG_PER_SOURCE", "1000000"),
            ("ACCOUNTS__WRONG_IN_A_ROW", "1000000"),
            ("ACCOUNTS__WRONG_GLOBALLY", "1000000"),
            ("ACCOUNTS__LETTERS_PER_SOURCE", "1000000"),
            ("ACCOUNTS__WORK_MAX_NUMBER", "0"),
            // Else it would be printing its past beside what is measured.
            ("DEMO_HISTORY", "false"),
        ];
        let settings = settings.into_iter().chain(database_url.map(|url| ("DATABASE_URL", url)));
        let settings: Vec<(String, String)> =
            settings.map(|(name, value)| (format!("VENTANILLA_{name}"), value.to_owned())).collect();
        let mut process = Process::spawn(command, &settings, &folder.join("server.log"));
        let base = process.address().await;
        let client = reqwest::Client::builder().no_proxy().tls_certs_only(std::iter::empty()).build().unwrap();
        Portal { process, base, client }
    }

    /// Stops in peace.
    pub async fn stop(self) {
        self.process.stop().await;
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(format!("{}{path}", self.base)).send().await.unwrap().error_for_status().unwrap()
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> reqwest::Response {
        let request = self.client.post(format!("{}{path}", self.base)).header("X-Requested-With", "ventanilla");
        let reply = request.header("Idempotency-Key", key).json(body).send().await.unwrap();
        reply.error_for_status().unwrap()
    }

    /// From the paper ticket to the stamped invoice, as a person goes: the data, then the order. Gives the seconds.
    async fn invoice(&self, ticket: &RehearsalTicket) -> f64 {
        let started = Instant::now();
        let data = json!({
            "branch_id": ticket.branch_id, "order_number": ticket.order_number,
            "ticket_number": ticket.ticket_number, "total": ticket.total,
        });
        let claimed = self.post("/api/v1/issuers/default/ticket-claims", "claim", &data).await;
        let claimed: Value = claimed.json().await.unwrap();
        let order = json!({
            "claim": claimed["claim"],
            "receptor": {
                "rfc": "QUIA850712AA1", "nombre": "Amaranta Quintil Ibarra", "regimen": "612",
                "codigo_postal": "06010", "uso": "G03",
            },
            "forma_pago": ticket.forma_pago.as_deref().unwrap_or("01"),
            "email": format!("{}@quintil.example", ticket.ticket_number),
            "language": "es",
        });
        let key = format!("{} {}", ticket.branch_id, ticket.ticket_number);
        let invoice: InvoiceView =
            self.post("/api/v1/issuers/default/invoices", &key, &order).await.json().await.unwrap();
        assert_eq!(invoice.state, InvoiceState::Stamped, "{invoice:?}");
        started.elapsed().as_secs_f64()
    }

    async fn tickets(&self) -> Vec<RehearsalTicket> {
        let view: RehearsalView = self.get("/api/v1/rehearsal").await.json().await.unwrap();
        view.tickets.into_iter().filter(|ticket| ticket.lines <= 10).collect()
    }

    /// Resident memory, in MB.
    pub fn memory(&self) -> f64 {
        megabytes(&self.process.pid().to_string(), "VmRSS:")
    }
}

/// Invoices through HTTP, then starts and looks at a server that rests.
pub async fn measure(effort: Effort, table: &mut Table) {
    // On the disk that the build is on: a folder in memory would make commits free.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let portal = Portal::start(folder.path()).await;
    let before = commits(effort, folder.path()).await;
    invoices(effort, &portal, before, table).await;
    crate::people::measure(effort, &portal, table).await;
    portal.stop().await;
    crate::money::measure(effort, table).await;
    rest(folder.path(), table).await;
}

/// Commits of one small row per second, one after the other, on the portal's own settings and disk.
pub async fn commits(effort: Effort, folder: &Path) -> f64 {
    let options = SqliteConnectOptions::new().filename(folder.join("bare.db")).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let mut conn: SqliteConnection = options.connect().await.unwrap();
    let table = "CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT";
    sqlx::query(table).execute(&mut conn).await.unwrap();
    let mut rates = Vec::new();
    for _ in 0..effort.rounds {
        let (started, mut times) = (Instant::now(), 0_u32);
        while started.elapsed() < effort.round {
            // A statement alone is a transaction: one commit, one fsync.
            let insert =
                sqlx::query("INSERT INTO bare (body) VALUES ($1)").bind("a row of the size of a short sentence");
            insert.execute(&mut conn).await.unwrap();
            times += 1;
        }
        rates.push(f64::from(times) / started.elapsed().as_secs_f64());
    }
    median(rates)
}

async fn invoices(effort: Effort, portal: &Portal, commits: f64, table: &mut Table) {
    let (mut seconds, mut busy) = (Vec::new(), Duration::ZERO);
    // The first opens the sealing key and fills the caches.
    portal.invoice(&portal.tickets().await[0]).await;
    while seconds.len() < effort.tickets {
        // The page shows some tickets at a time.
        let mut tickets = portal.tickets().await;
        tickets.truncate(effort.tickets - seconds.len());
        assert!(!tickets.is_empty(), "the demo has too few tickets");
        let started = Instant::now();
        let guests = tickets.chunks(tickets.len().div_ceil(GUESTS)).map(async |mine| {
            let mut took = Vec::new();
            for ticket in mine {
                took.push(portal.invoice(ticket).await);
            }
            took
        });
        seconds.extend(futures::future::join_all(guests).await.into_iter().flatten());
        busy += started.elapsed();
    }
    seconds.sort_by(f64::total_cmp);
    let at = |percent: usize| 1_000.0 * seconds[(seconds.len() * percent).div_ceil(100).saturating_sub(1)];
    let rate = f64::from(u32::try_from(seconds.len()).unwrap()) / busy.as_secs_f64();
    table.add("commits sueltos con fsync, uno tras otro", commits, "/s");
    table.add(&format!("tickets timbrados por HTTP, {GUESTS} a la vez, con sus correos"), rate, "/s");
    table.add("  timbrados por cada 100 commits sueltos", 100.0 * rate / commits, "%");
    table.add("  del ticket al timbre, mediana", at(50), "ms");
    table.add("  del ticket al timbre, percentil 99", at(99), "ms");
}

/// A start is over when the server says that it is ready; at rest it has nothing left to do.
async fn rest(folder: &Path, table: &mut Table) {
    let (mut seconds, mut memory) = (Vec::new(), 0.0);
    for start in 1..=STARTS {
        let started = Instant::now();
        let portal = Portal::start(folder).await;
        portal.get("/health/ready").await;
        seconds.push(started.elapsed().as_secs_f64());
        if start == STARTS {
            memory = at_rest(&portal).await;
        }
        portal.process.stop().await;
    }
    table.judge("del arranque a estar listo, con datos", median(seconds), "s", READY);
    table.judge("memoria en reposo", memory, "MB", MEMORY);
}

/// The memory once it does not move any more.
async fn at_rest(portal: &Portal) -> f64 {
    let mut last = (portal.memory(), Instant::now());
    eventually("memory at rest", PATIENCE, async || {
        let now = portal.memory();
        if (now - last.0).abs() > 0.1 {
            last = (now, Instant::now());
        }
        (last.1.elapsed() > STEADY).then_some(now)
    })
    .await
}
