//! Where money that came goes: to the invoices it was ordered for, as far as they still owe; the rest is a credit.
//! Pure; a balance is always a sum and never stored.
use fiscal::{Amount, Currency, MoneyError, Rate};
use uuid::Uuid;

/// What a payment holds of one receivable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The allocation.
    pub id: Uuid,
    /// The receivable.
    pub receivable_id: Uuid,
    /// What it pays, in the receivable's currency.
    pub amount: Amount,
    /// What that charged, in pesos.
    pub charge: Amount,
    /// The rate, frozen when it was ordered.
    pub rate: Option<Rate>,
    /// Its reservation is still held.
    pub reserved: bool,
    /// It came to the payment later, out of a credit.
    pub from_credit: bool,
}

/// How much a receivable still owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Total with adjustments, less what was applied.
    pub pending_minor: i64,
    /// Reserved by all payments, this one included.
    pub reserved_minor: i64,
    /// Parcialidades applied before.
    pub parcialidades: i64,
}

/// What one allocation becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The allocation.
    pub id: Uuid,
    /// The receivable.
    pub receivable_id: Uuid,
    /// Applied, in the receivable's currency; zero when it owed nothing any more.
    pub applied: Amount,
    /// What of the charge that is, in pesos.
    pub applied_charge: Amount,
    /// Its number among the payments of the receivable; `None` when nothing was applied.
    pub parcialidad: Option<i64>,
    /// Owed before (ImpSaldoAnt).
    pub before_minor: i64,
    /// Owed after (ImpSaldoInsoluto).
    pub after_minor: i64,
}

impl Room {
    /// What can still be paid of it by an allocation: its own reservation is its own room.
    pub fn open_for(self, held: &Held) -> i64 {
        let others = if held.reserved { 0 } else { self.reserved_minor };
        self.pending_minor.saturating_sub(others).max(0).min(held.amount.minor())
    }
}

/// Puts one allocation where there is room for it.
pub fn place(held: &Held, room: Room) -> Result<Placed, MoneyError> {
    let applied = Amount::new(room.open_for(held), held.amount.currency());
    let applied_charge = if applied == held.amount { held.charge } else { part_of_charge(held, applied)? };
    let parcialidad = applied.is_positive().then(|| room.parcialidades.saturating_add(1));
    Ok(Placed {
        id: held.id,
        receivable_id: held.receivable_id,
        applied,
        applied_charge,
        parcialidad,
        before_minor: room.pending_minor,
        after_minor: room.pending_minor.saturating_sub(applied.minor()),
    })
}

/// Never more than was charged: typed pesos may be some centavos less than the amount at its rate.
fn part_of_charge(held: &Held, applied: Amount) -> Result<Amount, MoneyError> {
    let part = match held.rate {
        Some(rate) => rate.to_mxn(applied)?,
        None => applied,
    };
    Ok(if part.checked_cmp(held.charge)?.is_gt() { held.charge } else { part })
}

/// What of the money found nothing to pay, in pesos (P2: applied + unapplied = received).
pub fn unapplied(received: Amount, placed: &[Placed]) -> Result<Amount, MoneyError> {
    received.checked_sub(Amount::sum(placed.iter().map(|placed| placed.applied_charge), Currency::Mxn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(minor: i64, charge: i64, rate: Option<&str>, reserved: bool) -> Held {
        let currency = if rate.is_some() { Currency::Usd } else { Currency::Mxn };
        Held {
            id: Uuid::from_u128(1),
            receivable_id: Uuid::from_u128(2),
            amount: Amount::new(minor, currency),
            charge: Amount::new(charge, Currency::Mxn),
            rate: rate.map(|rate| Rate::parse(rate).unwrap()),
            reserved,
            from_credit: false,
        }
    }

    fn room(pending_minor: i64, reserved_minor: i64) -> Room {
        Room { pending_minor, reserved_minor, parcialidades: 2 }
    }

    #[test]
    fn a_reservation_is_its_own_room() {
        let placed = place(&held(500, 500, None, true), room(500, 500)).unwrap();
        assert_eq!((placed.applied.minor(), placed.after_minor, placed.parcialidad), (500, 0, Some(3)));
    }

    #[test]
    fn what_comes_late_takes_only_what_nobody_else_reserved() {
        let placed = place(&held(500, 500, None, false), room(500, 300)).unwrap();
        assert_eq!((placed.applied.minor(), placed.before_minor, placed.after_minor), (200, 500, 300));
        let received = Amount::new(500, Currency::Mxn);
        assert_eq!(unapplied(received, &[placed]), Ok(Amount::new(300, Currency::Mxn)));
    }

    #[test]
    fn what_was_paid_otherwise_meanwhile_leaves_all_of_it_as_a_credit() {
        for pending in [0, -200] {
            let placed = place(&held(500, 500, None, true), room(pending, 500)).unwrap();
            assert_eq!((placed.applied.minor(), placed.applied_charge.minor(), placed.parcialidad), (0, 0, None));
        }
    }

    #[test]
    fn a_part_of_a_dollar_invoice_is_charged_at_the_frozen_rate() {
        // US$ 160.71 at 18.886880; only 100.00 of it is still owed.
        let placed = place(&held(16_071, 303_531, Some("18.886880"), true), room(10_000, 16_071)).unwrap();
        assert_eq!((placed.applied.minor(), placed.applied_charge.minor()), (10_000, 188_869));
        let received = Amount::new(303_531, Currency::Mxn);
        assert_eq!(unapplied(received, &[placed]).unwrap().minor(), 303_531 - 188_869);
    }

    #[test]
    fn typed_pesos_never_apply_more_than_was_charged() {
        // 9,000.00 pesos typed paid US$ 487.74, which at the rate is 8,999.92.
        let placed = place(&held(48_774, 900_000, Some("18.4523"), true), room(48_774, 48_774)).unwrap();
        assert_eq!(placed.applied_charge.minor(), 900_000);
    }
}
