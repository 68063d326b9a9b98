//! Figures for whoever watches the installation.
use std::net::SocketAddr;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::unsaid;

/// Metrics settings.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// Address of a listener of its own for `/metrics`. Empty: none; then `/metrics` is at the portal's own address if there
    /// is a token, and nowhere else.
    pub listen: String,
    /// Bearer token that whoever reads `/metrics` shows; at least 16 characters. May be empty only with a loopback `listen`.
    #[serde(serialize_with = "unsaid")]
    pub token: SecretString,
}

/// Shortest token: it may stand at a public address.
const TOKEN_MIN: usize = 16;

impl Metrics {
    /// What is wrong with the values.
    pub(super) fn faults(&self) -> Vec<String> {
        let token = self.token.expose_secret();
        let mut faults = Vec::new();
        if !token.is_empty() && token.len() < TOKEN_MIN {
            faults.push(format!("metrics.token: must have at least {TOKEN_MIN} characters"));
        }
        if self.listen.is_empty() {
            return faults;
        }
        match self.listen.parse::<SocketAddr>() {
            Err(_) => faults.push(format!("metrics.listen: {} is not ADDRESS:PORT", self.listen)),
            Ok(address) if !address.ip().is_loopback() && token.is_empty() => {
                faults.push("metrics.listen: not a loopback address needs metrics.token".into());
            }
            Ok(_) => {}
        }
        faults
    }
}
