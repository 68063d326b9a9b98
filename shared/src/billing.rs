//! Invoicing a ticket: the request, and what the portal knows of the invoice afterwards.
use fiscal::{
    Circumstances, CodigoPostal, CodigoPostalError, Email, FormaPago, MetodoPago, Nombre, NombreError, Receptor,
    RegimenFiscal, Rfc, RfcError, RuleBreach, UsoCfdi, check_receptor,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Lang;
use crate::mail::MailView;
use crate::problem::{FieldCode, FieldErrors, ProblemCode};
use crate::time::LocalTime;

/// Longest claim we accept, in bytes.
pub const CLAIM_MAX: usize = 1_024;

/// Who receives the invoice, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReceptorForm {
    /// RFC.
    pub rfc: String,
    /// Name as in the Constancia de Situación Fiscal.
    pub nombre: String,
    /// c_RegimenFiscal.
    pub regimen: String,
    /// Postal code of the tax domicile.
    pub codigo_postal: String,
    /// c_UsoCFDI.
    pub uso: String,
}

/// What is wrong with a typed RFC, as a field error.
pub const fn rfc_field_code(error: RfcError) -> FieldCode {
    match error {
        RfcError::Empty => FieldCode::Required,
        RfcError::Length(_) => FieldCode::RfcLength,
        RfcError::Pattern => FieldCode::RfcPattern,
        RfcError::Date => FieldCode::RfcDate,
    }
}

/// Reads the RFC of somebody who asks for an invoice: a generic one cannot, so that an empty RFC never becomes
/// *público en general* by another road.
pub fn parse_receptor_rfc(typed: &str) -> Result<Rfc, FieldCode> {
    match Rfc::parse(typed) {
        Ok(rfc) if rfc.is_generic() => Err(FieldCode::RfcGeneric),
        Ok(rfc) => Ok(rfc),
        Err(error) => Err(rfc_field_code(error)),
    }
}

const fn nombre_field_code(error: NombreError) -> FieldCode {
    match error {
        NombreError::Empty => FieldCode::Required,
        NombreError::TooLong(_) => FieldCode::TooLong,
        NombreError::Pipe | NombreError::Control => FieldCode::Characters,
    }
}

const fn codigo_postal_field_code(error: CodigoPostalError) -> FieldCode {
    match error {
        CodigoPostalError::Empty => FieldCode::Required,
        CodigoPostalError::Pattern | CodigoPostalError::Zero => FieldCode::PostalCode,
    }
}

/// The field error of a broken rule; `None` for what only deserves a second look.
const fn breach_field_code(breach: RuleBreach) -> Option<FieldCode> {
    match breach {
        RuleBreach::GenericNotAllowed => Some(FieldCode::RfcGeneric),
        RuleBreach::RegimenForPersona { .. } | RuleBreach::GenericRegimen => Some(FieldCode::RegimenPersona),
        RuleBreach::UsoForRegimen { .. } => Some(FieldCode::UsoRegimen),
        RuleBreach::UsoForTipo { .. } | RuleBreach::GenericUso => Some(FieldCode::UsoPersona),
        RuleBreach::GenericCodigoPostal => Some(FieldCode::PostalCode),
        RuleBreach::CheckDigit | RuleBreach::RegimenSocietario => None,
    }
}

fn code<T: std::str::FromStr>(pointer: String, typed: &str, errors: &mut FieldErrors) -> Option<T> {
    let parsed = typed.trim().parse().ok();
    if parsed.is_none() {
        errors.add(pointer, if typed.trim().is_empty() { FieldCode::Required } else { FieldCode::NotInCatalog });
    }
    parsed
}

impl ReceptorForm {
    /// The parsed receptor under the rules of a named invoice; adds every error under `prefix` (`/receptor`).
    pub fn parse(&self, prefix: &str, errors: &mut FieldErrors) -> Option<Receptor> {
        let rfc = parse_receptor_rfc(&self.rfc).map_err(|code| errors.add(format!("{prefix}/rfc"), code)).ok();
        let nombre = Nombre::parse(&self.nombre)
            .map_err(|error| errors.add(format!("{prefix}/nombre"), nombre_field_code(error)))
            .ok();
        let regimen = code::<RegimenFiscal>(format!("{prefix}/regimen"), &self.regimen, errors);
        let codigo_postal = CodigoPostal::parse(&self.codigo_postal)
            .map_err(|error| errors.add(format!("{prefix}/codigo_postal"), codigo_postal_field_code(error)))
            .ok();
        let uso = code::<UsoCfdi>(format!("{prefix}/uso"), &self.uso, errors);
        let receptor =
            Receptor { rfc: rfc?, nombre: nombre?, regimen: regimen?, codigo_postal: codigo_postal?, uso: uso? };
        let mut kept = true;
        for breach in check_receptor(&receptor, &Circumstances::NAMED_INVOICE) {
            if let Some(code) = breach_field_code(breach) {
                errors.add(format!("{prefix}/{}", breach.field().as_str()), code);
                kept = false;
            }
        }
        kept.then_some(receptor)
    }
}

/// Asks for the invoice of a claimed ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InvoiceTicket {
    /// What the look-up answered.
    pub claim: String,
    /// Who receives it.
    pub receptor: ReceptorForm,
    /// c_FormaPago; required when the claim fixed none, else it must agree or be absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forma_pago: Option<String>,
    /// Where the invoice is mailed.
    pub email: String,
    /// Language of the letter.
    pub language: Lang,
}

/// [`InvoiceTicket`] that is well formed and keeps the receptor's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceOrder {
    /// What the look-up answered.
    pub claim: String,
    /// Who receives it.
    pub receptor: Receptor,
    /// How it was paid, if the guest says.
    pub forma_pago: Option<FormaPago>,
    /// Paid at once, as every ticket is, or later.
    pub metodo_pago: MetodoPago,
    /// Where it is mailed.
    pub email: Email,
    /// Language of the letter.
    pub language: Lang,
}

impl InvoiceTicket {
    /// The parsed form, or every field that is wrong.
    pub fn parse(&self) -> Result<InvoiceOrder, FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.claim.is_empty() || self.claim.len() > CLAIM_MAX {
            errors.add("/claim", FieldCode::Claim);
        }
        let receptor = self.receptor.parse("/receptor", &mut errors);
        let forma_pago = match self.forma_pago.as_deref() {
            None => None,
            Some(code) => match code.parse::<FormaPago>() {
                Ok(forma) => Some(forma),
                Err(_) => {
                    errors.add("/forma_pago", FieldCode::NotInCatalog);
                    None
                }
            },
        };
        let email = parse_email("/email", &self.email, &mut errors);
        match (receptor, email) {
            (Some(receptor), Some(email)) if errors.is_empty() => Ok(InvoiceOrder {
                claim: self.claim.clone(),
                receptor,
                forma_pago,
                metodo_pago: MetodoPago::Pue,
                email,
                language: self.language,
            }),
            _ => Err(errors),
        }
    }
}

/// Reads one mail address; adds the field's error when it is not one.
pub fn parse_email(pointer: &str, typed: &str, errors: &mut FieldErrors) -> Option<Email> {
    match Email::parse(typed) {
        Ok(email) => Some(email),
        Err(_) if typed.trim().is_empty() => {
            errors.add(pointer, FieldCode::Required);
            None
        }
        Err(_) => {
            errors.add(pointer, FieldCode::Email);
            None
        }
    }
}

/// Asks that an invoice be mailed again, to one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MailInvoice {
    /// One address.
    pub to: String,
    /// Language of the letter.
    pub language: Lang,
}

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    /// Built and sealed; the PAC has not answered yet. Nothing is lost: it is tried again.
    Waiting,
    /// Stamped: it exists for the SAT.
    Stamped,
    /// Refused by the PAC; the ticket is free again.
    Rejected,
}

/// Why the PAC refused, in our words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rejection {
    /// What it means for the person.
    pub code: ProblemCode,
    /// The SAT's own code: `CFDI40145`, `401`.
    pub sat_code: String,
    /// The field to correct, when it is one: `/receptor/nombre`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
}

/// An invoice as the browser that asked for it sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvoiceView {
    /// Ours.
    pub id: Uuid,
    /// Where it stands.
    pub state: InvoiceState,
    /// Number to read aloud to support: `VT-4K7P-2208`.
    pub tracking: String,
    /// The branch that sold.
    pub branch_name: String,
    /// The ticket's number.
    pub ticket_number: String,
    /// Serie.
    pub serie: String,
    /// Folio.
    pub folio: String,
    /// The UUID of the stamp.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folio_fiscal: Option<String>,
    /// Total: `863.00`.
    pub total: String,
    /// Currency of `total`.
    pub currency: String,
    /// RFC of who receives it.
    pub receptor_rfc: String,
    /// Name of who receives it.
    pub receptor_nombre: String,
    /// Where it is mailed.
    pub email: String,
    /// When it was asked for.
    pub requested_at: LocalTime,
    /// When the PAC stamped it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stamped_at: Option<LocalTime>,
    /// Times the PAC was asked.
    pub attempts: u32,
    /// When it is asked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<LocalTime>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejection: Option<Rejection>,
    /// Its letters, oldest first.
    pub mails: Vec<MailView>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> InvoiceTicket {
        InvoiceTicket {
            claim: "c".into(),
            receptor: ReceptorForm {
                rfc: "quia850712-aa1".into(),
                nombre: "Amaranta Quintil Ibarra".into(),
                regimen: "612".into(),
                codigo_postal: "06010".into(),
                uso: "G03".into(),
            },
            forma_pago: Some("28".into()),
            email: "amaranta@quintil.example".into(),
            language: Lang::Es,
        }
    }

    #[test]
    fn a_good_form_is_parsed() {
        let order = form().parse().unwrap();
        assert_eq!(order.receptor.rfc.as_str(), "QUIA850712AA1");
        assert_eq!(order.receptor.nombre.as_str(), "AMARANTA QUINTIL IBARRA");
        assert_eq!(order.forma_pago, Some(FormaPago::TarjetaDebito));
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let mut form = form();
        form.receptor = ReceptorForm { rfc: "QUIA850712AA".into(), codigo_postal: "601".into(), ..Default::default() };
        form.email = "a@b.example,c@d.example".into();
        form.forma_pago = Some("77".into());
        let errors = form.parse().unwrap_err();
        assert_eq!(errors.of("/receptor/rfc"), Some(FieldCode::RfcPattern));
        assert_eq!(errors.of("/receptor/nombre"), Some(FieldCode::Required));
        assert_eq!(errors.of("/receptor/regimen"), Some(FieldCode::Required));
        assert_eq!(errors.of("/receptor/codigo_postal"), Some(FieldCode::PostalCode));
        assert_eq!(errors.of("/receptor/uso"), Some(FieldCode::Required));
        assert_eq!(errors.of("/email"), Some(FieldCode::Email));
        assert_eq!(errors.of("/forma_pago"), Some(FieldCode::NotInCatalog));
    }

    #[test]
    fn an_employee_cannot_take_gastos_en_general() {
        let mut form = form();
        form.receptor.regimen = "605".into();
        assert_eq!(form.parse().unwrap_err().of("/receptor/uso"), Some(FieldCode::UsoRegimen));
    }

    #[test]
    fn nobody_invoices_to_publico_en_general_by_hand() {
        let mut form = form();
        form.receptor.rfc = "XAXX010101000".into();
        assert_eq!(form.parse().unwrap_err().of("/receptor/rfc"), Some(FieldCode::RfcGeneric));
    }
}
