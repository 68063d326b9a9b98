//! People: registering, signing in, passwords, sessions, and who the signed-in person is.
pub mod customer;
pub mod entry;
pub mod group;
pub mod passkeys;
pub mod people;
pub mod second_factor;
pub mod work;

use std::fmt;

use fiscal::{Email, Rfc, RfcError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use group::GroupPart;

use crate::Lang;
use crate::problem::{FieldCode, FieldErrors};
use crate::time::LocalTime;

/// Fewest characters of a new password; 12 is the advice.
pub const PASSWORD_MIN_CHARS: usize = 8;
/// Most bytes of any password: a longer one is refused before it is hashed (A12).
pub const PASSWORD_MAX_BYTES: usize = 1_024;
/// Longest mail address or user name, in characters.
pub const USER_MAX: usize = 254;
/// Longest contract number, in characters.
pub const CONTRACT_MAX: usize = 40;

/// A password or a token: on the wire its text, in logs and panics three stars.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = "password"))]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What a user may do for a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything, people included.
    Owner,
    /// Sees and pays.
    Payer,
    /// Sees.
    Reader,
}

impl Role {
    /// All, the most able first.
    pub const ALL: [Role; 3] = [Role::Owner, Role::Payer, Role::Reader];

    /// The value on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Payer => "payer",
            Role::Reader => "reader",
        }
    }
}

impl TryFrom<String> for Role {
    type Error = UnknownRole;
    fn try_from(text: String) -> Result<Role, UnknownRole> {
        Role::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}

/// A word that is no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownRole;

impl fmt::Display for UnknownRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("reading a role: neither owner nor payer nor reader")
    }
}

impl std::error::Error for UnknownRole {}

/// A customer of an issuer asks for an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// RFC of the customer.
    pub rfc: String,
    /// Number of one of its contracts.
    pub contract: String,
    /// Where the link goes; then the address to sign in with.
    pub email: String,
    /// Language of the letter, then of the account.
    pub language: Lang,
    /// Short name of the issuer whose page this is; absent, the whole group is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

/// [`Register`] that is well formed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterData {
    /// RFC of the customer.
    pub rfc: Rfc,
    /// Folded for comparison: see [`fold_contract`].
    pub contract: String,
    /// Where the link goes.
    pub email: Email,
    /// Language of the letter.
    pub language: Lang,
}

/// Upper case without spaces, leading zeros kept: how contract numbers are compared.
pub fn fold_contract(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

impl Register {
    /// The parsed form, or every field that is wrong. Whether the data match anything is never said.
    pub fn parse(&self) -> Result<RegisterData, FieldErrors> {
        let mut errors = FieldErrors::default();
        let rfc = Rfc::parse(&self.rfc).map_err(|error| {
            let code = match error {
                RfcError::Empty => FieldCode::Required,
                RfcError::Length(_) => FieldCode::RfcLength,
                RfcError::Pattern => FieldCode::RfcPattern,
                RfcError::Date => FieldCode::RfcDate,
            };
            errors.add("/rfc", code);
        });
        if rfc.as_ref().is_ok_and(Rfc::is_generic) {
            errors.add("/rfc", FieldCode::RfcGeneric);
        }
        let contract = fold_contract(&self.contract);
        if contract.is_empty() {
            errors.add("/contract", FieldCode::Required);
        } else if contract.chars().count() > CONTRACT_MAX {
            errors.add("/contract", FieldCode::TooLong);
        } else if contract.chars().any(char::is_control) {
            errors.add("/contract", FieldCode::Characters);
        }
        let email = Email::parse(&self.email).map_err(|_error| {
            let empty = self.email.trim().is_empty();
            errors.add("/email", if empty { FieldCode::Required } else { FieldCode::Email });
        });
        match (rfc, email) {
            (Ok(rfc), Ok(email)) if errors.is_empty() => {
                Ok(RegisterData { rfc, contract, email, language: self.language })
            }
            _ => Err(errors),
        }
    }
}

/// Somebody cannot sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Recover {
    /// Mail address, user name or RFC.
    pub user: String,
    /// The registered mail address, where the issuer's profile asks for both: then it must be this user's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Short name of the issuer whose page this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

impl Recover {
    /// The name, or what is wrong with it.
    pub fn parse(&self) -> Result<&str, FieldErrors> {
        let mut errors = FieldErrors::default();
        check_user(&self.user, &mut errors);
        if let Some(email) = &self.email
            && Email::parse(email).is_err()
        {
            errors.add("/email", if email.trim().is_empty() { FieldCode::Required } else { FieldCode::Email });
        }
        if errors.is_empty() { Ok(&self.user) } else { Err(errors) }
    }
}

/// What the page behind a letter's link sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UseLink {
    /// The end of the link.
    pub token: Secret,
    /// The new password.
    pub password: Secret,
}

impl UseLink {
    /// Checks the password's length; the rest of its rules need the account.
    pub fn parse(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        check_new_password("/password", &self.password, &mut errors);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// Signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Mail address, user name or RFC.
    pub user: String,
    /// The password, as typed: nothing is trimmed or cut.
    pub password: Secret,
    /// Short name of the issuer whose page this is: its profile says what may be signed in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

impl SignIn {
    /// All that is wrong with the form; nothing about whether it is right.
    pub fn parse(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        check_user(&self.user, &mut errors);
        check_password("/password", &self.password, &mut errors);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// Another password, by somebody signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The one that is good now.
    pub current: Secret,
    /// The one to be.
    pub new: Secret,
    /// Short name of the issuer whose page this is: its profile has the rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

impl ChangePassword {
    /// All that is wrong with the form.
    pub fn parse(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        check_password("/current", &self.current, &mut errors);
        check_new_password("/new", &self.new, &mut errors);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

fn check_user(typed: &str, errors: &mut FieldErrors) {
    if typed.trim().is_empty() {
        errors.add("/user", FieldCode::Required);
    } else if typed.chars().count() > USER_MAX {
        errors.add("/user", FieldCode::TooLong);
    }
}

fn check_password(pointer: &str, typed: &Secret, errors: &mut FieldErrors) {
    if typed.expose().is_empty() {
        errors.add(pointer, FieldCode::Required);
    } else if typed.expose().len() > PASSWORD_MAX_BYTES {
        errors.add(pointer, FieldCode::TooLong);
    }
}

fn check_new_password(pointer: &str, typed: &Secret, errors: &mut FieldErrors) {
    let length = typed.expose().chars().count();
    if (1..PASSWORD_MIN_CHARS).contains(&length) {
        errors.add(pointer, FieldCode::PasswordShort);
    } else {
        check_password(pointer, typed, errors);
    }
}

/// Which of a person's customers the session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChooseCustomer {
    /// One of [`Me::customers`].
    pub customer_id: Uuid,
}

/// The language of one's pages and letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChooseLanguage {
    /// Which.
    pub language: Lang,
}

/// A session was opened or goes on. The other half, the refresh token, is in an HttpOnly cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionOpened {
    /// For `Authorization: Bearer`. To be kept in memory only.
    pub access_token: Secret,
    /// When the access token ends; RFC 3339, UTC.
    pub expires_at: String,
    /// Who is signed in.
    pub me: Me,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// The person.
    pub user_id: Uuid,
    /// Mail address.
    pub email: String,
    /// User name, when there is one: an RFC as a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// Language of this person's letters, and of their pages in a browser that chose none.
    pub language: Lang,
    /// This session.
    pub session_id: Uuid,
    /// The customer this session is for; empty in a session that is for none.
    pub customer: CustomerView,
    /// Its contracts, at most 100.
    pub contracts: Vec<ContractView>,
    /// All customers of this person, at most 100.
    pub customers: Vec<CustomerView>,
    /// The person sees one company's part of the customer; absent: the whole group's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<GroupPart>,
    /// Staff who only look at the customer's pages: nothing can be changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub view_only: bool,
    /// The session is good for nothing but choosing a password: nothing of the customer is told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub must_change_password: bool,
    /// The session is for no customer: it opens what was invoiced to the person's mail address (T24).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mailbox_only: bool,
}

/// A customer, to one of its people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerView {
    /// Ours.
    pub id: Uuid,
    /// RFC.
    pub rfc: String,
    /// Name in the SAT's register.
    pub nombre: String,
    /// What this person may do for it.
    pub role: Role,
}

/// A customer's number at an issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContractView {
    /// Short name of the issuer.
    pub issuer: String,
    /// The name its customers know.
    pub issuer_name: String,
    /// The number, leading zeros kept.
    pub number: String,
}

/// An open session, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    /// Ours.
    pub id: Uuid,
    /// It is the one that asks.
    pub current: bool,
    /// `Chrome, Android`; empty when the browser did not say.
    pub device: String,
    /// When it was opened.
    pub created_at: LocalTime,
    /// To a quarter of an hour.
    pub last_seen_at: LocalTime,
    /// Latest end; RFC 3339, UTC.
    pub expires_at: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register(rfc: &str, contract: &str, email: &str) -> Register {
        let own = str::to_owned;
        Register { rfc: own(rfc), contract: own(contract), email: own(email), language: Lang::Es, issuer: None }
    }

    #[test]
    fn a_registration_keeps_leading_zeros_and_names_every_fault() {
        let good = register("sca010101aa4", " 0053 00a ", "ana@x.example").parse().unwrap();
        assert_eq!((good.rfc.as_str(), good.contract.as_str()), ("SCA010101AA4", "005300A"));
        let errors = register("XAXX010101000", "", "a@b,c@d").parse().unwrap_err();
        assert_eq!(errors.of("/rfc"), Some(FieldCode::RfcGeneric));
        assert_eq!(errors.of("/contract"), Some(FieldCode::Required));
        assert_eq!(errors.of("/email"), Some(FieldCode::Email));
    }

    #[test]
    fn a_password_is_counted_in_characters_below_and_in_bytes_above() {
        let wrong = |password: &str| {
            let form = UseLink { token: Secret::new("t"), password: Secret::new(password) };
            form.parse().err().and_then(|errors| errors.of("/password"))
        };
        assert_eq!(wrong(""), Some(FieldCode::Required));
        assert_eq!(wrong("ñandúes"), Some(FieldCode::PasswordShort));
        assert_eq!(wrong("ñandúes "), None);
        assert_eq!(wrong(&"x".repeat(PASSWORD_MAX_BYTES)), None);
        assert_eq!(wrong(&"ñ".repeat(PASSWORD_MAX_BYTES / 2 + 1)), Some(FieldCode::TooLong));
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        let form = SignIn { user: "ana".into(), password: Secret::new("tulipán de agua"), issuer: None };
        assert_eq!(format!("{form:?}"), r#"SignIn { user: "ana", password: ***, issuer: None }"#);
    }
}
