//! Brings the schema to the version this binary knows.
use sqlx::Connection as _;
use sqlx::migrate::{MigrateError, Migrator};

use super::{Conn, Db, DbResult, Engine, Pools, on};

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

impl Db {
    /// Applies what is missing, each step in a transaction of its own. A schema newer than this binary is refused
    /// with a clear line (F21), never touched.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        match &self.pools {
            Pools::Sqlite { .. } => self.migrate_with(&SQLITE).await,
            Pools::Postgres(_) => self.migrate_with(&POSTGRES).await,
        }
    }

    /// The same for a database of another purpose, with steps of its own.
    pub async fn migrate_with(&self, steps: &Migrator) -> Result<(), MigrateError> {
        match &self.pools {
            Pools::Sqlite { write, .. } => steps.run(write).await,
            Pools::Postgres(pool) => {
                // Another process may be at it, or read what a step must change: unlike a request, this waits.
                let mut conn = pool.acquire().await?.detach();
                sqlx::query("SET lock_timeout = 0").execute(&mut conn).await?;
                steps.run(&mut conn).await?;
                Ok(conn.close().await?)
            }
        }
    }
}

/// The schema that this binary knows: the number of its last step.
pub fn known_schema() -> i64 {
    SQLITE.iter().map(|step| step.version).max().unwrap_or(0)
}

/// The schema that the database has; `None` when no step was ever applied.
pub async fn schema_of(conn: &mut impl Conn) -> DbResult<Option<i64>> {
    let there: bool = match conn.engine() {
        Engine::Sqlite(ex) => {
            sqlx::query_scalar(
                "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations')",
            )
            .fetch_one(ex)
            .await?
        }
        Engine::Postgres(ex) => {
            sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(ex).await?
        }
    };
    if !there {
        return Ok(None);
    }
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations WHERE success")
        .fetch_one(ex).await)?)
}
