//! Settings of the guest flow, and of floods.
use serde::{Deserialize, Serialize};

use super::not_above_zero;

/// Limits of the guest flow (threats G1, G6, K6).
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Guests {
    /// Minutes a ticket claim lives.
    pub claim_minutes: i64,
    /// Hours the browser that invoiced may open the invoice again.
    pub access_hours: i64,
    /// Most that the tickets of one issuer may be invoiced for in 24 hours, in whole units of each currency; 0 = no limit.
    pub daily_amount_max: u32,
    /// Wrong tries on one ticket before it is held for an hour.
    pub wrong_per_ticket: i64,
    /// Wrong tries from one source address in an hour.
    pub wrong_per_source: i64,
    /// Wrong tries on one branch in an hour, from which on the branch is guarded.
    pub wrong_per_branch: i64,
    /// Wrong tries on one ticket, or from one source address, in an hour at a guarded branch.
    pub wrong_when_guarded: i64,
}

/// Flood limits of one source address in one process; 0 = none. A minute's worth may come at once. An office behind one
/// address stays far below them.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Floods {
    /// Tickets looked up.
    pub look_ups_per_minute: u32,
    /// Passwords tried.
    pub sign_ins_per_minute: u32,
    /// Invoices asked for.
    pub invoices_per_minute: u32,
}

impl Default for Guests {
    fn default() -> Guests {
        Guests {
            claim_minutes: 30,
            access_hours: 24,
            daily_amount_max: 100_000_000,
            wrong_per_ticket: 5,
            wrong_per_source: 10,
            wrong_per_branch: 200,
            wrong_when_guarded: 2,
        }
    }
}

impl Default for Floods {
    fn default() -> Floods {
        Floods { look_ups_per_minute: 240, sign_ins_per_minute: 240, invoices_per_minute: 240 }
    }
}

impl Guests {
    /// What is wrong with the values. A limit of wrong tries of 0 would shut everybody out at the first one.
    pub(super) fn faults(&self) -> Vec<String> {
        not_above_zero(&[
            ("guests.claim_minutes", self.claim_minutes > 0),
            ("guests.access_hours", self.access_hours > 0),
            ("guests.wrong_per_ticket", self.wrong_per_ticket > 0),
            ("guests.wrong_per_source", self.wrong_per_source > 0),
            ("guests.wrong_per_branch", self.wrong_per_branch > 0),
            ("guests.wrong_when_guarded", self.wrong_when_guarded > 0),
        ])
    }
}
