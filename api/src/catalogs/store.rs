//! SQL of the lists and their codes.
use cfdi::{List, Validity};
use sqlx::QueryBuilder;

use crate::db::{Conn, DbResult, Timestamp, Tx, on};

/// A list that is at hand.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Kept {
    /// Its name at the SAT.
    pub name: String,
    /// How many codes it has.
    pub codes: i64,
    /// SHA-256 of its codes and days.
    pub digest: Vec<u8>,
    /// When it was brought last.
    pub imported_at: Timestamp,
}

#[derive(sqlx::FromRow)]
pub(super) struct CodeRow {
    pub code: String,
    pub valid_from: Option<String>,
    pub valid_until: Option<String>,
}

/// Every list that is at hand.
pub(super) async fn list_kept(conn: &mut impl Conn) -> DbResult<Vec<Kept>> {
    Ok(on!(conn, ex => sqlx::query_as("SELECT name, codes, digest, imported_at FROM catalogs ORDER BY name")
        .fetch_all(ex).await)?)
}

pub(super) async fn find(conn: &mut impl Conn, list: List) -> DbResult<Option<Kept>> {
    Ok(on!(conn, ex => sqlx::query_as("SELECT name, codes, digest, imported_at FROM catalogs WHERE name = $1")
        .bind(list.name()).fetch_optional(ex).await)?)
}

/// Writes down that the list is at hand. Another import of it waits here until this transaction ends.
pub(super) async fn upsert(tx: &mut Tx, list: List, codes: i64, digest: &[u8], now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO catalogs (name, codes, digest, imported_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (name) DO UPDATE SET codes = $2, digest = $3, imported_at = $4",
    ).bind(list.name()).bind(codes).bind(digest).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

pub(super) async fn delete_codes(tx: &mut Tx, list: List) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM catalog_entries WHERE catalog = $1")
        .bind(list.name()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Adds codes: one at least, and no more than an engine's limit of bound values allows.
pub(super) async fn insert_codes(tx: &mut Tx, list: List, codes: &[(&String, &Validity)]) -> DbResult<()> {
    on!(tx, ex => {
        let mut sql = QueryBuilder::new("INSERT INTO catalog_entries (catalog, code, valid_from, valid_until) ");
        sql.push_values(codes, |mut row, (code, validity)| {
            row.push_bind(list.name())
                .push_bind(code.as_str())
                .push_bind(validity.from.as_deref())
                .push_bind(validity.until.as_deref());
        });
        sql.build().execute(ex).await.map(|_| ())
    })?;
    Ok(())
}

/// Of these codes, those that the list has: one at least, and no more than an engine's limit of bound values allows.
pub(super) async fn list_codes(conn: &mut impl Conn, list: List, codes: &[&str]) -> DbResult<Vec<CodeRow>> {
    Ok(on!(conn, ex => {
        let mut sql = QueryBuilder::new("SELECT code, valid_from, valid_until FROM catalog_entries WHERE catalog = ");
        sql.push_bind(list.name()).push(" AND code IN (");
        let mut wanted = sql.separated(", ");
        for code in codes {
            wanted.push_bind(*code);
        }
        sql.push(")");
        sql.build_query_as().fetch_all(ex).await
    })?)
}
