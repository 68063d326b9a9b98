//! The second step of signing in: codes of an authenticator app, recovery codes, and proving once more who one is.
use serde::{Deserialize, Serialize};

use super::{PASSWORD_MAX_BYTES, Secret};
use crate::problem::{FieldCode, FieldErrors};
use crate::time::LocalTime;

/// Digits of an app's code.
pub const CODE_DIGITS: usize = 6;
/// Longest code taken, in bytes: a recovery code with its hyphens and some blanks.
pub const CODE_MAX_BYTES: usize = 64;

/// The password was right; now a code or a passkey is asked for. Nobody is signed in yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecondStep {
    /// To be sent back with the code.
    pub challenge: Secret,
    /// Until when; RFC 3339, UTC. Afterwards the password is asked for again.
    pub expires_at: String,
    /// Whether the person has a passkey. A code is always taken: of the app, or of recovery.
    #[serde(default)]
    pub passkey: bool,
}

/// The second step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TakeSecondStep {
    /// Of [`SecondStep`].
    pub challenge: Secret,
    /// Six digits of the app, or a recovery code; blanks and hyphens do not matter.
    pub code: Secret,
}

impl TakeSecondStep {
    /// All that is wrong with the form.
    pub fn parse(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        check_code(&self.code, &mut errors);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// A code of the app that was just set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmSecondFactor {
    /// Six digits.
    pub code: Secret,
}

impl ConfirmSecondFactor {
    /// All that is wrong with the form.
    pub fn parse(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        check_code(&self.code, &mut errors);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// Proves once more who one is: the password or a code, one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Prove {
    /// The password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// A code of the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Secret>,
}

impl Prove {
    /// All that is wrong with the form.
    pub fn parse(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        match (&self.password, &self.code) {
            (Some(_), Some(_)) => errors.add("/code", FieldCode::Repeated),
            (None, Some(code)) => check_code(code, &mut errors),
            (Some(password), None) if password.expose().is_empty() => errors.add("/password", FieldCode::Required),
            (Some(password), None) if password.expose().len() > PASSWORD_MAX_BYTES => {
                errors.add("/password", FieldCode::TooLong);
            }
            (Some(_), None) => {}
            (None, None) => errors.add("/password", FieldCode::Required),
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

fn check_code(code: &Secret, errors: &mut FieldErrors) {
    if code.expose().trim().is_empty() {
        errors.add("/code", FieldCode::Required);
    } else if code.expose().len() > CODE_MAX_BYTES {
        errors.add("/code", FieldCode::TooLong);
    }
}

/// How the caller's second step stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecondFactorView {
    /// A code of the app is good at every sign-in.
    pub enabled: bool,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<LocalTime>,
    /// Recovery codes that were not used yet.
    pub recovery_codes_left: u32,
    /// The caller is staff without a passkey, and cannot switch it off.
    pub compulsory: bool,
}

/// What an authenticator app needs, told this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Enrolment {
    /// To be typed where a picture cannot be read: base 32, in groups of four.
    pub secret: Secret,
    /// `otpauth://totp/…`
    pub uri: Secret,
    /// The address as a QR code, a text per row: `1` dark, `0` light. A quiet zone of four is to be drawn around.
    pub qr: Vec<String>,
}

/// Codes for the day the phone is lost, each good once. Told this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    /// `k7mp-2rqx-…`
    pub codes: Vec<Secret>,
}
