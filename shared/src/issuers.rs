//! The companies that issue and the branches that sell.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Lang;

/// What anybody may know of an issuer: enough to paint its pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssuerView {
    /// The name in addresses: `/e/{slug}`.
    pub slug: String,
    /// The name its customers know.
    pub commercial_name: String,
    /// Address of its logo; none when it has no logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// RFC, printed on every invoice.
    pub rfc: String,
    /// Name in the SAT's register.
    pub nombre: String,
    /// Mailbox a customer may write to.
    pub support_email: String,
    /// What its pages say at their foot; none when it says nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub footer: String,
    /// `true` while nothing here has fiscal effect: every page says PRUEBAS.
    pub rehearsal: bool,
    /// Language of its pages when the person has chosen none.
    pub language: Lang,
    /// The formas de pago a guest may choose from when the till sent none (c_FormaPago).
    pub formas_pago: Vec<String>,
    /// Every guest's page has the way into the panel (T20).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub panel: bool,
}

/// A place that sells, as a shopper recognises it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BranchView {
    /// Ours.
    pub id: Uuid,
    /// The name printed on its tickets.
    pub name: String,
    /// Postal code, which is the CFDI's LugarExpedicion.
    pub postal_code: String,
    /// City and state, as text.
    pub city: String,
    /// IANA zone of its clock.
    pub time_zone: String,
    /// How its paper ticket looks.
    pub ticket: TicketPicture,
}

/// The drawn ticket that shows where each datum is: the issuer's own words around invented values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TicketPicture {
    /// Lines at the head, centred.
    pub head: Vec<String>,
    /// Words before the date and time.
    pub date_label: String,
    /// Words before the order number.
    pub order_label: String,
    /// Words before the ticket number.
    pub ticket_label: String,
    /// Words before the total.
    pub total_label: String,
    /// Words before the form of payment.
    pub payment_label: String,
    /// Example values: date, order, ticket, total, payment.
    pub example: TicketExample,
    /// Lines at the foot, centred.
    pub foot: Vec<String>,
}

/// Invented values of a drawn ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TicketExample {
    /// `18/11/2026 17:42`
    pub date: String,
    /// `4471-20983`
    pub order: String,
    /// `0048213`
    pub ticket: String,
    /// Rows of text and amount.
    pub lines: Vec<(String, String)>,
    /// `743.97`
    pub subtotal: String,
    /// Words and amount of the tax row.
    pub tax: (String, String),
    /// `$863.00`
    pub total: String,
    /// `TARJETA DÉBITO`
    pub payment: String,
}
