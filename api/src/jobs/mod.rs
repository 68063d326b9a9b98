//! The queue of background work: leased rows, at least once, never lost.
//!
//! A job goes into the queue in the transaction of the change that causes it. This room knows no job's meaning:
//! the runner is given a function that matches each kind to its domain. Bodies must bear being run twice. No kind gets the
//! last free worker: what hangs holds up its like, and nothing else.
mod runner;
mod schedule;
mod store;

use uuid::Uuid;

use crate::clock::Ids;
use crate::db::{DbResult, Timestamp, Tx};

pub use runner::{Dispatch, Runner, run_due};
pub use schedule::plan;
pub use store::{
    Parked, bring_forward, count_parked, delete_for, delete_parked, due_count, list_parked, list_subjects, oldest_due,
    release_all, reschedule_for, revive,
};

/// What can be done in the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Ask the PAC again for a sealed invoice's stamp.
    Stamp,
    /// See whether the sale has come that an order waits for.
    AwaitSale,
    /// Carry a letter to the mail server.
    DeliverLetter,
    /// Find out whether a registration or a recovery matches anybody, and write its letter.
    AnswerLinkRequest,
    /// Finds out whether a first entry by RFC matches a customer.
    AnswerFirstEntry,
    /// Find out whether anything was invoiced to a guest's mailbox, and write its code.
    SendMailCode,
    /// Judge what a bank said.
    JudgeEvidence,
    /// Look again for the payment that a bank's message names.
    MatchOrphan,
    /// Decide about a trip to a bank whose time is over.
    PaymentDeadline,
    /// Print the recibo of a payment.
    PrintReceipt,
    /// Tell an issuer that nothing is sent to an endpoint any more.
    WebhookDisabled,
    /// Settle the lines of a bank's file.
    SettleFile,
    /// Count what an invoice leaves owed, or owes no more since it was withdrawn.
    FollowInvoice,
    /// The same for every invoice that was there before its receptor was a customer.
    FollowCustomer,
    /// Ask for the rates of the days.
    RefreshRates,
    /// Make the invented past of the demo's customers.
    DemoHistory,
    /// Make a file of many documents, and take it away when its time is over.
    MakeBundle,
    /// Write to a customer's people what was published for them.
    SendDigest,
    /// Read old documents again for what they name and for their words.
    ReadReferences,
    /// Let go of what is past its term.
    Purge,
    /// Look whether there is room on the disk.
    WatchDisk,
    /// Write to operators whose sealing certificates end soon.
    WarnOfCertificates,
}

impl JobKind {
    /// All kinds.
    pub const ALL: [JobKind; 22] = [
        JobKind::Stamp,
        JobKind::AwaitSale,
        JobKind::DeliverLetter,
        JobKind::AnswerLinkRequest,
        JobKind::AnswerFirstEntry,
        JobKind::SendMailCode,
        JobKind::JudgeEvidence,
        JobKind::MatchOrphan,
        JobKind::PaymentDeadline,
        JobKind::PrintReceipt,
        JobKind::WebhookDisabled,
        JobKind::SettleFile,
        JobKind::FollowInvoice,
        JobKind::FollowCustomer,
        JobKind::RefreshRates,
        JobKind::DemoHistory,
        JobKind::MakeBundle,
        JobKind::SendDigest,
        JobKind::ReadReferences,
        JobKind::Purge,
        JobKind::WatchDisk,
        JobKind::WarnOfCertificates,
    ];

    /// As kept in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            JobKind::Stamp => "stamp",
            JobKind::AwaitSale => "await_sale",
            JobKind::DeliverLetter => "deliver_letter",
            JobKind::AnswerLinkRequest => "answer_link_request",
            JobKind::AnswerFirstEntry => "answer_first_entry",
            JobKind::SendMailCode => "send_mail_code",
            JobKind::JudgeEvidence => "judge_evidence",
            JobKind::MatchOrphan => "match_orphan",
            JobKind::PaymentDeadline => "payment_deadline",
            JobKind::PrintReceipt => "print_receipt",
            JobKind::WebhookDisabled => "webhook_disabled",
            JobKind::SettleFile => "settle_file",
            JobKind::FollowInvoice => "follow_invoice",
            JobKind::FollowCustomer => "follow_customer",
            JobKind::RefreshRates => "refresh_rates",
            JobKind::DemoHistory => "demo_history",
            JobKind::MakeBundle => "make_bundle",
            JobKind::SendDigest => "send_digest",
            JobKind::ReadReferences => "read_references",
            JobKind::Purge => "purge",
            JobKind::WatchDisk => "watch_disk",
            JobKind::WarnOfCertificates => "warn_of_certificates",
        }
    }
}

impl JobKind {
    /// An invoice or money waits for it: it may be tried again, and never let go of.
    pub const fn is_owed(self) -> bool {
        match self {
            JobKind::Stamp
            | JobKind::AwaitSale
            | JobKind::JudgeEvidence
            | JobKind::MatchOrphan
            | JobKind::PaymentDeadline
            | JobKind::SettleFile
            | JobKind::FollowInvoice
            | JobKind::FollowCustomer => true,
            JobKind::DeliverLetter
            | JobKind::AnswerLinkRequest
            | JobKind::AnswerFirstEntry
            | JobKind::SendMailCode
            | JobKind::PrintReceipt
            | JobKind::WebhookDisabled
            | JobKind::RefreshRates
            | JobKind::DemoHistory
            | JobKind::MakeBundle
            | JobKind::SendDigest
            | JobKind::ReadReferences
            | JobKind::Purge
            | JobKind::WatchDisk
            | JobKind::WarnOfCertificates => false,
        }
    }
}

impl JobKind {
    /// One row of it stays for good and runs again and again, or its last run cleans up what the others left.
    pub const fn comes_again(self) -> bool {
        matches!(
            self,
            JobKind::RefreshRates
                | JobKind::ReadReferences
                | JobKind::MakeBundle
                | JobKind::Purge
                | JobKind::WatchDisk
                | JobKind::WarnOfCertificates
        )
    }
}

impl TryFrom<String> for JobKind {
    type Error = String;
    fn try_from(text: String) -> Result<JobKind, String> {
        JobKind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(text)
    }
}

/// A piece of work: what, and on which row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// What to do.
    pub kind: JobKind,
    /// The row it is about.
    pub subject_id: Uuid,
    /// Tries that failed before this one, since it last ran as it should.
    pub attempts: i64,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Finished, or nothing left to do. Work of the schedule waits for its next hour.
    Done,
    /// Try again later; the runner chooses when, with growing pauses, and parks the job after the configured tries.
    Retry {
        /// For the log and the table; no personal data.
        reason: String,
    },
    /// Try again at this moment; the body decides itself when it is enough, and its tries are not counted.
    RetryAt {
        /// When.
        at: Timestamp,
        /// For the log and the table; no personal data.
        reason: String,
    },
    /// No use: set it aside where staff can see it (F20).
    Park {
        /// For the log and the table; no personal data.
        reason: String,
    },
}

/// Puts work into the queue, to be done once the transaction is committed and `run_at` has come.
pub async fn enqueue(tx: &mut Tx, ids: &Ids, kind: JobKind, subject_id: Uuid, run_at: Timestamp) -> DbResult<()> {
    store::insert(tx, ids.uuid(), kind, subject_id, run_at).await
}
