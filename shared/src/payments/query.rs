//! What the lists of balances and payments can be asked for.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::accounts::fold_contract;
use crate::problem::{FieldCode, FieldErrors};

/// What the list of balances accepts in its query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct BalanceQuery {
    /// Short name of one issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Number of one contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// `overdue`, `not_due` or `foreign` (not in pesos).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    /// The balance of one document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Uuid>,
    /// Rows wanted, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before; it belongs to the same filters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

text_enum! {
    /// Which balances are wanted.
    BalanceOnly {
        /// Past their due day.
        Overdue = "overdue",
        /// Due today or later.
        NotDue = "not_due",
        /// Not in pesos.
        Foreign = "foreign",
    }
}

/// [`BalanceQuery`] that is well formed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BalanceFilter {
    /// One issuer's short name.
    pub issuer: Option<String>,
    /// One contract, folded.
    pub contract: Option<String>,
    /// Which of them.
    pub only: Option<BalanceOnly>,
    /// One document's.
    pub document: Option<Uuid>,
}

fn typed(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

impl BalanceQuery {
    /// The filters, or every one that is wrong.
    pub fn parse(&self) -> Result<BalanceFilter, FieldErrors> {
        let mut errors = FieldErrors::default();
        let only = typed(self.only.as_ref()).map(BalanceOnly::parse);
        if only == Some(None) {
            errors.add("?only", FieldCode::NotInCatalog);
        }
        let filter = BalanceFilter {
            issuer: typed(self.issuer.as_ref()).map(str::to_owned),
            contract: typed(self.contract.as_ref()).map(fold_contract),
            only: only.flatten(),
            document: self.document,
        };
        if errors.is_empty() { Ok(filter) } else { Err(errors) }
    }
}

/// What the history accepts in its query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct PaymentQuery {
    /// Short name of one issuer: a contract's number is the issuer's own, and another may have given the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Number of one contract (K32): payments that paid an invoice of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// One month, `YYYY-MM` (K33), by the issuer's own calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<String>,
    /// Rows wanted, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before; it belongs to the same filters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// [`PaymentQuery`] that is well formed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentFilter {
    /// One issuer's short name.
    pub issuer: Option<String>,
    /// One contract, folded.
    pub contract: Option<String>,
    /// One month, `YYYY-MM`.
    pub month: Option<String>,
}

impl PaymentQuery {
    /// The filters, or every one that is wrong.
    pub fn parse(&self) -> Result<PaymentFilter, FieldErrors> {
        let mut errors = FieldErrors::default();
        let month = typed(self.month.as_ref());
        let is_month = |text: &str| {
            let bytes = text.as_bytes();
            bytes.len() == 7
                && bytes
                    .iter()
                    .enumerate()
                    .all(|(at, byte)| if at == 4 { *byte == b'-' } else { byte.is_ascii_digit() })
                && text.get(5..).is_some_and(|month| ("01"..="12").contains(&month))
        };
        if month.is_some_and(|month| !is_month(month)) {
            errors.add("?month", FieldCode::Date);
        }
        let contract = typed(self.contract.as_ref()).map(fold_contract);
        let issuer = typed(self.issuer.as_ref()).map(str::to_owned);
        let filter = PaymentFilter { issuer, contract, month: month.map(str::to_owned) };
        if errors.is_empty() { Ok(filter) } else { Err(errors) }
    }
}
