//! What is known of a letter on its way.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::LocalTime;

/// How far a letter has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// Kept by us, to be sent or tried again.
    Queued,
    /// The mail server took it.
    Sent,
    /// Given up after every retry, or refused for good.
    Failed,
    /// The mail server takes nothing for this address, now or some days before, when it was not asked again.
    Refused,
}

/// One letter of an invoice, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailView {
    /// The address it goes to.
    pub to: String,
    /// How far it has come.
    pub state: MailState,
    /// When the mail server took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<LocalTime>,
}

/// A letter in the rehearsal mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailboxLetter {
    /// Ours.
    pub id: Uuid,
    /// Sender as shown.
    pub from: String,
    /// Address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// When it came.
    pub sent_at: LocalTime,
}

/// A letter of the rehearsal mailbox, opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailboxMessage {
    /// Its row in the list.
    pub letter: MailboxLetter,
    /// The plain-text part.
    pub text: String,
    /// The attachments, each downloadable at `/api/v1/mailbox/{id}/attachments/{index}`.
    pub attachments: Vec<MailboxAttachment>,
}

/// A file in a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailboxAttachment {
    /// File name.
    pub name: String,
    /// `application/pdf`, `application/xml`.
    pub content_type: String,
    /// Size in bytes.
    pub bytes: u64,
}
