//! Who receives the document, and the rules about it that can be judged before a stamp is spent.
//!
//! All breaches are told at once, each with its field and, where the SAT has one, its code. Whether the RFC is
//! registered and the name and postal code belong to it, only the SAT knows (CFDI40143 to 40148).

use crate::{CodigoPostal, Nombre, RegimenFiscal, Rfc, TipoComprobante, UsoCfdi};
use serde::{Deserialize, Serialize};

/// The receptor's five data, each parsed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receptor {
    /// Taxpayer's key.
    pub rfc: Rfc,
    /// Name as in the Constancia de Situación Fiscal.
    pub nombre: Nombre,
    /// Regime.
    pub regimen: RegimenFiscal,
    /// Postal code of the tax domicile.
    pub codigo_postal: CodigoPostal,
    /// Use of the document.
    pub uso: UsoCfdi,
}

/// What the rules must know besides the receptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances<'a> {
    /// Kind of document that will name this receptor.
    pub tipo: TipoComprobante,
    /// Postal code of the branch; a generic receptor must carry the same.
    pub lugar_expedicion: Option<&'a CodigoPostal>,
    /// Whether the caller may invoice to `XAXX010101000`. A portal for customers says no: an empty RFC never becomes
    /// *público en general*.
    pub generic_national_allowed: bool,
}

impl Circumstances<'_> {
    /// An invoice to somebody named.
    pub const NAMED_INVOICE: Circumstances<'static> =
        Circumstances { tipo: TipoComprobante::Ingreso, lugar_expedicion: None, generic_national_allowed: false };
}

/// Which of the five data a breach is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceptorField {
    /// `rfc`.
    Rfc,
    /// `nombre`.
    Nombre,
    /// `regimen`.
    Regimen,
    /// `codigo_postal`.
    CodigoPostal,
    /// `uso`.
    Uso,
}

impl ReceptorField {
    /// The field's name in [`Receptor`] and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rfc => "rfc",
            Self::Nombre => "nombre",
            Self::Regimen => "regimen",
            Self::CodigoPostal => "codigo_postal",
            Self::Uso => "uso",
        }
    }
}

/// Whether a breach stops the invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The SAT would refuse the document.
    Error,
    /// Worth a second look; the document may be right.
    Warning,
}

/// One rule that the receptor does not keep. `Display` says it in Spanish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RuleBreach {
    /// `XAXX010101000` where the caller allows none.
    #[error("Este RFC es el genérico de público en general: escriba el RFC del receptor")]
    GenericNotAllowed,
    /// The regime is not one for this kind of person.
    #[error("El régimen fiscal {regimen} no corresponde a una persona {}", persona_word(*.persona))]
    RegimenForPersona {
        /// The regime.
        regimen: RegimenFiscal,
        /// The kind of person the RFC belongs to.
        persona: crate::Persona,
    },
    /// The use is not open to this person under this regime.
    #[error("El uso {uso} no se permite con el régimen fiscal {regimen} de una persona {}", persona_word(*.persona))]
    UsoForRegimen {
        /// The use.
        uso: UsoCfdi,
        /// The regime.
        regimen: RegimenFiscal,
        /// The kind of person the RFC belongs to.
        persona: crate::Persona,
    },
    /// The use belongs to another kind of document.
    #[error("El uso {uso} no corresponde a un comprobante de tipo {tipo}")]
    UsoForTipo {
        /// The use.
        uso: UsoCfdi,
        /// The kind of document.
        tipo: TipoComprobante,
    },
    /// A generic RFC with a regime other than 616.
    #[error("Con un RFC genérico el régimen fiscal es 616")]
    GenericRegimen,
    /// A generic RFC with a use other than S01 (or G02 in a credit note).
    #[error("Con un RFC genérico el uso es S01")]
    GenericUso,
    /// A generic RFC with a postal code other than the branch's.
    #[error("Con un RFC genérico el código postal es el de la sucursal que expide")]
    GenericCodigoPostal,
    /// The last character does not fit the SAT's formula.
    #[error("El último carácter del RFC no coincide con su dígito verificador: revíselo")]
    CheckDigit,
    /// The name seems to end with the form of company, which the SAT's register leaves out.
    #[error(
        "El nombre parece llevar el régimen societario; escríbalo como en la Constancia de Situación Fiscal, sin él"
    )]
    RegimenSocietario,
}

fn persona_word(persona: crate::Persona) -> &'static str {
    match persona {
        crate::Persona::Fisica => "física",
        crate::Persona::Moral => "moral",
    }
}

impl RuleBreach {
    /// The SAT's own rejection code, where it has one.
    pub const fn sat_code(self) -> Option<&'static str> {
        match self {
            Self::RegimenForPersona { .. } => Some("CFDI40158"),
            Self::UsoForRegimen { .. } => Some("CFDI40161"),
            Self::GenericRegimen => Some("CFDI40159"),
            Self::GenericCodigoPostal => Some("CFDI40149"),
            Self::GenericNotAllowed
            | Self::GenericUso
            | Self::UsoForTipo { .. }
            | Self::CheckDigit
            | Self::RegimenSocietario => None,
        }
    }

    /// A name that stays the same across releases, for programs.
    pub const fn key(self) -> &'static str {
        match self {
            Self::GenericNotAllowed => "generic_rfc_not_allowed",
            Self::RegimenForPersona { .. } => "regimen_not_for_persona",
            Self::UsoForRegimen { .. } => "uso_not_for_regimen",
            Self::UsoForTipo { .. } => "uso_not_for_tipo",
            Self::GenericRegimen => "generic_rfc_needs_regimen_616",
            Self::GenericUso => "generic_rfc_needs_uso_s01",
            Self::GenericCodigoPostal => "generic_rfc_needs_branch_postal_code",
            Self::CheckDigit => "rfc_check_digit",
            Self::RegimenSocietario => "regimen_societario_in_name",
        }
    }

    /// The field to correct.
    pub const fn field(self) -> ReceptorField {
        match self {
            Self::GenericNotAllowed | Self::CheckDigit => ReceptorField::Rfc,
            Self::RegimenForPersona { .. } | Self::GenericRegimen => ReceptorField::Regimen,
            Self::UsoForRegimen { .. } | Self::UsoForTipo { .. } | Self::GenericUso => ReceptorField::Uso,
            Self::GenericCodigoPostal => ReceptorField::CodigoPostal,
            Self::RegimenSocietario => ReceptorField::Nombre,
        }
    }

    /// Whether it stops the invoice.
    pub const fn severity(self) -> Severity {
        match self {
            Self::CheckDigit | Self::RegimenSocietario => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// Whether it stops the invoice.
    pub const fn is_error(self) -> bool {
        matches!(self.severity(), Severity::Error)
    }
}

/// Every rule this receptor breaks, errors and warnings. An invoice may be made when none of them [`is_error`].
///
/// [`is_error`]: RuleBreach::is_error
pub fn check_receptor(receptor: &Receptor, circumstances: &Circumstances<'_>) -> Vec<RuleBreach> {
    let mut breaches = Vec::new();
    let Receptor { rfc, nombre, regimen, codigo_postal, uso } = receptor;
    let (regimen, uso, persona, tipo) = (*regimen, *uso, rfc.persona(), circumstances.tipo);
    if rfc.is_generic_national() && !circumstances.generic_national_allowed {
        breaches.push(RuleBreach::GenericNotAllowed);
    }
    if rfc.is_generic() {
        breaches.extend(check_generic(receptor, circumstances));
    } else {
        if !regimen.allows(persona) {
            breaches.push(RuleBreach::RegimenForPersona { regimen, persona });
        }
        if !uso.allowed(persona, regimen) {
            breaches.push(RuleBreach::UsoForRegimen { uso, regimen, persona });
        }
    }
    let uso_fits = match uso {
        UsoCfdi::CP01 => tipo == TipoComprobante::Pago,
        UsoCfdi::CN01 => tipo == TipoComprobante::Nomina,
        _ => !matches!(tipo, TipoComprobante::Pago | TipoComprobante::Nomina),
    };
    if !uso_fits {
        breaches.push(RuleBreach::UsoForTipo { uso, tipo });
    }
    if !rfc.check_digit_matches() {
        breaches.push(RuleBreach::CheckDigit);
    }
    if rfc.is_moral() && crate::without_regimen_societario(nombre.as_str()).is_some() {
        breaches.push(RuleBreach::RegimenSocietario);
    }
    if rfc.is_generic() && circumstances.lugar_expedicion.is_some_and(|lugar| lugar != codigo_postal) {
        breaches.push(RuleBreach::GenericCodigoPostal);
    }
    breaches
}

fn check_generic(receptor: &Receptor, circumstances: &Circumstances<'_>) -> Vec<RuleBreach> {
    let mut breaches = Vec::new();
    if receptor.regimen != RegimenFiscal::R616 {
        breaches.push(RuleBreach::GenericRegimen);
    }
    let uso_fits = match circumstances.tipo {
        TipoComprobante::Pago => receptor.uso == UsoCfdi::CP01,
        // A credit note against a global invoice carries G02.
        TipoComprobante::Egreso => matches!(receptor.uso, UsoCfdi::S01 | UsoCfdi::G02),
        _ => receptor.uso == UsoCfdi::S01,
    };
    if !uso_fits {
        breaches.push(RuleBreach::GenericUso);
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Persona;

    fn receptor(rfc: &str, nombre: &str, regimen: &str, uso: &str) -> Receptor {
        Receptor {
            rfc: Rfc::parse(rfc).unwrap(),
            nombre: Nombre::parse(nombre).unwrap(),
            regimen: RegimenFiscal::parse(regimen).unwrap(),
            codigo_postal: CodigoPostal::parse("42501").unwrap(),
            uso: UsoCfdi::parse(uso).unwrap(),
        }
    }

    fn named(receptor: &Receptor) -> Vec<RuleBreach> {
        check_receptor(receptor, &Circumstances::NAMED_INVOICE)
    }

    #[test]
    fn a_right_receptor_breaks_no_rule() {
        assert_eq!(named(&receptor("EKU9003173C9", "ESCUELA KEMPER URGATE", "601", "G03")), []);
        assert_eq!(named(&receptor("FUNK671228PH6", "KARLA FUENTE NOLASCO", "605", "S01")), []);
    }

    #[test]
    fn all_breaches_are_told_at_once() {
        let found = named(&receptor("EKU9003173C8", "ESCUELA KEMPER URGATE SA DE CV", "605", "D01"));
        let regimen = RegimenFiscal::R605;
        let persona = Persona::Moral;
        assert_eq!(
            found,
            [
                RuleBreach::RegimenForPersona { regimen, persona },
                RuleBreach::UsoForRegimen { uso: UsoCfdi::D01, regimen, persona },
                RuleBreach::CheckDigit,
                RuleBreach::RegimenSocietario,
            ]
        );
        let codes: Vec<_> = found.iter().map(|b| (b.sat_code(), b.field().as_str(), b.is_error())).collect();
        assert_eq!(
            codes,
            [
                (Some("CFDI40158"), "regimen", true),
                (Some("CFDI40161"), "uso", true),
                (None, "rfc", false),
                (None, "nombre", false)
            ]
        );
    }

    #[test]
    fn the_generic_rfc_is_only_for_callers_that_say_so() {
        let publico = receptor("XAXX010101000", "PUBLICO EN GENERAL", "616", "S01");
        assert_eq!(named(&publico), [RuleBreach::GenericNotAllowed]);
        let lugar = CodigoPostal::parse("64000").unwrap();
        let allowed = Circumstances {
            generic_national_allowed: true,
            lugar_expedicion: Some(&lugar),
            ..Circumstances::NAMED_INVOICE
        };
        assert_eq!(check_receptor(&publico, &allowed), [RuleBreach::GenericCodigoPostal]);
        let wrong = receptor("XEXX010101000", "JOHN SMITH", "612", "G03");
        assert_eq!(named(&wrong), [RuleBreach::GenericRegimen, RuleBreach::GenericUso]);
    }

    #[test]
    fn uses_of_other_documents_are_refused() {
        let pago = receptor("EKU9003173C9", "ESCUELA KEMPER URGATE", "601", "CP01");
        let (uso, tipo) = (UsoCfdi::CP01, TipoComprobante::Ingreso);
        assert_eq!(named(&pago), [RuleBreach::UsoForTipo { uso, tipo }]);
        let as_pago = Circumstances { tipo: TipoComprobante::Pago, ..Circumstances::NAMED_INVOICE };
        assert_eq!(check_receptor(&pago, &as_pago), []);
    }
}
