//! Bodies in: bounded in size (in time they are by the edge), JSON of the documented shape or refused by field, never by
//! a parser's words.
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, web};
use futures::StreamExt as _;
use futures::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};
use sha2::{Digest as _, Sha256};
use shared::{FieldCode, FieldErrors, ProblemCode};

use super::{ApiError, ApiResult};

/// Longest JSON body, in bytes (U2).
pub(super) const JSON_MAX: usize = 256 * 1024;
/// Longest pointer that is said back: a client chose its words.
const POINTER_MAX: usize = 200;

/// A JSON body; as an answer, 200 with that body.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// A JSON body beside the digest of what was asked: method, path and the very bytes of the body. Two requests with
/// one idempotency key must agree in it.
#[derive(Debug)]
pub struct HashedJson<T> {
    /// The body.
    pub body: T,
    /// SHA-256.
    pub sha256: [u8; 32],
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let arriving = read(request, payload);
        Box::pin(async move { Ok(Json(parse(&arriving.await?)?)) })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for HashedJson<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let hasher = Sha256::new().chain_update(format!("{} {}\n", request.method(), request.path()));
        let arriving = read(request, payload);
        Box::pin(async move {
            let bytes = arriving.await?;
            Ok(HashedJson { body: parse(&bytes)?, sha256: hasher.chain_update(&bytes).finalize().into() })
        })
    }
}

impl<T: Serialize> Responder for Json<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(self.0)
    }
}

/// `application/json`, whatever its parameters: JSON is UTF-8 and nothing else.
pub(super) fn is_json(content_type: &str) -> bool {
    content_type.eq_ignore_ascii_case("application/json")
}

fn read(request: &HttpRequest, payload: &mut Payload) -> impl Future<Output = ApiResult<Vec<u8>>> + use<> {
    let refused = check_head(request);
    let payload = web::Payload::from_request(request, payload);
    async move {
        refused?;
        let payload =
            payload.await.map_err(|error| ApiError::because(ProblemCode::MalformedBody, error.to_string()))?;
        read_bytes(payload, JSON_MAX).await
    }
}

fn check_head(request: &HttpRequest) -> ApiResult<()> {
    use actix_web::HttpMessage as _;
    // No packed bodies: one that unpacks to a thousand times its size is stopped by not unpacking it (U3).
    let packed = request.headers().get(header::CONTENT_ENCODING).is_some_and(|coding| coding.as_bytes() != b"identity");
    if packed || !is_json(request.content_type()) {
        return Err(ApiError::new(ProblemCode::UnsupportedMediaType));
    }
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| length > JSON_MAX as u64) {
        return Err(ApiError::new(ProblemCode::BodyTooLarge));
    }
    Ok(())
}

/// A body that is a file, whole, of at most `bytes_max`.
pub async fn read_bytes(mut payload: web::Payload, bytes_max: usize) -> ApiResult<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error: PayloadError| ApiError::because(ProblemCode::MalformedBody, error))?;
        if bytes.len().saturating_add(chunk.len()) > bytes_max {
            return Err(ApiError::new(ProblemCode::BodyTooLarge));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// One JSON value, refused as a whole body would be: for bodies that are many of them.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> ApiResult<T> {
    parse(bytes)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> ApiResult<T> {
    if has_nul(bytes) {
        return Err(ApiError::new(ProblemCode::MalformedBody));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let malformed = |error: serde_json::Error| ApiError::because(ProblemCode::MalformedBody, error);
    let parsed = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        if error.inner().classify() != Category::Data || pointer.is_empty() {
            return malformed(error.into_inner());
        }
        let mut errors = FieldErrors::default();
        errors.add(pointer, FieldCode::Shape);
        errors.into()
    })?;
    json.end().map_err(malformed)?;
    Ok(parsed)
}

/// Text with a NUL cannot be stored by PostgreSQL and is nobody's name. JSON writes it only as an escape, and a
/// backslash occurs only inside strings, in pairs with what it escapes.
fn has_nul(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        if rest[at..].starts_with(b"\\u0000") {
            return true;
        }
        rest = rest.get(at + 2..).unwrap_or(&[]);
    }
    false
}

/// JSON pointer (RFC 6901) of where the parser stopped; empty for the whole body.
fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path.iter() {
        let step = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.replace('~', "~0").replace('/', "~1"),
            Segment::Enum { .. } | Segment::Unknown => break,
        };
        if pointer.len() + step.len() >= POINTER_MAX {
            break;
        }
        pointer.push('/');
        pointer.push_str(&step);
    }
    pointer
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape is used")]
    struct Order {
        number: String,
        #[serde(default)]
        lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape is used")]
    struct Line {
        amount: u32,
    }

    fn refusal(json: &str) -> (ProblemCode, Vec<String>) {
        let error = parse::<Order>(json.as_bytes()).unwrap_err();
        let pointers = error.problem().errors.iter().map(|error| error.pointer.clone()).collect();
        (error.problem().code, pointers)
    }

    #[test]
    fn a_wrong_field_is_named() {
        for (json, pointer) in [
            (r#"{"number":1}"#, "/number"),
            (r#"{"number":"1","role":"staff"}"#, "/role"),
            (r#"{"number":"1","a/b":1}"#, "/a~1b"),
            (r#"{"number":"1","lines":[{"amount":1},{"amount":-1}]}"#, "/lines/1/amount"),
        ] {
            assert_eq!(refusal(json), (ProblemCode::InvalidFields, vec![pointer.to_owned()]), "{json}");
        }
    }

    #[test]
    fn what_is_no_such_json_is_malformed() {
        for json in [
            "",
            "null",
            "[]",
            "{}",
            "{",
            r#"{"number":NaN}"#,
            r#"{"number":"\ud800"}"#,
            r#"{"number":"1"} x"#,
            r#"{"number":"1","number":"2"}"#,
            r#"{"number":"1","lines":[{"amount":1e400}]}"#,
        ] {
            assert_eq!(refusal(json).0, ProblemCode::MalformedBody, "{json}");
        }
    }

    #[test]
    fn a_nul_is_refused_and_a_written_backslash_is_not() {
        assert_eq!(refusal(r#"{"number":"a\u0000b"}"#).0, ProblemCode::MalformedBody);
        assert_eq!(refusal(r#"{"number":"\\\u0000"}"#).0, ProblemCode::MalformedBody);
        assert!(parse::<Order>(br#"{"number":"a\\u0000b"}"#).is_ok());
        assert!(!has_nul(b"\\"));
    }

    #[test]
    fn a_long_name_is_not_said_back_whole() {
        let (_, pointers) = refusal(&format!(r#"{{"number":"1","{}":1}}"#, "x".repeat(10_000)));
        assert!(pointers.iter().all(|pointer| pointer.len() <= POINTER_MAX), "{pointers:?}");
    }
}
