//! A database for one test: a file on SQLite, a database of its own on PostgreSQL.
use std::path::Path;

use sqlx::{Connection, Executor, PgConnection, SqliteConnection};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        }
    }
}

pub struct Database {
    pub url: String,
    /// On PostgreSQL: its name.
    name: Option<String>,
}

/// Where the throwaway cluster of `make test` listens.
pub fn postgres_url() -> String {
    std::env::var("VENTANILLA_TEST_POSTGRES_URL")
        .expect("VENTANILLA_TEST_POSTGRES_URL names no PostgreSQL server: run the tests with `make test`")
}

#[expect(clippy::disallowed_methods, reason = "a database's name cannot be bound; these are made of hex digits")]
fn names_a_database(sql: String) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(sql)
}

async fn at_server(sql: String) {
    let mut conn = PgConnection::connect(&postgres_url()).await.expect("the test cluster answers");
    conn.execute(names_a_database(sql)).await.unwrap();
    conn.close().await.unwrap();
}

impl Database {
    /// An empty one.
    pub async fn make(engine: Engine, data_dir: &Path) -> Database {
        Database::named(engine, data_dir, &own_name()).await
    }

    /// An empty one that others are copied from by its name.
    pub async fn named(engine: Engine, data_dir: &Path, name: &str) -> Database {
        if engine == Engine::Postgres {
            at_server(format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        }
        Database::at(engine, data_dir, name)
    }

    /// One that begins as another, to which nobody is connected. On SQLite that one's file is in the folder already.
    pub async fn copy(engine: Engine, data_dir: &Path, template: &str) -> Database {
        let name = own_name();
        if engine == Engine::Postgres {
            at_server(format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        }
        Database::at(engine, data_dir, &name)
    }

    fn at(engine: Engine, data_dir: &Path, name: &str) -> Database {
        match engine {
            Engine::Sqlite => Database { url: format!("sqlite:{}", data_dir.join("test.db").display()), name: None },
            Engine::Postgres => {
                let mut url = url::Url::parse(&postgres_url()).unwrap();
                url.set_path(name);
                Database { url: url.into(), name: Some(name.to_owned()) }
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

    /// Changes what no route of ours can.
    pub async fn change(&self, sql: &'static str) {
        if self.url.starts_with("sqlite:") {
            let mut conn = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query(sql).execute(&mut conn).await.unwrap();
        } else {
            let mut conn = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query(sql).execute(&mut conn).await.unwrap();
        }
    }

    pub async fn drop(self) {
        if let Some(name) = self.name {
            at_server(format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

fn own_name() -> String {
    format!("t_{}", uuid::Uuid::new_v4().simple())
}
