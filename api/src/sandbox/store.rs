//! SQL of the sandbox's own file: the stamps it made and how often a document came.
use std::path::Path;

use sqlx::migrate::Migrator;

use crate::db::{Conn, Db, DbResult, Timestamp, Tx, on};

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/sandbox");

/// A stamp to keep.
pub struct NewStamp<'a> {
    /// The new UUID.
    pub folio_fiscal: &'a str,
    /// Of the bytes as they came.
    pub sealed_sha256: &'a [u8],
    /// The client's own reference.
    pub reference: Option<&'a str>,
    /// RFC of who issues.
    pub emisor_rfc: &'a str,
    /// RFC of who receives.
    pub receptor_rfc: &'a str,
    /// As printed in the stamp.
    pub fecha_timbrado: &'a str,
    /// The whole document with its stamp.
    pub stamped_xml: &'a str,
}

/// A stamp made before.
#[derive(sqlx::FromRow)]
pub struct EarlierStamp {
    /// Its UUID.
    pub folio_fiscal: String,
    /// The whole document with its stamp.
    pub stamped_xml: String,
}

/// Opens the sandbox's file, made when absent, at the schema this binary knows.
pub async fn open(file: &Path) -> anyhow::Result<Db> {
    let db = Db::open(&format!("sqlite:{}", file.display())).await?;
    db.migrate_with(&MIGRATIONS).await?;
    Ok(db)
}

/// The stamp of these very bytes.
pub async fn find_by_content(conn: &mut impl Conn, sealed_sha256: &[u8]) -> DbResult<Option<EarlierStamp>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT folio_fiscal, stamped_xml FROM stamps WHERE sealed_sha256 = $1",
    ).bind(sealed_sha256).fetch_optional(ex).await)?)
}

/// The stamp that was asked for with this reference.
pub async fn find_by_reference(conn: &mut impl Conn, reference: &str) -> DbResult<Option<EarlierStamp>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT folio_fiscal, stamped_xml FROM stamps WHERE reference = $1",
    ).bind(reference).fetch_optional(ex).await)?)
}

/// Keeps a stamp.
pub async fn insert(tx: &mut Tx, stamp: &NewStamp<'_>, created_at: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO stamps (folio_fiscal, sealed_sha256, reference, emisor_rfc, receptor_rfc, fecha_timbrado, \
         stamped_xml, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(stamp.folio_fiscal)
    .bind(stamp.sealed_sha256)
    .bind(stamp.reference)
    .bind(stamp.emisor_rfc)
    .bind(stamp.receptor_rfc)
    .bind(stamp.fecha_timbrado)
    .bind(stamp.stamped_xml)
    .bind(created_at)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Counts one more arrival of these bytes; gives the new count.
pub async fn count_arrival(tx: &mut Tx, sealed_sha256: &[u8]) -> DbResult<i64> {
    Ok(on!(tx, ex => sqlx::query_scalar(
        "INSERT INTO arrivals (sealed_sha256, times) VALUES ($1, 1) \
         ON CONFLICT (sealed_sha256) DO UPDATE SET times = arrivals.times + 1 RETURNING times",
    ).bind(sealed_sha256).fetch_one(ex).await)?)
}
