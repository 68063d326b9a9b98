//! The security headers of every answer (S1), and what may be kept in a cache (B10).
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::Site;
use super::guard::is_below;

/// Nothing inline, nothing from elsewhere; WASM needs its own word to be compiled.
const CSP: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'; object-src 'none'";
/// Swagger UI writes style attributes and draws its icons from data addresses.
const CSP_DOCS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; \
    frame-ancestors 'none'; object-src 'none'";
/// A brand's pictures and colours are parts of pages. Opened by itself, a picture that somebody brought is a page without
/// an origin, in which nothing runs and nothing loads (U5).
const CSP_BRAND: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";
/// Where they are.
const BRAND: &str = "/brand";
/// Where Swagger UI lives.
pub(super) const DOCS: &str = "/api/docs";

const ALWAYS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    ),
];
/// One year.
const HSTS: &str = "max-age=31536000";

/// Adds what every answer to `path` carries. A Cache-Control that the route chose is kept.
pub(super) fn add(headers: &mut HeaderMap, path: &str, site: &Site) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, csp(path, site));
    if site.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// A payment's page sends a form to its bank, so the banks' origins are named; nothing else of them is.
fn csp(path: &str, site: &Site) -> HeaderValue {
    if is_below(path, DOCS) {
        return HeaderValue::from_static(CSP_DOCS);
    }
    if is_below(path, BRAND) {
        return HeaderValue::from_static(CSP_BRAND);
    }
    let targets = site.form_targets().join(" ");
    let named = CSP.replace("form-action 'self'", &format!("form-action 'self' {targets}"));
    let named = if targets.is_empty() { None } else { HeaderValue::from_str(&named).ok() };
    named.unwrap_or_else(|| HeaderValue::from_static(CSP))
}
