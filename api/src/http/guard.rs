//! What is refused before any route is asked: a foreign Host (M1), another site's page (S3), addresses and headers
//! beyond their limits (U2), calls of an API that came in without TLS where there should be (O5).
use std::sync::Once;

use actix_web::HttpMessage;
use actix_web::dev::ServiceRequest;
use actix_web::http::{Method, header};
use shared::ProblemCode;

use super::{ApiError, ApiResult, Site, body, source};

/// Longest address, in bytes.
const ADDRESS_MAX: usize = 8 * 1024;
/// All header names and values of a request, in bytes.
const HEADERS_MAX: usize = 32 * 1024;
/// Where programs call, each with a key, a session or a token.
const SECRETS_SHOWN: [&str; 2] = ["/api", "/metrics"];
/// Where the browser's own acts live; integrators have keys instead of cookies, so no page can act for them.
const BROWSER_API: &str = "/api/v1";
/// Where banks send browsers back to and say what happened: a form of another site's page, without a session and with
/// nothing believed of it but what it is signed with. It answers nothing that a page could read.
const BANKS_SAY: [&str; 2] = ["/api/v1/bank-returns", "/api/v1/bank-notices"];
/// A header that no form and no foreign page can send without asking first, and we answer no such question.
const REQUESTED_WITH: &str = "x-requested-with";
const OUR_APP: &str = "ventanilla";
/// What a file is sent as, where one is taken; every other route refuses it by itself.
const BARE_BYTES: &str = "application/octet-stream";

/// `Err` when the request must go no further.
pub(super) fn check(request: &ServiceRequest, site: &Site) -> ApiResult<()> {
    check_size(request)?;
    check_host(request, site)?;
    check_scheme(request, site)?;
    let acts = !matches!(*request.method(), Method::GET | Method::HEAD);
    let from_bank = BANKS_SAY.iter().any(|root| is_below(routed(request), root));
    if acts && is_below(routed(request), BROWSER_API) && !from_bank {
        check_same_site(request, site)?;
        check_media_type(request)?;
    }
    Ok(())
}

/// The address as routes are found by it: `%76` is a `v` there, so whoever judges by an address must judge by this one.
pub(super) fn routed(request: &ServiceRequest) -> &str {
    request.match_info().as_str()
}

/// `path` is `root` or lies below it; `/apical` is not below `/api`.
pub(super) fn is_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn check_size(request: &ServiceRequest) -> ApiResult<()> {
    let address = request.uri().path_and_query().map_or("", |address| address.as_str());
    let headers: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    // No text of ours holds a NUL, and PostgreSQL cannot store one: it is refused at the door.
    if address.len() > ADDRESS_MAX || headers > HEADERS_MAX || address.contains("%00") {
        return Err(ApiError::new(ProblemCode::MalformedAddress));
    }
    Ok(())
}

/// Nothing of ours is built from the Host header; refusing foreign names also stops DNS rebinding, where a page of
/// another name reaches a server on this machine. Health is for machines that know only an address.
fn check_host(request: &ServiceRequest, site: &Site) -> ApiResult<()> {
    if is_below(routed(request), "/health") {
        return Ok(());
    }
    let mut named = request.headers().get_all(header::HOST);
    let host = named.next().and_then(|host| host.to_str().ok());
    let absolute = request.uri().authority().map(|authority| authority.as_str());
    let known = host.is_some_and(|host| site.is_host(host)) && absolute.is_none_or(|name| site.is_host(name));
    if known && named.next().is_none() { Ok(()) } else { Err(ApiError::new(ProblemCode::WrongHost)) }
}

/// A program that calls without TLS has shown its key or its session to the line already. A redirect would let it go on
/// so for ever; a refusal is noticed the first time. Pages are for the proxy to lead to https.
fn check_scheme(request: &ServiceRequest, site: &Site) -> ApiResult<()> {
    // Who sees it in the log can mend the proxy; the second line would say what the first one did.
    static SAID: Once = Once::new();
    if !site.is_https() || !SECRETS_SHOWN.iter().any(|root| is_below(routed(request), root)) {
        return Ok(());
    }
    let Some(peer) = request.peer_addr().map(|peer| peer.ip()) else { return Ok(()) };
    let Some(proto) = source::came_in_plain(peer, request.headers(), &site.trusted_proxies) else { return Ok(()) };
    SAID.call_once(|| {
        tracing::warn!(proxy = %peer, x_forwarded_proto = proto, "a call is refused: its proxy says that it had no TLS");
    });
    Err(ApiError::new(ProblemCode::WrongHost))
}

fn check_same_site(request: &ServiceRequest, site: &Site) -> ApiResult<()> {
    let headers = request.headers();
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|header| header.as_bytes() == value.as_bytes());
    let origin = headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or(""));
    let ours = match origin {
        Some(origin) => site.is_origin(origin),
        None => says(REQUESTED_WITH, OUR_APP),
    };
    if ours && !says("sec-fetch-site", "cross-site") { Ok(()) } else { Err(ApiError::new(ProblemCode::CrossSite)) }
}

/// A form can be sent by any page; JSON and bare bytes cannot.
fn check_media_type(request: &ServiceRequest) -> ApiResult<()> {
    let headers = request.headers();
    let has_body = headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0");
    let named = headers.contains_key(header::CONTENT_TYPE);
    let bytes = request.content_type().eq_ignore_ascii_case(BARE_BYTES);
    if (has_body || named) && !bytes && !body::is_json(request.content_type()) {
        return Err(ApiError::new(ProblemCode::UnsupportedMediaType));
    }
    Ok(())
}
