//! How a payment stands, in words: never more than what is known. Whether paying again is safe is the server's word,
//! not the state's name.
use shared::payments::{BankCode, Money, PaymentState, PaymentView, RedirectMethod, Transit};

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

/// The same of a whole payment: of a transfer that did not come yet, the payer must act, and no bank is asked; one that
/// was given up may still be charged in the bank's page that was left open.
pub fn outcome_of<'t>(t: &'t Payment, payment: &PaymentView) -> (&'t Outcome, Tone) {
    match payment.state {
        _ if must_transfer(payment) => (&t.to_transfer, Tone::Waits),
        PaymentState::Cancelled if warns(payment) => (&t.cancelled_there, Tone::Waits),
        _ => outcome(t, payment.state, payment.money()),
    }
}

/// What a payment under way is called beside its invoice, where that says more than that it is in transit.
pub fn under_way<'t>(t: &'t Payment, transit: &Transit) -> Option<&'t str> {
    match (transit.bank, transit.state) {
        (BankCode::Spei, PaymentState::InTransit) => Some(t.to_transfer.badge),
        (_, PaymentState::InTransit | PaymentState::Confirmed) => None,
        (_, state) => Some(outcome(t, state, Money::Waits).0.badge),
    }
}

/// Its page says what a transfer must carry: there is nowhere to be led to.
pub fn is_transfer(payment: &PaymentView) -> bool {
    payment.redirect.as_ref().is_some_and(|redirect| redirect.method == RedirectMethod::Transfer)
}

/// Its transfer has not come.
pub fn must_transfer(payment: &PaymentView) -> bool {
    payment.bank == BankCode::Spei && payment.state == PaymentState::InTransit
}

/// Whether the bank has it and did not decide.
pub const fn is_awaited(payment: &PaymentView) -> bool {
    matches!(payment.state, PaymentState::Created | PaymentState::InTransit | PaymentState::PendingBank)
}

/// Whether the bank may answer soon, so that asking again makes sense: a transfer is known by its file, days later.
pub fn is_asked(payment: &PaymentView) -> bool {
    is_awaited(payment) && !must_transfer(payment)
}

/// What a page warns with, when it must.
pub fn warning(t: &Payment, payment: &PaymentView) -> Option<&'static str> {
    warns(payment).then_some(match payment.state {
        _ if must_transfer(payment) => t.transfer_once,
        PaymentState::Cancelled => t.perhaps_charged,
        _ => t.do_not_pay_again,
    })
}

/// Whether the page must warn against paying twice. What the bank took is no warning but a fact.
fn warns(payment: &PaymentView) -> bool {
    !payment.safe_to_pay_again && payment.state != PaymentState::Confirmed
}

#[cfg(test)]
pub mod tests {
    use shared::time::LocalTime;
    use uuid::Uuid;

    use super::*;
    use crate::payments::words::ES;

    /// One of which nothing came.
    pub fn payment(bank: BankCode, state: PaymentState) -> PaymentView {
        let at = LocalTime { instant: String::new(), civil: String::new(), zone: String::new() };
        PaymentView {
            id: Uuid::from_u128(1),
            reference: "228".into(),
            issuer: "default".into(),
            issuer_name: "Colibrí Azul".into(),
            bank,
            bank_name: bank.name().into(),
            bank_reference: None,
            state,
            applied: false,
            paid_at: at,
            amount: "40.00".into(),
            ordered: None,
            currency: "MXN".into(),
            forma_de_pago: None,
            unapplied: None,
            returned: None,
            lines: Vec::new(),
            can_cancel: false,
            expires_at: None,
            safe_to_pay_again: false,
            can_retry: false,
            reversed_at: None,
            redirect: None,
            receipt_document_id: None,
        }
    }

    #[test]
    fn a_transfer_is_told_to_be_made_and_no_bank_is_asked_before_it() {
        let t = &ES.payment;
        let transfer = payment(BankCode::Spei, PaymentState::InTransit);
        assert_eq!(outcome_of(t, &transfer).0.badge, "Por transferir", "in a list, without what it must carry, too");
        assert_eq!((is_asked(&transfer), warning(t, &transfer)), (false, Some(t.transfer_once)));
        let trip = payment(BankCode::Bbva, PaymentState::InTransit);
        assert_eq!(outcome_of(t, &trip).0.badge, "En tránsito");
        assert_eq!((is_asked(&trip), warning(t, &trip)), (true, Some(t.do_not_pay_again)));
        let late = payment(BankCode::Spei, PaymentState::Unknown);
        assert_eq!((outcome_of(t, &late).0.badge, is_asked(&late)), ("Por confirmar", false));
    }

    #[test]
    fn what_was_given_up_is_called_free_of_charge_only_when_it_is_safe() {
        let t = &ES.payment;
        let left = payment(BankCode::Bbva, PaymentState::Cancelled);
        let (said, tone) = outcome_of(t, &left);
        assert_eq!((said.badge, tone), ("Cancelado", Tone::Waits));
        assert!(!said.lead.contains("No se hizo ningún cargo"));
        assert!(warning(t, &left).is_some_and(|words| words.contains("no pague de nuevo")));
        let safe = PaymentView { safe_to_pay_again: true, ..left };
        assert_eq!((outcome_of(t, &safe).1, warning(t, &safe)), (Tone::Off, None));
    }

    #[test]
    fn a_payment_under_way_is_named_where_that_says_more_than_that_it_is() {
        let transit = |bank, state| Transit {
            payment_id: Uuid::from_u128(1),
            amount: "40.00".into(),
            state,
            since: LocalTime { instant: String::new(), civil: String::new(), zone: String::new() },
            bank,
            bank_reference: None,
        };
        let named = |bank, state| under_way(&ES.payment, &transit(bank, state));
        assert_eq!(named(BankCode::Bbva, PaymentState::InTransit), None);
        assert_eq!(named(BankCode::Spei, PaymentState::InTransit), Some("Por transferir"));
        assert_eq!(named(BankCode::Bbva, PaymentState::Unknown), Some("Por confirmar"));
        assert_eq!(named(BankCode::Citibanamex, PaymentState::Review), Some("En revisión"));
    }

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
