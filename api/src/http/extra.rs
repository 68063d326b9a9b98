//! Headers that a guard wants on the answer, whatever the handler makes of the request.
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpMessage, HttpRequest};

/// Kept with the request; the edge puts them on its answer, problems included.
#[derive(Debug, Default)]
pub struct AnswerHeaders(pub(super) Vec<(HeaderName, HeaderValue)>);

impl AnswerHeaders {
    /// One more header for the answer to this request.
    pub fn add(request: &HttpRequest, name: HeaderName, value: HeaderValue) {
        let mut kept = request.extensions_mut();
        match kept.get_mut::<AnswerHeaders>() {
            Some(headers) => headers.0.push((name, value)),
            None => {
                kept.insert(AnswerHeaders(vec![(name, value)]));
            }
        }
    }
}
