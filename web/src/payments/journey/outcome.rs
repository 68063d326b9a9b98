//! How a payment stands, in words: never more than what is known. Whether paying again is safe is the server's word,
//! not the state's name.
use shared::payments::{Money, PaymentState, PaymentView, RedirectMethod};

use crate::payments::words::{Outcome, Payment};

/// How it is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The money is on the invoices.
    Done,
    /// The bank took the money.
    Moves,
    /// Something is waited for.
    Waits,
    /// It came to nothing.
    Off,
}

impl Tone {
    /// The look of its badge.
    pub const fn badge(self) -> &'static str {
        match self {
            Tone::Done => "badge badge--ok",
            Tone::Moves => "badge badge--info",
            Tone::Waits => "badge badge--warn",
            Tone::Off => "badge badge--bad",
        }
    }
}

/// The words of a payment, and how they are meant. What became of its money says more than its bank's word.
const fn outcome(t: &Payment, state: PaymentState, money: Money) -> (&Outcome, Tone) {
    match money {
        Money::Applied => return (&t.applied, Tone::Done),
        Money::Credit => return (&t.credit, Tone::Moves),
        Money::Back => return (&t.reversed, Tone::Off),
        Money::Waits => {}
    }
    match state {
        PaymentState::Created => (&t.created, Tone::Waits),
        PaymentState::InTransit => (&t.in_transit, Tone::Waits),
        PaymentState::PendingBank => (&t.pending_bank, Tone::Waits),
        PaymentState::Confirmed => (&t.confirmed, Tone::Moves),
        PaymentState::Declined => (&t.declined, Tone::Off),
        PaymentState::Cancelled => (&t.cancelled, Tone::Off),
        PaymentState::Expired => (&t.expired, Tone::Off),
        PaymentState::Unknown => (&t.unknown, Tone::Waits),
        PaymentState::Review => (&t.review, Tone::Waits),
    }
}

/// The same of a whole payment: of a transfer that did not come yet, the payer must act, and no bank is asked.
pub fn outcome_of<'t>(t: &'t Payment, payment: &PaymentView) -> (&'t Outcome, Tone) {
    if must_transfer(payment) { (&t.to_transfer, Tone::Waits) } else { outcome(t, payment.state, payment.money()) }
}

/// It is paid by a transfer: there is nowhere to be led to.
pub fn is_transfer(payment: &PaymentView) -> bool {
    payment.redirect.as_ref().is_some_and(|redirect| redirect.method == RedirectMethod::Transfer)
}

/// Its transfer has not come.
pub fn must_transfer(payment: &PaymentView) -> bool {
    is_transfer(payment) && is_awaited(payment)
}

/// Whether the bank may still answer soon, so that asking again makes sense.
pub const fn is_awaited(payment: &PaymentView) -> bool {
    matches!(payment.state, PaymentState::Created | PaymentState::InTransit | PaymentState::PendingBank)
}

/// Whether the page must warn against paying twice. What the bank took is no warning but a fact.
pub fn warns(payment: &PaymentView) -> bool {
    !payment.safe_to_pay_again && payment.state != PaymentState::Confirmed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::words::ES;

    #[test]
    fn nothing_but_an_applied_payment_is_called_done() {
        for state in PaymentState::ALL {
            for money in [Money::Waits, Money::Credit, Money::Back, Money::Applied] {
                let (words, tone) = outcome(&ES.payment, *state, money);
                let done = money == Money::Applied;
                assert_eq!(tone == Tone::Done, done, "{state:?}");
                assert_eq!(words.badge == "Aplicado", done, "{state:?}");
            }
        }
    }

    #[test]
    fn money_that_is_on_no_invoice_is_named_as_what_it_is() {
        let badge = |money| outcome(&ES.payment, PaymentState::Confirmed, money).0.badge;
        assert_eq!((badge(Money::Back), badge(Money::Credit)), ("Revertido", "Saldo a favor"));
    }

    #[test]
    fn what_nobody_knows_is_to_be_confirmed() {
        assert_eq!(outcome(&ES.payment, PaymentState::Unknown, Money::Waits).0.badge, "Por confirmar");
        assert_eq!(outcome(&ES.payment, PaymentState::Confirmed, Money::Waits).0.badge, "En tránsito");
    }
}
