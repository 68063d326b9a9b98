//! A guest's mailbox over HTTP: a code by mail, and «mis facturas».
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde::Deserialize;
use shared::ProblemCode;
use shared::guests::{AskMailCode, MailCodeAsked, MailboxProved, MyInvoice, MyInvoicesQuery, UseMailCode};
use shared::page::{Page, PageQuery};
use shared::tickets::LookUpTicket;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::App;
use crate::accounts::guard::MailboxOwner;
use crate::billing::routes::{BROWSER_COOKIE, browser, hash, issuer, known_browser, pay_where_guarded};
use crate::db::Timestamp;
use crate::http::flood::Act;
use crate::http::{ApiError, ApiResult, Json, RequestId, Site, SourceAddress, paging};
use crate::issuers::{self, BranchId};
use crate::tickets::model::Unavailable;
use crate::tickets::service::TicketError;

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(ask).service(ask_of_ticket).service(prove).service(open).service(close).service(list);
    super::receptors::routes::configure(cfg);
}

#[derive(Deserialize)]
struct OfCode {
    slug: String,
    id: Uuid,
}

/// Asks for a code by mail, to see what was invoiced to an address.
///
/// The answer is the same whether anything was invoiced to it or not; if so, six digits arrive by mail.
#[utoipa::path(
    tag = "guests",
    params(("slug" = String, Path, description = "The issuer's short name; `default` is the default issuer")),
    request_body = AskMailCode,
    responses((status = 202, body = MailCodeAsked)),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found", "invalid_fields"]))),
)]
#[post("/issuers/{slug}/mail-codes")]
async fn ask(
    app: web::Data<App>,
    slug: web::Path<String>,
    source: SourceAddress,
    form: Json<AskMailCode>,
) -> ApiResult<HttpResponse> {
    let (scope, _) = issuer(&app, &slug).await?;
    Ok(HttpResponse::Accepted().json(super::ask(&app, scope, &form.0, &source.counter_key()).await?))
}

/// Asks for a code by mail, to the address of an invoiced ticket's invoice, which is not told.
///
/// The ticket's data are judged like those of any look-up.
#[utoipa::path(
    tag = "guests",
    params(("slug" = String, Path, description = "The issuer's short name; `default` is the default issuer")),
    request_body = LookUpTicket,
    responses((status = 202, body = MailCodeAsked)),
    security(()),
    extensions(("x-problem-codes" = json!([
        "not_found", "ticket_not_found", "ticket_held", "ticket_expired", "ticket_cancelled", "ticket_in_global",
        "invalid_fields", "too_many_requests", "work_needed"
    ]))),
)]
#[post("/issuers/{slug}/ticket-mail-codes")]
async fn ask_of_ticket(
    app: web::Data<App>,
    slug: web::Path<String>,
    source: SourceAddress,
    request: HttpRequest,
    form: Json<LookUpTicket>,
) -> ApiResult<HttpResponse> {
    app.floods.admit(Act::LookUp, source, app.now())?;
    let (scope, _) = issuer(&app, &slug).await?;
    let wanted = form.0.parse()?;
    pay_where_guarded(&app, scope, &wanted, (&request, source)).await?;
    let branch = {
        let mut conn = app.db.read().await?;
        issuers::service::find_branch(&mut conn, scope, BranchId::new(wanted.branch_id)).await?
    };
    let branch = branch.ok_or_else(|| ApiError::new(ProblemCode::TicketNotFound))?;
    let key = source.counter_key();
    match crate::tickets::service::look_up(&app, scope, &branch, &wanted, &key).await {
        Err(TicketError::Unavailable { ticket, why: Unavailable::Invoiced | Unavailable::InProgress }) => {
            Ok(HttpResponse::Accepted().json(super::ask_of_ticket(&app, scope, ticket, &key).await?))
        }
        Ok(_) => Err(ApiError::new(ProblemCode::NotFound)),
        Err(error) => Err(error.into()),
    }
}

/// Opens, in this browser and for half an hour, what was invoiced to the mailbox that the code came to.
///
/// A code is good once, for a quarter of an hour and five tries.
#[utoipa::path(
    tag = "guests",
    params(
        ("slug" = String, Path, description = "The issuer's short name; `default` is the default issuer"),
        ("id" = Uuid, Path),
    ),
    request_body = UseMailCode,
    responses((status = 200, body = MailboxProved)),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found", "wrong_code", "invalid_fields"]))),
)]
#[post("/issuers/{slug}/mail-codes/{id}/uses")]
async fn prove(
    app: web::Data<App>,
    (site, request): (web::Data<Site>, HttpRequest),
    request_id: RequestId,
    path: web::Path<OfCode>,
    form: Json<UseMailCode>,
) -> ApiResult<HttpResponse> {
    let (scope, _) = issuer(&app, &path.slug).await?;
    let secret = browser(&site, &request).unwrap_or_else(|| app.ids.secret());
    let who = (&hash(&secret), request_id.to_string());
    let proved = super::prove(&app, scope, path.id, &form.0, (who.0, &who.1)).await?;
    opened(&app, &site, &proved.ok_or_else(|| ApiError::new(ProblemCode::WrongCode))?, &secret)
}

/// What was opened, with the cookie of the browser it was opened to.
fn opened(app: &App, site: &Site, proved: &MailboxProved, secret: &[u8; 32]) -> ApiResult<HttpResponse> {
    let mut response = HttpResponse::Ok().json(proved);
    let seconds = app.config.guests.access_hours.saturating_mul(3_600);
    let cookie = site.cookie(BROWSER_COOKIE, &hex::encode(secret), seconds);
    response.add_cookie(&cookie).map_err(ApiError::internal)?;
    Ok(response)
}

/// Opens, in this browser and for half an hour, what was invoiced to the mail address of the account that is signed in.
///
/// For the account of a mailbox, which is no customer's; to any other session it answers that nobody is signed in.
#[utoipa::path(
    tag = "guests",
    params(("slug" = String, Path, description = "The issuer's short name; `default` is the default issuer")),
    responses((status = 200, body = MailboxProved)),
    security(("mailbox" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found"]))),
)]
#[post("/issuers/{slug}/mailbox-sessions")]
async fn open(
    app: web::Data<App>,
    (site, request): (web::Data<Site>, HttpRequest),
    request_id: RequestId,
    slug: web::Path<String>,
    owner: MailboxOwner,
) -> ApiResult<HttpResponse> {
    let (scope, _) = issuer(&app, &slug).await?;
    let secret = browser(&site, &request).unwrap_or_else(|| app.ids.secret());
    let who = (&hash(&secret), request_id.to_string());
    let proved = super::open_to_owner(&app, scope, owner.0.user_id, (who.0, &who.1)).await?;
    opened(&app, &site, &proved, &secret)
}

/// Closes to this browser whatever it may open of an issuer's invoices: whoever was here leaves.
///
/// The same answer when there is nothing to close.
#[utoipa::path(
    tag = "guests",
    params(("slug" = String, Path, description = "The issuer's short name; `default` is the default issuer")),
    responses((status = 204, description = "Closed")),
    security(("guest" = []), ()),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[delete("/issuers/{slug}/mailbox-sessions")]
async fn close(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    slug: web::Path<String>,
) -> ApiResult<HttpResponse> {
    let (scope, _) = issuer(&app, &slug).await?;
    if let Some(secret) = browser(&site, &request) {
        super::close(&app, scope, &hash(&secret)).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

/// What this browser may open of an issuer's invoices, the newest first.
#[utoipa::path(
    tag = "guests",
    params(
        ("slug" = String, Path, description = "The issuer's short name; `default` is the default issuer"),
        MyInvoicesQuery,
    ),
    responses((status = 200, body = Page<MyInvoice>)),
    security(("guest" = [])),
    extensions(("x-problem-codes" = json!(["not_found", "invalid_fields"]))),
)]
#[get("/issuers/{slug}/my-invoices")]
async fn list(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    slug: web::Path<String>,
    query: web::Query<MyInvoicesQuery>,
) -> ApiResult<Json<Page<MyInvoice>>> {
    let (scope, _) = issuer(&app, &slug).await?;
    let browser = known_browser(&site, &request)?;
    let page = paging::page::<(Timestamp, Uuid)>(&PageQuery { limit: query.limit, cursor: query.cursor.clone() })?;
    let wanted = query.parse()?;
    let rows = super::list(&app, scope, (&browser, &wanted), page.after, page.limit).await?;
    Ok(Json(paging::to_page(rows, page.limit, |(at, row)| (*at, row.id), |(_, row)| row)?))
}
