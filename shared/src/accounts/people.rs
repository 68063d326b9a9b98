//! Several people of one customer: who has access, who was invited, who else gets its letters.
use fiscal::Email;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Role, Secret};
use crate::Lang;
use crate::problem::FieldErrors;
use crate::staff::parse_email;
use crate::time::LocalTime;

/// Everybody with access to a customer's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerPeople {
    /// Who has access, owners first; at most 200.
    pub people: Vec<PersonView>,
    /// Who was invited and has not come; at most 200.
    pub invitations: Vec<InvitedView>,
    /// Who else gets a copy of the customer's letters; at most 20.
    pub copies: Vec<MailCopyView>,
}

/// Somebody with access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonView {
    /// The person.
    pub user_id: Uuid,
    /// Mail address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// May sign in at all.
    pub active: bool,
    /// Since when they have access; RFC 3339, UTC.
    pub since: String,
    /// It is the caller.
    pub you: bool,
    /// Since when mail servers refuse letters to the address, until one is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_refused_since: Option<LocalTime>,
}

/// Somebody who was invited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitedView {
    /// Ours.
    pub id: Uuid,
    /// Where the letter went.
    pub email: String,
    /// What they will be able to do.
    pub role: Role,
    /// When; RFC 3339, UTC.
    pub created_at: String,
    /// Until when the link is good.
    pub expires_at: LocalTime,
    /// Since when mail servers refuse letters to the address, until one is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_refused_since: Option<LocalTime>,
}

/// An address that gets copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailCopyView {
    /// Ours.
    pub id: Uuid,
    /// Mail address.
    pub email: String,
    /// Since when mail servers refuse letters to the address, until one is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_refused_since: Option<LocalTime>,
}

/// Asks for another mail address of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    /// Where the code goes; then the address to sign in with.
    pub email: String,
}

impl ChangeEmail {
    /// The address, or what is wrong with it.
    pub fn parse(&self) -> Result<Email, FieldErrors> {
        parse_email(&self.email)
    }
}

/// Gives the code that came to the new address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmEmail {
    /// Six digits; blanks do not matter.
    pub code: Secret,
}

/// Invites somebody to a customer's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitePerson {
    /// Where the link goes; then the address to sign in with.
    pub email: String,
    /// What they will be able to do.
    pub role: Role,
    /// Language of the letter.
    pub language: Lang,
}

impl InvitePerson {
    /// The address, or what is wrong with it.
    pub fn parse(&self) -> Result<Email, FieldErrors> {
        parse_email(&self.email)
    }
}

/// Changes what somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePerson {
    /// What they will be able to do.
    pub role: Role,
}

/// Another address for copies of letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AddMailCopy {
    /// Mail address.
    pub email: String,
}

impl AddMailCopy {
    /// The address, or what is wrong with it.
    pub fn parse(&self) -> Result<Email, FieldErrors> {
        parse_email(&self.email)
    }
}

/// Opens an invitation to read it; nothing is used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenInvitation {
    /// The end of the link.
    pub token: Secret,
}

/// An invitation, to whoever has its link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationSeen {
    /// Name of the customer.
    pub customer: String,
    /// What they will be able to do.
    pub role: Role,
    /// The address it was sent to: the name to sign in with.
    pub email: String,
    /// The address has an account: its password is asked for. Otherwise a new one is chosen.
    pub has_account: bool,
}
