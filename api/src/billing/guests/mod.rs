//! Guests known by their mailbox: a code of six digits by mail, or the session of the mailbox's account, opens in one
//! browser and for half an hour what an issuer invoiced to that address.
//!
//! Promises: whether an address is known is never said, at any cost (A2): the request is only written down, and a job
//! finds out and writes the letter; a code is good once, for a quarter of an hour, and for few tries; the address of an
//! invoiced ticket is written to and never shown. An RFC opens nothing (G5).
pub mod receptors;
pub mod routes;
mod store;

use shared::Lang;
use shared::guests::{AskMailCode, MailCodeAsked, MailboxProved, MyInvoice, MyInvoicesFilter, UseMailCode};
use uuid::Uuid;

use super::service::BillingError;
use super::view;
use crate::App;
use crate::accounts::{UserId, people};
use crate::audit::{self, Actor};
use crate::counters::{self, Counter};
use crate::db::{DbResult, Timestamp, Tx};
use crate::documents::{self, DocumentId};
use crate::issuers::{self, Issuer, Scope};
use crate::jobs::{self, JobKind, Outcome};
use crate::mail::{self, Brand, Letter, NewLetter};
use crate::tickets;
use crate::tickets::model::TicketId;

/// Minutes a code is good: letters take a while.
const CODE_MINUTES: i64 = 15;
/// Invoices of one browser among whose tickets a number is searched for: the newest.
const SEARCHED_MAX: i64 = 500;
/// Tries at one code.
const TRIES_MAX: i64 = 5;
/// Minutes that a proved mailbox opens its invoices.
const ACCESS_MINUTES: i64 = 30;
const HOUR_SECONDS: i64 = 3_600;

/// How addresses are compared: an address of ours is ASCII.
fn fold(email: &str) -> String {
    email.to_ascii_lowercase()
}

/// Asks for a code for an address. The answer says nothing about it.
pub async fn ask(app: &App, scope: Scope, form: &AskMailCode, source: &str) -> Result<MailCodeAsked, BillingError> {
    let email = form.parse().map_err(BillingError::Fields)?;
    ask_for(app, scope, (email.as_str(), form.language), source).await
}

/// Asks for a code for the address of a ticket's invoice, by somebody who holds the ticket.
pub async fn ask_of_ticket(
    app: &App,
    scope: Scope,
    ticket: TicketId,
    source: &str,
) -> Result<MailCodeAsked, BillingError> {
    let found = store::find_email_of_ticket(&mut app.db.read().await?, scope, ticket.uuid()).await?;
    let (email, language) = found.ok_or(BillingError::NotFound)?;
    ask_for(app, scope, (&email, Lang::from_tag(&language).unwrap_or_default()), source).await
}

async fn ask_for(
    app: &App,
    scope: Scope,
    (email, language): (&str, Lang),
    source: &str,
) -> Result<MailCodeAsked, BillingError> {
    let (now, id, email) = (app.now(), app.ids.uuid(), fold(email));
    let expires_at = now.plus_seconds(CODE_MINUTES * 60);
    let settings = &app.config.accounts;
    let counter = |kind, subject: String, limit| Counter {
        kind,
        subject: counters::subject(&subject),
        limit,
        window_seconds: HOUR_SECONDS,
    };
    let of_address = counter("mail_code", format!("{}|{email}", scope.uuid()), settings.letters_per_account);
    let of_source = counter("mail_code_source", source.to_owned(), settings.letters_per_source);
    let asked = MailCodeAsked { id, expires_at: expires_at.to_string() };
    let mut tx = app.db.begin().await?;
    // Surplus requests are answered like any other (A6).
    if of_source.try_hit(&mut tx, now).await?.is_err() || of_address.try_hit(&mut tx, now).await?.is_err() {
        return Ok(asked);
    }
    store::insert(&mut tx, scope, id, (&email, language), (now, expires_at)).await?;
    jobs::enqueue(&mut tx, &app.ids, JobKind::SendMailCode, id, now).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(asked)
}

/// Writes the letter with a code, when its address is known: the body of [`JobKind::SendMailCode`].
pub async fn send(app: &App, id: Uuid) -> Outcome {
    match try_send(app, id).await {
        Ok(()) => Outcome::Done,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "a code by mail could not be written");
            Outcome::Retry { reason: "a code by mail could not be written".into() }
        }
    }
}

async fn try_send(app: &App, id: Uuid) -> Result<(), BillingError> {
    let mut tx = app.db.begin().await?;
    let Some(asked) = store::find(&mut tx, id, app.now()).await? else { return Ok(()) };
    if !store::has_invoices(&mut tx, asked.scope, &asked.email).await? {
        return Ok(());
    }
    let Some(issuer) = issuers::service::find_issuer(&mut tx, asked.scope).await? else { return Ok(()) };
    let Ok(to) = fiscal::Email::parse(&asked.email) else { return Ok(()) };
    let letter = letter(app, &issuer, &app.session_keys.mail_code(id), asked.language);
    let letter = NewLetter {
        issuer_id: issuer.id.uuid(),
        stamp_id: None,
        kind: "mail_code",
        of_access: true,
        from_name: &issuer.commercial_name,
        from_address: &app.config.mail.from_address,
        reply_to: &issuer.support_email,
        to: &to,
        body: letter.render()?,
        attachments: Vec::new(),
    };
    mail::enqueue(&mut tx, &app.ids, app.now(), letter).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

fn letter(app: &App, issuer: &Issuer, code: &str, lang: Lang) -> Letter {
    let pick = |es: &str, en: &str| if lang == Lang::Es { es.to_owned() } else { en.to_owned() };
    let heading = pick("Su código para ver sus facturas", "Your code to see your invoices");
    Letter {
        brand: Brand {
            commercial_name: issuer.commercial_name.clone(),
            color: issuer.brand_color.as_str().to_owned(),
            support_email: issuer.support_email.as_str().to_owned(),
        },
        lang,
        rehearsal: app.rehearsal,
        subject: format!("{}: {}", issuer.commercial_name, pick("su código", "your code")),
        heading,
        paragraphs: vec![
            pick(
                "Escríbalo en la página que se lo pidió. Sirve una vez, durante 15 minutos.",
                "Type it on the page that asked for it. It is good once, for 15 minutes.",
            ),
            pick(
                "Si no lo pidió usted, no haga nada y no se lo diga a nadie.",
                "If you did not ask for it, do nothing and tell it to nobody.",
            ),
        ],
        facts: vec![(pick("Código", "Code"), format!("{} {}", &code[..3], &code[3..]))],
        button: None,
        footer: pick(
            "Recibe este correo porque alguien escribió su dirección para ver sus facturas.",
            "You get this letter because somebody typed your address to see your invoices.",
        ),
    }
}

/// A code as it was read: opens the mailbox's invoices to this browser. `None`: it is not good, whatever the reason.
pub async fn prove(
    app: &App,
    scope: Scope,
    id: Uuid,
    form: &UseMailCode,
    (browser_hash, request_id): (&[u8; 32], &str),
) -> Result<Option<MailboxProved>, BillingError> {
    let typed = form.parse().map_err(BillingError::Fields)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let Some(email) = store::count_try(&mut tx, scope, id, TRIES_MAX, now).await? else { return Ok(None) };
    let ours = app.session_keys.mail_code(id);
    if aws_lc_rs::constant_time::verify_slices_are_equal(ours.as_bytes(), typed.as_bytes()).is_err() {
        tx.commit().await?;
        return Ok(None);
    }
    if !store::mark_used(&mut tx, scope, id, now).await? {
        return Ok(None);
    }
    let proof = (Actor::Guest, "mailbox.proved", ("mail_code", id));
    let proved = open(&mut tx, app, scope, (browser_hash, &email), (proof, request_id)).await?;
    tx.commit().await?;
    Ok(Some(proved))
}

/// The owner of a mailbox's account is signed in: opens the mailbox's invoices to this browser as a code would.
pub async fn open_to_owner(
    app: &App,
    scope: Scope,
    owner: UserId,
    (browser_hash, request_id): (&[u8; 32], &str),
) -> Result<MailboxProved, BillingError> {
    let mut tx = app.db.begin().await?;
    let contact = people::contact(&mut tx, owner).await?.ok_or(BillingError::NotFound)?;
    let email = fold(contact.email.as_str());
    let proof = (Actor::User(owner.uuid()), "mailbox.opened", ("user", owner.uuid()));
    let proved = open(&mut tx, app, scope, (browser_hash, &email), (proof, request_id)).await?;
    tx.commit().await?;
    Ok(proved)
}

/// Who opens a mailbox, and by what: the act, and the kind and the id of what it is about.
type Proof = (Actor, &'static str, (&'static str, Uuid));

async fn open(
    tx: &mut Tx,
    app: &App,
    scope: Scope,
    (browser_hash, email): (&[u8; 32], &str),
    ((actor, act, (object_kind, object)), request_id): (Proof, &str),
) -> DbResult<MailboxProved> {
    let now = app.now();
    let expires_at = now.plus_seconds(ACCESS_MINUTES * 60);
    let opened = store::grant_mailbox(tx, scope, browser_hash, email, expires_at).await?;
    store::upsert_mailbox(tx, scope, browser_hash, email, expires_at).await?;
    let entry = audit::Entry {
        actor,
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act,
        object_kind,
        object_id: &object.to_string(),
        before: None,
        after: Some(serde_json::json!({ "invoices": opened })),
        request_id: Some(request_id),
    };
    audit::record(tx, now, entry).await?;
    let invoices = u32::try_from(opened).unwrap_or(u32::MAX);
    Ok(MailboxProved { expires_at: expires_at.to_string(), invoices })
}

/// Whoever was at this browser leaves: it opens no more of an issuer's invoices and knows no mailbox.
pub async fn close(app: &App, scope: Scope, browser_hash: &[u8; 32]) -> Result<(), BillingError> {
    let mut tx = app.db.begin().await?;
    store::delete_accesses_of(&mut tx, scope, browser_hash).await?;
    store::delete_mailboxes_of(&mut tx, scope, browser_hash).await?;
    Ok(tx.commit().await?)
}

/// What this browser may open of an issuer's, the newest first: `limit + 1` rows with the key of their place.
pub async fn list(
    app: &App,
    scope: Scope,
    (browser_hash, filter): (&[u8; 32], &MyInvoicesFilter),
    after: Option<(Timestamp, Uuid)>,
    limit: u32,
) -> Result<Vec<(Timestamp, MyInvoice)>, BillingError> {
    let (now, limit) = (app.now(), i64::from(limit) + 1);
    let mut conn = app.db.read().await?;
    let mut tickets = Vec::new();
    if let Some(number) = &filter.q {
        let theirs = store::list_tickets(&mut conn, scope, browser_hash, (now, SEARCHED_MAX)).await?;
        tickets = tickets::service::list_numbered(&mut conn, scope, &theirs, number).await?;
    }
    let wanted = store::Wanted { filter, tickets: &tickets, after, limit };
    let mut rows = Vec::new();
    for (at, id) in store::list_for_browser(&mut conn, scope, browser_hash, now, &wanted).await? {
        let Some(row) = super::store::find(&mut conn, id).await? else { continue };
        let invoice = view::invoice(&mut conn, &row).await?;
        let document_state = match row.document_id {
            Some(id) => documents::service::state(&mut conn, scope, DocumentId::new(id)).await?,
            None => None,
        };
        rows.push((
            at,
            MyInvoice {
                id: invoice.id,
                state: invoice.state,
                document_state,
                number: format!("{}-{}", invoice.serie, invoice.folio),
                branch_name: invoice.branch_name,
                receptor_rfc: invoice.receptor_rfc,
                requested_at: invoice.requested_at,
                total: invoice.total,
                currency: invoice.currency,
            },
        ));
    }
    Ok(rows)
}

/// Deletes at most `limit` codes that were over before `ended_before`; says how many.
pub async fn purge(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_ended(tx, ended_before, limit).await
}

/// Deletes at most `limit` proofs of mailboxes that were over before `ended_before`; says how many.
pub async fn purge_mailboxes(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_ended_mailboxes(tx, ended_before, limit).await
}
