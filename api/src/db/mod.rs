//! The database: one enum over two native engines, and one macro to write a query once.
//!
//! Reads take `&mut impl Conn` (a [`Reader`] or a [`Tx`]), writes take `&mut Tx`. A transaction is opened in a
//! service, never in a route or a store, and no network call is made while it is open: on SQLite it would stop
//! every other writer. This room knows no table.
mod error;
mod migrate;
mod types;

use std::future::poll_fn;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, Postgres, Sqlite, Transaction};
use tokio::runtime::Handle;

pub use error::{DbError, DbResult};
pub use migrate::{known_schema, schema_of};
pub use types::Timestamp;

/// Readers at once on either engine; writers on PostgreSQL share them.
const CONNECTIONS: u32 = 8;
/// How long a writer waits for its turn before the caller hears "busy" (F10).
const WRITE_WAIT: Duration = Duration::from_secs(5);

/// Rows of an answer that SQLite reads ahead of whoever takes them: a page is 51, and at sqlx's 50 the reading thread
/// goes to sleep before the last of them and is woken again.
const ROWS_AHEAD: usize = 256;

/// A connection to PostgreSQL that was used so lately is not asked first whether it is still there: the question costs
/// as much as a page.
const TRUSTED: Duration = Duration::from_secs(1);

/// The database of this installation. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    commits: Arc<AtomicU64>,
    statements: Arc<AtomicU64>,
    /// Where PostgreSQL's connections are opened: see [`Db::at_home`].
    home: Handle,
}

#[derive(Clone)]
enum Pools {
    /// SQLite admits one writer: a write pool of one makes writers queue instead of failing.
    Sqlite {
        read: SqlitePool,
        write: SqlitePool,
    },
    Postgres(PgPool),
}

/// A connection for reading. On SQLite it is opened read-only: a write through it is refused.
pub struct Reader {
    engine: ReaderEngine,
    statements: Arc<AtomicU64>,
}

enum ReaderEngine {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// A write transaction: IMMEDIATE on SQLite, READ COMMITTED on PostgreSQL. Dropped without `commit`, it rolls back.
pub struct Tx {
    engine: TxEngine,
    commits: Arc<AtomicU64>,
    statements: Arc<AtomicU64>,
    /// What waits for the commit.
    after: Vec<Box<dyn FnOnce() + Send + Sync>>,
}

enum TxEngine {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// One moment of the whole database, for reading: everything read through it agrees, however long that takes and
/// whatever is written meanwhile. On SQLite it takes a reader and stops no writer, but the log is not shortened until
/// it is dropped.
pub struct Snapshot(TxEngine);

/// The engine's own connection, lent to one query.
pub enum Engine<'a> {
    /// SQLite.
    Sqlite(&'a mut SqliteConnection),
    /// PostgreSQL.
    Postgres(&'a mut PgConnection),
}

/// What a query can run on. No lifetime parameter here: with one, a future that holds it is not `Send` enough to spawn.
pub trait Conn: Send {
    /// Lends the engine's connection.
    fn engine(&mut self) -> Engine<'_>;
}

impl Conn for Reader {
    fn engine(&mut self) -> Engine<'_> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        match &mut self.engine {
            ReaderEngine::Sqlite(conn) => Engine::Sqlite(conn),
            ReaderEngine::Postgres(conn) => Engine::Postgres(conn),
        }
    }
}

impl Conn for Tx {
    fn engine(&mut self) -> Engine<'_> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        match &mut self.engine {
            TxEngine::Sqlite(tx) => Engine::Sqlite(tx),
            TxEngine::Postgres(tx) => Engine::Postgres(tx),
        }
    }
}

impl Conn for Snapshot {
    fn engine(&mut self) -> Engine<'_> {
        match &mut self.0 {
            TxEngine::Sqlite(tx) => Engine::Sqlite(tx),
            TxEngine::Postgres(tx) => Engine::Postgres(tx),
        }
    }
}

/// Runs one query text on whichever engine is behind `$conn`.
macro_rules! on {
    ($conn:expr, $ex:ident => $query:expr) => {
        match $crate::db::Conn::engine($conn) {
            $crate::db::Engine::Sqlite($ex) => $query,
            $crate::db::Engine::Postgres($ex) => $query,
        }
    };
}
pub(crate) use on;

impl Db {
    /// Opens `sqlite:PATH` (made when absent) or `postgres://…`. Migrations are a step of their own.
    pub async fn open(url: &str) -> DbResult<Db> {
        Db::open_or_make(url, true).await
    }

    /// The same, but a SQLite file that is not there stays so and is an error.
    pub async fn open_existing(url: &str) -> DbResult<Db> {
        Db::open_or_make(url, false).await
    }

    async fn open_or_make(url: &str, make: bool) -> DbResult<Db> {
        let pools = if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?
                .create_if_missing(make)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .row_buffer_size(ROWS_AHEAD)
                .busy_timeout(WRITE_WAIT);
            let write = SqlitePoolOptions::new()
                .max_connections(1)
                .acquire_timeout(WRITE_WAIT)
                // When the disk is full SQLite rolls back by itself. sqlx does not notice and believes the transaction
                // open for ever: such a connection would refuse every writer until a restart (F9).
                .before_acquire(|conn, _| Box::pin(async move { Ok(!conn.is_in_transaction()) }))
                .connect_with(options.clone())
                .await?;
            let read = SqlitePoolOptions::new()
                // A file is not asked whether it is still there.
                .test_before_acquire(false)
                .max_connections(CONNECTIONS)
                .acquire_timeout(WRITE_WAIT)
                .connect_with(options.read_only(true))
                .await?;
            Pools::Sqlite { read, write }
        } else {
            let lock_wait = format!("{}s", WRITE_WAIT.as_secs());
            let options = PgConnectOptions::from_str(url)?.options([
                ("synchronous_commit", "on"),
                ("timezone", "UTC"),
                ("lock_timeout", &lock_wait),
            ]);
            let pool = PgPoolOptions::new()
                .max_connections(CONNECTIONS)
                .acquire_timeout(WRITE_WAIT)
                .test_before_acquire(false)
                .before_acquire(|conn, meta| {
                    Box::pin(async move {
                        if meta.idle_for > TRUSTED {
                            conn.ping().await?;
                        }
                        Ok(true)
                    })
                })
                .connect_with(options)
                .await?;
            Pools::Postgres(pool)
        };
        Ok(Db { pools, commits: Arc::default(), statements: Arc::default(), home: Handle::current() })
    }

    /// A connection for reading.
    pub async fn read(&self) -> DbResult<Reader> {
        let engine = match &self.pools {
            Pools::Sqlite { read, .. } => ReaderEngine::Sqlite(read.acquire().await?),
            Pools::Postgres(pool) => ReaderEngine::Postgres(self.at_home(pool.acquire()).await?),
        };
        Ok(Reader { engine, statements: self.statements.clone() })
    }

    /// A write transaction.
    pub async fn begin(&self) -> DbResult<Tx> {
        let engine = match &self.pools {
            Pools::Sqlite { write, .. } => TxEngine::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => TxEngine::Postgres(self.at_home(pool.begin()).await?),
        };
        Ok(Tx { engine, commits: self.commits.clone(), statements: self.statements.clone(), after: Vec::new() })
    }

    /// A socket belongs to the runtime that opened it and dies with it. The server's threads have runtimes of their
    /// own, which end one by one at a stop while others still answer (F23); so every connection is opened as if on the
    /// runtime that opened the pool. The work itself stays on the thread that asks: as a rule a connection lies ready,
    /// and a turn on another thread costs as much as a small query.
    async fn at_home<T>(&self, opening: impl Future<Output = sqlx::Result<T>>) -> DbResult<T> {
        // On the heap: it is part of nearly every future there is.
        let mut opening = Box::pin(opening);
        let opened = poll_fn(|context| {
            let _inside = self.home.enter();
            opening.as_mut().poll(context)
        });
        Ok(opened.await?)
    }

    /// One moment of everything, for reading: it begins with its first read.
    pub async fn snapshot(&self) -> DbResult<Snapshot> {
        Ok(Snapshot(match &self.pools {
            Pools::Sqlite { read, .. } => TxEngine::Sqlite(read.begin().await?),
            Pools::Postgres(pool) => {
                TxEngine::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        }))
    }

    /// Commits since the start: tests count what an act costs.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Statements since the start, but for those of a [`Snapshot`]: tests count what a stranger's question costs (A2).
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Each pool, with how many connections it has open and how many of them nobody uses.
    pub fn connections(&self) -> Vec<(&'static str, usize, usize)> {
        let open = |size: u32| usize::try_from(size).unwrap_or(usize::MAX);
        match &self.pools {
            Pools::Sqlite { read, write } => {
                vec![("read", open(read.size()), read.num_idle()), ("write", open(write.size()), write.num_idle())]
            }
            Pools::Postgres(pool) => vec![("all", open(pool.size()), pool.num_idle())],
        }
    }

    /// `true` on SQLite, where one process owns the file.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.pools, Pools::Sqlite { .. })
    }

    /// Closes every connection, checkpointing SQLite's log.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Makes everything done through this transaction durable.
    pub async fn commit(self) -> DbResult<()> {
        match self.engine {
            TxEngine::Sqlite(tx) => tx.commit().await?,
            TxEngine::Postgres(tx) => tx.commit().await?,
        }
        self.commits.fetch_add(1, Ordering::Relaxed);
        for done in self.after {
            done();
        }
        Ok(())
    }

    /// Has something done once all of this is durable, and not at all if it never is.
    pub fn on_commit(&mut self, done: impl FnOnce() + Send + Sync + 'static) {
        self.after.push(Box::new(done));
    }

    /// Words that lock the selected rows. SQLite needs none: the transaction is the only writer.
    pub fn for_update(&self) -> &'static str {
        match self.engine {
            TxEngine::Sqlite(_) => "",
            TxEngine::Postgres(_) => " FOR UPDATE",
        }
    }

    /// Words that take rows nobody else has taken. SQLite needs none.
    pub fn skip_locked(&self) -> &'static str {
        match self.engine {
            TxEngine::Sqlite(_) => "",
            TxEngine::Postgres(_) => " FOR UPDATE SKIP LOCKED",
        }
    }
}
