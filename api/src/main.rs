//! The `ventanilla` command.
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use api::clock::SystemClock;
use api::config::{Config, ConfigError};
use api::http::logs;
use api::issuers::custody;
use api::ops::api_key::CreateArgs;
use api::ops::catalogs::ImportArgs;
use api::ops::cfdi::{CsdArgs, SealArgs};
use api::ops::csd::RehearseArgs;
use api::ops::sandbox::SandboxArgs;
use api::ops::staff::InviteArgs;
use api::ops::start::World;
use api::ops::till_key;
use api::ops::{self, backup};
use api::serve;
use clap::{Args, Parser, Subcommand};
use shared::profiles::ProfileName;

/// Invoices and PDFs are made of many small texts: with the system's allocator a quarter of the time of building one
/// went there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The web app as `pack-web` left it; empty when it was not built.
static BUNDLE: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../dist/web.bundle"));

/// Self-hosted invoicing portal for Mexican companies.
#[derive(Parser)]
#[command(name = "ventanilla", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Which installation.
#[derive(Args)]
struct At {
    /// Configuration file; settings also come from VENTANILLA_… in the environment.
    #[arg(long)]
    config: Option<PathBuf>,
}

impl At {
    fn read(&self) -> Result<Config, ConfigError> {
        Config::read(self.config.as_deref())
    }

    /// The same, and starts the log as it wants it.
    fn logged(&self) -> Result<Config, ConfigError> {
        let config = self.read()?;
        logs::init(config.log_json);
        Ok(config)
    }
}

#[derive(Subcommand)]
enum Command {
    /// Serve the portal.
    Serve {
        /// Rehearse: sandbox PAC, mailbox page, invented companies. Nothing has fiscal effect.
        #[arg(long)]
        demo: bool,
        /// With --demo: the default company's portal as one of the three earlier portals was: cit, ticket, canon.
        #[arg(long, requires = "demo")]
        profile: Option<ProfileName>,
        #[command(flatten)]
        at: At,
    },
    /// Bring the database's schema up to date and stop.
    Migrate(At),
    /// Prove the durability promises and the audit chain on the data at hand; exit 1 when one is broken.
    Verify(At),
    /// Write one moment of the whole database, and the files that it names, into one file, for either engine. The master key
    /// is not in it.
    Backup {
        /// The file to make; it must not be there.
        file: PathBuf,
        #[command(flatten)]
        at: At,
    },
    /// Put a backup into an empty database, compare it row by row, and prove the promises on it.
    Restore {
        /// The file.
        file: PathBuf,
        /// Folios to leave out in every serie, for invoices that were made after the backup.
        #[arg(long, default_value_t = 0)]
        skip_folios: i64,
        #[command(flatten)]
        at: At,
    },
    /// Look at everything that can be wrong and say what to do; exit 1 on a fault.
    Doctor(At),
    /// Run the rehearsal's PAC and bank alone, until Ctrl-C; prints the settings that lead a rehearsal to them.
    Sandbox(SandboxArgs),
    /// Background work that was given up.
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// The SAT's lists of products, units, postal codes and countries.
    #[command(subcommand)]
    Catalogs(CatalogsCommand),
    /// The tax document without a server.
    #[command(subcommand)]
    Cfdi(CfdiCommand),
    /// Sealing certificates.
    #[command(subcommand)]
    Csd(CsdCommand),
    /// Keys of the integrators' API.
    #[command(subcommand)]
    ApiKey(ApiKeyCommand),
    /// Keys that tills sign their tickets with.
    #[command(subcommand)]
    TillKey(TillKeyCommand),
    /// The key that everything secret is sealed under.
    #[command(subcommand)]
    MasterKey(MasterKeyCommand),
    /// The people who run the installation and work for its issuers.
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Write the OpenAPI documents, or compare them with the files.
    Openapi {
        /// Compare only; exit 1 when they differ.
        #[arg(long)]
        check: bool,
        /// Folder of the documents.
        #[arg(long, default_value = "openapi")]
        out: PathBuf,
    },
}

#[derive(Subcommand)]
enum JobsCommand {
    /// What was given up and why, a JSON line each.
    List(At),
    /// Do it once more; a letter is sent again. Exit 1 when nothing of this id was given up.
    Retry {
        /// Its id, as `list` tells it.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<uuid::Uuid>,
        /// All that was given up.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        at: At,
    },
    /// Do it no more, unless an invoice or money waits for it. Exit 1 when nothing of this id was given up.
    Drop {
        /// Its id, as `list` tells it.
        id: uuid::Uuid,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Subcommand)]
enum ApiKeyCommand {
    /// Make a key; its text is told once.
    Create {
        #[command(flatten)]
        key: CreateArgs,
        #[command(flatten)]
        at: At,
    },
    /// An issuer's keys, a JSON line each.
    List {
        /// Short name of the issuer; `default` is the default one.
        #[arg(long)]
        issuer: String,
        #[command(flatten)]
        at: At,
    },
    /// End a key, from its next request on; exit 1 when the issuer has no such live key.
    Revoke {
        /// The key's id, as `list` tells it.
        id: uuid::Uuid,
        /// Short name of the issuer; `default` is the default one.
        #[arg(long)]
        issuer: String,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Subcommand)]
enum TillKeyCommand {
    /// Make a key for the tills of a branch; its secret is told once.
    Create {
        #[command(flatten)]
        key: till_key::CreateArgs,
        #[command(flatten)]
        at: At,
    },
    /// An issuer's till keys, a JSON line each.
    List {
        /// Short name of the issuer; `default` is the default one.
        #[arg(long)]
        issuer: String,
        #[command(flatten)]
        at: At,
    },
    /// End a key: what it signed is taken no more; exit 1 when the issuer has no such good key.
    Revoke {
        /// The key's id, as `list` tells it.
        id: String,
        /// Short name of the issuer; `default` is the default one.
        #[arg(long)]
        issuer: String,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Subcommand)]
enum MasterKeyCommand {
    /// Put everything under a new master key, or go on where that was broken off. Stop every server first.
    Change(At),
}

#[derive(Subcommand)]
enum StaffCommand {
    /// Invite somebody: the link goes by mail and is told here, once.
    Invite {
        #[command(flatten)]
        who: InviteArgs,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Subcommand)]
enum CatalogsCommand {
    /// Replace the lists that a file brings, and tell how many codes each has. A file that cannot be read changes nothing.
    Import {
        #[command(flatten)]
        what: ImportArgs,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Subcommand)]
enum CfdiCommand {
    /// Check documents, a JSON line each; exit 1 if one is bad. The SAT's lists are those of the installation at hand.
    Check {
        /// XML files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        at: At,
    },
    /// Seal a draft: JSON from standard input, XML to standard output.
    Seal(SealArgs),
}

#[derive(Subcommand)]
enum CsdCommand {
    /// Whose a CSD is, its number and its validity, as JSON. Refuses an e.firma.
    Inspect(CsdArgs),
    /// Issue a CSD that this rehearsal's sandbox accepts: a .cer, a .key and its password, into a folder.
    Rehearse {
        #[command(flatten)]
        wanted: RehearseArgs,
        #[command(flatten)]
        at: At,
    },
}

fn main() -> ExitCode {
    // Before anything is read: most commands open a key, and a dump of any of them would hold it.
    if let Err(error) = custody::forbid_core_dumps() {
        eprintln!("ventanilla: memory dumps of this process could not be forbidden: {error}");
    }
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
            // Said once: by the log where there is one that shows it, else to whoever typed the command.
            if tracing::enabled!(tracing::Level::ERROR) {
                tracing::error!("{}", chain.join(": "));
            } else {
                eprintln!("ventanilla: {}", chain.join(": "));
            }
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let good = match command {
        Command::Serve { demo, profile, at } => {
            drop(out);
            let mut config = at.logged()?;
            if let Some(profile) = profile {
                config.profiles.set_default(profile);
                config.check()?;
            }
            block_on(ops::serve::serve(config, demo, BUNDLE)).map(|()| true)?
        }
        Command::Migrate(at) => block_on(ops::database::migrate(&at.logged()?)).map(|()| true)?,
        Command::Verify(at) => {
            let proofs = block_on(ops::verify::verify(&at.logged()?, &World::of_this_machine()))?;
            ops::verify::tell(&proofs, &mut out)?
        }
        Command::Backup { file, at } => {
            let manifest = block_on(backup::backup(&at.logged()?, &file, &World::of_this_machine()))?;
            backup::tell(&manifest, &file, &mut out)?;
            true
        }
        Command::Restore { file, skip_folios, at } => {
            let restored = block_on(backup::restore(&at.logged()?, &file, skip_folios, &World::of_this_machine()))?;
            backup::tell_restored(&restored, &mut out)?
        }
        Command::Doctor(at) => {
            let world = World::of_this_machine();
            let findings = block_on(async { Ok(ops::doctor::examine(at.read(), &world).await) })?;
            ops::doctor::tell(&findings, &mut out)?
        }
        Command::Sandbox(args) => {
            logs::init(false);
            block_on(ops::sandbox::run(args, World::of_this_machine(), &mut out)).map(|()| true)?
        }
        Command::Jobs(command) => jobs(command, &mut out)?,
        Command::Catalogs(CatalogsCommand::Import { what, at }) => {
            let world = World::of_this_machine();
            block_on(ops::catalogs::import(&at.read()?, &what, &world, &mut out)).map(|()| true)?
        }
        Command::Cfdi(CfdiCommand::Check { files, at }) => {
            let named = at.config.is_some();
            block_on(async {
                let lists = ops::cfdi::at_hand(at.read(), named).await?;
                ops::cfdi::check(&files, lists, &mut out).await
            })?
        }
        Command::Cfdi(CfdiCommand::Seal(args)) => {
            ops::cfdi::seal(&args, &SystemClock, std::io::stdin().lock(), &mut out).map(|()| true)?
        }
        Command::Csd(CsdCommand::Inspect(args)) => ops::cfdi::inspect(&args, &mut out).map(|()| true)?,
        Command::Csd(CsdCommand::Rehearse { wanted, at }) => {
            ops::csd::rehearse(&at.read()?, &wanted, &World::of_this_machine(), &mut out).map(|()| true)?
        }
        Command::ApiKey(command) => api_key(command, &mut out)?,
        Command::TillKey(command) => till_key(command, &mut out)?,
        Command::MasterKey(MasterKeyCommand::Change(at)) => {
            block_on(ops::master_key::change(&at.read()?, &World::of_this_machine(), &mut out)).map(|()| true)?
        }
        Command::Staff(StaffCommand::Invite { who, at }) => {
            block_on(ops::staff::invite(&at.read()?, &who, &World::of_this_machine(), &mut out)).map(|()| true)?
        }
        Command::Openapi { check, out: folder } => serve::openapi(&folder, check).map(|()| true)?,
    };
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn jobs(command: JobsCommand, out: &mut impl std::io::Write) -> anyhow::Result<bool> {
    let world = World::of_this_machine();
    match command {
        JobsCommand::List(at) => block_on(ops::jobs::list(&at.read()?, out)).map(|()| true),
        JobsCommand::Retry { id, all, at } => {
            let one = id.filter(|_| !all);
            block_on(ops::jobs::retry(&at.read()?, one, &world, out))
        }
        JobsCommand::Drop { id, at } => block_on(ops::jobs::discard(&at.read()?, id, &world)),
    }
}

fn api_key(command: ApiKeyCommand, out: &mut impl std::io::Write) -> anyhow::Result<bool> {
    let world = World::of_this_machine();
    match command {
        ApiKeyCommand::Create { key, at } => {
            block_on(ops::api_key::create(&at.read()?, &key, &world, out)).map(|()| true)
        }
        ApiKeyCommand::List { issuer, at } => {
            block_on(ops::api_key::list(&at.read()?, &issuer, &world, out)).map(|()| true)
        }
        ApiKeyCommand::Revoke { id, issuer, at } => block_on(ops::api_key::revoke(&at.read()?, &issuer, id, &world)),
    }
}

fn till_key(command: TillKeyCommand, out: &mut impl std::io::Write) -> anyhow::Result<bool> {
    let world = World::of_this_machine();
    match command {
        TillKeyCommand::Create { key, at } => block_on(till_key::create(&at.read()?, &key, &world, out)).map(|()| true),
        TillKeyCommand::List { issuer, at } => block_on(till_key::list(&at.read()?, &issuer, out)).map(|()| true),
        TillKeyCommand::Revoke { id, issuer, at } => block_on(till_key::revoke(&at.read()?, &issuer, &id, &world)),
    }
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    // The one crypto library of the house, for every TLS line in and out.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        anyhow::bail!("another crypto provider was installed first");
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")?.block_on(work)
}
