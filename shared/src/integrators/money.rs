//! Bodies about money: receivables, payments, exchange rates, deposits. The same promise: what stands here may only grow.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Longest number of an invoice, in characters.
pub const INVOICE_NUMBER_MAX: usize = 60;

fn one() -> String {
    "1".to_owned()
}

/// What a customer owes of one invoice, as the ERP counts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutReceivable {
    /// Your id of the customer, as in `PUT /customers/{external_id}`. It cannot be changed later.
    #[cfg_attr(feature = "openapi", schema(examples("C-1001")))]
    pub customer: String,
    /// The customer's number with you, when it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// Number of the invoice as people know it: at most 60 characters.
    #[cfg_attr(feature = "openapi", schema(examples("FA-60412")))]
    pub number: String,
    /// Civil day of the invoice, `YYYY-MM-DD`.
    #[cfg_attr(feature = "openapi", schema(examples("2026-11-02")))]
    pub issued_on: String,
    /// Civil day it is due; when absent, as many days after `issued_on` as the contract gives (`PUT
    /// /customers/{external_id}/contracts/{number}`) by then: thirty, unless you said others. Each newer word without it
    /// counts anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<String>,
    /// Currency of every amount. It cannot be changed later.
    #[cfg_attr(feature = "openapi", schema(examples("USD")))]
    pub currency: String,
    /// Total of the invoice, decimal text above zero. It cannot be changed later: what is owed of it is `balance`.
    #[cfg_attr(feature = "openapi", schema(examples("160.71")))]
    pub total: String,
    /// Pesos for one unit, at most six decimals: the rate printed on the invoice. Only, and always, when `currency` is not
    /// `MXN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(examples("18.886880")))]
    pub rate: Option<String>,
    /// What is still owed of it, decimal text from zero up. What the portal counts otherwise is adjusted to it.
    #[cfg_attr(feature = "openapi", schema(examples("160.71")))]
    pub balance: String,
    /// When that was so, RFC 3339 with offset. An older word than the last one is refused, and another one of the same
    /// instant.
    #[cfg_attr(feature = "openapi", schema(examples("2026-11-18T17:00:00Z")))]
    pub as_of: String,
    /// UUID of the invoice's stamp, when the portal has the invoice: then this id is given to what it opened, and nothing is
    /// owed twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folio_fiscal: Option<String>,
}

/// A receivable as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceivableResource {
    /// Yours; empty as long as an invoice on credit opened it and you have not named it.
    pub external_id: String,
    /// Ours: payments name it.
    pub id: Uuid,
    /// RFC of the customer.
    pub customer_rfc: String,
    /// The customer's number with you.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// Number of the invoice.
    pub number: String,
    /// The invoice, when the portal has it: `GET /documents/{id}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_id: Option<Uuid>,
    /// Civil day of the invoice.
    pub issued_on: String,
    /// Civil day it is due.
    pub due_on: String,
    /// Currency of every amount.
    pub currency: String,
    /// Total of the invoice.
    pub total: String,
    /// The rate printed on the invoice, six decimals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    /// What your balances changed of what the portal counted, with its sign.
    pub adjusted: String,
    /// Put on it by payments.
    pub applied: String,
    /// Still owed: total and adjustments less what is applied.
    pub pending: String,
    /// Of that, what payments under way hold.
    pub in_transit: String,
    /// Of that, what can be paid now.
    pub available: String,
    /// Something is still owed.
    pub open: bool,
    /// The `as_of` of your last word; empty while only the invoice itself has said what is owed.
    pub as_of: String,
    /// When its terms or what is owed of it last changed, RFC 3339 UTC. Reservations do not count.
    pub updated_at: String,
}

/// A customer's payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentResource {
    /// Ours, for ever.
    pub id: Uuid,
    /// The short number that the customer sees.
    pub reference: String,
    /// RFC of the customer.
    pub customer_rfc: String,
    /// How far it came with the bank: `in_transit`, `pending_bank`, `confirmed`, `declined`, `cancelled`, `expired`,
    /// `unknown`, `review`. New ones may be added.
    pub state: String,
    /// It came by itself, as a transfer: nobody ordered it in the portal.
    pub is_deposit: bool,
    /// Through which bank: `bbva`, `citibanamex`, `spei`. New ones may be added.
    pub bank: String,
    /// The bank's own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_transaction: Option<String>,
    /// Pesos that came, decimal text: Monto. While nothing did, what was ordered. Money that came by two trips is both of
    /// them; `receipts` has each.
    pub amount: String,
    /// What was ordered, where that is not what came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<String>,
    /// Always `MXN`: MonedaP.
    pub currency: String,
    /// TipoCambioP, which of pesos is always `1`.
    #[serde(default = "one")]
    pub tipo_cambio: String,
    /// c_FormaPago by which the money came: FormaDePagoP. Absent while nobody said it; never guessed, never `99`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forma_de_pago: Option<String>,
    /// Who said it: `message` (of the bank, through the payer's browser or like it: its signature does not cover the kind of
    /// card), `bank` (a file of it, or its answer when it was asked), `staff`. A later one replaces an earlier one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forma_de_pago_source: Option<String>,
    /// FechaPago, `YYYY-MM-DDThh:mm:ss` by the issuer's clock, of money that is there: the bank's date, else when it was
    /// known to be there. Of a day without an hour it is noon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fecha_pago: Option<String>,
    /// The date as the bank wrote it, when it wrote one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_date: Option<String>,
    /// When it was ordered, RFC 3339 UTC.
    pub created_at: String,
    /// When the money was known to be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<String>,
    /// When it was put on its invoices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<String>,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversed_at: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversal_reason: Option<String>,
    /// Pesos of it that found nothing to pay until now.
    pub unapplied: String,
    /// What came of it, each time: more than one when a payment that was sent to its bank again was paid by both ways.
    #[serde(default)]
    pub receipts: Vec<PaymentReceiptResource>,
    /// Why somebody has to look at it, for as long as nobody did: `amount_differs`, `second_success`, `contradiction`,
    /// `refused_after_success`, `pending_after_end`, `unapplied_credit`, `invoice_cancelled`. New ones may be added.
    #[serde(default)]
    pub reviews: Vec<String>,
    /// What it pays: all that a complemento de pago says of each invoice.
    pub lines: Vec<PaymentLineResource>,
    /// When anything of it last changed, RFC 3339 UTC.
    pub updated_at: String,
}

/// Money that came of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentReceiptResource {
    /// Through which bank.
    pub bank: String,
    /// The bank's own number; empty when nobody said it.
    pub bank_transaction: String,
    /// Pesos, decimal text.
    pub amount: String,
    /// When it was entered, RFC 3339 UTC.
    pub entered_at: String,
}

/// What a payment pays of one receivable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentLineResource {
    /// Your id of the receivable, when you gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receivable: Option<String>,
    /// Ours.
    pub receivable_id: Uuid,
    /// Number of the invoice.
    pub number: String,
    /// UUID of its stamp, when the portal has it: IdDocumento.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folio_fiscal: Option<String>,
    /// Currency of the invoice: MonedaDR.
    pub currency: String,
    /// `reserved`, `applied`, `released` (it paid nothing), `reversed`.
    pub state: String,
    /// Ordered, in the invoice's currency.
    pub amount: String,
    /// The same in pesos.
    pub amount_mxn: String,
    /// Pesos for one unit, six decimals; frozen when it was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    /// The civil day it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_on: Option<String>,
    /// By which rule: `invoice`, the one printed on it; `day`, the one of the day it was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_source: Option<String>,
    /// The series of the Banco de México that it was read from, when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_series: Option<String>,
    /// One peso in the invoice's currency, at most ten decimals: EquivalenciaDR. `1` of one in pesos.
    #[serde(default = "one")]
    pub equivalencia: String,
    /// Its number among the payments of the invoice: NumParcialidad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parcialidad: Option<i64>,
    /// Owed before: ImpSaldoAnt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saldo_anterior: Option<String>,
    /// Applied, in the invoice's currency: ImpPagado.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importe_pagado: Option<String>,
    /// Owed after: ImpSaldoInsoluto.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saldo_insoluto: Option<String>,
}

/// Why a payment is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReversePayment {
    /// For people: at most 300 characters.
    #[cfg_attr(feature = "openapi", schema(examples("Contracargo del banco")))]
    pub reason: String,
}

/// Where money of a payment that found nothing to pay goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PlaceCredit {
    /// 1 to 100 receivables of the payment's customer that it has not paid, none twice.
    pub lines: Vec<PlaceCreditLine>,
}

/// A receivable that some of it goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PlaceCreditLine {
    /// `id` of the receivable.
    pub receivable_id: Uuid,
    /// Pesos, decimal text; as much as is left and as it owes when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(examples("964.69")))]
    pub amount: Option<String>,
}

/// A rate of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutExchangeRate {
    /// Pesos for one unit of the currency, at most six decimals.
    #[cfg_attr(feature = "openapi", schema(examples("18.886880")))]
    pub rate: String,
}

/// A rate as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExchangeRateResource {
    /// Of which currency.
    pub currency: String,
    /// The civil day it holds on, `YYYY-MM-DD`.
    pub valid_on: String,
    /// Pesos for one unit, six decimals.
    pub rate: String,
    /// Whose word it is: `erp`, `manual`, `banxico`.
    pub source: String,
    /// The series of the Banco de México it was read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// When it last changed, RFC 3339 UTC.
    pub updated_at: String,
}
