//! What runs at what hour, in one table. Each line is one row of the queue, the same row for all processes of an
//! installation: it is leased like any other work, and goes back to wait for its next hour when it is done.
use jiff::ToSpan;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{JobKind, store};
use crate::db::{Db, DbResult, Timestamp};

/// The clock on the wall that the hours below are read from: when its shops sleep, the house tidies up.
const ZONE: &str = "America/Mexico_City";

/// When something runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// Once a day, at this time of central Mexico. Missed while nobody was running, it runs at the next start.
    Daily(Time),
    /// At every full hour.
    Hourly,
}

/// The table.
const SCHEDULE: [(JobKind, When); 5] = [
    (JobKind::WatchDisk, When::Hourly),
    (JobKind::RefreshRates, When::Hourly),
    (JobKind::ReadReferences, When::Hourly),
    // After midnight's totals and before the first shop opens.
    (JobKind::Purge, When::Daily(Time::constant(3, 30, 0, 0))),
    // When whoever reads the letter is at work.
    (JobKind::WarnOfCertificates, When::Daily(Time::constant(9, 0, 0, 0))),
];

/// Puts every line of the table into the queue that is not there. One that was given up is taken up again: a start
/// follows a repair.
pub async fn plan(db: &Db, now: Timestamp) -> DbResult<()> {
    let mut tx = db.begin().await?;
    for (kind, when) in SCHEDULE {
        store::insert_scheduled(&mut tx, row_id(kind), kind, when.after(now), now).await?;
    }
    tx.commit().await
}

/// When work of this kind runs next; `None` for what is not in the table.
pub(super) fn next_run(kind: JobKind, now: Timestamp) -> Option<Timestamp> {
    SCHEDULE.iter().find(|(scheduled, _)| *scheduled == kind).map(|(_, when)| when.after(now))
}

/// One id for one line, so that two processes that start together plan one row.
fn row_id(kind: JobKind) -> Uuid {
    let digest = Sha256::digest(format!("schedule: {}", kind.as_str()));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

impl When {
    fn after(self, now: Timestamp) -> Timestamp {
        let When::Daily(time) = self else {
            return now.plus_seconds(3_600 - now.jiff().as_second().rem_euclid(3_600));
        };
        let next = || {
            let here = now.jiff().to_zoned(TimeZone::get(ZONE)?);
            let today = here.with().time(time).build()?;
            if today > here { Ok(today) } else { today.checked_add(1.day()) }
        };
        // Only at the end of time is there no next day.
        let next: Result<jiff::Zoned, jiff::Error> = next();
        next.map_or(now.plus_seconds(86_400), |next| Timestamp::new(next.timestamp()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::new(text.parse().unwrap())
    }

    #[test]
    fn half_past_three_comes_once_a_day() {
        let half_past_three = When::Daily(Time::constant(3, 30, 0, 0));
        for (now, next) in [
            ("2026-11-18T09:29:59Z", "2026-11-18T09:30:00Z"),
            ("2026-11-18T09:30:00Z", "2026-11-19T09:30:00Z"),
            ("2026-11-18T18:00:00Z", "2026-11-19T09:30:00Z"),
            ("2026-12-31T23:59:59Z", "2027-01-01T09:30:00Z"),
        ] {
            assert_eq!(half_past_three.after(at(now)), at(next), "{now}");
        }
    }

    #[test]
    fn every_hour_comes_at_its_full_hour() {
        for (now, next) in [
            ("2026-11-18T09:59:59Z", "2026-11-18T10:00:00Z"),
            ("2026-11-18T10:00:00Z", "2026-11-18T11:00:00Z"),
            ("1969-12-31T23:30:00Z", "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(When::Hourly.after(at(now)), at(next), "{now}");
        }
    }

    #[test]
    fn every_line_has_a_row_of_its_own_and_always_the_same() {
        let ids: Vec<Uuid> = SCHEDULE.iter().map(|(kind, _)| row_id(*kind)).collect();
        let again: Vec<Uuid> = SCHEDULE.iter().map(|(kind, _)| row_id(*kind)).collect();
        assert_eq!(ids, again);
        let different: std::collections::HashSet<Uuid> = ids.iter().copied().collect();
        assert_eq!(different.len(), SCHEDULE.len());
    }
}
