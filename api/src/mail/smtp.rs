//! Hands messages to a mail server, one connection for each letter. The conversation is held here and not by lettre's
//! transport, which says that a server refused and not at which step: only what it answers to RCPT is about the address,
//! and only what it answers to RCPT and DATA is about the letter.
use std::error::Error as _;
use std::time::Duration;

use futures::future::BoxFuture;
use lettre::Address;
use lettre::address::Envelope;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Tls, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use super::{MailError, Mailer, Outgoing, Refusal, message, refusals};

/// 5xx answers to RCPT and DATA that speak of the address or the message (RFC 5321, 4.2.3; RFC 7504). The others, such as
/// 535 for a wrong password, and whatever is said to MAIL or before, are between us and our own server: the letter waits
/// until that is mended.
const REFUSED_FOR_GOOD: [u16; 7] = [521, 550, 551, 552, 553, 554, 556];

/// A mail server reached over SMTP.
pub struct SmtpMailer {
    host: String,
    port: u16,
    tls: Tls,
    hello: ClientId,
    login: Option<Credentials>,
    timeout: Duration,
}

/// `mail.smtp_url` is not an address of a mail server. Its text is not shown: it may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum SmtpUrlError {
    /// Not a URL.
    #[error("mail.smtp_url is not smtp://… or smtps://…")]
    Syntax,
    /// The transport could not be made of it.
    #[error("mail.smtp_url cannot be used")]
    Transport(#[source] smtp::Error),
}

impl SmtpMailer {
    /// `smtps://user:password@host`, or `smtp://…`, which asks for STARTTLS unless the host is this machine or the
    /// address ends in `?tls=none`. A path is the name that we greet with.
    pub fn new(url: &SecretString, timeout: Duration) -> Result<SmtpMailer, SmtpUrlError> {
        let url = with_encryption(url.expose_secret())?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let encrypted = || TlsParameters::new(host.clone()).map_err(SmtpUrlError::Transport);
        let tls = match (url.scheme(), url.query()) {
            ("smtps", _) => Tls::Wrapper(encrypted()?),
            (_, Some(_)) => Tls::Required(encrypted()?),
            (_, None) => Tls::None,
        };
        let greeting = url.path().trim_matches('/');
        let hello = if greeting.is_empty() { ClientId::default() } else { ClientId::Domain(greeting.to_owned()) };
        let login = url.password().map(|password| Credentials::new(decoded(url.username()), decoded(password)));
        Ok(SmtpMailer { host, port: port(&url), tls, hello, login, timeout })
    }

    /// Connects, encrypts as the address says, and signs in.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Stumble> {
        let at_once = match &self.tls {
            Tls::Wrapper(tls) => Some(tls.clone()),
            _ => None,
        };
        let (server, limit) = ((self.host.as_str(), self.port), Some(self.timeout));
        let greeted = AsyncSmtpConnection::connect_tokio1(server, limit, &self.hello, at_once, None).await;
        let mut line = greeted.map_err(Step::Greeting.failed())?;
        if let Tls::Required(tls) = &self.tls {
            line.starttls(tls.clone(), &self.hello).await.map_err(Step::Encryption.failed())?;
        }
        if let Some(login) = &self.login {
            line.auth(DEFAULT_MECHANISMS, login).await.map_err(Step::Login.failed())?;
        }
        Ok(line)
    }

    /// Connects, signs in, asks to send as `from`, takes that back and hangs up.
    pub(super) async fn try_sender(&self, from: Address) -> Result<(), Stumble> {
        let mut line = self.connect().await?;
        let done = introduce(&mut line, from).await;
        self.hang_up(line);
        done.map_err(Step::Sender.failed())
    }

    /// Takes leave. Nobody waits for that: a server may leave it unanswered.
    fn hang_up(&self, mut line: AsyncSmtpConnection) {
        let limit = self.timeout;
        tokio::spawn(async move { drop(tokio::time::timeout(limit, line.abort()).await) });
    }

    async fn carry(&self, envelope: &Envelope, message: &[u8]) -> Result<(), MailError> {
        let mut line = self.connect().await.map_err(|stumble| judge(&stumble.error))?;
        let done = converse(&mut line, envelope, message).await;
        self.hang_up(line);
        done
    }
}

/// A step of the way to a server's yes to our sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Greeting,
    Encryption,
    Login,
    Sender,
}

impl Step {
    /// As an operator is told of it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Step::Greeting => "greeting and EHLO",
            Step::Encryption => "encryption",
            Step::Login => "login",
            Step::Sender => "sender",
        }
    }

    fn failed(self) -> impl FnOnce(smtp::Error) -> Stumble {
        move |error| Stumble { step: self, error }
    }
}

/// Where the way ended, and why.
pub(super) struct Stumble {
    pub step: Step,
    pub error: smtp::Error,
}

/// Whether the server would take letters of this sender.
async fn introduce(line: &mut AsyncSmtpConnection, from: Address) -> Result<(), smtp::Error> {
    line.command(Mail::new(Some(from), Vec::new())).await?;
    line.command(Rset).await?;
    Ok(())
}

/// One letter, on a line that is open.
async fn converse(line: &mut AsyncSmtpConnection, envelope: &Envelope, message: &[u8]) -> Result<(), MailError> {
    // Addresses of ours are plain ASCII; a message may carry more.
    let more = (!message.is_ascii()).then_some(MailParameter::Body(MailBodyParameter::EightBitMime));
    if more.is_some() && !line.server_info().supports_feature(Extension::EightBitMime) {
        return Err(MailError::Temporary(LACKING.to_owned()));
    }
    let parameters = more.into_iter().collect();
    line.command(Mail::new(envelope.from().cloned(), parameters)).await.map_err(|error| judge(&error))?;
    for to in envelope.to() {
        line.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(|error| judge_recipient(&error))?;
    }
    line.command(Data).await.map_err(|error| judge_letter(&error))?;
    line.message(message).await.map_err(|error| judge_letter(&error))?;
    Ok(())
}

/// A part of an address as it is meant. A query's decoder does it, told that `+` and `&` stand for themselves here; the
/// URL has encoded `=` itself.
fn decoded(part: &str) -> String {
    let part = part.replace('+', "%2B").replace('&', "%26");
    form_urlencoded::parse(part.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

/// lettre reads a bare `smtp://` as "never encrypt"; here it means "encrypt, or do not send".
pub(super) fn with_encryption(text: &str) -> Result<Url, SmtpUrlError> {
    let mut url = Url::parse(text).ok().filter(|url| url.has_host()).ok_or(SmtpUrlError::Syntax)?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
    match (url.scheme(), tls.as_deref()) {
        ("smtps", None) | ("smtp", Some("required")) => {}
        ("smtp", Some("none")) => url.set_query(None),
        ("smtp", None) if local => {}
        ("smtp", None) => url.set_query(Some("tls=required")),
        _ => return Err(SmtpUrlError::Syntax),
    }
    Ok(url)
}

/// The port of an address of [`with_encryption`]: the one it names, or SMTP's own inside TLS, with STARTTLS, in the clear.
pub(super) fn port(url: &Url) -> u16 {
    let usual = match (url.scheme(), url.query()) {
        ("smtps", _) => 465,
        (_, Some(_)) => 587,
        (_, None) => 25,
    };
    url.port().unwrap_or(usual)
}

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(async move {
            let envelope = message::envelope(message)?;
            // lettre's own limit covers the connecting alone.
            match tokio::time::timeout(self.timeout, self.carry(&envelope, &message.raw)).await {
                Ok(done) => done,
                Err(_elapsed) => Err(MailError::Temporary("no answer in time".into())),
            }
        })
    }
}

/// Something about TLS, wherever in the conversation: after STARTTLS lettre reports a certificate that is not good as
/// a line that broke.
pub(super) fn is_about_tls(error: &smtp::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if error.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>()) {
            return true;
        }
        cause = error.source();
    }
    error.is_tls()
}

const LACKING: &str = "the server does not offer what we need";

/// The answer to RCPT: about the address, about us, who may not send from here or as this sender, or about the letter.
fn judge_recipient(error: &smtp::Error) -> MailError {
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    if refusals::is_about_us(&words) {
        return judge(error);
    }
    let refusal = error.status().and_then(|code| Refusal::read(code.into(), &words));
    refusal.map_or_else(|| judge_letter(error), MailError::Refused)
}

/// The answer to a message, or to the announcement of one.
fn judge_letter(error: &smtp::Error) -> MailError {
    match error.status().map(u16::from) {
        Some(number) if REFUSED_FOR_GOOD.contains(&number) => MailError::Permanent(format!("answer {number}")),
        _ => judge(error),
    }
}

/// What is between us and our own server. Its words often quote the address, so only the kind of fault and its number are
/// kept.
fn judge(error: &smtp::Error) -> MailError {
    if let Some(code) = error.status() {
        return MailError::Temporary(format!("answer {}", u16::from(code)));
    }
    MailError::Temporary(if error.is_timeout() {
        "no connection in time".into()
    } else if is_about_tls(error) {
        "no encrypted connection".into()
    } else if error.is_response() {
        "the line broke or the answer made no sense".into()
    } else if error.is_client() {
        LACKING.into()
    } else {
        "no connection".into()
    })
}

#[cfg(test)]
mod tests;
