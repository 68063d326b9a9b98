//! SQL over every table of the list: pages of rows out, rows in. Names of tables and columns come from that list alone.
use sqlx::types::Json;
use sqlx::{QueryBuilder, Row as _};

use super::rows::{Cell, Row};
use super::tables::{Kind, Table};
use crate::db::{Conn, DbResult, Tx, on};

/// Pushes a cell as a value of its column's type.
macro_rules! bind {
    ($to:expr, $cell:expr) => {
        match $cell {
            Cell::Id(value) => $to.push_bind(*value),
            Cell::Text(value) => $to.push_bind(value.clone()),
            Cell::Int(value) => $to.push_bind(*value),
            Cell::Bool(value) => $to.push_bind(*value),
            Cell::Time(value) => $to.push_bind(*value),
            Cell::Json(value) => $to.push_bind(value.clone().map(Json)),
            Cell::Bytes(value) => $to.push_bind(value.clone()),
        }
    };
}

/// Names with commas between them.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// Rows in the order of their key, after the row with the key `after`.
pub async fn list(conn: &mut impl Conn, table: &Table, after: Option<&[Cell]>, limit: i64) -> DbResult<Vec<Row>> {
    let columns = names(table.columns.iter().map(|column| column.name));
    let key = table.key.join(", ");
    Ok(on!(conn, ex => {
        let mut sql = QueryBuilder::new("SELECT ");
        sql.push(&columns).push(" FROM ").push(table.name);
        if let Some(after) = after {
            sql.push(" WHERE (").push(&key).push(") > (");
            let mut values = sql.separated(", ");
            for cell in after {
                bind!(values, cell);
            }
            sql.push(")");
        }
        sql.push(" ORDER BY ").push(&key).push(" LIMIT ").push_bind(limit);
        let found = sql.build().fetch_all(ex).await?;
        let mut rows = Vec::with_capacity(found.len());
        for row in &found {
            let mut cells = Row::with_capacity(table.columns.len());
            for (at, column) in table.columns.iter().enumerate() {
                cells.push(match column.kind {
                    Kind::Id => Cell::Id(row.try_get(at)?),
                    Kind::Text => Cell::Text(row.try_get(at)?),
                    Kind::Int => Cell::Int(row.try_get(at)?),
                    Kind::Bool => Cell::Bool(row.try_get(at)?),
                    Kind::Time => Cell::Time(row.try_get(at)?),
                    Kind::Json => Cell::Json(row.try_get::<Option<Json<_>>, _>(at)?.map(|json| json.0)),
                    Kind::Bytes => Cell::Bytes(row.try_get(at)?),
                });
            }
            rows.push(cells);
        }
        rows
    }))
}

/// Adds rows. There must be one at least, and no more than an engine's limit of bound values allows.
pub async fn insert(tx: &mut Tx, table: &Table, rows: &[Row]) -> DbResult<()> {
    let columns = names(table.columns.iter().map(|column| column.name));
    on!(tx, ex => {
        let mut sql = QueryBuilder::new("INSERT INTO ");
        sql.push(table.name).push(" (").push(&columns).push(") ");
        sql.push_values(rows, |mut values, row| {
            for cell in row {
                bind!(values, cell);
            }
        });
        sql.build().execute(ex).await?;
    });
    Ok(())
}

/// Whether a table has any row.
pub async fn is_empty(conn: &mut impl Conn, table: &Table) -> DbResult<bool> {
    let any: bool = on!(conn, ex => {
        let mut sql = QueryBuilder::new("SELECT EXISTS (SELECT 1 FROM ");
        sql.push(table.name).push(")");
        sql.build_query_scalar().fetch_one(ex).await
    })?;
    Ok(!any)
}
