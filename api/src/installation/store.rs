//! SQL of the installation's facts.
use crate::db::{Conn, DbResult, Tx, on};

pub(super) async fn find(conn: &mut impl Conn, key: &str) -> DbResult<Option<String>> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT value FROM installation WHERE key = $1")
        .bind(key).fetch_optional(ex).await)?)
}

pub(super) async fn insert(tx: &mut Tx, key: &str, value: &str) -> DbResult<()> {
    on!(tx, ex => sqlx::query("INSERT INTO installation (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING")
        .bind(key).bind(value).execute(ex).await.map(|_| ()))?;
    Ok(())
}
