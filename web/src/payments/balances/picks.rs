//! What a person ticked and typed in Saldos: pure, kept in the browser's tab by person and customer, so that other
//! pages, a reload and a session that ended take nothing away. Amounts are `shared`'s, never floats.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::fiscal::{Amount, Currency, MoneyError, Rate};
use shared::payments::{
    AmountToPay, BalanceRow, CreatePayment, LINES_MAX, PaymentLine, PaymentView, Transit, typed_line,
};
use shared::problem::FieldCode;
use uuid::Uuid;

/// A box of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purse {
    /// Pesos.
    Mxn,
    /// The invoice's own currency.
    Own,
}

/// What was typed, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    pub purse: Purse,
    pub text: String,
}

/// A ticked row, with what of it is needed to pay it when its page of the list is not on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub id: Uuid,
    pub number: String,
    pub due_on: String,
    pub currency: String,
    pub rate: Option<String>,
    pub available: String,
    pub available_mxn: String,
    /// `None` pays all that is available.
    pub typed: Option<Typed>,
    /// What is under way for it already: the rest is paid beside it.
    #[serde(default)]
    pub transits: Vec<Transit>,
}

/// What is wrong with a typed amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It is no amount.
    Field(FieldCode),
    /// It is more than what can be paid.
    TooMuch,
}

/// What a line pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paid {
    /// In the invoice's currency.
    pub own: Amount,
    /// What it charges.
    pub mxn: Amount,
    /// Nothing available is left.
    pub all: bool,
}

/// Whether something of a row can be paid.
pub fn is_payable(row: &BalanceRow) -> bool {
    row.available.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) && !row.available.starts_with('-')
}

impl Line {
    /// A row as it is when it is ticked: all of it (K16).
    pub fn of(row: &BalanceRow) -> Line {
        Line {
            id: row.id,
            number: row.number.clone(),
            due_on: row.due_on.clone(),
            currency: row.currency.clone(),
            rate: row.rate.as_ref().map(|rate| rate.rate.clone()),
            available: row.available.clone(),
            available_mxn: row.available_mxn.clone(),
            typed: None,
            transits: row.transits.clone(),
        }
    }

    fn currency(&self) -> Option<Currency> {
        Currency::parse(&self.currency).ok()
    }

    fn available(&self) -> Option<(Amount, Amount)> {
        let own = Amount::parse(&self.available, self.currency()?).ok()?;
        Some((own, Amount::parse(&self.available_mxn, Currency::Mxn).ok()?))
    }

    fn rate(&self) -> Option<Rate> {
        self.rate.as_deref().and_then(|rate| Rate::parse(rate).ok())
    }

    /// What the line pays, by the very function the server uses; or what is wrong with what was typed.
    pub fn paid(&self) -> Result<Paid, Wrong> {
        let (own, mxn) = self.available().ok_or(Wrong::Field(FieldCode::Amount))?;
        let Some(typed) = &self.typed else { return Ok(Paid { own, mxn, all: true }) };
        let currency = match typed.purse {
            Purse::Mxn => Currency::Mxn,
            Purse::Own => own.currency(),
        };
        let amount = Amount::parse_typed(&typed.text, currency).map_err(wrong)?;
        if !amount.is_positive() {
            return Err(Wrong::Field(FieldCode::NotPositive));
        }
        let most = if typed.purse == Purse::Mxn { mxn } else { own };
        if amount == most {
            return Ok(Paid { own, mxn, all: true });
        }
        if amount.minor() > most.minor() {
            return Err(Wrong::TooMuch);
        }
        let (own, mxn) = typed_line(AmountToPay::Exactly(amount), own, self.rate()).map_err(wrong)?;
        // A rate can make a cent of pesos into nothing at all.
        if own.is_positive() && mxn.is_positive() {
            Ok(Paid { own, mxn, all: false })
        } else {
            Err(Wrong::Field(FieldCode::NotPositive))
        }
    }

    /// What a box shows: what was typed into it, or what follows from the other.
    pub fn shown(&self, purse: Purse) -> String {
        match &self.typed {
            Some(typed) if typed.purse == purse => typed.text.clone(),
            _ => self.paid().map_or_else(|_| String::new(), |paid| paid.of(purse).grouped()),
        }
    }

    /// What can be paid at most, in a box's own currency: what an over-payment is told.
    pub fn most(&self, purse: Purse) -> &str {
        match purse {
            Purse::Mxn => &self.available_mxn,
            Purse::Own => &self.available,
        }
    }

    /// Writes what was typed as amounts are written, once the person has left the box.
    fn tidy(&mut self) {
        let Ok(paid) = self.paid() else { return };
        if let Some(typed) = self.typed.as_mut() {
            typed.text = paid.of(typed.purse).grouped();
        }
        if paid.all {
            self.typed = None;
        }
    }

    fn ordered(&self) -> Option<PaymentLine> {
        let paid = self.paid().ok()?;
        let amount = match &self.typed {
            Some(typed) if !paid.all => Some(paid.of(typed.purse)),
            _ => None,
        };
        Some(PaymentLine {
            receivable_id: self.id,
            pay_all: amount.is_none(),
            amount: amount.map(Amount::to_decimal_string),
            currency: amount.map(|amount| amount.currency().code().to_owned()),
        })
    }
}

impl Paid {
    /// The amount in a box's currency.
    pub fn of(self, purse: Purse) -> Amount {
        match purse {
            Purse::Mxn => self.mxn,
            Purse::Own => self.own,
        }
    }
}

fn wrong(error: MoneyError) -> Wrong {
    Wrong::Field(if error == MoneyError::Empty { FieldCode::Required } else { FieldCode::Amount })
}

/// An order that was sent, until it is known what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub key: Uuid,
    pub order: CreatePayment,
}

/// The lines of the payment that was last taken to a bank: if nothing is charged, they can be ticked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Taken {
    payment_id: Uuid,
    issuer: String,
    lines: Vec<Line>,
}

/// All ticks: a selection for each issuer, since a payment goes to one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picks {
    issuers: BTreeMap<String, Vec<Line>>,
    pub sent: Option<Sent>,
    taken: Option<Taken>,
}

impl Picks {
    /// Reads what was kept; what cannot be read is nothing.
    pub fn read(kept: Option<&str>) -> Picks {
        kept.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// The text to keep.
    pub fn written(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// The ticked lines of an issuer.
    pub fn lines(&self, issuer: &str) -> &[Line] {
        self.issuers.get(issuer).map_or(&[], Vec::as_slice)
    }

    /// A ticked line.
    pub fn line(&self, issuer: &str, id: Uuid) -> Option<&Line> {
        self.lines(issuer).iter().find(|line| line.id == id)
    }

    /// Ticks rows, as many as one payment takes; `false` when some had no room.
    pub fn tick(&mut self, issuer: &str, rows: &[&BalanceRow]) -> bool {
        let lines = self.issuers.entry(issuer.to_owned()).or_default();
        for row in rows.iter().filter(|row| is_payable(row)) {
            if lines.iter().any(|line| line.id == row.id) {
                continue;
            }
            if lines.len() >= LINES_MAX {
                return false;
            }
            lines.push(Line::of(row));
        }
        lines.sort_by(|a, b| (&a.due_on, a.id).cmp(&(&b.due_on, b.id)));
        true
    }

    /// Takes ticks away.
    pub fn untick(&mut self, issuer: &str, ids: &[Uuid]) {
        if let Some(lines) = self.issuers.get_mut(issuer) {
            lines.retain(|line| !ids.contains(&line.id));
        }
    }

    /// Takes all ticks of an issuer away.
    pub fn clear(&mut self, issuer: &str) {
        self.issuers.remove(issuer);
    }

    /// Something was typed into a box of a ticked row.
    pub fn type_in(&mut self, issuer: &str, id: Uuid, typed: Typed) {
        self.change(issuer, id, |line| line.typed = Some(typed));
    }

    /// The person left a box.
    pub fn tidy(&mut self, issuer: &str, id: Uuid) {
        self.change(issuer, id, Line::tidy);
    }

    fn change(&mut self, issuer: &str, id: Uuid, change: impl FnOnce(&mut Line)) {
        let lines = self.issuers.get_mut(issuer);
        if let Some(line) = lines.and_then(|lines| lines.iter_mut().find(|line| line.id == id)) {
            change(line);
        }
    }

    /// Puts what the server says of ticked rows in the place of what was known. Rows of `gone` are not open any more.
    /// Gives the numbers of the lines that can no longer be paid; their ticks are gone.
    pub fn refresh(&mut self, issuer: &str, rows: &[BalanceRow], gone: impl Fn(Uuid) -> bool) -> Vec<String> {
        let Some(lines) = self.issuers.get_mut(issuer) else { return Vec::new() };
        let mut lost = Vec::new();
        lines.retain_mut(|line| {
            let stays = match rows.iter().find(|row| row.id == line.id) {
                Some(row) if is_payable(row) => {
                    *line = Line { typed: line.typed.take(), ..Line::of(row) };
                    true
                }
                Some(_) => false,
                None => !gone(line.id),
            };
            if !stays {
                lost.push(line.number.clone());
            }
            stays
        });
        lost
    }

    /// What all lines charge, of those that are right; and the first that is wrong.
    pub fn total(&self, issuer: &str) -> (Amount, Option<Uuid>) {
        let lines = self.lines(issuer);
        let paid = lines.iter().filter_map(|line| line.paid().ok()).map(|paid| paid.mxn);
        let wrong = lines.iter().find(|line| line.paid().is_err()).map(|line| line.id);
        // A hundred lines of what an i64 holds are more than any bank moves.
        (Amount::sum(paid, Currency::Mxn).unwrap_or(Amount::new(i64::MAX, Currency::Mxn)), wrong)
    }

    /// The order for the ticked lines; `None` while one is wrong or there is none.
    pub fn order(&self, issuer: &str, bank: &str) -> Option<CreatePayment> {
        let (total, wrong) = self.total(issuer);
        if wrong.is_some() {
            return None;
        }
        let lines: Option<Vec<PaymentLine>> = self.lines(issuer).iter().map(Line::ordered).collect();
        let order = CreatePayment {
            issuer: issuer.to_owned(),
            bank: bank.to_owned(),
            lines: lines?,
            expected_total: total.to_decimal_string(),
        };
        order.parse().is_ok().then_some(order)
    }

    /// The key of an order: the one it was already sent with, if nothing is known of it yet.
    pub fn key_of(&mut self, order: &CreatePayment, fresh: Uuid) -> Uuid {
        match &self.sent {
            Some(sent) if sent.order == *order => sent.key,
            _ => {
                self.sent = Some(Sent { key: fresh, order: order.clone() });
                fresh
            }
        }
    }

    /// The order became a payment: its lines are not ticked any more, and remembered until its end is known.
    pub fn taken(&mut self, payment: &PaymentView) {
        self.sent = None;
        let paid = |id: Uuid| payment.lines.iter().any(|line| line.receivable_id == id);
        let lines = self.issuers.get_mut(&payment.issuer);
        let lines = lines.map(|lines| lines.extract_if(.., |line| paid(line.id)).collect()).unwrap_or_default();
        self.taken = Some(Taken { payment_id: payment.id, issuer: payment.issuer.clone(), lines });
    }

    /// Ticks the lines of a payment that came to nothing again; `false` when they are not remembered.
    pub fn restore(&mut self, payment_id: Uuid) -> bool {
        let Some(taken) = self.taken.take_if(|taken| taken.payment_id == payment_id) else { return false };
        let lines = self.issuers.entry(taken.issuer).or_default();
        let new = taken.lines.into_iter().filter(|line| lines.iter().all(|other| other.id != line.id));
        let room = LINES_MAX.saturating_sub(lines.len());
        let new: Vec<Line> = new.take(room).collect();
        lines.extend(new);
        true
    }
}

#[cfg(test)]
#[path = "picks_tests.rs"]
mod tests;
