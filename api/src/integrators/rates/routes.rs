//! Exchange rates over HTTP.
use actix_web::{get, put, web};
use serde::{Deserialize, Serialize};
use shared::ProblemCode;
use shared::integrators::{ExchangeRateResource, PutExchangeRate};
use shared::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::App;
use crate::http::{ApiError, ApiResult, Json, paging};
use crate::integrators::guard::{Integrator, RatesRead, RatesWrite, Sent};
use crate::integrators::routes::ChangedQuery;
use crate::issuers::Scope;
use crate::payments::operations::By;
use crate::payments::rates::{self, DayRate, Origin, RateRow};

/// Mounted under `/api/integrators/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(put_rate).service(list_rates).service(get_rate);
}

/// The last row of a page.
#[derive(Serialize, Deserialize)]
struct Key {
    valid_on: String,
    currency: String,
}

async fn find(app: &App, scope: Scope, currency: &str, valid_on: &str) -> ApiResult<Json<ExchangeRateResource>> {
    let found = rates::find(&mut app.db.read().await?, scope, currency, valid_on).await?;
    Ok(Json(found.ok_or_else(|| ApiError::new(ProblemCode::NotFound))?.resource()))
}

/// Says the rate of a day.
///
/// Scope `rates:write`. It is used where the issuer charges the rate of the day of payment, on its day and, until a newer
/// one is known, on the seven after. Payments ordered before keep theirs.
#[utoipa::path(
    tag = "rates",
    params(
        ("currency" = String, Path, description = "ISO code: `USD`, `EUR`, `CAD`, `GBP`, `JPY`", example = json!("USD")),
        ("valid_on" = String, Path, description = "Civil day, `YYYY-MM-DD`", example = json!("2026-11-18")),
    ),
    request_body(content = PutExchangeRate, example = json!({ "rate": "18.886880" })),
    responses((status = 200, body = ExchangeRateResource)),
    security(("api_key" = ["rates:write"])),
    extensions(("x-problem-codes" = json!(["invalid_fields"]))),
)]
#[put("/exchange-rates/{currency}/{valid_on}")]
async fn put_rate(
    app: web::Data<App>,
    sent: Sent<RatesWrite, PutExchangeRate>,
    path: web::Path<(String, String)>,
) -> ApiResult<Json<ExchangeRateResource>> {
    let (currency, valid_on) = path.into_inner();
    let day = DayRate::read(&currency, &valid_on, &sent.body.rate)?;
    let scope = sent.caller.scope;
    let by = By { actor: sent.caller.actor(), request_id: sent.caller.request_id.clone() };
    rates::set(&app, scope, &day, Origin::Erp, &by).await?;
    find(&app, scope, &currency, &valid_on).await
}

/// The rates you or the portal know, the newest day first.
///
/// Scope `rates:read`. With `updated_since` only those that were said or changed at it or later.
#[utoipa::path(
    tag = "rates",
    params(
        ("updated_since" = Option<String>, Query, description = "RFC 3339 instant; changed at it or later"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<ExchangeRateResource>)),
    security(("api_key" = ["rates:read"])),
    extensions(("x-problem-codes" = json!(["invalid_fields"]))),
)]
#[get("/exchange-rates")]
async fn list_rates(
    app: web::Data<App>,
    who: Integrator<RatesRead>,
    query: web::Query<ChangedQuery>,
) -> ApiResult<Json<Page<ExchangeRateResource>>> {
    let (since, page) = query.read::<Key>()?;
    let before = page.after.as_ref().map(|key| (key.valid_on.as_str(), key.currency.as_str()));
    let limit = i64::from(page.limit) + 1;
    let wanted = rates::Wanted { since, ..rates::Wanted::default() };
    let rows = rates::list(&mut app.db.read().await?, who.caller.scope, &wanted, before, limit).await?;
    let key = |row: &RateRow| Key { valid_on: row.valid_on.clone(), currency: row.currency.clone() };
    Ok(Json(paging::to_page(rows, page.limit, key, RateRow::resource)?))
}

/// The rate of a day.
///
/// Scope `rates:read`.
#[utoipa::path(
    tag = "rates",
    params(
        ("currency" = String, Path, description = "ISO code", example = json!("USD")),
        ("valid_on" = String, Path, description = "Civil day, `YYYY-MM-DD`", example = json!("2026-11-18")),
    ),
    responses((status = 200, body = ExchangeRateResource)),
    security(("api_key" = ["rates:read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/exchange-rates/{currency}/{valid_on}")]
async fn get_rate(
    app: web::Data<App>,
    who: Integrator<RatesRead>,
    path: web::Path<(String, String)>,
) -> ApiResult<Json<ExchangeRateResource>> {
    let (currency, valid_on) = path.into_inner();
    find(&app, who.caller.scope, &currency, &valid_on).await
}
