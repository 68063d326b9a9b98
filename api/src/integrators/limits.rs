//! How much one key may ask: a bucket of requests that fills evenly, a few of them worked on at a time, and a few bulk
//! requests at once. In memory, per process (E6): a flood limit, not a security counter.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::model::KeyId;
use crate::db::Timestamp;

/// Keys remembered; beyond it those whose bucket is full are forgotten, which changes nothing for them.
const KEYS_MAX: usize = 10_000;
const MICROS_PER_MINUTE: i64 = 60_000_000;
/// Requests of a key that are worked on at once, beside its bulks; its others wait for their turn, and those of other keys
/// do not wait behind them.
const AT_ONCE: u32 = 2;

/// The limits of all keys of this process.
pub struct Limits {
    per_minute: u32,
    bulk_at_once: u32,
    keys: Mutex<HashMap<KeyId, Bucket>>,
}

struct Bucket {
    /// Requests left, in parts: a request is [`MICROS_PER_MINUTE`] of them, and `per_minute` come every microsecond.
    parts: i64,
    filled_at: Timestamp,
    bulks: u32,
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

/// A bulk request that runs; dropped, another may.
pub struct BulkSlot {
    limits: Arc<Limits>,
    key: KeyId,
}

impl Drop for BulkSlot {
    fn drop(&mut self) {
        if let Some(bucket) = self.limits.lock().get_mut(&self.key) {
            bucket.bulks = bucket.bulks.saturating_sub(1);
        }
    }
}

impl Limits {
    /// So many requests a minute, and bulk requests at once, for each key.
    pub fn new(per_minute: u32, bulk_at_once: u32) -> Limits {
        Limits { per_minute: per_minute.max(1), bulk_at_once: bulk_at_once.max(1), keys: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<KeyId, Bucket>> {
        // A panic elsewhere leaves numbers behind, never half a number.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn whole(&self) -> i64 {
        i64::from(self.per_minute) * MICROS_PER_MINUTE
    }

    fn full_bucket(&self, now: Timestamp) -> Bucket {
        let at_once = usize::try_from(AT_ONCE.saturating_add(self.bulk_at_once)).unwrap_or(usize::MAX);
        let turns = Arc::new(Semaphore::new(at_once.min(Semaphore::MAX_PERMITS)));
        Bucket { parts: self.whole(), filled_at: now, bulks: 0, turns }
    }

    /// Takes a request from the key's bucket, or says when there will be one.
    pub fn take(&self, key: KeyId, now: Timestamp) -> Allowance {
        let (whole, rate) = (self.whole(), i64::from(self.per_minute));
        let mut keys = self.lock();
        if keys.len() >= KEYS_MAX && !keys.contains_key(&key) {
            keys.retain(|_, bucket| bucket.bulks > 0 || bucket.at(now, rate, whole) < whole);
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
    pub fn enter_bulk(self: &Arc<Limits>, key: KeyId, now: Timestamp) -> Option<BulkSlot> {
        let mut keys = self.lock();
        let bucket = keys.entry(key).or_insert_with(|| self.full_bucket(now));
        if bucket.bulks >= self.bulk_at_once {
            return None;
        }
        bucket.bulks += 1;
        Some(BulkSlot { limits: self.clone(), key })
    }
}

impl Bucket {
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

    #[test]
    fn i3_a_key_that_asks_too_much_waits_and_another_does_not() {
        let limits = Limits::new(60, 1);
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
        let limits = Limits::new(2, 1);
        limits.take(key(1), noon());
        limits.take(key(1), noon());
        assert_eq!(limits.take(key(1), noon()).retry_after_seconds, Some(30));
        assert_eq!(limits.take(key(1), noon().plus_seconds(29)).retry_after_seconds, Some(1));
        assert_eq!(limits.take(key(1), noon().plus_seconds(30)).retry_after_seconds, None);
        assert_eq!(limits.take(key(1), noon()).retry_after_seconds, Some(30), "a clock set back gives nothing");
    }

    #[test]
    fn one_bulk_request_runs_at_a_time_for_each_key() {
        let limits = Arc::new(Limits::new(60, 1));
        let first = limits.enter_bulk(key(1), noon());
        assert!(first.is_some() && limits.enter_bulk(key(1), noon()).is_none());
        assert!(limits.enter_bulk(key(2), noon()).is_some());
        drop(first);
        assert!(limits.enter_bulk(key(1), noon()).is_some());
    }

    #[tokio::test]
    async fn i3_a_keys_requests_wait_for_each_other_and_not_for_another_keys() {
        let limits = Limits::new(60, 1);
        let mut turns = Vec::new();
        for _ in 0..=AT_ONCE {
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
        let limits = Limits::new(60, 1);
        for n in 0..KEYS_MAX {
            limits.take(key(u128::try_from(n).unwrap()), noon());
        }
        limits.take(key(u128::MAX), noon().plus_seconds(120));
        assert_eq!(limits.lock().len(), 1);
    }
}
