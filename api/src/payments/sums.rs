//! How an issuer's money stands: the figures above the console's payments.
use fiscal::{Amount, Currency};
use shared::payments::{MoneySum, PaymentSums};

use super::PaymentError;
use super::store::sums::{self as store, Sum};
use crate::App;
use crate::issuers::{self, Scope};

/// All of them, as of one instant.
pub async fn of(app: &App, scope: Scope) -> Result<PaymentSums, PaymentError> {
    let mut conn = app.db.snapshot().await?;
    let issuer = issuers::service::find_issuer(&mut conn, scope).await?.ok_or(PaymentError::NotFound)?;
    let month = issuer.day_of(app.now()).first_of_month().to_string();
    let (_, under_review) = store::count(&mut conn, scope, Sum::Reviewed).await?;
    let (reviews, _) = store::count(&mut conn, scope, Sum::Reviews).await?;
    let (orphans, _) = store::count(&mut conn, scope, Sum::Orphans).await?;
    Ok(PaymentSums {
        to_review: sum((reviews.saturating_add(orphans), under_review)),
        in_transit: sum(store::count(&mut conn, scope, Sum::InTransit).await?),
        to_apply: sum(store::count(&mut conn, scope, Sum::ToApply).await?),
        credit: sum(store::count(&mut conn, scope, Sum::Credit).await?),
        not_found: sum(store::count(&mut conn, scope, Sum::NotFound).await?),
        this_month: sum(store::count(&mut conn, scope, Sum::Since(&month)).await?),
    })
}

fn sum((count, minor): (i64, i64)) -> MoneySum {
    let amount = Amount::new(minor, Currency::Mxn).to_decimal_string();
    MoneySum { count: u64::try_from(count).unwrap_or(0), amount }
}
