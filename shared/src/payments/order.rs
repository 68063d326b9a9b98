//! The order to pay: what the page sends, and what of it can be judged without asking anybody.
use std::collections::HashSet;

use fiscal::{Amount, Currency, MoneyError, Rate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{BankCode, LINES_MAX};
use crate::problem::{FieldCode, FieldErrors};

/// Longest amount that is read, in characters.
const AMOUNT_CHARS_MAX: usize = 24;

/// One payment of one or many invoices of one issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreatePayment {
    /// Short name of who is paid.
    pub issuer: String,
    /// Through which bank: `bbva`, `citibanamex`.
    pub bank: String,
    /// What is paid, 1 to 100 invoices, none twice.
    pub lines: Vec<PaymentLine>,
    /// The total in pesos that the person agreed to: another one is refused, never charged.
    pub expected_total: String,
}

/// An invoice to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PaymentLine {
    /// `id` of the balance.
    pub receivable_id: Uuid,
    /// Pay all that is available; then there is no amount.
    #[serde(default)]
    pub pay_all: bool,
    /// How much: `1000.00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// `MXN`, or the invoice's own currency: which of the two boxes the person typed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// Another trip to a bank with a payment that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RetryPayment {
    /// Through which bank: `bbva`, `citibanamex`, `spei`.
    pub bank: String,
}

impl RetryPayment {
    /// The bank, or that it is none.
    pub fn parse(&self) -> Result<BankCode, FieldErrors> {
        BankCode::parse(self.bank.trim()).ok_or_else(|| {
            let mut errors = FieldErrors::default();
            errors.add("/bank", FieldCode::NotInCatalog);
            errors
        })
    }
}

/// [`CreatePayment`] that is well formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentOrder {
    /// Short name of who is paid.
    pub issuer: String,
    /// Through which bank.
    pub bank: BankCode,
    /// What is paid.
    pub lines: Vec<LineToPay>,
    /// What the person agreed to.
    pub expected_total: Amount,
}

/// [`PaymentLine`] that is well formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineToPay {
    /// Which receivable.
    pub receivable_id: Uuid,
    /// How much.
    pub amount: AmountToPay,
}

/// How much of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountToPay {
    /// All that is available.
    All,
    /// So much, in pesos or in the invoice's currency.
    Exactly(Amount),
}

/// What a line pays in its invoice's currency, and what it charges in pesos.
///
/// `available` is in the invoice's currency; `rate` is its rate, `None` for pesos. Typed pesos are charged as typed and
/// pay the nearest cent of the invoice. The server and both boxes of the page use this one.
pub fn typed_line(amount: AmountToPay, available: Amount, rate: Option<Rate>) -> Result<(Amount, Amount), MoneyError> {
    let to_mxn = |amount: Amount| match rate {
        Some(rate) => rate.to_mxn(amount),
        None if amount.currency() == Currency::Mxn => Ok(amount),
        None => Err(MoneyError::CurrencyMismatch),
    };
    match amount {
        AmountToPay::All => Ok((available, to_mxn(available)?)),
        AmountToPay::Exactly(typed) if typed.currency() == available.currency() => Ok((typed, to_mxn(typed)?)),
        AmountToPay::Exactly(pesos) => match rate {
            Some(rate) => Ok((rate.from_mxn(pesos, available.currency())?, pesos)),
            None => Err(MoneyError::CurrencyMismatch),
        },
    }
}

fn amount_code(error: MoneyError) -> FieldCode {
    match error {
        MoneyError::Empty => FieldCode::Required,
        _ => FieldCode::Amount,
    }
}

impl PaymentLine {
    fn parse(&self, pointer: &str, errors: &mut FieldErrors) -> Option<AmountToPay> {
        match (self.pay_all, &self.amount, &self.currency) {
            (true, None, None) => Some(AmountToPay::All),
            (true, _, _) => {
                errors.add(format!("{pointer}/amount"), FieldCode::Shape);
                None
            }
            (false, None, _) => {
                errors.add(format!("{pointer}/amount"), FieldCode::Required);
                None
            }
            (false, Some(_), None) => {
                errors.add(format!("{pointer}/currency"), FieldCode::Required);
                None
            }
            (false, Some(amount), Some(currency)) => {
                let Ok(currency) = Currency::parse(currency) else {
                    errors.add(format!("{pointer}/currency"), FieldCode::NotInCatalog);
                    return None;
                };
                positive(amount, currency, &format!("{pointer}/amount"), errors).map(AmountToPay::Exactly)
            }
        }
    }
}

fn positive(text: &str, currency: Currency, pointer: &str, errors: &mut FieldErrors) -> Option<Amount> {
    if text.len() > AMOUNT_CHARS_MAX {
        errors.add(pointer, FieldCode::TooLong);
        return None;
    }
    match Amount::parse(text, currency) {
        Ok(amount) if amount.is_positive() => Some(amount),
        Ok(_) => {
            errors.add(pointer, FieldCode::NotPositive);
            None
        }
        Err(error) => {
            errors.add(pointer, amount_code(error));
            None
        }
    }
}

impl CreatePayment {
    /// The parsed order, or every field that is wrong.
    pub fn parse(&self) -> Result<PaymentOrder, FieldErrors> {
        let mut errors = FieldErrors::default();
        let bank = BankCode::parse(self.bank.trim());
        if bank.is_none() {
            errors.add("/bank", FieldCode::NotInCatalog);
        }
        if self.issuer.trim().is_empty() {
            errors.add("/issuer", FieldCode::Required);
        }
        if self.lines.is_empty() {
            errors.add("/lines", FieldCode::Required);
        }
        if self.lines.len() > LINES_MAX {
            errors.add("/lines", FieldCode::TooLong);
            return Err(errors);
        }
        let (mut seen, mut lines) = (HashSet::new(), Vec::new());
        for (index, line) in self.lines.iter().enumerate() {
            let pointer = format!("/lines/{index}");
            if !seen.insert(line.receivable_id) {
                errors.add(format!("{pointer}/receivable_id"), FieldCode::Repeated);
            }
            if let Some(amount) = line.parse(&pointer, &mut errors) {
                lines.push(LineToPay { receivable_id: line.receivable_id, amount });
            }
        }
        let expected_total = positive(&self.expected_total, Currency::Mxn, "/expected_total", &mut errors);
        match (bank, expected_total) {
            (Some(bank), Some(expected_total)) if errors.is_empty() => {
                Ok(PaymentOrder { issuer: self.issuer.trim().to_owned(), bank, lines, expected_total })
            }
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mxn(minor: i64) -> Amount {
        Amount::new(minor, Currency::Mxn)
    }

    fn usd(minor: i64) -> Amount {
        Amount::new(minor, Currency::Usd)
    }

    fn line(id: u128, amount: Option<&str>, currency: Option<&str>) -> PaymentLine {
        PaymentLine {
            receivable_id: Uuid::from_u128(id),
            pay_all: amount.is_none(),
            amount: amount.map(str::to_owned),
            currency: currency.map(str::to_owned),
        }
    }

    fn order(lines: Vec<PaymentLine>) -> CreatePayment {
        CreatePayment { issuer: "default".into(), bank: "bbva".into(), lines, expected_total: "36870.80".into() }
    }

    #[test]
    fn a_tick_pays_all_and_a_typed_amount_pays_that() {
        let order = order(vec![line(1, None, None), line(2, Some("1000.00"), Some("MXN"))]).parse().unwrap();
        assert_eq!(order.lines[0].amount, AmountToPay::All);
        assert_eq!(order.lines[1].amount, AmountToPay::Exactly(mxn(100_000)));
        assert_eq!(order.expected_total, mxn(3_687_080));
    }

    /// P11, over many rates and amounts: parts in pesos are near what they come to, and after the last of them nothing is
    /// left, whether it is said by the flag or by typing the pesos of the rest.
    #[test]
    fn p11_any_number_of_parts_leaves_nothing_after_the_last() {
        let mut seed: u64 = 20_261_123;
        let mut below = |limit: i64| {
            // Knuth's generator: the same numbers each time.
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(seed >> 33).unwrap() % limit
        };
        for _ in 0..2_000 {
            let rate = Rate::parse(&format!("{}.{:06}", 1 + below(40), below(1_000_000))).unwrap();
            let whole = usd(1 + below(5_000_000));
            let (mut left, parts) = (whole, 1 + below(12));
            for _ in 1..parts {
                if left.is_zero() {
                    break;
                }
                let (_, all) = typed_line(AmountToPay::All, left, Some(rate)).unwrap();
                let pesos = mxn(1 + below(all.minor()));
                let (amount, charge) = typed_line(AmountToPay::Exactly(pesos), left, Some(rate)).unwrap();
                assert_eq!(charge, pesos, "charged as it was typed");
                let back = rate.to_mxn(amount).unwrap();
                let cent = rate.to_mxn(usd(1)).unwrap().minor();
                assert!((back.minor() - pesos.minor()).abs() <= cent / 2 + 1, "{rate:?}: {pesos:?} for {amount:?}");
                assert!(amount.minor() <= left.minor(), "{rate:?}: {pesos:?} of {left:?}");
                left = left.checked_sub(amount).unwrap();
            }
            let (amount, charge) = typed_line(AmountToPay::All, left, Some(rate)).unwrap();
            assert_eq!(left.checked_sub(amount).unwrap(), usd(0));
            let typed = typed_line(AmountToPay::Exactly(charge), left, Some(rate)).unwrap();
            assert_eq!(typed, (amount, charge), "{rate:?}: the pesos of the rest are the rest");
        }
    }

    #[test]
    fn every_wrong_line_is_named() {
        let bad = CreatePayment {
            bank: "otro".into(),
            expected_total: "0".into(),
            ..order(vec![
                line(1, Some("-5"), Some("MXN")),
                line(1, Some("0.00"), Some("USD")),
                line(3, Some("5"), Some("ZZZ")),
                PaymentLine { pay_all: true, ..line(4, Some("5"), None) },
                line(5, Some("5"), None),
                line(6, Some("1.005"), Some("MXN")),
            ])
        };
        let errors = bad.parse().unwrap_err();
        let found: Vec<_> = errors.0.iter().map(|error| (error.pointer.as_str(), error.code)).collect();
        assert_eq!(
            found,
            [
                ("/bank", FieldCode::NotInCatalog),
                ("/lines/0/amount", FieldCode::Amount),
                ("/lines/1/receivable_id", FieldCode::Repeated),
                ("/lines/1/amount", FieldCode::NotPositive),
                ("/lines/2/currency", FieldCode::NotInCatalog),
                ("/lines/3/amount", FieldCode::Shape),
                ("/lines/4/currency", FieldCode::Required),
                ("/lines/5/amount", FieldCode::Amount),
                ("/expected_total", FieldCode::NotPositive),
            ]
        );
        assert_eq!(order(Vec::new()).parse().unwrap_err().of("/lines"), Some(FieldCode::Required));
    }

    #[test]
    fn typed_pesos_are_charged_as_typed_and_pay_the_nearest_cent() {
        let rate = Some(Rate::parse("18.4523").unwrap());
        assert_eq!(typed_line(AmountToPay::All, usd(100_000), rate), Ok((usd(100_000), mxn(1_845_230))));
        assert_eq!(typed_line(AmountToPay::Exactly(mxn(900_000)), usd(100_000), rate), Ok((usd(48_774), mxn(900_000))));
        assert_eq!(typed_line(AmountToPay::Exactly(usd(33_333)), usd(100_000), rate), Ok((usd(33_333), mxn(615_071))));
        assert_eq!(typed_line(AmountToPay::Exactly(mxn(1_000)), mxn(5_000), None), Ok((mxn(1_000), mxn(1_000))));
        let wrong = typed_line(AmountToPay::Exactly(usd(1_000)), mxn(5_000), None);
        assert_eq!(wrong, Err(MoneyError::CurrencyMismatch));
    }
}
