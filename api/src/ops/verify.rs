//! Proves the durability promises and the audit chain on the data at hand. It reads only, one moment of everything,
//! by pages, beside a running server.
use std::io::{self, Write};

use anyhow::Context;

use super::database;
use super::start::World;
use crate::config::Config;
use crate::db::{Conn, Db, DbResult, Timestamp};
use crate::files::Files;
use crate::proof::Proof;
use crate::{audit, billing, documents, mail, payments, webhooks};

/// Proves everything on the configured database.
pub async fn verify(config: &Config, world: &World) -> anyhow::Result<Vec<Proof>> {
    let db = database::open(config).await?;
    let proofs = prove(config, &db, world.clock.now()).await?;
    db.close().await;
    Ok(proofs)
}

/// Proves everything on one moment of a database, and on the files that its rows name. Those are read when the database
/// is let go of. A bucket that is out of reach is no damage, and nothing is proved.
pub async fn prove(config: &Config, db: &Db, now: Timestamp) -> anyhow::Result<Vec<Proof>> {
    let mut snapshot = db.snapshot().await?;
    let mut proofs = vec![audit_chains(&mut snapshot).await.context("walking the audit chains")?];
    proofs.push(documents::verify::whole(&mut snapshot).await.context("reading the documents")?);
    let kept = documents::verify::list_files(&mut snapshot).await.context("reading the names of files")?;
    proofs.push(documents::verify::folios(&mut snapshot).await.context("reading the documents' folios")?);
    proofs.extend(billing::verify::verify(&mut snapshot, now).await.context("reading the invoices")?);
    proofs.extend(payments::verify::verify(&mut snapshot).await.context("reading the payments")?);
    proofs.push(webhooks::verify::feeds(&mut snapshot).await.context("reading the feeds of events")?);
    proofs.push(mail::verify(&mut snapshot).await.context("reading the letters")?);
    drop(snapshot);
    let files = Files::of(config).context("preparing the file store")?;
    let whole = documents::verify::files(&kept, &files).await;
    proofs.push(whole.with_context(|| format!("reading the documents' files in the bucket {}", config.files.bucket))?);
    Ok(proofs)
}

async fn audit_chains(conn: &mut impl Conn) -> DbResult<Proof> {
    let report = audit::verify(conn).await?;
    let mut proof = Proof::of("every audit chain is unbroken");
    proof.examined = report.entries;
    if let Some(broken) = report.broken {
        proof.fault(broken.to_string());
    }
    Ok(proof)
}

/// Tells what was proved, a line per promise; `true` when all hold.
pub fn tell(proofs: &[Proof], out: &mut impl Write) -> io::Result<bool> {
    for proof in proofs {
        let word = if proof.holds() { "ok    " } else { "BROKEN" };
        writeln!(out, "{word}  {} ({} examined, {} broken)", proof.promise, proof.examined, proof.broken)?;
        for fault in &proof.named {
            writeln!(out, "        {fault}")?;
        }
        let more = proof.broken.saturating_sub(u64::try_from(proof.named.len()).unwrap_or(u64::MAX));
        if more > 0 {
            writeln!(out, "        and {more} more")?;
        }
    }
    let broken = proofs.iter().filter(|proof| !proof.holds()).count();
    match broken {
        0 => writeln!(out, "all {} promises hold", proofs.len())?,
        _ => writeln!(out, "{broken} of {} promises are broken", proofs.len())?,
    }
    Ok(broken == 0)
}
