//! Argon2id, a bounded number at a time (A12): each run takes 19 MiB and a core for tens of milliseconds, so a crowd of
//! strangers must not get one run each at once.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use shared::accounts::Secret;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use unicode_normalization::UnicodeNormalization;

use crate::clock::Ids;
use crate::threads::Ended;

/// OWASP's least: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Bytes of salt.
const SALT_LEN: usize = 16;
/// Compared with when there is no account, so that an unknown user costs what a known one does (A2). Its last part is
/// no hash of anything: no password is right.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsIGRlIG5pbmd1bm8$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why nothing was hashed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many wait already.
    #[error("too many passwords wait to be hashed")]
    Full,
    /// The library, or a damaged hash in the table.
    #[error("hashing a password: {0}")]
    Failed(String),
    /// Its thread did not come back.
    #[error("waiting for a password's hash")]
    Ended(#[source] Ended),
}

/// The one place where passwords are hashed.
pub struct Hasher {
    slots: Arc<Semaphore>,
    places: Arc<Semaphore>,
    runs: AtomicU64,
    running: AtomicU64,
    most: AtomicU64,
    /// Places in all.
    capacity: usize,
}

/// A place in the queue, taken before anything else is done for a caller.
pub struct Place {
    hasher: Arc<Hasher>,
    _place: OwnedSemaphorePermit,
}

impl Hasher {
    /// `queue` callers may wait; as many run at once as leave a core to everybody else.
    pub fn new(queue: usize) -> Hasher {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let slots = cores.saturating_sub(1).max(1);
        Hasher {
            slots: Arc::new(Semaphore::new(slots)),
            places: Arc::new(Semaphore::new(slots + queue)),
            capacity: slots + queue,
            runs: AtomicU64::new(0),
            running: AtomicU64::new(0),
            most: AtomicU64::new(0),
        }
    }

    /// Takes a place in the queue, or says at once that it is full.
    pub fn enter(self: &Arc<Self>) -> Result<Place, HashError> {
        let place = self.places.clone().try_acquire_owned().map_err(|_full| HashError::Full)?;
        Ok(Place { hasher: self.clone(), _place: place })
    }

    /// Runs since the start: tests compare what a known and an unknown user cost.
    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// How many run, and how many wait for their turn.
    pub fn queue(&self) -> (usize, usize) {
        let running = usize::try_from(self.running.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
        let taken = self.capacity.saturating_sub(self.places.available_permits());
        (running, taken.saturating_sub(running))
    }

    /// The most that ran at one moment since the start: tests let a crowd in and look (A12).
    pub fn most_at_once(&self) -> u64 {
        self.most.load(Ordering::Relaxed)
    }
}

impl Place {
    /// Whether the password is that of the hash. Without a hash it is not, after the same work.
    pub async fn verify(&self, hash: Option<String>, password: &Secret) -> Result<bool, HashError> {
        let password = normal(password);
        self.run(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let hash = PasswordHash::new(&hash).map_err(|error| HashError::Failed(error.to_string()))?;
            Ok(argon2id()?.verify_password(password.as_bytes(), &hash).is_ok() && known)
        })
        .await
    }

    /// The hash to keep, in PHC form.
    pub async fn hash(&self, ids: &Ids, password: &Secret) -> Result<String, HashError> {
        let (password, secret) = (normal(password), ids.secret());
        self.run(move || {
            let hash = argon2id()?.hash_password_with_salt(password.as_bytes(), &secret[..SALT_LEN]);
            hash.map(|hash| hash.to_string()).map_err(|error| HashError::Failed(error.to_string()))
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let slot = self.hasher.slots.clone().acquire_owned().await.map_err(|_closed| HashError::Full)?;
        self.hasher.runs.fetch_add(1, Ordering::Relaxed);
        let hasher = self.hasher.clone();
        // The slot goes with the work: a caller who goes away does not free a core that is still busy.
        let running = tokio::task::spawn_blocking(move || {
            hasher.most.fetch_max(hasher.running.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            let done = work();
            hasher.running.fetch_sub(1, Ordering::Relaxed);
            drop(slot);
            done
        });
        running.await.map_err(|ended| HashError::Ended(ended.into()))?
    }
}

/// One spelling of what looks the same: keyboards differ in how they make an ñ.
fn normal(password: &Secret) -> String {
    password.expose().nfc().collect()
}

fn argon2id() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| HashError::Failed(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{SystemClock, SystemRandomness};

    fn ids() -> Ids {
        Ids::new(Arc::new(SystemClock), Arc::new(SystemRandomness))
    }

    #[tokio::test]
    async fn a_password_is_recognised_however_its_letters_are_made() {
        let hasher = Arc::new(Hasher::new(4));
        let place = hasher.enter().unwrap();
        let hash = place.hash(&ids(), &Secret::new("ma\u{f1}ana ser\u{e1}")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(place.verify(Some(hash.clone()), &Secret::new("man\u{303}ana sera\u{301}")).await.unwrap());
        assert!(!place.verify(Some(hash.clone()), &Secret::new("manana sera")).await.unwrap());
        assert_ne!(place.hash(&ids(), &Secret::new("ma\u{f1}ana ser\u{e1}")).await.unwrap(), hash, "salted");
        assert!(place.verify(Some("damaged".into()), &Secret::new("x")).await.is_err());
    }

    #[tokio::test]
    async fn nobody_costs_one_run_and_is_never_right() {
        let hasher = Arc::new(Hasher::new(4));
        for password in ["", "password", "ninguno"] {
            let before = hasher.runs();
            assert!(!hasher.enter().unwrap().verify(None, &Secret::new(password)).await.unwrap());
            assert_eq!(hasher.runs() - before, 1);
        }
    }

    #[tokio::test]
    async fn a12_a_full_queue_says_so_at_once() {
        let hasher = Arc::new(Hasher::new(2));
        let places: Vec<Place> = std::iter::from_fn(|| hasher.enter().ok()).take(100).collect();
        assert!(places.len() < 100);
        assert!(matches!(hasher.enter(), Err(HashError::Full)));
        drop(places);
        assert!(hasher.enter().is_ok());
    }
}
