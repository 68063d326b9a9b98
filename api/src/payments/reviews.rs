//! What asks to be looked at, as staff see it: the payment, its customer, and what the bank said.
use fiscal::Amount;
use shared::payments::{RedirectField, ReviewView};
use uuid::Uuid;

use super::banks::Fields;
use super::store::payments::{self, Which};
use super::store::reviews::{self as store, ReviewRow};
use super::store::{evidence, unreadable};
use super::{PaymentError, files};
use super::{beside, history};
use crate::App;
use crate::accounts::{CustomerId, people};
use crate::db::{Conn, DbResult, Timestamp};
use crate::issuers::Scope;

/// How many are open, whichever issuer's: for whoever watches the installation.
pub async fn count_open(conn: &mut impl Conn) -> DbResult<i64> {
    store::count_open(conn).await
}

/// An issuer's reviews, the oldest first, after a key: those still open, or all.
pub async fn list(
    app: &App,
    conn: &mut impl Conn,
    scope: Scope,
    only_open: bool,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<(Timestamp, ReviewView)>, PaymentError> {
    let mut all = Vec::new();
    for row in store::list(conn, scope, only_open, after, limit).await? {
        all.push((row.created_at, view(app, conn, scope, row).await?));
    }
    Ok(all)
}

async fn view(app: &App, conn: &mut impl Conn, scope: Scope, row: ReviewRow) -> Result<ReviewView, PaymentError> {
    let payment = payments::find(conn, Which::OfIssuer(scope, row.payment_id)).await?;
    let payment = payment.ok_or_else(|| unreadable("payment"))?;
    let names = people::names_of(conn, CustomerId::new(payment.customer_id)).await?.unwrap_or_default();
    let said = match row.evidence_id {
        Some(id) => evidence::find(conn, scope, id).await?,
        None => None,
    };
    let mut views = history::views(conn, vec![payment], app.now()).await?;
    let payment = views.pop().ok_or_else(|| unreadable("payment"))?;
    let to_enter = match &said {
        Some(said) => beside::offered(app, conn, &payment.issuer, (&row, said)).await?,
        None => None,
    };
    Ok(ReviewView {
        id: row.id,
        reason: row.reason,
        payment,
        customer_rfc: names.0,
        customer_name: names.1,
        said: said.map(|said| fields(&said.raw)).unwrap_or_default(),
        to_enter: to_enter.map(Amount::to_decimal_string),
        created_at: row.created_at.to_string(),
        closed_at: row.closed_at.map(|at| at.to_string()),
        resolution: row.resolution,
    })
}

/// A message's fields as they were kept: a form, or the few words kept of an answer.
pub(super) fn fields(raw: &[u8]) -> Vec<RedirectField> {
    let pairs: Vec<(String, String)> = match serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(raw) {
        Ok(answer) => answer
            .into_iter()
            .filter_map(|(name, value)| value.as_str().map(|value| (name, value.to_owned())))
            .collect(),
        Err(_form) => Fields::parse(raw).pairs().collect(),
    };
    let shown = pairs.into_iter().filter(|(name, value)| !value.is_empty() && !name.ends_with("signature"));
    shown
        .map(|(name, value)| RedirectField { name, value: value.chars().take(files::TRANSACTION_MAX * 2).collect() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_shown_without_its_signature() {
        let shown = fields(b"mp_amount=1.00&mp_order=7&mp_signature=abc&mp_pan=");
        let names: Vec<_> = shown.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["mp_amount", "mp_order"]);
        let shown = fields(br#"{"result":"SUCCESS","amount":"1.00","id":""}"#);
        assert_eq!(shown.len(), 2);
    }
}
