//! Walks a letter's way up to the login and back, for an operator who asks whether mail works. Sends nothing.
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::smtp::{SmtpMailer, is_about_tls, port, with_encryption};

/// The first step that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {why}")]
pub struct ProbeError {
    /// Which.
    pub step: &'static str,
    /// What happened. Names no person and no password.
    pub why: String,
}

/// Finds the server by its name, connects, hears its greeting, says EHLO, encrypts and signs in.
pub async fn probe(url: &SecretString, limit: Duration) -> Result<(), ProbeError> {
    let failed = |step: &'static str, why: &str| ProbeError { step, why: why.to_owned() };
    let late = |step| move |_elapsed| ProbeError { step, why: format!("no answer in {} s", limit.as_secs()) };
    let address = with_encryption(url.expose_secret()).map_err(|error| failed("address", &error.to_string()))?;
    let place = format!("{}:{}", address.host_str().unwrap_or_default(), port(&address));
    let found = timeout(limit, lookup_host(&place)).await.map_err(late("name"))?;
    let found: Vec<_> = found.map_err(|error| failed("name", &format!("{place} is not found: {error}")))?.collect();
    let line = timeout(limit, TcpStream::connect(found.as_slice())).await.map_err(late("connection"))?;
    drop(line.map_err(|error| failed("connection", &format!("{place}: {error}")))?);
    let mailer = SmtpMailer::new(url, limit).map_err(|error| failed("address", &error.to_string()))?;
    match timeout(limit, mailer.try_connection()).await.map_err(late("greeting and EHLO"))? {
        Ok(true) => Ok(()),
        Ok(false) => Err(failed("greeting and EHLO", "the server hung up")),
        Err(error) if is_about_tls(&error) => {
            Err(failed("encryption", "no encrypted connection: is the certificate good?"))
        }
        Err(error) => Err(match error.status().map(u16::from) {
            Some(number @ 530..=539) => failed("login", &format!("refused with {number}")),
            Some(number) => failed("greeting and EHLO", &format!("refused with {number}")),
            None if error.is_timeout() => failed("greeting and EHLO", "no answer in time"),
            None if address.scheme() == "smtps" => {
                failed("encryption", "no encrypted conversation: does this port speak TLS from the start?")
            }
            None if error.is_client() => failed("login", "the server does not offer STARTTLS or a login we know"),
            None => failed("greeting and EHLO", "the line broke or the answer made no sense"),
        }),
    }
}
