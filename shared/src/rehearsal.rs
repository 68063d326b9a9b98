//! The rehearsal: what a person or a script needs to try everything.
use crate::accounts::Role;
use crate::staff::StaffRole;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Everything there is to try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RehearsalView {
    /// Tickets that can be invoiced right now, newest first.
    pub tickets: Vec<RehearsalTicket>,
    /// Of this minute, a ticket that the demo's till signed before its sale arrived: `value` is the text of its QR, an
    /// address to open. A rehearsal without the demo's companies has none.
    #[serde(default)]
    pub signed_tickets: Vec<MagicValue>,
    /// Values that make the sandbox PAC misbehave on purpose.
    pub magic_values: Vec<MagicValue>,
    /// Users who can sign in.
    pub sign_ins: Vec<RehearsalSignIn>,
    /// Staff who can sign in at the console.
    #[serde(default)]
    pub staff: Vec<RehearsalStaff>,
    /// Customers nobody has registered yet.
    pub registrable: Vec<RehearsalCustomer>,
    /// Page of the portal that shows the letters sent, when no SMTP server is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
    /// Address of Swagger UI.
    pub api_docs: String,
    /// A key of the integrators' API with every scope, for `Authorization: Bearer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
}

/// An open ticket of the demo, with the data printed on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RehearsalTicket {
    /// Branch that sold.
    pub branch_id: Uuid,
    /// Its name.
    pub branch_name: String,
    /// Order number.
    pub order_number: String,
    /// Ticket number.
    pub ticket_number: String,
    /// Total: `863.00`.
    pub total: String,
    /// Currency of `total`.
    pub currency: String,
    /// c_FormaPago, when the till sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forma_pago: Option<String>,
    /// Number of lines.
    pub lines: u32,
}

/// A user of the demo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RehearsalSignIn {
    /// Mail address to sign in with.
    pub user: String,
    /// Password, made for this installation.
    pub password: String,
    /// What the user may do.
    pub role: Role,
    /// For whom.
    pub customer: String,
}

/// Somebody of the demo's staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RehearsalStaff {
    /// Mail address to sign in with.
    pub user: String,
    /// Password, made for this installation.
    pub password: String,
    /// What the person may do.
    pub role: StaffRole,
    /// At every issuer.
    pub whole_installation: bool,
    /// A code of the authenticator app that is good at this moment. It is good once: ask for another to sign in again.
    pub code: String,
}

/// A customer of the demo that can be registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RehearsalCustomer {
    /// RFC.
    pub rfc: String,
    /// Number of its contract.
    pub contract: String,
    /// Its name.
    pub customer: String,
}

/// A value that makes a sandbox behave in a named way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MagicValue {
    /// Which field carries it: `receptor.rfc`.
    pub field: String,
    /// What to type.
    pub value: String,
    /// What happens, in Spanish.
    pub effect_es: String,
    /// What happens, in English.
    pub effect_en: String,
}
