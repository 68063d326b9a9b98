//! What a customer owes and pays: open balances, one payment of many invoices, the trip to the bank, the history.
//!
//! Pesos are what a bank charges; each line also says what it pays in its invoice's own currency. Amounts are decimal
//! text; [`fiscal::Rate`] turns one currency into the other, the same way in browser and server.
// A value is a `tt` and not a `literal`: the derive for OpenAPI cannot read a literal that a macro has wrapped, and would
// write the variant's own name into the document.
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:tt,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant,)+ }
        impl $name {
            /// All, in the order of the table.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];
            /// The value on the wire and in the database.
            pub const fn as_str(self) -> &'static str { match self { $($name::$variant => $text,)+ } }
            /// Reads the value of the wire or the database.
            pub fn parse(text: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }
        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<$name, String> { $name::parse(&text).ok_or(text) }
        }
    };
}

mod order;
mod query;
mod rates;
mod staff;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::documents::CatalogText;
use crate::time::LocalTime;

pub use order::{AmountToPay, CreatePayment, LineToPay, PaymentLine, PaymentOrder, RetryPayment, typed_line};
pub use query::{BalanceFilter, BalanceOnly, BalanceQuery, PaymentFilter, PaymentQuery};
pub use rates::{RateSource, RateView, TodaysRate};
pub use staff::*;

/// Most invoices that one payment may cover.
pub const LINES_MAX: usize = 100;
/// Days within which a balance is said to be due soon.
pub const DUE_SOON_DAYS: i64 = 7;

text_enum! {
    /// A bank that a payment can go through.
    BankCode {
        /// Citibanamex, by the Mastercard gateway.
        Citibanamex = "citibanamex",
        /// BBVA Multipagos; accounts at other banks can pay through it too (K25).
        Bbva = "bbva",
        /// A transfer that carries a reference, from any bank.
        Spei = "spei",
    }
}

impl BankCode {
    /// The name people know.
    pub const fn name(self) -> &'static str {
        match self {
            BankCode::Citibanamex => "Citibanamex",
            BankCode::Bbva => "BBVA",
            BankCode::Spei => "SPEI",
        }
    }

    /// What the bank's own reference begins with in the history: `BC-Banamex 063197` (K34).
    pub const fn reference_prefix(self) -> &'static str {
        match self {
            BankCode::Citibanamex => "BC-Banamex",
            BankCode::Bbva => "BBVA",
            BankCode::Spei => "SPEI",
        }
    }

    /// Accounts at other banks can pay through it.
    pub const fn takes_other_banks(self) -> bool {
        matches!(self, BankCode::Bbva | BankCode::Spei)
    }
}

text_enum! {
    /// How far a payment has come with the bank. Whether it was applied to its invoices is another fact.
    PaymentState {
        /// Kept, not yet handed over to the bank.
        Created = "created",
        /// The browser was sent to the bank, which has not answered yet.
        InTransit = "in_transit",
        /// The bank says it is working on it.
        PendingBank = "pending_bank",
        /// The bank took the money.
        Confirmed = "confirmed",
        /// The bank refused.
        Declined = "declined",
        /// Given up before the bank answered.
        Cancelled = "cancelled",
        /// Never handed over, or the bank knows nothing of it after its time.
        Expired = "expired",
        /// Its time is over and the bank cannot be asked: nobody knows.
        Unknown = "unknown",
        /// What the bank said does not agree with what was ordered: somebody looks.
        Review = "review",
    }
}

impl PaymentState {
    /// It may still become a payment: its invoices stay reserved, and paying them again may pay twice.
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            PaymentState::Created
                | PaymentState::InTransit
                | PaymentState::PendingBank
                | PaymentState::Unknown
                | PaymentState::Review
        )
    }
}

/// The customer's open balances, and what all of them come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BalancesPage {
    /// The rows, the first due first.
    pub data: Vec<BalanceRow>,
    /// Opaque; give it back as `cursor` for the next page. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Of all results, not of this page.
    pub totals: BalanceTotals,
    /// Where the money can go: by issuer, since a payment goes to one.
    pub payable_to: Vec<PayableIssuer>,
    /// The civil day that "overdue" was counted to.
    pub today: String,
}

/// What all balances found come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BalanceTotals {
    /// All of them in pesos, each row turned at its own rate and rounded, then added.
    pub all_in_mxn: BalanceSum,
    /// Each currency by itself.
    pub by_currency: Vec<BalanceSum>,
}

/// Sums of balances in one currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BalanceSum {
    /// The currency.
    pub currency: String,
    /// Open receivables.
    pub count: u64,
    /// Not applied yet.
    pub pending: String,
    /// Reserved by payments that are not applied yet.
    pub in_transit: String,
    /// What can be paid now.
    pub available: String,
    /// Pending and past its due day.
    pub overdue: String,
    /// How many are.
    pub overdue_count: u64,
    /// Pending and due today or within [`DUE_SOON_DAYS`].
    pub due_soon: String,
    /// How many are.
    pub due_soon_count: u64,
}

/// An issuer that can be paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PayableIssuer {
    /// Short name: the `issuer` of a payment.
    pub issuer: String,
    /// The name customers know.
    pub issuer_name: String,
    /// Its banks, in the order of the buttons; none when it takes no payments here.
    pub banks: Vec<BankOffer>,
    /// Dollars today, when that is known here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub todays_rate: Option<TodaysRate>,
}

/// A bank on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BankOffer {
    /// The `bank` of a payment.
    pub bank: BankCode,
    /// The name people know.
    pub name: String,
    /// "También desde otros bancos".
    pub other_banks: bool,
}

/// One open receivable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BalanceRow {
    /// The `receivable_id` of a payment's line.
    pub id: Uuid,
    /// Its document, when it is in the portal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_id: Option<Uuid>,
    /// Short name of who is owed.
    pub issuer: String,
    /// The name customers know.
    pub issuer_name: String,
    /// The customer's number there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// Number of the invoice: `FA-60412`.
    pub number: String,
    /// Civil day of the invoice, `YYYY-MM-DD`.
    pub issued_on: String,
    /// Civil day it is due.
    pub due_on: String,
    /// Days since it was due; negative: days until then; 0: due today.
    pub days_overdue: i64,
    /// Currency of the invoice.
    pub currency: String,
    /// The invoice's total.
    pub total: String,
    /// Rate of an invoice that is not in pesos.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<RateView>,
    /// The total in pesos.
    pub total_mxn: String,
    /// Not applied yet, in the invoice's currency.
    pub pending: String,
    /// The same in pesos.
    pub pending_mxn: String,
    /// Reserved by payments that are not applied yet, in the invoice's currency; `pending` still counts it (K21).
    pub in_transit: String,
    /// The same in pesos.
    pub in_transit_mxn: String,
    /// Those payments, the oldest first; at most ten.
    pub transits: Vec<Transit>,
    /// What can be paid now: pending less in transit.
    pub available: String,
    /// What paying all of it charges, in pesos.
    pub available_mxn: String,
}

/// A payment under way, as one of its invoices sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Transit {
    /// Which payment.
    pub payment_id: Uuid,
    /// What of it is for this invoice, in the invoice's currency.
    pub amount: String,
    /// How far it has come.
    pub state: PaymentState,
    /// Since when.
    pub since: LocalTime,
    /// Through which bank.
    pub bank: BankCode,
    /// The bank's reference, once there is one: `BBVA 804512`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_reference: Option<String>,
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentView {
    /// For its address.
    pub id: Uuid,
    /// The portal's own short number at this issuer (K34): `228`.
    pub reference: String,
    /// Short name of who is paid.
    pub issuer: String,
    /// The name customers know.
    pub issuer_name: String,
    /// Through which bank.
    pub bank: BankCode,
    /// Its name.
    pub bank_name: String,
    /// The bank's reference, once there is one: `BBVA 804512`, `BC-Banamex 063197`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_reference: Option<String>,
    /// How far it has come with the bank.
    pub state: PaymentState,
    /// Some of its money is on invoices. See [`PaymentView::money`].
    pub applied: bool,
    /// When it was ordered; once confirmed, when it was made by its bank's word, else when that was known: the "Fecha de
    /// pago" of the history.
    pub paid_at: LocalTime,
    /// Pesos that came, by all of its trips; while nothing did, what was ordered.
    pub amount: String,
    /// What was ordered, where that is not what came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<String>,
    /// Always `MXN`.
    pub currency: String,
    /// By which form its money came, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forma_de_pago: Option<CatalogText>,
    /// What of it found no open balance when it came, in pesos: a credit of the customer's. Absent when nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unapplied: Option<String>,
    /// What of it went back, in pesos. Absent when nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<String>,
    /// Its invoices, with what each was paid of it; until it is applied, with what was ordered.
    pub lines: Vec<PaymentLineView>,
    /// Giving it up is still possible.
    pub can_cancel: bool,
    /// Until when its bank, or its transfer, is waited for. Absent when nothing is, and once that time is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<LocalTime>,
    /// Ordering the same invoices again cannot pay them twice. While this is `false`: "aún no sabemos; no pague de nuevo".
    /// That is also so of one that was given up while the page of a bank that cannot be asked may still charge it.
    pub safe_to_pay_again: bool,
    /// It came to nothing, safely, and can go to a bank again, the same or another: `POST /payments/{id}/attempts`.
    #[serde(default)]
    pub can_retry: bool,
    /// Its money was taken back then; its invoices owe again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversed_at: Option<LocalTime>,
    /// Where to send the browser, while that makes sense. Always the same for the same payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<BankRedirect>,
    /// The recibo, once it is made: a document of the customer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_document_id: Option<Uuid>,
}

/// Where the money of a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Money {
    /// Not here, or here and not applied yet.
    Waits,
    /// On its invoices, some of it at least.
    Applied,
    /// Here as a credit: it is on no invoice.
    Credit,
    /// It was taken back, or sent back.
    Back,
}

impl PaymentView {
    /// Where its money is: what its state, which is the bank's word, does not say.
    pub const fn money(&self) -> Money {
        match self.state {
            _ if self.reversed_at.is_some() => Money::Back,
            PaymentState::Confirmed if self.applied => Money::Applied,
            PaymentState::Confirmed if self.unapplied.is_some() => Money::Credit,
            PaymentState::Confirmed if self.returned.is_some() => Money::Back,
            _ => Money::Waits,
        }
    }
}

/// The proof of a transfer, attached to a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentAttachment {
    /// For its address.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// `pdf`, `jpg` or `png`.
    pub kind: String,
    /// How large it is.
    pub size_bytes: u64,
    /// Since when it is there.
    pub created_at: LocalTime,
}

/// An invoice of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentLineView {
    /// Which receivable.
    pub receivable_id: Uuid,
    /// Its document, when it is in the portal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_id: Option<Uuid>,
    /// Number of the invoice.
    pub number: String,
    /// Currency of the invoice.
    pub currency: String,
    /// What it pays of the invoice, in the invoice's currency.
    pub amount: String,
    /// What that charges, in pesos.
    pub amount_mxn: String,
    /// The rate it was turned at, six decimals; frozen when the payment was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    /// It does not pay all that was pending then.
    pub partial: bool,
}

/// Where to send the browser, and with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BankRedirect {
    /// `POST`: a form of hidden fields, submitted by the page. `GET`: go to `action`; there are no fields.
    pub method: RedirectMethod,
    /// Address of the bank; its origin is in the portal's `form-action`.
    pub action: String,
    /// Fields of the form, in this order. They are signed: send them as they are.
    pub fields: Vec<RedirectField>,
}

/// How to go to the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RedirectMethod {
    /// Submit a form.
    #[serde(rename = "POST")]
    Post,
    /// Follow the address.
    #[serde(rename = "GET")]
    Get,
    /// Go nowhere: `fields` say what a transfer must carry (`clabe`, `bank`, `beneficiary`, `reference`, `amount`).
    #[serde(rename = "TRANSFER")]
    Transfer,
}

/// A hidden field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RedirectField {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A page of the history of payments, and what all of them come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentsPage {
    /// The rows, the newest first; without `redirect`.
    pub data: Vec<PaymentView>,
    /// Opaque; give it back as `cursor` for the next page. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Of all results, not of this page.
    pub totals: PaymentTotals,
}

/// What all payments found come to, in pesos.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentTotals {
    /// Payments found.
    pub count: u64,
    /// On invoices.
    pub applied: String,
    /// Confirmed and not applied, or still open with the bank.
    pub in_transit: String,
    /// Here as a credit: it found nothing to pay yet.
    #[serde(default)]
    pub unapplied: String,
}
