//! What is kept for how long, in one table, and the nightly work that lets the rest go. CFDI, ledger and audit log are
//! not here: the law keeps them.
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::App;
use crate::accounts::{
    attempts, email_change, first_entries, links, mailboxes, passkeys, second_factor, sessions, staff, temporaries,
    work,
};
use crate::billing;
use crate::counters;
use crate::db::{DbResult, Timestamp, Tx};
use crate::documents::delivery;
use crate::http::idempotency;
use crate::jobs::Outcome;
use crate::mail;
use crate::webhooks;

const DAY_SECONDS: i64 = 86_400;
/// Rows of one transaction: on SQLite nobody else writes meanwhile.
const BATCH_ROWS: i64 = 500;
/// Transactions of one run, so that it ends well before its lease.
const BATCHES_MAX: u32 = 40;
/// Pause before a run that had more to do than fits in one.
const PAUSE_SECONDS: i64 = 60;

/// Deletes at most so many rows that are older than this moment; says how many.
type Purge = for<'a> fn(&'a mut Tx, Timestamp, i64) -> BoxFuture<'a, DbResult<u64>>;

/// Something that is not kept for ever.
struct Term {
    what: &'static str,
    days: i64,
    purge: Purge,
}

/// Counters that are never over by themselves.
const ENDLESS: [&str; 2] = [attempts::IN_A_ROW, second_factor::IN_A_ROW];

/// The table.
const TERMS: [Term; 21] = [
    // The same key gets the same answer for so long (I2).
    Term {
        what: "answers kept under an Idempotency-Key",
        days: idempotency::KEPT_DAYS,
        purge: |tx, before, limit| idempotency::purge(tx, before, limit).boxed(),
    },
    // The longest window is a day; wrong passwords and codes in a row have none (A1, A14).
    Term {
        what: "security counters",
        days: 2,
        purge: |tx, before, limit| counters::purge(tx, before, ENDLESS, limit).boxed(),
    },
    // Days after their end, in which support can still say what became of one.
    Term {
        what: "links of registrations and recoveries",
        days: 30,
        purge: |tx, before, limit| links::purge(tx, before, limit).boxed(),
    },
    Term {
        what: "requests for a link that were given up",
        days: 30,
        purge: |tx, before, limit| links::purge_requests(tx, before, limit).boxed(),
    },
    // Whom an invoice brought and who chose no password while the letter was good, with a day to spare.
    Term {
        what: "accounts of mailboxes that nobody claimed",
        days: 1,
        purge: |tx, before, limit| mailboxes::purge(tx, before, limit).boxed(),
    },
    // A proof of work is good for minutes.
    Term { what: "used proofs of work", days: 1, purge: |tx, before, limit| work::purge(tx, before, limit).boxed() },
    Term {
        what: "challenges of passkeys",
        days: 1,
        purge: |tx, before, limit| passkeys::purge(tx, before, limit).boxed(),
    },
    // What came by mail and was not used.
    Term {
        what: "temporary passwords",
        days: 1,
        purge: |tx, before, limit| temporaries::purge(tx, before, limit).boxed(),
    },
    Term {
        what: "first entries that were asked for",
        days: 2,
        purge: |tx, before, limit| first_entries::purge(tx, before, limit).boxed(),
    },
    Term {
        what: "changes of a mail address",
        days: 2,
        purge: |tx, before, limit| email_change::purge(tx, before, limit).boxed(),
    },
    Term {
        what: "codes by mail",
        days: 2,
        purge: |tx, before, limit| billing::guests::purge(tx, before, limit).boxed(),
    },
    Term {
        what: "mailboxes that a browser proved",
        days: 2,
        purge: |tx, before, limit| billing::guests::purge_mailboxes(tx, before, limit).boxed(),
    },
    // What a guest keeps for the next invoice, from its last change on.
    Term {
        what: "guests' saved fiscal data",
        days: 2 * 365,
        purge: |tx, before, limit| billing::guests::receptors::purge(tx, before, limit).boxed(),
    },
    Term {
        what: "invitations",
        days: 30,
        purge: |tx, before, limit| staff::purge_invitations(tx, before, limit).boxed(),
    },
    Term { what: "ended sessions", days: 30, purge: |tx, before, limit| sessions::purge(tx, before, limit).boxed() },
    Term {
        what: "orders for a download",
        days: 1,
        purge: |tx, before, limit| delivery::purge(tx, before, limit).boxed(),
    },
    Term {
        what: "files made in the background",
        days: 1,
        purge: |tx, before, limit| delivery::bundles::purge(tx, before, limit).boxed(),
    },
    Term {
        what: "guests' access to an invoice",
        days: 30,
        purge: |tx, before, limit| billing::jobs::purge_accesses(tx, before, limit).boxed(),
    },
    Term {
        what: "orders that waited for their sale",
        days: 30,
        purge: |tx, before, limit| billing::awaited::purge(tx, before, limit).boxed(),
    },
    // As long as support may be asked why nothing arrives.
    Term {
        what: "addresses that a mail server refused",
        days: 180,
        purge: |tx, before, limit| mail::purge(tx, before, limit).boxed(),
    },
    // Long enough to answer what became of last month's closing.
    Term {
        what: "webhooks that were delivered or given up",
        days: 35,
        purge: |tx, before, limit| webhooks::purge(tx, before, limit).boxed(),
    },
];

/// Lets go of what is past its term, a few rows at a time: the body of `JobKind::Purge`.
pub async fn purge(app: &App) -> Outcome {
    match run(app, BATCH_ROWS, BATCHES_MAX).await {
        Ok(true) => Outcome::Done,
        Ok(false) => {
            let at = app.now().plus_seconds(PAUSE_SECONDS);
            Outcome::RetryAt { at, reason: "there is more to let go than one run takes".into() }
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "what is past its term could not be let go");
            Outcome::Retry { reason: error.to_string() }
        }
    }
}

/// `false`: there may be more.
async fn run(app: &App, rows: i64, batches: u32) -> DbResult<bool> {
    let mut left = batches;
    for Term { what, days, purge } in TERMS {
        let before = app.now().plus_seconds(-days * DAY_SECONDS);
        let mut gone = 0;
        let finished = loop {
            if left == 0 {
                break false;
            }
            left -= 1;
            let mut tx = app.db.begin().await?;
            let deleted = purge(&mut tx, before, rows).await?;
            tx.commit().await?;
            gone += deleted;
            if i64::try_from(deleted).is_ok_and(|deleted| deleted < rows) {
                break true;
            }
        };
        if gone > 0 {
            tracing::info!(rows = gone, days, "{what}: let go of what was past its term");
        }
        if !finished {
            return Ok(false);
        }
    }
    Ok(true)
}
