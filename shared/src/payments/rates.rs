//! Pesos for what is owed in another currency, as customers see it.
use serde::{Deserialize, Serialize};

/// Where a rate comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RateView {
    /// Pesos for one unit, always six decimals: `18.886880`.
    pub rate: String,
    /// Civil day it is of.
    pub on: String,
    /// Whose it is.
    pub source: RateSource,
}

text_enum! {
    /// Where a rate comes from.
    RateSource {
        /// The one printed on the invoice.
        Invoice = "invoice",
        /// The issuer's rate of the day it is paid on.
        Day = "day",
    }
}

/// An issuer's rate of the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TodaysRate {
    /// The currency.
    pub currency: String,
    /// Pesos for one unit, always six decimals: `18.914000`.
    pub rate: String,
    /// Civil day that it was said for: today, or the last one that has a rate.
    pub on: String,
    /// The central bank's own name of the series: `SF60653`. Absent when the issuer itself said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// What is owed in this currency is charged at it; `false`: each invoice at the rate that is printed on it.
    pub is_charged: bool,
}
