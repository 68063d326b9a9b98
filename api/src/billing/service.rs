//! Preparing, asking the PAC, settling: the only two transactions of an invoice.
use std::time::Duration;

use fiscal::{Amount, Email};
use sha2::{Digest, Sha256};
use shared::Lang;
use shared::billing::InvoiceOrder;
use shared::problem::FieldErrors;
use uuid::Uuid;

pub use super::asker::{Asker, Party};
use super::asker::{KEY_OWNER, Who};
use super::awaited::{self, Sorted};
use super::draft::{self, DraftError};
use super::events;
use super::letters;
use super::model::{self, Answer, Brake, Next, Refusal, StampState, Stamped, next_attempt_at};
use super::pac::PacError;
use super::ready::{self, Ready};
use super::store::{self, NewStamp, StampRow};
use super::view;
use crate::App;
use crate::accounts::mailboxes::{self, Invoiced};
use crate::accounts::{self, AccountError};
use crate::audit::{self, Actor, Entry};
use crate::config::Config;
use crate::counters::Full;
use crate::db::{DbError, DbResult, Tx};
use crate::documents::model::{Content, NewDocument};
use crate::documents::service::NotPrintable;
use crate::documents::{self, DocumentId, DocumentKind};
use crate::failpoint::{self, Failpoint};
use crate::http::idempotency::{self, Claim, Saved};
use crate::issuers::custody::CustodyError;
use crate::issuers::{self, Issuer, Scope};
use crate::jobs::{self, JobKind};
use crate::mail;
use crate::tickets;
use crate::tickets::model::Unavailable;

/// Beyond the PAC's own time limit, how long the foreground may take before the queue tries by itself.
const FOREGROUND_MARGIN_SECONDS: i64 = 15;
/// A day, for daily limits.
pub(super) const DAY_SECONDS: i64 = 86_400;

/// What can go wrong for whoever asks for an invoice.
#[derive(Debug, thiserror::Error)]
pub enum BillingError {
    /// The claim is not ours, or its time is over.
    #[error("the claim is not valid")]
    ClaimExpired,
    /// Fields that contradict the ticket.
    #[error("fields contradict the ticket")]
    Fields(FieldErrors),
    /// The ticket cannot be invoiced now.
    #[error("the ticket cannot be invoiced now")]
    Unavailable(Unavailable),
    /// Somebody else reserved the ticket, or its till changed it, a moment ago.
    #[error("the ticket was reserved meanwhile")]
    Raced,
    /// The first request with this key still runs.
    #[error("the request with this key is running")]
    InFlight,
    /// The key was used with other content.
    #[error("the key was used with other content")]
    KeyReused,
    /// The issuer cannot seal.
    #[error("opening the issuer's certificate")]
    Custody(#[from] CustodyError),
    /// The issuer's daily ceiling.
    #[error("the issuer's daily ceiling was reached")]
    Ceiling,
    /// Too many letters today: to one address, of one invoice, or from one source.
    #[error("too many letters today")]
    MailLimit(Full),
    /// There is no stamp yet.
    #[error("the invoice has no stamp")]
    NotStamped,
    /// No such invoice for this browser.
    #[error("no such invoice for this browser")]
    NotFound,
    /// The ticket's lines make no valid document.
    #[error("building the document")]
    Draft(#[from] DraftError),
    /// Its printed form would be longer than any we make.
    #[error("checking that the invoice can be printed")]
    NotPrintable(#[from] NotPrintable),
    /// A letter could not be laid out.
    #[error("laying out a letter")]
    Letter(#[from] mail::LayoutError),
    /// The account that begins with the invoice.
    #[error("making the account of a mailbox")]
    Account(#[from] AccountError),
    /// The answer could not be put into JSON.
    #[error("writing the answer")]
    Answer(#[from] serde_json::Error),
    /// The claim of a ticket that arrived could not be signed.
    #[error("signing a claim")]
    Claim(#[from] jsonwebtoken::errors::Error),
    /// A document that was brought in before its invoice settled.
    #[error("taking over a document that was brought in")]
    BroughtIn(#[from] documents::publish::PublishError),
    /// The database.
    #[error("issuing an invoice")]
    Db(#[from] DbError),
}

/// Whether an invoice was asked for by a program, which is then answered in the integrators' words.
fn is_of_a_key(row: &StampRow) -> bool {
    row.idempotency_owner.starts_with(KEY_OWNER)
}

/// Asks for the invoice of a claimed ticket. The answer is kept and given again, byte for byte, to the same key.
pub async fn issue(
    app: &App,
    asker: &Asker,
    order: &InvoiceOrder,
    key: &str,
    request_sha256: [u8; 32],
) -> Result<Saved, BillingError> {
    let owner = asker.idempotency_owner();
    let known = idempotency::find(&mut app.db.read().await?, &owner, key, request_sha256).await?;
    if let Some(saved) = already(known)? {
        reopen(app, asker, &owner, key).await?;
        return Ok(saved);
    }
    let order = match awaited::sort(app, asker, order, (&owner, key, request_sha256)).await? {
        Sorted::Order(order) => order,
        Sorted::Answered(saved) => return Ok(saved),
    };
    let mut again = true;
    let prepared = loop {
        let ready = ready::make(app, asker.scope, &order).await?;
        match prepare(app, asker, &order, &ready, (&owner, key, request_sha256)).await {
            // The ticket is not as it was read: somebody has it, or its till changed it. Read once more, it says which.
            Err(BillingError::Raced) if again => again = false,
            prepared => break prepared?,
        }
    };
    let sealed = match prepared {
        Prepared::Sealed(sealed) => sealed,
        Prepared::Answered(saved) => return Ok(saved),
    };
    failpoint::hit(Failpoint::AfterIntentionCommit);
    let answer = ask(app, &sealed.xml, sealed.id).await;
    failpoint::hit(Failpoint::AfterPacAnswer);
    settle(app, sealed.id, answer, asker.waits()).await
}

pub(super) fn already(claim: Claim) -> Result<Option<Saved>, BillingError> {
    match claim {
        Claim::Fresh => Ok(None),
        Claim::Replay(saved) => Ok(Some(saved)),
        Claim::InFlight => Err(BillingError::InFlight),
        Claim::Reused => Err(BillingError::KeyReused),
    }
}

/// A browser that lost the first answer lost its cookie too: the same request opens the invoice to it again.
async fn reopen(app: &App, asker: &Asker, owner: &str, key: &str) -> DbResult<()> {
    let Some(browser_hash) = asker.browser() else { return Ok(()) };
    let found = store::find_by_idempotency(&mut app.db.read().await?, asker.scope, owner, key).await?;
    if let Some(id) = found {
        let expires_at = app.now().plus_seconds(app.config.guests.access_hours * 3_600);
        let mut tx = app.db.begin().await?;
        store::grant_access(&mut tx, asker.scope, browser_hash, id, expires_at).await?;
        tx.commit().await?;
    }
    Ok(())
}

struct Sealed {
    id: Uuid,
    xml: String,
}

enum Prepared {
    Sealed(Sealed),
    Answered(Saved),
}

/// First transaction: key, ticket, folio, sealed bytes, the job that resumes them. After it nothing is lost.
async fn prepare(
    app: &App,
    asker: &Asker,
    order: &InvoiceOrder,
    ready: &Ready,
    (owner, key, request_sha256): (&str, &str, [u8; 32]),
) -> Result<Prepared, BillingError> {
    let (scope, now) = (asker.scope, app.now());
    let mut tx = app.db.begin().await?;
    if let Some(saved) = already(idempotency::claim(&mut tx, owner, key, request_sha256, now).await?)? {
        return Ok(Prepared::Answered(saved));
    }
    if !tickets::service::reserve(&mut tx, scope, &ready.ticket, now).await? {
        return Err(BillingError::Raced);
    }
    let folio = store::next_folio(&mut tx, scope, &ready.branch.serie).await?;
    brake(app, &mut tx, &ready.issuer, ready.ticket.total).await?;
    let xml = draft::seal(ready.comprobante.clone(), folio, &ready.signer.csd)?;
    let (id, tracking) = match asker.party {
        Party::Awaited { id, .. } => (id, awaited::tracking(&mut tx, id).await?.ok_or(BillingError::NotFound)?),
        _ => (app.ids.uuid(), app.ids.tracking()),
    };
    let patience = i64::try_from(app.config.pac.timeout_seconds).unwrap_or(0) + FOREGROUND_MARGIN_SECONDS;
    let stamp = NewStamp {
        id,
        branch_id: ready.branch.id.uuid(),
        ticket_id: ready.ticket.id.uuid(),
        csd_id: ready.signer.csd_id.uuid(),
        tracking: &tracking,
        serie: &ready.branch.serie,
        folio,
        fecha: &ready.fecha,
        total: ready.ticket.total,
        receptor_rfc: order.receptor.rfc.as_str(),
        receptor_nombre: order.receptor.nombre.as_str(),
        email: order.email.as_str(),
        language: order.language.as_str(),
        sealed_xml: xml.as_bytes(),
        sealed_sha256: &Sha256::digest(xml.as_bytes()),
        next_attempt_at: now.plus_seconds(patience),
        idempotency_owner: owner,
        idempotency_key: key,
    };
    store::insert(&mut tx, scope, &stamp, now).await?;
    if let Some(browser_hash) = asker.browser() {
        let expires_at = now.plus_seconds(app.config.guests.access_hours * 3_600);
        store::grant_access(&mut tx, scope, browser_hash, id, expires_at).await?;
        // Whoever orders at the page has its notice before them.
        issuers::notices::accept_as_guest(&mut tx, scope, (app.ids.uuid(), id), now).await?;
    }
    jobs::enqueue(&mut tx, &app.ids, JobKind::Stamp, id, now.plus_seconds(patience)).await?;
    let sealed = serde_json::json!({
        "serie": ready.branch.serie, "folio": folio, "ticket": ready.ticket.id,
        "certificate": ready.signer.csd_id, "total_minor": ready.ticket.total.minor(),
    });
    note(&mut tx, app, scope, "invoice.seal", id, sealed, Some(asker.who())).await?;
    failpoint::hit(Failpoint::BeforeIntentionCommit);
    tx.commit().await?;
    Ok(Prepared::Sealed(Sealed { id, xml }))
}

/// Refuses beyond the issuer's ceilings, of invoices and of what they come to, and says so at four fifths of them (K6).
/// Asked while the serie's row is held, so that the orders of one serie are counted one after the other.
async fn brake(app: &App, tx: &mut Tx, issuer: &Issuer, total: Amount) -> Result<(), BillingError> {
    let (since, currency) = (app.now().plus_seconds(-DAY_SECONDS), total.currency());
    let (count, sum_minor) = store::sum_since(tx, Scope::of(issuer.id), since, currency).await?;
    let minor_of_one = 10_i64.saturating_pow(currency.exponent());
    let amount_minor = i64::from(app.config.guests.daily_amount_max).saturating_mul(minor_of_one);
    for (of, before, more, ceiling) in [
        ("invoices", count, 1, issuer.daily_stamp_ceiling),
        ("amounts", sum_minor, total.minor(), if amount_minor > 0 { amount_minor } else { i64::MAX }),
    ] {
        let id = issuer.id.uuid();
        match model::brake(before, more, ceiling) {
            Brake::Free => {}
            Brake::Alarm => {
                tracing::warn!(issuer.id = %id, of, ceiling, "an issuer is at four fifths of a daily ceiling")
            }
            Brake::Stop => {
                tracing::error!(issuer.id = %id, of, ceiling, "an issuer reached a daily ceiling");
                return Err(BillingError::Ceiling);
            }
        }
    }
    Ok(())
}

/// How long one question to the PAC may take. Its adapter has limits of its own; this one covers whatever it forgot.
pub fn pac_seconds(config: &Config) -> u64 {
    config.pac.timeout_seconds.saturating_add(5)
}

/// Sends the sealed bytes and judges what comes back. No transaction is open.
pub(super) async fn ask(app: &App, sealed_xml: &str, id: Uuid) -> Answer {
    if !app.circuit.admits(app.now()) {
        tracing::info!(invoice.id = %id, "the PAC is silent: this invoice waits without asking it");
        app.metrics.stamp("not_asked");
        return Answer::Silent;
    }
    let (limit, reference) = (Duration::from_secs(pac_seconds(&app.config)), id.to_string());
    let said = tokio::time::timeout(limit, app.pac.stamp(sealed_xml, &reference)).await;
    match &said {
        Ok(Ok(_) | Err(PacError::Refused { .. })) => app.circuit.answered(),
        Ok(Err(PacError::Silent { .. })) | Err(_) => app.circuit.silent(id, app.now()),
    }
    let answer = match said {
        Ok(Ok(stamped)) => match cfdi::timbre::accept(sealed_xml.as_bytes(), stamped.0.as_bytes()) {
            Ok(timbre) if app.sat_certificate.as_ref().is_some_and(|sat| !sat.verify_timbre(&timbre)) => {
                tracing::error!(invoice.id = %id, "the PAC returned a stamp whose seal does not verify");
                Answer::Silent
            }
            Ok(timbre) => Answer::Stamped(Stamped {
                xml: stamped.0,
                folio_fiscal: timbre.uuid.to_uppercase(),
                fecha_timbrado: timbre.fecha_timbrado,
            }),
            Err(error) => {
                tracing::error!(invoice.id = %id, error = %error, "the PAC returned a document that is not ours");
                Answer::Silent
            }
        },
        Ok(Err(PacError::Refused { sat_code, message })) => {
            tracing::warn!(invoice.id = %id, sat_code, message, "the PAC refused an invoice");
            Answer::Refused { sat_code }
        }
        Ok(Err(PacError::Silent { reason })) => {
            tracing::warn!(invoice.id = %id, reason, "the PAC gave no usable answer");
            Answer::Silent
        }
        Err(_elapsed) => {
            tracing::warn!(invoice.id = %id, "the PAC took longer than its limit");
            Answer::Silent
        }
    };
    app.metrics.stamp(answer.word());
    answer
}

/// Second transaction: what the PAC said, the letter, the kept answer. Used by the request and by the queue alike.
pub(super) async fn settle(app: &App, id: Uuid, answer: Answer, who: Option<Who<'_>>) -> Result<Saved, BillingError> {
    let mut tx = app.db.begin().await?;
    let row = store::lock(&mut tx, id).await?.ok_or(BillingError::NotFound)?;
    match row.state()?.after_stamp(answer) {
        Next::Settled => {}
        Next::Keep(stamped) => keep(app, &mut tx, &row, stamped, who).await?,
        Next::Reject(refusal) => reject(app, &mut tx, &row, &refusal, who).await?,
        Next::Wait => wait(app, &mut tx, &row).await?,
    }
    let saved = answer_of(&mut tx, id, who).await?;
    idempotency::finish(&mut tx, &row.idempotency_owner, &row.idempotency_key, &saved).await?;
    failpoint::hit(Failpoint::BeforeSettleCommit);
    tx.commit().await?;
    app.wake.notify_one();
    failpoint::hit(Failpoint::AfterSettleCommit);
    Ok(saved)
}

async fn answer_of(tx: &mut Tx, id: Uuid, who: Option<Who<'_>>) -> Result<Saved, BillingError> {
    let row = store::lock(tx, id).await?.ok_or(BillingError::NotFound)?;
    let status = match row.state()? {
        StampState::Stamped => 201,
        StampState::Sealed => 202,
        StampState::Rejected => {
            let mut problem = view::refused(&row)?;
            problem.request_id = who.map(|who| who.request_id.to_owned());
            let body = serde_json::to_vec(&problem)?;
            return Ok(Saved { status: problem.status, content_type: "application/problem+json".into(), body });
        }
    };
    Ok(if is_of_a_key(&row) {
        Saved::json(status, &view::resource(tx, &row).await?)?
    } else {
        Saved::json(status, &view::invoice(tx, &row).await?)?
    })
}

async fn keep(
    app: &App,
    tx: &mut Tx,
    row: &StampRow,
    stamped: Stamped,
    who: Option<Who<'_>>,
) -> Result<(), BillingError> {
    let (scope, now) = (row.scope(), app.now());
    if let Some(skew_seconds) = model::skew(&stamped.fecha_timbrado, (row.created_at, now)) {
        tracing::error!(invoice.id = %row.id, skew_seconds, "our clock and the PAC's differ: set the clock");
    }
    let branch = issuers::service::find_branch(tx, scope, issuers::BranchId::new(row.branch_id))
        .await?
        .ok_or(BillingError::NotFound)?;
    let issuer = issuers::service::find_issuer(tx, scope).await?.ok_or(BillingError::NotFound)?;
    let (issued_at, issued_on) = draft::issued(&row.fecha, &branch.time_zone)?;
    let document = NewDocument {
        kind: DocumentKind::Factura,
        serie: row.serie.clone(),
        folio: row.folio.to_string(),
        folio_number: Some(row.folio),
        receptor_rfc: row.receptor_rfc.clone(),
        receptor_nombre: row.receptor_nombre.clone(),
        contract: None,
        issued_at,
        issued_on: issued_on.clone(),
        time_zone: branch.zone_name().to_owned(),
        total: row.total()?,
        content: Content::Cfdi { folio_fiscal: stamped.folio_fiscal.clone(), xml: stamped.xml.into_bytes() },
    };
    let document_id = match brought_in(tx, row, &stamped.folio_fiscal).await? {
        Some(id) => {
            documents::publish::adopt(tx, app, scope, id).await?;
            id
        }
        None => documents::service::keep(tx, app, scope, &document).await?,
    };
    store::mark_stamped(tx, row.id, document_id.uuid(), now).await?;
    tickets::service::mark_invoiced(tx, scope, tickets::model::TicketId::new(row.ticket_id), now).await?;
    jobs::delete_for(tx, JobKind::Stamp, row.id).await?;
    let (to, lang) = recipient(row)?;
    let ready = letters::Ready {
        issuer: &issuer,
        row,
        document_id,
        folio_fiscal: &stamped.folio_fiscal,
        issued_on: &issued_on,
    };
    letters::ready(app, &ready, lang)?.enqueue(tx, app, &issuer, row, &to).await?;
    let made = Invoiced { issuer: &issuer, email: &to, language: lang, rfc: &row.receptor_rfc };
    mailboxes::invoiced(tx, app, &made).await?;
    for copy in accounts::members::copies_of_rfc(tx, &row.receptor_rfc, scope).await? {
        if copy != to {
            letters::ready(app, &ready, lang)?.for_copies(lang).enqueue(tx, app, &issuer, row, &copy).await?;
        }
    }
    events::stamped(tx, app, row, (document_id, &stamped.folio_fiscal)).await?;
    let after = serde_json::json!({ "folio_fiscal": stamped.folio_fiscal, "document": document_id.uuid() });
    Ok(note(tx, app, scope, "invoice.stamp", row.id, after, who).await?)
}

/// The very document, when somebody took it from the PAC's own pages and brought it in before its answer came here.
async fn brought_in(tx: &mut Tx, row: &StampRow, folio_fiscal: &str) -> DbResult<Option<DocumentId>> {
    let scope = row.scope();
    let Ok(folio_fiscal) = folio_fiscal.parse() else { return Ok(None) };
    let Some(id) = documents::issued::find_by_folio_fiscal(tx, scope, folio_fiscal).await? else { return Ok(None) };
    let kept = documents::verify::find(tx, scope, id).await?;
    Ok(kept.is_some_and(|kept| cfdi::timbre::accept(&row.sealed_xml, &kept.xml).is_ok()).then_some(id))
}

async fn reject(
    app: &App,
    tx: &mut Tx,
    row: &StampRow,
    refusal: &Refusal,
    who: Option<Who<'_>>,
) -> Result<(), BillingError> {
    let scope = row.scope();
    if refusal.sat_code == model::DATE_REFUSED {
        tracing::error!(invoice.id = %row.id, "our clock and the PAC's differ: a date of this minute was refused");
    }
    store::mark_rejected(tx, row.id, refusal, app.now()).await?;
    tickets::service::release(tx, scope, tickets::model::TicketId::new(row.ticket_id), app.now()).await?;
    jobs::delete_for(tx, JobKind::Stamp, row.id).await?;
    if who.is_none() {
        // Nobody is waiting at the page, so the person hears of it by mail.
        let issuer = issuers::service::find_issuer(tx, scope).await?.ok_or(BillingError::NotFound)?;
        let (to, lang) = recipient(row)?;
        letters::refused(app, &issuer, row, refusal, lang).enqueue(tx, app, &issuer, row, &to).await?;
    }
    events::refused(tx, app, row, refusal).await?;
    let after = serde_json::json!({ "sat_code": refusal.sat_code, "unused_folio": row.folio });
    Ok(note(tx, app, scope, "invoice.refuse", row.id, after, who).await?)
}

async fn wait(app: &App, tx: &mut Tx, row: &StampRow) -> Result<(), BillingError> {
    let now = app.now();
    let next = next_attempt_at(row.attempts + 1, now);
    store::mark_waiting(tx, row.id, now, next).await?;
    jobs::reschedule_for(tx, JobKind::Stamp, row.id, next).await?;
    Ok(())
}

fn recipient(row: &StampRow) -> DbResult<(Email, Lang)> {
    let to = Email::parse(&row.email).map_err(|_error| store::unreadable("email"))?;
    let lang = Lang::from_tag(&row.language).ok_or_else(|| store::unreadable("language"))?;
    Ok((to, lang))
}

pub(super) async fn note(
    tx: &mut Tx,
    app: &App,
    scope: Scope,
    act: &'static str,
    id: Uuid,
    after: serde_json::Value,
    who: Option<Who<'_>>,
) -> DbResult<()> {
    let object_id = id.to_string();
    let entry = Entry {
        actor: who.map_or(Actor::System, |who| who.actor),
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act,
        object_kind: "invoice",
        object_id: &object_id,
        before: None,
        after: Some(after),
        request_id: who.map(|who| who.request_id),
    };
    audit::record(tx, app.now(), entry).await
}
