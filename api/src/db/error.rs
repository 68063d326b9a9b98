//! What a statement can come to, as the rest of the house sees it.
use std::borrow::Cow;

/// Result of a store function.
pub type DbResult<T> = Result<T, DbError>;

/// Why a statement failed.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Nothing was done and trying again may help: a writer waited too long, a deadlock, the engine restarting,
    /// the disk full. Answered with 503 and Retry-After.
    #[error("the database is busy")]
    Busy(#[source] sqlx::Error),
    /// A unique key refused the row. Only a statement that expects it may give it a meaning.
    #[error("a unique key refused the row")]
    Duplicate(#[source] sqlx::Error),
    /// Our fault, or damage.
    #[error("a statement failed")]
    Internal(#[source] sqlx::Error),
}

impl DbError {
    /// Trying again may help.
    pub fn is_busy(&self) -> bool {
        matches!(self, DbError::Busy(_))
    }
}

/// PostgreSQL: serialization failure, deadlock, lock not available, out of disk, memory, connections; shutting down.
const POSTGRES_BUSY: [&str; 9] = ["40001", "40P01", "55P03", "53100", "53200", "53300", "57P01", "57P02", "57P03"];
/// SQLite primary result codes: BUSY, LOCKED, FULL.
const SQLITE_BUSY: [i64; 3] = [5, 6, 13];
/// SQLite primary result code IOERR: the disk did not keep what it was given.
const SQLITE_IOERR: i64 = 10;
/// The same, said by a server of PostgreSQL: io_error.
const POSTGRES_IOERR: &str = "58030";

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> DbError {
        match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => DbError::Busy(error),
            sqlx::Error::Database(database) => {
                if database.is_unique_violation() {
                    return DbError::Duplicate(error);
                }
                let code = database.code().unwrap_or(Cow::Borrowed(""));
                // SQLite's extended codes carry the primary one in their low byte.
                let sqlite = code.parse::<i64>().ok().filter(|_| code.len() < 5).map(|extended| extended & 0xff);
                if sqlite == Some(SQLITE_IOERR) || code == POSTGRES_IOERR {
                    // F13: after a failed fsync nothing that is still in memory may be believed. Stop; the log recovers.
                    tracing::error!(error = %error, "the disk failed under the database: stopping");
                    std::process::abort();
                }
                if sqlite.is_some_and(|code| SQLITE_BUSY.contains(&code)) || POSTGRES_BUSY.contains(&code.as_ref()) {
                    return DbError::Busy(error);
                }
                DbError::Internal(error)
            }
            _ => DbError::Internal(error),
        }
    }
}
