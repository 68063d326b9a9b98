//! Whether only the head of an answer is asked for: a look at a file that uses up no ticket and counts as no reading.
use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};

/// `true`: the request was a HEAD. Routes see a GET; the edge remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadOnly(pub bool);

impl FromRequest for HeadOnly {
    type Error = Infallible;
    type Future = Ready<Result<HeadOnly, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(request.extensions().get::<HeadOnly>().copied().unwrap_or(HeadOnly(false))))
    }
}
