//! A PAC that answers nobody is left alone for a while, so that nobody waits its whole time limit to hear nothing (F7).
//!
//! In memory and per process, by the house's clock; a start asks anew. It decides nothing about an invoice: what is not
//! asked for is a silence, and the queue asks later with the very same bytes.
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::db::Timestamp;

/// So many invoices in a row without an answer open it. Different ones: a document that the PAC cannot bear is asked
/// for again and again, and must not stop the others.
const SILENT_MAX: usize = 3;
/// While it is open, one invoice is tried after so many seconds.
const PAUSE_SECONDS: i64 = 30;

/// Whether the PAC is asked at all.
pub struct Circuit {
    /// How long one try may take: meanwhile there is no second.
    try_seconds: i64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Invoices without an answer since the last one that had one.
    silent: Vec<Uuid>,
    /// Open: when the next one is tried.
    try_at: Option<Timestamp>,
}

impl Circuit {
    /// Closed, before a PAC that takes so long to answer at most.
    pub fn new(try_seconds: u64) -> Circuit {
        Circuit { try_seconds: i64::try_from(try_seconds).unwrap_or(i64::MAX), state: Mutex::default() }
    }

    /// Whether the PAC may be asked now. While it is open, whoever hears yes is the one that tries.
    pub fn admits(&self, now: Timestamp) -> bool {
        let mut state = self.lock();
        let Some(try_at) = state.try_at else { return true };
        let (wait, longest) = (try_at.seconds_since(now), PAUSE_SECONDS.saturating_add(self.try_seconds));
        // A clock that was set back must not keep it open for longer.
        if try_at > now && wait <= longest {
            return false;
        }
        state.try_at = Some(now.plus_seconds(longest));
        true
    }

    /// The PAC answered, whatever it said.
    pub fn answered(&self) {
        let before = std::mem::take(&mut *self.lock());
        if before.try_at.is_some() {
            tracing::info!("the PAC answers again");
        }
    }

    /// It gave this invoice no answer.
    pub fn silent(&self, invoice: Uuid, now: Timestamp) {
        let mut state = self.lock();
        if state.silent.len() < SILENT_MAX && !state.silent.contains(&invoice) {
            state.silent.push(invoice);
        }
        if state.silent.len() < SILENT_MAX {
            return;
        }
        if state.try_at.is_none() {
            tracing::error!(pause_seconds = PAUSE_SECONDS, "the PAC is silent: invoices wait, one is tried each pause");
        }
        state.try_at = Some(now.plus_seconds(PAUSE_SECONDS));
    }

    /// The PAC is left alone.
    pub fn is_open(&self) -> bool {
        self.lock().try_at.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::new("2026-11-18T18:00:00Z".parse().unwrap())
    }

    /// A PAC of twelve seconds that gave these invoices no answer.
    fn silent_for(invoices: &[u128]) -> Circuit {
        let circuit = Circuit::new(12);
        for invoice in invoices {
            assert!(circuit.admits(now()), "{invoice}");
            circuit.silent(Uuid::from_u128(*invoice), now());
        }
        circuit
    }

    #[test]
    fn three_different_invoices_in_a_row_open_it() {
        assert!(!silent_for(&[1, 2, 3]).admits(now()));
        assert!(silent_for(&[1, 2, 1, 2, 1]).admits(now()), "one document may be the fault");
        let interrupted = silent_for(&[1, 2]);
        interrupted.answered();
        interrupted.silent(Uuid::from_u128(3), now());
        assert!(interrupted.admits(now()));
    }

    #[test]
    fn open_it_lets_one_try_after_each_pause_until_one_is_answered() {
        let circuit = silent_for(&[1, 2, 3]);
        assert!(!circuit.admits(now().plus_seconds(29)));
        let first = now().plus_seconds(30);
        assert!(circuit.admits(first));
        assert!(!circuit.admits(first.plus_seconds(12)), "the first may still be under way");
        let heard = first.plus_seconds(12);
        circuit.silent(Uuid::from_u128(4), heard);
        assert!(!circuit.admits(heard.plus_seconds(29)));
        assert!(circuit.admits(heard.plus_seconds(30)));
        circuit.answered();
        for _ in 0..3 {
            assert!(circuit.admits(heard.plus_seconds(30)));
        }
    }

    #[test]
    fn a_try_that_came_to_nothing_is_followed_by_another() {
        let circuit = silent_for(&[1, 2, 3]);
        let first = now().plus_seconds(30);
        assert!(circuit.admits(first));
        assert!(!circuit.admits(first.plus_seconds(41)));
        assert!(circuit.admits(first.plus_seconds(42)));
    }

    #[test]
    fn a_clock_set_back_does_not_keep_it_open() {
        assert!(silent_for(&[1, 2, 3]).admits(now().plus_seconds(-86_400)));
    }
}
