//! Tickets over HTTP.
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use futures::StreamExt as _;
use shared::ProblemCode;
use shared::integrators::{BulkResult, BulkTicket, PutTicket, TicketResource};
use shared::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;

use super::bulk::{BrokeOff, Run};
use super::service::{self, SaleError};
use crate::App;
use crate::http::{ApiError, ApiResult, Json, from_json, paging};
use crate::integrators::guard::{Integrator, Sent, TicketsRead, TicketsWrite};
use crate::integrators::routes::{ChangedKey, ChangedQuery};
use crate::tickets::model::TicketId;

const NDJSON: &str = "application/x-ndjson";

/// Mounted under `/api/integrators/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(put_ticket).service(get_ticket).service(list_tickets).service(post_tickets_bulk);
}

/// Brings a sale in, or changes it.
///
/// Scope `tickets:write`. The sale is named by your own `external_id`, so the same request may be sent any number of
/// times: 201 the first, 200 after. A sale can be changed, cancelled and opened again until its invoice is being made;
/// then the same content still answers 200, and another 409. Every wrong field is told at once, by JSON pointer; when
/// the lines do not add up, `detail` says by how much. Prices include their tax.
#[utoipa::path(
    tag = "tickets",
    params((
        "external_id" = String, Path,
        description = "Yours: 1 to 64 ASCII letters, digits and `-_.:`", example = json!("venta-1"),
    )),
    request_body(content = PutTicket, example = json!({
        "branch": "Centro Histórico", "order_number": "A-1001", "ticket_number": "000123",
        "sold_at": "2026-11-20T13:45:10", "total": "863.00", "currency": "MXN", "forma_pago": "04",
        "lines": [
            {
                "clave_prod_serv": "14111514", "cantidad": "2", "clave_unidad": "H87",
                "descripcion": "Cuaderno raya", "importe": "118.00", "impuesto": "iva_16",
            },
            {
                "clave_prod_serv": "39111510", "sku": "LM-7", "cantidad": "1", "clave_unidad": "H87", "unidad": "Pieza",
                "descripcion": "Lámpara mesa", "importe": "795.00", "descuento": "50.00", "impuesto": "iva_16",
            },
        ],
    })),
    responses(
        (status = 200, description = "It was changed, or was already so", body = TicketResource),
        (status = 201, description = "It is new", body = TicketResource),
    ),
    security(("api_key" = ["tickets:write"])),
    extensions(
        ("x-problem-codes" = json!(
            ["ticket_already_invoiced", "ticket_in_progress", "ticket_in_global", "ticket_numbers_taken"]
        )),
    ),
)]
#[put("/tickets/{external_id}")]
async fn put_ticket(
    app: web::Data<App>,
    sent: Sent<TicketsWrite, PutTicket>,
    external_id: web::Path<String>,
) -> ApiResult<HttpResponse> {
    let (new, ticket) = service::put(&app, &sent.caller, &external_id, &sent.body).await?;
    let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(ticket))
}

/// One of your tickets.
///
/// Scope `tickets:read`.
#[utoipa::path(
    tag = "tickets",
    params(("external_id" = String, Path, description = "Yours", example = json!("venta-1"))),
    responses((status = 200, body = TicketResource)),
    security(("api_key" = ["tickets:read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/tickets/{external_id}")]
async fn get_ticket(
    app: web::Data<App>,
    who: Integrator<TicketsRead>,
    external_id: web::Path<String>,
) -> ApiResult<Json<TicketResource>> {
    Ok(Json(service::get(&app, who.caller.scope, &external_id).await?))
}

/// Your tickets, by their last change.
///
/// Scope `tickets:read`. The oldest change first, without lines. To follow changes keep the greatest `updated_at` you
/// saw and ask from one minute before it: what two requests change at once may become visible in another order. For
/// a feed without such care use `GET /events`.
#[utoipa::path(
    tag = "tickets",
    params(
        ("updated_since" = Option<String>, Query, description = "RFC 3339 instant; changed at it or later"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<TicketResource>)),
    security(("api_key" = ["tickets:read"])),
    extensions(("x-problem-codes" = json!(["invalid_fields"]))),
)]
#[get("/tickets")]
async fn list_tickets(
    app: web::Data<App>,
    who: Integrator<TicketsRead>,
    query: web::Query<ChangedQuery>,
) -> ApiResult<Json<Page<TicketResource>>> {
    let (since, page) = query.read::<ChangedKey>()?;
    let after = page.after.map(|key| (key.at, TicketId::new(key.id)));
    let rows = service::list(&app, who.caller.scope, since, after, i64::from(page.limit) + 1).await?;
    Ok(Json(paging::to_page(rows, page.limit, |((at, id), _)| ChangedKey { at: *at, id: id.uuid() }, |(_, row)| row)?))
}

/// Brings many sales in.
///
/// Scope `tickets:write`. The body is NDJSON: one ticket with its `external_id` on each line, as in `PUT`; at most
/// 100,000 lines of 256 kB, 256 MB in all. It is read as it arrives and written in batches. The answer is NDJSON too,
/// one line for each that is not empty, in the same order, after the whole body was read: `created`, `updated`,
/// `unchanged`, or `refused` with its problem (at most five field errors of a line). A line that is refused stops
/// nothing. The answer ends with a line `stopped`, and what comes after it was not read, where there are 1,000 refused
/// lines before it (`invalid_fields`), where a line is too long, there are too many lines or the body is too large
/// (`body_too_large`), when the key was revoked meanwhile (`api_key_unknown`), and when the database is busy (`busy`) or
/// fails (`internal`): nothing of the line it names and of those after it was done. A byte order mark before the first
/// line is passed over. Whatever broke off may be sent again whole: what is there already is `unchanged`, so no
/// Idempotency-Key is needed and none is read. One such request of a key runs at a time.
#[utoipa::path(
    tag = "tickets",
    request_body(
        content = BulkTicket,
        content_type = "application/x-ndjson",
        description = "A `BulkTicket` a line",
        example = json!({
            "external_id": "venta-2", "branch": "Centro Histórico", "order_number": "A-1002",
            "ticket_number": "000124", "sold_at": "2026-11-20T13:47:00", "total": "59.00",
            "lines": [{
                "clave_prod_serv": "14111514", "cantidad": "1", "clave_unidad": "H87",
                "descripcion": "Cuaderno raya", "importe": "59.00", "impuesto": "iva_16",
            }],
        }),
    ),
    responses(
        (status = 200, body = BulkResult, content_type = "application/x-ndjson", description = "A `BulkResult` a line"),
    ),
    security(("api_key" = ["tickets:write"])),
    extensions(("x-problem-codes" = json!([]))),
)]
#[post("/tickets/bulk")]
async fn post_tickets_bulk(
    app: web::Data<App>,
    who: Integrator<TicketsWrite>,
    request: HttpRequest,
    payload: web::Payload,
) -> ApiResult<HttpResponse> {
    use actix_web::HttpMessage as _;
    let packed = request.headers().get(header::CONTENT_ENCODING).is_some_and(|coding| coding.as_bytes() != b"identity");
    if packed || !request.content_type().eq_ignore_ascii_case(NDJSON) {
        return Err(ApiError::new(ProblemCode::UnsupportedMediaType));
    }
    let slot = app.api_limits.enter_bulk(who.caller.key, app.now());
    let Some(_slot) = slot else { return Err(ApiError::new(ProblemCode::ApiKeyLimit).retry_after(5)) };
    let caller = who.give_way();
    let chunks = payload.map(|chunk| chunk.map_err(|error| BrokeOff(error.to_string().into())));
    let read = |line: &[u8]| from_json::<BulkTicket>(line).map_err(|error| Box::new(error.problem().clone()));
    let answer = Run::new(&app, &caller, read).over(chunks).await;
    let answer = answer.map_err(|broke| ApiError::because(ProblemCode::MalformedBody, broke))?;
    Ok(HttpResponse::Ok().content_type(NDJSON).body(answer))
}

impl From<SaleError> for ApiError {
    fn from(error: SaleError) -> ApiError {
        match error {
            SaleError::NotFound => ApiError::new(ProblemCode::NotFound),
            SaleError::Fields(errors) => errors.into(),
            SaleError::Refused(code) => ApiError::new(code),
            SaleError::Db(source) => source.into(),
        }
    }
}
