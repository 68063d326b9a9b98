//! Balances and payments over HTTP, and what banks say.
use actix_web::http::header::LOCATION;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use shared::accounts::Role;
use shared::page::PageQuery;
use shared::payments::{
    BalanceQuery, BalancesPage, BankCode, CreatePayment, DepositAccount, PaymentQuery, PaymentView, PaymentsPage,
    RetryPayment,
};
use shared::{Problem, ProblemCode};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::banks::MESSAGE_MAX_BYTES;
use super::evidence::{self, Message};
use super::model::Source;
use super::service::{self, Key};
use super::{
    Asker, PaymentError, attachments, balances, central_day, console, deposits, export, history, owed, statements,
    trips,
};
use crate::App;
use crate::accounts::guard::{Customer, Looking};
use crate::db::Timestamp;
use crate::documents::routes::download;
use crate::http::{ApiError, ApiResult, HashedJson, IdempotencyKey, Json, RequestId, SourceAddress, paging};

/// When to try a bank again that did not answer.
const BANK_SECONDS: u32 = 10;

/// What a workbook is served as.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(list_balances)
        .service(export_balances)
        .service(export_balances_workbook)
        .service(order_payment)
        .service(list_payments)
        .service(export_payments)
        .service(export_workbook)
        .service(get_payment)
        .service(cancel_payment)
        .service(retry_payment)
        .service(list_deposit_accounts)
        .service(bank_return_form)
        .service(bank_return_address)
        .service(bank_notice);
    attachments::routes::configure(cfg);
    statements::routes::configure(cfg);
    console::routes::configure(cfg);
}

/// No parameter at all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The last balance of a page.
#[derive(Serialize, Deserialize)]
struct DueKey {
    due_on: String,
    id: Uuid,
}

/// The last payment of a page.
#[derive(Serialize, Deserialize)]
struct PaidKey {
    at: Timestamp,
    id: Uuid,
}

pub(super) fn asker(customer: Customer, request_id: RequestId) -> Asker {
    looker(Looking(customer), request_id)
}

pub(super) fn looker(Looking(customer): Looking, request_id: RequestId) -> Asker {
    Asker {
        only: customer.only(),
        user_id: customer.user_id.uuid(),
        customer: customer.customer_id,
        may_pay: matches!(customer.role, Role::Owner | Role::Payer),
        request_id: request_id.to_string(),
    }
}

/// The customer's open balances, the first due first, with what all of them come to.
#[utoipa::path(
    tag = "payments",
    params(BalanceQuery),
    responses((status = 200, body = BalancesPage)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "invalid_fields"]))),
)]
#[get("/balances")]
async fn list_balances(
    app: web::Data<App>,
    customer: Looking,
    request_id: RequestId,
    query: web::Query<BalanceQuery>,
) -> ApiResult<Json<BalancesPage>> {
    let filter = query.parse()?;
    let page = paging::page::<DueKey>(&PageQuery { limit: query.limit, cursor: query.cursor.clone() })?;
    let after = page.after.as_ref().map(|key| (key.due_on.as_str(), key.id));
    let found = balances::list(&app, &looker(customer, request_id), &filter, after, page.limit).await?;
    let key = |last: &shared::payments::BalanceRow| DueKey { due_on: last.due_on.clone(), id: last.id };
    let page = paging::to_page(found.rows, page.limit, key, |row| row)?;
    Ok(Json(BalancesPage {
        data: page.data,
        next_cursor: page.next_cursor,
        totals: found.totals,
        payable_to: found.payable_to,
        today: found.today.to_string(),
    }))
}

/// The same as a table for spreadsheets: a line for each balance, the first due first, at most 10,000.
#[utoipa::path(
    tag = "payments",
    params(
        ("issuer" = Option<String>, Query, description = "Short name of one issuer"),
        ("contract" = Option<String>, Query, description = "Number of one contract"),
        ("only" = Option<String>, Query, description = "`overdue`, `not_due` or `foreign` (not in pesos)"),
        ("document" = Option<Uuid>, Query, description = "The balance of one document"),
    ),
    responses((status = 200, body = String, content_type = "text/csv")),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "invalid_fields"]))),
)]
#[get("/balances.csv")]
async fn export_balances(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    query: web::Query<BalanceQuery>,
) -> ApiResult<HttpResponse> {
    let table = owed::csv(&app, &asker(customer, request_id), &query.parse()?).await?;
    Ok(download(&format!("saldos_{}.csv", central_day(app.now())), "text/csv; charset=utf-8", table))
}

/// The same as a workbook.
#[utoipa::path(
    tag = "payments",
    params(
        ("issuer" = Option<String>, Query, description = "Short name of one issuer"),
        ("contract" = Option<String>, Query, description = "Number of one contract"),
        ("only" = Option<String>, Query, description = "`overdue`, `not_due` or `foreign` (not in pesos)"),
        ("document" = Option<Uuid>, Query, description = "The balance of one document"),
    ),
    responses((
        status = 200,
        body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "invalid_fields"]))),
)]
#[get("/balances.xlsx")]
async fn export_balances_workbook(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    query: web::Query<BalanceQuery>,
) -> ApiResult<HttpResponse> {
    let table = owed::xlsx(&app, &asker(customer, request_id), &query.parse()?).await?;
    Ok(download(&format!("saldos_{}.xlsx", central_day(app.now())), XLSX, table))
}

/// Orders one payment of one or many invoices, and says where to send the browser.
///
/// The invoices are reserved until the bank answers. The same Idempotency-Key with the same body gets the same answer
/// and the same redirect, for 30 days.
#[utoipa::path(
    tag = "payments",
    params(("Idempotency-Key" = String, Header, description = "Unique per order, 1 to 255 characters")),
    request_body = CreatePayment,
    responses((status = 201, body = PaymentView)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "payer_needed", "invalid_fields", "balances_changed", "bank_unavailable",
        "idempotency_key_missing", "idempotency_key_reused", "idempotency_in_flight"
    ]))),
)]
#[post("/payments")]
async fn order_payment(
    app: web::Data<App>,
    customer: Customer,
    key: IdempotencyKey,
    request_id: RequestId,
    form: HashedJson<CreatePayment>,
) -> ApiResult<HttpResponse> {
    let asker = asker(customer, request_id);
    let order = form.body.parse()?;
    let key = Key { text: key.as_str(), request_sha256: form.sha256, request_id };
    Ok(Box::pin(service::order(&app, &asker, &order, &key)).await?.into_response())
}

/// The customer's history of payments, the newest first, with what all of them come to.
#[utoipa::path(
    tag = "payments",
    params(PaymentQuery),
    responses((status = 200, body = PaymentsPage)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "invalid_fields"]))),
)]
#[get("/payments")]
async fn list_payments(
    app: web::Data<App>,
    customer: Looking,
    request_id: RequestId,
    query: web::Query<PaymentQuery>,
) -> ApiResult<Json<PaymentsPage>> {
    let filter = query.parse()?;
    let page = paging::page::<PaidKey>(&PageQuery { limit: query.limit, cursor: query.cursor.clone() })?;
    let after = page.after.as_ref().map(|key| (key.at, key.id));
    let asker = looker(customer, request_id);
    let (rows, totals) = history::list(&app, &asker, &filter, after, page.limit).await?;
    let key = |(at, view): &(Timestamp, PaymentView)| PaidKey { at: *at, id: view.id };
    let page = paging::to_page(rows, page.limit, key, |(_, view)| view)?;
    Ok(Json(PaymentsPage { data: page.data, next_cursor: page.next_cursor, totals }))
}

/// The same as a table for spreadsheets: a line for each invoice that a payment paid, at most 10,000 payments.
#[utoipa::path(
    tag = "payments",
    params(
        ("issuer" = Option<String>, Query, description = "Short name of one issuer"),
        ("contract" = Option<String>, Query, description = "Number of one contract"),
        ("month" = Option<String>, Query, description = "One month, `YYYY-MM`"),
    ),
    responses((status = 200, body = String, content_type = "text/csv")),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "invalid_fields"]))),
)]
#[get("/payments.csv")]
async fn export_payments(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    query: web::Query<PaymentQuery>,
) -> ApiResult<HttpResponse> {
    let filter = query.parse()?;
    let table = export::csv(&app, &asker(customer, request_id), &filter).await?;
    let month = filter.month.unwrap_or_else(|| central_day(app.now()).to_string());
    Ok(download(&format!("pagos_{month}.csv"), "text/csv; charset=utf-8", table))
}

/// The same as a workbook.
#[utoipa::path(
    tag = "payments",
    params(
        ("issuer" = Option<String>, Query, description = "Short name of one issuer"),
        ("contract" = Option<String>, Query, description = "Number of one contract"),
        ("month" = Option<String>, Query, description = "One month, `YYYY-MM`"),
    ),
    responses((
        status = 200,
        body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "invalid_fields"]))),
)]
#[get("/payments.xlsx")]
async fn export_workbook(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    query: web::Query<PaymentQuery>,
) -> ApiResult<HttpResponse> {
    let filter = query.parse()?;
    let table = export::xlsx(&app, &asker(customer, request_id), &filter).await?;
    let month = filter.month.unwrap_or_else(|| central_day(app.now()).to_string());
    Ok(download(&format!("pagos_{month}.xlsx"), XLSX, table))
}

/// One payment of the customer's; with its redirect while it makes sense to go to the bank.
#[utoipa::path(
    tag = "payments",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = PaymentView)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found"]))),
)]
#[get("/payments/{id}")]
async fn get_payment(
    app: web::Data<App>,
    customer: Looking,
    request_id: RequestId,
    id: web::Path<Uuid>,
    _query: web::Query<Nothing>,
) -> ApiResult<Json<PaymentView>> {
    Ok(Json(history::find(&app, &looker(customer, request_id), *id).await?))
}

/// Gives a payment up before its bank answered. Money that comes all the same is received as any other.
#[utoipa::path(
    tag = "payments",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = PaymentView)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "payer_needed", "not_found", "payment_not_cancellable"
    ]))),
)]
#[post("/payments/{id}/cancellations")]
async fn cancel_payment(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    id: web::Path<Uuid>,
) -> ApiResult<Json<PaymentView>> {
    Ok(Json(service::cancel(&app, &asker(customer, request_id), *id).await?))
}

/// Sends a payment that came to nothing to a bank again: its invoices are reserved as they were ordered.
///
/// The same Idempotency-Key gets the same answer, as with the first order.
#[utoipa::path(
    tag = "payments",
    params(
        ("id" = Uuid, Path),
        ("Idempotency-Key" = String, Header, description = "Unique per trip, 1 to 255 characters"),
    ),
    request_body = RetryPayment,
    responses((status = 201, body = PaymentView)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "payer_needed", "not_found", "invalid_fields", "payment_not_retryable",
        "balances_changed", "bank_unavailable", "idempotency_key_missing", "idempotency_key_reused",
        "idempotency_in_flight"
    ]))),
)]
#[post("/payments/{id}/attempts")]
async fn retry_payment(
    app: web::Data<App>,
    customer: Customer,
    key: IdempotencyKey,
    request_id: RequestId,
    id: web::Path<Uuid>,
    form: HashedJson<RetryPayment>,
) -> ApiResult<HttpResponse> {
    let asker = asker(customer, request_id);
    let bank = form.body.parse()?;
    let key = Key { text: key.as_str(), request_sha256: form.sha256, request_id };
    Ok(Box::pin(trips::again(&app, &asker, (*id, bank), &key)).await?.into_response())
}

/// Where the customer's transfers go, by issuer, and the number that all of them carry.
///
/// A transfer with it pays what is due first, without any order; what is over is a credit.
#[utoipa::path(
    tag = "payments",
    responses((status = 200, body = Vec<DepositAccount>)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password"]))),
)]
#[get("/deposit-accounts")]
async fn list_deposit_accounts(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    _query: web::Query<Nothing>,
) -> ApiResult<Json<Vec<DepositAccount>>> {
    Ok(Json(deposits::accounts(&app, &asker(customer, request_id)).await?))
}

fn bank(code: &str) -> ApiResult<BankCode> {
    BankCode::parse(code).ok_or_else(|| ApiError::new(ProblemCode::NotFound))
}

fn within_limit(raw: &[u8]) -> ApiResult<()> {
    if raw.len() > MESSAGE_MAX_BYTES { Err(ApiError::new(ProblemCode::BodyTooLarge)) } else { Ok(()) }
}

/// Keeps what the browser brought, and shows the payment's page: the target is ours, never the message's.
async fn land(app: &App, code: &str, raw: &[u8], from: &SourceAddress) -> ApiResult<HttpResponse> {
    within_limit(raw)?;
    let from = from.counter_key();
    let message = Message { bank: bank(code)?, source: Source::Return, raw, from: &from };
    let target = match Box::pin(evidence::receive(app, &message)).await?.landing {
        None => "/pagos".to_owned(),
        Some(landing) => {
            let home = landing.slug.map(|slug| format!("/e/{slug}")).unwrap_or_default();
            format!("{home}/pagos/{}", landing.payment_id)
        }
    };
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, target)).finish())
}

/// Where a bank sends the browser back to, with a form. Nobody is signed in by it.
#[utoipa::path(
    tag = "payments",
    params(("bank" = String, Path)),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "The payment's page")),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found", "bank_unavailable"]))),
)]
#[post("/bank-returns/{bank}")]
async fn bank_return_form(
    app: web::Data<App>,
    code: web::Path<String>,
    source: SourceAddress,
    body: Bytes,
) -> ApiResult<HttpResponse> {
    land(&app, &code, &body, &source).await
}

/// Where a bank sends the browser back to, with an address. Nobody is signed in by it.
#[utoipa::path(
    tag = "payments",
    params(("bank" = String, Path)),
    responses((status = 303, description = "The payment's page")),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found", "bank_unavailable"]))),
)]
#[get("/bank-returns/{bank}")]
async fn bank_return_address(
    app: web::Data<App>,
    request: HttpRequest,
    code: web::Path<String>,
    source: SourceAddress,
) -> ApiResult<HttpResponse> {
    land(&app, &code, request.query_string().as_bytes(), &source).await
}

/// Where a bank's server says what happened. A notice that was said before is thanked for again.
#[utoipa::path(
    tag = "payments",
    params(("bank" = String, Path)),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 204, description = "Kept and judged")),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found", "not_the_bank", "bank_unavailable"]))),
)]
#[post("/bank-notices/{bank}")]
async fn bank_notice(
    app: web::Data<App>,
    code: web::Path<String>,
    source: SourceAddress,
    body: Bytes,
) -> ApiResult<HttpResponse> {
    within_limit(&body)?;
    let from = source.counter_key();
    let message = Message { bank: bank(&code)?, source: Source::Notice, raw: &body, from: &from };
    match Box::pin(evidence::receive(&app, &message)).await?.is_the_bank {
        true => Ok(HttpResponse::NoContent().finish()),
        false => Err(ApiError::new(ProblemCode::NotTheBank)),
    }
}

impl From<PaymentError> for ApiError {
    fn from(error: PaymentError) -> ApiError {
        match error {
            PaymentError::NotFound => ApiError::new(ProblemCode::NotFound),
            PaymentError::PayerNeeded => ApiError::new(ProblemCode::PayerNeeded),
            PaymentError::Fields(errors) => errors.into(),
            PaymentError::NotRetryable => ApiError::new(ProblemCode::PaymentNotRetryable),
            PaymentError::NothingToDecide => ApiError::new(ProblemCode::PaymentStateDiffers),
            PaymentError::NotCancellable => ApiError::new(ProblemCode::PaymentNotCancellable),
            PaymentError::BankUnavailable => ApiError::new(ProblemCode::BankUnavailable).retry_after(BANK_SECONDS),
            PaymentError::KeyInFlight => Problem::new(ProblemCode::IdempotencyInFlight).into(),
            PaymentError::KeyReused => ApiError::new(ProblemCode::IdempotencyKeyReused),
            PaymentError::Db(source) => source.into(),
            other => ApiError::internal(other),
        }
    }
}
