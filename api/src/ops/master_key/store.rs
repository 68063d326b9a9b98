//! SQL over what is sealed, table by table. Names of tables and columns come from the room's own list alone.
use sqlx::QueryBuilder;

use crate::db::{DbResult, Tx, on};
use crate::ops::backup::rows::Cell;
use crate::ops::backup::tables::Table;

/// Puts another text into the sealed column of the row with this key. `false`: it is no longer what was read.
pub(super) async fn update(
    tx: &mut Tx,
    table: &Table,
    key: &Cell,
    (column, before, after): (&'static str, &[u8], &[u8]),
) -> DbResult<bool> {
    let rows = on!(tx, ex => {
        let mut sql = QueryBuilder::new("UPDATE ");
        sql.push(table.name).push(" SET ").push(column).push(" = ").push_bind(after);
        sql.push(" WHERE ").push(column).push(" = ").push_bind(before);
        for name in table.key {
            sql.push(" AND ").push(*name).push(" = ");
            match key {
                Cell::Id(id) => sql.push_bind(*id),
                Cell::Text(text) => sql.push_bind(text.as_deref()),
                _ => return Ok(false),
            };
        }
        sql.build().execute(ex).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}
