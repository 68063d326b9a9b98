//! The rehearsal's PAC and bank: a server of its own, with a database file of its own, reached over HTTP on this machine only.
//!
//! Promises: it stamps what a real PAC would stamp and refuses what it would refuse, with the SAT's codes; a stamp is
//! on disk before it is told; the same bytes always get the same stamp; some receptors make it misbehave in named
//! ways (one table, shown by the rehearsal's page), and a reference that begins with [`HISTORY_REFERENCE`] is forgiven an
//! old Fecha, for the demo's invented past. It accepts certificates of its own test authority and no other,
//! so nothing sealed for the SAT passes here and nothing from here passes there.
mod answer;
pub mod authority;
mod bank;
mod examine;
mod magic;
mod multipart;
mod routes;
mod service;
mod store;
mod timeliness;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use anyhow::{Context, ensure};
use secrecy::SecretString;
use tokio::task::JoinHandle;

use crate::clock::{Clock, Ids};
use crate::keyfile;
use authority::Authority;
pub use bank::magic_values as bank_magic_values;
pub use magic::magic_values;
pub use service::HISTORY_REFERENCE;

/// Name of the database file in the data folder.
const DATABASE_FILE: &str = "sandbox.db";
/// Name of the file with the bank's signing key: kept, since what was signed before a restart must verify after it.
const BANK_KEY_FILE: &str = "sandbox-bank.key";
/// Seconds a stop waits for answers under way.
const RUNNING_STOP_SECONDS: u64 = 2;

/// How to start.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Folder of its database and of the test authority.
    pub data_dir: PathBuf,
    /// Loopback address; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Bearer token it asks for; made anew when absent.
    pub token: Option<SecretString>,
}

/// A sandbox that answers.
pub struct Running {
    /// Where: `http://127.0.0.1:PORT`.
    pub base_url: String,
    /// What it asks for.
    pub token: SecretString,
    /// What its bank signs with.
    pub bank_key: SecretString,
    /// The certificate that its stamps verify with, DER.
    pub sat_certificate_der: Vec<u8>,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Lets answers under way finish, then stops.
    pub async fn stop(self) {
        self.handle.stop(true).await;
        if let Ok(Err(error)) = self.task.await {
            tracing::warn!(error = %error, "the sandbox stopped badly");
        }
    }
}

/// Opens its database and authority and listens.
pub async fn start(config: SandboxConfig, clock: Arc<dyn Clock>, ids: Ids) -> anyhow::Result<Running> {
    ensure!(config.listen.ip().is_loopback(), "the sandbox listens on this machine only, not on {}", config.listen);
    keyfile::make_folder(&config.data_dir)
        .with_context(|| format!("making the data folder {}", config.data_dir.display()))?;
    let (folder, now, chance) = (config.data_dir.clone(), clock.now(), ids.clone());
    // Making RSA keys takes seconds of a core.
    let authority = tokio::task::spawn_blocking(move || Authority::open(&folder, now, &chance))
        .await
        .context("waiting for the test authority")??;
    let db = store::open(&config.data_dir.join(DATABASE_FILE)).await.context("opening the sandbox's database")?;
    let listener =
        TcpListener::bind(config.listen).with_context(|| format!("listening on {} for the sandbox", config.listen))?;
    let address = listener.local_addr().context("reading the sandbox's address")?;
    let token = config.token.unwrap_or_else(|| SecretString::from(hex::encode(ids.secret())));
    let sat_certificate_der = authority.sat_certificate_der().to_vec();
    let bank_key =
        keyfile::read_or_create(&config.data_dir.join(BANK_KEY_FILE), &ids).context("opening the bank's key")?;
    let bank_key = SecretString::from(hex::encode(bank_key.as_slice()));
    let bank = bank::service::Bank {
        db: db.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
        key: bank_key.clone(),
        notifier: bank::Notifier::new().context("preparing the sandbox bank's connection")?,
    };
    let sandbox = service::Sandbox { db, clock, ids, token: token.clone(), authority };
    let server = routes::serve(Arc::new(sandbox), bank, listener).context("serving the sandbox")?;
    let handle = server.handle();
    let task = tokio::spawn(server);
    tracing::info!(%address, "the sandbox PAC and bank listen");
    Ok(Running { base_url: format!("http://{address}"), token, bank_key, sat_certificate_der, handle, task })
}
