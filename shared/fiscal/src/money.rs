//! Money: whole minor units of one currency, and the only rounding function of the product.
//!
//! An [`Amount`] cannot be added to another currency, cannot overflow in silence and never touches floating point.
//! Exchange rates and the six-decimal amounts of a CFDI's lines are not amounts: they stay `Decimal`.
#![deny(clippy::as_conversions, clippy::arithmetic_side_effects)]

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

/// Rounds to `dp` decimals, halves away from zero: the SAT's arithmetic rounding.
pub fn round_half_away(value: Decimal, dp: u32) -> Decimal {
    value.round_dp_with_strategy(dp, RoundingStrategy::MidpointAwayFromZero)
}

/// Drops everything after `dp` decimals: the SAT's lower limits.
pub fn trunc_dp(value: Decimal, dp: u32) -> Decimal {
    value.round_dp_with_strategy(dp, RoundingStrategy::ToZero)
}

/// The next value upwards with `dp` decimals: the SAT's upper limits.
pub fn ceil_dp(value: Decimal, dp: u32) -> Decimal {
    value.round_dp_with_strategy(dp, RoundingStrategy::ToPositiveInfinity)
}

/// A currency the product can count in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Currency {
    /// Mexican peso.
    Mxn,
    /// United States dollar.
    Usd,
    /// Euro.
    Eur,
    /// Canadian dollar.
    Cad,
    /// Pound sterling.
    Gbp,
    /// Yen: no decimals.
    Jpy,
    /// No currency: what a CFDI of type P or T carries.
    Xxx,
}

/// A currency code we do not count in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("la moneda {0:?} no está admitida")]
pub struct UnknownCurrency(pub String);

impl Currency {
    /// Every known currency.
    pub const ALL: &[Self] = &[Self::Mxn, Self::Usd, Self::Eur, Self::Cad, Self::Gbp, Self::Jpy, Self::Xxx];

    /// ISO 4217 code, as in c_Moneda.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mxn => "MXN",
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Cad => "CAD",
            Self::Gbp => "GBP",
            Self::Jpy => "JPY",
            Self::Xxx => "XXX",
        }
    }

    /// Decimals of its amounts (c_Moneda).
    pub const fn exponent(self) -> u32 {
        match self {
            Self::Mxn | Self::Usd | Self::Eur | Self::Cad | Self::Gbp => 2,
            Self::Jpy | Self::Xxx => 0,
        }
    }

    /// Finds a code; unknown ones are refused.
    pub fn parse(code: &str) -> Result<Self, UnknownCurrency> {
        let found = Self::ALL.iter().find(|c| c.code() == code);
        found.copied().ok_or_else(|| UnknownCurrency(code.chars().take(20).collect()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::str::FromStr for Currency {
    type Err = UnknownCurrency;
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::parse(code)
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&code).map_err(serde::de::Error::custom)
    }
}

/// Why a text is not an amount, or a sum cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Nothing was typed.
    #[error("el importe está vacío")]
    Empty,
    /// A sign where none is allowed.
    #[error("el importe no puede llevar signo")]
    Sign,
    /// Not digits with an optional decimal point.
    #[error("el importe no es un número como 1234.56")]
    Syntax,
    /// Written with a decimal comma, or points between thousands.
    #[error("use punto para los decimales, como en 1,234.56")]
    DecimalComma,
    /// More decimals than the currency has; carries how many it has.
    #[error("el importe admite hasta {0} decimales")]
    TooManyDecimals(u32),
    /// Larger than can be counted.
    #[error("el importe es demasiado grande")]
    Overflow,
    /// Two currencies in one operation.
    #[error("los importes son de monedas distintas")]
    CurrencyMismatch,
}

/// An amount of money in minor units (cents, or whole yen).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Amount {
    minor: i64,
    currency: Currency,
}

impl Amount {
    /// From minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// Whether it is above zero.
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// Reads what a program writes: `1234.56`, with at most the currency's decimals and no sign, comma or exponent.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        match text.bytes().next() {
            None => Err(MoneyError::Empty),
            Some(b'-' | b'+') => Err(MoneyError::Sign),
            Some(_) => Ok(Self::new(parse_minor(text, currency)?, currency)),
        }
    }

    /// As [`Amount::parse`], and a leading `-` is allowed.
    pub fn parse_signed(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        match text.strip_prefix('-') {
            Some(rest) => Self::parse(rest, currency)?.checked_neg().ok_or(MoneyError::Overflow),
            None => Self::parse(text, currency),
        }
    }

    /// Reads what a person types: blanks, a leading `$` and commas between thousands are allowed.
    pub fn parse_typed(typed: &str, currency: Currency) -> Result<Self, MoneyError> {
        let kept: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let number = kept.strip_prefix('$').unwrap_or(&kept);
        if !number.contains(',') {
            return Self::parse(number, currency);
        }
        let (whole, decimals) = match number.split_once('.') {
            Some((_, after)) if after.contains(',') => return Err(MoneyError::DecimalComma),
            Some((whole, after)) => (whole, Some(after)),
            None => (number, None),
        };
        let mut groups = whole.split(',');
        let first = groups.next().unwrap_or_default();
        let rest: Vec<&str> = groups.collect();
        if rest.last().is_some_and(|last| last.len() < 3) {
            return Err(MoneyError::DecimalComma);
        }
        if !(1..=3).contains(&first.len()) || rest.iter().any(|group| group.len() != 3) {
            return Err(MoneyError::Syntax);
        }
        let plain = whole.replace(',', "");
        match decimals {
            Some(decimals) => Self::parse(&format!("{plain}.{decimals}"), currency),
            None => Self::parse(&plain, currency),
        }
    }

    /// The same value, if it needs no more decimals than the currency has.
    pub fn from_decimal(value: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        if value.normalize().scale() > currency.exponent() {
            return Err(MoneyError::TooManyDecimals(currency.exponent()));
        }
        Self::rounded(value, currency)
    }

    /// The nearest amount, halves away from zero.
    pub fn rounded(value: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let mut scaled = round_half_away(value, currency.exponent());
        scaled.rescale(currency.exponent());
        // rescale keeps a smaller scale when the mantissa would overflow, and then i64 cannot hold it either.
        if scaled.scale() != currency.exponent() {
            return Err(MoneyError::Overflow);
        }
        let minor = i64::try_from(scaled.mantissa()).ok().ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, currency))
    }

    /// Sum of two amounts of one currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.minor.checked_add(other.minor).map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// Difference of two amounts of one currency.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.minor.checked_sub(other.minor).map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// The amount with the other sign; `None` only for the smallest number there is.
    pub fn checked_neg(self) -> Option<Self> {
        self.minor.checked_neg().map(|minor| Self { minor, ..self })
    }

    /// Order of two amounts of one currency.
    pub fn checked_cmp(self, other: Self) -> Result<Ordering, MoneyError> {
        self.same_currency(other)?;
        Ok(self.minor.cmp(&other.minor))
    }

    /// Sum of many amounts, all of `currency`.
    pub fn sum(amounts: impl IntoIterator<Item = Self>, currency: Currency) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    /// The value as a decimal number with the currency's decimals.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }

    /// `1234.56`: what goes over the wire.
    pub fn to_decimal_string(self) -> String {
        self.to_decimal().to_string()
    }

    /// `1,234.56`: what people read.
    pub fn grouped(self) -> String {
        let plain = self.to_decimal_string();
        let (sign, unsigned) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
        let (whole, decimals) = unsigned.split_once('.').map_or((unsigned, None), |(w, d)| (w, Some(d)));
        let groups: Vec<&str> = whole.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
        let whole = groups.join(",");
        match decimals {
            Some(decimals) => format!("{sign}{whole}.{decimals}"),
            None => format!("{sign}{whole}"),
        }
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency { Ok(()) } else { Err(MoneyError::CurrencyMismatch) }
    }
}

fn parse_minor(text: &str, currency: Currency) -> Result<i64, MoneyError> {
    let (whole, decimals) = match text.split_once('.') {
        Some((_, "")) => return Err(MoneyError::Syntax),
        Some((whole, decimals)) => (whole, decimals),
        None => (text, ""),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(decimals) {
        return Err(MoneyError::Syntax);
    }
    let exponent = currency.exponent();
    let places = usize::try_from(exponent).unwrap_or_default();
    if decimals.len() > places {
        return Err(MoneyError::TooManyDecimals(exponent));
    }
    format!("{whole}{decimals:0<places$}").parse().ok().ok_or(MoneyError::Overflow)
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_decimal_string())
    }
}

/// How an amount travels: a decimal string beside its currency.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    #[serde(borrow)]
    amount: Cow<'a, str>,
    currency: Currency,
}

impl Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire { amount: self.to_decimal_string().into(), currency: self.currency }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        Self::parse_signed(&wire.amount, wire.currency).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a panic in a test is a failed test")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mxn(minor: i64) -> Amount {
        Amount::new(minor, Currency::Mxn)
    }

    #[test]
    fn strict_text_is_read_strictly() {
        for (text, minor) in [("0", 0), ("1234.56", 123_456), ("1234.5", 123_450), ("1234", 123_400), ("007.00", 700)] {
            assert_eq!(Amount::parse(text, Currency::Mxn), Ok(mxn(minor)), "{text}");
        }
        for (text, error) in [
            ("", MoneyError::Empty),
            ("-1", MoneyError::Sign),
            ("+1", MoneyError::Sign),
            ("1e3", MoneyError::Syntax),
            ("1.", MoneyError::Syntax),
            (".5", MoneyError::Syntax),
            ("1,234.56", MoneyError::Syntax),
            ("1.2.3", MoneyError::Syntax),
            (" 1", MoneyError::Syntax),
            ("١", MoneyError::Syntax),
            ("1.234", MoneyError::TooManyDecimals(2)),
            ("99999999999999999999", MoneyError::Overflow),
        ] {
            assert_eq!(Amount::parse(text, Currency::Mxn), Err(error), "{text}");
        }
        assert_eq!(Amount::parse("1.5", Currency::Jpy), Err(MoneyError::TooManyDecimals(0)));
        assert_eq!(Amount::parse("15", Currency::Jpy).unwrap().minor(), 15);
        assert_eq!(Amount::parse_signed("-1234.5", Currency::Mxn), Ok(mxn(-123_450)));
        assert_eq!(Amount::parse_signed("--1", Currency::Mxn), Err(MoneyError::Sign));
    }

    #[test]
    fn typed_text_is_read_kindly_and_never_guessed() {
        for typed in ["1,234.56", "$1,234.56", " $ 1 234.56 ", "1234.56", "$1234.56"] {
            assert_eq!(Amount::parse_typed(typed, Currency::Mxn), Ok(mxn(123_456)), "{typed}");
        }
        assert_eq!(Amount::parse_typed("1,234", Currency::Mxn), Ok(mxn(123_400)));
        assert_eq!(Amount::parse_typed("1,234,567", Currency::Mxn), Ok(mxn(123_456_700)));
        for (typed, error) in [
            ("1.234,56", MoneyError::DecimalComma),
            ("1234,56", MoneyError::DecimalComma),
            ("1,5", MoneyError::DecimalComma),
            ("12,34,567", MoneyError::Syntax),
            ("1234,567", MoneyError::Syntax),
            (",567", MoneyError::Syntax),
            ("-5", MoneyError::Sign),
            ("$", MoneyError::Empty),
            ("cien", MoneyError::Syntax),
        ] {
            assert_eq!(Amount::parse_typed(typed, Currency::Mxn), Err(error), "{typed}");
        }
    }

    #[test]
    fn people_read_groups_of_three() {
        for (minor, text) in [(0, "0.00"), (5, "0.05"), (100_000, "1,000.00"), (-123_456_789, "-1,234,567.89")] {
            assert_eq!(mxn(minor).grouped(), text);
        }
        assert_eq!(Amount::new(1_234_567, Currency::Jpy).grouped(), "1,234,567");
        assert_eq!(mxn(i64::MIN).grouped(), "-92,233,720,368,547,758.08");
    }

    #[test]
    fn currencies_do_not_mix_and_nothing_overflows_in_silence() {
        let usd = Amount::new(1, Currency::Usd);
        assert_eq!(mxn(1).checked_add(usd), Err(MoneyError::CurrencyMismatch));
        assert_eq!(mxn(1).checked_cmp(usd), Err(MoneyError::CurrencyMismatch));
        assert_eq!(mxn(i64::MAX).checked_add(mxn(1)), Err(MoneyError::Overflow));
        assert_eq!(mxn(i64::MIN).checked_neg(), None);
        assert_eq!(Amount::sum([mxn(1), mxn(2)], Currency::Mxn), Ok(mxn(3)));
        assert_eq!(Amount::rounded(Decimal::MAX, Currency::Mxn), Err(MoneyError::Overflow));
        assert_eq!(Currency::parse("mxn"), Err(UnknownCurrency("mxn".into())));
    }

    #[test]
    fn halves_go_away_from_zero() {
        let d = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(round_half_away(d("2.345"), 2), d("2.35"));
        assert_eq!(round_half_away(d("-2.345"), 2), d("-2.35"));
        assert_eq!(round_half_away(d("2.3449999"), 2), d("2.34"));
        assert_eq!(trunc_dp(d("2.349"), 2), d("2.34"));
        assert_eq!(ceil_dp(d("2.341"), 2), d("2.35"));
        assert_eq!(Amount::rounded(d("2.345"), Currency::Mxn), Ok(mxn(235)));
        assert_eq!(Amount::from_decimal(d("2.345"), Currency::Mxn), Err(MoneyError::TooManyDecimals(2)));
        assert_eq!(Amount::from_decimal(d("2.3400"), Currency::Mxn), Ok(mxn(234)));
    }

    proptest! {
        #[test]
        fn an_amount_survives_its_texts(minor in any::<i64>()) {
            let amount = mxn(minor);
            prop_assert_eq!(Amount::parse_signed(&amount.to_decimal_string(), Currency::Mxn), Ok(amount).filter_min(minor));
            if minor >= 0 {
                prop_assert_eq!(Amount::parse_typed(&amount.grouped(), Currency::Mxn), Ok(amount));
            }
        }

        #[test]
        fn nothing_typed_panics(typed in "\\PC{0,30}") {
            let _ = Amount::parse_typed(&typed, Currency::Mxn);
        }

        #[test]
        fn adding_and_taking_away_gives_back(a in -1_000_000_000i64..1_000_000_000, b in -1_000_000_000i64..1_000_000_000) {
            let sum = mxn(a).checked_add(mxn(b)).unwrap();
            prop_assert_eq!(sum.minor(), a + b);
            prop_assert_eq!(sum.checked_sub(mxn(b)), Ok(mxn(a)));
        }
    }

    /// `i64::MIN` has no positive twin, so its text cannot be read back.
    trait FilterMin {
        fn filter_min(self, minor: i64) -> Self;
    }
    impl FilterMin for Result<Amount, MoneyError> {
        fn filter_min(self, minor: i64) -> Self {
            if minor == i64::MIN { Err(MoneyError::Overflow) } else { self }
        }
    }
}
