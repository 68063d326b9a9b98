//! Facts about this installation as a whole, kept in its database.
mod store;

use crate::db::{Db, DbResult};

/// The fact's value; `value` becomes it when there is none yet.
pub async fn get_or_set(db: &Db, key: &str, value: &str) -> DbResult<String> {
    if let Some(known) = store::find(&mut db.read().await?, key).await? {
        return Ok(known);
    }
    let mut tx = db.begin().await?;
    store::insert(&mut tx, key, value).await?;
    let known = store::find(&mut tx, key).await?;
    tx.commit().await?;
    Ok(known.unwrap_or_else(|| value.to_owned()))
}

/// The fact's value.
pub async fn get(db: &Db, key: &str) -> DbResult<Option<String>> {
    store::find(&mut db.read().await?, key).await
}
