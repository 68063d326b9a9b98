//! Orders that came before their sale: a ticket that its till signed is scanned, and the till has not told us of it.
//!
//! Promises: what a person asked for is kept and goes on by itself when the sale arrives, under the same id and number;
//! one order waits for a sale, however often its ticket is scanned; a sale that never comes, or comes otherwise than the
//! paper says, ends the order with a letter and never in silence.
mod letters;
pub mod routes;
mod store;

use std::borrow::Cow;

use fiscal::FormaPago;
use shared::billing::{InvoiceOrder, InvoiceState, InvoiceTicket, InvoiceView, ReceptorForm, Rejection};
use shared::{FieldCode, FieldErrors, Lang, ProblemCode};
use uuid::Uuid;

use super::asker::{Asker, Party};
use super::draft::DraftError;
use super::events;
use super::service::{self, BillingError};
use crate::App;
use crate::clock::local_time;
use crate::db::{Conn, DbResult, Timestamp, Tx};
use crate::http::idempotency::{self, Saved};
use crate::issuers::{self, BranchId, Scope};
use crate::jobs::{self, JobKind, Outcome};
use crate::tickets;
use crate::tickets::model::{NewTicket, Ticket, Unavailable};
use crate::tickets::signed::{self, SignedSale, Standing};
use store::OrderRow;

/// An order within one request: its claim is used up before the answer.
const CLAIM_SECONDS: i64 = 300;
/// First and longest pause between two looks for a sale. An arrival that says so is not waited for.
const LOOK_SECONDS: (i64, i64) = (10 * 60, 6 * 3_600);
/// Rows of `verify` in memory at once.
const PAGE_ROWS: i64 = 500;

/// What becomes of an order.
pub(super) enum Sorted<'a> {
    /// Its ticket is here: it goes the usual way.
    Order(Cow<'a, InvoiceOrder>),
    /// It waits for its sale, and this is the answer.
    Answered(Saved),
}

/// Tells orders with a claim of ours from those with a till's. The latter's sale may be here, or still to come.
pub(super) async fn sort<'a>(
    app: &App,
    asker: &Asker,
    order: &'a InvoiceOrder,
    key: (&str, &str, [u8; 32]),
) -> Result<Sorted<'a>, BillingError> {
    if !signed::is_signed(&order.claim) {
        return Ok(Sorted::Order(Cow::Borrowed(order)));
    }
    let sale = signed::open(app, &order.claim).await?.filter(|sale| sale.scope == asker.scope);
    let sale = sale.ok_or(BillingError::ClaimExpired)?;
    let standing = sale.standing(&mut app.db.read().await?, app.now()).await?;
    match standing {
        Standing::Here(ticket) => {
            // What the till signed is not its buyer's to change, wherever the sale is.
            let said = if ticket.forma_pago.is_some() { None } else { Some(forma_pago(order, &sale)?) };
            Ok(Sorted::Order(Cow::Owned(for_ticket(app, asker.scope, &ticket, (order, said))?)))
        }
        Standing::Awaited => Ok(Sorted::Answered(keep(app, asker, (order, &sale), key).await?)),
        Standing::Over => Err(BillingError::Unavailable(Unavailable::Expired(sale.invoice_until))),
        Standing::Differs => Err(BillingError::ClaimExpired),
    }
}

/// The same order for a ticket that is here. What the till says of the payment counts before anything else.
fn for_ticket(
    app: &App,
    scope: Scope,
    ticket: &Ticket,
    (order, said): (&InvoiceOrder, Option<FormaPago>),
) -> Result<InvoiceOrder, BillingError> {
    let claim = app.claim_key.sign(scope, ticket, app.now().plus_seconds(CLAIM_SECONDS));
    let claim = claim.map_err(BillingError::Claim)?;
    Ok(InvoiceOrder { claim, forma_pago: if ticket.forma_pago.is_some() { None } else { said }, ..order.clone() })
}

/// How it was paid: as the till signed, else as the person says.
fn forma_pago(order: &InvoiceOrder, sale: &SignedSale) -> Result<FormaPago, BillingError> {
    let code = match (sale.payload.forma_pago, order.forma_pago) {
        (Some(signed), Some(said)) if signed != said => FieldCode::FormaPagoFixed,
        (Some(signed), _) => return Ok(signed),
        (None, Some(FormaPago::PorDefinir)) => FieldCode::NotInCatalog,
        (None, Some(said)) => return Ok(said),
        (None, None) => FieldCode::Required,
    };
    let mut errors = FieldErrors::default();
    errors.add("/forma_pago", code);
    Err(BillingError::Fields(errors))
}

/// Keeps an order until its sale comes. One transaction: key, order, and the job that looks.
async fn keep(
    app: &App,
    asker: &Asker,
    (order, sale): (&InvoiceOrder, &SignedSale),
    (owner, key, request_sha256): (&str, &str, [u8; 32]),
) -> Result<Saved, BillingError> {
    let (now, browser) = (app.now(), asker.browser().ok_or(BillingError::ClaimExpired)?);
    let forma_pago = forma_pago(order, sale)?;
    let receptor = &order.receptor;
    let row = OrderRow {
        id: app.ids.uuid(),
        issuer_id: asker.scope.uuid(),
        branch_id: sale.branch.id.uuid(),
        till_key_id: sale.key_id.clone(),
        order_number: sale.payload.order_number.clone(),
        ticket_number: sale.payload.ticket_number.clone(),
        total_minor: sale.payload.total.minor(),
        currency: sale.payload.total.currency().code().to_owned(),
        sold_at: sale.sold_at,
        invoice_until: sale.invoice_until.to_string(),
        forma_pago: forma_pago.code().to_owned(),
        receptor: store::receptor(ReceptorForm {
            rfc: receptor.rfc.to_string(),
            nombre: receptor.nombre.to_string(),
            regimen: receptor.regimen.code().to_owned(),
            codigo_postal: receptor.codigo_postal.to_string(),
            uso: receptor.uso.code().to_owned(),
        }),
        email: order.email.to_string(),
        language: order.language.as_str().to_owned(),
        browser_hash: browser.to_vec(),
        tracking: app.ids.tracking(),
        state: "waiting".to_owned(),
        problem_code: None,
        created_at: now,
    };
    let mut tx = app.db.begin().await?;
    if let Some(saved) = service::already(idempotency::claim(&mut tx, owner, key, request_sha256, now).await?)? {
        return Ok(saved);
    }
    if !store::insert(&mut tx, &row).await? {
        return Err(BillingError::Raced);
    }
    jobs::enqueue(&mut tx, &app.ids, JobKind::AwaitSale, row.id, now.plus_seconds(LOOK_SECONDS.0)).await?;
    events::awaited(&mut tx, app, (row.id, &row.receptor.rfc), sale).await?;
    let kept = serde_json::json!({ "till_key": row.till_key_id, "total_minor": row.total_minor });
    service::note(&mut tx, app, asker.scope, "invoice.await", row.id, kept, Some(asker.who())).await?;
    let saved = Saved::json(202, &view(&mut tx, &row).await?)?;
    idempotency::finish(&mut tx, owner, key, &saved).await?;
    tx.commit().await?;
    // A sale that came between the look and the commit saw no order to wake.
    let standing = sale.standing(&mut app.db.read().await?, app.now()).await?;
    if matches!(standing, Standing::Here(_)) {
        let mut tx = app.db.begin().await?;
        jobs::reschedule_for(&mut tx, JobKind::AwaitSale, row.id, app.now()).await?;
        tx.commit().await?;
        app.wake.notify_one();
    }
    Ok(saved)
}

/// The number that an order was told to its person.
pub(super) async fn tracking(conn: &mut impl Conn, id: Uuid) -> DbResult<Option<String>> {
    store::find_tracking(conn, id).await
}

/// An order that waits, in the words of an invoice: it has no number yet.
async fn view(conn: &mut impl Conn, row: &OrderRow) -> DbResult<InvoiceView> {
    let missing = || super::store::unreadable("branch");
    let branch = issuers::service::find_branch(conn, row.scope(), BranchId::new(row.branch_id)).await?;
    let branch = branch.ok_or_else(missing)?;
    let code = row.problem_code.as_deref();
    let code = code.and_then(|code| ProblemCode::ALL.iter().copied().find(|known| known.as_str() == code));
    Ok(InvoiceView {
        id: row.id,
        state: if code.is_some() { InvoiceState::Rejected } else { InvoiceState::Waiting },
        tracking: row.tracking.clone(),
        branch_name: branch.name.clone(),
        ticket_number: row.ticket_number.clone(),
        serie: String::new(),
        folio: String::new(),
        folio_fiscal: None,
        total: row.total()?.to_decimal_string(),
        currency: row.currency.clone(),
        receptor_rfc: row.receptor.rfc.clone(),
        receptor_nombre: row.receptor.nombre.clone(),
        email: row.email.clone(),
        requested_at: local_time(row.created_at, &branch.time_zone),
        stamped_at: None,
        attempts: 0,
        next_attempt_at: None,
        rejection: code.map(|code| Rejection { code, sat_code: String::new(), pointer: None }),
        mails: Vec::new(),
    })
}

/// The order, if it was this browser's.
pub(super) async fn find_for_browser(
    app: &App,
    conn: &mut impl Conn,
    browser_hash: &[u8; 32],
    id: Uuid,
) -> DbResult<Option<InvoiceView>> {
    let since = app.now().plus_seconds(-app.config.guests.access_hours * 3_600);
    match store::find_for_browser(conn, browser_hash, id, since).await? {
        Some(row) => Ok(Some(view(conn, &row).await?)),
        None => Ok(None),
    }
}

/// Looks for the sale now, for somebody who is waiting at the page.
pub(super) async fn look_now(app: &App, id: Uuid) -> DbResult<()> {
    let mut tx = app.db.begin().await?;
    jobs::reschedule_for(&mut tx, JobKind::AwaitSale, id, app.now()).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// Sales arrived: orders that wait for one of them go on when this transaction is committed. `true`: there are some,
/// and the queue wants to be woken.
pub async fn arrived(tx: &mut Tx, scope: Scope, sales: &[&NewTicket], now: Timestamp) -> DbResult<bool> {
    // Nearly always nobody waits: then it costs one look into an index.
    if !store::has_waiting(tx, scope).await? {
        return Ok(false);
    }
    let numbers: Vec<&str> = sales.iter().map(|sale| sale.ticket_number.as_str()).collect();
    let mut woken = false;
    for (id, branch, order_number, ticket_number) in store::list_waiting(tx, scope, &numbers).await? {
        let came = sales.iter().any(|sale| {
            sale.branch_id.uuid() == branch && sale.order_number == order_number && sale.ticket_number == ticket_number
        });
        if came {
            jobs::reschedule_for(tx, JobKind::AwaitSale, id, now).await?;
            woken = true;
        }
    }
    Ok(woken)
}

/// Looks whether the sale is here, and goes on with the order: the body of [`JobKind::AwaitSale`].
pub async fn go_on(app: &App, id: Uuid) -> Outcome {
    match try_go_on(app, id).await {
        Ok(outcome) => outcome,
        Err(error) => {
            tracing::warn!(order.id = %id, error = &error as &dyn std::error::Error, "an awaited order could not go on");
            later(app, app.now(), "an awaited order could not go on")
        }
    }
}

/// The longer an order has waited, the longer until the next look.
fn later(app: &App, created_at: Timestamp, reason: &str) -> Outcome {
    let waited = app.now().seconds_since(created_at);
    let pause = (waited / 4).clamp(LOOK_SECONDS.0, LOOK_SECONDS.1);
    Outcome::RetryAt { at: app.now().plus_seconds(pause), reason: reason.into() }
}

async fn try_go_on(app: &App, id: Uuid) -> Result<Outcome, BillingError> {
    let mut conn = app.db.read().await?;
    let Some(row) = store::find(&mut conn, id).await? else { return Ok(Outcome::Done) };
    if !row.is_waiting() {
        return Ok(Outcome::Done);
    }
    if super::store::find(&mut conn, id).await?.is_some() {
        // A crash came between the invoice and this line: its own job stamps it.
        drop(conn);
        return invoiced(app, id).await;
    }
    let branch_id = BranchId::new(row.branch_id);
    let branch = issuers::service::find_branch(&mut conn, row.scope(), branch_id).await?;
    let branch = branch.ok_or(BillingError::NotFound)?;
    let numbers = (row.order_number.as_str(), row.ticket_number.as_str());
    let found = tickets::service::find_by_numbers(&mut conn, row.scope(), branch_id, numbers).await?;
    drop(conn);
    let Some(ticket) = found else {
        let today = app.now().jiff().to_zoned(branch.time_zone.clone()).date();
        if today.to_string() > row.invoice_until {
            return end(app, &row, letters::Cause::NeverCame).await;
        }
        return Ok(later(app, row.created_at, "its sale has not arrived"));
    };
    if ticket.total != row.total()? {
        return end(app, &row, letters::Cause::Differs).await;
    }
    issue(app, &row, &ticket).await
}

/// The usual way of an order, walked by the queue.
async fn issue(app: &App, row: &OrderRow, ticket: &Ticket) -> Result<Outcome, BillingError> {
    let typed = InvoiceTicket {
        // Put in place below.
        claim: "-".to_owned(),
        receptor: row.receptor.0.clone(),
        forma_pago: Some(row.forma_pago.clone()),
        email: row.email.clone(),
        language: Lang::from_tag(&row.language).unwrap_or_default(),
    };
    let Ok(order) = typed.parse() else {
        return end(app, row, letters::Cause::Refused(ProblemCode::StampRefused)).await;
    };
    let order = for_ticket(app, row.scope(), ticket, (&order, order.forma_pago))?;
    let Ok(browser) = <[u8; 32]>::try_from(row.browser_hash.as_slice()) else {
        return Err(super::store::unreadable("browser_hash").into());
    };
    let party = Party::Awaited { browser, id: row.id };
    let asker = Asker { scope: row.scope(), party, request_id: row.tracking.clone() };
    let answered = service::issue(app, &asker, &order, &row.id.to_string(), [0; 32]).await;
    match answered {
        Ok(_) => invoiced(app, row.id).await,
        Err(BillingError::Unavailable(Unavailable::InProgress) | BillingError::Raced) => {
            Ok(later(app, app.now(), "somebody else is invoicing its ticket"))
        }
        Err(BillingError::Unavailable(why)) => {
            let code = match why {
                Unavailable::Expired(_) => ProblemCode::TicketExpired,
                Unavailable::Cancelled => ProblemCode::TicketCancelled,
                Unavailable::InGlobal => ProblemCode::TicketInGlobal,
                Unavailable::Invoiced | Unavailable::InProgress => ProblemCode::TicketAlreadyInvoiced,
            };
            end(app, row, letters::Cause::Refused(code)).await
        }
        Err(BillingError::Draft(DraftError::TooManyLines) | BillingError::NotPrintable(_)) => {
            end(app, row, letters::Cause::Refused(ProblemCode::TicketTooLong)).await
        }
        // A key is reused only by the same order: its invoice is there or on its way.
        Err(BillingError::InFlight) => invoiced(app, row.id).await,
        Err(other) => Err(other),
    }
}

async fn invoiced(app: &App, id: Uuid) -> Result<Outcome, BillingError> {
    let mut tx = app.db.begin().await?;
    store::mark_invoiced(&mut tx, id, app.now()).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}

/// It comes to nothing, and its person hears of it.
async fn end(app: &App, row: &OrderRow, cause: letters::Cause) -> Result<Outcome, BillingError> {
    let (scope, code) = (row.scope(), cause.code());
    let mut tx = app.db.begin().await?;
    if store::mark_ended(&mut tx, row.id, code.as_str(), app.now()).await? {
        letters::ended(&mut tx, app, row, cause).await?;
        let after = serde_json::json!({ "code": code.as_str() });
        service::note(&mut tx, app, scope, "invoice.await_end", row.id, after, None).await?;
    }
    tx.commit().await?;
    app.wake.notify_one();
    Ok(Outcome::Done)
}

/// The order that waits for this sale: its id, if this browser may open it.
pub(super) async fn of_sale(
    app: &App,
    sale: &SignedSale,
    browser_hash: Option<&[u8; 32]>,
) -> DbResult<Option<Option<Uuid>>> {
    let numbers = (sale.branch.id.uuid(), sale.payload.order_number.as_str(), sale.payload.ticket_number.as_str());
    let found = store::find_waiting(&mut app.db.read().await?, sale.scope, numbers).await?;
    Ok(found.map(|(id, whose)| browser_hash.is_some_and(|hash| hash.as_slice() == whose).then_some(id)))
}

/// Deletes at most `limit` orders that ended before `ended_before`; says how many.
pub async fn purge(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_ended(tx, ended_before, limit).await
}

/// Whether every order that waits has a job that will look for its sale.
pub(super) async fn verify(conn: &mut impl Conn) -> DbResult<crate::proof::Proof> {
    let mut proof = crate::proof::Proof::of("every order that waits for its sale has its job");
    let mut after = None;
    loop {
        let page = store::list_all_waiting(conn, after, PAGE_ROWS).await?;
        let Some(last) = page.last() else { return Ok(proof) };
        after = Some(*last);
        let looked_for = jobs::list_subjects(conn, JobKind::AwaitSale, &page).await?;
        for id in &page {
            let forgotten = !looked_for.contains(id);
            proof.examine(forgotten.then(|| format!("order {id}: no job will ever look for its sale")));
        }
    }
}
