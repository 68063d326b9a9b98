//! The number of a request: in its log lines, its problem body, its answer's header and the audit row.
use std::fmt;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures::future::{Ready, ready};
use uuid::Uuid;

use super::ApiError;

/// Number of a request, a UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(Uuid);

impl RequestId {
    /// A request of this number.
    pub const fn new(id: Uuid) -> RequestId {
        RequestId(id)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromRequest for RequestId {
    type Error = ApiError;
    type Future = Ready<Result<RequestId, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.extensions().get::<RequestId>().copied();
        ready(id.ok_or_else(|| ApiError::internal("the request has no number: the edge is not in its way")))
    }
}
