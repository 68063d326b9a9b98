//! The address in a signed ticket's QR: a page that puts the sale into the guest's draft and goes on to the wizard.
//!
//! It is a page of the server's own and not of the web app, so that nobody downloads its code who does not scan.
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;
use serde_json::json;
use shared::tickets::{LookUpTicket, TicketClaim};
use shared::{Lang, Problem, ProblemCode, problem_text};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::App;
use crate::billing::follow;
use crate::billing::routes::{browser, hash, unavailable};
use crate::clock::local_time;
use crate::http::flood::Act;
use crate::http::{ApiError, ApiResult, Site, SourceAddress};
use crate::issuers::{self, Issuer};
use crate::tickets::model::{Ticket, Unavailable};
use crate::tickets::signed::{self, SignedSale, Standing};

const SCRIPT: &str = include_str!("../../../templates/signed/open.js");
/// How long the claim in the draft is good before the data are looked up again.
const CLAIM_HOURS: i64 = 24;

/// Mounted at the root.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(script).service(open_signed).service(open_signed_in_capitals);
}

#[derive(Template)]
#[template(path = "signed/page.html")]
struct Page<'a> {
    lang: &'a str,
    brand: String,
    rehearsal: bool,
    title: String,
    words: Vec<String>,
    /// What the script puts into the draft, and where it goes; JSON.
    sale: Option<String>,
    link: Option<(String, &'a str)>,
}

/// Opens the guest's wizard with the sale that a till signed, filled in.
///
/// A page. `signed` is `1:key:order:ticket:total:YYYYMMDDThhmm:forma_pago:seal`, each number `%`-escaped where it must
/// be; `seal` is the first 16 bytes of HMAC-SHA256 over all before it, in hexadecimal. A text that proves nothing is
/// answered like wrong data and counted.
#[utoipa::path(
    tag = "tickets",
    params(("signed" = String, Path, description = "What the till printed")),
    responses(
        (status = 200, body = String, content_type = "text/html"),
        (status = 303, description = "To the invoice, in a browser that may open it"),
        (status = 404, body = String, content_type = "text/html"),
        (status = 409, body = String, content_type = "text/html"),
        (status = 429, body = String, content_type = "text/html"),
    ),
    security(()),
    extensions(("x-problem-codes" = json!([
        "ticket_not_found", "ticket_held", "ticket_expired", "ticket_cancelled", "ticket_in_global",
        "ticket_already_invoiced", "ticket_in_progress", "too_many_requests"
    ]))),
)]
#[get("/q/{signed}")]
async fn open_signed(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    text: web::Path<String>,
    source: SourceAddress,
) -> ApiResult<HttpResponse> {
    open(&app, &site, &request, (&text, source)).await
}

/// The same address in capitals, which a QR holds in less room.
#[utoipa::path(
    tag = "tickets",
    params(("signed" = String, Path, description = "What the till printed")),
    responses(
        (status = 200, body = String, content_type = "text/html"),
        (status = 303, description = "To the invoice, in a browser that may open it"),
        (status = 404, body = String, content_type = "text/html"),
        (status = 409, body = String, content_type = "text/html"),
        (status = 429, body = String, content_type = "text/html"),
    ),
    security(()),
    extensions(("x-problem-codes" = json!([
        "ticket_not_found", "ticket_held", "ticket_expired", "ticket_cancelled", "ticket_in_global",
        "ticket_already_invoiced", "ticket_in_progress", "too_many_requests"
    ]))),
)]
#[get("/Q/{signed}")]
async fn open_signed_in_capitals(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    text: web::Path<String>,
    source: SourceAddress,
) -> ApiResult<HttpResponse> {
    open(&app, &site, &request, (&text, source)).await
}

/// The script of that page.
#[utoipa::path(
    tag = "tickets",
    responses((status = 200, body = String, content_type = "text/javascript")),
    security(()),
    extensions(("x-problem-codes" = json!([]))),
)]
#[get("/q/open.js")]
async fn script() -> HttpResponse {
    HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(SCRIPT)
}

/// What stops a scan: an invoice that this browser may open, or a problem.
enum Stopped {
    Invoice(Uuid),
    Problem(Box<Problem>),
}

async fn open(
    app: &App,
    site: &Site,
    request: &HttpRequest,
    (text, source): (&str, SourceAddress),
) -> ApiResult<HttpResponse> {
    if let Err(error) = app.floods.admit(Act::LookUp, source, app.now()) {
        return said(app, request, None, error.problem().clone());
    }
    let browser = browser(site, request).map(|secret| hash(&secret));
    let sale = match signed::look_up(app, text, &source.counter_key()).await {
        Ok(sale) => sale,
        Err(error) => {
            let error = ApiError::from(error);
            let problem = error.problem().clone();
            // What is our own fault is logged where every such answer is.
            return if problem.status < 500 { said(app, request, None, problem) } else { Err(error) };
        }
    };
    let issuer = issuers::service::find_issuer(&mut app.db.read().await?, sale.scope).await?;
    let issuer = issuer.ok_or_else(|| ApiError::new(ProblemCode::NotFound))?;
    match judge(app, &sale, browser.as_ref()).await? {
        Ok(ticket) => fill_in(app, request, (&issuer, &sale), (text, ticket)),
        Err(Stopped::Problem(problem)) => said(app, request, Some(&issuer), *problem),
        Err(Stopped::Invoice(id)) => {
            let place = format!("/e/{}/facturar/factura/{id}", issuer.slug);
            Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, place)).finish())
        }
    }
}

/// Whether the sale can be invoiced now: its ticket, or nothing while it has not arrived.
async fn judge(
    app: &App,
    sale: &SignedSale,
    browser: Option<&[u8; 32]>,
) -> ApiResult<Result<Option<Box<Ticket>>, Stopped>> {
    let problem = |problem| Ok(Err(Stopped::Problem(Box::new(problem))));
    let standing = sale.standing(&mut app.db.read().await?, app.now()).await?;
    let ticket = match standing {
        Standing::Here(ticket) => ticket,
        Standing::Differs => return problem(Problem::new(ProblemCode::TicketNotFound)),
        Standing::Over => return problem(unavailable(Unavailable::Expired(sale.invoice_until))),
        Standing::Awaited => {
            return match super::of_sale(app, sale, browser).await? {
                None => Ok(Ok(None)),
                Some(Some(id)) => Ok(Err(Stopped::Invoice(id))),
                Some(None) => problem(Problem::new(ProblemCode::TicketInProgress)),
            };
        }
    };
    let today = app.now().jiff().to_zoned(sale.branch.time_zone.clone()).date();
    match (ticket.available_on(today), browser) {
        (Ok(()), _) => Ok(Ok(Some(ticket))),
        (Err(why @ (Unavailable::Invoiced | Unavailable::InProgress)), Some(browser)) => {
            match follow::of_ticket(app, sale.scope, ticket.id, browser).await? {
                Some(id) => Ok(Err(Stopped::Invoice(id))),
                None => problem(unavailable(why)),
            }
        }
        (Err(why), _) => problem(unavailable(why)),
    }
}

/// The page that fills the draft in and goes on.
fn fill_in(
    app: &App,
    request: &HttpRequest,
    (issuer, sale): (&Issuer, &SignedSale),
    (text, ticket): (&str, Option<Box<Ticket>>),
) -> ApiResult<HttpResponse> {
    let lang = language(request, Some(issuer));
    let payload = &sale.payload;
    let forma_pago = ticket.as_ref().and_then(|ticket| ticket.forma_pago).or(payload.forma_pago);
    let invoice_until = ticket.as_ref().map_or(sale.invoice_until, |ticket| ticket.invoice_until);
    let sold_at = ticket.as_ref().map_or(sale.sold_at, |ticket| ticket.sold_at);
    let total = payload.total.to_decimal_string();
    let looked_up = LookUpTicket {
        branch_id: sale.branch.id.uuid(),
        order_number: payload.order_number.clone(),
        ticket_number: payload.ticket_number.clone(),
        total: total.clone(),
    };
    // The till's own text is the claim: whoever holds it holds the paper, and it is proved again when it is used.
    let claim = TicketClaim {
        claim: text.to_owned(),
        expires_at: app.now().plus_seconds(CLAIM_HOURS * 3_600).to_string(),
        total: total.clone(),
        currency: payload.total.currency().code().to_owned(),
        forma_pago: forma_pago.map(|forma| forma.code().to_owned()),
        invoice_until: invoice_until.to_string(),
        sold_at: local_time(sold_at, &sale.branch.time_zone),
    };
    let go_to = format!("/e/{}/facturar/rfc", issuer.slug);
    let sale = json!({
        "shelf": format!("ventanilla.draft.{}", issuer.slug),
        "go_to": go_to,
        "draft": {
            "branch": issuers::service::branch_view(sale.branch.clone()),
            "order": looked_up.order_number, "ticket": looked_up.ticket_number, "total": total,
            "forma_pago": claim.forma_pago.clone().unwrap_or_default(),
            "claimed": { "ticket": looked_up, "claim": claim },
        },
    });
    let pick = |es: &str, en: &str| if lang == Lang::Es { es.to_owned() } else { en.to_owned() };
    let page = Page {
        lang: lang.tag(),
        brand: issuer.slug.clone(),
        rehearsal: app.rehearsal,
        title: pick("Abriendo su ticket", "Opening your ticket"),
        words: vec![pick("Si no avanza en unos segundos:", "If nothing happens within seconds:")],
        sale: Some(sale.to_string()),
        link: Some((go_to, if lang == Lang::Es { "Continuar" } else { "Go on" })),
    };
    html(StatusCode::OK, &page)
}

/// A problem, for a person who holds a phone.
fn said(app: &App, request: &HttpRequest, issuer: Option<&Issuer>, problem: Problem) -> ApiResult<HttpResponse> {
    let lang = language(request, issuer);
    let text = problem_text::problem(problem.code, lang);
    let slug = issuer.map_or("default", |issuer| issuer.slug.as_str());
    let page = Page {
        lang: lang.tag(),
        brand: slug.to_owned(),
        rehearsal: app.rehearsal,
        title: text.title.to_owned(),
        words: vec![text.cause.to_owned(), text.remedy.to_owned()],
        sale: None,
        link: Some((
            issuer.map_or_else(
                || "/facturar/sucursal".to_owned(),
                |issuer| format!("/e/{}/facturar/sucursal", issuer.slug),
            ),
            if lang == Lang::Es { "Escribir los datos del ticket" } else { "Type the ticket's data" },
        )),
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::NOT_FOUND);
    let mut response = html(status, &page)?;
    if let Some(seconds) = problem.retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

/// The browser's language, else the issuer's.
fn language(request: &HttpRequest, issuer: Option<&Issuer>) -> Lang {
    let asked = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|line| line.to_str().ok()).unwrap_or("");
    let first = asked.split([',', ';']).next().unwrap_or("").trim();
    Lang::from_tag(first).or(issuer.map(|issuer| issuer.language)).unwrap_or_default()
}

fn html(status: StatusCode, page: &Page<'_>) -> ApiResult<HttpResponse> {
    let body = page.render().map_err(ApiError::internal)?;
    let mut response = HttpResponse::build(status);
    response.content_type("text/html; charset=utf-8").insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(response.body(body))
}
