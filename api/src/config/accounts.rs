//! Settings of accounts.
use serde::{Deserialize, Serialize};

use super::not_above_zero;

/// Passwords, sessions, links (threats A1, A3, A5, A6, A10, A12, A15).
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accounts {
    /// Minutes an access token lives.
    pub access_minutes: i64,
    /// Minutes after which a session that is not used ends.
    pub idle_minutes: i64,
    /// Hours after which any session ends.
    pub session_hours: i64,
    /// Seconds in which a rotated refresh token still gets its successor: two tabs at once.
    pub refresh_grace_seconds: i64,
    /// Hours the link of a registration is good.
    pub activation_hours: i64,
    /// Minutes the link of a recovery is good.
    pub recovery_minutes: i64,
    /// Minutes in which wrong passwords are counted.
    pub wrong_window_minutes: i64,
    /// Wrong passwords for one account in that time.
    pub wrong_per_account: i64,
    /// Wrong passwords from one source address in that time.
    pub wrong_per_source: i64,
    /// Wrong sign-ins in that time, whosever and from wherever, from which on each costs a proof of work.
    pub wrong_globally: i64,
    /// Wrong passwords for one account, however long it takes, from which on a sign-in costs a proof of work until one is
    /// right.
    pub wrong_in_a_row: i64,
    /// Wrong codes of one person's app, however long it takes, from which on they are taken once a day until one is right.
    pub wrong_codes_in_a_row: i64,
    /// Letters about registration and recovery to one account in an hour.
    pub letters_per_account: i64,
    /// Registrations and recoveries asked for from one source address in an hour.
    pub letters_per_source: i64,
    /// Minutes after a proof of who one is in which acts that ask for one are open.
    pub proof_minutes: i64,
    /// Days an invitation is good.
    pub invitation_days: i64,
    /// Days after its contract was loaded in which a customer may come in for the first time by its RFC alone, where the
    /// issuer's profile has that.
    pub first_entry_days: i64,
    /// Largest number that a browser may have to find before it registers or recovers, and four times that before it looks a
    /// ticket up where strangers guess or signs in where passwords are guessed: 50000 is about a second of a phone. 0 = none
    /// is asked for; then `wrong_globally` holds every sign-in until its time is over, `wrong_in_a_row` holds the account
    /// until its owner recovers the password, and who holds an account keeps its owner out for as long.
    pub work_max_number: u32,
    /// Password hashings that may wait for their turn.
    pub hash_queue: usize,
}

impl Default for Accounts {
    fn default() -> Accounts {
        Accounts {
            access_minutes: 15,
            idle_minutes: 30,
            session_hours: 12,
            refresh_grace_seconds: 10,
            activation_hours: 24,
            recovery_minutes: 30,
            wrong_window_minutes: 15,
            wrong_per_account: 5,
            wrong_per_source: 60,
            wrong_globally: 1_000,
            wrong_in_a_row: 100,
            wrong_codes_in_a_row: 20,
            letters_per_account: 3,
            letters_per_source: 20,
            proof_minutes: 10,
            invitation_days: 7,
            first_entry_days: 30,
            work_max_number: 50_000,
            hash_queue: 64,
        }
    }
}

impl Accounts {
    /// What is wrong with the values.
    pub(super) fn faults(&self) -> Vec<String> {
        not_above_zero(&[
            ("accounts.access_minutes", self.access_minutes > 0),
            ("accounts.idle_minutes", self.idle_minutes > 0),
            ("accounts.session_hours", self.session_hours > 0),
            ("accounts.activation_hours", self.activation_hours > 0),
            ("accounts.recovery_minutes", self.recovery_minutes > 0),
            ("accounts.wrong_window_minutes", self.wrong_window_minutes > 0),
            ("accounts.wrong_per_account", self.wrong_per_account > 0),
            ("accounts.wrong_per_source", self.wrong_per_source > 0),
            ("accounts.wrong_globally", self.wrong_globally > 0),
            ("accounts.wrong_in_a_row", self.wrong_in_a_row > 0),
            ("accounts.wrong_codes_in_a_row", self.wrong_codes_in_a_row > 0),
            ("accounts.letters_per_account", self.letters_per_account > 0),
            ("accounts.letters_per_source", self.letters_per_source > 0),
            ("accounts.proof_minutes", self.proof_minutes > 0),
            ("accounts.invitation_days", self.invitation_days > 0),
            ("accounts.first_entry_days", self.first_entry_days > 0),
            ("accounts.hash_queue", self.hash_queue > 0),
        ])
    }
}
