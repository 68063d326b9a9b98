//! The PAC that stamps.
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::unsaid;

/// PAC settings.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pac {
    /// Base address of the PAC's service. Empty in rehearsal: the sandbox that `serve` starts.
    pub url: String,
    /// Bearer token of the account.
    #[serde(serialize_with = "unsaid")]
    pub token: SecretString,
    /// Seconds to connect.
    pub connect_timeout_seconds: u64,
    /// Seconds one stamp may take before the guest hears "en espera".
    pub timeout_seconds: u64,
    /// Longest answer read, in bytes.
    pub answer_max_bytes: usize,
}

impl Default for Pac {
    fn default() -> Pac {
        Pac {
            url: String::new(),
            token: SecretString::default(),
            connect_timeout_seconds: 5,
            timeout_seconds: 12,
            answer_max_bytes: 6 * 1024 * 1024,
        }
    }
}
