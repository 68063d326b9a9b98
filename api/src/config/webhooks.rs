//! Settings of webhooks.
use serde::{Deserialize, Serialize};

use super::not_above_zero;

/// Events sent to integrators (threats W1, W3).
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Webhooks {
    /// Hosts, or `host:port`, that may be private and on any port: an ERP in the same network. In a rehearsal one on this
    /// machine (`localhost:9000`) is spoken to over http; a demo on loopback takes `http://localhost` without being told.
    pub private_hosts: Vec<String>,
    /// Seconds one try may take.
    pub timeout_seconds: u64,
    /// Tries to one endpoint at once.
    pub at_once: usize,
    /// Endpoints served at once.
    pub endpoints_at_once: usize,
    /// Pauses between the tries of one delivery, in units; after the last it is parked.
    pub retry_pauses: Vec<i64>,
    /// Milliseconds of a unit.
    pub retry_unit_milliseconds: u64,
    /// Units after which an endpoint at which nothing arrives is disabled.
    pub disable_after: i64,
    /// Hours in which the secret before signs too after it was changed.
    pub secret_overlap_hours: i64,
}

impl Default for Webhooks {
    fn default() -> Webhooks {
        Webhooks {
            private_hosts: Vec::new(),
            timeout_seconds: 10,
            at_once: 4,
            endpoints_at_once: 8,
            // The Standard Webhooks table: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
            retry_pauses: vec![5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400],
            retry_unit_milliseconds: 1_000,
            disable_after: 259_200,
            secret_overlap_hours: 24,
        }
    }
}

impl Webhooks {
    /// What is wrong with the values.
    pub(super) fn faults(&self) -> Vec<String> {
        not_above_zero(&[
            ("webhooks.timeout_seconds", self.timeout_seconds > 0),
            ("webhooks.at_once", self.at_once > 0),
            ("webhooks.endpoints_at_once", self.endpoints_at_once > 0),
            ("webhooks.retry_pauses", self.retry_pauses.iter().all(|pause| *pause > 0)),
            ("webhooks.retry_unit_milliseconds", self.retry_unit_milliseconds > 0),
            ("webhooks.disable_after", self.disable_after > 0),
            ("webhooks.secret_overlap_hours", self.secret_overlap_hours > 0),
        ])
    }
}
