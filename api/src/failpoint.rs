//! Named places where a test may kill the process, to prove that what was promised survives it.
//!
//! Compiled only with debug assertions: a release binary has none of it.

/// Every place. A test walks the list on both engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failpoint {
    /// F1: the intention is written, not committed.
    BeforeIntentionCommit,
    /// F2: the intention is committed, the PAC was not called.
    AfterIntentionCommit,
    /// F3: the PAC answered, nothing of it was written.
    AfterPacAnswer,
    /// F3: the answer is written, not committed.
    BeforeSettleCommit,
    /// F8: all is committed, the client has no answer.
    AfterSettleCommit,
    /// F19: the letter was handed to the mail server, its row does not say so.
    AfterMailAccepted,
    /// F17: what a bank said is kept, nobody judged it.
    AfterEvidenceCommit,
    /// F17: the money is entered, not committed.
    BeforeMoneyCommit,
    /// F17: the money is committed, and whoever told of it or decided it, bank or staff, has no answer.
    AfterMoneyCommit,
    /// A line of a bank's file is settled, the next is not.
    BetweenFileLines,
}

impl Failpoint {
    /// Those of a ticket, in the order of its life.
    pub const ALL: [Failpoint; 6] = [
        Failpoint::BeforeIntentionCommit,
        Failpoint::AfterIntentionCommit,
        Failpoint::AfterPacAnswer,
        Failpoint::BeforeSettleCommit,
        Failpoint::AfterSettleCommit,
        Failpoint::AfterMailAccepted,
    ];

    /// Those of a payment, in the order of its life.
    pub const OF_PAYMENTS: [Failpoint; 3] =
        [Failpoint::AfterEvidenceCommit, Failpoint::BeforeMoneyCommit, Failpoint::AfterMoneyCommit];

    /// Those of a bank's file, in the order of its life.
    pub const OF_FILES: [Failpoint; 2] = [Failpoint::AfterMoneyCommit, Failpoint::BetweenFileLines];

    /// Those of what staff or an ERP do with money, in the order of its life.
    pub const OF_ACTS: [Failpoint; 2] = [Failpoint::BeforeMoneyCommit, Failpoint::AfterMoneyCommit];

    /// The name a test puts into `VENTANILLA_TEST_FAILPOINT`.
    pub const fn name(self) -> &'static str {
        match self {
            Failpoint::BeforeIntentionCommit => "before_intention_commit",
            Failpoint::AfterIntentionCommit => "after_intention_commit",
            Failpoint::AfterPacAnswer => "after_pac_answer",
            Failpoint::BeforeSettleCommit => "before_settle_commit",
            Failpoint::AfterSettleCommit => "after_settle_commit",
            Failpoint::AfterMailAccepted => "after_mail_accepted",
            Failpoint::AfterEvidenceCommit => "after_evidence_commit",
            Failpoint::BeforeMoneyCommit => "before_money_commit",
            Failpoint::AfterMoneyCommit => "after_money_commit",
            Failpoint::BetweenFileLines => "between_file_lines",
        }
    }
}

/// Aborts the process, as `kill -9` would, when `VENTANILLA_TEST_FAILPOINT` names this place.
#[cfg(debug_assertions)]
pub fn hit(point: Failpoint) {
    if std::env::var_os("VENTANILLA_TEST_FAILPOINT").is_some_and(|name| name == point.name()) {
        std::process::abort();
    }
}

/// Nothing, in a release binary.
#[cfg(not(debug_assertions))]
pub fn hit(_: Failpoint) {}
