//! Payments and reviews over HTTP, for staff.
use actix_web::{HttpResponse, get, post, put, web};
use fiscal::FormaPago;
use serde::Deserialize;
use shared::integrators::PaymentResource;
use shared::page::{Page, PageQuery};
use shared::payments::{
    ApplyCredit, BalanceRow, CloseReview, DecidePayment, OrphanView, PaymentReason, PaymentState, PaymentSums,
    ReviewView, SetFormaDePago, TripView,
};
use shared::{FieldCode, FieldErrors};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::App;
use crate::accounts::staff::guard::{OperatorScope, StaffScope};
use crate::http::{ApiResult, Json, RequestId, paging};
use crate::payments::console::routes::{Key, Named, by};
use crate::payments::files::TRANSACTION_MAX;
use crate::payments::model::Finding;
use crate::payments::operations::{self, Looked};
use crate::payments::{balances, beside, orphans, resource, reviews, sums, trips};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(get_sums)
        .service(list_reviews)
        .service(close_review)
        .service(enter_money)
        .service(list_orphans)
        .service(close_orphan)
        .service(list_payments)
        .service(get_payment)
        .service(apply_payment)
        .service(reverse_payment)
        .service(list_for_credit)
        .service(apply_credit)
        .service(refund_credit)
        .service(list_trips)
        .service(decide_payment)
        .service(set_forma_de_pago);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReviewQuery {
    all: Option<bool>,
    limit: Option<u32>,
    cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PaymentQuery {
    state: Option<String>,
    q: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// What asks to be looked at, the oldest first.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path),
        ("all" = Option<bool>, Query, description = "With those that somebody looked at already"),
        ("limit" = Option<u32>, Query),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = Page<ReviewView>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "invalid_fields"]))),
)]
#[get("/console/issuers/{issuer}/payment-reviews")]
async fn list_reviews(
    app: web::Data<App>,
    at: StaffScope,
    query: web::Query<ReviewQuery>,
) -> ApiResult<Json<Page<ReviewView>>> {
    let ReviewQuery { all, limit, cursor } = query.into_inner();
    let page = paging::page::<Key>(&PageQuery { limit, cursor })?;
    let after = page.after.map(|key| (key.at, key.id));
    let (only_open, limit) = (!all.unwrap_or(false), i64::from(page.limit) + 1);
    let rows = reviews::list(&app, &mut app.db.read().await?, at.scope, only_open, after, limit).await?;
    Ok(Json(paging::to_page(rows, page.limit, |(at, row)| Key { at: *at, id: row.id }, |(_, row)| row)?))
}

/// Says that somebody looked, and what came of it. Money is not moved by it.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    request_body = CloseReview,
    responses((status = 204, description = "Closed")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "invalid_fields", "payment_state_differs"
    ]))),
)]
#[post("/console/issuers/{issuer}/payment-reviews/{id}/closings")]
async fn close_review(
    app: web::Data<App>,
    at: StaffScope,
    request_id: RequestId,
    path: web::Path<Named>,
    Json(form): Json<CloseReview>,
) -> ApiResult<HttpResponse> {
    let note = words("/note", &form.note)?;
    operations::close_review(&app, at.scope, path.id, &note, &by(&at, request_id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Enters the money that a review tells of, where it came beside its payment's own: all of it becomes a credit, and the
/// review is closed.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    request_body = CloseReview,
    responses((status = 200, body = PaymentResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "operator_needed", "not_found", "invalid_fields", "payment_state_differs"
    ]))),
)]
#[post("/console/issuers/{issuer}/payment-reviews/{id}/entries")]
async fn enter_money(
    app: web::Data<App>,
    at: OperatorScope,
    request_id: RequestId,
    path: web::Path<Named>,
    Json(form): Json<CloseReview>,
) -> ApiResult<Json<PaymentResource>> {
    let note = words("/note", &form.note)?;
    let id = beside::enter(&app, at.0.scope, path.id, &note, &by(&at.0, request_id)).await?;
    told(&app, &at.0, &Named { id }).await
}

/// Banks' messages that name no payment, the oldest first: looked for in vain for some minutes.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path),
        ("all" = Option<bool>, Query, description = "With those that were matched or closed"),
        ("limit" = Option<u32>, Query),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = Page<OrphanView>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "invalid_fields"]))),
)]
#[get("/console/issuers/{issuer}/bank-orphans")]
async fn list_orphans(
    app: web::Data<App>,
    at: StaffScope,
    query: web::Query<ReviewQuery>,
) -> ApiResult<Json<Page<OrphanView>>> {
    let ReviewQuery { all, limit, cursor } = query.into_inner();
    let page = paging::page::<Key>(&PageQuery { limit, cursor })?;
    let after = page.after.map(|key| (key.at, key.id));
    let (only_open, limit) = (!all.unwrap_or(false), i64::from(page.limit) + 1);
    let rows = orphans::list(&mut app.db.read().await?, at.scope, only_open, after, limit).await?;
    Ok(Json(paging::to_page(rows, page.limit, |(at, row)| Key { at: *at, id: row.id }, |(_, row)| row)?))
}

/// Says that somebody looked at a bank's message, and what came of it. Money is not moved by it.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    request_body = CloseReview,
    responses((status = 204, description = "Closed")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "invalid_fields", "payment_state_differs"
    ]))),
)]
#[post("/console/issuers/{issuer}/bank-orphans/{id}/closings")]
async fn close_orphan(
    app: web::Data<App>,
    at: StaffScope,
    request_id: RequestId,
    path: web::Path<Named>,
    Json(form): Json<CloseReview>,
) -> ApiResult<HttpResponse> {
    let note = words("/note", &form.note)?;
    orphans::close(&app, at.scope, path.id, &note, &by(&at, request_id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// How the issuer's money stands.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path)),
    responses((status = 200, body = PaymentSums)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[get("/console/issuers/{issuer}/payment-sums")]
async fn get_sums(app: web::Data<App>, at: StaffScope) -> ApiResult<Json<PaymentSums>> {
    Ok(Json(sums::of(&app, at.scope).await?))
}

fn words(pointer: &str, text: &str) -> ApiResult<String> {
    let mut errors = FieldErrors::default();
    let text = operations::reason(pointer, text, &mut errors);
    if errors.is_empty() { Ok(text) } else { Err(errors.into()) }
}

/// The issuer's payments, the one that changed last first.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path),
        ("state" = Option<String>, Query, description = "One state: `in_transit`, `unknown`, `review` …"),
        ("q" = Option<String>, Query, description = "Number, bank's number, reference, amount or the customer's RFC"),
        ("limit" = Option<u32>, Query),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = Page<PaymentResource>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "invalid_fields"]))),
)]
#[get("/console/issuers/{issuer}/payments")]
async fn list_payments(
    app: web::Data<App>,
    at: StaffScope,
    query: web::Query<PaymentQuery>,
) -> ApiResult<Json<Page<PaymentResource>>> {
    let PaymentQuery { state, q, limit, cursor } = query.into_inner();
    let q = q.unwrap_or_default();
    let state = match state.as_deref().map(PaymentState::parse) {
        Some(None) => {
            let mut errors = FieldErrors::default();
            errors.add("?state", FieldCode::NotInCatalog);
            return Err(errors.into());
        }
        Some(state) => state,
        None => None,
    };
    let page = paging::page::<Key>(&PageQuery { limit, cursor })?;
    let before = page.after.map(|key| (key.at, key.id));
    let limit = i64::from(page.limit) + 1;
    let rows = resource::list_recent(&mut app.db.read().await?, at.scope, (state, &q), before, limit).await?;
    Ok(Json(paging::to_page(rows, page.limit, |(at, row)| Key { at: *at, id: row.id }, |(_, row)| row)?))
}

/// One payment, with its invoices.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = PaymentResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[get("/console/issuers/{issuer}/payments/{id}")]
async fn get_payment(app: web::Data<App>, at: StaffScope, path: web::Path<Named>) -> ApiResult<Json<PaymentResource>> {
    told(&app, &at, &path).await
}

async fn told(app: &App, at: &StaffScope, path: &Named) -> ApiResult<Json<PaymentResource>> {
    Ok(Json(resource::find(&mut app.db.read().await?, at.scope, path.id).await?))
}

/// Puts a confirmed payment on its invoices, where that waits for the issuer's word.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = PaymentResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "operator_needed", "not_found", "payment_state_differs"
    ]))),
)]
#[post("/console/issuers/{issuer}/payments/{id}/applications")]
async fn apply_payment(
    app: web::Data<App>,
    at: OperatorScope,
    request_id: RequestId,
    path: web::Path<Named>,
) -> ApiResult<Json<PaymentResource>> {
    operations::apply(&app, at.0.scope, path.id, &by(&at.0, request_id)).await?;
    told(&app, &at.0, &path).await
}

/// Takes a confirmed payment back: its invoices owe again what it paid of them.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    request_body = PaymentReason,
    responses((status = 200, body = PaymentResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "operator_needed", "not_found", "invalid_fields", "payment_state_differs"
    ]))),
)]
#[post("/console/issuers/{issuer}/payments/{id}/reversals")]
async fn reverse_payment(
    app: web::Data<App>,
    at: OperatorScope,
    request_id: RequestId,
    path: web::Path<Named>,
    Json(form): Json<PaymentReason>,
) -> ApiResult<Json<PaymentResource>> {
    let reason = words("/reason", &form.reason)?;
    operations::reverse(&app, at.0.scope, path.id, &reason, &by(&at.0, request_id)).await?;
    told(&app, &at.0, &path).await
}

/// Where a payment's credit can go: its customer's open balances that it has not paid, the first due first.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Page<BalanceRow>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "operator_needed", "not_found"]))),
)]
#[get("/console/issuers/{issuer}/payments/{id}/credit-applications")]
async fn list_for_credit(
    app: web::Data<App>,
    at: OperatorScope,
    path: web::Path<Named>,
) -> ApiResult<Json<Page<BalanceRow>>> {
    Ok(Json(Page { data: balances::list_for_credit(&app, at.0.scope, path.id).await?, next_cursor: None }))
}

/// Puts a payment's credit on other invoices of its customer's.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    request_body = ApplyCredit,
    responses((status = 200, body = PaymentResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "operator_needed", "not_found", "invalid_fields", "payment_state_differs"
    ]))),
)]
#[post("/console/issuers/{issuer}/payments/{id}/credit-applications")]
async fn apply_credit(
    app: web::Data<App>,
    at: OperatorScope,
    request_id: RequestId,
    path: web::Path<Named>,
    Json(form): Json<ApplyCredit>,
) -> ApiResult<Json<PaymentResource>> {
    let lines = form.lines.iter().map(|line| (line.receivable_id, line.amount.as_deref()));
    let lines = operations::credit_lines(lines)?;
    operations::apply_credit(&app, at.0.scope, path.id, &lines, &by(&at.0, request_id)).await?;
    told(&app, &at.0, &path).await
}

/// Says that a payment's credit was sent back to its customer, all of it.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    request_body = PaymentReason,
    responses((status = 200, body = PaymentResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "operator_needed", "not_found", "invalid_fields", "payment_state_differs"
    ]))),
)]
#[post("/console/issuers/{issuer}/payments/{id}/credit-refunds")]
async fn refund_credit(
    app: web::Data<App>,
    at: OperatorScope,
    request_id: RequestId,
    path: web::Path<Named>,
    Json(form): Json<PaymentReason>,
) -> ApiResult<Json<PaymentResource>> {
    let reason = words("/reason", &form.reason)?;
    operations::refund_credit(&app, at.0.scope, path.id, &reason, &by(&at.0, request_id)).await?;
    told(&app, &at.0, &path).await
}

/// A payment's trips to a bank, the first one first.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Vec<TripView>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[get("/console/issuers/{issuer}/payments/{id}/attempts")]
async fn list_trips(app: web::Data<App>, at: StaffScope, path: web::Path<Named>) -> ApiResult<Json<Vec<TripView>>> {
    Ok(Json(trips::list(&mut app.db.read().await?, at.scope, path.id).await?))
}

/// Ends what a bank left open, by the bank's own account: the money is there, or it is not and will not come.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    request_body = DecidePayment,
    responses((status = 200, body = PaymentResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "operator_needed", "not_found", "invalid_fields", "payment_state_differs"
    ]))),
)]
#[post("/console/issuers/{issuer}/payments/{id}/decisions")]
async fn decide_payment(
    app: web::Data<App>,
    at: OperatorScope,
    request_id: RequestId,
    path: web::Path<Named>,
    Json(form): Json<DecidePayment>,
) -> ApiResult<Json<PaymentResource>> {
    let mut errors = FieldErrors::default();
    let note = operations::reason("/note", &form.note, &mut errors);
    let amount = form.amount.as_deref().map(|text| operations::pesos("/amount", text, &mut errors));
    let transaction = form.bank_transaction.as_deref().map(str::trim).unwrap_or_default();
    let plain = transaction.len() <= TRANSACTION_MAX && transaction.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match form.arrived {
        true if transaction.is_empty() => errors.add("/bank_transaction", FieldCode::Required),
        true if !plain => errors.add("/bank_transaction", FieldCode::Characters),
        false if form.amount.is_some() => errors.add("/amount", FieldCode::Shape),
        false if !transaction.is_empty() => errors.add("/bank_transaction", FieldCode::Shape),
        _ => {}
    }
    let code = form.forma_de_pago.as_deref().filter(|code| !code.is_empty());
    let forma = code.and_then(|code| forma_pago(code, &mut errors));
    if code.is_some() && !form.arrived {
        errors.add("/forma_de_pago", FieldCode::Shape);
    }
    if !errors.is_empty() {
        return Err(errors.into());
    }
    let ordered = resource::amount_of(&mut app.db.read().await?, at.0.scope, path.id).await?;
    let finding = match form.arrived {
        true => Finding::Arrived(amount.flatten().unwrap_or(ordered)),
        false => Finding::NeverArrived,
    };
    let transaction = form.arrived.then_some(transaction);
    let looked = Looked { trip: form.trip, finding, transaction, forma, note: &note };
    operations::decide(&app, at.0.scope, path.id, &looked, &by(&at.0, request_id)).await?;
    told(&app, &at.0, &path).await
}

/// Says by which form a payment's money came, where its bank did not say it, or not rightly.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    request_body = SetFormaDePago,
    responses((status = 200, body = PaymentResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "operator_needed", "not_found", "invalid_fields", "payment_state_differs"
    ]))),
)]
#[put("/console/issuers/{issuer}/payments/{id}/forma-de-pago")]
async fn set_forma_de_pago(
    app: web::Data<App>,
    at: OperatorScope,
    request_id: RequestId,
    path: web::Path<Named>,
    Json(form): Json<SetFormaDePago>,
) -> ApiResult<Json<PaymentResource>> {
    let mut errors = FieldErrors::default();
    let Some(forma) = forma_pago(&form.forma_de_pago, &mut errors) else { return Err(errors.into()) };
    operations::set_forma(&app, at.0.scope, path.id, forma, &by(&at.0, request_id)).await?;
    told(&app, &at.0, &path).await
}

/// A form of payment: never the one that is still to be said.
fn forma_pago(code: &str, errors: &mut FieldErrors) -> Option<FormaPago> {
    let forma = FormaPago::parse(code.trim()).ok().filter(|forma| *forma != FormaPago::PorDefinir);
    if forma.is_none() {
        errors.add("/forma_de_pago", FieldCode::NotInCatalog);
    }
    forma
}
