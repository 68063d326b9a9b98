//! The world of numbers: receivables and payments without a database, moved by the one state machine.
use std::collections::BTreeSet;

use api::payments::model::{Effect, Event, Finding, Others, Reading, Standing, after};
use fiscal::{Amount, Currency, Rate};
use shared::payments::PaymentState as S;

/// So long a bank's page is waited for: `payments.answer_minutes` when nobody sets it.
const PAGE_SECONDS: i64 = 30 * 60;

/// A small generator, so that a failure can be repeated from the number it prints.
pub struct Chance(u64);

impl From<u64> for Chance {
    fn from(seed: u64) -> Chance {
        Chance(seed.max(1))
    }
}

impl Chance {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(n).unwrap()).unwrap()
    }
}

/// State, credit, taken back, and the lines with what each paid.
pub type Seen = (S, i64, bool, Vec<(&'static str, Option<i64>)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineState {
    Reserved,
    Applied,
    Released,
    Reversed,
}

#[derive(Debug, Clone)]
struct Line {
    receivable: usize,
    /// In the receivable's currency.
    amount: i64,
    /// In pesos.
    charge: i64,
    state: LineState,
    /// What was applied, in both; kept even when it is taken back.
    applied: Option<(i64, i64)>,
}

#[derive(Debug, Clone)]
struct Trip {
    state: S,
    transaction: Option<String>,
    /// Until then its bank's page may charge.
    until: i64,
}

#[derive(Debug, Clone)]
struct Payment {
    amount: i64,
    lines: Vec<Line>,
    trips: Vec<Trip>,
    current: usize,
    confirmed: bool,
    /// Its money was put on its invoices, as far as they had room.
    applied: bool,
    reversed: bool,
    credit: i64,
    heard: BTreeSet<(usize, &'static str, usize)>,
}

#[derive(Debug)]
struct Owed {
    /// Total with adjustments.
    minor: i64,
    /// Of what is not in pesos.
    rate: Option<Rate>,
    /// The ERP counted less while something was reserved.
    corrected: bool,
}

/// So much of a receivable, in its own currency; pesos that were typed for it are charged as they were typed.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub place: usize,
    pub minor: i64,
    pub typed: Option<i64>,
}

/// The numbers.
#[derive(Debug, Default)]
pub struct World {
    owed: Vec<Owed>,
    payments: Vec<Payment>,
    /// The ERP says when money is put on invoices.
    on_erp: bool,
    /// Seconds that have passed.
    now: i64,
}

impl World {
    pub fn waits_for_its_erp(&mut self) {
        self.on_erp = true;
    }

    pub fn pass(&mut self, seconds: i64) {
        self.now += seconds;
    }

    /// A trip to a bank that begins now.
    fn trip(&self) -> Trip {
        Trip { state: S::InTransit, transaction: None, until: self.now + PAGE_SECONDS }
    }

    pub fn open(&mut self, minor: i64, rate: Option<Rate>) {
        self.owed.push(Owed { minor, rate, corrected: false });
    }

    /// What so much of a receivable is in pesos.
    pub fn pesos(&self, place: usize, minor: i64) -> i64 {
        self.owed[place].rate.map_or(minor, |rate| rate.to_mxn(Amount::new(minor, Currency::Usd)).unwrap().minor())
    }

    /// What a bank is asked for.
    pub fn charge(&self, wanted: &Wanted) -> i64 {
        wanted.typed.unwrap_or_else(|| self.pesos(wanted.place, wanted.minor))
    }

    fn lines(&self, place: usize) -> impl Iterator<Item = &Line> {
        self.payments.iter().flat_map(|payment| &payment.lines).filter(move |line| line.receivable == place)
    }

    pub fn pending(&self, place: usize) -> i64 {
        let applied = self.lines(place).filter(|line| line.state == LineState::Applied);
        self.owed[place].minor - applied.map(|line| line.applied.unwrap().0).sum::<i64>()
    }

    pub fn reserved(&self, place: usize) -> i64 {
        self.lines(place).filter(|line| line.state == LineState::Reserved).map(|line| line.amount).sum()
    }

    pub fn available(&self, place: usize) -> i64 {
        (self.pending(place) - self.reserved(place)).max(0)
    }

    /// What a line can still pay: its own reservation is its own room.
    fn room(&self, line: &Line) -> i64 {
        let others = if line.state == LineState::Reserved { 0 } else { self.reserved(line.receivable) };
        (self.pending(line.receivable) - others).max(0).min(line.amount)
    }

    /// Orders so much of some; `true`: it is taken.
    pub fn order(&mut self, wanted: &[Wanted]) -> bool {
        if wanted.iter().any(|wanted| wanted.minor == 0) {
            return false;
        }
        let line = |wanted: &Wanted| Line {
            receivable: wanted.place,
            amount: wanted.minor,
            charge: self.charge(wanted),
            state: LineState::Reserved,
            applied: None,
        };
        let lines: Vec<Line> = wanted.iter().map(line).collect();
        let trip = self.trip();
        self.payments.push(Payment {
            amount: lines.iter().map(|line| line.charge).sum(),
            lines,
            trips: vec![trip],
            current: 0,
            confirmed: false,
            applied: false,
            reversed: false,
            credit: 0,
            heard: BTreeSet::new(),
        });
        true
    }

    pub fn amount(&self, payment: usize) -> i64 {
        self.payments[payment].amount
    }

    fn standing(&self, payment: usize, trip: usize) -> Standing {
        let known = &self.payments[payment];
        let others = known.trips.iter().enumerate().filter(|(place, _)| *place != trip).map(|(_, other)| other.state);
        let others = others.fold(Others::Ended, |found, state| match (found, state) {
            (_, S::Confirmed) | (Others::Paid, _) => Others::Paid,
            (_, state) if state.is_open() => Others::Open,
            (found, _) => found,
        });
        let Trip { state, transaction, .. } = known.trips[trip].clone();
        Standing { state, transaction, amount: Amount::new(known.amount, Currency::Mxn), others }
    }

    /// Moves a trip; `true`: its state changed.
    fn happen(&mut self, payment: usize, trip: usize, event: &Event) -> bool {
        let standing = self.standing(payment, trip);
        let decision = after(&standing, event);
        match decision.effect {
            Effect::Keep => {}
            Effect::Release => self.release(payment),
            Effect::Hold => self.hold(payment),
            Effect::Receive => self.receive(payment, trip),
            Effect::Credit => self.credit(payment, trip, event),
        }
        let transaction = match event {
            Event::Said(Reading::Paid { transaction, .. }) => Some(transaction.clone()),
            Event::Said(Reading::Declined { transaction }) => transaction.clone(),
            Event::Looked(_) => Some("700007".to_owned()),
            _ => None,
        };
        let moved = decision.next != standing.state;
        let known = &mut self.payments[payment].trips[trip];
        if moved {
            known.state = decision.next;
            known.transaction = transaction.or(known.transaction.take());
        }
        moved
    }

    fn release(&mut self, payment: usize) {
        for line in self.payments[payment].lines.iter_mut().filter(|line| line.state == LineState::Reserved) {
            line.state = LineState::Released;
        }
    }

    fn hold(&mut self, payment: usize) {
        for place in 0..self.payments[payment].lines.len() {
            let line = self.payments[payment].lines[place].clone();
            if line.state == LineState::Released && self.room(&line) == line.amount {
                self.payments[payment].lines[place].state = LineState::Reserved;
            }
        }
    }

    fn receive(&mut self, payment: usize, trip: usize) {
        let known = &mut self.payments[payment];
        (known.confirmed, known.current) = (true, trip);
        if self.on_erp { self.hold(payment) } else { self.place(payment) }
    }

    fn place(&mut self, payment: usize) {
        let mut applied = 0;
        for place in 0..self.payments[payment].lines.len() {
            let line = self.payments[payment].lines[place].clone();
            let room = self.room(&line);
            let whole = room == line.amount;
            let charge = if whole { line.charge } else { self.pesos(line.receivable, room).min(line.charge) };
            let line = &mut self.payments[payment].lines[place];
            line.state = if room > 0 { LineState::Applied } else { LineState::Released };
            line.applied = (room > 0).then_some((room, charge));
            applied += charge;
        }
        let known = &mut self.payments[payment];
        known.applied = true;
        known.credit += known.amount - applied;
    }

    fn credit(&mut self, payment: usize, trip: usize, event: &Event) {
        let received = match event {
            Event::Looked(Finding::Arrived(amount)) => amount.minor(),
            _ => self.payments[payment].amount,
        };
        self.payments[payment].credit += received;
        if !self.payments[payment].confirmed {
            self.release(payment);
            let known = &mut self.payments[payment];
            (known.confirmed, known.applied, known.current) = (true, true, trip);
        }
    }

    /// What the same voice said before is nothing new.
    pub fn hear(&mut self, payment: usize, trip: usize, (voice, word): (&'static str, usize), reading: &Reading) {
        if self.payments[payment].heard.insert((trip, voice, word)) {
            self.happen(payment, trip, &Event::Said(reading.clone()));
        }
    }

    /// `true`: the customer is told that it is given up.
    pub fn cancel(&mut self, payment: usize) -> bool {
        let current = self.payments[payment].current;
        self.happen(payment, current, &Event::GivenUp);
        self.payments[payment].trips[current].state == S::Cancelled
    }

    pub fn deadline(&mut self, payment: usize, trip: usize) {
        self.happen(payment, trip, &Event::Deadline(None));
    }

    /// `true`: it is on its way again.
    pub fn again(&mut self, payment: usize) -> bool {
        let known = &self.payments[payment];
        let ended = matches!(known.trips[known.current].state, S::Declined | S::Cancelled | S::Expired);
        let quiet = known.trips.iter().all(|trip| !trip.state.is_open() && trip.state != S::Confirmed);
        let whole = known.lines.iter().all(|line| self.room(line) == line.amount);
        let last = &known.trips[known.current];
        // Whoever left the page open may still authorise it there.
        let charges = last.state == S::Cancelled && last.until > self.now;
        if !ended || !quiet || charges || known.confirmed || !whole || known.trips.len() >= 10 {
            return false;
        }
        let trip = self.trip();
        let known = &mut self.payments[payment];
        known.lines.iter_mut().for_each(|line| line.state = LineState::Reserved);
        known.trips.push(trip);
        known.current = known.trips.len() - 1;
        true
    }

    /// `true`: it changed something.
    pub fn decide(&mut self, payment: usize, trip: usize, finding: &Finding) -> bool {
        self.happen(payment, trip, &Event::Looked(finding.clone()))
    }

    /// `Some(true)`: put on its invoices now; `None`: there is nothing to put on any.
    pub fn apply(&mut self, payment: usize) -> Option<bool> {
        let known = &self.payments[payment];
        if !known.confirmed || known.reversed {
            return None;
        }
        let waits = !known.applied;
        if waits {
            self.place(payment);
        }
        Some(waits)
    }

    /// `Some(true)`: taken back now; `None`: there is nothing to take back.
    pub fn reverse(&mut self, payment: usize) -> Option<bool> {
        let known = &mut self.payments[payment];
        if !known.confirmed {
            return None;
        }
        if known.reversed {
            return Some(false);
        }
        (known.reversed, known.credit) = (true, 0);
        for line in &mut known.lines {
            line.state = match line.state {
                LineState::Applied => LineState::Reversed,
                LineState::Reserved => LineState::Released,
                other => other,
            };
        }
        Some(true)
    }

    /// `true`: there was something to send back.
    pub fn refund(&mut self, payment: usize) -> bool {
        std::mem::take(&mut self.payments[payment].credit) > 0
    }

    pub fn erp(&mut self, place: usize, balance: i64) {
        let adjusted = balance - self.pending(place);
        self.owed[place].minor += adjusted;
        self.owed[place].corrected |= adjusted < 0;
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
            assert!(known.credit >= 0 && applied <= known.amount, "P2: {known:?}");
        }
    }

    /// P10: with a bank that says nothing nobody waits for ever, and what may still be paid stays reserved.
    pub fn has_ended(&self, payment: usize) {
        for trip in &self.payments[payment].trips {
            assert!(!matches!(trip.state, S::Created | S::InTransit | S::Expired), "P10: {:?}", trip.state);
        }
    }

    pub fn trips(&self, payment: usize) -> usize {
        self.payments[payment].trips.len()
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
