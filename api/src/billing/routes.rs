//! Guests' invoicing over HTTP: claim a ticket, invoice it, follow, fetch and mail the invoice.
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use sha2::{Digest, Sha256};
use shared::accounts::work::Flow;
use shared::billing::{InvoiceTicket, InvoiceView, MailInvoice};
use shared::tickets::{LookUpTicket, TicketClaim, TicketData};
use shared::{Problem, ProblemCode};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::draft::DraftError;
use super::follow;
use super::service::{self, Asker, BillingError, Party};
use crate::App;
use crate::accounts::routes::done_work;
use crate::accounts::work;
use crate::documents::routes::download;
use crate::documents::{self, model::StoredXml};
use crate::http::flood::Act;
use crate::http::{ApiError, ApiResult, HashedJson, IdempotencyKey, Json, RequestId, Site, SourceAddress};
use crate::issuers::{self, BranchId, Issuer, Scope};
use crate::tickets::model::Unavailable;
use crate::tickets::service::TicketError;

/// The cookie that opens, in this browser, the invoices it asked for.
pub(super) const BROWSER_COOKIE: &str = "ventanilla_guest";

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(claim_ticket)
        .service(invoice_ticket)
        .service(get_invoice)
        .service(retry_invoice)
        .service(get_xml)
        .service(get_pdf)
        .service(mail_invoice);
    super::guests::routes::configure(cfg);
}

pub(super) async fn issuer(app: &App, slug: &str) -> ApiResult<(Scope, Issuer)> {
    issuers::service::scope_of_slug(app, slug).await?.ok_or_else(|| ApiError::new(ProblemCode::NotFound))
}

/// The browser's secret from its cookie, or nothing when it is not of our making.
pub(super) fn browser(site: &Site, request: &HttpRequest) -> Option<[u8; 32]> {
    let cookie = site.read_cookie(request, BROWSER_COOKIE)?;
    let mut secret = [0; 32];
    hex::decode_to_slice(cookie, &mut secret).ok()?;
    Some(secret)
}

pub(super) fn hash(secret: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

pub(super) fn known_browser(site: &Site, request: &HttpRequest) -> ApiResult<[u8; 32]> {
    browser(site, request).map(|secret| hash(&secret)).ok_or_else(|| ApiError::new(ProblemCode::NotFound))
}

/// At a branch where strangers guess, a look-up costs its browser a proof of work (G1); elsewhere none.
pub(super) async fn pay_where_guarded(
    app: &App,
    scope: Scope,
    wanted: &TicketData,
    (request, source): (&HttpRequest, SourceAddress),
) -> ApiResult<()> {
    if crate::tickets::service::is_guarded(app, scope, wanted, &source.counter_key()).await? {
        work::spend(app, Flow::LookUp, done_work(request)).await?;
    }
    Ok(())
}

/// Verifies a ticket's data and gives the claim to invoice it.
///
/// Wrong data of any kind get one answer, `ticket_not_found`, and are counted per ticket and per source. At a branch with
/// many wrong tries `work_needed` asks for a proof of work of the flow `look_up`.
#[utoipa::path(
    tag = "tickets",
    params(("slug" = String, Path, description = "The issuer's short name; `default` is the default issuer")),
    request_body = LookUpTicket,
    responses((status = 200, body = TicketClaim)),
    security(()),
    extensions(("x-problem-codes" = json!([
        "not_found", "ticket_not_found", "ticket_held", "ticket_expired", "ticket_cancelled", "ticket_in_global",
        "ticket_already_invoiced", "ticket_in_progress", "invalid_fields", "too_many_requests", "work_needed"
    ]))),
)]
#[post("/issuers/{slug}/ticket-claims")]
async fn claim_ticket(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    slug: web::Path<String>,
    source: SourceAddress,
    form: Json<LookUpTicket>,
) -> ApiResult<Json<TicketClaim>> {
    app.floods.admit(Act::LookUp, source, app.now())?;
    let (scope, _) = issuer(&app, &slug).await?;
    let wanted = form.0.parse()?;
    pay_where_guarded(&app, scope, &wanted, (&request, source)).await?;
    let branch = {
        let mut conn = app.db.read().await?;
        issuers::service::find_branch(&mut conn, scope, BranchId::new(wanted.branch_id)).await?
    };
    let branch = branch.ok_or_else(|| ApiError::new(ProblemCode::TicketNotFound))?;
    match crate::tickets::service::look_up(&app, scope, &branch, &wanted, &source.counter_key()).await {
        Ok(claim) => Ok(Json(claim)),
        Err(TicketError::Unavailable { ticket, why }) => {
            let mut problem = unavailable(why);
            if let (Unavailable::Invoiced | Unavailable::InProgress, Some(secret)) = (why, browser(&site, &request)) {
                problem.invoice_id = follow::of_ticket(&app, scope, ticket, &hash(&secret)).await?;
            }
            Err(problem.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Invoices a claimed ticket.
///
/// 201: stamped. 202: sealed and kept, the PAC has not answered; follow it at `/invoices/{id}`. The same
/// Idempotency-Key with the same body gets the same answer, for 30 days.
#[utoipa::path(
    tag = "invoices",
    params(
        ("slug" = String, Path, description = "The issuer's short name; `default` is the default issuer"),
        ("Idempotency-Key" = String, Header, description = "Unique per order, 1 to 255 characters"),
    ),
    request_body = InvoiceTicket,
    responses((status = 201, body = InvoiceView), (status = 202, body = InvoiceView)),
    security(()),
    extensions(("x-problem-codes" = json!([
        "not_found", "claim_expired", "ticket_expired", "ticket_cancelled", "ticket_in_global",
        "ticket_already_invoiced", "ticket_in_progress", "invalid_fields", "idempotency_key_missing",
        "idempotency_key_reused", "idempotency_in_flight", "receptor_rfc_unknown", "receptor_name_differs",
        "receptor_postal_code_differs", "receptor_regimen_differs", "receptor_uso_not_allowed", "stamp_refused",
        "issuer_not_ready", "issuer_ceiling", "ticket_too_long", "too_many_requests"
    ]))),
)]
#[post("/issuers/{slug}/invoices")]
async fn invoice_ticket(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    slug: web::Path<String>,
    key: IdempotencyKey,
    (request_id, source): (RequestId, SourceAddress),
    form: HashedJson<InvoiceTicket>,
) -> ApiResult<HttpResponse> {
    app.floods.admit(Act::Invoice, source, app.now())?;
    let (scope, _) = issuer(&app, &slug).await?;
    let order = form.body.parse()?;
    let secret = browser(&site, &request).unwrap_or_else(|| app.ids.secret());
    let asker = Asker { scope, party: Party::Browser(hash(&secret)), request_id: request_id.to_string() };
    // On a task of the house's own: a browser that goes away must not cut the invoice in two.
    let issuing = {
        let (app, sha256) = (app.get_ref().clone(), form.sha256);
        let home = app.home.clone();
        home.spawn(async move { service::issue(&app, &asker, &order, key.as_str(), sha256).await })
    };
    let saved = issuing.await.map_err(ApiError::internal)??;
    let mut response = saved.into_response();
    let seconds = app.config.guests.access_hours.saturating_mul(3_600);
    let cookie = site.cookie(BROWSER_COOKIE, &hex::encode(secret), seconds);
    response.add_cookie(&cookie).map_err(ApiError::internal)?;
    Ok(response)
}

/// An invoice this browser asked for.
#[utoipa::path(
    tag = "invoices",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = InvoiceView)),
    security(("guest" = [])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/invoices/{id}")]
async fn get_invoice(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    id: web::Path<Uuid>,
) -> ApiResult<Json<InvoiceView>> {
    let browser = known_browser(&site, &request)?;
    Ok(Json(follow::find(&app, &browser, *id).await?))
}

/// Asks the PAC again now for an invoice that waits.
#[utoipa::path(
    tag = "invoices",
    params(("id" = Uuid, Path)),
    responses((status = 202, body = InvoiceView)),
    security(("guest" = [])),
    extensions(("x-problem-codes" = json!(["not_found", "too_many_requests"]))),
)]
#[post("/invoices/{id}/retries")]
async fn retry_invoice(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    id: web::Path<Uuid>,
    source: SourceAddress,
) -> ApiResult<HttpResponse> {
    app.floods.admit(Act::Invoice, source, app.now())?;
    let browser = known_browser(&site, &request)?;
    Ok(HttpResponse::Accepted().json(follow::retry(&app, &browser, *id).await?))
}

/// The stamped XML, byte for byte.
#[utoipa::path(
    tag = "invoices",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/xml")),
    security(("guest" = [])),
    extensions(("x-problem-codes" = json!(["not_found", "invoice_not_stamped"]))),
)]
#[get("/invoices/{id}/xml")]
async fn get_xml(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    id: web::Path<Uuid>,
) -> ApiResult<HttpResponse> {
    let browser = known_browser(&site, &request)?;
    let (scope, document) = follow::document_of(&app, &browser, *id).await?;
    let stored = documents::service::xml(&app, scope, document).await?;
    let name = file_name(&app, &stored, "xml").await?;
    Ok(download(&name, "application/xml; charset=utf-8", stored.xml.into_bytes()))
}

/// The printed form of the invoice.
#[utoipa::path(
    tag = "invoices",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf")),
    security(("guest" = [])),
    extensions(("x-problem-codes" = json!(["not_found", "invoice_not_stamped"]))),
)]
#[get("/invoices/{id}/pdf")]
async fn get_pdf(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    id: web::Path<Uuid>,
) -> ApiResult<HttpResponse> {
    let browser = known_browser(&site, &request)?;
    let (scope, document) = follow::document_of(&app, &browser, *id).await?;
    let (stored, bytes) = documents::service::pdf(&app, scope, document).await?;
    let name = file_name(&app, &stored, "pdf").await?;
    Ok(download(&name, "application/pdf", bytes))
}

/// Mails the invoice once more, to one address.
#[utoipa::path(
    tag = "invoices",
    params(("id" = Uuid, Path)),
    request_body = MailInvoice,
    responses((status = 202, body = InvoiceView)),
    security(("guest" = [])),
    extensions(("x-problem-codes" = json!([
        "not_found", "invoice_not_stamped", "mail_limit", "invalid_fields", "too_many_requests"
    ]))),
)]
#[post("/invoices/{id}/mails")]
async fn mail_invoice(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    id: web::Path<Uuid>,
    source: SourceAddress,
    form: Json<MailInvoice>,
) -> ApiResult<HttpResponse> {
    app.floods.admit(Act::Invoice, source, app.now())?;
    let browser = known_browser(&site, &request)?;
    let view = follow::send(&app, &browser, *id, &form.0, &source.counter_key()).await?;
    Ok(HttpResponse::Accepted().json(view))
}

async fn file_name(app: &App, stored: &StoredXml, extension: &str) -> ApiResult<String> {
    let issuer = issuers::service::find_issuer(&mut app.db.read().await?, stored.scope).await?;
    let issuer = issuer.ok_or_else(|| ApiError::new(ProblemCode::NotFound))?;
    Ok(documents::service::file_name(&issuer.rfc, &stored.serie, &stored.folio, &stored.issued_on, extension))
}

pub(super) fn unavailable(why: Unavailable) -> Problem {
    match why {
        Unavailable::Expired(day) => Problem { day: Some(day.to_string()), ..Problem::new(ProblemCode::TicketExpired) },
        Unavailable::Cancelled => Problem::new(ProblemCode::TicketCancelled),
        Unavailable::InGlobal => Problem::new(ProblemCode::TicketInGlobal),
        Unavailable::Invoiced => Problem::new(ProblemCode::TicketAlreadyInvoiced),
        Unavailable::InProgress => Problem::new(ProblemCode::TicketInProgress),
    }
}

impl From<TicketError> for ApiError {
    fn from(error: TicketError) -> ApiError {
        match error {
            TicketError::NotFound => ApiError::new(ProblemCode::TicketNotFound),
            TicketError::Held { retry_after_seconds } => ApiError::new(ProblemCode::TicketHeld)
                .retry_after(u32::try_from(retry_after_seconds).unwrap_or(u32::MAX)),
            TicketError::Unavailable { why, .. } => unavailable(why).into(),
            TicketError::Sign(source) => ApiError::internal(source),
            TicketError::Db(source) => source.into(),
        }
    }
}

impl From<BillingError> for ApiError {
    fn from(error: BillingError) -> ApiError {
        match error {
            BillingError::ClaimExpired => ApiError::new(ProblemCode::ClaimExpired),
            BillingError::Fields(errors) => errors.into(),
            BillingError::Unavailable(why) => unavailable(why).into(),
            BillingError::Raced => ApiError::new(ProblemCode::TicketInProgress),
            BillingError::InFlight => ApiError::new(ProblemCode::IdempotencyInFlight),
            BillingError::KeyReused => ApiError::new(ProblemCode::IdempotencyKeyReused),
            BillingError::Custody(source) => ApiError::because(ProblemCode::IssuerNotReady, source),
            BillingError::Ceiling => ApiError::new(ProblemCode::IssuerCeiling),
            BillingError::MailLimit(full) => ApiError::new(ProblemCode::MailLimit)
                .retry_after(u32::try_from(full.retry_after_seconds).unwrap_or(u32::MAX)),
            BillingError::NotStamped => ApiError::new(ProblemCode::InvoiceNotStamped),
            BillingError::NotFound => ApiError::new(ProblemCode::NotFound),
            BillingError::Draft(source @ DraftError::TooManyLines) => {
                ApiError::because(ProblemCode::TicketTooLong, source)
            }
            BillingError::NotPrintable(source) => ApiError::because(ProblemCode::TicketTooLong, source),
            BillingError::Draft(source) => ApiError::internal(source),
            BillingError::Letter(source) => ApiError::internal(source),
            BillingError::Account(source) => source.into(),
            BillingError::BroughtIn(source) => ApiError::internal(source),
            BillingError::Answer(source) => ApiError::internal(source),
            BillingError::Claim(source) => ApiError::internal(source),
            BillingError::Db(source) => source.into(),
        }
    }
}
