//! Security counters: how often something went wrong for a subject within a window of time.
//!
//! Rows, not memory: they hold across processes and restarts, and are written in the act's own transaction (E6). A
//! subject is kept as a digest only, so the table names no person, address or ticket. What is counted, and what a
//! full counter means, is for the domain that counts.
mod store;

use sha2::{Digest, Sha256};

use crate::db::{Conn, DbResult, Timestamp, Tx};

/// What is counted, and how much of it is too much.
#[derive(Debug, Clone)]
pub struct Counter {
    /// Which counter: `ticket`, `sign_in_account`.
    pub kind: &'static str,
    /// About whom or what: see [`subject`].
    pub subject: String,
    /// Hits in one window from which on it is full.
    pub limit: i64,
    /// Length of the window; it begins with its first hit.
    pub window_seconds: i64,
}

/// How a counter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Hits in the running window.
    pub hits: i64,
    /// When that window began.
    pub window_started_at: Timestamp,
}

/// The counter is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full {
    /// Seconds until it is free again.
    pub retry_after_seconds: i64,
}

/// The digest under which a subject is counted.
pub fn subject(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes())[..16])
}

/// Deletes at most `limit` counters whose window began before `older_than`, but none of the kinds `endless`; says how
/// many. The caller knows the longest window, and which kinds have no end.
pub async fn purge(tx: &mut Tx, older_than: Timestamp, endless: [&str; 2], limit: i64) -> DbResult<u64> {
    store::delete_older(tx, older_than, endless, limit).await
}

impl Counter {
    /// Seconds until the counter is free again; `None` when it is not full.
    pub fn held(&self, count: Option<Count>, now: Timestamp) -> Option<i64> {
        let count = count.filter(|count| count.hits >= self.limit)?;
        Some(self.left(count, now))
    }

    /// How it stands; `None` when no window is running.
    pub async fn find(&self, conn: &mut impl Conn, now: Timestamp) -> DbResult<Option<Count>> {
        store::find(conn, self.kind, &self.subject, self.since(now)).await
    }

    /// Counts one more and says how it stands with it. A window that is over begins again.
    pub async fn hit(&self, tx: &mut Tx, now: Timestamp) -> DbResult<Count> {
        store::hit(tx, self.kind, &self.subject, self.since(now), now).await
    }

    /// Counts one more, unless the counter was full: then the caller drops the transaction. Of many at once no more
    /// than the limit pass.
    pub async fn try_hit(&self, tx: &mut Tx, now: Timestamp) -> DbResult<Result<(), Full>> {
        let count = self.hit(tx, now).await?;
        Ok(self.over(count, now).map_or(Ok(()), Err))
    }

    /// Whether a hit that was counted was one too many.
    pub fn over(&self, count: Count, now: Timestamp) -> Option<Full> {
        (count.hits > self.limit).then(|| Full { retry_after_seconds: self.left(count, now) })
    }

    fn left(&self, count: Count, now: Timestamp) -> i64 {
        (self.window_seconds - now.seconds_since(count.window_started_at)).max(1)
    }

    /// Takes one hit back: what was counted beforehand did not go wrong.
    pub async fn take_back(&self, tx: &mut Tx) -> DbResult<()> {
        store::take_back(tx, self.kind, &self.subject).await
    }

    /// Begins anew.
    pub async fn clear(&self, tx: &mut Tx) -> DbResult<()> {
        store::clear(tx, self.kind, &self.subject).await
    }

    fn since(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(-self.window_seconds)
    }
}
