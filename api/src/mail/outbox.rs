//! The outbox: a letter and its job are written together; the job carries the letter and writes down how it went.
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::layout::{Body, one_line};
use super::refusals::{self, Turn};
use super::store::{self, LetterToSend, NewRow};
use super::{MailError, files, message};
use crate::App;
use crate::clock::Ids;
use crate::counters::{self, Counter, Full};
use crate::db::{DbResult, Timestamp, Tx};
use crate::failpoint::{self, Failpoint};
use crate::jobs::{self, JobKind, Outcome};

pub use super::store::letters_of;

/// Pause after the first failed try; doubled each time. With the cap and 12 tries a letter is given up after 16 hours.
const PAUSE_FIRST_SECONDS: i64 = 60;
/// Longest pause between tries.
const PAUSE_MAX_SECONDS: i64 = 4 * 60 * 60;
/// Longest reason kept with a letter.
const ERROR_MAX_CHARS: usize = 200;

/// The day in which letters to one address are counted; it begins with the first.
const DAY_SECONDS: i64 = 86_400;

/// What a file of a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttachmentFormat {
    /// The CFDI itself.
    Xml,
    /// Its printed form.
    Pdf,
}

impl AttachmentFormat {
    /// Fixed by us, whatever the bytes are.
    pub const fn content_type(self) -> &'static str {
        match self {
            AttachmentFormat::Xml => "application/xml",
            AttachmentFormat::Pdf => "application/pdf",
        }
    }
}

/// A file to attach at the moment of sending: the queue keeps no copies of documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentSpec {
    /// Which document.
    pub document_id: Uuid,
    /// In which form.
    pub format: AttachmentFormat,
    /// Its name; whatever is not plain ASCII in it is replaced.
    pub file_name: String,
}

/// Where the bytes of attachments come from. The domain that writes letters implements it.
pub trait AttachmentSource: Send + Sync {
    /// The file's bytes; `None` when nobody can make it, and the letter goes without it.
    fn load<'a>(&'a self, spec: &'a AttachmentSpec) -> BoxFuture<'a, Result<Option<Vec<u8>>, MailError>>;
}

/// A letter to write.
#[derive(Debug, Clone)]
pub struct NewLetter<'a> {
    /// Whose letter.
    pub issuer_id: Uuid,
    /// The invoice it is about.
    pub stamp_id: Option<Uuid>,
    /// What sort of letter, for statistics and support.
    pub kind: &'static str,
    /// A code, a link, or a word about somebody's own access or data: an address that was refused rests from it for an hour
    /// only.
    pub of_access: bool,
    /// Sender's name as shown.
    pub from_name: &'a str,
    /// Sender's address; its domain is the Message-ID's.
    pub from_address: &'a str,
    /// Where an answer goes: the issuer's support, never the sender's address, which nobody reads.
    pub reply_to: &'a fiscal::Email,
    /// The one address it goes to.
    pub to: &'a fiscal::Email,
    /// Subject and both texts.
    pub body: Body,
    /// Files to attach.
    pub attachments: Vec<AttachmentSpec>,
}

/// How many letters an address got today (G6). Capitals make no other address: mail servers ignore them, so they must
/// not open a second allowance.
fn today(to: &fiscal::Email, limit: i64) -> Counter {
    let subject = counters::subject(&refusals::fold(to.as_str()));
    Counter { kind: "mail_address", subject, limit, window_seconds: DAY_SECONDS }
}

/// Writes the letter and the job that carries it. Both exist once the transaction is committed, or neither. It is
/// counted, and never refused: what the law or a person's own account needs to say must arrive.
pub async fn enqueue(tx: &mut Tx, ids: &Ids, now: Timestamp, letter: NewLetter<'_>) -> DbResult<Uuid> {
    today(letter.to, i64::MAX).hit(tx, now).await?;
    write(tx, ids, now, letter).await
}

/// The same for a letter that somebody asks for again and again: refused once its address got `daily_max` in a day,
/// of any kind. Then the caller drops the transaction. Of many at once no more than that are written.
pub async fn enqueue_within(
    tx: &mut Tx,
    ids: &Ids,
    now: Timestamp,
    letter: NewLetter<'_>,
    daily_max: i64,
) -> DbResult<Result<Uuid, Full>> {
    match today(letter.to, daily_max).try_hit(tx, now).await? {
        Ok(()) => Ok(Ok(write(tx, ids, now, letter).await?)),
        Err(full) => Ok(Err(full)),
    }
}

/// Has a letter that was given up sent again, as if it had never been tried; the caller takes up its job in the same
/// transaction. `false`: it was sent, it waits, or its address was refused, and nothing is changed.
pub async fn requeue(tx: &mut Tx, letter_id: Uuid) -> DbResult<bool> {
    store::mark_queued(tx, letter_id).await
}

/// A letter that waits is never sent: somebody lets go of its job in the same transaction. `false`: it does not wait.
pub async fn give_up(tx: &mut Tx, letter_id: Uuid) -> DbResult<bool> {
    store::mark_failed(tx, letter_id, "given up by an operator").await
}

async fn write(tx: &mut Tx, ids: &Ids, now: Timestamp, letter: NewLetter<'_>) -> DbResult<Uuid> {
    let id = ids.uuid();
    let host = letter.from_address.rsplit('@').next().unwrap_or("localhost");
    let row = NewRow {
        id,
        issuer_id: letter.issuer_id,
        stamp_id: letter.stamp_id,
        kind: letter.kind,
        of_access: letter.of_access,
        message_id: format!("<{id}@{host}>"),
        from_name: one_line(letter.from_name),
        from_address: letter.from_address,
        reply_to: letter.reply_to.as_str(),
        to_address: letter.to.as_str(),
        subject: one_line(&letter.body.subject),
        text_body: &letter.body.text,
        html_body: &letter.body.html,
        attachments: letter.attachments,
        created_at: now,
    };
    store::insert(tx, row).await?;
    jobs::enqueue(tx, ids, JobKind::DeliverLetter, id, now).await?;
    Ok(id)
}

/// Carries a letter: the body of [`JobKind::DeliverLetter`]. Run twice it sends twice only if the first run died
/// between the server's yes and our note of it (F19).
pub async fn deliver(app: &App, source: &dyn AttachmentSource, letter_id: Uuid) -> Outcome {
    match try_once(app, source, letter_id).await {
        Ok(outcome) => outcome,
        Err(error) => {
            tracing::warn!(letter.id = %letter_id, error = &error as &dyn std::error::Error,
                "a letter's row could not be read or written");
            Outcome::Retry { reason: "the letter's row could not be read or written".into() }
        }
    }
}

async fn try_once(app: &App, source: &dyn AttachmentSource, letter_id: Uuid) -> DbResult<Outcome> {
    let mut reader = app.db.read().await?;
    let Some(mut letter) = store::find_to_send(&mut reader, letter_id).await? else {
        return Ok(Outcome::Park { reason: "the letter does not exist".into() });
    };
    // A letter that waits for a wrong sender to be corrected leaves under the one that is set now.
    letter.from_address.clone_from(&app.config.mail.from_address);
    let attachments = store::attachments(&mut reader, letter_id).await?;
    let mark = refusals::find(&mut reader, &letter).await?;
    // Given back before the network is used: a slow mail server must not hold the readers.
    drop(reader);
    if !letter.queued {
        return Ok(Outcome::Done);
    }
    match refusals::turn(app, mark, &letter).await? {
        Turn::Now => {}
        Turn::Never(answer) => return leave(app, &letter, &answer).await,
        Turn::Soon => {
            let reason = "another letter to this address was being tried".to_owned();
            return Ok(Outcome::RetryAt { at: app.now().plus_seconds(PAUSE_FIRST_SECONDS), reason });
        }
    }
    match carry(app, source, &letter, attachments).await {
        Ok(()) => {
            failpoint::hit(Failpoint::AfterMailAccepted);
            mark_sent(app, &letter).await
        }
        Err(error) => note_failure(app, &letter, error).await,
    }
}

async fn carry(
    app: &App,
    source: &dyn AttachmentSource,
    letter: &LetterToSend,
    specs: Vec<AttachmentSpec>,
) -> Result<(), MailError> {
    let loaded = files::load(source, &specs).await?;
    let letter = loaded.told(letter, &app.public_url);
    let outgoing = message::build(&letter, loaded.files)?;
    app.mailer.send(&outgoing).await
}

async fn mark_sent(app: &App, letter: &LetterToSend) -> DbResult<Outcome> {
    let mut tx = app.db.begin().await?;
    let first = store::mark_sent(&mut tx, letter.id, app.now()).await?;
    refusals::clear(&mut tx, letter).await?;
    tx.commit().await?;
    app.metrics.letter("sent");
    tracing::info!(letter.id = %letter.id, letter.tries = letter.attempts + 1, letter.again = !first, "a letter was sent");
    Ok(Outcome::Done)
}

/// The address rests: its letter is not tried, and whoever sees its state sees why.
async fn leave(app: &App, letter: &LetterToSend, answer: &str) -> DbResult<Outcome> {
    let reason = format!("not tried, the address was refused before: answer {answer}");
    let mut tx = app.db.begin().await?;
    store::mark_refused(&mut tx, letter.id, (&reason, answer), 0).await?;
    tx.commit().await?;
    app.metrics.letter("refused");
    tracing::info!(letter.id = %letter.id, reason, "a letter was not tried");
    Ok(Outcome::Done)
}

async fn note_failure(app: &App, letter: &LetterToSend, error: MailError) -> DbResult<Outcome> {
    let tries = letter.attempts + 1;
    let reason: String = one_line(&error.to_string()).chars().take(ERROR_MAX_CHARS).collect();
    let last = tries >= app.config.mail.attempts_max;
    let mut tx = app.db.begin().await?;
    let outcome = match error {
        MailError::Temporary(_) if !last => {
            store::note_try(&mut tx, letter.id, &reason).await?;
            let chance = app.ids.secret()[0];
            Outcome::RetryAt { at: app.now().plus_seconds(pause_seconds(tries, chance)), reason }
        }
        // The address is wrong or does not want it: nobody of ours can mend that, and its owner sees the state.
        MailError::Refused(refusal) => {
            store::mark_refused(&mut tx, letter.id, (&reason, &refusal.to_string()), 1).await?;
            refusals::mark(&mut tx, app, letter, &refusal).await?;
            refused(letter, &reason)
        }
        MailError::Permanent(_) => {
            store::mark_failed(&mut tx, letter.id, &reason).await?;
            refused(letter, &reason)
        }
        MailError::Temporary(_) | MailError::Unsendable(_) => {
            store::mark_failed(&mut tx, letter.id, &reason).await?;
            Outcome::Park { reason }
        }
    };
    tx.commit().await?;
    app.metrics.letter(match &outcome {
        Outcome::Done => "refused",
        Outcome::Park { .. } => "parked",
        Outcome::Retry { .. } | Outcome::RetryAt { .. } => "again",
    });
    Ok(outcome)
}

fn refused(letter: &LetterToSend, reason: &str) -> Outcome {
    tracing::warn!(letter.id = %letter.id, reason, "a letter was refused for good");
    Outcome::Done
}

/// Doubles with each try up to the cap, and up to a quarter more by chance, so that a crowd does not return together.
fn pause_seconds(tries: i64, chance: u8) -> i64 {
    let doublings = u32::try_from(tries - 1).unwrap_or(u32::MAX).min(16);
    let base = (PAUSE_FIRST_SECONDS << doublings).min(PAUSE_MAX_SECONDS);
    base + base * i64::from(chance) / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_have_an_end() {
        let pauses: Vec<i64> = (1..=12).map(|tries| pause_seconds(tries, 0)).collect();
        assert_eq!(pauses, [60, 120, 240, 480, 960, 1920, 3840, 7680, 14400, 14400, 14400, 14400]);
        assert_eq!(pause_seconds(i64::MAX, 0), PAUSE_MAX_SECONDS);
        assert!((1..=12).all(|tries| pause_seconds(tries, 255) < pause_seconds(tries, 0) * 5 / 4));
    }

    #[test]
    fn attachments_are_kept_in_one_form() {
        let spec = AttachmentSpec {
            document_id: Uuid::from_u128(1),
            format: AttachmentFormat::Pdf,
            file_name: "a.pdf".into(),
        };
        let kept = serde_json::to_string(&spec).unwrap();
        assert_eq!(
            kept,
            r#"{"document_id":"00000000-0000-0000-0000-000000000001","format":"pdf","file_name":"a.pdf"}"#
        );
        assert_eq!(serde_json::from_str::<AttachmentSpec>(&kept).unwrap(), spec);
    }
}
