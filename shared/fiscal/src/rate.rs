//! Exchange rates: pesos for one unit of another currency, with the six decimals of the SAT's TipoCambio.
use rust_decimal::Decimal;
use std::fmt;

use crate::money::{Amount, Currency, MoneyError, round_half_away};

/// Decimals a rate is kept and shown with.
const DECIMALS: u32 = 6;
/// Decimals of EquivalenciaDR.
const EQUIVALENCIA_DECIMALS: u32 = 10;
/// Digits before the point of the largest rate read.
const WHOLE_MAX: usize = 6;

/// Pesos for one unit of a foreign currency: above zero, at most six decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(Decimal);

/// Why a text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Not digits with at most six decimals.
    #[error("el tipo de cambio no es un número como 18.886880")]
    Syntax,
    /// Nothing can be had for nothing.
    #[error("el tipo de cambio debe ser mayor que cero")]
    NotPositive,
}

impl Rate {
    /// Reads `18.886880`: digits, a point, at most six decimals; no sign, comma or exponent.
    pub fn parse(text: &str) -> Result<Rate, RateError> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let places = usize::try_from(DECIMALS).unwrap_or_default();
        if !digits(whole) || !digits(decimals) || whole.len() > WHOLE_MAX || decimals.len() > places {
            return Err(RateError::Syntax);
        }
        let mut rate: Decimal = text.parse().ok().ok_or(RateError::Syntax)?;
        rate.rescale(DECIMALS);
        if rate.is_zero() { Err(RateError::NotPositive) } else { Ok(Rate(rate)) }
    }

    /// What a foreign amount comes to in pesos, rounded once, half away from zero (K24).
    pub fn to_mxn(self, amount: Amount) -> Result<Amount, MoneyError> {
        let pesos = amount.to_decimal().checked_mul(self.0).ok_or(MoneyError::Overflow)?;
        Amount::rounded(pesos, Currency::Mxn)
    }

    /// What pesos come to in the foreign currency. Several amounts in pesos come to one cent, so paying all is said by
    /// a flag and never found out by comparing (`payments.md` 4.6).
    pub fn from_mxn(self, pesos: Amount, currency: Currency) -> Result<Amount, MoneyError> {
        if pesos.currency() != Currency::Mxn {
            return Err(MoneyError::CurrencyMismatch);
        }
        let foreign = pesos.to_decimal().checked_div(self.0).ok_or(MoneyError::Overflow)?;
        Amount::rounded(foreign, currency)
    }

    /// EquivalenciaDR of a foreign invoice that is paid in pesos: what one peso is in its currency, with the ten decimals
    /// that a complemento de pago has room for. `None`: too small to be said so.
    pub fn equivalencia(self) -> Option<Decimal> {
        let one = Decimal::ONE.checked_div(self.0)?;
        Some(round_half_away(one, EQUIVALENCIA_DECIMALS).normalize()).filter(|one| !one.is_zero())
    }
}

impl fmt::Display for Rate {
    /// All six decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usd(minor: i64) -> Amount {
        Amount::new(minor, Currency::Usd)
    }

    #[test]
    fn the_manuals_four_dollar_rows_come_out_to_the_centavo() {
        let rate = Rate::parse("18.886880").unwrap();
        for (dollars, pesos) in [(16_071, 303_531), (16_794, 317_186), (16_794, 317_186), (31_262, 590_442)] {
            assert_eq!(rate.to_mxn(usd(dollars)), Ok(Amount::new(pesos, Currency::Mxn)), "{dollars}");
        }
        assert_eq!(rate.to_string(), "18.886880");
    }

    #[test]
    fn one_peso_is_told_in_the_invoices_currency_with_ten_decimals() {
        let told = |text: &str| Rate::parse(text).unwrap().equivalencia().map(|one| one.to_string());
        assert_eq!(told("18.886880").as_deref(), Some("0.0529468075"));
        assert_eq!(told("1").as_deref(), Some("1"));
        assert_eq!(told("0.125").as_deref(), Some("8"));
    }

    #[test]
    fn pesos_come_back_as_the_nearest_cent() {
        let rate = Rate::parse("18.4523").unwrap();
        assert_eq!(rate.to_mxn(usd(100_000)), Ok(Amount::new(1_845_230, Currency::Mxn)));
        assert_eq!(rate.to_mxn(usd(33_333)), Ok(Amount::new(615_071, Currency::Mxn)));
        assert_eq!(rate.from_mxn(Amount::new(900_000, Currency::Mxn), Currency::Usd), Ok(usd(48_774)));
        assert_eq!(rate.from_mxn(usd(1), Currency::Usd), Err(MoneyError::CurrencyMismatch));
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in ["", ".", "18.", ".5", "-18.5", "+18.5", "18,5", "1e3", "18.8868801", "1234567.0", "18 .5", "N/E"] {
            assert_eq!(Rate::parse(text), Err(RateError::Syntax), "{text}");
        }
        assert_eq!(Rate::parse("0.000000"), Err(RateError::NotPositive));
        assert_eq!(Rate::parse("18").unwrap().to_string(), "18.000000");
    }

    proptest! {
        /// P11: going to pesos and back is off by no more than the roundings.
        #[test]
        fn there_and_back_is_the_same_cent(minor in 1_i64..1_000_000_000, micros in 1_000_000_u64..100_000_000) {
            let rate = Rate::parse(&format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)).unwrap();
            let pesos = rate.to_mxn(usd(minor)).unwrap();
            let back = rate.from_mxn(pesos, Currency::Usd).unwrap();
            prop_assert!((back.minor() - minor).abs() <= 1, "{minor} at {rate}: {pesos} {back}");
        }
    }
}
