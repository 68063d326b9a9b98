//! The one client of the portal API, and the only place that knows its addresses. Every call has a time limit and
//! answers what was asked or an [`ApiFailure`]; nothing is retried here and nothing is shown.
mod guest;
mod rehearsal;

pub use guest::{
    branches, invoice, issuer, look_up, mail, order, pdf_address, retry, shared_document, shared_file, xml_address,
};
pub use rehearsal::{attachment_address, has_mailbox, letter, letters, rehearsal};

use leptos::tachys::dom::window;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::{Problem, ProblemCode};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, Response};

pub(crate) const BASE: &str = "/api/v1";
/// The header that carries a proof of work.
pub(crate) const WORK: &str = "X-Proof-Of-Work";
/// The header that makes an order happen once.
const KEY: &str = "Idempotency-Key";
/// Longest wait for a common answer.
pub(crate) const ANSWER_MS: u32 = 15_000;
/// Longest wait for a stamp: the server itself answers "waiting" well before.
const STAMP_MS: u32 = 60_000;

/// Why there is no answer.
#[derive(Clone, PartialEq)]
pub enum ApiFailure {
    /// The API said why.
    Problem(Box<Problem>),
    /// No answer came: no network, no server, or too late. Whether the act was done is unknown.
    Offline,
    /// Something answered, but not the API as we know it. Whether the act was done is unknown.
    Malformed,
    /// The session is over.
    SignedOut,
}

impl ApiFailure {
    /// The problem's code, when the API said one.
    pub fn code(&self) -> Option<ProblemCode> {
        match self {
            ApiFailure::Problem(problem) => Some(problem.code),
            ApiFailure::SignedOut => Some(ProblemCode::SignedOut),
            ApiFailure::Offline | ApiFailure::Malformed => None,
        }
    }

    /// The problem, when it settles the matter: the same request will not be answered otherwise later, and nothing was
    /// done. Everything else may be repeated with the same key: a flood is held back before the answer that was kept is
    /// looked for.
    pub fn settled(&self) -> Option<&Problem> {
        use ProblemCode as P;
        match self {
            ApiFailure::Problem(problem) => {
                let passing = matches!(problem.code, P::IdempotencyInFlight | P::SignedOut)
                    || matches!(problem.status, 408 | 429 | 500..);
                // What the SAT answered is kept under its key, whatever its status.
                (!passing || problem.sat_code.is_some()).then_some(problem)
            }
            _ => None,
        }
    }
}

/// What an API call answers.
pub type Answer<T> = Result<T, ApiFailure>;

async fn get<T: DeserializeOwned>(address: String) -> Answer<T> {
    decode(&send(address, None, None, ANSWER_MS).await?)
}

async fn post<T: DeserializeOwned>(address: String, body: &impl Serialize) -> Answer<T> {
    decode(&send(address, Some(encode(body)?), None, ANSWER_MS).await?)
}

pub(crate) fn encode(body: &impl Serialize) -> Answer<String> {
    // Our own types always serialise; if one day one does not, nothing was sent.
    serde_json::to_string(body).map_err(malformed)
}

fn decode<T: DeserializeOwned>(text: &str) -> Answer<T> {
    serde_json::from_str(text).map_err(malformed)
}

/// A header besides those of every request.
type More = Option<(&'static str, String)>;

/// Sends a request, a POST when it has a body, and gives the text of a good answer.
async fn send(address: String, body: Option<String>, more: More, limit_ms: u32) -> Answer<String> {
    let request = request(body.as_deref(), more, limit_ms).map_err(offline)?;
    let answer = JsFuture::from(window().fetch_with_str_and_init(&address, &request)).await.map_err(offline)?;
    let response = answer.dyn_into::<Response>().map_err(offline)?;
    // The limit runs on while the body arrives.
    let text = JsFuture::from(response.text().map_err(offline)?).await.map_err(offline)?;
    let text = text.as_string().unwrap_or_default();
    if response.ok() { Ok(text) } else { Err(failure(response.status(), &text)) }
}

fn request(body: Option<&str>, more: More, limit_ms: u32) -> Result<RequestInit, JsValue> {
    let headers = Headers::new()?;
    headers.set("Accept", "application/json, application/problem+json")?;
    headers.set("X-Requested-With", "ventanilla")?;
    let request = RequestInit::new();
    if let Some((name, value)) = more {
        headers.set(name, &value)?;
    }
    if let Some(body) = body {
        headers.set("Content-Type", "application/json")?;
        request.set_method("POST");
        request.set_body(&JsValue::from_str(body));
    }
    request.set_headers(&headers);
    request.set_signal(Some(&AbortSignal::timeout_with_u32(limit_ms)));
    Ok(request)
}

/// Where the text went wrong helps nobody on this side.
fn malformed(_: serde_json::Error) -> ApiFailure {
    ApiFailure::Malformed
}

/// The browser does not say why a request failed, and its words are not for people.
pub(crate) fn offline(_: JsValue) -> ApiFailure {
    ApiFailure::Offline
}

pub(crate) fn failure(status: u16, text: &str) -> ApiFailure {
    match serde_json::from_str::<Problem>(text) {
        Ok(problem) if problem.code == ProblemCode::SignedOut => ApiFailure::SignedOut,
        Ok(problem) => ApiFailure::Problem(Box::new(problem)),
        // A proxy before a portal that is down answers in its own words.
        Err(_) if (502..=504).contains(&status) => ApiFailure::Offline,
        Err(_) => ApiFailure::Malformed,
    }
}

/// A value as part of an address.
fn part(value: &str) -> String {
    String::from(js_sys::encode_uri_component(value))
}

fn page_query(cursor: Option<&str>) -> String {
    cursor.map_or_else(String::new, |cursor| ["&cursor=", &part(cursor)].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(code: ProblemCode) -> ApiFailure {
        let text = serde_json::to_string(&Problem::new(code)).unwrap();
        failure(code.status(), &text)
    }

    #[test]
    fn only_what_is_final_gives_the_key_up() {
        use ProblemCode as P;
        for code in [P::ReceptorNameDiffers, P::ClaimExpired, P::IdempotencyKeyReused] {
            assert!(answered(code).settled().is_some(), "{code}");
        }
        for code in [P::Busy, P::Internal, P::IdempotencyInFlight, P::TooManyRequests, P::BodyTooSlow] {
            assert!(answered(code).settled().is_none(), "{code}");
        }
        let mut kept = Problem::new(P::IssuerNotReady);
        assert!(ApiFailure::Problem(Box::new(kept.clone())).settled().is_none());
        kept.sat_code = Some("402".to_owned());
        assert!(ApiFailure::Problem(Box::new(kept)).settled().is_some());
        assert!(ApiFailure::Offline.settled().is_none() && ApiFailure::Malformed.settled().is_none());
    }

    #[test]
    fn foreign_words_are_never_shown() {
        assert!(failure(502, "<html>Bad Gateway</html>") == ApiFailure::Offline);
        assert!(failure(404, "nope") == ApiFailure::Malformed);
        assert!(answered(ProblemCode::SignedOut) == ApiFailure::SignedOut);
        assert_eq!(answered(ProblemCode::TicketHeld).code(), Some(ProblemCode::TicketHeld));
    }
}
