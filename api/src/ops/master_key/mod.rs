//! Another master key: everything that is sealed is put under it, without being opened (K5).
//!
//! Promises: whenever it is broken off, nothing is lost. The next key is on disk before anything is under it, everything
//! goes under it in one transaction, and only then it takes the place of the one before, which stays beside it: backups of
//! before open with that one alone. Between the first and the last step no house opens, and the same command goes on.
mod store;

use std::io::Write;

use anyhow::{Context, ensure};
use serde_json::json;
use uuid::Uuid;

use super::backup::rows::Cell;
use super::backup::tables::{Table, bytes, id, text};
use super::start::{self, World};
use super::{backup, database};
use crate::accounts::second_factor;
use crate::audit::{self, Actor};
use crate::config::Config;
use crate::db::{Db, Timestamp, Tx};
use crate::issuers::custody::{KeyChange, MASTER_KEY_FILE};
use crate::tickets::signed;
use crate::webhooks::model::Endpoint;

/// Rows in memory at once.
const PAGE_ROWS: i64 = 500;

/// A column of secrets. A row is its key, whose secret it is, the secret, and what else its use is named by.
struct Sealed {
    table: Table,
    /// For what a row's secret was sealed.
    used_for: fn(&[Cell]) -> Option<String>,
}

const KEY: usize = 0;
const OWNER: usize = 1;
const SECRET: usize = 2;

/// All that is under the master key.
static SEALED: [Sealed; 6] = [
    Sealed {
        table: Table {
            name: "csds",
            key: &["id"],
            columns: &[id("id"), id("issuer_id"), bytes("key_sealed"), text("certificate_number")],
        },
        used_for: |row| text_at(row, 3),
    },
    Sealed {
        table: Table {
            name: "second_factors",
            key: &["user_id"],
            columns: &[id("user_id"), id("user_id"), bytes("secret_sealed")],
        },
        used_for: |_row| Some(second_factor::USED_FOR.to_owned()),
    },
    Sealed {
        table: Table {
            name: "second_factors",
            key: &["user_id"],
            columns: &[id("user_id"), id("user_id"), bytes("pending_sealed")],
        },
        used_for: |_row| Some(second_factor::USED_FOR.to_owned()),
    },
    Sealed {
        table: Table {
            name: "webhook_endpoints",
            key: &["id"],
            columns: &[id("id"), id("issuer_id"), bytes("secret_sealed")],
        },
        used_for: |row| id_at(row, KEY).map(Endpoint::secret_name),
    },
    Sealed {
        table: Table {
            name: "webhook_endpoints",
            key: &["id"],
            columns: &[id("id"), id("issuer_id"), bytes("previous_secret_sealed")],
        },
        used_for: |row| id_at(row, KEY).map(Endpoint::secret_name),
    },
    Sealed {
        table: Table {
            name: "till_keys",
            key: &["id"],
            columns: &[text("id"), id("issuer_id"), bytes("secret_sealed")],
        },
        used_for: |row| text_at(row, KEY).map(|id| signed::sealed_as(&id)),
    },
];

fn id_at(row: &[Cell], at: usize) -> Option<Uuid> {
    match row.get(at) {
        Some(Cell::Id(id)) => *id,
        _ => None,
    }
}

fn text_at(row: &[Cell], at: usize) -> Option<String> {
    match row.get(at) {
        Some(Cell::Text(text)) => text.clone(),
        _ => None,
    }
}

/// Changes the master key, or goes on with a change that was broken off. No server may run meanwhile: it would seal under
/// the key before.
pub async fn change(config: &Config, world: &World, out: &mut impl Write) -> anyhow::Result<()> {
    let master = config.data_dir.join(MASTER_KEY_FILE);
    ensure!(master.exists(), "{} is not there: was `ventanilla serve` ever started?", master.display());
    let _lock = if config.database_url().starts_with("sqlite:") { Some(start::lock(&config.data_dir)?) } else { None };
    let db = database::open(config).await?;
    let keys = KeyChange::open(&config.data_dir, &world.ids).context("opening the master key and the next")?;
    let secrets = put_under(&db, &keys, world.clock.now()).await?;
    db.close().await;
    let before = keys.finish().context("putting the next master key in its place")?;
    writeln!(out, "{:#}", json!({ "secrets": secrets, "master_key": MASTER_KEY_FILE, "before": before }))?;
    Ok(out.flush()?)
}

/// Puts everything under the next key that is not, all or nothing; says how many secrets.
pub async fn put_under(db: &Db, keys: &KeyChange, now: Timestamp) -> anyhow::Result<u64> {
    let mut tx = db.begin().await?;
    let mut secrets = 0;
    for sealed in &SEALED {
        secrets += put_table_under(&mut tx, keys, sealed).await.with_context(|| sealed.table.name.to_owned())?;
    }
    let entry = audit::Entry {
        actor: Actor::Operator,
        on_behalf_of: None,
        issuer_id: None,
        act: "master_key.changed",
        object_kind: "installation",
        object_id: MASTER_KEY_FILE,
        before: None,
        after: Some(json!({ "secrets": secrets })),
        request_id: None,
    };
    audit::record(&mut tx, now, entry).await?;
    tx.commit().await?;
    Ok(secrets)
}

async fn put_table_under(tx: &mut Tx, keys: &KeyChange, sealed: &Sealed) -> anyhow::Result<u64> {
    let (mut after, mut changed) = (None::<Vec<Cell>>, 0);
    loop {
        let rows = backup::store::list(tx, &sealed.table, after.as_deref(), PAGE_ROWS).await?;
        let Some(last) = rows.last() else { return Ok(changed) };
        after = Some(vec![last[KEY].clone()]);
        for row in &rows {
            let Some(Cell::Bytes(Some(secret))) = row.get(SECRET) else { continue };
            let (Some(owner), Some(used_for)) = (id_at(row, OWNER), (sealed.used_for)(row)) else { continue };
            let Some(again) = keys.rewrap(owner, &used_for, secret)? else { continue };
            let place = (sealed.table.columns[SECRET].name, secret.as_slice(), again.as_slice());
            let done = store::update(tx, &sealed.table, &row[KEY], place).await?;
            ensure!(done, "somebody else writes meanwhile: stop every server first, then run this again");
            changed += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::backup::tables::TABLES;

    #[test]
    fn every_sealed_column_is_put_under_the_next_key() {
        let known: Vec<(&str, &str)> =
            SEALED.iter().map(|sealed| (sealed.table.name, sealed.table.columns[SECRET].name)).collect();
        for table in TABLES {
            for column in table.columns.iter().filter(|column| column.name.ends_with("_sealed")) {
                assert!(known.contains(&(table.name, column.name)), "{}.{}", table.name, column.name);
            }
        }
    }
}
