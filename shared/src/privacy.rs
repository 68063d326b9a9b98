//! Personal data: an issuer's notices and who accepted them, requests about one's own data, and a copy of it.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::accounts::passkeys::PasskeyView;
use crate::accounts::people::CustomerPeople;
use crate::accounts::{CustomerView, Me, SessionView};
use crate::problem::{FieldCode, FieldErrors};
use crate::time::LocalTime;

/// Longest text of a notice, in characters.
pub const NOTICE_MAX: usize = 50_000;
/// Longest address of a notice, in bytes.
pub const URL_MAX: usize = 500;
/// Longest request or answer, in characters.
pub const WORDS_MAX: usize = 4_000;

/// An issuer's aviso de privacidad.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PrivacyNotice {
    /// Which; the first is 1.
    pub version: i64,
    /// Its text, paragraphs parted by blank lines; none when it stands elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where it stands; none when its text is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Since when it holds.
    pub published_at: LocalTime,
}

/// Publishes another version: its text, or the address where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PublishNotice {
    /// Up to 50,000 characters.
    #[serde(default)]
    pub text: Option<String>,
    /// An https address.
    #[serde(default)]
    pub url: Option<String>,
}

/// What is published, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParsedNotice {
    /// The text itself.
    Text(String),
    /// Where it stands.
    Url(String),
}

impl PublishNotice {
    /// The notice, or what is wrong.
    pub fn parse(&self) -> Result<ParsedNotice, FieldErrors> {
        let mut errors = FieldErrors::default();
        let given = |field: &Option<String>| field.as_deref().map(str::trim).unwrap_or_default().to_owned();
        let (text, url) = (given(&self.text), given(&self.url));
        let code = match (text.is_empty(), url.is_empty()) {
            (true, true) => ("/text", FieldCode::Required),
            (false, false) => ("/url", FieldCode::Shape),
            (false, true) if text.chars().count() > NOTICE_MAX => ("/text", FieldCode::TooLong),
            (false, true) if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) => {
                ("/text", FieldCode::Characters)
            }
            (false, true) => return Ok(ParsedNotice::Text(text)),
            (true, false) if url.len() > URL_MAX => ("/url", FieldCode::TooLong),
            (true, false) if !is_https(&url) => ("/url", FieldCode::WebhookUrl),
            (true, false) => return Ok(ParsedNotice::Url(url)),
        };
        errors.add(code.0, code.1);
        Err(errors)
    }
}

/// A link that a person follows: https, a host, and nothing that could be read as another address.
fn is_https(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '`' | '{' | '}');
    host.contains('.') && !host.contains('@') && rest.chars().all(plain)
}

/// Accepts a version of an issuer's notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AcceptNotice {
    /// The issuer's short name.
    pub issuer: String,
    /// The version that was read; only the present one can be accepted.
    pub version: i64,
}

/// What one may ask of whoever keeps one's data (LFPDPPP).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ArcoKind {
    /// Acceso.
    Access,
    /// Rectificación.
    Rectification,
    /// Cancelación.
    Cancellation,
    /// Oposición.
    Opposition,
}

impl ArcoKind {
    /// All four, in the order of their name.
    pub const ALL: [ArcoKind; 4] =
        [ArcoKind::Access, ArcoKind::Rectification, ArcoKind::Cancellation, ArcoKind::Opposition];

    /// As kept and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            ArcoKind::Access => "access",
            ArcoKind::Rectification => "rectification",
            ArcoKind::Cancellation => "cancellation",
            ArcoKind::Opposition => "opposition",
        }
    }

    /// The kind of a name.
    pub fn named(name: &str) -> Option<ArcoKind> {
        ArcoKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Asks for something about one's own data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenArco {
    /// The issuer's short name.
    pub issuer: String,
    /// What.
    pub kind: ArcoKind,
    /// In one's own words, up to 4,000 characters.
    pub words: String,
}

impl OpenArco {
    /// The words, or what is wrong with them.
    pub fn parse(&self) -> Result<&str, FieldErrors> {
        words(&self.words)
    }
}

fn words(typed: &str) -> Result<&str, FieldErrors> {
    let mut errors = FieldErrors::default();
    let text = typed.trim();
    let code = if text.is_empty() {
        FieldCode::Required
    } else if text.chars().count() > WORDS_MAX {
        FieldCode::TooLong
    } else {
        return Ok(text);
    };
    errors.add("/words", code);
    Err(errors)
}

/// A request about one's own data, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArcoCase {
    /// Ours.
    pub id: Uuid,
    /// The issuer it was sent to.
    pub issuer_name: String,
    /// What was asked for.
    pub kind: ArcoKind,
    /// In whose words.
    pub words: String,
    /// When.
    pub opened_at: LocalTime,
    /// The last of the twenty working days in which it must be answered; `YYYY-MM-DD`.
    pub due_on: String,
    /// That day has passed without an answer.
    pub late: bool,
    /// Whether it was granted; none while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<bool>,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// When it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<LocalTime>,
}

/// The same as staff see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsoleArcoCase {
    /// The request.
    pub case: ArcoCase,
    /// The customer it was asked for; none of the owner of a mailbox, who asks about what was invoiced to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<Uuid>,
    /// Its RFC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rfc: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nombre: Option<String>,
    /// Who asked.
    pub email: String,
}

/// Answers a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AnswerArco {
    /// Whether it is granted.
    pub granted: bool,
    /// What was done, or why not; up to 4,000 characters. It goes to the person by mail.
    pub words: String,
}

impl AnswerArco {
    /// The words, or what is wrong with them.
    pub fn parse(&self) -> Result<&str, FieldErrors> {
        words(&self.words)
    }
}

/// An issuer's present notice, and whether the caller accepted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoticeForMe {
    /// The issuer's short name.
    pub issuer: String,
    /// Its name.
    pub issuer_name: String,
    /// The present version; none when it has published none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// Since when it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<LocalTime>,
    /// When the caller accepted this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<LocalTime>,
}

/// What a person's page about their data shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyPrivacy {
    /// One for each issuer the customer has a contract with, or that invoiced to the mailbox.
    pub notices: Vec<NoticeForMe>,
    /// The caller's requests, the newest first; at most 100.
    pub cases: Vec<ArcoCase>,
}

/// A customer's fiscal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FiscalData {
    /// RFC.
    pub rfc: String,
    /// Name in the SAT's register.
    pub nombre: String,
    /// c_RegimenFiscal.
    pub regimen: String,
    /// Postal code of the tax domicile.
    pub codigo_postal: String,
}

/// What is held about the caller and the customer they are signed in for. Documents and payments are not in it, nor what a
/// mailbox keeps for its next invoice: the portal's own pages give them whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyData {
    /// When it was taken; RFC 3339, UTC.
    pub taken_at: String,
    /// Who asks.
    pub me: Me,
    /// The customer's fiscal data; none of an account of a mailbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal: Option<FiscalData>,
    /// RFCs that were invoiced to the caller's mailbox, the newest first; at most 100. A customer's people have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mailbox_rfcs: Vec<String>,
    /// Who else has access, who was invited, and who gets copies; none unless the caller is an owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<CustomerPeople>,
    /// The caller's sessions.
    pub sessions: Vec<SessionView>,
    /// The caller's passkeys, without their keys.
    pub passkeys: Vec<PasskeyView>,
    /// Notices accepted, requests made.
    pub privacy: MyPrivacy,
    /// Customers the caller has access to.
    pub customers: Vec<CustomerView>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_a_text_or_an_https_address() {
        let of = |text: Option<&str>, url: Option<&str>| {
            PublishNotice { text: text.map(str::to_owned), url: url.map(str::to_owned) }.parse()
        };
        assert_eq!(of(Some(" Aviso\n\nDos "), None), Ok(ParsedNotice::Text("Aviso\n\nDos".into())));
        let there = "https://colibri.example/aviso?v=2";
        assert_eq!(of(None, Some(there)), Ok(ParsedNotice::Url(there.into())));
        assert_eq!(of(None, None).unwrap_err().of("/text"), Some(FieldCode::Required));
        assert_eq!(of(Some("a"), Some(there)).unwrap_err().of("/url"), Some(FieldCode::Shape));
        for url in
            ["http://colibri.example", "javascript:alert(1)", "https://a@b.example", "https://x", "https://a.b/\"x"]
        {
            assert_eq!(of(None, Some(url)).unwrap_err().of("/url"), Some(FieldCode::WebhookUrl), "{url}");
        }
    }
}
