//! Purchase tickets: the three data on the paper, and the claim that they open.
use fiscal::{Amount, Currency};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::problem::{FieldCode, FieldErrors};
use crate::time::LocalTime;

/// Longest order or ticket number, in characters.
pub const TICKET_NUMBER_MAX: usize = 40;

/// What a shopper copies from the paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LookUpTicket {
    /// The branch that sold.
    pub branch_id: Uuid,
    /// Order number, as printed.
    pub order_number: String,
    /// Ticket number, as printed.
    pub ticket_number: String,
    /// Total of the ticket in pesos: `863.00`.
    pub total: String,
}

/// [`LookUpTicket`] that is well formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketData {
    /// The branch that sold.
    pub branch_id: Uuid,
    /// Folded for comparison: upper case, no spaces.
    pub order_number: String,
    /// Folded for comparison: upper case, no spaces.
    pub ticket_number: String,
    /// To the centavo.
    pub total: Amount,
}

/// Upper case without spaces: how order and ticket numbers are compared and kept.
pub fn fold_ticket_number(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

/// An order or ticket number, folded; what is wrong with it goes to `errors`.
pub fn parse_ticket_number(pointer: &str, typed: &str, errors: &mut FieldErrors) -> String {
    let folded = fold_ticket_number(typed);
    if folded.is_empty() {
        errors.add(pointer, FieldCode::Required);
    } else if folded.chars().count() > TICKET_NUMBER_MAX {
        errors.add(pointer, FieldCode::TooLong);
    } else if !folded.chars().all(|c| c.is_alphanumeric() || "-/._#".contains(c)) {
        errors.add(pointer, FieldCode::Characters);
    }
    folded
}

impl LookUpTicket {
    /// The parsed form, or every field that is wrong.
    pub fn parse(&self) -> Result<TicketData, FieldErrors> {
        let mut errors = FieldErrors::default();
        let order_number = parse_ticket_number("/order_number", &self.order_number, &mut errors);
        let ticket_number = parse_ticket_number("/ticket_number", &self.ticket_number, &mut errors);
        let total = match Amount::parse(&self.total, Currency::Mxn) {
            Ok(total) if total.minor() > 0 => Some(total),
            Ok(_) => {
                errors.add("/total", FieldCode::NotPositive);
                None
            }
            Err(_) if self.total.trim().is_empty() => {
                errors.add("/total", FieldCode::Required);
                None
            }
            Err(_) => {
                errors.add("/total", FieldCode::Amount);
                None
            }
        };
        match total {
            Some(total) if errors.is_empty() => {
                Ok(TicketData { branch_id: self.branch_id, order_number, ticket_number, total })
            }
            _ => Err(errors),
        }
    }
}

/// Proof that the three data matched: what the invoice request must carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TicketClaim {
    /// Opaque; good for this ticket only, until `expires_at`.
    pub claim: String,
    /// RFC 3339, UTC.
    pub expires_at: String,
    /// What the guest typed, confirmed.
    pub total: String,
    /// Currency of `total`.
    pub currency: String,
    /// c_FormaPago, when the till sent it: then it is fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forma_pago: Option<String>,
    /// Last civil day to invoice, in the branch's zone: `YYYY-MM-DD`.
    pub invoice_until: String,
    /// When it was sold.
    pub sold_at: LocalTime,
}

/// Asks for a key that the tills of a branch sign tickets with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTillKey {
    /// The branch it will sign for.
    pub branch_id: Uuid,
    /// What people call it, 1 to 80 characters.
    pub name: String,
}

/// A till key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TillKeyView {
    /// Eight letters and digits, printed on every ticket.
    pub id: String,
    /// The branch it signs for.
    pub branch_id: Uuid,
    /// What people call it.
    pub name: String,
    /// When it was made, RFC 3339 UTC.
    pub created_at: String,
    /// When somebody ended it, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<String>,
}

/// A till key that was made: its secret is told here and never again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TillKeyMade {
    /// The key.
    pub key: TillKeyView,
    /// `vts_` and 64 digits: as it stands it is the key of the HMAC.
    pub secret: String,
    /// What the text of a ticket's QR begins with.
    pub address: String,
}
