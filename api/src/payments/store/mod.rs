//! SQL of payments.
pub(super) mod attachments;
pub(super) mod attempts;
pub(super) mod deposits;
pub(super) mod entered;
pub(super) mod evidence;
pub(super) mod history;
pub(super) mod ledger;
pub(super) mod orphans;
pub(super) mod payments;
pub(super) mod proofs;
pub(super) mod rates;
pub(super) mod receipts;
pub(super) mod receivables;
pub(super) mod reviews;
pub(super) mod settlement;
pub(super) mod statements;
pub(super) mod sums;

use fiscal::{Amount, Currency, Rate};

use crate::db::{DbError, DbResult};

pub(super) fn unreadable(what: &'static str) -> DbError {
    DbError::Internal(sqlx::Error::Decode(format!("payments: unreadable {what}").into()))
}

pub(super) fn amount(minor: i64, currency: &str) -> DbResult<Amount> {
    let currency = Currency::parse(currency).map_err(|_unknown| unreadable("currency"))?;
    Ok(Amount::new(minor, currency))
}

pub(super) fn rate(text: Option<&str>) -> DbResult<Option<Rate>> {
    text.map(|text| Rate::parse(text).map_err(|_wrong| unreadable("rate"))).transpose()
}
