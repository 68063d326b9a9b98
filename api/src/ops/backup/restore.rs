//! The way back: into an empty database, in one transaction, compared before it counts.
use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, ensure};

use super::archive::{Archive, Manifest};
use super::rows::{self, Row};
use super::tables::{TABLES, Table};
use super::{Sum, each_line, store};
use crate::audit::{self, Actor, Entry};
use crate::billing::folios;
use crate::config::Config;
use crate::db::{Conn, Db, Timestamp, Tx, known_schema};
use crate::documents;
use crate::files::Files;
use crate::ops::doctor::{self, Finding};
use crate::ops::start::World;
use crate::ops::{database, verify};
use crate::proof::Proof;

/// Rows added by one statement: with 26 columns, far below either engine's limit of bound values.
const BATCH_ROWS: usize = 64;
/// Text of the rows added by one statement.
const BATCH_MAX_BYTES: usize = 1024 * 1024;
/// Most folios that can be skipped: more is a slip of the finger.
const SKIPPED_MAX: i64 = 1_000_000;

/// What a restore did.
#[derive(Debug)]
pub struct Restored {
    /// What was in the backup.
    pub manifest: Manifest,
    /// Folios left out in every serie.
    pub skipped_folios: i64,
    /// Whether the sealing keys open with the master key that is in the data folder.
    pub keys: Finding,
    /// The promises, proved on the restored data.
    pub proofs: Vec<Proof>,
}

/// Puts a backup into the configured database, which must be empty. Every serie goes on `skip_folios` later than it
/// stood, for the invoices that were made after the backup and are not in it.
pub async fn restore(config: &Config, file: &Path, skip_folios: i64, world: &World) -> anyhow::Result<Restored> {
    ensure!((0..=SKIPPED_MAX).contains(&skip_folios), "between 0 and {SKIPPED_MAX} folios can be skipped");
    let mut archive = Archive::open(file, known_schema())?;
    archive.check()?;
    let (db, _lock) = database::make(config).await?;
    let files = Files::of(config)?;
    insist_on_nothing(&mut db.read().await?).await?;
    // Before any row counts, and while nothing of the database is held: a bucket may be slow.
    let kept = put_files_back(&files, &mut archive).await?;
    fill(&db, &kept, &mut archive, skip_folios, world.clock.now()).await?;
    let now = world.clock.now();
    let proofs = verify::prove(config, &db, now).await?;
    let keys = doctor::sealing_keys(&mut db.read().await?, config, world, now).await?;
    db.close().await;
    Ok(Restored { manifest: archive.manifest, skipped_folios: skip_folios, keys, proofs })
}

async fn insist_on_nothing(conn: &mut impl Conn) -> anyhow::Result<()> {
    for table in TABLES {
        ensure!(
            store::is_empty(conn, table).await?,
            "the database is not empty (table {} has rows): restore into a new one (another data_dir or database_url)",
            table.name
        );
    }
    Ok(())
}

async fn fill(db: &Db, kept: &PutBack, archive: &mut Archive, skip_folios: i64, now: Timestamp) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    insist_on_nothing(&mut tx).await?;
    for table in TABLES {
        let kept = put_back(&mut tx, archive, table).await?;
        let mut restored = Sum::default();
        each_line(&mut tx, table, |line| {
            restored.add(line);
            Ok(())
        })
        .await?;
        ensure!(restored == kept, "table {}: what was restored is not what was kept", table.name);
    }
    documents::unread::restore_words(&mut tx).await?;
    compare_files(&mut tx, kept).await?;
    if skip_folios > 0 {
        let series = folios::skip(&mut tx, skip_folios).await?;
        let after =
            serde_json::json!({ "skipped": skip_folios, "series": series, "backup_of": archive.manifest.created_at });
        let entry = Entry {
            actor: Actor::Operator,
            on_behalf_of: None,
            issuer_id: None,
            act: "folios.skip",
            object_kind: "installation",
            object_id: "folios",
            before: None,
            after: Some(after),
            request_id: None,
        };
        audit::record(&mut tx, now, entry).await?;
    }
    tx.commit().await.context("committing what was restored")
}

/// Files that were put back, by their keys.
type PutBack = HashMap<String, [u8; 32]>;

async fn put_files_back(files: &Files, archive: &mut Archive) -> anyhow::Result<PutBack> {
    let mut kept = PutBack::new();
    for key in archive.files()? {
        let sha256 = files.put(&key, archive.file(&key)?).await?;
        kept.insert(key.as_str().to_owned(), sha256);
    }
    let (put, told) = (u64::try_from(kept.len())?, archive.manifest.files);
    ensure!(put == told, "{put} files, and the manifest says {told}");
    Ok(kept)
}

/// Before the rows count, the files they name are there and are those that were kept.
async fn compare_files(tx: &mut Tx, kept: &PutBack) -> anyhow::Result<()> {
    let named = documents::verify::list_files(tx).await?;
    for row in &named {
        let key = row.key.as_str();
        let sha256 = kept.get(key).with_context(|| format!("file {key} is not in the backup"))?;
        ensure!(sha256.as_slice() == row.sha256, "file {key}: it is not the one that was kept");
    }
    ensure!(named.len() == kept.len(), "{} files are in the backup, and rows name {}", kept.len(), named.len());
    Ok(())
}

async fn put_back(tx: &mut Tx, archive: &mut Archive, table: &Table) -> anyhow::Result<Sum> {
    let mut sum = Sum::default();
    let mut lines = archive.lines(table.name)?;
    let (mut batch, mut bytes) = (Vec::<Row>::new(), 0);
    loop {
        let line = lines.next()?;
        if let Some(line) = &line {
            let row = rows::from_line(table, line);
            let row = row.with_context(|| format!("table {}, row {}", table.name, sum.rows + 1))?;
            sum.add(&rows::to_line(table, &row));
            batch.push(row);
            bytes += line.len();
        }
        if !batch.is_empty() && (line.is_none() || batch.len() >= BATCH_ROWS || bytes >= BATCH_MAX_BYTES) {
            let added = store::insert(tx, table, &batch).await;
            added.with_context(|| format!("adding rows to table {}", table.name))?;
            batch.clear();
            bytes = 0;
        }
        if line.is_none() {
            return Ok(sum);
        }
    }
}
