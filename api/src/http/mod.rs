//! What every route needs and no domain word: the server and its limits, who is asking, problems, bodies,
//! idempotency, pages, the OpenAPI document, health, and the portal's own files.
//!
//! Promises: every answer carries the security headers and a request id; every error is an RFC 9457 problem that
//! shows nothing of a database, a parser or a library; a panic costs its own request only; every body, address and
//! wait has a named limit. It does not know who may see what: that is for the guards of the domains.
mod answers;
mod arrival;
mod body;
pub mod catalogue;
mod edge;
mod extra;
pub mod flood;
pub mod growth;
mod guard;
mod head;
mod headers;
mod health;
pub mod idempotency;
mod ids;
pub mod logs;
pub mod openapi;
pub mod paging;
mod problem;
pub mod server;
mod site;
mod source;
pub mod spa;
mod store;
#[cfg(test)]
mod tests;

pub use body::{HashedJson, Json, from_json, read_bytes};
pub use extra::AnswerHeaders;
pub use head::HeadOnly;
pub use idempotency::IdempotencyKey;
pub use ids::RequestId;
pub use problem::{ApiError, ApiResult};
pub use site::Site;
pub use source::SourceAddress;
