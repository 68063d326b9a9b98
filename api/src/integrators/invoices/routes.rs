//! Invoices over HTTP.
use actix_web::{HttpResponse, get, post, web};
use shared::integrators::{InvoiceResource, IssueInvoice};
use shared::page::Page;
use shared::{Problem, ProblemCode};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::service::{self, IssueError};
use crate::App;
use crate::billing::follow;
use crate::http::{ApiError, ApiResult, Json, paging};
use crate::integrators::guard::{Integrator, InvoicesRead, InvoicesWrite, SentOnce};
use crate::integrators::routes::{ChangedKey, ChangedQuery};

/// Mounted under `/api/integrators/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(post_invoice).service(list_invoices).service(get_invoice);
}

/// Issues the invoice of an order.
///
/// Scope `invoices:write`. The order is a ticket by your own `external_id`: sent along in `ticket`, or brought in before.
/// It has one invoice, made, sealed and stamped as a shopper's own; paid at once (PUE) unless `metodo_pago` says PPD, which
/// leaves it owed by the customer with that RFC. 201: stamped. 202: sealed and kept, the PAC has not answered; follow it
/// here or by events. What the SAT refuses is a problem with its `sat_code`, and the
/// order can be invoiced anew with another key. An order that has its invoice answers 409 with `invoice_id`. With a test
/// key the sandbox stamps: nothing has fiscal effect.
#[utoipa::path(
    tag = "invoices",
    params(
        (
            "Idempotency-Key" = String, Header,
            description = "Unique per order, 1 to 255 characters", example = json!("pedido-77"),
        ),
    ),
    request_body(content = IssueInvoice, example = json!({
        "external_id": "pedido-77",
        "ticket": {
            "branch": "Centro Histórico", "order_number": "P-77", "ticket_number": "77",
            "sold_at": "2026-11-20T13:45:10", "total": "118.00", "currency": "MXN", "forma_pago": "03",
            "lines": [{
                "clave_prod_serv": "14111514", "cantidad": "2", "clave_unidad": "H87",
                "descripcion": "Cuaderno raya", "importe": "118.00", "impuesto": "iva_16",
            }],
        },
        "receptor": {
            "rfc": "AOM1707203N1", "nombre": "ABARROTES OCHO MARES", "regimen": "601", "codigo_postal": "06010",
            "uso": "G03",
        },
        "email": "pagos@ochomares.example",
    })),
    responses(
        (status = 201, description = "Stamped", body = InvoiceResource),
        (status = 202, description = "Waits for its stamp", body = InvoiceResource),
    ),
    security(("api_key" = ["invoices:write"])),
    extensions(("x-problem-codes" = json!([
        "idempotency_key_missing", "idempotency_key_reused", "idempotency_in_flight", "ticket_already_invoiced",
        "ticket_in_progress", "ticket_in_global", "ticket_numbers_taken", "ticket_expired", "ticket_cancelled",
        "receptor_rfc_unknown", "receptor_name_differs", "receptor_postal_code_differs", "receptor_regimen_differs",
        "receptor_uso_not_allowed", "stamp_refused", "issuer_not_ready", "issuer_ceiling", "ticket_too_long"
    ]))),
)]
#[post("/invoices")]
async fn post_invoice(app: web::Data<App>, sent: SentOnce<InvoicesWrite, IssueInvoice>) -> ApiResult<HttpResponse> {
    // On a task of the house's own: a program that goes away must not cut the invoice in two.
    let issuing = {
        let app = app.get_ref().clone();
        let home = app.home.clone();
        home.spawn(async move {
            let SentOnce { caller, body, sha256, key, .. } = sent;
            service::issue(&app, &caller, &body, (key.as_str(), sha256)).await
        })
    };
    Ok(issuing.await.map_err(ApiError::internal)??.into_response())
}

/// The issuer's invoices by their last change, the oldest change first.
///
/// Scope `invoices:read`. Also those that shoppers asked for, waiting, stamped or refused. To follow them keep the
/// greatest `updated_at` you saw and ask from one minute before it, or read `invoice.*` from `GET /events`.
#[utoipa::path(
    tag = "invoices",
    params(
        ("updated_since" = Option<String>, Query, description = "RFC 3339 instant; changed at it or later"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<InvoiceResource>)),
    security(("api_key" = ["invoices:read"])),
    extensions(("x-problem-codes" = json!(["invalid_fields"]))),
)]
#[get("/invoices")]
async fn list_invoices(
    app: web::Data<App>,
    who: Integrator<InvoicesRead>,
    query: web::Query<ChangedQuery>,
) -> ApiResult<Json<Page<InvoiceResource>>> {
    let (since, page) = query.read::<ChangedKey>()?;
    let after = page.after.map(|key| (key.at, key.id));
    let rows = follow::list_changed(&app, who.caller.scope, since, after, i64::from(page.limit) + 1).await?;
    Ok(Json(paging::to_page(rows, page.limit, |(at, row)| ChangedKey { at: *at, id: row.id }, |(_, row)| row)?))
}

/// One of the issuer's invoices.
///
/// Scope `invoices:read`. Also those that shoppers asked for: events name them.
#[utoipa::path(
    tag = "invoices",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = InvoiceResource)),
    security(("api_key" = ["invoices:read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/invoices/{id}")]
async fn get_invoice(
    app: web::Data<App>,
    who: Integrator<InvoicesRead>,
    id: web::Path<Uuid>,
) -> ApiResult<Json<InvoiceResource>> {
    Ok(Json(service::get(&app, &who.caller, *id).await?))
}

impl From<IssueError> for ApiError {
    fn from(error: IssueError) -> ApiError {
        match error {
            IssueError::Fields(errors) => errors.into(),
            IssueError::Invoiced { code, invoice_id } => Problem { invoice_id, ..Problem::new(code) }.into(),
            IssueError::Limited(seconds) => ApiError::new(ProblemCode::ApiKeyLimit).retry_after(seconds),
            IssueError::Sale(source) => source.into(),
            IssueError::Billing(source) => source.into(),
            IssueError::Claim(source) => ApiError::internal(source),
            IssueError::Db(source) => source.into(),
        }
    }
}
