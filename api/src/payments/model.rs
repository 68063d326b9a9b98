//! What a payment is made of, and the pure decision of what an event does to a trip to the bank (`payments.md` 4.3,
//! 4.4). Nothing here reads a clock, a row or the network.
use fiscal::Amount;
use shared::payments::{BankCode, PaymentState};
use uuid::Uuid;

/// A bank's word about an attempt, as its adapter read it: a reading, not yet a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// It has the money: under which number of its own, and how much.
    Paid {
        /// The bank's number: authorization.
        transaction: String,
        /// What it says arrived.
        amount: Amount,
    },
    /// It is working on it.
    Pending,
    /// It refused.
    Declined {
        /// The bank's number of the refusal, when it gives one.
        transaction: Option<String>,
    },
    /// It knows no such order.
    NotFound,
    /// Worth nothing by itself, worth asking the bank.
    Hint,
    /// Not the bank's word, or not provably so.
    Untrusted {
        /// Which check failed.
        why: &'static str,
    },
}

/// The verdict on what is not proved to be the bank's word.
pub const UNTRUSTED: &str = "untrusted";

/// The verdict on what tells again of the money that is here.
pub const PAID_BEFORE: &str = "paid_before";

/// The verdict on what is worth asking the bank about.
pub const HINT: &str = "hint";

/// The verdict on what tells of a transfer that is entered for another payment.
pub const ENTERED: &str = "entered";

/// Whether the money that a bank tells of is entered already: one transfer is told by several roads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// It is not.
    Not,
    /// For this payment.
    Here,
    /// For another one.
    Elsewhere {
        /// Its number and its day are nobody else's; otherwise two may share them by chance.
        certain: bool,
    },
}

/// What happens to an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The redirect is ready and goes to the browser.
    HandedOver,
    /// Evidence, read.
    Said(Reading),
    /// The customer gives up.
    GivenUp,
    /// Its time is over. `NotFound` and `None` are what asking the bank came to; `None`: it cannot be asked.
    Deadline(Option<Reading>),
    /// Somebody who looked at the bank's own account says what became of it.
    Looked(Finding),
}

/// What somebody found who looked at what the machine could not decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The money is there, so much of it.
    Arrived(Amount),
    /// It is not, and will not come.
    NeverArrived,
}

/// What must be done to the money together with the new state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Keep,
    /// The reservations end.
    Release,
    /// The reservations are taken again, as far as there is room.
    Hold,
    /// The money is here: enter it, and apply it or keep it for the ERP.
    Receive,
    /// Money is here that its payment does not need: enter it, all of it a credit.
    Credit,
}

/// Why somebody must look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReviewReason {
    /// The bank says another amount than was ordered.
    AmountDiffers,
    /// A second success under another number: perhaps charged twice.
    SecondSuccess,
    /// One number that was refused and then paid, or the other way round.
    Contradiction,
    /// The bank refuses what it had confirmed.
    RefusedAfterSuccess,
    /// The bank works on what was given up here.
    PendingAfterEnd,
    /// It came after its reservation had ended and found less to pay: the rest is a credit.
    UnappliedCredit,
    /// It paid an invoice that was cancelled or withdrawn.
    InvoiceCancelled,
    /// Money under this number is entered for another payment: perhaps it is the same.
    MoneyEntered,
    /// So much was said about the payment that a line of a file was not kept.
    TooMuchSaid,
    /// The bank never said what became of it, or for too long that it works on it, and its invoices are reserved.
    Unanswered,
}

impl ReviewReason {
    /// All.
    pub const ALL: [ReviewReason; 10] = [
        ReviewReason::AmountDiffers,
        ReviewReason::SecondSuccess,
        ReviewReason::Contradiction,
        ReviewReason::RefusedAfterSuccess,
        ReviewReason::PendingAfterEnd,
        ReviewReason::UnappliedCredit,
        ReviewReason::InvoiceCancelled,
        ReviewReason::MoneyEntered,
        ReviewReason::TooMuchSaid,
        ReviewReason::Unanswered,
    ];

    /// As kept in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            ReviewReason::AmountDiffers => "amount_differs",
            ReviewReason::SecondSuccess => "second_success",
            ReviewReason::Contradiction => "contradiction",
            ReviewReason::RefusedAfterSuccess => "refused_after_success",
            ReviewReason::PendingAfterEnd => "pending_after_end",
            ReviewReason::UnappliedCredit => "unapplied_credit",
            ReviewReason::InvoiceCancelled => "invoice_cancelled",
            ReviewReason::MoneyEntered => "money_entered",
            ReviewReason::TooMuchSaid => "too_much_said",
            ReviewReason::Unanswered => "unanswered",
        }
    }
}

/// The bank was asked for money, or may have been, and did not say whether it has it.
pub const fn is_unanswered(state: PaymentState) -> bool {
    matches!(state, PaymentState::PendingBank | PaymentState::Unknown)
}

/// How an attempt stands before an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: PaymentState,
    /// The bank's number that settled it.
    pub transaction: Option<String>,
    /// What was ordered.
    pub amount: Amount,
    /// What became of the payment's other trips.
    pub others: Others,
}

/// The other trips of an attempt's payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// There are none, or they came to nothing.
    Ended,
    /// One may still be paid: the reservations are that one's too.
    Open,
    /// One was paid: the payment has its money.
    Paid,
}

/// What an event comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The state after it.
    pub next: PaymentState,
    /// What is done to the money.
    pub effect: Effect,
    /// Why somebody must look, if anybody must.
    pub review: Option<ReviewReason>,
    /// In a word, for the record.
    pub verdict: &'static str,
}

impl Decision {
    fn to(next: PaymentState, effect: Effect, verdict: &'static str) -> Decision {
        Decision { next, effect, review: None, verdict }
    }

    fn stay(standing: &Standing, verdict: &'static str) -> Decision {
        Decision::to(standing.state, Effect::Keep, verdict)
    }

    /// To a state that holds no reservation. What another trip still needs is not let go.
    fn ends(standing: &Standing, next: PaymentState, verdict: &'static str) -> Decision {
        let effect = if standing.others == Others::Ended { Effect::Release } else { Effect::Keep };
        Decision::to(next, effect, verdict)
    }

    fn flag(self, reason: ReviewReason) -> Decision {
        Decision { review: Some(reason), ..self }
    }
}

/// The whole state machine. A confirmed attempt never leaves its state; money that arrives always wins.
pub fn after(standing: &Standing, event: &Event) -> Decision {
    use PaymentState as S;
    match event {
        Event::HandedOver if standing.state == S::Created => Decision::to(S::InTransit, Effect::Keep, "handed_over"),
        Event::HandedOver => Decision::stay(standing, "handed_over_before"),
        Event::GivenUp => match standing.state {
            S::Created | S::InTransit => Decision::ends(standing, S::Cancelled, "cancelled"),
            _ => Decision::stay(standing, "too_late_to_cancel"),
        },
        Event::Said(reading) => said(standing, reading),
        Event::Deadline(answer) => deadline(standing, answer.as_ref()),
        Event::Looked(finding) => looked(standing, finding),
    }
}

/// What a bank's word does to an attempt when it is known whether the money that it tells of is entered.
pub fn told(standing: &Standing, reading: &Reading, entry: Entry) -> Decision {
    match entry {
        Entry::Not => said(standing, reading),
        Entry::Here => Decision::stay(standing, PAID_BEFORE),
        Entry::Elsewhere { certain: true } => Decision::stay(standing, ENTERED),
        Entry::Elsewhere { certain: false } if standing.state == PaymentState::Confirmed => {
            Decision::stay(standing, "entered_elsewhere").flag(ReviewReason::MoneyEntered)
        }
        Entry::Elsewhere { certain: false } => hold(standing, "entered_elsewhere").flag(ReviewReason::MoneyEntered),
    }
}

fn said(standing: &Standing, reading: &Reading) -> Decision {
    match reading {
        Reading::Paid { transaction, amount } => paid(standing, transaction, *amount),
        Reading::Pending => pending(standing),
        Reading::Declined { transaction } => declined(standing, transaction.as_deref()),
        Reading::NotFound => Decision::stay(standing, "not_found"),
        Reading::Hint => Decision::stay(standing, HINT),
        Reading::Untrusted { .. } => Decision::stay(standing, UNTRUSTED),
    }
}

fn paid(standing: &Standing, transaction: &str, amount: Amount) -> Decision {
    use PaymentState as S;
    let known = standing.transaction.as_deref();
    if standing.state == S::Confirmed {
        return match known {
            _ if amount != standing.amount => Decision::stay(standing, "amount").flag(ReviewReason::AmountDiffers),
            Some(known) if known == transaction => Decision::stay(standing, PAID_BEFORE),
            _ => Decision::stay(standing, "paid_again").flag(ReviewReason::SecondSuccess),
        };
    }
    if amount != standing.amount {
        return hold(standing, "amount").flag(ReviewReason::AmountDiffers);
    }
    // `mp_response` is not signed: a refusal with its word changed verifies as a success under the same number.
    if standing.state == S::Declined && known == Some(transaction) {
        return hold(standing, "contradiction").flag(ReviewReason::Contradiction);
    }
    arrived(standing)
}

/// The money of this trip is here. When another trip was paid before, nothing is owed for it.
fn arrived(standing: &Standing) -> Decision {
    match standing.others {
        Others::Paid => {
            Decision::to(PaymentState::Confirmed, Effect::Credit, "paid_twice").flag(ReviewReason::SecondSuccess)
        }
        Others::Ended | Others::Open => Decision::to(PaymentState::Confirmed, Effect::Receive, "paid"),
    }
}

fn looked(standing: &Standing, finding: &Finding) -> Decision {
    use PaymentState as S;
    match (standing.state, finding) {
        (S::Confirmed | S::Created, _) => Decision::stay(standing, "nothing_to_decide"),
        (_, Finding::Arrived(amount)) if *amount == standing.amount => arrived(standing),
        // Where that credit goes, somebody must still say.
        (_, Finding::Arrived(_)) => {
            Decision::to(S::Confirmed, Effect::Credit, "paid_otherwise").flag(ReviewReason::AmountDiffers)
        }
        (state, Finding::NeverArrived) if state.is_open() => Decision::ends(standing, S::Declined, "never_arrived"),
        _ => Decision::stay(standing, "nothing_to_decide"),
    }
}

/// To `review`, with the reservations kept or taken again.
fn hold(standing: &Standing, verdict: &'static str) -> Decision {
    let is_held = standing.state.is_open() || standing.others != Others::Ended;
    let effect = if is_held { Effect::Keep } else { Effect::Hold };
    Decision::to(PaymentState::Review, effect, verdict)
}

fn pending(standing: &Standing) -> Decision {
    use PaymentState as S;
    match standing.state {
        S::Created | S::InTransit | S::Unknown => Decision::to(S::PendingBank, Effect::Keep, "pending"),
        S::Cancelled | S::Expired => Decision::stay(standing, "pending_late").flag(ReviewReason::PendingAfterEnd),
        S::PendingBank | S::Confirmed | S::Declined | S::Review => Decision::stay(standing, "pending_known"),
    }
}

fn declined(standing: &Standing, transaction: Option<&str>) -> Decision {
    use PaymentState as S;
    match standing.state {
        S::Created | S::InTransit | S::PendingBank | S::Unknown => Decision::ends(standing, S::Declined, "declined"),
        S::Confirmed if transaction.is_some() && standing.transaction.as_deref() == transaction => {
            Decision::stay(standing, "declined_late").flag(ReviewReason::RefusedAfterSuccess)
        }
        // Another try of the card at the bank's page failed; one succeeded.
        S::Confirmed | S::Declined | S::Cancelled | S::Expired | S::Review => {
            Decision::stay(standing, "declined_known")
        }
    }
}

fn deadline(standing: &Standing, answer: Option<&Reading>) -> Decision {
    use PaymentState as S;
    match (standing.state, answer) {
        (S::Created, _) => Decision::ends(standing, S::Expired, "never_handed_over"),
        (S::InTransit | S::Unknown, Some(Reading::NotFound)) => Decision::ends(standing, S::Expired, "not_found"),
        // Nobody knows, so the reservation stays: freed, the same invoice could be paid twice (P10).
        (S::InTransit, _) => Decision::to(S::Unknown, Effect::Keep, "no_answer"),
        _ => Decision::stay(standing, "settled_before"),
    }
}

/// An order as it went to the bank: what its answers must name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intended {
    /// The attempt.
    pub attempt_id: Uuid,
    /// Through which bank.
    pub bank: BankCode,
    /// Our order number at the bank: fixed width, unique.
    pub merchant_order: String,
    /// The payment's reference at the bank: fixed width.
    pub merchant_reference: String,
    /// The amount as it was signed.
    pub amount_text: String,
    /// The same, as a number.
    pub amount: Amount,
    /// What the bank gave us to recognise its answers by; never told to a browser.
    pub bank_secret: Option<String>,
}

/// Where evidence comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The payer's browser.
    Return,
    /// The bank's server.
    Notice,
    /// Our question to the bank.
    Poll,
    /// A line of a file of the bank's, that staff brought in.
    File,
}

impl Source {
    /// As kept in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Source::Return => "return",
            Source::Notice => "notice",
            Source::Poll => "poll",
            Source::File => "file",
        }
    }

    /// Reads the value of the table.
    pub fn parse(text: &str) -> Option<Source> {
        [Source::Return, Source::Notice, Source::Poll, Source::File].into_iter().find(|source| source.as_str() == text)
    }
}

#[cfg(test)]
mod tests;
