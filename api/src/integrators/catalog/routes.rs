//! Branches over HTTP.
use actix_web::{get, web};
use shared::integrators::BranchResource;
use shared::page::{Page, PageQuery};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::App;
use crate::http::{ApiResult, Json, paging};
use crate::integrators::guard::{Integrator, TicketsRead};
use crate::issuers::{self, Branch, BranchId};

/// Mounted under `/api/integrators/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(list_branches);
}

/// The issuer's branches, by name.
///
/// Scope `tickets:read`. A ticket names its branch by `id` or by `name`.
#[utoipa::path(
    tag = "tickets",
    params(
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<BranchResource>)),
    security(("api_key" = ["tickets:read"])),
    extensions(("x-problem-codes" = json!(["invalid_fields"]))),
)]
#[get("/branches")]
async fn list_branches(
    app: web::Data<App>,
    who: Integrator<TicketsRead>,
    query: web::Query<PageQuery>,
) -> ApiResult<Json<Page<BranchResource>>> {
    let page = paging::page::<BranchId>(&query)?;
    let mut conn = app.db.read().await?;
    let limit = i64::from(page.limit) + 1;
    let rows = issuers::service::list_branches(&mut conn, who.caller.scope, page.after, limit).await?;
    Ok(Json(paging::to_page(rows, page.limit, |branch| branch.id, resource)?))
}

fn resource(branch: Branch) -> BranchResource {
    BranchResource {
        id: branch.id.uuid(),
        time_zone: branch.zone_name().to_owned(),
        postal_code: branch.postal_code.to_string(),
        name: branch.name,
        serie: branch.serie,
        invoicing_grace_days: branch.invoicing_grace_days,
    }
}
