//! Passkeys: in place of a code after the password, or of both, and as a fresh proof of who one is.
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::Secret;
use crate::problem::{FieldCode, FieldErrors};
use crate::time::LocalTime;

/// Passkeys of one person.
pub const PASSKEYS_MAX: usize = 10;
/// Longest name of one, in characters.
pub const PASSKEY_NAME_MAX: usize = 60;

/// One of a person's passkeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyView {
    /// Ours.
    pub id: Uuid,
    /// What its person called it.
    pub name: String,
    /// When it was added.
    pub created_at: LocalTime,
    /// None when it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<LocalTime>,
}

/// A person's passkeys, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Passkeys {
    /// At most ten.
    pub passkeys: Vec<PasskeyView>,
    /// Whether they work at this address: browsers want a name, not an IP address.
    pub available: bool,
}

/// What the browser is to have signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyAsked {
    /// To be sent back with the answer.
    pub id: Uuid,
    /// `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON` of WebAuthn.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub options: Value,
    /// Until when, once; RFC 3339, UTC.
    pub expires_at: String,
}

/// A new passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KeepPasskey {
    /// Of [`PasskeyAsked`].
    pub id: Uuid,
    /// What to call it.
    pub name: String,
    /// `RegistrationResponseJSON` of WebAuthn.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: Value,
}

impl KeepPasskey {
    /// The name, or all that is wrong with the form.
    pub fn parse(&self) -> Result<String, FieldErrors> {
        let name = self.name.trim();
        let errors = check_name(name);
        if errors.is_empty() { Ok(name.to_owned()) } else { Err(errors) }
    }
}

/// All that is wrong with a passkey's name.
pub fn check_name(name: &str) -> FieldErrors {
    let (name, mut errors) = (name.trim(), FieldErrors::default());
    if name.is_empty() {
        errors.add("/name", FieldCode::Required);
    } else if name.chars().count() > PASSKEY_NAME_MAX {
        errors.add("/name", FieldCode::TooLong);
    } else if name.chars().any(char::is_control) {
        errors.add("/name", FieldCode::Characters);
    }
    errors
}

/// A passkey was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyKept {
    /// The passkey.
    pub passkey: PasskeyView,
    /// Codes for the day it is lost, told this once; none when the person has some from before.
    pub recovery_codes: Vec<Secret>,
}

/// The password was right; the second step shall be a passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskPasskeyStep {
    /// Of [`super::second_factor::SecondStep`].
    pub challenge: Secret,
}

/// The second step, by a passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TakePasskeyStep {
    /// Of [`super::second_factor::SecondStep`].
    pub challenge: Secret,
    /// Of [`PasskeyAsked`].
    pub id: Uuid,
    /// `AuthenticationResponseJSON` of WebAuthn.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: Value,
}

/// Signs in by a passkey alone: it is in the person's hands, and it knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EnterByPasskey {
    /// Of [`PasskeyAsked`].
    pub id: Uuid,
    /// `AuthenticationResponseJSON` of WebAuthn.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: Value,
}

/// Proves once more who one is, by a passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProveByPasskey {
    /// Of [`PasskeyAsked`].
    pub id: Uuid,
    /// `AuthenticationResponseJSON` of WebAuthn.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passkey_has_a_name_of_one_line() {
        let fault = |name: &str| {
            let form = KeepPasskey { id: Uuid::nil(), name: name.to_owned(), credential: Value::Null };
            form.parse().map_err(|errors| errors.of("/name"))
        };
        assert_eq!(fault("  Teléfono de Lucía "), Ok("Teléfono de Lucía".to_owned()));
        assert_eq!(fault("\t"), Err(Some(FieldCode::Required)));
        assert_eq!(fault(&"ñ".repeat(61)), Err(Some(FieldCode::TooLong)));
        assert_eq!(fault("uno\ndos"), Err(Some(FieldCode::Characters)));
    }
}
