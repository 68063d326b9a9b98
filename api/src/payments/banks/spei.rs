//! SPEI by reference: no page to go to and nobody who calls back. The payer is shown an account, a reference and an
//! amount; the transfer is found in the account, by a file of the bank's or by who reads it for us.
use fiscal::Amount;
use futures::FutureExt;
use futures::future::BoxFuture;
use shared::payments::{RedirectField, RedirectMethod};

use super::{Bank, BankSilent, HandOver, KeptRedirect, Order};
use crate::payments::model::{Intended, Reading, Source};

/// Digits of a CLABE, its check digit included.
const CLABE_DIGITS: usize = 18;
/// Weights of the check digit, over and over.
const WEIGHTS: [u32; 3] = [3, 7, 1];
/// What asking "is it there?" comes to: the account is read by files, and until one says so it is not.
const NOT_THERE: &[u8] = b"not_there";

/// The banks whose accounts are met most, by the first three digits of a CLABE.
const BANKS: [(&str, &str); 12] = [
    ("002", "Citibanamex"),
    ("012", "BBVA México"),
    ("014", "Santander"),
    ("021", "HSBC"),
    ("030", "BanBajío"),
    ("036", "Inbursa"),
    ("044", "Scotiabank"),
    ("058", "Banregio"),
    ("062", "Afirme"),
    ("072", "Banorte"),
    ("127", "Banco Azteca"),
    ("646", "STP"),
];

/// An account's number for transfers, its check digit proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clabe(String);

impl Clabe {
    /// Eighteen digits of which the last follows from the others.
    pub fn parse(text: &str) -> Option<Clabe> {
        let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
        let digits = digits.filter(|digits| digits.len() == CLABE_DIGITS)?;
        let (check, rest) = digits.split_last()?;
        let sum: u32 = rest.iter().zip(WEIGHTS.iter().cycle()).map(|(digit, weight)| digit * weight % 10).sum();
        (*check == (10 - sum % 10) % 10).then(|| Clabe(text.to_owned()))
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bank that has the account; `None`: one that is seldom met.
    pub fn bank(&self) -> Option<&'static str> {
        BANKS.iter().find(|(code, _)| self.0.starts_with(code)).map(|(_, name)| *name)
    }
}

/// An account that takes transfers.
#[derive(Debug, Clone)]
pub struct SpeiSettings {
    /// Its number.
    pub clabe: Clabe,
}

/// The adapter.
pub struct Spei {
    settings: SpeiSettings,
}

impl Spei {
    /// Over an account.
    pub fn new(settings: SpeiSettings) -> Spei {
        Spei { settings }
    }
}

/// A customer's own number: ten digits, the first a nine and the last following from the others, so that a slip of the
/// finger names nobody.
pub fn deposit_reference(chance: &[u8; 32]) -> String {
    let number = chance.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    let digits = format!("9{:08}", number % 100_000_000);
    let sum: u32 =
        digits.chars().filter_map(|c| c.to_digit(10)).zip(WEIGHTS.iter().cycle()).map(|(d, w)| d * w % 10).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// What a transfer to an account must carry.
fn instructions(clabe: &Clabe, beneficiary: &str, reference: &str, amount: Amount) -> Vec<RedirectField> {
    let fields = [
        ("clabe", clabe.as_str().to_owned()),
        ("bank", clabe.bank().unwrap_or_default().to_owned()),
        ("beneficiary", beneficiary.to_owned()),
        ("reference", reference.to_owned()),
        ("amount", amount.to_decimal_string()),
    ];
    fields.into_iter().map(|(name, value)| RedirectField { name: name.to_owned(), value }).collect()
}

impl Bank for Spei {
    /// None: nobody is sent anywhere.
    fn origin(&self) -> &str {
        ""
    }

    fn hand_over<'a>(&'a self, order: &'a Order<'a>) -> BoxFuture<'a, Result<HandOver, BankSilent>> {
        let intended = order.intended;
        let reference = &intended.merchant_reference;
        let fields = instructions(&self.settings.clabe, order.issuer_name, reference, intended.amount);
        let redirect = KeptRedirect { method: RedirectMethod::Transfer, path: String::new(), fields };
        futures::future::ready(Ok(HandOver { redirect, secret: None })).boxed()
    }

    fn read(&self, source: Source, raw: &[u8], _: &Intended) -> Reading {
        match source {
            Source::Poll if raw == NOT_THERE => Reading::NotFound,
            _ => Reading::Untrusted { why: "nobody tells of transfers this way" },
        }
    }

    /// Once its time is over the order ends; a transfer that comes later is received all the same.
    fn poll<'a>(&'a self, _: &'a Intended) -> BoxFuture<'a, Result<Option<Vec<u8>>, BankSilent>> {
        futures::future::ready(Ok(Some(NOT_THERE.to_vec()))).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customers_number_has_ten_digits_and_proves_itself() {
        for seed in 0..50_u8 {
            let number = deposit_reference(&[seed; 32]);
            assert!(number.len() == 10 && number.starts_with('9'), "{number}");
            let digits = number.chars().filter_map(|c| c.to_digit(10));
            let weights = [3, 7, 1, 3, 7, 1, 3, 7, 1, 1];
            let sum: u32 = digits.zip(weights).map(|(digit, weight)| digit * weight % 10).sum();
            assert_eq!(sum % 10, 0, "{number}");
        }
    }

    #[test]
    fn a_clabe_with_a_wrong_digit_is_none() {
        for good in ["012914002014112176", "032180000118359719"] {
            assert_eq!(Clabe::parse(good).unwrap().as_str(), good);
        }
        for bad in ["012914002014112177", "012914002014112167", "01291400201411217", "01291400201411217A", ""] {
            assert_eq!(Clabe::parse(bad), None, "{bad}");
        }
        assert_eq!(Clabe::parse("012914002014112176").unwrap().bank(), Some("BBVA México"));
        assert_eq!(Clabe::parse("032180000118359719").unwrap().bank(), None);
    }
}
