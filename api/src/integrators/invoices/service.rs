//! From an order to its invoice.
use fiscal::MetodoPago;
use shared::billing::{InvoiceOrder, InvoiceTicket};
use shared::integrators::{InvoiceResource, IssueInvoice};
use shared::{FieldCode, FieldErrors, ProblemCode};
use uuid::Uuid;

use crate::App;
use crate::billing::follow;
use crate::billing::service::{self as billing, Asker, BillingError, Party};
use crate::db::{DbError, DbResult};
use crate::http::idempotency::{self, Claim, Saved};
use crate::integrators::guard::Caller;
use crate::integrators::tickets::form;
use crate::integrators::tickets::service::{self as sales, SaleError};
use crate::tickets;
use crate::tickets::model::Ticket;

/// The order is claimed and invoiced within one request.
const CLAIM_SECONDS: i64 = 300;

/// A stamp takes a few seconds.
const STAMP_WAIT_SECONDS: u32 = 5;

/// Why no invoice was made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// All that is wrong with the request.
    #[error("an order with wrong fields")]
    Fields(FieldErrors),
    /// The order has its invoice, or it is being made: this one.
    #[error("the order has an invoice")]
    Invoiced {
        /// In the API's words.
        code: ProblemCode,
        /// Which.
        invoice_id: Option<Uuid>,
    },
    /// The key has made, or has under way, as many as it may: so many seconds to wait.
    #[error("as many invoices as the key may have made")]
    Limited(u32),
    /// The order was not taken.
    #[error("taking the order")]
    Sale(#[from] SaleError),
    /// The invoice was not made.
    #[error("issuing an order's invoice")]
    Billing(#[from] BillingError),
    /// The order could not be claimed.
    #[error("claiming an order")]
    Claim(#[from] jsonwebtoken::errors::Error),
    /// The database.
    #[error("reading an order")]
    Db(#[from] DbError),
}

/// What is wrong with the request but for its ticket, which is judged when it is taken.
fn read(body: &IssueInvoice) -> Result<InvoiceOrder, FieldErrors> {
    let mut errors = FieldErrors::default();
    form::external_id(&body.external_id, &mut errors);
    let typed = InvoiceTicket {
        // Put in place once the order is claimed.
        claim: "-".to_owned(),
        receptor: body.receptor.clone(),
        forma_pago: body.forma_pago.clone(),
        email: body.email.clone(),
        language: body.language,
    };
    let metodo_pago = match body.metodo_pago.as_deref().map_or(Ok(MetodoPago::Pue), MetodoPago::parse) {
        Ok(known) => known,
        Err(_unknown) => {
            errors.add("/metodo_pago", FieldCode::NotInCatalog);
            MetodoPago::Pue
        }
    };
    match typed.parse() {
        Ok(order) if errors.is_empty() => Ok(InvoiceOrder { metodo_pago, ..order }),
        Ok(_) => Err(errors),
        Err(more) => {
            errors.0.extend(more.0);
            Err(errors)
        }
    }
}

/// Asks for an order's invoice. The answer is kept and given again, byte for byte, to the same key.
pub async fn issue(
    app: &App,
    caller: &Caller,
    body: &IssueInvoice,
    (key, sha256): (&str, [u8; 32]),
) -> Result<Saved, IssueError> {
    let party = Party::Key(caller.key.uuid());
    let asker = Asker { scope: caller.scope, party, request_id: caller.request_id.clone() };
    // Before the order is taken: a key that stands for another request must change nothing.
    match idempotency::find(&mut app.db.read().await?, &asker.idempotency_owner(), key, sha256).await? {
        Claim::Fresh => {}
        Claim::Replay(saved) => return Ok(saved),
        Claim::InFlight => return Err(BillingError::InFlight.into()),
        Claim::Reused => return Err(BillingError::KeyReused.into()),
    }
    let order = read(body).map_err(IssueError::Fields)?;
    // After what was answered before is found: the same again costs nothing.
    if let Some(seconds) = app.api_limits.documents_wait(caller.key, app.now()) {
        return Err(IssueError::Limited(seconds));
    }
    let slot = app.api_limits.enter_stamp(caller.key, app.now());
    let Some(_slot) = slot else { return Err(IssueError::Limited(STAMP_WAIT_SECONDS)) };
    let ticket = take(app, caller, body).await?;
    let claim = app.claim_key.sign(caller.scope, &ticket, app.now().plus_seconds(CLAIM_SECONDS))?;
    let order = InvoiceOrder { claim, ..order };
    match billing::issue(app, &asker, &order, key, sha256).await {
        Err(error @ (BillingError::Unavailable(_) | BillingError::Raced)) => {
            let invoice_id = follow::live_of_ticket(app, caller.scope, ticket.id).await?;
            match (invoice_id, ticket_code(app, caller, &ticket).await?) {
                (Some(id), Some(code)) => Err(IssueError::Invoiced { code, invoice_id: Some(id) }),
                _ => Err(error.into()),
            }
        }
        // Another request changed its total since it was taken: as busy as one that is being invoiced.
        Err(BillingError::ClaimExpired) => Err(BillingError::Raced.into()),
        other => {
            let saved = other?;
            if saved.status < 300 {
                app.api_limits.made_document(caller.key, app.now());
            }
            Ok(saved)
        }
    }
}

/// How a ticket that has an invoice is told, as it stands now.
async fn ticket_code(app: &App, caller: &Caller, ticket: &Ticket) -> DbResult<Option<ProblemCode>> {
    use crate::tickets::model::TicketState as S;
    let now = tickets::service::find(&mut app.db.read().await?, caller.scope, ticket.id).await?;
    Ok(now.and_then(|ticket| match ticket.state {
        S::Invoiced => Some(ProblemCode::TicketAlreadyInvoiced),
        S::Reserved => Some(ProblemCode::TicketInProgress),
        _ => None,
    }))
}

/// The order: as sent with the request, else as it was brought in before.
async fn take(app: &App, caller: &Caller, body: &IssueInvoice) -> Result<Ticket, IssueError> {
    if let Some(sent) = &body.ticket {
        match sales::put(app, caller, &body.external_id, sent).await {
            Ok(_) => {}
            Err(SaleError::Fields(mut errors)) => {
                for error in errors.0.iter_mut().filter(|error| error.pointer != "/external_id") {
                    error.pointer.insert_str(0, "/ticket");
                }
                return Err(IssueError::Fields(errors));
            }
            Err(SaleError::Refused(code @ (ProblemCode::TicketAlreadyInvoiced | ProblemCode::TicketInProgress))) => {
                let found = find(app, caller, &body.external_id).await?;
                let invoice_id = match found {
                    Some(ticket) => follow::live_of_ticket(app, caller.scope, ticket.id).await?,
                    None => None,
                };
                return Err(IssueError::Invoiced { code, invoice_id });
            }
            Err(other) => return Err(other.into()),
        }
    }
    find(app, caller, &body.external_id).await?.ok_or_else(|| {
        let mut errors = FieldErrors::default();
        errors.add("/ticket", FieldCode::Required);
        IssueError::Fields(errors)
    })
}

async fn find(app: &App, caller: &Caller, external_id: &str) -> DbResult<Option<Ticket>> {
    tickets::service::find_by_external(&mut app.db.read().await?, caller.scope, external_id).await
}

/// One of the issuer's invoices, whoever asked for it.
pub async fn get(app: &App, caller: &Caller, id: Uuid) -> Result<InvoiceResource, IssueError> {
    Ok(follow::of_issuer(app, caller.scope, id).await?)
}
