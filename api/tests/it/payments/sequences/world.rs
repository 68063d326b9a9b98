//! The world of numbers: receivables and payments without a database, moved by the one state machine.
mod checks;

use std::collections::BTreeSet;

use api::payments::model::{Effect, Event, Finding, Others, Reading, Standing, after};
use fiscal::{Amount, Currency, Rate};
use shared::payments::PaymentState as S;

use super::steps::{Found, Step, Way, Word};

/// So long a bank's page is waited for: `payments.answer_minutes` when nobody sets it.
const PAGE_SECONDS: i64 = 30 * 60;
/// Nobody pays any more at a page that is so old.
const OLD_SECONDS: i64 = 86_400;
/// A trip's own time, and some more.
pub const PAST_DEADLINE_SECONDS: i64 = 31 * 60;
/// A day.
pub const DAY_SECONDS: i64 = 86_400;

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
    way: Way,
    /// What its gateway says when it is asked; `None`: nothing.
    answer: Option<Word>,
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
    /// All that came.
    received: i64,
    /// All that went back.
    returned: i64,
    heard: BTreeSet<(usize, &'static str, Word)>,
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
    fn trip(&self, way: Way) -> Trip {
        let (state, answer) = (S::InTransit, Some(Word::Undecided));
        Trip { way, answer, state, transaction: None, until: self.now + PAGE_SECONDS }
    }

    /// What a step does to the numbers; `Some(true)`: it is done, `Some(false)`: it is refused, or was done before;
    /// `None`: there is nothing to do it to.
    pub fn take(&mut self, step: &Step) -> Option<bool> {
        match *step {
            Step::Order { way, ref wanted } => return Some(self.order(way, wanted)),
            Step::Hear { payment, trip, source, word } => self.hear(payment, trip, (source.as_str(), word)),
            Step::Answers { payment, trip, word } => self.payments[payment].trips[trip].answer = word,
            Step::Hint { payment, trip, source } => self.hint(payment, trip, source.as_str()),
            Step::Deposit { pesos } => self.deposit(pesos),
            Step::DepositAgain { .. } => return Some(false),
            Step::Cancel { payment } => return Some(self.cancel(payment)),
            Step::Deadline { payment, trip } => {
                self.pass(PAST_DEADLINE_SECONDS);
                self.deadline(payment, trip);
            }
            Step::Again { payment, way } => return Some(self.again(payment, way)),
            Step::Decide { payment, trip, found } => {
                let finding = self.finding(payment, found);
                return Some(self.happen(payment, trip, &Event::Looked(finding)));
            }
            Step::Reverse { payment } => return self.reverse(payment),
            Step::Refund { payment } => return Some(self.refund(payment)),
            Step::Apply { payment } => return self.apply(payment),
            Step::Erp { place, balance } => self.erp(place, balance),
            Step::Day => self.pass(DAY_SECONDS),
        }
        Some(true)
    }

    /// What somebody found, in money.
    pub fn finding(&self, payment: usize, found: Found) -> Finding {
        let more = match found {
            Found::AsOrdered => 0,
            Found::More => 5,
            Found::Never => return Finding::NeverArrived,
        };
        Finding::Arrived(Amount::new(self.amount(payment) + more, Currency::Mxn))
    }

    pub fn open(&mut self, minor: i64, rate: Option<Rate>) {
        self.owed.push(Owed { minor, rate, corrected: false });
    }

    /// What so much of a receivable is in pesos.
    pub fn pesos(&self, place: usize, minor: i64) -> i64 {
        self.owed[place].rate.map_or(minor, |rate| rate.to_mxn(Amount::new(minor, Currency::Usd)).unwrap().minor())
    }

    /// What so many pesos are of a receivable.
    fn own(&self, place: usize, pesos: i64) -> i64 {
        let pesos = Amount::new(pesos, Currency::Mxn);
        self.owed[place].rate.map_or(pesos, |rate| rate.from_mxn(pesos, Currency::Usd).unwrap()).minor()
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
    fn order(&mut self, way: Way, wanted: &[Wanted]) -> bool {
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
        let trip = self.trip(way);
        self.payments.push(Payment {
            amount: lines.iter().map(|line| line.charge).sum(),
            lines,
            trips: vec![trip],
            current: 0,
            confirmed: false,
            applied: false,
            reversed: false,
            credit: 0,
            received: 0,
            returned: 0,
            heard: BTreeSet::new(),
        });
        true
    }

    /// A transfer that nobody ordered pays what is due first, which is the first; what is over is a credit. Where the ERP
    /// applies, all of it is.
    fn deposit(&mut self, pesos: i64) {
        let (mut left, mut lines) = (pesos, Vec::new());
        for place in (0..self.owed.len()).filter(|_| !self.on_erp) {
            let available = self.available(place);
            let all = self.pesos(place, available);
            let (minor, charge) = if all <= left { (available, all) } else { (self.own(place, left), left) };
            if minor > 0 && charge > 0 && minor <= available {
                let applied = Some((minor, charge));
                lines.push(Line { receivable: place, amount: minor, charge, state: LineState::Applied, applied });
                left -= charge;
            }
        }
        self.payments.push(Payment {
            amount: pesos,
            trips: vec![Trip { state: S::Confirmed, ..self.trip(Way::Transfer) }],
            current: 0,
            confirmed: true,
            applied: !lines.is_empty(),
            lines,
            reversed: false,
            credit: left,
            received: pesos,
            returned: 0,
            heard: BTreeSet::new(),
        });
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
        known.received += known.amount;
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
        self.payments[payment].received += received;
        if !self.payments[payment].confirmed {
            self.release(payment);
            let known = &mut self.payments[payment];
            (known.confirmed, known.applied, known.current) = (true, true, trip);
        }
    }

    /// A word as the state machine reads it. A number of ours stands for the bank's.
    fn reading(&self, payment: usize, trip: usize, word: Word) -> Reading {
        let known = &self.payments[payment];
        let number = format!("{payment}/{trip}");
        let paid =
            |transaction: String, minor: i64| Reading::Paid { transaction, amount: Amount::new(minor, Currency::Mxn) };
        match word {
            Word::Paid => paid(number, known.amount),
            Word::PaidAgain => paid(format!("{number}+"), known.amount),
            Word::Less => paid(number, known.amount - 1),
            // The gateway gives a refusal no number.
            Word::Refused => Reading::Declined { transaction: (known.trips[trip].way == Way::Bbva).then_some(number) },
            Word::Pending => Reading::Pending,
            Word::Forged => Reading::Untrusted { why: "forged" },
            Word::Undecided => Reading::Hint,
            Word::NotFound => Reading::NotFound,
        }
    }

    /// What the same voice said before is nothing new.
    fn hear(&mut self, payment: usize, trip: usize, (voice, word): (&'static str, Word)) {
        if self.payments[payment].heard.insert((trip, voice, word)) {
            let reading = self.reading(payment, trip, word);
            self.happen(payment, trip, &Event::Said(reading));
        }
    }

    /// The first of a voice has us ask, whatever became of the trip; another does while it is open.
    fn hint(&mut self, payment: usize, trip: usize, voice: &'static str) {
        let is_open = self.payments[payment].trips[trip].state.is_open();
        if self.payments[payment].heard.insert((trip, voice, Word::Undecided)) || is_open {
            self.ask(payment, trip);
        }
    }

    /// What the gateway says; `None`: nothing.
    fn ask(&mut self, payment: usize, trip: usize) -> Option<Reading> {
        let word = self.answer(payment, trip)?;
        self.hear(payment, trip, ("poll", word));
        Some(self.reading(payment, trip, word))
    }

    /// `true`: the customer is told that it is given up.
    fn cancel(&mut self, payment: usize) -> bool {
        let current = self.payments[payment].current;
        let trip = &self.payments[payment].trips[current];
        if trip.way == Way::Gateway && trip.state.is_open() {
            self.ask(payment, current);
        }
        self.happen(payment, current, &Event::GivenUp);
        self.payments[payment].trips[current].state == S::Cancelled
    }

    fn deadline(&mut self, payment: usize, trip: usize) {
        let known = &self.payments[payment].trips[trip];
        let (is_asked, is_old) =
            (known.way == Way::Gateway && known.state != S::Confirmed, known.until + OLD_SECONDS <= self.now);
        let answer = if is_asked { self.ask(payment, trip) } else { None };
        let answer = if is_old && answer == Some(Reading::Hint) { Some(Reading::NotFound) } else { answer };
        self.happen(payment, trip, &Event::Deadline(answer));
    }

    /// `true`: it is on its way again.
    fn again(&mut self, payment: usize, way: Way) -> bool {
        let known = &self.payments[payment];
        let quiet = known.trips.iter().all(|trip| !trip.state.is_open() && trip.state != S::Confirmed);
        let whole = known.lines.iter().all(|line| self.room(line) == line.amount);
        let last = &known.trips[known.current];
        // Whoever left the page open may still authorise it there; a gateway was asked before.
        let charges = last.way == Way::Bbva && last.state == S::Cancelled && last.until > self.now;
        if !self.has_stopped(payment) || !quiet || charges || known.confirmed || !whole || known.trips.len() >= 10 {
            return false;
        }
        let trip = self.trip(way);
        let known = &mut self.payments[payment];
        known.lines.iter_mut().for_each(|line| line.state = LineState::Reserved);
        known.trips.push(trip);
        known.current = known.trips.len() - 1;
        true
    }

    /// `Some(true)`: put on its invoices now; `None`: there is nothing to put on any.
    fn apply(&mut self, payment: usize) -> Option<bool> {
        let known = &self.payments[payment];
        // A transfer that nobody ordered is for no invoice.
        let nowhere = known.trips[0].way == Way::Transfer && !known.applied;
        if !known.confirmed || known.reversed || nowhere {
            return None;
        }
        let waits = !known.applied;
        if waits {
            self.place(payment);
        }
        Some(waits)
    }

    /// `Some(true)`: taken back now; `None`: there is nothing to take back.
    fn reverse(&mut self, payment: usize) -> Option<bool> {
        let known = &mut self.payments[payment];
        if !known.confirmed {
            return None;
        }
        if known.reversed {
            return Some(false);
        }
        (known.reversed, known.credit, known.returned) = (true, 0, known.received);
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
    fn refund(&mut self, payment: usize) -> bool {
        let known = &mut self.payments[payment];
        let credit = std::mem::take(&mut known.credit);
        known.returned += credit;
        credit > 0
    }

    fn erp(&mut self, place: usize, balance: i64) {
        let adjusted = balance - self.pending(place);
        self.owed[place].minor += adjusted;
        self.owed[place].corrected |= adjusted < 0;
    }
}
