//! Exact decimals as a CFDI writes them: strict text in, checked arithmetic, the text's own decimals kept.
//! Nothing here rounds but through `fiscal`.

use fiscal::round_half_away;
use rust_decimal::Decimal;
use std::fmt::Write;

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

/// Adds the number as `Display` writes it. A document holds sixty and more of them and is written twice; nearly all fit a
/// machine's word, which takes a fifth of the time of what fits any.
pub(crate) fn push(text: &mut String, value: Decimal) {
    let Ok(mut rest) = u64::try_from(value.mantissa().unsigned_abs()) else {
        // Into a String, which never fails.
        let _ = write!(text, "{value}");
        return;
    };
    if value.is_sign_negative() {
        text.push('-');
    }
    let scale = usize::try_from(value.scale()).unwrap_or_default();
    // From the last digit to the first: at most 28 decimals and twenty digits, and a zero before the point.
    let mut digits = [b'0'; DIGITS_MAX];
    let mut written = 0usize;
    for digit in digits.iter_mut().rev() {
        if rest == 0 && written > scale {
            break;
        }
        *digit = b'0'.saturating_add(u8::try_from(rest % 10).unwrap_or_default());
        rest /= 10;
        written = written.saturating_add(1);
    }
    let (_, digits) = digits.split_at(DIGITS_MAX.saturating_sub(written));
    let (whole, decimals) = digits.split_at(written.saturating_sub(scale));
    // Digits are always text.
    text.push_str(str::from_utf8(whole).unwrap_or_default());
    if scale > 0 {
        text.push('.');
        text.push_str(str::from_utf8(decimals).unwrap_or_default());
    }
}

/// Twenty digits of a word, or a zero and 28 decimals.
const DIGITS_MAX: usize = 32;

/// `10^-n`.
pub(crate) fn unit(n: u32) -> Decimal {
    Decimal::new(1, n.min(28))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_are_written_as_they_are_displayed(mantissa in any::<i128>(), bits in 32u32..127, scale in 0u32..=28) {
            let value = Decimal::from_i128_with_scale(mantissa >> bits, scale);
            let mut text = String::from("x");
            push(&mut text, value);
            prop_assert_eq!(text, format!("x{value}"));
        }
    }

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
