//! Hands messages to a mail server. One connection per letter: lettre's pool takes back a connection whose sending was
//! cut off by the time limit, and the next letter would then read the answers meant for the one before.
use std::time::Duration;

use futures::future::BoxFuture;
use lettre::transport::smtp::{self, AsyncSmtpTransport, PoolConfig};
use lettre::{AsyncTransport, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{MailError, Mailer, Outgoing, message};

/// 5xx answers that speak of the address or the message (RFC 5321, 4.2.3; RFC 7504). The others, such as 535 for a
/// wrong password, are between us and our own server: the letter waits until that is mended.
const REFUSED_FOR_GOOD: [u16; 7] = [521, 550, 551, 552, 553, 554, 556];

/// A mail server reached over SMTP.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
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
    /// address ends in `?tls=none`. Needs a tokio runtime.
    pub fn new(url: &SecretString, timeout: Duration) -> Result<SmtpMailer, SmtpUrlError> {
        let url = with_encryption(url.expose_secret())?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str())
            .map_err(SmtpUrlError::Transport)?
            .pool_config(PoolConfig::new().max_size(0))
            .timeout(Some(timeout))
            .build();
        Ok(SmtpMailer { transport, timeout })
    }

    /// Connects, signs in and hangs up.
    pub(super) async fn try_connection(&self) -> Result<bool, smtp::Error> {
        self.transport.test_connection().await
    }
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

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(async move {
            let envelope = message::envelope(message)?;
            // lettre's own limit covers the connecting alone.
            match tokio::time::timeout(self.timeout, self.transport.send_raw(&envelope, &message.raw)).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(judge(&error)),
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

/// A server's own words often quote the address, so only the kind of fault and its number are kept.
fn judge(error: &smtp::Error) -> MailError {
    if let Some(code) = error.status() {
        let number = u16::from(code);
        return if REFUSED_FOR_GOOD.contains(&number) {
            MailError::Permanent(format!("answer {number}"))
        } else {
            MailError::Temporary(format!("answer {number}"))
        };
    }
    MailError::Temporary(if error.is_timeout() {
        "no connection in time".into()
    } else if is_about_tls(error) {
        "no encrypted connection".into()
    } else if error.is_response() {
        "the line broke or the answer made no sense".into()
    } else if error.is_client() {
        "the server does not offer what we need".into()
    } else {
        "no connection".into()
    })
}

#[cfg(test)]
mod tests;
