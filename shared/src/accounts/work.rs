//! Proofs of work: ALTCHA's protocol (version 1) between a page's worker and the server.
use serde::{Deserialize, Serialize};

/// What a proof is for. It is good for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Asking for an account.
    Registration,
    /// Asking for a way back in.
    Recovery,
    /// Looking a ticket up at a branch where strangers guess.
    LookUp,
    /// Signing in where passwords are guessed.
    SignIn,
}

impl Flow {
    /// As written into the salt.
    pub const fn as_str(self) -> &'static str {
        match self {
            Flow::Registration => "registration",
            Flow::Recovery => "recovery",
            Flow::LookUp => "look_up",
            Flow::SignIn => "sign_in",
        }
    }
}

/// Which task is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct WorkQuery {
    /// What it is for.
    #[cfg_attr(feature = "openapi", param(inline))]
    pub flow: Flow,
}

/// A task: find the number `n` up to `maxnumber` with `SHA-256(salt + n) = challenge`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkOrder {
    /// `SHA-256`
    pub algorithm: String,
    /// 64 hexadecimal digits.
    pub challenge: String,
    /// The largest number that needs to be tried.
    pub maxnumber: u32,
    /// Stands before the number.
    pub salt: String,
    /// To be sent back with the number.
    pub signature: String,
}

/// A task and its number, as it is sent back: JSON, in base64.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkDone {
    /// `SHA-256`
    pub algorithm: String,
    /// Of the task.
    pub challenge: String,
    /// What was found.
    pub number: u32,
    /// Of the task.
    pub salt: String,
    /// Of the task.
    pub signature: String,
    /// Milliseconds it took: some workers say so; it is not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took: Option<f64>,
}
