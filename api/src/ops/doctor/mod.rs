//! Is it healthy? Every question that an operator would ask after a bad night, each with what to do about it.
//!
//! It reads only, makes nothing, and works beside a running server. A fault is what stops invoices or endangers what
//! was promised; a warning will become one.
mod data;
mod machine;

use std::io::{self, Write};
use std::time::Duration;

use super::start::{self, World};
use crate::config::{Config, ConfigError};
use crate::files::{FileError, Files};
use crate::mail;

pub(super) use data::sealing_keys;
pub(super) use machine::little_room;

/// How it stands with one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Good.
    Good,
    /// Will be a fault, or might be one.
    Warning,
    /// Somebody must act.
    Fault,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub what: &'static str,
    /// How it stands.
    pub verdict: Verdict,
    /// What was seen.
    pub seen: String,
    /// What to do; empty when nothing.
    pub remedy: String,
}

impl Finding {
    fn good(what: &'static str, seen: impl Into<String>) -> Finding {
        Finding { what, verdict: Verdict::Good, seen: seen.into(), remedy: String::new() }
    }

    fn warning(what: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { what, verdict: Verdict::Warning, seen: seen.into(), remedy: remedy.into() }
    }

    fn fault(what: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { what, verdict: Verdict::Fault, seen: seen.into(), remedy: remedy.into() }
    }
}

/// Looks at everything that the configuration leads to.
pub async fn examine(config: Result<Config, ConfigError>, world: &World) -> Vec<Finding> {
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            let remedy = "correct it; config.example.toml has every setting";
            return vec![Finding::fault("configuration", chain(&error), remedy)];
        }
    };
    let (in_data, rehearsal) = data::examine(&config, world).await;
    let mut findings = vec![settings(&config, rehearsal), public_address(&config)];
    findings.extend(machine::examine(&config));
    findings.extend(in_data);
    findings.push(files(&config).await);
    findings.push(mail_server(&config, rehearsal).await);
    findings
}

/// What `serve` would refuse, in the mode that this installation has, or in that of its first start.
fn settings(config: &Config, rehearsal: Option<bool>) -> Finding {
    let what = "configuration";
    let mut faults = start::faults(config, rehearsal.unwrap_or(config.rehearsal));
    if config.rehearsal && rehearsal == Some(false) {
        faults.push("rehearsal: the database is a production installation".to_owned());
    }
    if faults.is_empty() {
        return Finding::good(what, "read and complete");
    }
    Finding::fault(what, faults.join("; "), "correct it: `ventanilla serve` refuses to start with it")
}

/// Whether the place of uploaded files is there and lets us in. Whether it takes files is not tried: nothing is written.
async fn files(config: &Config) -> Finding {
    let (what, bucket) = ("files", &config.files.bucket);
    if bucket.is_empty() {
        return Finding::good(what, "in the data folder");
    }
    let probed = async { Files::of(config)?.probe().await }.await;
    let Err(error) = probed else { return Finding::good(what, format!("the bucket {bucket} lets us in")) };
    let remedy = match error {
        FileError::Refused(..) => {
            "correct files.bucket and the key; it must be allowed to list the bucket, and to get, put and delete in it"
        }
        _ => "correct files.endpoint and files.region, or see whether the store runs and this machine reaches it",
    };
    Finding::fault(what, chain(&error), remedy)
}

fn public_address(config: &Config) -> Finding {
    let what = "public address";
    match config.public_url.as_str() {
        "" => Finding::good(
            what,
            format!("none set: this machine only, http://localhost at the port of {}", config.listen),
        ),
        url if url.starts_with("https://") => Finding::good(what, url),
        url => {
            let remedy = "set public_url to the https address of the proxy; links in letters begin with it";
            Finding::warning(what, format!("{url} is not encrypted"), remedy)
        }
    }
}

async fn mail_server(config: &Config, rehearsal: Option<bool>) -> Finding {
    let what = "mail";
    if !config.has_smtp() {
        return match rehearsal {
            Some(false) => {
                Finding::fault(what, "no mail server is set", "set mail.smtp_url: smtps://user:password@host")
            }
            _ => Finding::good(what, "no mail server is set: letters go to the mailbox page of the rehearsal"),
        };
    }
    let (url, from) = (&config.mail.smtp_url, &config.mail.from_address);
    match mail::probe(url, from, Duration::from_secs(config.mail.timeout_seconds)).await {
        Ok(()) => Finding::good(what, "the mail server greets us, takes our login and our sender"),
        Err(error) => {
            let remedy = match error.step {
                "name" => "correct the host in mail.smtp_url, or this machine's DNS",
                "connection" => "correct the port in mail.smtp_url, or open it in the firewall",
                "encryption" => {
                    "use the name in the server's certificate; smtps:// for port 465, smtp:// for 587; for a relay of your \
                     own network that speaks no TLS, end mail.smtp_url in ?tls=none"
                }
                "login" => "correct user and password in mail.smtp_url (percent-encoded)",
                "sender" => {
                    "set mail.from_address to an address that the login in mail.smtp_url may send as, or have the server \
                     allow this one"
                }
                _ => "see whether another program sends through this server, and what its log says of us",
            };
            Finding::fault(what, error.to_string(), remedy)
        }
    }
}

/// An error with its causes, in one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Tells what was found, a line per thing; `true` when there is no fault.
pub fn tell(findings: &[Finding], out: &mut impl Write) -> io::Result<bool> {
    for finding in findings {
        let word = match finding.verdict {
            Verdict::Good => "ok     ",
            Verdict::Warning => "warning",
            Verdict::Fault => "FAULT  ",
        };
        writeln!(out, "{word}  {}: {}", finding.what, finding.seen)?;
        if !finding.remedy.is_empty() {
            writeln!(out, "         → {}", finding.remedy)?;
        }
    }
    let count = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    let (faults, warnings) = (count(Verdict::Fault), count(Verdict::Warning));
    writeln!(out, "{} looked at: {faults} faults, {warnings} warnings", findings.len())?;
    Ok(faults == 0)
}
