//! What the customer owes, and its payments. Which customer is the session's affair: no address names one.
use shared::payments::{BalanceQuery, BalancesPage, CreatePayment, PaymentQuery, PaymentView, PaymentsPage};
use uuid::Uuid;

use super::Client;
use super::documents::with_query;
use crate::api::Answer;
use crate::signed::client::{Request, Verb};

/// Open balances, a page of them.
pub async fn balances(client: Client, query: &BalanceQuery) -> Answer<BalancesPage> {
    let limit = query.limit.map(|limit| limit.to_string());
    let pairs = [
        ("issuer", query.issuer.as_deref()),
        ("contract", query.contract.as_deref()),
        ("only", query.only.as_deref()),
        ("limit", limit.as_deref()),
        ("cursor", query.cursor.as_deref()),
    ];
    client.get(with_query("/balances", &pairs.map(|(name, value)| (name, value.unwrap_or_default())))).await
}

/// Orders a payment. The same key and body order it once, however often they are sent.
pub async fn order(client: Client, key: Uuid, form: &CreatePayment) -> Answer<PaymentView> {
    client.post_key("/payments".to_owned(), key, form).await
}

/// One payment.
pub async fn payment(client: Client, id: Uuid) -> Answer<PaymentView> {
    client.get(["/payments/", &id.to_string()].concat()).await
}

/// Gives a payment up; one that was given up already stays so.
pub async fn cancel(client: Client, id: Uuid) -> Answer<PaymentView> {
    let path = ["/payments/", &id.to_string(), "/cancellations"].concat();
    client.write(Request::new(Verb::Post, path)).await
}

/// The history of payments, a page of it.
pub async fn history(client: Client, query: &PaymentQuery) -> Answer<PaymentsPage> {
    let limit = query.limit.map(|limit| limit.to_string());
    let pairs = [
        ("contract", query.contract.as_deref()),
        ("month", query.month.as_deref()),
        ("limit", limit.as_deref()),
        ("cursor", query.cursor.as_deref()),
    ];
    client.get(with_query("/payments", &pairs.map(|(name, value)| (name, value.unwrap_or_default())))).await
}
