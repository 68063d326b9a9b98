//! Walks a letter's way up to the server's yes to our sender and back, for an operator who asks whether mail works. Sends
//! nothing.
use std::time::Duration;

use lettre::Address;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::smtp::{SmtpMailer, Step, Stumble, is_about_tls, port, with_encryption};

/// The first step that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {why}")]
pub struct ProbeError {
    /// Which.
    pub step: &'static str,
    /// What happened. Names no person and no password.
    pub why: String,
}

fn failed(step: &'static str, why: impl Into<String>) -> ProbeError {
    ProbeError { step, why: why.into() }
}

/// Finds the server by its name, connects, hears its greeting, says EHLO, encrypts, signs in, and asks whether it takes
/// letters of this sender.
pub async fn probe(url: &SecretString, from: &str, limit: Duration) -> Result<(), ProbeError> {
    let late = |step| move |_elapsed| failed(step, format!("no answer in {} s", limit.as_secs()));
    let address = with_encryption(url.expose_secret()).map_err(|error| failed("address", error.to_string()))?;
    let from: Address = from.parse().map_err(|_unreadable| failed(Step::Sender.name(), "not a mail address"))?;
    let place = format!("{}:{}", address.host_str().unwrap_or_default(), port(&address));
    let found = timeout(limit, lookup_host(&place)).await.map_err(late("name"))?;
    let found: Vec<_> = found.map_err(|error| failed("name", format!("{place} is not found: {error}")))?.collect();
    let line = timeout(limit, TcpStream::connect(found.as_slice())).await.map_err(late("connection"))?;
    drop(line.map_err(|error| failed("connection", format!("{place}: {error}")))?);
    let mailer = SmtpMailer::new(url, limit).map_err(|error| failed("address", error.to_string()))?;
    let asked = timeout(limit, mailer.try_sender(from)).await.map_err(late(Step::Greeting.name()))?;
    asked.map_err(|stumble| told(&stumble, address.scheme() == "smtps"))
}

fn told(Stumble { step, error }: &Stumble, tls_at_once: bool) -> ProbeError {
    if is_about_tls(error) {
        return failed(Step::Encryption.name(), "no encrypted connection: is the certificate good?");
    }
    match (*step, error.status().map(u16::from)) {
        // Whoever asks for a login, or refuses ours, may say so late.
        (_, Some(number @ 530..=539)) => failed(Step::Login.name(), format!("refused with {number}")),
        (step, Some(number)) => failed(step.name(), format!("refused with {number}")),
        (step, None) if error.is_timeout() => failed(step.name(), "no answer in time"),
        (Step::Greeting, None) if tls_at_once => {
            failed(Step::Encryption.name(), "no encrypted conversation: does this port speak TLS from the start?")
        }
        (Step::Encryption, None) if error.is_client() => {
            failed(Step::Encryption.name(), "the server does not offer STARTTLS")
        }
        (Step::Login, None) if error.is_client() => failed(Step::Login.name(), "the server offers no login we know"),
        (step, None) => failed(step.name(), "the line broke or the answer made no sense"),
    }
}
