//! A row between a database and a line of text. The line is the same whichever engine the row came from.
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::tables::{Column, Kind, Table};
use crate::db::Timestamp;

/// A value of a column; even nothing has its column's type.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// [`Kind::Id`].
    Id(Option<Uuid>),
    /// [`Kind::Text`].
    Text(Option<String>),
    /// [`Kind::Int`].
    Int(Option<i64>),
    /// [`Kind::Bool`].
    Bool(Option<bool>),
    /// [`Kind::Time`].
    Time(Option<Timestamp>),
    /// [`Kind::Json`].
    Json(Option<Value>),
    /// [`Kind::Bytes`].
    Bytes(Option<Vec<u8>>),
}

/// A row, in the order of its table's columns.
pub type Row = Vec<Cell>;

/// Why a line is no row.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// Not a JSON object.
    #[error("the line is not a JSON object")]
    Syntax(#[source] serde_json::Error),
    /// Other columns than the table has.
    #[error("the line does not have the table's columns")]
    Columns,
    /// A value that its column cannot hold.
    #[error("column {0} cannot hold what the line says")]
    Value(&'static str),
}

impl Cell {
    fn to_json(&self) -> Value {
        match self {
            Cell::Id(value) => value.map(|id| id.to_string()).into(),
            Cell::Text(value) => value.clone().into(),
            Cell::Int(value) => (*value).into(),
            Cell::Bool(value) => (*value).into(),
            Cell::Time(value) => value.map(|at| at.to_string()).into(),
            Cell::Json(value) => value.clone().unwrap_or(Value::Null),
            Cell::Bytes(value) => value.as_ref().map(|bytes| STANDARD.encode(bytes)).into(),
        }
    }

    fn from_json(kind: Kind, value: Value) -> Option<Cell> {
        Some(match kind {
            Kind::Id => Cell::Id(maybe(&value, |it| it.as_str()?.parse().ok())?),
            Kind::Text => Cell::Text(maybe(&value, |it| it.as_str().map(str::to_owned))?),
            Kind::Int => Cell::Int(maybe(&value, Value::as_i64)?),
            Kind::Bool => Cell::Bool(maybe(&value, Value::as_bool)?),
            Kind::Time => Cell::Time(maybe(&value, |it| it.as_str()?.parse().ok().map(Timestamp::new))?),
            Kind::Json => Cell::Json((!value.is_null()).then_some(value)),
            Kind::Bytes => Cell::Bytes(maybe(&value, |it| STANDARD.decode(it.as_str()?).ok())?),
        })
    }
}

/// Nothing, or what `read` makes of it; `None` when it makes nothing of something.
fn maybe<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<Option<T>> {
    if value.is_null() { Some(None) } else { read(value).map(Some) }
}

/// The row as one line, without its end. Names are in the order of the alphabet, so that one row has one line.
pub fn to_line(table: &Table, row: &[Cell]) -> String {
    let named = table.columns.iter().zip(row).map(|(column, cell)| (column.name.to_owned(), cell.to_json()));
    Value::Object(named.collect::<Map<String, Value>>()).to_string()
}

/// The row of a line.
pub fn from_line(table: &Table, line: &str) -> Result<Row, RowError> {
    let mut named: Map<String, Value> = serde_json::from_str(line).map_err(RowError::Syntax)?;
    let mut row = Row::with_capacity(table.columns.len());
    for Column { name, kind } in table.columns {
        let value = named.remove(*name).ok_or(RowError::Columns)?;
        row.push(Cell::from_json(*kind, value).ok_or(RowError::Value(name))?);
    }
    if named.is_empty() { Ok(row) } else { Err(RowError::Columns) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    static TABLE: Table = Table {
        name: "things",
        key: &["id"],
        columns: &[
            Column { name: "id", kind: Kind::Id },
            Column { name: "name", kind: Kind::Text },
            Column { name: "hits", kind: Kind::Int },
            Column { name: "active", kind: Kind::Bool },
            Column { name: "made_at", kind: Kind::Time },
            Column { name: "lines", kind: Kind::Json },
            Column { name: "raw", kind: Kind::Bytes },
        ],
    };

    fn row() -> Row {
        vec![
            Cell::Id(Some(Uuid::from_u128(7))),
            Cell::Text(Some("Peña \"y\"\nhijos".into())),
            Cell::Int(Some(i64::MAX)),
            Cell::Bool(Some(true)),
            Cell::Time(Some(Timestamp::new("2026-11-22T10:00:00.000001Z".parse().unwrap()))),
            Cell::Json(Some(json!({ "b": [1, null], "a": "x" }))),
            Cell::Bytes(Some(vec![0, 255])),
        ]
    }

    #[test]
    fn a_row_has_one_line_and_comes_back_from_it() {
        let line = to_line(&TABLE, &row());
        assert_eq!(
            line,
            "{\"active\":true,\"hits\":9223372036854775807,\"id\":\"00000000-0000-0000-0000-000000000007\",\
             \"lines\":{\"a\":\"x\",\"b\":[1,null]},\"made_at\":\"2026-11-22T10:00:00.000001Z\",\
             \"name\":\"Peña \\\"y\\\"\\nhijos\",\"raw\":\"AP8=\"}"
        );
        assert_eq!(from_line(&TABLE, &line).unwrap(), row());
        let nothing = vec![
            Cell::Id(None),
            Cell::Text(None),
            Cell::Int(None),
            Cell::Bool(None),
            Cell::Time(None),
            Cell::Json(None),
            Cell::Bytes(None),
        ];
        assert_eq!(from_line(&TABLE, &to_line(&TABLE, &nothing)).unwrap(), nothing);
    }

    #[test]
    fn what_is_no_row_is_refused() {
        let line = to_line(&TABLE, &row());
        assert!(matches!(from_line(&TABLE, &line[1..]), Err(RowError::Syntax(_))));
        assert!(matches!(from_line(&TABLE, &line.replace("\"hits\"", "\"other\"")), Err(RowError::Columns)));
        assert!(matches!(from_line(&TABLE, &line.replace("{\"active", "{\"x\":1,\"active")), Err(RowError::Columns)));
        assert!(matches!(from_line(&TABLE, &line.replace("9223372036854775807", "1.5")), Err(RowError::Value("hits"))));
        assert!(matches!(from_line(&TABLE, &line.replace("AP8=", "AP8")), Err(RowError::Value("raw"))));
    }
}
