//! Exchange rates over HTTP, for staff.
use actix_web::{get, put, web};
use serde::{Deserialize, Serialize};
use shared::ProblemCode;
use shared::integrators::{ExchangeRateResource, PutExchangeRate};
use shared::page::{Page, PageQuery};
use shared::payments::{RateOfDay, RateStanding};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::App;
use crate::accounts::staff::guard::{OperatorScope, StaffScope};
use crate::http::{ApiError, ApiResult, Json, RequestId, paging};
use crate::payments::console::routes::by;
use crate::payments::rates::{self, DayRate, Origin};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(list_rates).service(put_rate).service(get_standing);
}

#[derive(Serialize, Deserialize)]
struct Key {
    valid_on: String,
    currency: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RateQuery {
    currency: Option<String>,
    source: Option<String>,
    until: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct OfDay {
    currency: String,
    valid_on: String,
}

/// The rates that the issuer knows, the newest day first.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path),
        ("currency" = Option<String>, Query, description = "Of one currency"),
        ("source" = Option<String>, Query, description = "`manual`, `erp` or `banxico`"),
        ("until" = Option<String>, Query, description = "Up to this civil day"),
        ("limit" = Option<u32>, Query),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = Page<RateOfDay>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "invalid_fields"]))),
)]
#[get("/console/issuers/{issuer}/exchange-rates")]
async fn list_rates(
    app: web::Data<App>,
    at: StaffScope,
    query: web::Query<RateQuery>,
) -> ApiResult<Json<Page<RateOfDay>>> {
    let RateQuery { currency, source, until, limit, cursor } = query.into_inner();
    let page = paging::page::<Key>(&PageQuery { limit, cursor })?;
    let before = page.after.as_ref().map(|key| (key.valid_on.as_str(), key.currency.as_str()));
    let limit = i64::from(page.limit) + 1;
    let (currency, source, until) = (currency.as_deref(), source.as_deref(), until.as_deref());
    let wanted = rates::Wanted { currency, source, until, since: None };
    let mut conn = app.db.read().await?;
    let rows = rates::list(&mut conn, at.scope, &wanted, before, limit).await?;
    let rows = rates::of_days(&mut conn, rows).await?;
    let key = |row: &RateOfDay| Key { valid_on: row.valid_on.clone(), currency: row.currency.clone() };
    Ok(Json(paging::to_page(rows, page.limit, key, |row| row)?))
}

/// At which rate foreign invoices are paid, and how the one of the day is known.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path)),
    responses((status = 200, body = RateStanding)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[get("/console/issuers/{issuer}/exchange-rate-standing")]
async fn get_standing(app: web::Data<App>, at: StaffScope) -> ApiResult<Json<RateStanding>> {
    Ok(Json(rates::standing(&app, at.scope).await?))
}

/// Says the rate of a day by hand. What people say is not overwritten by the central bank.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("currency" = String, Path), ("valid_on" = String, Path)),
    request_body = PutExchangeRate,
    responses((status = 200, body = ExchangeRateResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "operator_needed", "not_found", "invalid_fields"
    ]))),
)]
#[put("/console/issuers/{issuer}/exchange-rates/{currency}/{valid_on}")]
async fn put_rate(
    app: web::Data<App>,
    at: OperatorScope,
    request_id: RequestId,
    path: web::Path<OfDay>,
    Json(form): Json<PutExchangeRate>,
) -> ApiResult<Json<ExchangeRateResource>> {
    let day = DayRate::read(&path.currency, &path.valid_on, &form.rate)?;
    let scope = at.0.scope;
    rates::set(&app, scope, &day, Origin::Manual, &by(&at.0, request_id)).await?;
    let found = rates::find(&mut app.db.read().await?, scope, &path.currency, &path.valid_on).await?;
    Ok(Json(found.ok_or_else(|| ApiError::new(ProblemCode::NotFound))?.resource()))
}
