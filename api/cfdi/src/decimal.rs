//! Exact decimals as a CFDI writes them: strict text in, checked arithmetic, the text's own decimals kept.
//! Nothing here rounds but through `fiscal`.

use fiscal::round_half_away;
use rust_decimal::Decimal;

/// Decimals a line of a CFDI may carry (Anexo 20, `t_Importe`).
pub const LINE_DECIMALS: u32 = 6;

/// A number too large for exact arithmetic: beyond 28 significant digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("el número es demasiado grande")]
pub struct Overflow;

/// Most decimals that are read.
const MAX_DECIMALS: u32 = 10;

/// Reads `[0-9]{1,18}(\.[0-9]{1,10})?`, keeping the decimals as written. Anything else is `None`.
pub fn parse(text: &str) -> Option<Decimal> {
    if is_shaped(text, MAX_DECIMALS) { Decimal::from_str_exact(text).ok() } else { None }
}

/// Whether a text is a number of one to eighteen digits, with at most so many decimals or no point at all.
pub(crate) fn is_shaped(text: &str, most_decimals: u32) -> bool {
    let (whole, decimals) = match text.split_once('.') {
        Some((_, "")) => return false,
        Some((whole, decimals)) => (whole, decimals),
        None => (text, ""),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let few = u32::try_from(decimals.len()).is_ok_and(|count| count <= most_decimals);
    (1..=18).contains(&whole.len()) && few && digits(whole) && digits(decimals)
}

pub(crate) fn add(a: Decimal, b: Decimal) -> Result<Decimal, Overflow> {
    a.checked_add(b).ok_or(Overflow)
}

pub(crate) fn sub(a: Decimal, b: Decimal) -> Result<Decimal, Overflow> {
    a.checked_sub(b).ok_or(Overflow)
}

pub(crate) fn mul(a: Decimal, b: Decimal) -> Result<Decimal, Overflow> {
    a.checked_mul(b).ok_or(Overflow)
}

pub(crate) fn div(a: Decimal, b: Decimal) -> Result<Decimal, Overflow> {
    a.checked_div(b).ok_or(Overflow)
}

pub(crate) fn sum(values: impl IntoIterator<Item = Decimal>) -> Result<Decimal, Overflow> {
    values.into_iter().try_fold(Decimal::ZERO, add)
}

/// The value with at least `least` decimals and without further trailing zeros: `100` becomes `100.00`.
pub(crate) fn with_least_scale(value: Decimal, least: u32) -> Decimal {
    let mut shortest = value.normalize();
    if shortest.scale() < least {
        shortest.rescale(least);
    }
    shortest
}

/// The value rounded to `decimals` and written with exactly that many.
pub(crate) fn rounded(value: Decimal, decimals: u32) -> Decimal {
    let mut exact = round_half_away(value, decimals);
    exact.rescale(decimals);
    exact
}

/// `10^-n`.
pub(crate) fn unit(n: u32) -> Decimal {
    Decimal::new(1, n.min(28))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_strictly_and_keeps_its_decimals() {
        for good in ["0", "1160.00", "0.160000", "999999999999999999.999999", "007"] {
            assert!(parse(good).is_some(), "{good}");
        }
        assert_eq!(parse("1160.00").unwrap().to_string(), "1160.00");
        for bad in ["", ".5", "5.", "-1", "+1", "1e3", "1,0", " 1", "1.12345678901", "1234567890123456789", "1.2.3"] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn decimals_are_padded_but_never_cut() {
        let d = |text| parse(text).unwrap();
        assert_eq!(with_least_scale(d("100"), 2).to_string(), "100.00");
        assert_eq!(with_least_scale(d("100.123400"), 2).to_string(), "100.1234");
        assert_eq!(rounded(d("2.5"), 0).to_string(), "3");
        assert_eq!(rounded(d("2"), 2).to_string(), "2.00");
    }
}
