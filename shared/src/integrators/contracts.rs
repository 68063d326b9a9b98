//! Contracts: the numbers that customers have with the issuer.
use serde::{Deserialize, Serialize};

/// Most days that a contract gives to pay.
pub const PAYMENT_DAYS_MAX: i64 = 365;

/// What is said of a contract.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutContract {
    /// Days to pay: what is owed under it is due so many days after its invoice, unless the receivable says a day. Thirty
    /// when absent. What is owed already keeps its day until you say something newer of it without `due_on`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 365, examples(45)))]
    pub payment_days: Option<i64>,
}

/// A contract as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContractResource {
    /// Your id of the customer; one of them, where it has several and you asked for none; empty of one that you never
    /// named.
    pub customer: String,
    /// RFC of the customer.
    pub customer_rfc: String,
    /// The number as it was first said, leading zeros kept.
    pub number: String,
    /// Days to pay.
    pub payment_days: i64,
    /// When it was brought in, RFC 3339 UTC.
    pub created_at: String,
    /// When it last changed, RFC 3339 UTC.
    pub updated_at: String,
}
