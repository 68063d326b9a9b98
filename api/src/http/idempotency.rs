//! One key, one effect: the first answer to a key is kept and said again byte for byte (I2).
//!
//! The key is claimed in the transaction that writes the intention and finished in the one that writes the outcome,
//! so a record is exactly as durable as what it stands for. Answers 5xx are never kept. What the caller's `owner` is
//! (a browser, an API key) the domain says; keys of different owners never meet.
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder};
use futures::future::{Ready, ready};
use serde::Serialize;
use shared::{Problem, ProblemCode};

use super::problem::PROBLEM_JSON;
use super::store::{self, RecordRow};
use super::{ApiError, RequestId};
use crate::db::{Conn, DbResult, Timestamp, Tx};

/// Days an answer is kept.
pub const KEPT_DAYS: i64 = 30;
const HEADER: &str = "idempotency-key";
const LENGTH_MAX: usize = 255;

/// What the client calls this act: 1 to 255 printable ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key, without the quotes it may have come in.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// From the header's value: bare, or quoted as the draft standard has it.
    fn parse(value: &str) -> Option<IdempotencyKey> {
        let value = value.trim();
        let key = match value.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => value.to_owned(),
        };
        let printable = key.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        (printable && (1..=LENGTH_MAX).contains(&key.len())).then_some(IdempotencyKey(key))
    }
}

/// The rest of a quoted string after its first quote; a backslash may stand before a quote or a backslash only.
fn unquote(quoted: &str) -> Option<String> {
    let mut key = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(key),
            '\\' => key.push(characters.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            plain => key.push(plain),
        }
    }
}

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<IdempotencyKey, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut values = request.headers().get_all(HEADER);
        let only = values.next().filter(|_| values.next().is_none());
        let key = only.and_then(|value| IdempotencyKey::parse(value.to_str().ok()?));
        ready(key.ok_or_else(|| ApiError::new(ProblemCode::IdempotencyKeyMissing)))
    }
}

/// An answer as it was first given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// HTTP status.
    pub status: u16,
    /// Media type.
    pub content_type: String,
    /// The very bytes.
    pub body: Vec<u8>,
}

impl Saved {
    /// An answer with a JSON body.
    pub fn json(status: u16, body: &impl Serialize) -> serde_json::Result<Saved> {
        Ok(Saved { status, content_type: "application/json".into(), body: serde_json::to_vec(body)? })
    }

    /// A deterministic refusal. It keeps the number of the request that was first refused.
    pub fn problem(problem: &Problem, id: RequestId) -> serde_json::Result<Saved> {
        let problem = Problem { request_id: Some(id.to_string()), ..problem.clone() };
        Ok(Saved { content_type: PROBLEM_JSON.into(), ..Saved::json(problem.status, &problem)? })
    }

    /// The same bytes for the first answer and for every replay.
    pub fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        HttpResponse::build(status).content_type(self.content_type).body(self.body)
    }
}

impl Responder for Saved {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.into_response()
    }
}

/// What a key stands for at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nobody used it: the act is ours to do.
    Fresh,
    /// Done: say this again.
    Replay(Saved),
    /// The first request with it has not finished.
    InFlight,
    /// It was used for another request.
    Reused,
}

/// What the key stands for, without claiming it: saves a transaction when the answer is already there.
pub async fn find(conn: &mut impl Conn, owner: &str, key: &str, request_sha256: [u8; 32]) -> DbResult<Claim> {
    Ok(store::find(conn, owner, key).await?.map_or(Claim::Fresh, |row| judge(row, request_sha256)))
}

/// Takes the key for this request, or says what it stands for. Of any number at once exactly one gets
/// [`Claim::Fresh`]; on PostgreSQL the others wait until that one's transaction ends.
pub async fn claim(tx: &mut Tx, owner: &str, key: &str, request_sha256: [u8; 32], now: Timestamp) -> DbResult<Claim> {
    if store::insert(tx, owner, key, &request_sha256, now).await? {
        return Ok(Claim::Fresh);
    }
    // The row refused ours, so it is committed and can be read; if it went away in between, it was given back, and
    // the client may try again as after any request still running.
    Ok(store::lock(tx, owner, key).await?.map_or(Claim::InFlight, |row| judge(row, request_sha256)))
}

/// Keeps the answer. `false`: there was no open claim, and the answer kept before stands.
pub async fn finish(tx: &mut Tx, owner: &str, key: &str, saved: &Saved) -> DbResult<bool> {
    store::mark_finished(tx, owner, key, saved).await
}

/// Gives the key back: nothing was done, and the client may use it again.
pub async fn forget(tx: &mut Tx, owner: &str, key: &str) -> DbResult<()> {
    store::delete(tx, owner, key).await
}

/// Deletes at most `limit` records made before `older_than`; says how many.
pub async fn purge(tx: &mut Tx, older_than: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_older(tx, older_than, limit).await
}

/// When an answer was promised, to whom, under which key.
pub type Promised = store::RecordPlace;

/// Answers promised before `before` and not given, oldest first, after one of them.
pub async fn unfinished(
    conn: &mut impl Conn,
    before: Timestamp,
    after: Option<&Promised>,
    limit: i64,
) -> DbResult<Vec<Promised>> {
    store::list_unfinished(conn, before, after, limit).await
}

fn judge(row: RecordRow, request_sha256: [u8; 32]) -> Claim {
    if row.request_sha256 != request_sha256 {
        return Claim::Reused;
    }
    let saved =
        || Some(Saved { status: u16::try_from(row.status?).ok()?, content_type: row.content_type?, body: row.body? });
    saved().map_or(Claim::InFlight, Claim::Replay)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_bare_or_quoted() {
        let read = |value: &str| IdempotencyKey::parse(value).map(|key| key.0);
        assert_eq!(read("8e03978e-40d5").as_deref(), Some("8e03978e-40d5"));
        assert_eq!(read(r#" "8e03978e-40d5" "#).as_deref(), Some("8e03978e-40d5"));
        assert_eq!(read(r#""a\"b\\c""#).as_deref(), Some(r#"a"b\c"#));
        assert_eq!(read(&"k".repeat(255)).map(|key| key.len()), Some(255));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for value in ["", "  ", r#""""#, r#""a"#, r#""a"b"#, r#""a\n""#, "clave-ñ", "a\tb", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(value), None, "{value}");
        }
    }

    #[test]
    fn another_request_never_sees_the_answer() {
        let row = |status| RecordRow {
            request_sha256: vec![1; 32],
            status,
            content_type: Some("application/json".into()),
            body: Some(b"{}".to_vec()),
        };
        assert_eq!(judge(row(Some(201)), [2; 32]), Claim::Reused);
        assert_eq!(judge(row(None), [1; 32]), Claim::InFlight);
        let saved = Saved { status: 201, content_type: "application/json".into(), body: b"{}".to_vec() };
        assert_eq!(judge(row(Some(201)), [1; 32]), Claim::Replay(saved));
    }
}
