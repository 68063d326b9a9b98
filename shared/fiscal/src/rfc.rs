//! The RFC (taxpayer's key): 12 characters for a legal person, 13 for a natural one.
//!
//! Promises shape and an existing date. Whether the SAT has it registered is only known to the SAT, and a wrong check
//! digit is a warning, because some RFCs in use do not follow the formula.

use crate::{Persona, serde_as_text, text};

/// A well-formed RFC, in capitals, without spaces or hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rfc(String);

/// Why a text is not an RFC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RfcError {
    /// Nothing was typed.
    #[error("el RFC está vacío")]
    Empty,
    /// Neither 12 nor 13 characters; carries how many there are.
    #[error("el RFC debe tener 12 o 13 caracteres y tiene {0}")]
    Length(usize),
    /// The right length, but letters and digits are not where they belong.
    #[error("el RFC no tiene la forma de letras, fecha y homoclave")]
    Pattern,
    /// The six digits are no calendar date.
    #[error("la fecha dentro del RFC no existe")]
    Date,
}

impl Rfc {
    /// National customer who is not named.
    pub const GENERIC_NATIONAL: &str = "XAXX010101000";
    /// Customer who lives abroad and has no RFC.
    pub const GENERIC_FOREIGN: &str = "XEXX010101000";

    /// Reads what a person types or pastes: any case, with spaces or hyphens between the parts.
    pub fn parse(typed: &str) -> Result<Self, RfcError> {
        let kept: String = typed
            .chars()
            .filter(|c| !(c.is_whitespace() || text::is_invisible(*c) || matches!(c, '-' | '\u{2010}'..='\u{2014}')))
            .flat_map(char::to_uppercase)
            .collect();
        let rfc = text::compose(&kept);
        let chars: Vec<char> = rfc.chars().collect();
        let letters = match chars.len() {
            0 => return Err(RfcError::Empty),
            12 => 3,
            13 => 4,
            n => return Err(RfcError::Length(n)),
        };
        let (name, rest) = chars.split_at(letters);
        let (date, key) = rest.split_at(6);
        let (homoclave, digit) = key.split_at(2);
        let shaped = name.iter().all(|c| c.is_ascii_uppercase() || matches!(c, '&' | 'Ñ'))
            && date.iter().all(char::is_ascii_digit)
            && homoclave.iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
            && digit.iter().all(|c| c.is_ascii_digit() || *c == 'A');
        if !shaped {
            return Err(RfcError::Pattern);
        }
        if !date_exists(date) {
            return Err(RfcError::Date);
        }
        Ok(Self(rfc))
    }

    /// The RFC as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Twelve characters: a company or association.
    pub fn is_moral(&self) -> bool {
        self.0.chars().count() == 12
    }

    /// Thirteen characters: a natural person, or one of the two generic keys.
    pub fn is_fisica(&self) -> bool {
        !self.is_moral()
    }

    /// The kind of person, as the SAT's matrices ask for it.
    pub fn persona(&self) -> Persona {
        if self.is_moral() { Persona::Moral } else { Persona::Fisica }
    }

    /// `XAXX010101000`.
    pub fn is_generic_national(&self) -> bool {
        self.0 == Self::GENERIC_NATIONAL
    }

    /// `XEXX010101000`.
    pub fn is_generic_foreign(&self) -> bool {
        self.0 == Self::GENERIC_FOREIGN
    }

    /// Either of the two keys that name nobody.
    pub fn is_generic(&self) -> bool {
        self.is_generic_national() || self.is_generic_foreign()
    }

    /// Whether the last character fits the SAT's formula. Only ever a warning; the generic keys are exempt.
    pub fn check_digit_matches(&self) -> bool {
        if self.is_generic() {
            return true;
        }
        // A legal person's RFC is padded with a space (37) on the left, hence 37·13 = 481.
        let (start, first_weight) = if self.is_moral() { (481, 12) } else { (0, 13) };
        let body = self.0.chars().take(first_weight - 1);
        let sum: usize = body.enumerate().map(|(i, c)| value(c) * (first_weight - i)).sum();
        let expected = match 11 - (start + sum) % 11 {
            11 => '0',
            10 => 'A',
            n => char::from_digit(u32::try_from(n).unwrap_or_default(), 10).unwrap_or_default(),
        };
        self.0.ends_with(expected)
    }
}

/// The century is not in the RFC; every `00` counts as 2000, so 29 February of `00` exists.
fn date_exists(date: &[char]) -> bool {
    let digits: Vec<u32> = date.iter().filter_map(|c| c.to_digit(10)).collect();
    let &[y1, y2, m1, m2, d1, d2] = digits.as_slice() else { return false };
    let (year, month, day) = (y1 * 10 + y2, m1 * 10 + m2, d1 * 10 + d2);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 => 29,
        2 => 28,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// Position in the SAT's alphabet `0-9 A-N & O-Z space Ñ`.
fn value(c: char) -> usize {
    const ALPHABET: &str = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ";
    ALPHABET.chars().position(|known| known == c).unwrap_or_default()
}

serde_as_text!(Rfc, RfcError);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_type_is_cleaned() {
        for typed in [" eku-900317 3c9 ", "EKU9003173C9", "eku\u{a0}9003173c9", "EKU–900317–3C9"] {
            assert_eq!(Rfc::parse(typed).unwrap().as_str(), "EKU9003173C9");
        }
        assert_eq!(Rfc::parse("ñam8001019q8").unwrap().as_str(), "ÑAM8001019Q8");
        assert_eq!(Rfc::parse("n\u{303}am8001019q8").unwrap().as_str(), "ÑAM8001019Q8");
    }

    #[test]
    fn each_fault_has_its_own_error() {
        assert_eq!(Rfc::parse("  - "), Err(RfcError::Empty));
        assert_eq!(Rfc::parse("EKU9003173C"), Err(RfcError::Length(11)));
        assert_eq!(Rfc::parse("EKUX9003173C99"), Err(RfcError::Length(14)));
        assert_eq!(Rfc::parse("EKUX9003173C"), Err(RfcError::Pattern));
        assert_eq!(Rfc::parse("EKU9003173CB"), Err(RfcError::Pattern));
        assert_eq!(Rfc::parse("EKU9002313C9"), Err(RfcError::Date));
        assert_eq!(Rfc::parse("EKU9013013C9"), Err(RfcError::Date));
        assert_eq!(Rfc::parse("EKU0100003C9"), Err(RfcError::Date));
        assert!(Rfc::parse("ABC000229AB1").is_ok());
        assert_eq!(Rfc::parse("ABC010229AB1"), Err(RfcError::Date));
    }

    #[test]
    fn check_digit_is_that_of_the_sat() {
        for right in
            ["EKU9003173C9", "XAXX010101000", "XEXX010101000", "H&E951128469", "CACX7605101P8", "FUNK671228PH6"]
        {
            assert!(Rfc::parse(right).unwrap().check_digit_matches(), "{right}");
        }
        for wrong in ["MCI7306249Y1", "EKU9003173C8", "CACX7605101P9"] {
            assert!(!Rfc::parse(wrong).unwrap().check_digit_matches(), "{wrong}");
        }
    }

    #[test]
    fn kinds_are_told_apart() {
        let moral = Rfc::parse("EKU9003173C9").unwrap();
        assert!(moral.is_moral() && !moral.is_fisica() && !moral.is_generic());
        let national = Rfc::parse("XAXX010101000").unwrap();
        assert!(national.is_fisica() && national.is_generic_national() && !national.is_generic_foreign());
        assert!(Rfc::parse("XEXX010101000").unwrap().is_generic_foreign());
        assert!(Rfc::parse("ÑAM8001019Q8").unwrap().is_moral());
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_twice_changes_nothing(typed in "\\PC{0,20}") {
            if let Ok(rfc) = Rfc::parse(&typed) {
                prop_assert_eq!(Rfc::parse(rfc.as_str()).unwrap(), rfc);
            }
        }

        #[test]
        fn shaped_text_is_accepted(letters in "[A-Z&Ñ]{3,4}", yy in 0u32..100, mm in 1u32..13, dd in 1u32..29, end in "[A-Z0-9]{2}[0-9A]") {
            let rfc = Rfc::parse(&format!("{letters}{yy:02}{mm:02}{dd:02}{end}"));
            prop_assert!(rfc.is_ok());
            rfc.unwrap().check_digit_matches();
        }
    }
}
