//! Whether money is entered already. A transfer is known by its number, its amount and its day (`payments.md` 3.5), and
//! is told by several roads: by a file, by another file, by whoever looked at the account. Pure.
use shared::payments::BankCode;
use uuid::Uuid;

use super::how;
use super::model::Entry;
use super::store::payments::PaymentRow;
use crate::db::DbResult;

/// What the same number and amount are entered for, as a transfer that nobody ordered finds it.
#[derive(Debug)]
pub(super) enum Entered<'a> {
    /// Nothing.
    Nothing,
    /// This very transfer.
    This(&'a PaymentRow),
    /// A payment of another customer's.
    Anothers,
    /// A transfer of another day.
    AnotherDay,
}

/// Both days are known, and they are two.
fn differ(one: Option<&str>, other: Option<&str>) -> bool {
    matches!((one.and_then(how::day), other.and_then(how::day)), (Some(one), Some(other)) if one != other)
}

/// What a transfer of a day is among the trips of its number and amount. `None` for the customer: it names nobody.
pub(super) fn of_customer<'a>(rows: &'a [PaymentRow], customer: Option<Uuid>, day: Option<&str>) -> Entered<'a> {
    let mut same = rows.iter().filter(|row| !differ(row.bank_date.as_deref(), day)).peekable();
    if same.peek().is_none() {
        return if rows.is_empty() { Entered::Nothing } else { Entered::AnotherDay };
    }
    same.find(|row| customer.is_none_or(|customer| row.customer_id == customer))
        .map_or(Entered::Anothers, Entered::This)
}

/// What money that a bank tells of one trip is among the trips of its number and amount.
pub(super) fn of_trip(trip: &PaymentRow, rows: &[PaymentRow], day: Option<&str>) -> DbResult<Entry> {
    // A trip that nobody was sent on was made of money that came beside this payment's own.
    let is_here = |row: &PaymentRow| row.id == trip.id && row.redirect.is_none();
    if rows.iter().any(|row| row.attempt_id == trip.attempt_id || is_here(row)) {
        return Ok(Entry::Here);
    }
    let mut others = rows.iter().filter(|row| row.id != trip.id).peekable();
    if others.peek().is_none() {
        return Ok(Entry::Not);
    }
    // A clave de rastreo is one transfer's; an authorization may be another card's tomorrow.
    let certain = trip.bank()? == BankCode::Spei && others.any(|row| !differ(row.bank_date.as_deref(), day));
    Ok(Entry::Elsewhere { certain })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_days_that_are_known_differ() {
        assert!(differ(Some("18/11/2026"), Some("2026-11-19 10:00:00")));
        for (one, other) in [(Some("18/11/2026"), Some("2026-11-18")), (None, Some("2026-11-18")), (Some("ayer"), None)]
        {
            assert!(!differ(one, other), "{one:?} {other:?}");
        }
    }
}
