//! The rehearsal's mailbox: a mail server that keeps what it gets, for the page where people look at it.
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use shared::mail::{MailboxAttachment, MailboxLetter, MailboxMessage};
use uuid::Uuid;

use super::store::{self, MessageRow, NewMessage};
use super::{MailError, Mailer, Outgoing};
use crate::clock::{Clock, Ids, calendar, local_time};
use crate::db::{Conn, Db, DbError, DbResult};

/// Messages kept; the oldest go first.
const MESSAGES_KEPT: i64 = 1_000;

/// An attachment beside its message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptAttachment {
    pub name: String,
    pub content_type: String,
    /// Base64.
    pub content: String,
}

/// Takes every message and shows it to whoever opens the mailbox page.
pub struct MailboxMailer {
    db: Db,
    clock: Arc<dyn Clock>,
    ids: Ids,
}

impl MailboxMailer {
    /// A mailbox in this database.
    pub fn new(db: Db, clock: Arc<dyn Clock>, ids: Ids) -> MailboxMailer {
        MailboxMailer { db, clock, ids }
    }

    async fn keep(&self, message: &Outgoing) -> DbResult<()> {
        let attachments = message.attachments.iter().map(|attached| KeptAttachment {
            name: attached.name.clone(),
            content_type: attached.content_type.to_owned(),
            content: BASE64.encode(&attached.content),
        });
        let row = NewMessage {
            id: self.ids.uuid(),
            message_id: &message.message_id,
            from_line: &message.from,
            to_address: &message.to,
            subject: &message.subject,
            text_body: &message.text,
            attachments: attachments.collect(),
            raw: &message.raw,
            received_at: self.clock.now(),
        };
        let mut tx = self.db.begin().await?;
        store::insert_message(&mut tx, row).await?;
        store::prune_messages(&mut tx, MESSAGES_KEPT).await?;
        tx.commit().await
    }
}

impl Mailer for MailboxMailer {
    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(async move {
            self.keep(message).await.map_err(|error| match error {
                DbError::Busy(_) => MailError::Temporary("the mailbox is busy".into()),
                other => {
                    tracing::error!(
                        error = &other as &dyn std::error::Error,
                        "a letter could not be put into the mailbox"
                    );
                    MailError::Temporary("the mailbox failed".into())
                }
            })
        })
    }
}

/// A file of a message, out of the mailbox again.
pub(super) struct MailboxFile {
    pub name: String,
    pub content_type: String,
    pub content: Vec<u8>,
}

/// One message.
pub(super) async fn message(conn: &mut impl Conn, id: Uuid) -> DbResult<Option<MailboxMessage>> {
    let Some(open) = store::find_message(conn, id).await? else { return Ok(None) };
    let attachments = open.attachments.0.iter().map(|kept| MailboxAttachment {
        name: kept.name.clone(),
        content_type: kept.content_type.clone(),
        bytes: base64_length(&kept.content),
    });
    let attachments = attachments.collect();
    Ok(Some(MailboxMessage { letter: letter(open.row), text: open.text_body, attachments }))
}

/// One file of one message, by its place in it.
pub(super) async fn attachment(conn: &mut impl Conn, id: Uuid, index: usize) -> DbResult<Option<MailboxFile>> {
    let Some(open) = store::find_message(conn, id).await? else { return Ok(None) };
    let kept = open.attachments.0.into_iter().nth(index);
    Ok(kept.and_then(|kept| {
        let content = BASE64.decode(&kept.content).ok()?;
        Some(MailboxFile { name: kept.name, content_type: kept.content_type, content })
    }))
}

/// A row of the list, for the wire.
pub(super) fn letter(row: MessageRow) -> MailboxLetter {
    MailboxLetter {
        id: row.id,
        from: row.from_line,
        to: row.to_address,
        subject: row.subject,
        sent_at: local_time(row.received_at, &calendar()),
    }
}

/// Bytes behind a padded Base64 text, without decoding it.
fn base64_length(text: &str) -> u64 {
    let padding = text.bytes().rev().take_while(|byte| *byte == b'=').count();
    u64::try_from((text.len() / 4 * 3).saturating_sub(padding)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_known_without_decoding() {
        for size in 0..10_usize {
            assert_eq!(base64_length(&BASE64.encode(vec![7; size])), u64::try_from(size).unwrap());
        }
    }
}
