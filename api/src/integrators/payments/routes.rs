//! Payments over HTTP.
use actix_web::{get, post, web};
use shared::FieldErrors;
use shared::integrators::{PaymentResource, PlaceCredit, ReversePayment};
use shared::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::App;
use crate::http::{ApiResult, Json, paging};
use crate::integrators::guard::{Caller, Integrator, PaymentsRead, PaymentsWrite, Sent};
use crate::integrators::routes::{ChangedKey, ChangedQuery};
use crate::payments::operations::{self, By};
use crate::payments::resource;

/// Mounted under `/api/integrators/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(list_payments)
        .service(get_payment)
        .service(apply_payment)
        .service(place_credit)
        .service(reverse_payment);
}

fn by(caller: &Caller) -> By {
    By { actor: caller.actor(), request_id: caller.request_id.clone() }
}

/// Customers' payments, by their last change.
///
/// Scope `payments:read`. To follow them keep the greatest `updated_at` you saw and ask from one minute before it, or
/// read `payment.*` from `GET /events`.
#[utoipa::path(
    tag = "payments",
    params(
        ("updated_since" = Option<String>, Query, description = "RFC 3339 instant; changed at it or later"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<PaymentResource>)),
    security(("api_key" = ["payments:read"])),
    extensions(("x-problem-codes" = json!(["invalid_fields"]))),
)]
#[get("/payments")]
async fn list_payments(
    app: web::Data<App>,
    who: Integrator<PaymentsRead>,
    query: web::Query<ChangedQuery>,
) -> ApiResult<Json<Page<PaymentResource>>> {
    let (since, page) = query.read::<ChangedKey>()?;
    let after = page.after.map(|key| (key.at, key.id));
    let limit = i64::from(page.limit) + 1;
    let rows = resource::list(&mut app.db.read().await?, who.caller.scope, since, after, limit).await?;
    Ok(Json(paging::to_page(rows, page.limit, |(at, row)| ChangedKey { at: *at, id: row.id }, |(_, row)| row)?))
}

/// One payment, with its invoices.
///
/// Scope `payments:read`.
#[utoipa::path(
    tag = "payments",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = PaymentResource)),
    security(("api_key" = ["payments:read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/payments/{id}")]
async fn get_payment(
    app: web::Data<App>,
    who: Integrator<PaymentsRead>,
    id: web::Path<Uuid>,
) -> ApiResult<Json<PaymentResource>> {
    Ok(Json(resource::find(&mut app.db.read().await?, who.caller.scope, *id).await?))
}

/// Applies a confirmed payment to its invoices: your ledger has it.
///
/// Scope `payments:write`. For issuers whose ERP applies payments (`payments.erp_applies`); until then customers see it
/// on its way. Applying it twice is once; parcialidades are numbered in the order of application.
#[utoipa::path(
    tag = "payments",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = PaymentResource)),
    security(("api_key" = ["payments:write"])),
    extensions(("x-problem-codes" = json!(["not_found", "payment_state_differs"]))),
)]
#[post("/payments/{id}/apply")]
async fn apply_payment(
    app: web::Data<App>,
    who: Integrator<PaymentsWrite>,
    id: web::Path<Uuid>,
) -> ApiResult<Json<PaymentResource>> {
    operations::apply(&app, who.caller.scope, *id, &by(&who.caller)).await?;
    Ok(Json(resource::find(&mut app.db.read().await?, who.caller.scope, *id).await?))
}

/// Puts what a payment has left (`unapplied`) on other invoices of its customer: a transfer that nobody ordered, or money
/// that came late.
///
/// Scope `payments:write`. A receivable that the payment has paid already is refused (`repeated`), so that asking twice
/// puts nothing twice; all lines or none are taken. Parcialidades are numbered in the order of application.
#[utoipa::path(
    tag = "payments",
    params(("id" = Uuid, Path)),
    request_body = PlaceCredit,
    responses((status = 200, body = PaymentResource)),
    security(("api_key" = ["payments:write"])),
    extensions(("x-problem-codes" = json!(["not_found", "invalid_fields", "payment_state_differs"]))),
)]
#[post("/payments/{id}/credit-applications")]
async fn place_credit(
    app: web::Data<App>,
    sent: Sent<PaymentsWrite, PlaceCredit>,
    id: web::Path<Uuid>,
) -> ApiResult<Json<PaymentResource>> {
    let lines = sent.body.lines.iter().map(|line| (line.receivable_id, line.amount.as_deref()));
    let lines = operations::credit_lines(lines)?;
    operations::apply_credit(&app, sent.caller.scope, *id, &lines, &by(&sent.caller)).await?;
    Ok(Json(resource::find(&mut app.db.read().await?, sent.caller.scope, *id).await?))
}

/// Takes a confirmed payment back: its money left again, and its invoices owe what it paid of them.
///
/// Scope `payments:write`. Taking it back twice is once. Nothing is sent to a bank; parcialidades keep their numbers.
#[utoipa::path(
    tag = "payments",
    params(("id" = Uuid, Path)),
    request_body(content = ReversePayment, example = json!({ "reason": "Contracargo del banco" })),
    responses((status = 200, body = PaymentResource)),
    security(("api_key" = ["payments:write"])),
    extensions(("x-problem-codes" = json!(["not_found", "payment_state_differs"]))),
)]
#[post("/payments/{id}/reverse")]
async fn reverse_payment(
    app: web::Data<App>,
    sent: Sent<PaymentsWrite, ReversePayment>,
    id: web::Path<Uuid>,
) -> ApiResult<Json<PaymentResource>> {
    let mut errors = FieldErrors::default();
    let reason = operations::reason("/reason", &sent.body.reason, &mut errors);
    if !errors.is_empty() {
        return Err(errors.into());
    }
    operations::reverse(&app, sent.caller.scope, *id, &reason, &by(&sent.caller)).await?;
    Ok(Json(resource::find(&mut app.db.read().await?, sent.caller.scope, *id).await?))
}
