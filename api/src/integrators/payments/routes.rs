//! Payments over HTTP.
use actix_web::{get, post, web};
use shared::FieldErrors;
use shared::integrators::{PaymentResource, PlaceCredit, ReversePayment};
use shared::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::App;
use crate::http::idempotency::Saved;
use crate::http::{ApiResult, Json, paging};
use crate::integrators::guard::{Caller, Integrator, PaymentsRead, PaymentsWrite, Sent, SentWithKey};
use crate::integrators::routes::{ChangedKey, ChangedQuery};
use crate::payments::operations::{self, By, Once};
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
/// on its way. Applying it twice is once; parcialidades are numbered in the order of application. Apply first, and send
/// balances that this payment is taken off of (`PUT /receivables/{external_id}`) after that. Of what finds nothing to pay
/// any more the answer says so: `unapplied` is more than zero and `reviews` has `unapplied_credit`. If a balance came too
/// early, send it again as it was before this payment, and put the credit on it: `POST /payments/{id}/credit-applications`.
/// A transfer that nobody ordered (`is_deposit`) has nothing to apply; its credit is put where you say.
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
/// puts nothing twice; one that it was ordered for and could not pay is taken. All lines or none are taken. Parcialidades
/// are numbered in the order of application, and `payment.applied` tells it.
#[utoipa::path(
    tag = "payments",
    params(
        ("id" = Uuid, Path),
        ("Idempotency-Key" = String, Header, description = "Unique per act, 1 to 255 characters: an answer that was lost can \
            be asked for again", example = json!("credito-1")),
    ),
    request_body(
        content = PlaceCredit,
        example = json!({ "lines": [{ "receivable_id": "0190d3b4-7c1e-7a52-9f3e-5b0c6a1d2e3f", "amount": "964.69" }] }),
    ),
    responses((status = 200, body = PaymentResource)),
    security(("api_key" = ["payments:write"])),
    extensions(("x-problem-codes" = json!([
        "not_found", "invalid_fields", "payment_state_differs", "idempotency_key_missing", "idempotency_key_reused",
        "idempotency_in_flight"
    ]))),
)]
#[post("/payments/{id}/credit-applications")]
async fn place_credit(
    app: web::Data<App>,
    sent: SentWithKey<PaymentsWrite, PlaceCredit>,
    id: web::Path<Uuid>,
) -> ApiResult<Saved> {
    let lines = sent.body.lines.iter().map(|line| (line.receivable_id, line.amount.as_deref()));
    let lines = operations::credit_lines(lines)?;
    let (by, owner) = (by(&sent.caller), format!("credit:{}", sent.caller.key));
    let once = Once { owner: &owner, key: sent.key.as_str(), sha256: sent.sha256 };
    Ok(operations::apply_credit_once(&app, (sent.caller.scope, *id), &lines, &by, once).await?)
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
