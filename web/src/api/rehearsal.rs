//! What only a rehearsal answers: its open tickets and its letters.
use shared::mail::{MailboxLetter, MailboxMessage};
use shared::page::Page;
use shared::rehearsal::RehearsalView;
use uuid::Uuid;

use super::{Answer, BASE, get, page_query};

/// Everything there is to try.
pub async fn rehearsal() -> Answer<RehearsalView> {
    get([BASE, "/rehearsal"].concat()).await
}

/// Whether letters are kept where people can read them. Only this much of the rehearsal is read: the portal's program
/// needs no more of it.
pub async fn has_mailbox() -> bool {
    #[derive(serde::Deserialize)]
    struct Kept {
        mailbox: Option<String>,
    }
    get::<Kept>([BASE, "/rehearsal"].concat()).await.is_ok_and(|kept| kept.mailbox.is_some())
}

/// The letters, newest first.
pub async fn letters(cursor: Option<&str>) -> Answer<Page<MailboxLetter>> {
    get([BASE, "/mailbox?limit=50", &page_query(cursor)].concat()).await
}

/// One letter.
pub async fn letter(id: Uuid) -> Answer<MailboxMessage> {
    get([BASE, "/mailbox/", &id.to_string()].concat()).await
}

/// Where the browser downloads an attachment.
pub fn attachment_address(id: Uuid, index: usize) -> String {
    [BASE, "/mailbox/", &id.to_string(), "/attachments/", &index.to_string()].concat()
}
