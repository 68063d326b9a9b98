//! Bodies about tickets. The same promise: what stands here may only grow.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::LocalTime;

/// Most lines of one ticket.
pub const TICKET_LINES_MAX: usize = 500;
/// Most lines of one bulk request.
pub const BULK_LINES_MAX: u32 = 100_000;
/// Longest line of a bulk request, in bytes.
pub const BULK_LINE_BYTES_MAX: usize = 256 * 1024;
/// Refused lines after which a bulk request stops: something is wrong with all of them.
pub const BULK_REFUSED_MAX: u32 = 1_000;

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

/// A line of a bulk request: a ticket as in `PUT /tickets/{external_id}`, with its `external_id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkTicket {
    /// Yours: at most 64 letters, digits and `-_.:`.
    pub external_id: String,
    /// The branch that sold: its `id`, or its `name` exactly as in `GET /branches`.
    pub branch: String,
    /// Order number as printed: at most 40 letters, digits and `-/._#`. Case and spaces do not count.
    pub order_number: String,
    /// Ticket number as printed, of the same form. Branch, order and ticket number together name one sale.
    pub ticket_number: String,
    /// When it was sold: `2026-11-22T13:45:10` is the branch's own clock, `2026-11-22T13:45:10-06:00` or `…Z` an instant.
    pub sold_at: String,
    /// What was paid, decimal text. The lines must add up to it, to the cent.
    pub total: String,
    /// Currency of every amount of the ticket. Only `MXN` is invoiced from tickets.
    #[serde(default = "pesos")]
    #[cfg_attr(feature = "openapi", schema(default = "MXN"))]
    pub currency: String,
    /// c_FormaPago, when the till knows; then the shopper cannot change it. Never `99`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forma_pago: Option<String>,
    /// What was sold, 1 to 500 lines.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
    pub lines: Vec<TicketLineBody>,
    /// The sale was cancelled or wholly returned: it can no longer be invoiced.
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
