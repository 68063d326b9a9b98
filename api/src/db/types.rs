//! Column types that mean the same in both engines.
use std::fmt;

use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef};
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Postgres, Sqlite, Type};

/// UTC instant cut to microseconds. TIMESTAMPTZ on PostgreSQL; on SQLite a fixed-width text, so that the order of
/// bytes is the order of time (a variable fraction would sort `00:00:00.5Z` before `00:00:00Z`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(jiff::Timestamp);

const MICROS_PER_SECOND: i64 = 1_000_000;

impl Timestamp {
    /// Cuts what is finer than a microsecond.
    pub fn new(instant: jiff::Timestamp) -> Timestamp {
        Timestamp(jiff::Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant))
    }

    /// The instant.
    pub fn jiff(self) -> jiff::Timestamp {
        self.0
    }

    /// Later by whole seconds (earlier when negative); held at the ends of time.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Timestamp {
        let micros = self.0.as_microsecond().saturating_add(seconds.saturating_mul(MICROS_PER_SECOND));
        jiff::Timestamp::from_microsecond(micros).map_or(self, Timestamp)
    }

    /// Later by milliseconds (earlier when negative); held at the ends of time.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Timestamp {
        let micros = self.0.as_microsecond().saturating_add(millis.saturating_mul(1_000));
        jiff::Timestamp::from_microsecond(micros).map_or(self, Timestamp)
    }

    /// Whole seconds from `earlier` to this.
    pub fn seconds_since(self, earlier: Timestamp) -> i64 {
        (self.0.as_microsecond() - earlier.0.as_microsecond()) / MICROS_PER_SECOND
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339, UTC, six digits of fraction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string())
    }
}

impl Type<Sqlite> for Timestamp {
    fn type_info() -> SqliteTypeInfo {
        <str as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Timestamp {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(self.to_string(), buffer)
    }
}

impl<'r> Decode<'r, Sqlite> for Timestamp {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Timestamp(<&str as Decode<Sqlite>>::decode(value)?.parse()?))
    }
}

impl Type<Postgres> for Timestamp {
    fn type_info() -> PgTypeInfo {
        <jiff_sqlx::Timestamp as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Timestamp {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode(self.0.to_sqlx(), buffer)
    }
}

impl<'r> Decode<'r, Postgres> for Timestamp {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Timestamp(<jiff_sqlx::Timestamp as Decode<Postgres>>::decode(value)?.to_jiff()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_order_is_time_order() {
        let whole: Timestamp = Timestamp::new("2026-11-22T00:00:00Z".parse().unwrap());
        let half = Timestamp::new("2026-11-22T00:00:00.5Z".parse().unwrap());
        assert!(whole < half);
        assert!(whole.to_string() < half.to_string());
        assert_eq!(whole.to_string(), "2026-11-22T00:00:00.000000Z");
    }

    #[test]
    fn finer_than_a_microsecond_is_cut() {
        let fine = Timestamp::new("2026-11-22T00:00:00.123456789Z".parse().unwrap());
        assert_eq!(fine.to_string(), "2026-11-22T00:00:00.123456Z");
    }
}
