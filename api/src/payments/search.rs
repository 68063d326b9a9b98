//! What somebody at the desk types to find a payment: its number, the bank's, our reference at the bank, an amount, or
//! its customer's RFC. Read once, by its shape; a text of no such shape finds nothing.
use fiscal::{Amount, Currency, Rfc};
use uuid::Uuid;

use crate::accounts::people;
use crate::db::{Conn, DbResult};

/// Longest text that is looked at, in characters.
pub const TYPED_MAX: usize = 80;

/// What a text asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// All payments of a customer; of nobody, when no customer has the RFC.
    Of(Option<Uuid>),
    /// Of so many centavos.
    Amount(i64),
    /// The payment's own number, a number of a bank's, or our reference.
    Number(String),
}

/// The shape of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Rfc(Rfc),
    Amount(i64),
    Number(String),
}

/// Reads a text. `None`: nothing was typed.
pub async fn read(conn: &mut impl Conn, typed: &str) -> DbResult<Option<Sought>> {
    Ok(match shape(typed) {
        None => None,
        Some(Shape::Rfc(rfc)) => Some(Sought::Of(people::find_customer(conn, &rfc).await?.map(|id| id.uuid()))),
        Some(Shape::Amount(minor)) => Some(Sought::Amount(minor)),
        Some(Shape::Number(number)) => Some(Sought::Number(number)),
    })
}

fn shape(typed: &str) -> Option<Shape> {
    let typed: String = typed.trim().chars().take(TYPED_MAX).collect();
    if typed.is_empty() {
        return None;
    }
    if let Ok(rfc) = Rfc::parse(&typed.to_uppercase()) {
        return Some(Shape::Rfc(rfc));
    }
    let plain = typed.trim_end_matches("MXN").trim().trim_start_matches('$').replace(',', "");
    if let Some(amount) = Amount::parse(&plain, Currency::Mxn).ok().filter(|_| plain.contains('.')) {
        return Some(Shape::Amount(amount.minor()));
    }
    // As the history shows it, the bank's name stands before its number: `BC-Banamex 063197`.
    Some(Shape::Number(typed.split_whitespace().next_back().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_by_its_shape() {
        let number = |text: &str| Some(Shape::Number(text.to_owned()));
        assert_eq!(shape(" 228 "), number("228"));
        assert_eq!(shape("BC-Banamex 063197"), number("063197"));
        assert_eq!(shape("MBAN01002611180001"), number("MBAN01002611180001"));
        assert_eq!(shape("000000004201"), number("000000004201"));
        for text in ["27794.52", "$27,794.52", "27,794.52 MXN", "$27,794.52 MXN"] {
            assert_eq!(shape(text), Some(Shape::Amount(2_779_452)), "{text}");
        }
        assert!(matches!(shape("tam010203aba"), Some(Shape::Rfc(_))));
        assert_eq!(shape("   "), None);
    }
}
