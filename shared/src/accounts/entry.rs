//! First entries and temporary passwords, as the profiles have them.
use fiscal::{Email, Rfc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Secret, USER_MAX, fold_contract};
use crate::Lang;
use crate::guests::MAIL_CODE_DIGITS;
use crate::problem::{FieldCode, FieldErrors};
use crate::staff::parse_email;

/// Letters of a temporary password: 99 bits of chance.
pub const TEMPORARY_LETTERS: usize = 20;
/// Letters between its hyphens.
pub const TEMPORARY_GROUP: usize = 5;
/// Longest second fact, in characters: an invoice's UUID, or a contract.
pub const FACT_MAX: usize = 40;

/// Whether a text is written as our temporary passwords are: `abcde-fghij-kmnpq-rstuv`.
pub fn is_temporary(password: &Secret) -> bool {
    let groups: Vec<&str> = password.expose().split('-').collect();
    let plain = |group: &&str| {
        group.len() == TEMPORARY_GROUP && group.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    groups.len() * TEMPORARY_GROUP == TEMPORARY_LETTERS && groups.iter().all(plain)
}

/// The page behind a letter's link was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenLink {
    /// The end of the link.
    pub token: Secret,
}

/// What a letter's link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkOpened {
    /// What is to be done next.
    pub next: AfterLink,
}

/// What is to be done after a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AfterLink {
    /// A password is chosen with the link, which is good still.
    ChoosePassword,
    /// The link did its part: the temporary password of the same letter signs in now.
    SignIn,
}

/// A password in the place of a temporary one that was just used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FirstPassword {
    /// The one to be.
    pub new: Secret,
    /// Short name of the issuer whose page this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

impl FirstPassword {
    /// Whether it is neither empty nor too long; the rest of its rules are the issuer's.
    pub fn parse(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        super::check_password("/new", &self.new, &mut errors);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// A first entry where user and password are the RFC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenFirstEntry {
    /// The RFC.
    pub user: String,
    /// The RFC again.
    pub password: Secret,
    /// Short name of the issuer whose page this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

impl OpenFirstEntry {
    /// The RFC, when both are it; whether anybody has it is not asked.
    pub fn parse(&self) -> Option<Rfc> {
        let rfc = Rfc::parse(&self.user).ok().filter(|_| self.user.chars().count() <= USER_MAX)?;
        (Rfc::parse(self.password.expose()).ok()? == rfc && !rfc.is_generic()).then_some(rfc)
    }
}

/// Good for nothing but asking for a code by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FirstEntryOpened {
    /// To be sent back with the request for a code. It is no session.
    pub activation: Secret,
    /// When it ends; RFC 3339, UTC.
    pub expires_at: String,
}

/// Asks for the code of a first entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskFirstCode {
    /// From [`FirstEntryOpened`].
    pub activation: Secret,
    /// Number of a contract, or the folio fiscal of an invoice: what only the customer has.
    pub fact: String,
    /// Where the code goes; then the mail on file.
    pub email: String,
    /// Language of the letter, then of the account.
    pub language: Lang,
}

/// A contract's number or an invoice's UUID as it is compared.
fn parse_fact(typed: &str, errors: &mut FieldErrors) -> String {
    let fact = fold_contract(typed);
    if fact.is_empty() {
        errors.add("/fact", FieldCode::Required);
    } else if fact.chars().count() > FACT_MAX {
        errors.add("/fact", FieldCode::TooLong);
    } else if fact.chars().any(char::is_control) {
        errors.add("/fact", FieldCode::Characters);
    }
    fact
}

/// A fact alone as it is compared, or what is wrong with it.
pub(crate) fn parse_only_fact(fact: &str) -> Result<String, FieldErrors> {
    let mut errors = FieldErrors::default();
    let fact = parse_fact(fact, &mut errors);
    if errors.is_empty() { Ok(fact) } else { Err(errors) }
}

/// A fact as it is compared and a mail address, or all that is wrong with them.
pub(crate) fn parse_fact_and_email(fact: &str, email: &str) -> Result<(String, Email), FieldErrors> {
    let mut errors = FieldErrors::default();
    let fact = parse_fact(fact, &mut errors);
    match parse_email(email) {
        Ok(email) if errors.is_empty() => Ok((fact, email)),
        Ok(_) => Err(errors),
        Err(wrong) => {
            errors.0.extend(wrong.0);
            Err(errors)
        }
    }
}

impl AskFirstCode {
    /// The fact as it is compared and the address, or all that is wrong.
    pub fn parse(&self) -> Result<(String, Email), FieldErrors> {
        parse_fact_and_email(&self.fact, &self.email)
    }
}

/// A code may be on its way: the answer is the same whatever matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FirstCodeAsked {
    /// To be sent back with the code.
    pub id: Uuid,
    /// Until when the code is good; RFC 3339, UTC.
    pub expires_at: String,
}

/// The code as it was read in the mailbox, and the password to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UseFirstCode {
    /// From [`FirstCodeAsked`].
    pub id: Uuid,
    /// Six digits; blanks do not matter.
    pub code: Secret,
    /// The new password.
    pub password: Secret,
}

impl UseFirstCode {
    /// The digits, or all that is wrong.
    pub fn parse(&self) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::default();
        let digits: String = self.code.expose().chars().filter(|c| !c.is_whitespace()).take(64).collect();
        if digits.is_empty() {
            errors.add("/code", FieldCode::Required);
        } else if digits.len() != MAIL_CODE_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            errors.add("/code", FieldCode::Characters);
        }
        super::check_new_password("/password", &self.password, &mut errors);
        if errors.is_empty() { Ok(digits) } else { Err(errors) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_password_is_known_by_its_shape() {
        let is = |text: &str| is_temporary(&Secret::new(text));
        assert!(is("abcde-fghij-kmnpq-rst23"));
        for other in [
            "",
            "abcde",
            "abcde-fghij-kmnpq",
            "Abcde-fghij-kmnpq-rst23",
            "abcde-fghij-kmnpq-rst23-",
            "abcd-efghij-kmnpq-rst23",
        ] {
            assert!(!is(other), "{other}");
        }
    }

    #[test]
    fn k2_a_first_entry_is_an_rfc_twice_and_nothing_else() {
        let parse = |user: &str, password: &str| {
            OpenFirstEntry { user: user.into(), password: Secret::new(password), issuer: None }.parse()
        };
        assert_eq!(parse("tam010203aba", " TAM010203ABA ").unwrap().as_str(), "TAM010203ABA");
        for (user, password) in
            [("TAM010203ABA", "CHI1203155K7"), ("ana", "ana"), ("", ""), ("XAXX010101000", "XAXX010101000")]
        {
            assert_eq!(parse(user, password), None, "{user}");
        }
    }

    #[test]
    fn a_first_code_names_every_fault() {
        let form =
            AskFirstCode { activation: Secret::new("x"), fact: " ".into(), email: "a@b".into(), language: Lang::Es };
        let errors = form.parse().unwrap_err();
        assert_eq!((errors.of("/fact"), errors.of("/email")), (Some(FieldCode::Required), Some(FieldCode::Email)));
        let form = UseFirstCode { id: Uuid::nil(), code: Secret::new("12 34"), password: Secret::new("corta") };
        let errors = form.parse().unwrap_err();
        assert_eq!(errors.of("/code"), Some(FieldCode::Characters));
        assert_eq!(errors.of("/password"), Some(FieldCode::PasswordShort));
    }
}
