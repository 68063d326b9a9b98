//! Keys that tills sign tickets with, from the command line.
use std::io::Write;

use anyhow::{Context, ensure};
use serde_json::json;
use uuid::Uuid;

use super::database;
use super::start::{self, World};
use crate::audit::Actor;
use crate::config::Config;
use crate::db::Db;
use crate::issuers::custody::{MASTER_KEY_FILE, Vault};
use crate::issuers::{self, BranchId, Scope};
use crate::tickets::signed::{self, Office, TillKey};

/// A key to make.
#[derive(Debug, clap::Args)]
pub struct CreateArgs {
    /// Short name of the issuer; `default` is the default one.
    #[arg(long)]
    pub issuer: String,
    /// The branch whose tills will sign with it: its id, or its name as printed.
    #[arg(long)]
    pub branch: String,
    /// What people will call it: the till, or the version of the program.
    #[arg(long)]
    pub name: String,
}

/// Makes a key and tells its secret, this once.
pub async fn create(config: &Config, args: &CreateArgs, world: &World, out: &mut impl Write) -> anyhow::Result<()> {
    let db = database::open(config).await?;
    let master = config.data_dir.join(MASTER_KEY_FILE);
    // A vault made here would seal what the server can never open.
    ensure!(master.exists(), "{} is not there: was `ventanilla serve` ever started?", master.display());
    let vault = Vault::open(&config.data_dir, &world.ids).context("opening the master key")?;
    let scope = scope_of(&db, &args.issuer).await?;
    let branch = {
        let mut conn = db.read().await?;
        match args.branch.parse::<Uuid>() {
            Ok(id) => issuers::service::find_branch(&mut conn, scope, BranchId::new(id)).await,
            Err(_) => issuers::service::find_branch_by_name(&mut conn, scope, &args.branch).await,
        }
    };
    let branch = branch.context("reading the branch")?;
    let branch = branch.with_context(|| format!("--branch: {} has no {}", args.issuer, args.branch))?;
    let office = Office { vault: &vault, ids: &world.ids, now: world.clock.now(), by: (Actor::Operator, None) };
    let mut tx = db.begin().await?;
    let (key, secret) = signed::create(&mut tx, office, scope, (branch.id, &args.name)).await?;
    tx.commit().await?;
    db.close().await;
    let mut told = told(&key);
    told["secret"] = json!(secret.expose());
    told["address"] = json!(signed::address(&start::public_url(config, config.listen.parse().ok())));
    writeln!(out, "{told:#}")?;
    Ok(out.flush()?)
}

/// An issuer's keys, a JSON line each. Their secrets nobody has but the tills.
pub async fn list(config: &Config, issuer: &str, out: &mut impl Write) -> anyhow::Result<()> {
    let db = database::open(config).await?;
    let scope = scope_of(&db, issuer).await?;
    let keys = signed::list(&mut db.read().await?, scope).await?;
    db.close().await;
    for key in keys {
        writeln!(out, "{}", told(&key))?;
    }
    Ok(out.flush()?)
}

/// Ends a key. `false`: the issuer has no such good key.
pub async fn revoke(config: &Config, issuer: &str, id: &str, world: &World) -> anyhow::Result<bool> {
    let db = database::open(config).await?;
    let scope = scope_of(&db, issuer).await?;
    let mut tx = db.begin().await?;
    let done = signed::revoke(&mut tx, scope, id, (world.clock.now(), (Actor::Operator, None))).await?;
    tx.commit().await?;
    db.close().await;
    Ok(done)
}

async fn scope_of(db: &Db, slug: &str) -> anyhow::Result<Scope> {
    let found = issuers::service::find_by_slug(&mut db.read().await?, slug).await.context("reading the issuer")?;
    found.map(|issuer| Scope::of(issuer.id)).with_context(|| format!("--issuer: there is no {slug}"))
}

fn told(key: &TillKey) -> serde_json::Value {
    json!({
        "id": key.id, "name": key.name, "branch_id": key.branch_id.uuid(), "good": key.revoked_at.is_none(),
        "created_at": key.created_at.to_string(), "revoked_at": key.revoked_at.map(|at| at.to_string()),
    })
}
