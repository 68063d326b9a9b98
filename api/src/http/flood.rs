//! Flood limits: how often one source may ask for what costs us work. In memory and per process (E6): they keep a
//! machine alive, and are lost with it. What must hold across processes is counted in rows by its domain.
//!
//! A source is the caller's network address as [`SourceAddress`] finds it, so nothing that a caller writes changes it.
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use shared::ProblemCode;

use super::{ApiError, SourceAddress};
use crate::config;
use crate::db::Timestamp;

/// Length of the window that a limit speaks of; a whole window's worth may come at once.
const WINDOW_MICROS: i64 = 60_000_000;
/// Sources that are remembered, of all acts together: some megabytes.
const SOURCES_MAX: usize = 50_000;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// A guest looks a ticket up.
    LookUp,
    /// Somebody tries a password.
    SignIn,
    /// Somebody asks for an invoice, or for its stamp or its letter again.
    Invoice,
}

/// How full the buckets of all sources are.
pub struct Floods {
    per_minute: config::Floods,
    /// When a bucket will be empty again, in microseconds: later than now by what is in it.
    empty_at: Mutex<HashMap<(Act, IpAddr), i64>>,
}

impl Floods {
    /// With these limits.
    pub fn new(per_minute: config::Floods) -> Floods {
        Floods { per_minute, empty_at: Mutex::default() }
    }

    /// Counts one more act of a source, or refuses it with 429 and says when to come back. A refused act fills nothing.
    pub fn admit(&self, act: Act, source: SourceAddress, now: Timestamp) -> Result<(), ApiError> {
        match self.wait_micros(act, source.network(), now.jiff().as_microsecond()) {
            None => Ok(()),
            Some(micros) => {
                let seconds = u32::try_from(micros / 1_000_000 + 1).unwrap_or(u32::MAX);
                Err(ApiError::new(ProblemCode::TooManyRequests).retry_after(seconds))
            }
        }
    }

    fn wait_micros(&self, act: Act, source: IpAddr, now: i64) -> Option<i64> {
        let limit = match act {
            Act::LookUp => self.per_minute.look_ups_per_minute,
            Act::SignIn => self.per_minute.sign_ins_per_minute,
            Act::Invoice => self.per_minute.invoices_per_minute,
        };
        let drop_micros = WINDOW_MICROS / i64::from((limit > 0).then_some(limit)?);
        let mut empty_at = self.empty_at.lock().unwrap_or_else(PoisonError::into_inner);
        if empty_at.len() >= SOURCES_MAX {
            make_room(&mut empty_at, now);
        }
        let bucket = empty_at.entry((act, source)).or_insert(now);
        // A clock that was set back must not hold anybody for longer than a window.
        let filled = (*bucket).clamp(now, now.saturating_add(WINDOW_MICROS)).saturating_add(drop_micros);
        let over = filled - now - WINDOW_MICROS;
        if over > 0 {
            return Some(over);
        }
        *bucket = filled;
        None
    }
}

/// Forgets empty buckets; when most are not, everybody: memory has a bound, and a flood from so many sources is not
/// for this limit to stop.
fn make_room(empty_at: &mut HashMap<(Act, IpAddr), i64>, now: i64) {
    empty_at.retain(|_, empty_at| *empty_at > now);
    if empty_at.len() > SOURCES_MAX / 2 {
        tracing::warn!(sources = empty_at.len(), "too many sources to count: the flood limits begin anew");
        empty_at.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floods(look_ups_per_minute: u32) -> Floods {
        Floods::new(config::Floods { look_ups_per_minute, ..config::Floods::default() })
    }

    fn source(n: u32) -> IpAddr {
        IpAddr::V4(std::net::Ipv4Addr::from(n))
    }

    const NOW: i64 = 1_790_000_000_000_000;
    const SECOND: i64 = 1_000_000;

    #[test]
    fn a_minutes_worth_may_come_at_once_and_then_one_by_one() {
        let floods = floods(60);
        for _ in 0..60 {
            assert_eq!(floods.wait_micros(Act::LookUp, source(1), NOW), None);
        }
        assert_eq!(floods.wait_micros(Act::LookUp, source(1), NOW), Some(SECOND));
        assert_eq!(floods.wait_micros(Act::LookUp, source(1), NOW + SECOND / 2), Some(SECOND / 2));
        assert_eq!(floods.wait_micros(Act::LookUp, source(1), NOW + SECOND), None);
        assert_eq!(floods.wait_micros(Act::LookUp, source(1), NOW + SECOND), Some(SECOND));
        // Other sources and other acts have buckets of their own.
        assert_eq!(floods.wait_micros(Act::LookUp, source(2), NOW), None);
        assert_eq!(floods.wait_micros(Act::SignIn, source(1), NOW), None);
        assert_eq!(floods.wait_micros(Act::LookUp, source(1), NOW + 3_600 * SECOND), None);
    }

    #[test]
    fn a_clock_set_back_holds_nobody_for_long() {
        let floods = floods(2);
        for _ in 0..3 {
            floods.wait_micros(Act::LookUp, source(1), NOW);
        }
        let earlier = NOW - 86_400 * SECOND;
        assert_eq!(floods.wait_micros(Act::LookUp, source(1), earlier), Some(30 * SECOND));
        assert_eq!(floods.wait_micros(Act::LookUp, source(1), earlier + 60 * SECOND), Some(30 * SECOND));
        assert_eq!(floods.wait_micros(Act::LookUp, source(2), earlier), None);
    }

    #[test]
    fn zero_is_no_limit() {
        let floods = floods(0);
        assert!((0..1_000).all(|_| floods.wait_micros(Act::LookUp, source(1), NOW).is_none()));
        assert!(floods.empty_at.lock().unwrap().is_empty());
    }

    #[test]
    fn the_table_has_a_bound() {
        let floods = floods(60);
        for n in 0..3 * u32::try_from(SOURCES_MAX).unwrap() {
            assert_eq!(floods.wait_micros(Act::LookUp, source(n), NOW), None);
            assert!(floods.empty_at.lock().unwrap().len() <= SOURCES_MAX);
        }
    }
}
