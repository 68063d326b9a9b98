//! A clock that moves only when a test says so.
use std::sync::Mutex;

use api::clock::Clock;
use api::db::Timestamp;

pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    pub fn at(instant: &str) -> ManualClock {
        ManualClock(Mutex::new(Timestamp::new(instant.parse().unwrap())))
    }

    pub fn advance_seconds(&self, seconds: i64) {
        let mut now = self.0.lock().unwrap();
        *now = now.plus_seconds(seconds);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}
