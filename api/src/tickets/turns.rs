//! One look-up at a time for a ticket, and for a source. A try is counted only after it was wrong, so that a right one
//! writes nothing; without turns, many tries at once would all be judged before the first was counted (G1).
//!
//! Turns are of one process: where several serve one database, each adds one try to what the counters allow.
use std::hash::{DefaultHasher, Hash, Hasher};

use tokio::sync::{Mutex, MutexGuard};

/// Queues for tickets, and as many for sources. Strangers that share one wait for a read of the database at most.
const QUEUES: usize = 64;

/// The queues.
pub struct Turns {
    sources: [Mutex<()>; QUEUES],
    tickets: [Mutex<()>; QUEUES],
}

/// Somebody's turn, until it is dropped.
pub struct Turn<'a> {
    _source: MutexGuard<'a, ()>,
    _ticket: MutexGuard<'a, ()>,
}

impl Default for Turns {
    fn default() -> Turns {
        Turns { sources: [const { Mutex::const_new(()) }; QUEUES], tickets: [const { Mutex::const_new(()) }; QUEUES] }
    }
}

impl Turns {
    /// Waits for the turn of this source and this ticket. Always in this order, so that nobody waits in a circle.
    pub async fn wait(&self, source: &str, ticket: &str) -> Turn<'_> {
        Turn { _source: self.sources[queue(source)].lock().await, _ticket: self.tickets[queue(ticket)].lock().await }
    }
}

fn queue(subject: &str) -> usize {
    let mut hasher = DefaultHasher::new();
    subject.hash(&mut hasher);
    usize::try_from(hasher.finish() % QUEUES as u64).unwrap_or(0)
}
