//! What holds of the numbers themselves after every step, and how a payment is seen from outside.
use shared::payments::PaymentState as S;

use super::super::steps::{Way, Word};
use super::{Line, LineState, World};

/// State, credit, taken back, and the lines with what each paid.
pub type Seen = (S, i64, bool, Vec<(&'static str, Option<i64>)>);

impl World {
    pub fn payments(&self) -> usize {
        self.payments.len()
    }

    pub fn receivables(&self) -> usize {
        self.owed.len()
    }

    pub fn is_foreign(&self, place: usize) -> bool {
        self.owed[place].rate.is_some()
    }

    pub fn way(&self, payment: usize, trip: usize) -> Way {
        self.payments[payment].trips[trip].way
    }

    pub fn answer(&self, payment: usize, trip: usize) -> Option<Word> {
        self.payments[payment].trips[trip].answer
    }

    /// Its last trip came to nothing.
    pub fn has_stopped(&self, payment: usize) -> bool {
        let known = &self.payments[payment];
        matches!(known.trips[known.current].state, S::Declined | S::Cancelled | S::Expired)
    }

    pub fn trips(&self, payment: usize) -> usize {
        self.payments[payment].trips.len()
    }

    /// P1, P2 and P3 of the numbers themselves.
    pub fn is_sound(&self) {
        for (place, owed) in self.owed.iter().enumerate() {
            assert!(self.pending(place) >= 0, "P1: more of {place} is applied than is owed");
            assert!(owed.corrected || self.reserved(place) <= self.pending(place), "P1: {place} is reserved twice");
        }
        for known in &self.payments {
            let applied: i64 = known
                .lines
                .iter()
                .filter(|line| line.state == LineState::Applied)
                .map(|line| line.applied.unwrap().1)
                .sum();
            let paid = known.trips.iter().filter(|trip| trip.state == S::Confirmed).count();
            assert!(known.confirmed == (paid > 0), "P3: money without a trip");
            let waits = if known.confirmed && !known.applied && !known.reversed { known.amount } else { 0 };
            let waits = if known.trips[0].way == Way::Transfer { 0 } else { waits };
            assert!(known.credit >= 0 && applied <= known.amount, "P2: {known:?}");
            assert_eq!(applied + known.credit + waits + known.returned, known.received, "P2: {known:?}");
        }
    }

    /// P10: nobody waits for ever. With a bank that says nothing, what may still be paid stays reserved; with one that
    /// answers, nothing stays open but what it works on and what somebody must look at.
    pub fn has_ended(&self) {
        for trip in self.payments.iter().flat_map(|known| &known.trips) {
            let ended = match trip.way {
                Way::Bbva => !matches!(trip.state, S::Created | S::InTransit | S::Expired),
                Way::Gateway => !matches!(trip.state, S::Created | S::InTransit | S::Unknown),
                Way::Transfer => trip.state == S::Confirmed,
            };
            assert!(ended, "P10: {trip:?}");
        }
    }

    /// A payment as it can be seen: state, credit, taken back, and its lines with what each paid.
    pub fn seen(&self, payment: usize) -> Seen {
        let known = &self.payments[payment];
        let line = |line: &Line| {
            let state = match line.state {
                LineState::Reserved => "reserved",
                LineState::Applied => "applied",
                LineState::Released => "released",
                LineState::Reversed => "reversed",
            };
            (state, line.applied.map(|(own, _)| own))
        };
        (known.trips[known.current].state, known.credit, known.reversed, known.lines.iter().map(line).collect())
    }
}
