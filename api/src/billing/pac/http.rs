//! A PAC that speaks REST: the sealed document goes up as one multipart part, a small JSON comes back.
//!
//! The other side is not trusted (threat I4): TLS verified, both waits limited, no redirect followed, the answer read
//! in pieces up to a limit, and only fields we know looked at. What cannot be read is [`PacError::Silent`]: a stamp
//! may exist, so only the very same bytes may be sent again.
use std::time::Duration;

use futures::future::BoxFuture;
use reqwest::multipart::{Form, Part};
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{Pac, PacError, StampedXml};
use crate::config;

/// Longest text of a PAC kept for staff, in characters.
const MESSAGE_MAX: usize = 1_000;
/// The code of a document that has a stamp already (F6).
const ALREADY_STAMPED: &str = "307";
/// The code of a reference that was used for another document.
const REFERENCE_TAKEN: &str = "CFDI3307";
/// Statuses that speak of our account or our haste, never of the document.
const ABOUT_US: [u16; 5] = [401, 403, 407, 408, 429];

/// A PAC behind an address and a bearer token.
pub struct HttpPac {
    client: reqwest::Client,
    stamp_url: Url,
    token: SecretString,
    answer_max_bytes: usize,
}

/// Why a PAC cannot be used as configured.
#[derive(Debug, thiserror::Error)]
pub enum HttpPacError {
    /// Not an address.
    #[error("reading the PAC's address")]
    Address(#[from] url::ParseError),
    /// A rehearsal may reach nothing but this machine's own sandbox.
    #[error("a rehearsal stamps in the sandbox only, and {0} is not on this machine")]
    RehearsalMustBeLoopback(String),
    /// Fiscal data travels encrypted.
    #[error("a PAC outside the rehearsal needs an https address")]
    MustBeHttps,
    /// The HTTP client could not be made.
    #[error("preparing the PAC's connection")]
    Client(#[from] reqwest::Error),
}

impl HttpPac {
    /// Connects nothing yet. `rehearsal` decides which world may be reached: the sandbox on this machine, or a real
    /// PAC over https; never the other one.
    pub fn new(
        base_url: &str,
        token: SecretString,
        settings: &config::Pac,
        rehearsal: bool,
    ) -> Result<HttpPac, HttpPacError> {
        let base = Url::parse(base_url)?;
        let https = base.scheme() == "https";
        if rehearsal && !is_loopback(&base) {
            return Err(HttpPacError::RehearsalMustBeLoopback(base.host_str().unwrap_or_default().to_owned()));
        }
        if !rehearsal && !https {
            return Err(HttpPacError::MustBeHttps);
        }
        let mut builder = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(settings.connect_timeout_seconds))
            .timeout(Duration::from_secs(settings.timeout_seconds))
            .redirect(Policy::none())
            .no_proxy()
            .http1_only()
            .https_only(https);
        if !https {
            // The sandbox speaks plain HTTP: a machine without certificates of authorities can rehearse too.
            builder = builder.tls_certs_only(std::iter::empty());
        }
        let mut stamp_url = base;
        let path = format!("{}/v4/cfdi33/stamp/v4", stamp_url.path().trim_end_matches('/'));
        stamp_url.set_path(&path);
        Ok(HttpPac { client: builder.build()?, stamp_url, token, answer_max_bytes: settings.answer_max_bytes })
    }

    async fn ask(&self, sealed_xml: &str, reference: &str) -> Result<StampedXml, PacError> {
        let part = Part::text(sealed_xml.to_owned()).file_name("xml").mime_str("text/xml").map_err(|e| silent(&e))?;
        let mut response = self
            .client
            .post(self.stamp_url.clone())
            .bearer_auth(self.token.expose_secret())
            .header("customid", reference)
            .multipart(Form::new().part("xml", part))
            .send()
            .await
            .map_err(|e| silent(&e))?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|e| silent(&e))? {
            if body.len().saturating_add(piece.len()) > self.answer_max_bytes {
                return Err(PacError::Silent {
                    reason: format!("an answer of more than {} bytes", self.answer_max_bytes),
                });
            }
            body.extend_from_slice(&piece);
        }
        judge(status, &body)
    }
}

impl Pac for HttpPac {
    fn stamp<'a>(&'a self, sealed_xml: &'a str, reference: &'a str) -> BoxFuture<'a, Result<StampedXml, PacError>> {
        Box::pin(self.ask(sealed_xml, reference))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// No answer: the whole chain of causes, without the address (it may carry an account).
fn silent(error: &reqwest::Error) -> PacError {
    let mut reason = if error.is_timeout() { "no answer in time".to_owned() } else { "no answer".to_owned() };
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        reason = format!("{reason}: {error}");
        cause = error.source();
    }
    PacError::Silent { reason }
}

#[derive(Deserialize)]
struct Answer {
    status: String,
    #[serde(default)]
    message: Option<String>,
    #[serde(default, rename = "messageDetail")]
    message_detail: Option<String>,
    /// Its shape differs by answer; only `cfdi` is ours to read.
    #[serde(default)]
    data: serde_json::Value,
}

/// What an answer means. Only a code that speaks of the document refuses it; all else leaves the outcome open.
fn judge(status: u16, body: &[u8]) -> Result<StampedXml, PacError> {
    let open = |reason: &str| Err(PacError::Silent { reason: format!("HTTP {status}: {reason}") });
    if status >= 500 || ABOUT_US.contains(&status) {
        return open("not an answer about the document");
    }
    let Ok(answer) = serde_json::from_slice::<Answer>(body) else {
        return open("not the JSON we know");
    };
    let cfdi = answer.data.get("cfdi").and_then(serde_json::Value::as_str).filter(|cfdi| !cfdi.is_empty());
    let message = answer.message.unwrap_or_default();
    match (answer.status.as_str(), leading_code(&message)) {
        ("success", _) => match cfdi {
            Some(cfdi) => Ok(StampedXml(cfdi.to_owned())),
            None => open("success without a document"),
        },
        ("error", Some(ALREADY_STAMPED | REFERENCE_TAKEN)) => match cfdi {
            Some(cfdi) => Ok(StampedXml(cfdi.to_owned())),
            None => open("stamped before, and the document was not sent along"),
        },
        ("error", Some(code)) if code.starts_with("AU") => open("the account was refused"),
        ("error", Some(code)) => Err(PacError::Refused {
            sat_code: code.to_owned(),
            message: bounded(&message, answer.message_detail.as_deref()),
        }),
        _ => open("neither success nor a code we know"),
    }
}

fn bounded(message: &str, detail: Option<&str>) -> String {
    let detail = detail.filter(|detail| !detail.is_empty()).map_or(String::new(), |detail| format!(" ({detail})"));
    format!("{message}{detail}").chars().take(MESSAGE_MAX).collect()
}

/// The code a message begins with: letters of a known family and digits, or three digits alone. PACs put a dot, a
/// dash, a colon or a space after it.
fn leading_code(message: &str) -> Option<&str> {
    let message = message.trim_start();
    let letters = message.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(message.len());
    let (family, rest) = message.split_at_checked(letters)?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let known = match family {
        "" => digits == 3,
        "CFDI" | "CRP" | "CACFDI" | "AU" => digits > 0,
        _ => false,
    };
    let ends = rest.get(digits..)?.chars().next().is_none_or(|next| !next.is_alphanumeric());
    if known && ends { message.get(..letters + digits) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> config::Pac {
        config::Pac::default()
    }

    #[test]
    fn codes_are_found_at_the_head_only() {
        for (message, code) in [
            ("CFDI40145 - El campo Nombre…", Some("CFDI40145")),
            ("307. El comprobante contiene un timbre previo.", Some("307")),
            ("  302 - Sello mal formado", Some("302")),
            ("CRP20999", Some("CRP20999")),
            ("AU2000 - token", Some("AU2000")),
            ("CACFDI33 - Problemas con el xml.", Some("CACFDI33")),
            ("30 - no", None),
            ("4012 - no", None),
            ("CFDI - no", None),
            ("XYZ123 - no", None),
            ("302bis", None),
            ("Error interno 302", None),
            ("", None),
        ] {
            assert_eq!(leading_code(message), code, "{message}");
        }
    }

    fn reason(outcome: Result<StampedXml, PacError>) -> String {
        match outcome {
            Err(PacError::Silent { reason }) => reason,
            other => panic!("expected an open outcome, not {other:?}"),
        }
    }

    #[test]
    fn a_stamp_is_a_success_or_a_stamp_made_before() {
        let stamped = Ok(StampedXml("<x/>".into()));
        assert_eq!(judge(200, br#"{"status":"success","data":{"cfdi":"<x/>","uuid":"u"}}"#), stamped);
        let before = br#"{"status":"error","message":"307. El comprobante contiene un timbre previo.","messageDetail":null,"data":{"cfdi":"<x/>"}}"#;
        assert_eq!(judge(400, before), stamped);
    }

    #[test]
    fn a_refusal_carries_the_code_and_the_words() {
        let body = br#"{"status":"error","message":"CFDI40145 - Nombre","messageDetail":"no coincide","data":null}"#;
        assert_eq!(
            judge(400, body),
            Err(PacError::Refused { sat_code: "CFDI40145".into(), message: "CFDI40145 - Nombre (no coincide)".into() })
        );
    }

    #[test]
    fn nothing_else_decides_the_fate_of_a_document() {
        let refusal = br#"{"status":"error","message":"302 - Sello","data":null}"#;
        for status in [500, 503, 401, 403, 429] {
            assert!(reason(judge(status, refusal)).contains("not an answer about the document"));
        }
        for body in [
            &b""[..],
            b"<html>",
            b"null",
            b"[]",
            br#"{"status":"success","data":null}"#,
            br#"{"status":"success","data":{"cfdi":""}}"#,
            br#"{"status":"error","message":"307. previo","data":null}"#,
            br#"{"status":"error","message":"CFDI3307 - Timbre duplicado.","data":{"uuid":"u","cfdi":""}}"#,
            br#"{"status":"error","message":"AU1001 - El token expiro","data":null}"#,
            br#"{"status":"error","message":"Ocurri\u00f3 un error","data":null}"#,
            br#"{"status":"maybe","message":"302 - Sello"}"#,
        ] {
            assert!(!reason(judge(400, body)).is_empty());
        }
    }

    #[test]
    fn each_world_reaches_its_own_pac_only() {
        let build = |url: &str, rehearsal| HttpPac::new(url, SecretString::from("t"), &settings(), rehearsal);
        assert!(build("http://127.0.0.1:9", true).is_ok());
        assert!(build("http://[::1]:9/", true).is_ok());
        assert!(matches!(
            build("https://services.pac.example", true),
            Err(HttpPacError::RehearsalMustBeLoopback(host)) if host == "services.pac.example"
        ));
        assert!(matches!(build("http://127.0.0.1:9", false), Err(HttpPacError::MustBeHttps)));
        assert!(matches!(build("nowhere", false), Err(HttpPacError::Address(_))));
    }

    #[test]
    fn a_base_address_may_have_a_path() {
        let pac = HttpPac::new("http://localhost:9/pac/", SecretString::from("t"), &settings(), true).unwrap();
        assert_eq!(pac.stamp_url.as_str(), "http://localhost:9/pac/v4/cfdi33/stamp/v4");
    }
}
