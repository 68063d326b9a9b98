//! Addresses that a mail server does not take (M5). They rest: a letter to one is not tried for some days, so that a wrong
//! address is asked about now and then and not with every letter, which would cost us the server's trust. What is about
//! somebody's access (a code, a link, a changed password) is tried once an hour: its person waits for it, and the mailbox
//! may be mended. Whoever is not tried is refused visibly, and the first letter that is taken ends it all.
//!
//! Only what a server said of the recipient counts, never what it said of our sender, our login or the message.
use std::collections::HashMap;
use std::fmt;

use jiff::tz::TimeZone;
use shared::time::LocalTime;

use super::store::{self, LetterToSend, MarkRow};
use crate::App;
use crate::clock::local_time;
use crate::db::{Conn, DbResult, Timestamp, Tx};

const DAY_SECONDS: i64 = 86_400;
/// How long an address rests from letters about somebody's access.
const ACCESS_PAUSE_SECONDS: i64 = 3_600;
/// Addresses that one question names.
const ASKED_MAX: usize = 500;

/// Answers to RCPT that speak of the address when no enhanced status says more (RFC 5321, 4.2.3; RFC 7504). Not 552, a
/// mailbox that is full today, and not 554, which may mean anything.
const CODES_OF_ADDRESS: [u16; 5] = [521, 550, 551, 553, 556];
/// Subject and detail of the enhanced statuses (RFC 3463, RFC 7505) that speak of the address: no such mailbox, no such
/// domain, moved, a domain without mail, a mailbox that was closed. 5.4.1 is Exchange Online's word for nobody there. Not
/// 5.1.7 and 5.1.8, which speak of the sender, nor 5.2.2 (full) and 5.7.1 (a rule, often that we may not send at all).
const STATUSES_OF_ADDRESS: [(u16, u16); 8] = [(1, 0), (1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1), (4, 1)];

/// The statuses that speak of us: a sender that is no address or has no domain, and a rule, most often that we may not send
/// through this server, or not as this sender.
const STATUSES_OF_US: [(u16, u16); 3] = [(1, 7), (1, 8), (7, 1)];

/// What a server said of an address, in numbers alone: its words quote what nobody should read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `550`
    pub code: u16,
    /// `5.1.1`, when the server says one.
    pub status: Option<String>,
}

impl Refusal {
    /// Of the answer to a RCPT, code and words; `None` when it does not speak of the address.
    pub(super) fn read(code: u16, words: &str) -> Option<Refusal> {
        if is_about_us(words) {
            return None;
        }
        let status = enhanced(words);
        let speaks = match status {
            // 5.0.0 says as little as none.
            None | Some((0, _)) => CODES_OF_ADDRESS.contains(&code),
            Some(status) => (500..600).contains(&code) && STATUSES_OF_ADDRESS.contains(&status),
        };
        let status = status.map(|(subject, detail)| format!("5.{subject}.{detail}"));
        speaks.then_some(Refusal { code, status })
    }
}

/// Whether an answer to RCPT speaks of us: of our sender, or that we may not send through this server at all. Some say the
/// last without an enhanced status ("relay not permitted").
pub(super) fn is_about_us(words: &str) -> bool {
    match enhanced(words) {
        // Postfix's word for a recipient that its own rules forbid: another one may go.
        Some((7, 1)) if said(words).contains("recipient address rejected") => false,
        Some(status) if status.0 != 0 => STATUSES_OF_US.contains(&status),
        _ => said(words).contains("relay"),
    }
}

/// An answer's words in small letters, without the addresses that it quotes.
fn said(words: &str) -> String {
    let parts = words.split('<').enumerate();
    let outside =
        parts.map(|(at, part)| if at == 0 { part } else { part.split_once('>').map_or("", |(_, rest)| rest) });
    outside.collect::<String>().to_lowercase()
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.status {
            Some(status) => write!(f, "{} {status}", self.code),
            None => write!(f, "{}", self.code),
        }
    }
}

/// Subject and detail of the enhanced status that an answer's words begin with.
fn enhanced(words: &str) -> Option<(u16, u16)> {
    let mut parts = words.split_whitespace().next()?.split('.');
    let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
    let number = |text: &str| text.parse().ok().filter(|number| *number < 1_000);
    (class == "5" && parts.next().is_none()).then_some((number(subject)?, number(detail)?))
}

/// As marks are kept: capitals make no other address.
pub(super) fn fold(address: &str) -> String {
    address.to_lowercase()
}

/// Whether a letter may be tried.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It may.
    Now,
    /// Its address rests; what the server said of it.
    Never(String),
    /// Another letter was about to be tried, or was just taken: look again.
    Soon,
}

/// Whether a letter to an address with this mark may be tried; if so, it is the only one.
pub(super) async fn turn(app: &App, mark: Option<MarkRow>, letter: &LetterToSend) -> DbResult<Turn> {
    let (now, days) = (app.now(), app.config.mail.refused_days);
    let Some(mark) = mark.filter(|mark| mark.tried_with != letter.id) else { return Ok(Turn::Now) };
    if rests(mark.tried_at, letter.of_access, days, now) {
        return Ok(Turn::Never(mark.answer()));
    }
    let mut tx = app.db.begin().await?;
    let first = store::claim_mark(&mut tx, &fold(&letter.to_address), mark.tried_at, letter.id, now).await?;
    tx.commit().await?;
    Ok(if first { Turn::Now } else { Turn::Soon })
}

fn rests(tried_at: Timestamp, of_access: bool, days: i64, now: Timestamp) -> bool {
    let pause = if of_access { ACCESS_PAUSE_SECONDS } else { days * DAY_SECONDS };
    // A clock that was set back must not hold anybody for longer.
    (0..pause).contains(&now.seconds_since(tried_at))
}

/// Of some addresses those that a server refused, and since when.
pub struct RefusedSince(HashMap<String, Timestamp>);

impl RefusedSince {
    /// Since when letters to this one are refused, as the wire carries it.
    pub fn of(&self, address: &str, zone: &TimeZone) -> Option<LocalTime> {
        self.0.get(&fold(address)).map(|at| local_time(*at, zone))
    }
}

/// Which of these addresses are refused. The caller has proved that it may see them.
pub async fn refused_since(conn: &mut impl Conn, addresses: impl IntoIterator<Item = &str>) -> DbResult<RefusedSince> {
    let folded: Vec<String> = addresses.into_iter().take(ASKED_MAX).map(fold).collect();
    Ok(RefusedSince(store::list_marks(conn, &folded).await?))
}

/// Lets go of at most `limit` marks that were made or confirmed before `before`; says how many.
pub async fn purge(tx: &mut Tx, before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_marks(tx, before, limit).await
}

impl MarkRow {
    fn answer(&self) -> String {
        let code = u16::try_from(self.code).unwrap_or_default();
        Refusal { code, status: self.status.clone() }.to_string()
    }
}

/// The mark of a letter that was refused.
pub(super) async fn mark(tx: &mut Tx, app: &App, letter: &LetterToSend, refusal: &Refusal) -> DbResult<()> {
    store::upsert_mark(tx, &fold(&letter.to_address), refusal, letter.id, app.now()).await
}

/// An address took a letter.
pub(super) async fn clear(tx: &mut Tx, letter: &LetterToSend) -> DbResult<bool> {
    store::delete_mark(tx, &fold(&letter.to_address)).await
}

/// The mark of a letter's address, if it has one.
pub(super) async fn find(conn: &mut impl Conn, letter: &LetterToSend) -> DbResult<Option<MarkRow>> {
    store::find_mark(conn, &fold(&letter.to_address)).await
}

/// How many addresses are marked.
pub async fn count_refused(conn: &mut impl Conn) -> DbResult<i64> {
    store::count_marks(conn).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_A_YEAR_SECONDS: i64 = 180 * DAY_SECONDS;

    #[test]
    fn only_what_speaks_of_the_address_marks_it() {
        let read = |code, words| Refusal::read(code, words).map(|refusal| refusal.to_string());
        let marks = [
            (550, "5.1.1 <ana@correo.example> unknown", "550 5.1.1"),
            (550, "5.1.10 null MX", "550 5.1.10"),
            (550, "5.2.1 closed", "550 5.2.1"),
            (550, "5.4.1 Recipient address rejected: Access denied", "550 5.4.1"),
            (554, "5.1.1 nobody", "554 5.1.1"),
            (550, "5.0.0 no", "550 5.0.0"),
            (550, "no such user here", "550"),
            (553, "", "553"),
            (556, "domain takes no mail", "556"),
        ];
        for (code, words, kept) in marks {
            assert_eq!(read(code, words).as_deref(), Some(kept), "{code} {words}");
        }
        let others = [
            (550, "5.7.1 relaying denied"),
            (550, "5.1.8 your domain does not exist"),
            (550, "relay not permitted"),
            (554, "5.0.0 Relaying denied"),
            (552, "5.2.2 over quota"),
            (552, "mailbox full"),
            (554, "no"),
            (450, "4.2.1 busy"),
            (451, "5.1.1 odd"),
            (530, "sign in first"),
        ];
        for (code, words) in others {
            assert_eq!(read(code, words), None, "{code} {words}");
        }
    }

    #[test]
    fn a_rule_or_a_wrong_sender_is_ours_to_mend() {
        for words in ["5.7.1 <ana@correo.example>: Relay access denied", "5.1.8 no such sender", "Relaying denied"] {
            assert!(is_about_us(words), "{words}");
        }
        for words in ["5.1.1 <relay@correo.example> unknown", "no such user here", "5.2.2 full", "4.7.1 later", ""] {
            assert!(!is_about_us(words), "{words}");
        }
    }

    #[test]
    fn an_address_rests_for_days_and_from_what_opens_an_account_for_an_hour() {
        let tried = Timestamp::new("2026-11-22T10:00:00Z".parse().unwrap());
        let after = |seconds: i64, of_access| rests(tried, of_access, 7, tried.plus_seconds(seconds));
        assert_eq!(
            [after(0, false), after(7 * DAY_SECONDS - 1, false), after(7 * DAY_SECONDS, false)],
            [true, true, false]
        );
        assert_eq!([after(0, true), after(3_599, true), after(3_600, true)], [true, true, false]);
        assert!(!after(-HALF_A_YEAR_SECONDS, false), "the clock was wrong when it was tried");
    }
}
