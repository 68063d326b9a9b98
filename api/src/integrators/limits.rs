//! How much one key may ask: a bucket of requests that fills evenly, worked on one at a time; a few bulk requests and
//! stamps at once; so many documents a day. In memory, per process (E6): a flood limit, not a security counter.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::model::KeyId;
use crate::config::Integrators;
use crate::db::Timestamp;

/// Keys remembered; beyond it those whose bucket is full are forgotten, which changes nothing for them.
const KEYS_MAX: usize = 10_000;
const MICROS_PER_MINUTE: i64 = 60_000_000;
/// A key's requests are worked on one at a time, beside its bulks; its others wait for their turn, and those of other keys
/// do not wait behind them.
const AT_ONCE: usize = 1;
const DAY_SECONDS: i64 = 24 * 3_600;

/// The limits of all keys of this process.
pub struct Limits {
    per_minute: u32,
    bulk_at_once: u32,
    stamps_at_once: u32,
    documents_per_day: u32,
    keys: Mutex<HashMap<KeyId, Bucket>>,
}

struct Bucket {
    /// Requests left, in parts: a request is [`MICROS_PER_MINUTE`] of them, and `per_minute` come every microsecond.
    parts: i64,
    filled_at: Timestamp,
    bulks: u32,
    stamps: u32,
    /// Documents made since `day_began_at`.
    documents: u32,
    day_began_at: Timestamp,
    turns: Arc<Semaphore>,
}

/// What is left to a key after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Requests a minute.
    pub per_minute: u32,
    /// Requests left now.
    pub left: u32,
    /// Seconds until all are there again.
    pub full_in_seconds: u32,
    /// Seconds until the next request is allowed; `None`: this one was.
    pub retry_after_seconds: Option<u32>,
}

/// A request that is worked on; dropped, the next of its key may. None where turns ended with the process.
pub type Turn = Option<OwnedSemaphorePermit>;

/// What a key may do a few of at once.
#[derive(Debug, Clone, Copy)]
enum Slow {
    Bulk,
    Stamp,
}

/// One of them that runs; dropped, another may.
pub struct Slot {
    limits: Arc<Limits>,
    key: KeyId,
    what: Slow,
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(bucket) = self.limits.lock().get_mut(&self.key) {
            let running = bucket.running(self.what);
            *running = running.saturating_sub(1);
        }
    }
}

impl Limits {
    /// What each key may, as configured.
    pub fn new(config: &Integrators) -> Limits {
        Limits {
            per_minute: config.requests_per_minute.max(1),
            bulk_at_once: config.bulk_at_once.max(1),
            stamps_at_once: config.stamps_at_once.max(1),
            documents_per_day: config.documents_per_day.max(1),
            keys: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<KeyId, Bucket>> {
        // A panic elsewhere leaves numbers behind, never half a number.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn whole(&self) -> i64 {
        i64::from(self.per_minute) * MICROS_PER_MINUTE
    }

    fn full_bucket(&self, now: Timestamp) -> Bucket {
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        Bucket { parts: self.whole(), filled_at: now, bulks: 0, stamps: 0, documents: 0, day_began_at: now, turns }
    }

    /// Takes a request from the key's bucket, or says when there will be one.
    pub fn take(&self, key: KeyId, now: Timestamp) -> Allowance {
        let (whole, rate) = (self.whole(), i64::from(self.per_minute));
        let mut keys = self.lock();
        if keys.len() >= KEYS_MAX && !keys.contains_key(&key) {
            keys.retain(|_, bucket| bucket.is_used(now) || bucket.at(now, rate, whole) < whole);
        }
        let bucket = keys.entry(key).or_insert_with(|| self.full_bucket(now));
        bucket.parts = bucket.at(now, rate, whole);
        bucket.filled_at = bucket.filled_at.max(now);
        let allowed = bucket.parts >= MICROS_PER_MINUTE;
        if allowed {
            bucket.parts -= MICROS_PER_MINUTE;
        }
        let seconds = |parts: i64| u32::try_from(ceil(parts.max(0), rate * 1_000_000)).unwrap_or(u32::MAX);
        Allowance {
            per_minute: self.per_minute,
            left: u32::try_from(bucket.parts / MICROS_PER_MINUTE).unwrap_or(0),
            full_in_seconds: seconds(whole - bucket.parts),
            retry_after_seconds: (!allowed).then(|| seconds(MICROS_PER_MINUTE - bucket.parts).max(1)),
        }
    }

    /// Waits until a request of this key may be worked on; in the order in which they came. Its turn ends with what is
    /// given.
    pub async fn turn(&self, key: KeyId, now: Timestamp) -> Turn {
        let turns = self.lock().entry(key).or_insert_with(|| self.full_bucket(now)).turns.clone();
        // Nobody closes it.
        turns.acquire_owned().await.ok()
    }

    /// Begins a bulk request; `None` while the key has as many running as it may.
    pub fn enter_bulk(self: &Arc<Limits>, key: KeyId, now: Timestamp) -> Option<Slot> {
        self.enter(key, (Slow::Bulk, self.bulk_at_once), now)
    }

    /// Begins an invoice, which waits for its stamp; `None` while as many of the key's do as may.
    pub fn enter_stamp(self: &Arc<Limits>, key: KeyId, now: Timestamp) -> Option<Slot> {
        self.enter(key, (Slow::Stamp, self.stamps_at_once), now)
    }

    fn enter(self: &Arc<Limits>, key: KeyId, (what, max): (Slow, u32), now: Timestamp) -> Option<Slot> {
        let mut keys = self.lock();
        let running = keys.entry(key).or_insert_with(|| self.full_bucket(now)).running(what);
        if *running >= max {
            return None;
        }
        *running += 1;
        Some(Slot { limits: self.clone(), key, what })
    }

    /// Seconds until the key may make a document again; `None`: it may now. Counted is what was made, by
    /// [`Limits::made_document`], so that the same sent again costs nothing; what is under way may go a little beyond.
    pub fn documents_wait(&self, key: KeyId, now: Timestamp) -> Option<u32> {
        let mut keys = self.lock();
        let bucket = keys.get_mut(&key)?;
        bucket.turn_day(now);
        let left = DAY_SECONDS.saturating_sub(now.seconds_since(bucket.day_began_at));
        (bucket.documents >= self.documents_per_day).then(|| u32::try_from(left).unwrap_or(0).max(1))
    }

    /// The key made a document.
    pub fn made_document(&self, key: KeyId, now: Timestamp) {
        let mut keys = self.lock();
        let bucket = keys.entry(key).or_insert_with(|| self.full_bucket(now));
        bucket.turn_day(now);
        bucket.documents = bucket.documents.saturating_add(1);
    }
}

impl Bucket {
    fn running(&mut self, what: Slow) -> &mut u32 {
        match what {
            Slow::Bulk => &mut self.bulks,
            Slow::Stamp => &mut self.stamps,
        }
    }

    /// A day is counted from its first document.
    fn turn_day(&mut self, now: Timestamp) {
        if self.documents == 0 || now.seconds_since(self.day_began_at) >= DAY_SECONDS {
            (self.documents, self.day_began_at) = (0, now);
        }
    }

    /// Something of it runs or is counted, and may not be forgotten.
    fn is_used(&self, now: Timestamp) -> bool {
        let is_today = now.seconds_since(self.day_began_at) < DAY_SECONDS;
        self.bulks > 0 || self.stamps > 0 || (self.documents > 0 && is_today)
    }

    fn at(&self, now: Timestamp, rate: i64, whole: i64) -> i64 {
        let micros = now.jiff().as_microsecond().saturating_sub(self.filled_at.jiff().as_microsecond()).max(0);
        self.parts.saturating_add(micros.saturating_mul(rate)).min(whole)
    }
}

/// Of two numbers above zero, rounded up.
fn ceil(of: i64, by: i64) -> i64 {
    of / by + i64::from(of % by > 0)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn key(n: u128) -> KeyId {
        KeyId::new(Uuid::from_u128(n))
    }

    fn noon() -> Timestamp {
        Timestamp::new("2026-11-22T12:00:00Z".parse().unwrap())
    }

    fn limits(requests_per_minute: u32) -> Arc<Limits> {
        Arc::new(Limits::new(&Integrators {
            requests_per_minute,
            bulk_at_once: 1,
            stamps_at_once: 2,
            documents_per_day: 3,
        }))
    }

    #[test]
    fn i3_a_key_that_asks_too_much_waits_and_another_does_not() {
        let limits = limits(60);
        for left in (0..60).rev() {
            let allowance = limits.take(key(1), noon());
            assert_eq!((allowance.left, allowance.retry_after_seconds), (left, None));
        }
        let refused = limits.take(key(1), noon());
        assert_eq!((refused.left, refused.full_in_seconds, refused.retry_after_seconds), (0, 60, Some(1)));
        assert_eq!(limits.take(key(2), noon()).left, 59);
        let later = limits.take(key(1), noon().plus_seconds(1));
        assert_eq!((later.left, later.retry_after_seconds), (0, None));
        assert_eq!(limits.take(key(1), noon().plus_seconds(3_600)).left, 59, "never more than a minute's worth");
    }

    #[test]
    fn a_slow_limit_says_how_long_to_wait() {
        let limits = limits(2);
        limits.take(key(1), noon());
        limits.take(key(1), noon());
        assert_eq!(limits.take(key(1), noon()).retry_after_seconds, Some(30));
        assert_eq!(limits.take(key(1), noon().plus_seconds(29)).retry_after_seconds, Some(1));
        assert_eq!(limits.take(key(1), noon().plus_seconds(30)).retry_after_seconds, None);
        assert_eq!(limits.take(key(1), noon()).retry_after_seconds, Some(30), "a clock set back gives nothing");
    }

    #[test]
    fn one_bulk_request_runs_at_a_time_for_each_key() {
        let limits = limits(60);
        let first = limits.enter_bulk(key(1), noon());
        assert!(first.is_some() && limits.enter_bulk(key(1), noon()).is_none());
        assert!(limits.enter_bulk(key(2), noon()).is_some());
        drop(first);
        assert!(limits.enter_bulk(key(1), noon()).is_some());
    }

    #[test]
    fn i3_a_few_stamps_wait_at_once_for_each_key() {
        let limits = limits(60);
        let (first, second) = (limits.enter_stamp(key(1), noon()), limits.enter_stamp(key(1), noon()));
        assert!(first.is_some() && second.is_some() && limits.enter_stamp(key(1), noon()).is_none());
        assert!(limits.enter_bulk(key(1), noon()).is_some(), "another limit");
        assert!(limits.enter_stamp(key(2), noon()).is_some());
        drop(first);
        assert!(limits.enter_stamp(key(1), noon()).is_some());
    }

    #[test]
    fn i3_so_many_documents_a_day_and_then_a_new_day() {
        let limits = limits(60);
        for hour in 0..3 {
            let now = noon().plus_seconds(hour * 3_600);
            assert_eq!(limits.documents_wait(key(1), now), None);
            limits.made_document(key(1), now);
        }
        let later = noon().plus_seconds(23 * 3_600);
        assert_eq!(limits.documents_wait(key(1), later), Some(3_600));
        assert_eq!(limits.documents_wait(key(2), later), None);
        assert_eq!(limits.documents_wait(key(1), noon().plus_seconds(DAY_SECONDS)), None);
    }

    #[tokio::test]
    async fn i3_a_keys_requests_wait_for_each_other_and_not_for_another_keys() {
        let limits = limits(60);
        let mut turns = Vec::new();
        for _ in 0..AT_ONCE {
            turns.push(limits.turn(key(1), noon()).await);
        }
        let waits = limits.turn(key(1), noon());
        tokio::pin!(waits);
        assert!(futures::poll!(&mut waits).is_pending());
        assert!(futures::poll!(std::pin::pin!(limits.turn(key(2), noon()))).is_ready());
        turns.pop();
        assert!(futures::poll!(waits).is_ready());
    }

    #[test]
    fn keys_that_ask_nothing_are_forgotten() {
        let limits = limits(60);
        for n in 0..KEYS_MAX {
            limits.take(key(u128::try_from(n).unwrap()), noon());
        }
        limits.take(key(u128::MAX), noon().plus_seconds(120));
        assert_eq!(limits.lock().len(), 1);
    }
}
