//! Bodies of the integrators' API (`/api/integrators/v1`). What stands here may only grow: a field may be added to an
//! answer, an optional one to a request; none may be taken away, renamed or given another meaning.
mod contracts;
mod documents;
mod events;
mod invoices;
mod keys;
mod money;
mod tickets;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use contracts::{ContractResource, PAYMENT_DAYS_MAX, PutContract};
pub use documents::*;
pub use events::{EventData, EventKind, EventPage, EventResource};
pub use invoices::{InvoiceResource, IssueInvoice};
pub use keys::{ApiKeyMade, ApiKeyView, NewApiKey};
pub use money::*;
pub use tickets::*;

/// Longest id that an integrator may give, in characters.
pub const EXTERNAL_ID_MAX: usize = 64;
/// Longest name of a branch in a request, in characters.
pub const BRANCH_NAME_MAX: usize = 120;
/// Most contracts in one request about a customer.
pub const CONTRACTS_MAX: usize = 50;

/// What a key may do. New ones may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ApiScope {
    /// Bring and change tickets.
    #[serde(rename = "tickets:write")]
    TicketsWrite,
    /// Read tickets and branches.
    #[serde(rename = "tickets:read")]
    TicketsRead,
    /// Bring and change customers.
    #[serde(rename = "customers:write")]
    CustomersWrite,
    /// Read customers.
    #[serde(rename = "customers:read")]
    CustomersRead,
    /// Read documents, their XML and their PDF.
    #[serde(rename = "documents:read")]
    DocumentsRead,
    /// Publish documents made elsewhere, and withdraw them.
    #[serde(rename = "documents:write")]
    DocumentsWrite,
    /// Read the feed of events.
    #[serde(rename = "events:read")]
    EventsRead,
    /// Make, change and end webhook endpoints, and send again.
    #[serde(rename = "webhooks:write")]
    WebhooksWrite,
    /// Read webhook endpoints and deliveries.
    #[serde(rename = "webhooks:read")]
    WebhooksRead,
    /// Issue invoices.
    #[serde(rename = "invoices:write")]
    InvoicesWrite,
    /// Read invoices being made.
    #[serde(rename = "invoices:read")]
    InvoicesRead,
    /// Say what is owed.
    #[serde(rename = "receivables:write")]
    ReceivablesWrite,
    /// Read what is owed.
    #[serde(rename = "receivables:read")]
    ReceivablesRead,
    /// Apply payments, put what they have left on invoices, take them back.
    #[serde(rename = "payments:write")]
    PaymentsWrite,
    /// Read payments.
    #[serde(rename = "payments:read")]
    PaymentsRead,
    /// Say exchange rates.
    #[serde(rename = "rates:write")]
    RatesWrite,
    /// Read exchange rates.
    #[serde(rename = "rates:read")]
    RatesRead,
}

impl ApiScope {
    /// All of them.
    pub const ALL: [ApiScope; 17] = [
        ApiScope::TicketsWrite,
        ApiScope::TicketsRead,
        ApiScope::CustomersWrite,
        ApiScope::CustomersRead,
        ApiScope::DocumentsRead,
        ApiScope::DocumentsWrite,
        ApiScope::EventsRead,
        ApiScope::WebhooksWrite,
        ApiScope::WebhooksRead,
        ApiScope::InvoicesWrite,
        ApiScope::InvoicesRead,
        ApiScope::ReceivablesWrite,
        ApiScope::ReceivablesRead,
        ApiScope::PaymentsWrite,
        ApiScope::PaymentsRead,
        ApiScope::RatesWrite,
        ApiScope::RatesRead,
    ];

    /// As kept and as written.
    pub const fn as_str(self) -> &'static str {
        match self {
            ApiScope::TicketsWrite => "tickets:write",
            ApiScope::TicketsRead => "tickets:read",
            ApiScope::CustomersWrite => "customers:write",
            ApiScope::CustomersRead => "customers:read",
            ApiScope::DocumentsRead => "documents:read",
            ApiScope::DocumentsWrite => "documents:write",
            ApiScope::EventsRead => "events:read",
            ApiScope::WebhooksWrite => "webhooks:write",
            ApiScope::WebhooksRead => "webhooks:read",
            ApiScope::InvoicesWrite => "invoices:write",
            ApiScope::InvoicesRead => "invoices:read",
            ApiScope::ReceivablesWrite => "receivables:write",
            ApiScope::ReceivablesRead => "receivables:read",
            ApiScope::PaymentsWrite => "payments:write",
            ApiScope::PaymentsRead => "payments:read",
            ApiScope::RatesWrite => "rates:write",
            ApiScope::RatesRead => "rates:read",
        }
    }

    /// The scope of this name.
    pub fn parse(name: &str) -> Option<ApiScope> {
        ApiScope::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

/// A place that sells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BranchResource {
    /// Ours.
    pub id: Uuid,
    /// As printed on its tickets.
    pub name: String,
    /// LugarExpedicion of its invoices.
    pub postal_code: String,
    /// IANA name of its clock.
    pub time_zone: String,
    /// Serie of its invoices.
    pub serie: String,
    /// Days after the month of a sale in which it can still be invoiced.
    pub invoicing_grace_days: i64,
}

/// A customer and its contracts with the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutCustomer {
    /// RFC. It stays: an `external_id` never passes to another RFC.
    #[cfg_attr(feature = "openapi", schema(examples("TAM010203ABA")))]
    pub rfc: String,
    /// Name in the SAT's register, without the kind of company.
    #[cfg_attr(feature = "openapi", schema(examples("TEXTILES ARRAYAN Y MIMBRE")))]
    pub nombre: String,
    /// c_RegimenFiscal.
    #[cfg_attr(feature = "openapi", schema(examples("601")))]
    pub regimen: String,
    /// Tax domicile: five digits.
    #[cfg_attr(feature = "openapi", schema(examples("76230")))]
    pub codigo_postal: String,
    /// Its numbers with the issuer, leading zeros kept. Those named are added; none is taken away.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub contracts: Vec<String>,
}

/// A customer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerResource {
    /// Yours; empty of one that you never named, which the list has by its `rfc`.
    pub external_id: String,
    /// RFC.
    pub rfc: String,
    /// Name in the SAT's register.
    pub nombre: String,
    /// c_RegimenFiscal.
    pub regimen: String,
    /// Tax domicile.
    pub codigo_postal: String,
    /// All its numbers with this issuer, at most 100.
    pub contracts: Vec<String>,
    /// When you last changed it or its contracts, RFC 3339 UTC; of one that you never named, when it got its newest number with you.
    pub updated_at: String,
}
