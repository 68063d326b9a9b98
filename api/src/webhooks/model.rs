//! Endpoints, deliveries, and the pure decisions about them.
use shared::integrators::EventKind;
use shared::webhooks::{DeliveryState, DisabledBecause};
use uuid::Uuid;

use crate::config;
use crate::db::Timestamp;

/// Longest pause that an endpoint may ask for with Retry-After.
const RETRY_AFTER_MAX_SECONDS: u32 = 86_400;
/// Of that, the longest that is kept for the whole endpoint: what happens meanwhile waits no longer for its first try.
const REST_MAX_SECONDS: u32 = 3_600;
/// Units of the first pause of an endpoint that takes nothing at all, doubled each time.
const SILENCE_FIRST: i64 = 5;
/// Units of the longest one.
const SILENCE_MAX: i64 = 300;

/// Where an issuer's events are sent.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Ours.
    pub id: Uuid,
    /// Whose events.
    pub issuer_id: Uuid,
    /// The integrator's name for it.
    pub external_id: String,
    /// Where.
    pub url: String,
    /// For people.
    pub description: String,
    /// Which events; all when empty.
    pub event_types: Vec<EventKind>,
    /// What is signed with, sealed.
    pub secret_sealed: Vec<u8>,
    /// What was signed with before, and until when it signs too.
    pub previous: Option<(Vec<u8>, Timestamp)>,
    /// Whether anything is sent.
    pub enabled: bool,
    /// Why not.
    pub disabled_because: Option<DisabledBecause>,
    /// The first failure after the last success.
    pub failing_since: Option<Timestamp>,
    /// How often in a row it took nothing at all: silence, or an answer that speaks for the whole endpoint.
    pub silences: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When somebody last changed it.
    pub updated_at: Timestamp,
}

impl Endpoint {
    /// Whether it is told of events of this kind.
    pub fn wants(&self, kind: EventKind) -> bool {
        self.event_types.is_empty() || self.event_types.contains(&kind)
    }

    /// The name its secrets are sealed under.
    pub fn secret_name(id: Uuid) -> String {
        format!("webhook:{id}")
    }
}

/// One event for one endpoint.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Ours.
    pub id: Uuid,
    /// Where to.
    pub endpoint_id: Uuid,
    /// The event's place in its feed.
    pub seq: i64,
    /// The event.
    pub event_id: Uuid,
    /// Its kind.
    pub kind: EventKind,
    /// Where it stands.
    pub state: DeliveryState,
    /// Tries since `begun_at`.
    pub attempts: i64,
    /// When its tries began.
    pub begun_at: Timestamp,
    /// When it is tried next.
    pub next_attempt_at: Timestamp,
    /// What the last try was answered.
    pub last_status: Option<i64>,
    /// Why it failed.
    pub last_failure: Option<String>,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
    /// When the event happened.
    pub created_at: Timestamp,
}

/// Why a try failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// A status that is not 2xx.
    Status,
    /// A redirect: none is followed.
    Redirect,
    /// Nothing within the time limit.
    Timeout,
    /// No connection, or one that broke.
    Connect,
    /// The address leads to something that is not public.
    Address,
    /// The secret does not open: another master key.
    Secret,
}

impl Failure {
    /// As kept and told.
    pub const fn as_str(self) -> &'static str {
        match self {
            Failure::Status => "status",
            Failure::Redirect => "redirect",
            Failure::Timeout => "timeout",
            Failure::Connect => "connect",
            Failure::Address => "address",
            Failure::Secret => "secret",
        }
    }

    /// Nobody answered: the next delivery would fare no better now.
    pub const fn is_silence(self) -> bool {
        matches!(self, Failure::Timeout | Failure::Connect | Failure::Address | Failure::Secret)
    }
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// `None`: it arrived.
    pub failure: Option<Failure>,
    /// What the endpoint asked us to wait.
    pub retry_after_seconds: Option<u32>,
    /// How long it took.
    pub milliseconds: i64,
}

impl Tried {
    /// Seconds that the endpoint as a whole asks to be left in peace; zero: it does not say how long. Too many requests,
    /// or nobody behind its door: the next delivery would fare no better.
    pub fn asks_for_rest(&self) -> Option<u32> {
        matches!(self.status, Some(429 | 502..=504)).then(|| self.retry_after_seconds.unwrap_or(0))
    }
}

/// What becomes of a delivery after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// It arrived.
    Delivered,
    /// It is tried again then.
    Again(Timestamp),
    /// It is given up until somebody sends it by hand.
    Parked,
}

impl After {
    /// For those who count tries.
    pub const fn word(self) -> &'static str {
        match self {
            After::Delivered => "delivered",
            After::Again(_) => "again",
            After::Parked => "parked",
        }
    }
}

/// When deliveries are tried again.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    settings: &'a config::Webhooks,
}

impl<'a> Table<'a> {
    /// As configured.
    pub fn of(settings: &'a config::Webhooks) -> Table<'a> {
        Table { settings }
    }

    /// Tries before a delivery is given up.
    pub fn attempts_max(self) -> i64 {
        i64::try_from(self.settings.retry_pauses.len()).unwrap_or(i64::MAX - 1) + 1
    }

    fn units(self, count: i64) -> i64 {
        count.saturating_mul(i64::try_from(self.settings.retry_unit_milliseconds).unwrap_or(i64::MAX))
    }

    /// After the try that makes `attempts`. `chance` spreads a crowd over up to a tenth more of its pause.
    pub fn after(self, tried: &Tried, attempts: i64, (begun_at, now): (Timestamp, Timestamp), chance: u8) -> After {
        if tried.failure.is_none() {
            return After::Delivered;
        }
        let index = usize::try_from(attempts - 1).unwrap_or(0);
        let Some(pause) = self.settings.retry_pauses.get(index) else { return After::Parked };
        // Pauses of a silent endpoint come on top of a delivery's own: beyond the whole table it is given up all the same.
        let whole: i64 = self.settings.retry_pauses.iter().sum();
        if now > begun_at.plus_millis(self.units(whole.saturating_mul(2))) {
            return After::Parked;
        }
        let asked = i64::from(tried.retry_after_seconds.unwrap_or(0).min(RETRY_AFTER_MAX_SECONDS)) * 1_000;
        let pause = self.units(*pause);
        After::Again(now.plus_millis(pause.saturating_add(pause / 10 * i64::from(chance) / 255).max(asked)))
    }

    /// Until when an endpoint is left in peace that took nothing, so many times in a row, and asked for so long.
    pub fn rests_until(self, silences: i64, asked_seconds: u32, now: Timestamp) -> Timestamp {
        let doubled = 1_i64.checked_shl(u32::try_from(silences - 1).unwrap_or(0).min(16)).unwrap_or(i64::MAX);
        let asked = i64::from(asked_seconds.min(REST_MAX_SECONDS)) * 1_000;
        now.plus_millis(self.units(SILENCE_FIRST.saturating_mul(doubled).min(SILENCE_MAX)).max(asked))
    }

    /// Whether an endpoint has failed for so long that it is sent nothing more.
    pub fn is_lost(self, failing_since: Timestamp, now: Timestamp) -> bool {
        now >= failing_since.plus_millis(self.units(self.settings.disable_after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Timestamp {
        Timestamp::new("2026-11-22T12:00:00Z".parse().unwrap())
    }

    fn tried(status: u16) -> Tried {
        let failure = (!(200..300).contains(&status)).then_some(Failure::Status);
        Tried { status: Some(status), failure, retry_after_seconds: None, milliseconds: 1 }
    }

    #[test]
    fn w3_a_delivery_is_tried_for_three_days_and_then_parked() {
        let settings = config::Webhooks::default();
        let table = Table::of(&settings);
        let (mut now, mut attempts) = (noon(), 0);
        loop {
            attempts += 1;
            match table.after(&tried(503), attempts, (noon(), now), 0) {
                After::Again(at) => now = at,
                After::Parked => break,
                After::Delivered => panic!("a failure is no success"),
            }
        }
        assert_eq!((attempts, table.attempts_max()), (10, 10));
        assert_eq!(now.seconds_since(noon()) / 3_600, 75);
        assert_eq!(table.after(&tried(204), 10, (noon(), now), 0), After::Delivered);
    }

    #[test]
    fn an_endpoint_that_asks_for_time_gets_it() {
        let settings = config::Webhooks::default();
        let table = Table::of(&settings);
        let asked = |seconds| Tried { retry_after_seconds: Some(seconds), ..tried(429) };
        assert_eq!(table.after(&asked(60), 1, (noon(), noon()), 0), After::Again(noon().plus_seconds(60)));
        assert_eq!(table.after(&asked(u32::MAX), 1, (noon(), noon()), 0), After::Again(noon().plus_seconds(86_400)));
        assert_eq!(table.after(&asked(1), 2, (noon(), noon()), 255), After::Again(noon().plus_seconds(330)));
    }

    #[test]
    fn the_table_can_be_run_a_thousand_times_as_fast() {
        let settings = config::Webhooks { retry_unit_milliseconds: 1, ..config::Webhooks::default() };
        let table = Table::of(&settings);
        assert_eq!(table.after(&tried(500), 2, (noon(), noon()), 0), After::Again(noon().plus_millis(300)));
        assert!(table.is_lost(noon(), noon().plus_seconds(260)) && !table.is_lost(noon(), noon().plus_seconds(259)));
    }

    #[test]
    fn w3_a_silent_endpoint_is_left_in_peace_for_longer_and_longer() {
        let settings = config::Webhooks::default();
        let pauses: Vec<i64> =
            [1, 2, 3, 7, 90].map(|n| Table::of(&settings).rests_until(n, 0, noon()).seconds_since(noon())).to_vec();
        assert_eq!(pauses, [5, 10, 20, 300, 300]);
    }

    #[test]
    fn w3_an_endpoint_that_can_take_no_more_rests_for_as_long_as_it_asks_up_to_an_hour() {
        let asked = |status, seconds| Tried { retry_after_seconds: seconds, ..tried(status) };
        assert_eq!(asked(429, Some(90)).asks_for_rest(), Some(90));
        for overloaded in [429, 502, 503, 504] {
            assert_eq!(asked(overloaded, None).asks_for_rest(), Some(0), "{overloaded}");
        }
        for other in [200, 307, 400, 404, 500, 501, 505] {
            assert_eq!(asked(other, Some(90)).asks_for_rest(), None, "{other}");
        }
        let settings = config::Webhooks::default();
        let rests = |seconds| Table::of(&settings).rests_until(1, seconds, noon()).seconds_since(noon());
        assert_eq!([0, 1, 90, u32::MAX].map(rests), [5, 5, 90, 3_600]);
    }
}
