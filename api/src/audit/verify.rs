//! Walking the chains from their first row to their head.
use std::fmt;

use super::chain::{Hash, START};
use super::store::{self, AuditRow, Head};
use crate::db::{Conn, DbResult};

/// Rows read at once.
const PAGE_ROWS: i64 = 200;

/// What a walk over the whole log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// Chains walked.
    pub chains: u64,
    /// Entries found in order.
    pub entries: u64,
    /// The first place where a chain is broken. What comes after it was not looked at.
    pub broken: Option<BrokenLink>,
}

/// A place where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenLink {
    /// An issuer's id, or `installation`.
    pub chain: String,
    /// Place in it, from 1.
    pub seq: i64,
    /// What is wrong there.
    pub fault: LinkFault,
}

/// What can be wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkFault {
    /// No row stands at that place.
    Missing,
    /// The row does not follow from the one before it.
    Detached,
    /// The row does not say what it said when it was written.
    Altered,
    /// The last row is not the one the chain's head names.
    NotTheHead,
    /// The row stands beyond the chain's head, or its chain has none.
    BeyondHead,
}

impl fmt::Display for BrokenLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = match self.fault {
            LinkFault::Missing => "the entry is missing",
            LinkFault::Detached => "the entry does not follow from the one before it",
            LinkFault::Altered => "the entry was altered",
            LinkFault::NotTheHead => "the entry is not the one the chain ends with",
            LinkFault::BeyondHead => "the entry stands beyond the end of its chain",
        };
        write!(f, "audit chain {}, entry {}: {fault}", self.chain, self.seq)
    }
}

/// Checks every chain, page by page. Entries written meanwhile are left for the next walk.
pub async fn verify(conn: &mut impl Conn) -> DbResult<AuditReport> {
    let mut report = AuditReport { chains: 0, entries: 0, broken: None };
    let mut after = String::new();
    while let Some(head) = store::next_head(conn, &after).await? {
        report.chains += 1;
        report.broken = walk(conn, &head, &mut report.entries).await?;
        if report.broken.is_some() {
            return Ok(report);
        }
        after = head.chain;
    }
    let beyond = store::find_beyond_heads(conn).await?;
    report.broken = beyond.map(|(chain, seq)| BrokenLink { chain, seq, fault: LinkFault::BeyondHead });
    Ok(report)
}

async fn walk(conn: &mut impl Conn, head: &Head, entries: &mut u64) -> DbResult<Option<BrokenLink>> {
    let broken = |seq, fault| Ok(Some(BrokenLink { chain: head.chain.clone(), seq, fault }));
    let (mut seq, mut previous) = (0, START);
    while seq < head.last_seq {
        let rows = store::list(conn, &head.chain, seq, head.last_seq, PAGE_ROWS).await?;
        if rows.is_empty() {
            return broken(seq + 1, LinkFault::Missing);
        }
        for row in &rows {
            match judge(row, seq + 1, &previous) {
                Ok(hash) => previous = hash,
                Err(fault) => return broken(seq + 1, fault),
            }
            seq += 1;
            *entries += 1;
        }
    }
    if head.last_hash != previous {
        return broken(seq, LinkFault::NotTheHead);
    }
    Ok(None)
}

fn judge(row: &AuditRow, expected_seq: i64, previous: &Hash) -> Result<Hash, LinkFault> {
    if row.seq != expected_seq {
        return Err(LinkFault::Missing);
    }
    if row.previous_hash != previous {
        return Err(LinkFault::Detached);
    }
    let hash = row.link().hash(previous);
    if row.hash == hash { Ok(hash) } else { Err(LinkFault::Altered) }
}
