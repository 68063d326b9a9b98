//! Keys of the integrators' API, from the command line.
use std::io::Write;

use anyhow::{Context, bail, ensure};
use serde_json::json;
use shared::integrators::ApiScope;
use uuid::Uuid;

use super::database;
use super::start::World;
use crate::config::Config;
use crate::db::{Db, Timestamp};
use crate::installation;
use crate::integrators::keys::{self, Who};
use crate::integrators::model::{ApiKey, KeyId, Mode, NewKey};
use crate::issuers::{self, Scope};

/// A key to make.
#[derive(Debug, clap::Args)]
pub struct CreateArgs {
    /// Short name of the issuer; `default` is the default one.
    #[arg(long)]
    pub issuer: String,
    /// What people will call it: the program that uses it.
    #[arg(long)]
    pub name: String,
    /// What it may do.
    #[arg(long, value_delimiter = ',', required = true, help = format!("What it may do: {}", scope_names()))]
    pub scopes: Vec<String>,
    /// Days it is good; for ever when absent.
    #[arg(long)]
    pub days: Option<i64>,
}

fn scope_names() -> String {
    let names: Vec<&str> = ApiScope::ALL.iter().map(|scope| scope.as_str()).collect();
    names.join(", ")
}

/// Longest life of a key that has an end, in days.
const DAYS_MAX: i64 = 3_650;

/// Makes a key and tells its text, this once.
pub async fn create(config: &Config, args: &CreateArgs, world: &World, out: &mut impl Write) -> anyhow::Result<()> {
    let scopes: Option<Vec<ApiScope>> = args.scopes.iter().map(|name| ApiScope::parse(name.trim())).collect();
    let Some(mut scopes) = scopes else { bail!("--scopes: the scopes are {}", scope_names()) };
    scopes.sort_by_key(|scope| scope.as_str());
    scopes.dedup();
    ensure!(args.days.is_none_or(|days| (1..=DAYS_MAX).contains(&days)), "--days: from 1 to {DAYS_MAX}");
    let db = database::open(config).await?;
    let mode = mode(&db).await?;
    let scope = scope_of(&db, &args.issuer).await?;
    let now = world.clock.now();
    let expires_at = args.days.map(|days| now.plus_seconds(days * 24 * 3_600));
    let new = NewKey { name: args.name.clone(), scopes, expires_at };
    let mut tx = db.begin().await?;
    let (key, text) = keys::create(&mut tx, &world.ids, now, (scope, mode), new, Who::COMMAND).await?;
    tx.commit().await?;
    db.close().await;
    let mut told = told(&key, now);
    told["key"] = json!(text.expose());
    writeln!(out, "{told:#}")?;
    Ok(out.flush()?)
}

/// An issuer's keys, a JSON line each. Their texts nobody has but their holders.
pub async fn list(config: &Config, issuer: &str, world: &World, out: &mut impl Write) -> anyhow::Result<()> {
    let db = database::open(config).await?;
    let scope = scope_of(&db, issuer).await?;
    let keys = keys::list(&mut db.read().await?, scope).await?;
    db.close().await;
    for key in keys {
        writeln!(out, "{}", told(&key, world.clock.now()))?;
    }
    Ok(out.flush()?)
}

/// Ends a key, from its next request on. `false`: the issuer has no such live key.
pub async fn revoke(config: &Config, issuer: &str, id: Uuid, world: &World) -> anyhow::Result<bool> {
    let db = database::open(config).await?;
    let scope = scope_of(&db, issuer).await?;
    let mut tx = db.begin().await?;
    let done = keys::revoke(&mut tx, scope, KeyId::new(id), world.clock.now(), Who::COMMAND).await?;
    tx.commit().await?;
    db.close().await;
    Ok(done)
}

async fn mode(db: &Db) -> anyhow::Result<Mode> {
    match installation::get(db, "mode").await.context("reading the installation's mode")?.as_deref() {
        Some("rehearsal") => Ok(Mode::Test),
        Some("production") => Ok(Mode::Live),
        _ => bail!("this installation was never started: `ventanilla serve` decides what it is"),
    }
}

async fn scope_of(db: &Db, slug: &str) -> anyhow::Result<Scope> {
    let found = issuers::service::find_by_slug(&mut db.read().await?, slug).await.context("reading the issuer")?;
    found.map(|issuer| Scope::of(issuer.id)).with_context(|| format!("--issuer: there is no {slug}"))
}

fn told(key: &ApiKey, now: Timestamp) -> serde_json::Value {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let at = |instant: Option<Timestamp>| instant.map(|instant| instant.to_string());
    json!({
        "id": key.id.uuid(), "name": key.name, "prefix": key.prefix, "scopes": scopes,
        "good": key.is_good(key.mode, now), "created_at": key.created_at.to_string(),
        "expires_at": at(key.expires_at), "revoked_at": at(key.revoked_at), "last_used_at": at(key.last_used_at),
    })
}
