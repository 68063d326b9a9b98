//! What staff see and do about payments: banks' files, what asks to be looked at, deposits.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{BankCode, PaymentState, PaymentView};
use crate::documents::DocumentIssuer;

text_enum! {
    /// What became of a line of a bank's file. New ones may be added.
    SettlementResult {
        /// The payment was waiting; now it is confirmed.
        Confirmed = "confirmed",
        /// The payment had ended here without money; the money is there all the same.
        ConfirmedLate = "confirmed_late",
        /// It was known already.
        Known = "known",
        /// The very same line stood in another file, or twice in this one.
        Repeated = "repeated",
        /// The bank refused.
        Declined = "declined",
        /// The bank is working on it.
        Pending = "pending",
        /// Another amount came than was ordered: it asks to be looked at, and nothing is applied.
        AmountDiffers = "amount_differs",
        /// It contradicts what was known, or was paid twice: it asks to be looked at.
        Review = "review",
        /// A transfer with a customer's own number made a payment.
        Deposit = "deposit",
        /// It names nothing of ours: somebody may know whose it is.
        NotFound = "not_found",
        /// A part of it cannot be read.
        Unreadable = "unreadable",
    }
}

/// A bank's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettlementFileView {
    /// For its address.
    pub id: Uuid,
    /// `multipagos` or `csv`.
    pub format: String,
    /// Whose it is.
    pub bank: BankCode,
    /// What it was called.
    pub name: String,
    /// Its lines.
    pub lines: u64,
    /// How many lines came to what, by the names of `SettlementResult`; `waiting` are not settled yet.
    pub results: BTreeMap<String, u64>,
    /// When it was brought in, RFC 3339 UTC.
    pub created_at: String,
    /// No line waits any more.
    pub done: bool,
}

/// A line of a bank's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettlementLineView {
    /// Its number in the file, from 1.
    pub line: u64,
    /// What it came to; absent while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<SettlementResult>,
    /// Which part cannot be read: `length`, `currency`, `reference`, `transaction`, `amount`, `said`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable_part: Option<String>,
    /// The payment it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<Uuid>,
    /// The reference it carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The bank's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_transaction: Option<String>,
    /// Pesos.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// What the bank kept of it, in pesos.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<String>,
    /// The IVA of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_tax: Option<String>,
    /// Civil day of the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_on: Option<String>,
    /// Civil day the bank paid it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_out_on: Option<String>,
}

/// Something that somebody must look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReviewView {
    /// For its address.
    pub id: Uuid,
    /// Why: `amount_differs`, `second_success`, `contradiction`, `refused_after_success`, `pending_after_end`,
    /// `unapplied_credit`, `invoice_cancelled`, `money_entered`, `too_much_said`,
    /// `unanswered`. New ones may be added.
    pub reason: String,
    /// The payment as its customer sees it.
    pub payment: PaymentView,
    /// RFC of the customer.
    pub customer_rfc: String,
    /// Its name.
    pub customer_name: String,
    /// What the bank said, field by field, without anything of a card.
    pub said: Vec<super::RedirectField>,
    /// Pesos that came beside the payment's own and are not entered: an operator who sees them in the account can enter
    /// them. Absent when there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_enter: Option<String>,
    /// Since when, RFC 3339 UTC.
    pub created_at: String,
    /// When somebody looked; absent while nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<String>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
}

/// A bank's message that names no payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrphanView {
    /// For its address.
    pub id: Uuid,
    /// In whose name it came.
    pub bank: BankCode,
    /// It is signed with the key of the company's account; else anybody may have said it.
    pub proved: bool,
    /// What was said, field by field, without anything of a card.
    pub said: Vec<super::RedirectField>,
    /// When it came, RFC 3339 UTC.
    pub created_at: String,
    /// The payment that was found for it later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<Uuid>,
    /// While none was found: the payment whose reference it carries, beside an order that is not ours. For somebody to look
    /// at; nothing follows from it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likely_payment_id: Option<Uuid>,
    /// When that was, or somebody looked; absent while nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<String>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
}

/// One trip of a payment to a bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TripView {
    /// Its number among the payment's, from 1.
    pub trip: i64,
    /// Which bank.
    pub bank: BankCode,
    /// How it stands.
    pub state: PaymentState,
    /// The reference that the bank had of it.
    pub reference: String,
    /// The bank's number, when it said one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_transaction: Option<String>,
    /// When it began, RFC 3339 UTC.
    pub created_at: String,
    /// The one that its customer sees.
    pub is_current: bool,
    /// It may still be paid.
    pub is_open: bool,
    /// An operator can say what became of it.
    pub can_decide: bool,
}

/// How an issuer's money stands, in pesos: what the console's first page of payments says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentSums {
    /// Reviews that are open, and banks' messages that nobody looked at; the amount is what they are about.
    pub to_review: MoneySum,
    /// Ordered, and the bank has not decided.
    pub in_transit: MoneySum,
    /// Confirmed by the bank, and not on its invoices.
    pub to_apply: MoneySum,
    /// Came, and found nothing to pay: credits that are left.
    pub credit: MoneySum,
    /// Lines of banks' files that name nothing of ours.
    pub not_found: MoneySum,
    /// Confirmed since the first day of this month, and not taken back.
    pub this_month: MoneySum,
}

/// How many, and what they come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MoneySum {
    /// How many.
    pub count: u64,
    /// Pesos.
    pub amount: String,
}

/// A rate with who said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RateOfDay {
    /// ISO code.
    pub currency: String,
    /// Civil day, `YYYY-MM-DD`.
    pub valid_on: String,
    /// Pesos for one unit, six decimals.
    pub rate: String,
    /// `manual`, `erp` or `banxico`.
    pub source: String,
    /// The central bank's own name of the series, when it is one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// Mailbox or name of who said it; absent when a program did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_by: Option<String>,
    /// When, RFC 3339 UTC.
    pub updated_at: String,
}

/// At which rate an issuer's foreign invoices are paid, and how that of the day is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RateStanding {
    /// `invoice`: the rate printed on each; `day`: the one of the day it is paid.
    pub policy: super::RateSource,
    /// Today, by the issuer's clock.
    pub today: String,
    /// The rate that a payment in dollars would take today, when the policy is the day's and one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<RateOfDay>,
    /// The Banco de México is asked every day.
    pub asks_banxico: bool,
    /// Its series.
    pub series: String,
    /// The last that it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_told: Option<RateOfDay>,
}

/// What came of looking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CloseReview {
    /// For whoever asks later: at most 300 characters.
    pub note: String,
}

/// What the bank's own account says of a payment that nobody else could decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DecidePayment {
    /// The money is there.
    pub arrived: bool,
    /// How much of it, in pesos; what was ordered when absent. Another amount becomes a credit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// The bank's number, when the money is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_transaction: Option<String>,
    /// By which form it came, c_FormaPago and never `99`, when the money is there and the account says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forma_de_pago: Option<String>,
    /// Which trip to the bank it is about, as the payment's list of them has it; the one that is still open when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trip: Option<i64>,
    /// For whoever asks later: at most 300 characters.
    pub note: String,
}

/// By which form a payment's money came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetFormaDePago {
    /// c_FormaPago, never `99`.
    pub forma_de_pago: String,
}

/// Why something is done to a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PaymentReason {
    /// At most 300 characters.
    pub reason: String,
}

/// Where a payment's credit goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ApplyCredit {
    /// 1 to 100 receivables, none twice.
    pub lines: Vec<CreditLine>,
}

/// A receivable that a credit goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreditLine {
    /// `id` of the balance.
    pub receivable_id: Uuid,
    /// Pesos; as much as both allow when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
}

/// Whose a transfer is that names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignDeposit {
    /// RFC of the customer.
    pub rfc: String,
}

/// What a statement of account can be made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountStatements {
    /// `YYYY-MM`, the newest first.
    pub months: Vec<String>,
    /// Whom the customer ever owed, with a contract or without, by name.
    pub issuers: Vec<DocumentIssuer>,
}

/// Where a customer's transfers go, and the number that they carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DepositAccount {
    /// Short name of who is paid.
    pub issuer: String,
    /// The name customers know.
    pub issuer_name: String,
    /// Eighteen digits.
    pub clabe: String,
    /// The bank that has the account; empty when it is seldom met.
    pub bank: String,
    /// Whose account it is.
    pub beneficiary: String,
    /// Ten digits: the customer's own, for every transfer.
    pub reference: String,
}
