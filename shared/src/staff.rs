//! The issuers' staff and the people who run the installation: who they are, and what they may do where.
use std::fmt;

use fiscal::Email;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Lang;
use crate::accounts::Secret;
use crate::problem::{FieldCode, FieldErrors};

/// What a person of the house may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum StaffRole {
    /// Reads and works for one issuer: the desk.
    Staff,
    /// Also its settings, certificates, keys and people. Without an issuer: the whole installation.
    Operator,
}

impl StaffRole {
    /// All, the least able first.
    pub const ALL: [StaffRole; 2] = [StaffRole::Staff, StaffRole::Operator];

    /// The value on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            StaffRole::Staff => "staff",
            StaffRole::Operator => "operator",
        }
    }
}

/// A word that is no role of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownStaffRole;

impl fmt::Display for UnknownStaffRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("reading a role of staff: neither operator nor staff")
    }
}

impl std::error::Error for UnknownStaffRole {}

impl TryFrom<String> for StaffRole {
    type Error = UnknownStaffRole;
    fn try_from(text: String) -> Result<StaffRole, UnknownStaffRole> {
        StaffRole::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownStaffRole)
    }
}

/// A session of the console was opened or goes on. The refresh token is in an HttpOnly cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsoleSessionOpened {
    /// For `Authorization: Bearer`. To be kept in memory only.
    pub access_token: Secret,
    /// When the access token ends; RFC 3339, UTC.
    pub expires_at: String,
    /// Who is signed in.
    pub me: StaffMe,
}

/// Who is signed in at the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffMe {
    /// The person.
    pub user_id: Uuid,
    /// Mail address.
    pub email: String,
    /// Language of this person's letters.
    pub language: Lang,
    /// This session.
    pub session_id: Uuid,
    /// The session is good for setting up the second step and nothing else.
    pub must_enrol: bool,
    /// Runs the whole installation.
    pub runs_installation: bool,
    /// Issuers this person works for, with what they may do there, by name; at most 100.
    pub issuers: Vec<StaffIssuer>,
}

/// An issuer, to somebody who works for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffIssuer {
    /// Its name in addresses: the `{issuer}` of every console route.
    pub slug: String,
    /// The name its customers know.
    pub commercial_name: String,
    /// What this person may do there.
    pub role: StaffRole,
}

/// Somebody of the staff, to an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffView {
    /// Of the grant: what is changed and removed.
    pub id: Uuid,
    /// The person.
    pub user_id: Uuid,
    /// Mail address.
    pub email: String,
    /// What they may do.
    pub role: StaffRole,
    /// At every issuer, not at this one alone.
    pub whole_installation: bool,
    /// Has set up the second step.
    pub second_factor: bool,
    /// Newest use of a session; RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<String>,
    /// It is the caller.
    pub you: bool,
}

/// Somebody who was invited and has not come yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffInvitationView {
    /// Ours.
    pub id: Uuid,
    /// Where the letter went.
    pub email: String,
    /// What they will be able to do.
    pub role: StaffRole,
    /// When; RFC 3339, UTC.
    pub created_at: String,
    /// Until when the link is good; RFC 3339, UTC.
    pub expires_at: String,
}

/// Everybody who works for an issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffList {
    /// Who is there, the first first; at most 200.
    pub people: Vec<StaffView>,
    /// Who was invited; at most 200.
    pub invitations: Vec<StaffInvitationView>,
}

/// Invites somebody to an issuer's staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InviteStaff {
    /// Where the link goes; then the address to sign in with.
    pub email: String,
    /// What they will be able to do.
    pub role: StaffRole,
    /// Language of the letter.
    pub language: Lang,
}

impl InviteStaff {
    /// The address, or what is wrong with it.
    pub fn parse(&self) -> Result<Email, FieldErrors> {
        parse_email(&self.email)
    }
}

/// Changes what somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeStaff {
    /// What they will be able to do.
    pub role: StaffRole,
}

/// One mail address, or what is wrong with it at `/email`.
pub(crate) fn parse_email(typed: &str) -> Result<Email, FieldErrors> {
    Email::parse(typed).map_err(|_error| {
        let mut errors = FieldErrors::default();
        errors.add("/email", if typed.trim().is_empty() { FieldCode::Required } else { FieldCode::Email });
        errors
    })
}
