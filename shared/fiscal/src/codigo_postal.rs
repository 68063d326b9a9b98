//! The postal code of a tax domicile or a branch. Promises five digits; whether the SAT's catalog has it is data.

use crate::serde_as_text;

/// Five digits, never `00000` (that one is for foreign trade only).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodigoPostal(String);

/// Why a text is not a postal code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodigoPostalError {
    /// Nothing was typed.
    #[error("el código postal está vacío")]
    Empty,
    /// Not five digits.
    #[error("el código postal debe tener 5 dígitos")]
    Pattern,
    /// `00000`.
    #[error("el código postal 00000 no existe")]
    Zero,
}

impl CodigoPostal {
    /// Reads five digits, with or without spaces around.
    pub fn parse(typed: &str) -> Result<Self, CodigoPostalError> {
        match typed.trim() {
            "" => Err(CodigoPostalError::Empty),
            "00000" => Err(CodigoPostalError::Zero),
            code if code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit()) => Ok(Self(code.to_owned())),
            _ => Err(CodigoPostalError::Pattern),
        }
    }

    /// The five digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

serde_as_text!(CodigoPostal, CodigoPostalError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_five_digits_pass() {
        assert_eq!(CodigoPostal::parse(" 06000 ").unwrap().as_str(), "06000");
        assert_eq!(CodigoPostal::parse(" "), Err(CodigoPostalError::Empty));
        assert_eq!(CodigoPostal::parse("00000"), Err(CodigoPostalError::Zero));
        for wrong in ["6000", "060000", "0600O", "０６０００", "06 00"] {
            assert_eq!(CodigoPostal::parse(wrong), Err(CodigoPostalError::Pattern), "{wrong}");
        }
    }
}
