//! The receptor's name as the SAT compares it: capitals and single spaces, accents, Ñ, `&` and dots as in the
//! Constancia de Situación Fiscal. It never strips an accent or a sign, and only *suggests* leaving the régimen
//! societario out, because "SC" can be part of a name.

use crate::{serde_as_text, text};

/// A name ready for `Receptor/@Nombre` or `Emisor/@Nombre`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nombre(String);

/// Why a text cannot be a name in a CFDI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NombreError {
    /// Nothing was typed.
    #[error("el nombre está vacío")]
    Empty,
    /// More than 300 characters (the limit of the SAT's schema); carries how many there are.
    #[error("el nombre admite hasta 300 caracteres y tiene {0}")]
    TooLong(usize),
    /// `|` separates the fields of the cadena original and may not occur in one.
    #[error("el nombre no puede llevar el signo |")]
    Pipe,
    /// A character that XML does not allow or that nobody can see.
    #[error("el nombre lleva un carácter que no se puede imprimir")]
    Control,
}

const MAX_CHARS: usize = 300;

impl Nombre {
    /// Reads what a person types or pastes.
    pub fn parse(typed: &str) -> Result<Self, NombreError> {
        let name = normalise(typed);
        if name.is_empty() {
            return Err(NombreError::Empty);
        }
        if name.contains('|') {
            return Err(NombreError::Pipe);
        }
        if name.chars().any(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')) {
            return Err(NombreError::Control);
        }
        match name.chars().count() {
            n if n > MAX_CHARS => Err(NombreError::TooLong(n)),
            _ => Ok(Self(name)),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Capitals, single plain spaces, no invisible characters, accents joined to their letters.
fn normalise(typed: &str) -> String {
    let visible: String = typed.chars().filter(|c| !text::is_invisible(*c)).flat_map(char::to_uppercase).collect();
    text::compose(&visible).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Forms of company, written without blanks, dots and commas. Longer ones win because the search starts at the left.
const REGIMENES_SOCIETARIOS: &[&str] = &[
    "SADECV",
    "SA",
    "SABDECV",
    "SAB",
    "SAPIDECV",
    "SAPI",
    "SAPIBDECV",
    "SAPIB",
    "SAS",
    "SASDECV",
    "SDERLDECV",
    "SDERL",
    "SRLDECV",
    "SRL",
    "SDERLMI",
    "SDERLDECVMI",
    "SC",
    "SCDERL",
    "SCDERLDECV",
    "SCL",
    "SCP",
    "SCS",
    "AC",
    "ABP",
    "IAP",
    "ARIC",
    "SPRDERL",
    "SPRDERLDECV",
    "SPRDERI",
    "SENC",
    "SENCPORA",
    "SENNC",
    "SNC",
    "SADECVSOFOMENR",
    "SADECVSOFOMER",
    "SAPIDECVSOFOMENR",
    "SAPIDECVSOFOMER",
    "SADECVSFP",
    "SOCIEDADANONIMA",
    "SOCIEDADANÓNIMA",
    "SOCIEDADANONIMADECAPITALVARIABLE",
    "SOCIEDADANÓNIMADECAPITALVARIABLE",
    "SOCIEDADCIVIL",
    "ASOCIACIONCIVIL",
    "ASOCIACIÓNCIVIL",
    "SOCIEDADDERESPONSABILIDADLIMITADA",
    "SOCIEDADDERESPONSABILIDADLIMITADADECAPITALVARIABLE",
    "SOCIEDADPORACCIONESSIMPLIFICADA",
    "SOCIEDADPORACCIONESSIMPLIFICADADECAPITALVARIABLE",
    "SOCIEDADANONIMAPROMOTORADEINVERSIONDECAPITALVARIABLE",
    "SOCIEDADANÓNIMAPROMOTORADEINVERSIÓNDECAPITALVARIABLE",
];

/// The name without `SA DE CV`, `S. DE R.L.` and the like at its end, if it has one: a suggestion for the person who
/// typed it, never to be applied in silence.
pub fn without_regimen_societario(name: &str) -> Option<String> {
    let name = normalise(name);
    let boundaries = name.char_indices().filter(|(_, c)| matches!(c, ' ' | ',')).map(|(i, c)| i + c.len_utf8());
    boundaries.into_iter().find_map(|start| {
        let (head, tail) = name.split_at(start);
        let form: String = tail.chars().filter(|c| !matches!(c, ' ' | '.' | ',')).collect();
        let head = head.trim_end_matches([' ', ',']);
        (REGIMENES_SOCIETARIOS.contains(&form.as_str()) && !head.is_empty()).then(|| head.to_owned())
    })
}

serde_as_text!(Nombre, NombreError);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_capitalised_and_keep_their_signs() {
        assert_eq!(Nombre::parse("  Peña &  Muñoz,\tS. \u{200b}A.\n").unwrap().as_str(), "PEÑA & MUÑOZ, S. A.");
        assert_eq!(Nombre::parse("jose\u{301} \u{a0} a").unwrap().as_str(), "JOSÉ A");
    }

    #[test]
    fn what_the_schema_refuses_is_refused() {
        assert_eq!(Nombre::parse(" \u{feff}\n"), Err(NombreError::Empty));
        assert_eq!(Nombre::parse("A|B"), Err(NombreError::Pipe));
        assert_eq!(Nombre::parse("A\u{1}B"), Err(NombreError::Control));
        assert_eq!(Nombre::parse("A\u{ffff}B"), Err(NombreError::Control));
        assert_eq!(Nombre::parse(&"Ñ".repeat(301)), Err(NombreError::TooLong(301)));
        assert!(Nombre::parse(&"Ñ".repeat(300)).is_ok());
    }

    #[test]
    fn a_form_of_company_at_the_end_is_noticed() {
        for (typed, left) in [
            ("Escuela Kemper Urgate SA de CV", "ESCUELA KEMPER URGATE"),
            ("ESCUELA KEMPER URGATE, S.A. DE C.V.", "ESCUELA KEMPER URGATE"),
            ("X S. de R.L. de C.V.", "X"),
            ("X S DE RL", "X"),
            ("GRUPO Y SAPI DE CV", "GRUPO Y"),
            ("GRUPO Y S.A.P.I. DE C.V.", "GRUPO Y"),
            ("BUFETE Z, S.C.", "BUFETE Z"),
            ("AMIGOS AC", "AMIGOS"),
            ("CREDI SA DE CV SOFOM ENR", "CREDI"),
            ("LA CÍA. SOCIEDAD ANÓNIMA DE CAPITAL VARIABLE", "LA CÍA."),
        ] {
            assert_eq!(without_regimen_societario(typed).as_deref(), Some(left), "{typed}");
        }
        for typed in ["CASA", "LA CASA DE LA ABUELA", "SA DE CV", "SC", "JUAN PEREZ", "TELESCOPIOS SCA", ""] {
            assert_eq!(without_regimen_societario(typed), None, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(typed in "\\PC{0,40}") {
            if let Ok(name) = Nombre::parse(&typed) {
                prop_assert_eq!(Nombre::parse(name.as_str()).unwrap(), name);
            }
        }

        #[test]
        fn a_suggestion_is_never_empty_nor_longer(typed in "[A-Z., ]{0,30}") {
            if let Some(left) = without_regimen_societario(&typed) {
                prop_assert!(!left.is_empty() && left.len() < typed.len());
            }
        }
    }
}
