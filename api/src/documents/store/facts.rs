//! SQL of one question about documents: is this folio fiscal of that RFC?
use uuid::Uuid;

use crate::db::{Conn, DbResult, on};
use crate::issuers::Scope;

/// Whether an issuer's document with this folio fiscal, however its letters are written, is made out to an RFC.
pub async fn is_invoiced_to(conn: &mut impl Conn, scope: Scope, rfc: &str, folio: Uuid) -> DbResult<bool> {
    let lower = folio.to_string();
    let upper = lower.to_uppercase();
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM documents WHERE issuer_id = $1 AND folio_fiscal IN ($2, $3) \
         AND receptor_rfc = $4)",
    ).bind(scope.uuid()).bind(&upper).bind(&lower).bind(rfc).fetch_one(ex).await)?)
}
