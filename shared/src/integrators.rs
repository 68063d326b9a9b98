//! Bodies of the integrators' API (`/api/integrators/v1`). What stands here may only grow: a field may be added to an
//! answer, an optional one to a request; none may be taken away, renamed or given another meaning.
mod events;
mod invoices;
mod published;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use events::{EventData, EventKind, EventPage, EventResource};
pub use invoices::{InvoiceResource, IssueInvoice};
pub use published::{HadDocument, Proved, PublishedDocument, WithdrawnDocument};

use crate::time::LocalTime;

/// Longest id that an integrator may give, in characters.
pub const EXTERNAL_ID_MAX: usize = 64;
/// Longest name of a branch in a request, in characters.
pub const BRANCH_NAME_MAX: usize = 120;
/// Most lines of one ticket.
pub const TICKET_LINES_MAX: usize = 500;
/// Most contracts in one request about a customer.
pub const CONTRACTS_MAX: usize = 50;
/// Most lines of one bulk request.
pub const BULK_LINES_MAX: u32 = 100_000;
/// Longest line of a bulk request, in bytes.
pub const BULK_LINE_BYTES_MAX: usize = 256 * 1024;
/// Refused lines after which a bulk request stops: something is wrong with all of them.
pub const BULK_REFUSED_MAX: u32 = 1_000;

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
}

impl ApiScope {
    /// All of them.
    pub const ALL: [ApiScope; 11] = [
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
        }
    }

    /// The scope of this name.
    pub fn parse(name: &str) -> Option<ApiScope> {
        ApiScope::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

/// The IVA that a line's price includes. New ones may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LineTax {
    /// 16 %.
    #[serde(rename = "iva_16")]
    Iva16,
    /// 8 %, border stimulus.
    #[serde(rename = "iva_8")]
    Iva8,
    /// Rate zero.
    #[serde(rename = "iva_0")]
    Iva0,
    /// Exempt.
    #[serde(rename = "exento")]
    Exento,
    /// Not subject to tax, such as a tip.
    #[serde(rename = "no_objeto")]
    NoObjeto,
}

/// A line of a ticket. Prices include their tax, as the till printed them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TicketLineBody {
    /// c_ClaveProdServ: eight digits.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9]{8}$", examples("14111514")))]
    pub clave_prod_serv: String,
    /// The shop's own number of the article, at most 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// How many: decimal text above zero, at most six decimals.
    #[cfg_attr(feature = "openapi", schema(examples("2")))]
    pub cantidad: String,
    /// c_ClaveUnidad.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Z0-9]{2,3}$", examples("H87")))]
    pub clave_unidad: String,
    /// The shop's word for the unit, at most 20 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unidad: Option<String>,
    /// What was sold, at most 1,000 characters, without `|`.
    #[cfg_attr(feature = "openapi", schema(examples("Cuaderno raya")))]
    pub descripcion: String,
    /// What the line costs with its tax, before its discount: decimal text in the ticket's currency.
    #[cfg_attr(feature = "openapi", schema(examples("118.00")))]
    pub importe: String,
    /// Discount on the line, with its tax: decimal text, from zero to `importe`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub descuento: Option<String>,
    /// The tax inside the price.
    pub impuesto: LineTax,
}

fn pesos() -> String {
    "MXN".to_owned()
}

/// A sale, as the till knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutTicket {
    /// The branch that sold: its `id`, or its `name` exactly as in `GET /branches`.
    #[cfg_attr(feature = "openapi", schema(examples("Centro Histórico")))]
    pub branch: String,
    /// Order number as printed: at most 40 letters, digits and `-/._#`. Case and spaces do not count.
    #[cfg_attr(feature = "openapi", schema(examples("A-1001")))]
    pub order_number: String,
    /// Ticket number as printed, of the same form. Branch, order and ticket number together name one sale.
    #[cfg_attr(feature = "openapi", schema(examples("000123")))]
    pub ticket_number: String,
    /// When it was sold: `2026-11-22T13:45:10` is the branch's own clock, `2026-11-22T13:45:10-06:00` or `…Z` an instant.
    #[cfg_attr(feature = "openapi", schema(examples("2026-11-22T13:45:10")))]
    pub sold_at: String,
    /// What was paid, decimal text. The lines must add up to it, to the cent.
    #[cfg_attr(feature = "openapi", schema(examples("118.00")))]
    pub total: String,
    /// Currency of every amount of the ticket. Only `MXN` is invoiced from tickets.
    #[serde(default = "pesos")]
    #[cfg_attr(feature = "openapi", schema(default = "MXN"))]
    pub currency: String,
    /// c_FormaPago, when the till knows; then the shopper cannot change it. Never `99`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(examples("04")))]
    pub forma_pago: Option<String>,
    /// What was sold, 1 to 500 lines.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
    pub lines: Vec<TicketLineBody>,
    /// The sale was cancelled or wholly returned: it can no longer be invoiced.
    #[serde(default)]
    pub cancelled: bool,
}

/// Where a ticket stands. New states may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TicketStanding {
    /// Can be invoiced until `invoice_until`.
    Open,
    /// Its invoice is being made.
    Reserved,
    /// It has its invoice.
    Invoiced,
    /// It went into a global invoice.
    InGlobal,
    /// The sale was cancelled.
    Cancelled,
}

/// A ticket as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TicketResource {
    /// Yours.
    pub external_id: String,
    /// Ours: the shopper's look-up names it.
    pub branch_id: Uuid,
    /// Order number, folded: upper case, no spaces.
    pub order_number: String,
    /// Ticket number, folded likewise.
    pub ticket_number: String,
    /// When it was sold.
    pub sold_at: LocalTime,
    /// Decimal text.
    pub total: String,
    /// Currency of every amount.
    pub currency: String,
    /// c_FormaPago, when the till said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forma_pago: Option<String>,
    /// Where it stands.
    pub state: TicketStanding,
    /// Last civil day on which the shopper can invoice it, `YYYY-MM-DD` at the branch.
    pub invoice_until: String,
    /// When anything of it last changed, RFC 3339 UTC.
    pub updated_at: String,
    /// What was sold. Only in the answer about a single ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<TicketLineBody>>,
}

/// What became of a line of a bulk request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BulkOutcome {
    /// A new ticket.
    Created,
    /// The ticket was changed.
    Updated,
    /// The ticket was already so.
    Unchanged,
    /// Nothing was done: see `problem`.
    Refused,
    /// The request ended here: nothing after this line was read. See `problem`.
    Stopped,
}

/// A line of a bulk answer, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkResult {
    /// Line of the request, from 1. Empty lines count and get no answer.
    pub line: u32,
    /// The line's own, when it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// What became of it.
    pub outcome: BulkOutcome,
    /// Why nothing was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<crate::Problem>,
}

/// A line of a bulk request: [`PutTicket`] with its `external_id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkTicket {
    /// Yours: at most 64 letters, digits and `-_.:`.
    pub external_id: String,
    /// As in [`PutTicket`].
    pub branch: String,
    /// As in [`PutTicket`].
    pub order_number: String,
    /// As in [`PutTicket`].
    pub ticket_number: String,
    /// As in [`PutTicket`].
    pub sold_at: String,
    /// As in [`PutTicket`].
    pub total: String,
    /// As in [`PutTicket`].
    #[serde(default = "pesos")]
    pub currency: String,
    /// As in [`PutTicket`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forma_pago: Option<String>,
    /// As in [`PutTicket`].
    pub lines: Vec<TicketLineBody>,
    /// As in [`PutTicket`].
    #[serde(default)]
    pub cancelled: bool,
}

impl BulkTicket {
    /// The id, and the ticket as if it had come alone.
    pub fn into_parts(self) -> (String, PutTicket) {
        let BulkTicket { external_id, branch, order_number, ticket_number, sold_at, total, currency, .. } = self;
        let (forma_pago, lines, cancelled) = (self.forma_pago, self.lines, self.cancelled);
        let ticket =
            PutTicket { branch, order_number, ticket_number, sold_at, total, currency, forma_pago, lines, cancelled };
        (external_id, ticket)
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
    /// Yours.
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
    /// When you last changed it, RFC 3339 UTC.
    pub updated_at: String,
}

/// A fiscal document of the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentResource {
    /// Ours.
    pub id: Uuid,
    /// `factura`, `nota_de_credito`, `complemento_de_pago`, `recibo`, `estado_de_cuenta`; kinds may be added.
    pub kind: String,
    /// `vigente`, `en_cancelacion`, `cancelada`; states may be added.
    pub state: String,
    /// Serie; may be empty.
    pub serie: String,
    /// Folio, or the statement's number.
    pub folio: String,
    /// UUID of the stamp, when it is a CFDI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folio_fiscal: Option<String>,
    /// Who receives it.
    pub receptor_rfc: String,
    /// Its name.
    pub receptor_nombre: String,
    /// The receptor's number at the issuer, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// Your id of it, when you published it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The receptor's order that it answers, when you said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<String>,
    /// The civil day printed on it, `YYYY-MM-DD`.
    pub issued_on: String,
    /// Decimal text; a statement's balance.
    pub total: String,
    /// Currency of `total`.
    pub currency: String,
    /// When it came into this installation, RFC 3339 UTC.
    pub created_at: String,
}
