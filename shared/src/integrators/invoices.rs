//! Invoices that a program asks for.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::PutTicket;
use crate::Lang;
use crate::billing::{InvoiceState, ReceptorForm, Rejection};

fn spanish() -> Lang {
    Lang::Es
}

/// Asks for the invoice of an order: a sale by your own id, and who receives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct IssueInvoice {
    /// Yours, of the order: the same names as in `/tickets/{external_id}`.
    #[cfg_attr(feature = "openapi", schema(examples("pedido-77")))]
    pub external_id: String,
    /// The order, as in `PUT /tickets/{external_id}`; absent when it was brought in before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<PutTicket>,
    /// Who receives the invoice.
    pub receptor: ReceptorForm,
    /// c_FormaPago; required when the ticket has none, else it must agree or be absent. `99` goes with `PPD`, and only
    /// with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(examples("03")))]
    pub forma_pago: Option<String>,
    /// c_MetodoPago: `PUE`, paid at once, when it is absent. `PPD` is paid later: the order has no `forma_pago`, and what
    /// it comes to is owed from the day of the invoice, due thirty days later unless `PUT /receivables` says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(examples("PUE")))]
    pub metodo_pago: Option<String>,
    /// Where the invoice is mailed.
    pub email: String,
    /// Language of the letter.
    #[serde(default = "spanish")]
    #[cfg_attr(feature = "openapi", schema(default = "es"))]
    pub language: Lang,
}

/// An invoice that a program asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvoiceResource {
    /// Ours.
    pub id: Uuid,
    /// Where it stands.
    pub state: InvoiceState,
    /// Yours, of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_external_id: Option<String>,
    /// The document, once it is stamped: `GET /documents/{id}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_id: Option<Uuid>,
    /// UUID of the stamp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folio_fiscal: Option<String>,
    /// Serie of the branch.
    pub serie: String,
    /// Folio within the serie.
    pub folio: String,
    /// Decimal text.
    pub total: String,
    /// Currency of `total`.
    pub currency: String,
    /// Who receives it.
    pub receptor_rfc: String,
    /// Its name.
    pub receptor_nombre: String,
    /// Number to tell support.
    pub tracking: String,
    /// When it was asked for, RFC 3339 UTC.
    pub requested_at: String,
    /// Its last change: asked for, tried again, stamped or refused; RFC 3339 UTC.
    pub updated_at: String,
    /// When it was stamped, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamped_at: Option<String>,
    /// When the PAC is asked again, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<String>,
    /// Why the PAC refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection: Option<Rejection>,
}
