//! A database for one test: a file on SQLite, a schema on PostgreSQL.
use std::path::Path;

use sqlx::{Connection, Executor, PgConnection, SqliteConnection};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

pub struct Database {
    pub url: String,
    schema: Option<(String, String)>,
}

/// Where the throwaway cluster of `make test` listens.
fn postgres_url() -> String {
    std::env::var("VENTANILLA_TEST_POSTGRES_URL")
        .expect("VENTANILLA_TEST_POSTGRES_URL names no PostgreSQL server: run the tests with `make test`")
}

#[expect(clippy::disallowed_methods, reason = "a schema's name cannot be bound; this one is made of hex digits")]
fn names_a_schema(sql: String) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(sql)
}

impl Database {
    pub async fn make(engine: Engine, data_dir: &Path) -> Database {
        match engine {
            Engine::Sqlite => Database { url: format!("sqlite:{}", data_dir.join("test.db").display()), schema: None },
            Engine::Postgres => {
                let server = postgres_url();
                let schema = format!("t_{}", uuid::Uuid::new_v4().simple());
                let mut conn = PgConnection::connect(&server).await.expect("the test cluster answers");
                conn.execute(names_a_schema(format!("CREATE SCHEMA {schema}"))).await.unwrap();
                conn.close().await.unwrap();
                let separator = if server.contains('?') { '&' } else { '?' };
                let url = format!("{server}{separator}options=-csearch_path%3D{schema}");
                Database { url, schema: Some((server, schema)) }
            }
        }
    }

    /// Runs a statement that no route of ours makes.
    pub async fn execute(&self, sql: &'static str) {
        if self.url.starts_with("sqlite:") {
            sqlx::raw_sql(sql).execute(&mut SqliteConnection::connect(&self.url).await.unwrap()).await.unwrap();
        } else {
            sqlx::raw_sql(sql).execute(&mut PgConnection::connect(&self.url).await.unwrap()).await.unwrap();
        }
    }

    /// A number that no route of ours tells.
    pub async fn count(&self, sql: &'static str) -> i64 {
        if self.url.starts_with("sqlite:") {
            let mut conn = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut conn).await.unwrap()
        } else {
            let mut conn = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut conn).await.unwrap()
        }
    }

    pub async fn drop(self) {
        if let Some((server, schema)) = self.schema {
            let mut conn = PgConnection::connect(&server).await.unwrap();
            conn.execute(names_a_schema(format!("DROP SCHEMA {schema} CASCADE"))).await.unwrap();
            conn.close().await.unwrap();
        }
    }
}
