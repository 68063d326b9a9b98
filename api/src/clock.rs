//! Time and chance, passed in: nothing else in the house asks the machine for them.
use std::sync::Arc;

use jiff::tz::TimeZone;
use shared::time::LocalTime;
use uuid::Uuid;

use crate::db::Timestamp;

/// Whose clock says which day it is when nothing else does.
const CALENDAR: &str = "America/Mexico_City";

/// What time it is.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that may ask the machine for the time")]
    fn now(&self) -> Timestamp {
        Timestamp::new(jiff::Timestamp::now())
    }
}

/// Where unguessable bytes come from.
pub trait Randomness: Send + Sync {
    /// Fills `bytes`, or the process must not go on.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        if aws_lc_rs::rand::fill(bytes).is_err() {
            tracing::error!("the operating system gives no random bytes: stopping");
            std::process::abort();
        }
    }
}

/// Makes ids and secrets from the clock and the randomness it was given.
#[derive(Clone)]
pub struct Ids {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Randomness>,
}

impl Ids {
    /// Ids of this clock and this randomness.
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Randomness>) -> Ids {
        Ids { clock, random }
    }

    /// A UUIDv7: sorts by the time it was made.
    pub fn uuid(&self) -> Uuid {
        let mut tail = [0; 10];
        self.random.fill(&mut tail);
        let millis = u64::try_from(self.clock.now().jiff().as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }

    /// 256 unguessable bits.
    pub fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes);
        bytes
    }

    /// A number to read aloud: `VT-4K7P-2208`. Letters and digits that sound and look alike are left out.
    pub fn tracking(&self) -> String {
        const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes);
        let pick = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
        let (first, last) = bytes.split_at(4);
        format!("VT-{}-{}", first.iter().map(pick).collect::<String>(), last.iter().map(pick).collect::<String>())
    }
}

/// An instant with the wall clock of the zone it is shown for.
pub fn local_time(at: Timestamp, zone: &TimeZone) -> LocalTime {
    LocalTime {
        instant: at.to_string(),
        civil: civil_text(at, zone),
        zone: zone.iana_name().unwrap_or("UTC").to_owned(),
    }
}

/// The clock of what is nobody's in particular: that of the capital.
pub fn calendar() -> TimeZone {
    TimeZone::get(CALENDAR).unwrap_or(TimeZone::UTC)
}

/// `YYYY-MM-DDThh:mm:ss` on the wall of the zone: also the CFDI's own form of a date.
pub fn civil_text(at: Timestamp, zone: &TimeZone) -> String {
    at.jiff().to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
