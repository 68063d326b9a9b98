//! Opening an installation's database for an operator's command.
use anyhow::{Context, bail};

use super::start;
use crate::config::Config;
use crate::db::{Db, known_schema, schema_of};
use crate::keyfile;

/// Brings the schema up to date. On SQLite no server may run meanwhile.
pub async fn migrate(config: &Config) -> anyhow::Result<()> {
    let (db, _lock) = make(config).await?;
    db.close().await;
    Ok(())
}

/// The database, made and migrated if need be, and the lock that keeps every other writer from a SQLite file.
pub(super) async fn make(config: &Config) -> anyhow::Result<(Db, Option<std::fs::File>)> {
    keyfile::make_folder(&config.data_dir)
        .with_context(|| format!("making the data folder {}", config.data_dir.display()))?;
    let url = config.database_url();
    let lock = if url.starts_with("sqlite:") { Some(start::lock(&config.data_dir)?) } else { None };
    let db = Db::open(&url).await.context("opening the database")?;
    db.migrate().await.context("bringing the schema up to date")?;
    Ok((db, lock))
}

/// The database as it is, at the schema this binary knows. Works beside a running server.
pub(super) async fn open(config: &Config) -> anyhow::Result<Db> {
    let db = Db::open_existing(&config.database_url())
        .await
        .context("opening the database: is it the right configuration, and was `ventanilla serve` ever started?")?;
    let known = known_schema();
    match schema_of(&mut db.read().await?).await.context("reading the version of the schema")? {
        Some(schema) if schema == known => Ok(db),
        Some(schema) if schema > known => {
            bail!("the database has schema {schema} and this binary knows {known}: use the newer ventanilla")
        }
        Some(schema) => {
            bail!("the database has schema {schema}, not {known}: bring it up to date with `ventanilla migrate`")
        }
        None => bail!("the database is empty: `ventanilla migrate` or `ventanilla serve` makes its tables"),
    }
}
