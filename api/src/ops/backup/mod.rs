//! A copy of the whole installation in one file, and its way back, onto either engine.
//!
//! Promises: the file is whole or absent; it shows one moment, however long it takes and whatever is written
//! meanwhile; it holds neither the master key nor anything that signs without it; what is restored is compared with
//! what was kept, row by row, before it counts. It does not copy the data folder's keys: whoever wants to seal again
//! keeps `master.key` in another place than the backups.
mod archive;
mod restore;
pub(super) mod rows;
pub(super) mod store;
pub mod tables;

use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use sha2::{Digest, Sha256};

pub use archive::{Manifest, TableEntry};
pub use restore::{Restored, restore};

use super::database;
use super::start::World;
use super::verify;
use crate::config::Config;
use crate::db::{Conn, schema_of};
use crate::documents::{self, verify::KeptFile};
use crate::files::Files;
use crate::issuers::custody::MASTER_KEY_FILE;
use archive::Writing;
use tables::{TABLES, Table};

/// Rows in memory at once: a row may hold a document of some megabytes.
const PAGE_ROWS: i64 = 32;

/// Writes a backup of the database into `file`. Works beside a running server.
pub async fn backup(config: &Config, file: &Path, world: &World) -> anyhow::Result<Manifest> {
    let db = database::open(config).await?;
    let mut archive = Writing::begin(file)?;
    let mut snapshot = db.snapshot().await?;
    let schema = schema_of(&mut snapshot).await?.context("the database has no schema")?;
    let created_at = world.clock.now().to_string();
    for table in TABLES {
        let mut text = archive.begin_table(table)?;
        each_line(&mut snapshot, table, |line| text.add(line)).await?;
        text.end();
    }
    let kept = documents::verify::list_files(&mut snapshot).await?;
    drop(snapshot);
    db.close().await;
    keep_files(&kept, &Files::of(config)?, &mut archive).await?;
    archive.finish(env!("CARGO_PKG_VERSION"), schema, created_at)
}

/// Every file that a row names. One that is gone or damaged stops the backup, which would not be whole; `verify` names
/// them all.
async fn keep_files(kept: &[KeptFile], files: &Files, archive: &mut Writing) -> anyhow::Result<()> {
    for KeptFile { key, sha256, .. } in kept {
        archive.add_file(key, &files.get(key, sha256).await?)?;
    }
    Ok(())
}

/// Says what a backup holds, and what it does not.
pub fn tell(manifest: &Manifest, file: &Path, out: &mut impl Write) -> io::Result<()> {
    let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
    writeln!(
        out,
        "{}: {rows} rows of {} tables and {} files, as of {}",
        file.display(),
        manifest.tables.len(),
        manifest.files,
        manifest.created_at
    )?;
    writeln!(
        out,
        "it does not hold {MASTER_KEY_FILE}: keep that in another place, or nothing can be sealed after a restore"
    )
}

/// Says what was restored; `true` when every promise holds on it.
pub fn tell_restored(restored: &Restored, out: &mut impl Write) -> io::Result<bool> {
    let manifest = &restored.manifest;
    for table in &manifest.tables {
        writeln!(out, "{:>9} {}", table.rows, table.name)?;
    }
    writeln!(out, "restored as of {}, every row compared with the backup", manifest.created_at)?;
    if restored.skipped_folios == 0 {
        writeln!(
            out,
            "if invoices were made after that moment, their folios will be given again: restore with --skip-folios"
        )?;
    }
    writeln!(out, "sealing keys: {}", restored.keys.seen)?;
    if !restored.keys.remedy.is_empty() {
        writeln!(out, "  → {}", restored.keys.remedy)?;
    }
    verify::tell(&restored.proofs, out)
}

/// Every row of a table as its line, in the order of the key.
async fn each_line(
    conn: &mut impl Conn,
    table: &Table,
    mut each: impl FnMut(&str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut after = None;
    loop {
        let rows = store::list(conn, table, after.as_deref(), PAGE_ROWS)
            .await
            .with_context(|| format!("reading table {}", table.name))?;
        for row in &rows {
            each(&rows::to_line(table, row))?;
        }
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(table.key_positions().map(|at| last[at].clone()).collect::<Vec<_>>());
    }
}

/// Rows and their content in any order: databases may sort texts each in their own way.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    rows: u64,
    digests: [u8; 32],
}

impl Sum {
    /// Adds a row. No two rows of a table are equal, so no two of them undo each other.
    fn add(&mut self, line: &str) {
        self.rows += 1;
        for (sum, byte) in self.digests.iter_mut().zip(Sha256::digest(line)) {
            *sum ^= byte;
        }
    }
}
