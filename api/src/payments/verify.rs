//! What `verify` proves about money: nothing paid twice, nothing that came lost, nothing said left unjudged.
use uuid::Uuid;

use super::store::proofs as store;
use crate::db::{Conn, DbResult};
use crate::jobs::{self, JobKind};
use crate::proof::Proof;

/// Broken rows read of each promise.
const BROKEN_READ: i64 = 1_000;
/// Waiting rows read at once.
const WAITING_READ: i64 = 10_000;

/// Everything this domain promises, proved on one moment of the data. `conn` must see one moment only.
pub async fn verify(conn: &mut impl Conn) -> DbResult<Vec<Proof>> {
    let (receivables, payments) = (store::count_receivables(conn).await?, store::count_payments(conn).await?);
    let mut owed = counted("no receivable is paid or reserved beyond its total, and it closes when paid", receivables);
    name(&mut owed, &store::list_overpaid(conn, BROKEN_READ).await?, "more is applied or reserved than it was for");
    name(
        &mut owed,
        &store::list_wrongly_closed(conn, BROKEN_READ).await?,
        "it is closed, or open, against its balance",
    );
    let mut money = counted("every confirmed payment has one receipt, all of it applied or a credit", payments);
    name(&mut money, &store::list_wrong_receipts(conn, BROKEN_READ).await?, "its receipt is not what was confirmed");
    name(
        &mut money,
        &store::list_unbalanced(conn, BROKEN_READ).await?,
        "what was applied and credited is not what came",
    );
    name(
        &mut money,
        &store::list_wrong_charges(conn, BROKEN_READ).await?,
        "its lines are not what the bank was asked for",
    );
    name(&mut money, &store::list_unentered(conn, BROKEN_READ).await?, "an allocation and the ledger disagree");
    Ok(vec![owed, money, waiting(conn).await?])
}

fn counted(promise: &'static str, examined: i64) -> Proof {
    Proof { examined: u64::try_from(examined).unwrap_or(0), ..Proof::of(promise) }
}

fn name(proof: &mut Proof, broken: &[Uuid], how: &str) {
    for id in broken {
        proof.fault(format!("{id}: {how}"));
    }
}

async fn waiting(conn: &mut impl Conn) -> DbResult<Proof> {
    let mut proof = counted("what banks said is judged or queued, and no trip to a bank is forgotten", 0);
    proof.examined = u64::try_from(store::count_evidence(conn).await?).unwrap_or(0);
    let unjudged = store::list_unjudged(conn, WAITING_READ).await?;
    let queued = jobs::list_subjects(conn, JobKind::JudgeEvidence, &unjudged).await?;
    for id in unjudged.iter().filter(|id| !queued.contains(id)) {
        proof.fault(format!("evidence {id}: nobody judged it and no job will"));
    }
    let running = store::list_running(conn, WAITING_READ).await?;
    let queued = jobs::list_subjects(conn, JobKind::PaymentDeadline, &running).await?;
    for id in running.iter().filter(|id| !queued.contains(id)) {
        proof.fault(format!("attempt {id}: its time has no end"));
    }
    Ok(proof)
}
