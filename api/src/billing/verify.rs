//! What `verify` proves about invoices: one ticket, one CFDI; nothing stamped lost, nothing sealed forgotten.
use std::collections::{HashMap, HashSet};

use fiscal::{Amount, Currency};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::model::StampState;
use super::store::{self, StampToVerify};
use crate::db::{Conn, DbResult, Timestamp};
use crate::documents::verify::KeptDocument;
use crate::documents::{self, DocumentId};
use crate::http::idempotency::{self, Promised};
use crate::issuers::{IssuerId, Scope};
use crate::jobs::{self, JobKind};
use crate::mail;
use crate::proof::Proof;
use crate::tickets;
use crate::tickets::model::{TicketId, TicketState};

/// Invoices in memory at once, each with its sealed document.
const PAGE_ROWS: i64 = 20;
/// Rows without a document in memory at once.
const THIN_PAGE_ROWS: i64 = 500;
/// Folios that are named.
const FOLIOS_MAX: i64 = 20;
/// How long an answer may be owed: the PAC and the queue have minutes, a stopped server is started again sooner.
const OWED_SECONDS: i64 = 3_600;

/// Everything this domain promises, proved on one moment of the data. `conn` must see one moment only.
pub async fn verify(conn: &mut impl Conn, now: Timestamp) -> DbResult<Vec<Proof>> {
    let mut proofs = vec![tickets_have_invoices(conn).await?];
    proofs.extend(invoices(conn).await?);
    proofs.push(folios(conn).await?);
    proofs.push(answers(conn, now).await?);
    proofs.push(super::awaited::verify(conn).await?);
    Ok(proofs)
}

/// When the invoice that has waited longest for its stamp was asked for.
pub async fn oldest_waiting(conn: &mut impl Conn) -> DbResult<Option<Timestamp>> {
    store::find_oldest_waiting(conn).await
}

/// What a ticket in this state needs: an invoice in that one.
fn invoice_of(ticket: TicketState) -> Option<StampState> {
    match ticket {
        TicketState::Reserved => Some(StampState::Sealed),
        TicketState::Invoiced => Some(StampState::Stamped),
        TicketState::Open | TicketState::InGlobal | TicketState::Cancelled => None,
    }
}

async fn tickets_have_invoices(conn: &mut impl Conn) -> DbResult<Proof> {
    let mut proof = Proof::of("every invoiced or reserved ticket has its one invoice");
    let mut after = None;
    loop {
        let taken = tickets::service::taken(conn, after, THIN_PAGE_ROWS).await?;
        let Some((last, _)) = taken.last() else { return Ok(proof) };
        after = Some(*last);
        let ids: Vec<Uuid> = taken.iter().map(|(id, _)| id.uuid()).collect();
        let mut live: HashMap<Uuid, Vec<String>> = HashMap::new();
        for (ticket, state) in store::list_live_of_tickets(conn, &ids).await? {
            live.entry(ticket).or_default().push(state);
        }
        for (id, state) in &taken {
            let has = live.get(&id.uuid()).map(Vec::as_slice).unwrap_or_default();
            let right = invoice_of(*state).is_some_and(|wanted| has == [wanted.as_str()]);
            proof.examine((!right).then(|| {
                format!("ticket {}: it is {} and its invoices are [{}]", id.uuid(), state.as_str(), has.join(", "))
            }));
        }
    }
}

struct Invoices {
    tickets: Proof,
    whole: Proof,
    asked: Proof,
    documents: Proof,
    mailed: Proof,
}

async fn invoices(conn: &mut impl Conn) -> DbResult<[Proof; 5]> {
    let mut proofs = Invoices {
        tickets: Proof::of("every invoice has its ticket in the right state"),
        whole: Proof::of("every sealed document matches its SHA-256"),
        asked: Proof::of("every invoice that waits for its stamp has its job"),
        documents: Proof::of("every stamped invoice has the document that was sealed, stamped"),
        mailed: Proof::of("every stamped invoice was written about"),
    };
    let mut after = None;
    loop {
        let page = store::list_for_verification(conn, after, PAGE_ROWS).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        examine(conn, &page, &mut proofs).await?;
    }
    Ok([proofs.tickets, proofs.whole, proofs.asked, proofs.documents, proofs.mailed])
}

async fn examine(conn: &mut impl Conn, page: &[StampToVerify], proofs: &mut Invoices) -> DbResult<()> {
    let ids: Vec<Uuid> = page.iter().map(|row| row.id).collect();
    let ticket_ids: Vec<TicketId> = page.iter().map(|row| TicketId::new(row.ticket_id)).collect();
    let states = tickets::service::states(conn, &ticket_ids).await?;
    let asked: HashSet<Uuid> = jobs::list_subjects(conn, JobKind::Stamp, &ids).await?;
    let mailed: HashSet<Uuid> = mail::list_written_about(conn, &ids).await?;
    for row in page {
        let name = || format!("invoice {} ({}-{})", row.id, row.serie, row.folio);
        let damaged = Sha256::digest(&row.sealed_xml).as_slice() != row.sealed_sha256;
        proofs.whole.examine(damaged.then(|| format!("{}: its sealed bytes are not those that were kept", name())));
        let state = StampState::try_from(row.state.clone()).map_err(|_unknown| store::unreadable("state"))?;
        if state == StampState::Rejected {
            continue;
        }
        let ticket = states.get(&TicketId::new(row.ticket_id)).copied();
        let right = ticket.and_then(invoice_of) == Some(state);
        proofs.tickets.examine((!right).then(|| {
            let ticket = ticket.map_or("gone", TicketState::as_str);
            format!("{}: it is {} and its ticket {} is {ticket}", name(), row.state, row.ticket_id)
        }));
        if state == StampState::Sealed {
            let forgotten = !asked.contains(&row.id);
            proofs.asked.examine(forgotten.then(|| format!("{}: no job will ever ask for its stamp", name())));
        } else {
            let fault = document_fault(conn, row).await?;
            proofs.documents.examine(fault.map(|fault| format!("{}: {fault}", name())));
            let silent = !mailed.contains(&row.id);
            proofs.mailed.examine(silent.then(|| format!("{}: no letter was ever written about it", name())));
        }
    }
    Ok(())
}

/// What is wrong with the document of a stamped invoice.
async fn document_fault(conn: &mut impl Conn, row: &StampToVerify) -> DbResult<Option<String>> {
    let Some(id) = row.document_id else { return Ok(Some("it names no document".into())) };
    let scope = Scope::of(IssuerId::new(row.issuer_id));
    let Some(document) = documents::verify::find(conn, scope, DocumentId::new(id)).await? else {
        return Ok(Some(format!("its document {id} is gone")));
    };
    Ok(disagreement(row, &document))
}

/// Where row, sealed document and stamped document say different things.
fn disagreement(row: &StampToVerify, document: &KeptDocument) -> Option<String> {
    let timbre = match cfdi::timbre::accept(&row.sealed_xml, &document.xml) {
        Ok(timbre) => timbre,
        Err(error) => return Some(format!("its document is not the sealed one, stamped: {error}")),
    };
    let comprobante = match cfdi::read(&document.xml) {
        Ok(parsed) => parsed.comprobante,
        Err(error) => return Some(format!("its document cannot be read: {error}")),
    };
    let currency = Currency::parse(&row.currency).ok();
    let total = currency.map(|currency| Amount::new(row.total_minor, currency).to_decimal_string());
    let total = total.and_then(|text| text.parse::<Decimal>().ok());
    let folio = row.folio.to_string();
    let agreements = [
        ("folio fiscal", timbre.uuid.eq_ignore_ascii_case(&document.folio_fiscal)),
        ("total", total == Some(comprobante.total)),
        ("currency", row.currency == comprobante.moneda),
        (
            "total in the list of documents",
            (row.total_minor, &row.currency) == (document.total_minor, &document.currency),
        ),
        ("serie", comprobante.serie.as_deref().unwrap_or_default() == row.serie && document.serie == row.serie),
        ("folio", comprobante.folio.as_deref() == Some(&folio) && document.folio == folio),
    ];
    let (what, _) = agreements.iter().find(|(_, agree)| !agree)?;
    Some(format!("its document has another {what}"))
}

async fn folios(conn: &mut impl Conn) -> DbResult<Proof> {
    let mut proof = Proof::of("no folio is given twice, now or later");
    proof.examined = u64::try_from(store::count(conn).await?).unwrap_or(0);
    for (issuer, serie, folio) in store::list_doubled_folios(conn, FOLIOS_MAX).await? {
        proof.fault(format!("issuer {issuer}: {serie}-{folio} was given to more than one invoice"));
    }
    for (issuer, serie, folio) in store::list_overrun_folios(conn, FOLIOS_MAX).await? {
        proof.fault(format!("issuer {issuer}: serie {serie} went up to {folio}, and its counter stands lower"));
    }
    Ok(proof)
}

async fn answers(conn: &mut impl Conn, now: Timestamp) -> DbResult<Proof> {
    let mut proof = Proof::of("no answer is owed for more than an hour but to invoices that wait");
    let before = now.plus_seconds(-OWED_SECONDS);
    let mut after: Option<Promised> = None;
    loop {
        let page = idempotency::unfinished(conn, before, after.as_ref(), THIN_PAGE_ROWS).await?;
        for (promised_at, owner, key) in &page {
            let waits = store::is_waiting(conn, owner, key).await?;
            // The key is the client's own text: it is not repeated here.
            proof.examine(
                (!waits).then(|| format!("an answer promised to {owner} at {promised_at} will never be given")),
            );
        }
        match page.into_iter().last() {
            Some(last) => after = Some(last),
            None => return Ok(proof),
        }
    }
}
