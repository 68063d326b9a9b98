//! What happened: the feed, and what webhooks carry.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What happened. New kinds may be added: pass over those you do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EventKind {
    /// A ticket that its till signed was scanned and its invoice asked for; the sale is still to be brought
    /// (`PUT /tickets`). Until then `GET /invoices/{id}` does not know it.
    #[serde(rename = "ticket.awaited")]
    TicketAwaited,
    /// A ticket has its stamped invoice.
    #[serde(rename = "invoice.stamped")]
    InvoiceStamped,
    /// The SAT refused an invoice; its ticket is open again.
    #[serde(rename = "invoice.refused")]
    InvoiceRefused,
    /// A document can be had.
    #[serde(rename = "document.published")]
    DocumentPublished,
    /// A document that had been published is there no more.
    #[serde(rename = "document.withdrawn")]
    DocumentWithdrawn,
    /// What became of a document at the SAT was said: `document_state`.
    #[serde(rename = "document.state")]
    DocumentState,
    /// The bank took a customer's money. Whether it is applied is another event.
    #[serde(rename = "payment.confirmed")]
    PaymentConfirmed,
    /// Money of a payment was put on invoices: all that was ordered at once, its credit whenever some of it is.
    #[serde(rename = "payment.applied")]
    PaymentApplied,
    /// A payment was refused, given up, or never reached its bank.
    #[serde(rename = "payment.ended")]
    PaymentEnded,
    /// A payment's money was taken back.
    #[serde(rename = "payment.reversed")]
    PaymentReversed,
    /// A payment asks to be looked at: its `reviews` say why.
    #[serde(rename = "payment.review")]
    PaymentReview,
    /// Something is owed, or no more, or otherwise than before: `receivable_state`. What a payment does to it is told of
    /// the payment.
    #[serde(rename = "receivable.changed")]
    ReceivableChanged,
    /// Something else of a payment that was confirmed before changed: its credit was sent back, or by which form and when
    /// its money came was said.
    #[serde(rename = "payment.changed")]
    PaymentChanged,
    /// A customer is new to you, its data changed, or its contracts did: `GET /customers/{external_id}` has it as it
    /// stands; one that none of your ids names, `GET /customers?rfc=`.
    #[serde(rename = "customer.changed")]
    CustomerChanged,
    /// Somebody tries a webhook endpoint: nothing happened.
    #[serde(rename = "webhook.test")]
    WebhookTest,
}

impl EventKind {
    /// All of them.
    pub const ALL: [EventKind; 15] = [
        EventKind::TicketAwaited,
        EventKind::InvoiceStamped,
        EventKind::InvoiceRefused,
        EventKind::DocumentPublished,
        EventKind::DocumentWithdrawn,
        EventKind::DocumentState,
        EventKind::PaymentConfirmed,
        EventKind::PaymentApplied,
        EventKind::PaymentEnded,
        EventKind::PaymentReversed,
        EventKind::PaymentReview,
        EventKind::ReceivableChanged,
        EventKind::PaymentChanged,
        EventKind::CustomerChanged,
        EventKind::WebhookTest,
    ];

    /// As kept and as sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            EventKind::TicketAwaited => "ticket.awaited",
            EventKind::InvoiceStamped => "invoice.stamped",
            EventKind::InvoiceRefused => "invoice.refused",
            EventKind::DocumentPublished => "document.published",
            EventKind::DocumentWithdrawn => "document.withdrawn",
            EventKind::DocumentState => "document.state",
            EventKind::PaymentConfirmed => "payment.confirmed",
            EventKind::PaymentApplied => "payment.applied",
            EventKind::PaymentEnded => "payment.ended",
            EventKind::PaymentReversed => "payment.reversed",
            EventKind::PaymentReview => "payment.review",
            EventKind::ReceivableChanged => "receivable.changed",
            EventKind::PaymentChanged => "payment.changed",
            EventKind::CustomerChanged => "customer.changed",
            EventKind::WebhookTest => "webhook.test",
        }
    }
}

/// Ids and states of what an event is about; what is not about it is absent. No more personal data than an RFC.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventData {
    /// The invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_id: Option<Uuid>,
    /// The document: `GET /documents/{id}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_id: Option<Uuid>,
    /// The payment: `GET /payments/{id}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<Uuid>,
    /// The document's kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_kind: Option<String>,
    /// The document's state, when that is what changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_state: Option<String>,
    /// Your id of the ticket, when you brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_external_id: Option<String>,
    /// The branch of a ticket that was not brought yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Its order number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_number: Option<String>,
    /// Its ticket number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_number: Option<String>,
    /// The receivable, by our id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receivable_id: Option<Uuid>,
    /// Your id of the receivable, when you named it: `GET /receivables/{external_id}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receivable_external_id: Option<String>,
    /// `open` or `closed`; values may be added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receivable_state: Option<String>,
    /// Your id of the customer: `GET /customers/{external_id}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_external_id: Option<String>,
    /// UUID of the stamp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folio_fiscal: Option<String>,
    /// RFC of the receptor, or of the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receptor_rfc: Option<String>,
    /// Decimal text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// Currency of `total`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The SAT's code, when it refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sat_code: Option<String>,
}

/// Something that happened at the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventResource {
    /// Its own, the same for ever.
    pub id: Uuid,
    /// Place in the issuer's feed: grows by one, without gap or repeat.
    pub seq: i64,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// When, RFC 3339 UTC.
    pub timestamp: String,
    /// What it is about.
    pub data: EventData,
}

/// A piece of the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventPage {
    /// In the order of `seq`.
    pub data: Vec<EventResource>,
    /// Keep it: the next request's `after`. The same as was asked for when nothing is new.
    pub next_after: i64,
    /// There is more right now.
    pub has_more: bool,
}
