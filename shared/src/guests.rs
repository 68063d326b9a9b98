//! Guests who are known by their mailbox: a code by mail opens the invoices that were made for its address.
use fiscal::{Email, Receptor};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Lang;
use crate::accounts::Secret;
use crate::billing::{self, InvoiceState, ReceptorForm};
use crate::documents::DocumentState;
use crate::problem::{FieldCode, FieldErrors};
use crate::staff::parse_email;
use crate::time::LocalTime;

/// Digits of a code by mail.
pub const MAIL_CODE_DIGITS: usize = 6;

/// Asks for a code by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskMailCode {
    /// The address that invoices were made for.
    pub email: String,
    /// Language of the letter.
    pub language: Lang,
}

impl AskMailCode {
    /// The address, or what is wrong with it.
    pub fn parse(&self) -> Result<Email, FieldErrors> {
        parse_email(&self.email)
    }
}

/// A code may be on its way: the answer is the same whether the address is known or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailCodeAsked {
    /// To be sent back with the code.
    pub id: Uuid,
    /// Until when the code is good; RFC 3339, UTC.
    pub expires_at: String,
}

/// The code, as it was read in the mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UseMailCode {
    /// Six digits; blanks do not matter.
    pub code: Secret,
}

impl UseMailCode {
    /// The digits, or what is wrong with them.
    pub fn parse(&self) -> Result<String, FieldErrors> {
        let digits: String = self.code.expose().chars().filter(|c| !c.is_whitespace()).take(64).collect();
        let mut errors = FieldErrors::default();
        if digits.is_empty() {
            errors.add("/code", FieldCode::Required);
        } else if digits.len() != MAIL_CODE_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            errors.add("/code", FieldCode::Characters);
        }
        if errors.is_empty() { Ok(digits) } else { Err(errors) }
    }
}

/// The mailbox was proved, by a code or by its account's session: this browser may open what was invoiced to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailboxProved {
    /// Until when; RFC 3339, UTC.
    pub expires_at: String,
    /// How many invoices.
    pub invoices: u32,
}

/// The fiscal data that a proved mailbox keeps for its next invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyReceptors {
    /// The mailbox.
    pub email: String,
    /// Until when this browser may see them; RFC 3339, UTC.
    pub expires_at: String,
    /// One an RFC, the last used first.
    pub receptors: Vec<MyReceptor>,
}

/// Fiscal data for the next invoice: those of the last one, with what was changed since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyReceptor {
    /// RFC; it was invoiced, so it cannot be changed.
    pub rfc: String,
    /// Name as in the Constancia de Situación Fiscal.
    pub nombre: String,
    /// c_RegimenFiscal.
    pub regimen: String,
    /// Postal code of the tax domicile.
    pub codigo_postal: String,
    /// c_UsoCFDI.
    pub uso: String,
    /// Where the next invoice is mailed.
    pub email: String,
}

/// Changes the fiscal data of an RFC for the next invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SaveReceptor {
    /// Name as in the Constancia de Situación Fiscal.
    pub nombre: String,
    /// c_RegimenFiscal.
    pub regimen: String,
    /// Postal code of the tax domicile.
    pub codigo_postal: String,
    /// c_UsoCFDI.
    pub uso: String,
    /// Where the next invoice is mailed.
    pub email: String,
    /// Language of the letter that tells the mailbox of it.
    pub language: Lang,
}

impl SaveReceptor {
    /// The data of an RFC under the rules of a named invoice, or every field that is wrong.
    pub fn parse(&self, rfc: &str) -> Result<(Receptor, Email), FieldErrors> {
        let mut errors = FieldErrors::default();
        let form = ReceptorForm {
            rfc: rfc.to_owned(),
            nombre: self.nombre.clone(),
            regimen: self.regimen.clone(),
            codigo_postal: self.codigo_postal.clone(),
            uso: self.uso.clone(),
        };
        let receptor = form.parse("", &mut errors);
        let email = billing::parse_email("/email", &self.email, &mut errors);
        match (receptor, email) {
            (Some(receptor), Some(email)) => Ok((receptor, email)),
            _ => Err(errors),
        }
    }
}

/// What «mis facturas» accepts in its query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct MyInvoicesQuery {
    /// Rows wanted, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Beginning of a folio, with or without its serie; a whole order or ticket number; or a total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Month printed on the invoice, `YYYY-MM`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<String>,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<InvoiceState>,
}

/// Longest text to search for, in bytes: any folio, ticket number or amount.
pub const SEARCH_MAX_BYTES: usize = 60;

/// What to show of «mis facturas».
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MyInvoicesFilter {
    /// In capitals, without blanks and the signs of money.
    pub q: Option<String>,
    /// `YYYY-MM`
    pub month: Option<String>,
    /// Where it stands.
    pub state: Option<InvoiceState>,
}

impl MyInvoicesQuery {
    /// The filter, or all that is wrong with it.
    pub fn parse(&self) -> Result<MyInvoicesFilter, FieldErrors> {
        let mut errors = FieldErrors::default();
        let given =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned);
        let (q, month) = (given(&self.q), given(&self.month));
        if q.as_ref().is_some_and(|q| q.len() > SEARCH_MAX_BYTES) {
            errors.add("?q", FieldCode::TooLong);
        }
        if month.as_deref().is_some_and(|month| !is_month(month)) {
            errors.add("?month", FieldCode::Date);
        }
        let plain = |q: String| q.chars().filter(|c| !c.is_whitespace() && !"$,".contains(*c)).collect::<String>();
        let q = q.map(plain).map(|q| q.to_uppercase());
        if errors.is_empty() { Ok(MyInvoicesFilter { q, month, state: self.state }) } else { Err(errors) }
    }
}

/// `2026-11`
fn is_month(text: &str) -> bool {
    let digits = |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('-').is_some_and(|(year, month)| {
        digits(year, 4) && digits(month, 2) && month.parse().is_ok_and(|month: u32| (1..=12).contains(&month))
    })
}

/// An invoice that this browser may open; its files are at `/invoices/{id}/xml` and `/pdf`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyInvoice {
    /// Ours.
    pub id: Uuid,
    /// Where it stands.
    pub state: InvoiceState,
    /// Whether it still holds for the SAT; absent until it is stamped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_state: Option<DocumentState>,
    /// `T-118204`
    pub number: String,
    /// Name of the branch that sold.
    pub branch_name: String,
    /// Who it was made out to.
    pub receptor_rfc: String,
    /// When it was asked for.
    pub requested_at: LocalTime,
    /// Total: `863.00`.
    pub total: String,
    /// Currency of `total`.
    pub currency: String,
}
