//! From a configuration to a running house: lock, database, keys, PAC, mailer, demo.
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use futures::FutureExt;
use futures::future::BoxFuture;
use rustix::fs::{FlockOperation, flock};
use secrecy::SecretString;
use tokio::sync::{Notify, Semaphore};

use crate::App;
use crate::accounts::hashing::Hasher;
use crate::accounts::tokens::SessionKeys;
use crate::accounts::{links, staff};
use crate::billing;
use crate::billing::pac::{Circuit, HttpPac, Pac};
use crate::clock::{Clock, Ids, SystemClock, SystemRandomness};
use crate::config::{self, Config, ConfigError};
use crate::db::{Db, DbResult};
use crate::demo;
use crate::documents::service::Attachments;
use crate::documents::{self, delivery};
use crate::files::Files;
use crate::http::flood::Floods;
use crate::integrators;
use crate::integrators::limits::Limits;
use crate::issuers::custody::{self, Vault};
use crate::issuers::profiles::Profiles;
use crate::jobs::{self, Job, JobKind, Outcome};
use crate::keyfile;
use crate::mail::{self, MailboxMailer, Mailer, SmtpMailer};
use crate::metrics::Metrics;
use crate::payments;
use crate::payments::banks::{self, Banks};
use crate::sandbox;
use crate::tickets::claims::ClaimKey;
use crate::tickets::turns::Turns;
use crate::webhooks::address::Allowed;
use crate::webhooks::courier;
use crate::webhooks::post::{self, Post};

/// A house ready to serve, and what must live as long as it does.
pub struct Started {
    /// The house.
    pub app: App,
    /// The rehearsal's PAC, when this process runs it.
    pub sandbox: Option<sandbox::Running>,
    _lock: Option<File>,
}

/// Time and chance of a start: the machine's own, or a test's.
#[derive(Clone)]
pub struct World {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and secrets.
    pub ids: Ids,
}

impl World {
    /// The machine's own clock and randomness.
    pub fn of_this_machine() -> World {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        World { ids: Ids::new(clock.clone(), Arc::new(SystemRandomness)), clock }
    }
}

/// Opens everything. With `demo` there are invented companies to try it with. `listening` is the address the server is bound to: on loopback it makes the public address.
pub async fn start(config: Config, demo: bool, listening: Option<SocketAddr>, world: World) -> anyhow::Result<Started> {
    let rehearsal = demo || config.rehearsal;
    // Before anything is made: a start that is refused decides nothing about the next one.
    insist_on_no_fault(&config, rehearsal)?;
    let files = files(&config).await?;
    keyfile::make_folder(&config.data_dir)
        .with_context(|| format!("making the data folder {}", config.data_dir.display()))?;
    let url = config.database_url();
    let lock = if url.starts_with("sqlite:") { Some(lock(&config.data_dir)?) } else { None };
    let db = Db::open(&url).await.context("opening the database")?;
    db.migrate().await.context("bringing the schema up to date")?;
    keep_apart(&db, rehearsal).await?;
    let vault = Vault::open(&config.data_dir, &world.ids).context("opening the master key")?;
    tell_of_closed_keys(&db, &vault, &world).await.context("trying the sealing keys")?;
    let claim_key =
        keyfile::read_or_create(&config.data_dir.join("session.key"), &world.ids).context("opening the session key")?;
    let sandbox =
        if rehearsal && config.pac.url.is_empty() { Some(start_sandbox(&config, &world).await?) } else { None };
    let pac = pac(&config, rehearsal, sandbox.as_ref())?;
    let sat_certificate = sandbox
        .as_ref()
        .map(|sandbox| cfdi::Certificate::parse(&sandbox.sat_certificate_der))
        .transpose()
        .context("reading the sandbox's certificate")?;
    let banks = banks(&config, rehearsal, sandbox.as_ref())?;
    let mailer = mailer(&config, rehearsal, &db, &world)?;
    let own_ports = listening.filter(|_| demo).and_then(|address| own_ports(address, sandbox.as_ref()));
    let post = post(&config.webhooks, rehearsal, own_ports)?;
    let renderings = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let metrics = Arc::new(Metrics::new(world.clock.now()));
    let app = App {
        public_url: public_url(&config, listening).into(),
        rehearsal,
        db,
        home: tokio::runtime::Handle::current(),
        clock: world.clock,
        ids: world.ids,
        pac,
        circuit: Arc::new(Circuit::new(billing::service::pac_seconds(&config))),
        banks: Arc::new(banks),
        sat_certificate: sat_certificate.map(Arc::new),
        mailer,
        files,
        profiles: Arc::new(Profiles::new(&config.profiles).context("reading the profiles")?),
        vault: Arc::new(vault),
        wake: Arc::new(Notify::new()),
        claim_key: Arc::new(ClaimKey::new(&claim_key)),
        turns: Arc::new(Turns::default()),
        session_keys: Arc::new(SessionKeys::new(&claim_key)),
        hasher: Arc::new(Hasher::new(config.accounts.hash_queue)),
        floods: Arc::new(Floods::new(config.floods.clone())),
        api_limits: Arc::new(Limits::new(&config.integrators)),
        post: Arc::new(post),
        pdf_slots: Arc::new(Semaphore::new(renderings)),
        downloads: delivery::Places::new(),
        metrics,
        config: Arc::new(config),
    };
    if demo {
        demo::fill(&app).await.context("filling the demo")?;
        if app.config.demo_history {
            demo::history::begin(&app).await.context("planning the demo's history")?;
        }
    }
    resume(&app).await.context("taking up what the last process left")?;
    jobs::plan(&app.db, app.now()).await.context("planning the work of each day")?;
    Ok(Started { app, sandbox, _lock: lock })
}

/// Why this configuration cannot serve: all of it, by the names of its settings. Nothing is made and nobody is asked.
pub fn faults(config: &Config, rehearsal: bool) -> Vec<String> {
    let own_sandbox = rehearsal && config.pac.url.is_empty();
    let pac = if own_sandbox { None } else { pac(config, rehearsal, None).err() };
    let files = Files::of(config).context("files").err();
    // In a rehearsal with its own sandbox the accounts are not looked at.
    let banks = if own_sandbox { Vec::new() } else { banks::faults(&config.payments, rehearsal) };
    let banks = banks.into_iter().map(|(setting, fault)| anyhow::Error::new(fault).context(setting));
    let sender = config.mail.sender_fault().filter(|_| !rehearsal);
    let all = pac.into_iter().chain(smtp(config, rehearsal).err()).chain(files).chain(banks);
    all.map(|fault| format!("{fault:#}")).chain(sender).collect()
}

fn insist_on_no_fault(config: &Config, rehearsal: bool) -> Result<(), ConfigError> {
    let faults = faults(config, rehearsal);
    if faults.is_empty() { Ok(()) } else { Err(ConfigError::Faults(faults)) }
}

/// A server with another master key than what is in the database was sealed with serves, and seals nothing (K1): whoever
/// runs it should hear of it before a customer does.
async fn tell_of_closed_keys(db: &Db, vault: &Vault, world: &World) -> DbResult<()> {
    let closed = custody::unopened(vault, &mut db.read().await?, world.clock.now()).await?;
    if let Some(first) = closed.first() {
        let keys = closed.len();
        tracing::error!(keys, first = first as &dyn std::error::Error, "sealing keys do not open with this master key");
    }
    Ok(())
}

/// One writing process per SQLite file (F24).
pub(super) fn lock(data_dir: &Path) -> anyhow::Result<File> {
    let path = data_dir.join("ventanilla.lock");
    let file = File::create(&path).with_context(|| format!("making {}", path.display()))?;
    ensure!(
        flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok(),
        "another ventanilla is using {}: stop it first, or choose another data_dir",
        data_dir.display()
    );
    Ok(file)
}

/// A database that rehearsed never becomes a real one, nor the other way round.
async fn keep_apart(db: &Db, rehearsal: bool) -> anyhow::Result<()> {
    let wanted = if rehearsal { "rehearsal" } else { "production" };
    let mode = crate::installation::get_or_set(db, "mode", wanted).await.context("reading the installation's mode")?;
    if mode != wanted {
        bail!(
            "this database is a {mode} installation and cannot be started as {wanted}: use another data_dir or \
             database_url{}",
            if rehearsal { "" } else { ", or start with --demo or rehearsal = true" }
        );
    }
    Ok(())
}

/// Invoices that a dead process left without their stamp are asked for at once (F2), and what its workers had in hand is
/// anybody's. On SQLite the lock says that process is dead; on PostgreSQL others may live, and what one of them is asking
/// for has its time to come back.
async fn resume(app: &App) -> DbResult<()> {
    if !app.db.is_sqlite() {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    let left = jobs::release_all(&mut tx).await?;
    let waiting = jobs::bring_forward(&mut tx, JobKind::Stamp, app.now()).await?;
    jobs::bring_forward(&mut tx, JobKind::JudgeEvidence, app.now()).await?;
    courier::take_over(&mut tx).await?;
    tx.commit().await?;
    if left > 0 {
        tracing::info!(jobs = left, "work that the last process had in hand is taken up again");
    }
    if waiting > 0 {
        tracing::info!(invoices = waiting, "invoices wait for their stamp and are asked for again");
    }
    Ok(())
}

async fn start_sandbox(config: &Config, world: &World) -> anyhow::Result<sandbox::Running> {
    let listen = ([127, 0, 0, 1], 0).into();
    let config = sandbox::SandboxConfig { data_dir: config.data_dir.clone(), listen, token: None };
    sandbox::start(config, world.clock.clone(), world.ids.clone()).await.context("starting the sandbox PAC")
}

fn pac(config: &Config, rehearsal: bool, sandbox: Option<&sandbox::Running>) -> anyhow::Result<Arc<dyn Pac>> {
    let (url, token): (&str, SecretString) = match sandbox {
        Some(sandbox) => (&sandbox.base_url, sandbox.token.clone()),
        None => (&config.pac.url, config.pac.token.clone()),
    };
    ensure!(!url.is_empty(), "pac.url: required outside a rehearsal (rehearsal = true, or --demo)");
    Ok(Arc::new(HttpPac::new(url, token, &config.pac, rehearsal).context("pac.url")?))
}

/// In a rehearsal the sandbox bank and none else; otherwise the configured accounts.
fn banks(config: &Config, rehearsal: bool, sandbox: Option<&sandbox::Running>) -> anyhow::Result<Banks> {
    match sandbox {
        Some(sandbox) => banks::rehearsal(&sandbox.base_url, &sandbox.bank_key).context("the sandbox bank"),
        None => banks::configured(&config.payments, rehearsal).context("payments"),
    }
}

/// The ports of a house that nobody reaches from elsewhere. Where others do, the demo's key is theirs to read, and what
/// else listens on this machine is not theirs to be asked.
fn own_ports(listening: SocketAddr, sandbox: Option<&sandbox::Running>) -> Option<Vec<u16>> {
    let of_sandbox = sandbox.and_then(|it| it.base_url.rsplit_once(':')?.1.parse().ok());
    listening.ip().is_loopback().then(|| of_sandbox.into_iter().chain([listening.port()]).collect())
}

fn post(settings: &config::Webhooks, rehearsal: bool, own_ports: Option<Vec<u16>>) -> anyhow::Result<Post> {
    let allowed = Allowed { private_hosts: settings.private_hosts.clone(), rehearsal, own_ports };
    let timeout = Duration::from_secs(settings.timeout_seconds);
    Post::new(allowed, timeout, post::system_lookup()).context("preparing webhooks")
}

/// A bucket that refuses us will refuse every file: better said now than to a customer. One that only does not answer
/// may come back, and invoices need it not.
async fn files(config: &Config) -> anyhow::Result<Files> {
    let files = Files::of(config).context("files")?;
    match files.probe().await {
        Err(error) if error.is_away() => {
            tracing::error!(error = &error as &dyn std::error::Error, "the bucket of files does not answer");
        }
        probed => probed.context("files: correct the bucket or its key; `ventanilla doctor` tries them")?,
    }
    Ok(files)
}

fn mailer(config: &Config, rehearsal: bool, db: &Db, world: &World) -> anyhow::Result<Arc<dyn Mailer>> {
    Ok(match smtp(config, rehearsal)? {
        Some(mailer) => Arc::new(mailer),
        None => Arc::new(MailboxMailer::new(db.clone(), world.clock.clone(), world.ids.clone())),
    })
}

/// The mail server; `None`: letters go to the rehearsal's mailbox page.
fn smtp(config: &Config, rehearsal: bool) -> anyhow::Result<Option<SmtpMailer>> {
    if config.has_smtp() {
        let limit = Duration::from_secs(config.mail.timeout_seconds);
        return Ok(Some(SmtpMailer::new(&config.mail.smtp_url, limit)?));
    }
    ensure!(rehearsal, "mail.smtp_url: required outside a rehearsal");
    Ok(None)
}

/// The address people use. Loopback is named `localhost`, since passkeys refuse IP addresses (E3).
pub(super) fn public_url(config: &Config, listening: Option<SocketAddr>) -> String {
    if !config.public_url.is_empty() {
        return config.public_url.trim_end_matches('/').to_owned();
    }
    let port = listening.map_or(8080, |address| address.port());
    format!("http://localhost:{port}")
}

/// Matches each kind of background work to the domain that knows it.
pub fn dispatch(app: App, job: Job) -> BoxFuture<'static, Outcome> {
    async move {
        match job.kind {
            JobKind::Stamp => billing::jobs::resume(&app, job.subject_id).await,
            JobKind::AwaitSale => billing::awaited::go_on(&app, job.subject_id).await,
            JobKind::AnswerLinkRequest => links::answer(&app, job.subject_id).await,
            JobKind::AnswerFirstEntry => documents::facts::answer(&app, job.subject_id).await,
            JobKind::SendMailCode => billing::guests::send(&app, job.subject_id).await,
            JobKind::JudgeEvidence => payments::jobs::judge(&app, job.subject_id).await,
            JobKind::MatchOrphan => payments::orphans::look_again(&app, job.subject_id).await,
            JobKind::PaymentDeadline => payments::jobs::deadline(&app, job.subject_id).await,
            JobKind::RefreshRates => payments::rates::refresh(&app).await,
            JobKind::SettleFile => payments::settlement::go_on(&app, job.subject_id).await,
            JobKind::FollowInvoice => payments::invoices::follow(&app, job.subject_id).await,
            JobKind::FollowCustomer => payments::invoices::follow_customer(&app, job.subject_id).await,
            JobKind::PrintReceipt => payments::receipts::make(&app, job.subject_id).await,
            JobKind::WebhookDisabled => integrators::webhooks::letters::disabled(&app, job.subject_id).await,
            JobKind::DemoHistory => demo::history::go_on(&app).await,
            JobKind::MakeBundle => documents::delivery::bundles::make(&app, job.subject_id).await,
            JobKind::SendDigest => documents::digest::send(&app, job.subject_id).await,
            JobKind::ReadReferences => documents::unread::read(&app).await,
            JobKind::Purge => super::retention::purge(&app).await,
            JobKind::WatchDisk => super::watch::disk(&app),
            JobKind::WarnOfCertificates => staff::certificates::warn(&app).await,
            JobKind::DeliverLetter => {
                let attachments = Attachments::of(app.clone());
                mail::deliver(&app, &attachments, job.subject_id).await
            }
        }
    }
    .boxed()
}
