//! What the customer owes, and its payments. Which customer is the session's affair: no address names one.
use shared::payments::{
    AccountStatements, BalanceQuery, BalancesPage, CreatePayment, DepositAccount, PaymentAttachment, PaymentQuery,
    PaymentView, PaymentsPage, RetryPayment,
};
use uuid::Uuid;

use super::Client;
use super::documents::with_query;
use crate::api::Answer;
use crate::browser::encoded;
use crate::signed::client::{Request, Verb};
use crate::signed::send::Picked;

/// The name in Saldos' address of the document whose balance is to be paid.
pub const CHOSEN: &str = "factura";

/// Open balances, a page of them.
pub async fn balances(client: Client, query: &BalanceQuery) -> Answer<BalancesPage> {
    let limit = query.limit.map(|limit| limit.to_string());
    let document = query.document.map(|document| document.to_string());
    let pairs = [
        ("issuer", query.issuer.as_deref()),
        ("contract", query.contract.as_deref()),
        ("only", query.only.as_deref()),
        ("document", document.as_deref()),
        ("limit", limit.as_deref()),
        ("cursor", query.cursor.as_deref()),
    ];
    client.get(with_query("/balances", &pairs.map(|(name, value)| (name, value.unwrap_or_default())))).await
}

/// Saves what is owed as a table: `csv` or `xlsx`.
pub async fn balances_table(client: Client, kind: &str, query: &BalanceQuery) -> Answer<()> {
    let pairs = [("issuer", &query.issuer), ("contract", &query.contract), ("only", &query.only)];
    let pairs = pairs.map(|(name, value)| (name, value.as_deref().unwrap_or_default()));
    client.download(with_query(&["/balances.", kind].concat(), &pairs)).await
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

/// Sends a payment that came to nothing to a bank again. The same key and bank send it once.
pub async fn retry(client: Client, id: Uuid, key: Uuid, bank: &str) -> Answer<PaymentView> {
    let path = ["/payments/", &id.to_string(), "/attempts"].concat();
    client.post_key(path, key, &RetryPayment { bank: bank.to_owned() }).await
}

/// What is attached to a payment.
pub async fn proofs(client: Client, id: Uuid) -> Answer<Vec<PaymentAttachment>> {
    client.get(["/payments/", &id.to_string(), "/proofs"].concat()).await
}

/// Attaches a file to a payment.
pub async fn attach(client: Client, id: Uuid, file: &Picked) -> Answer<PaymentAttachment> {
    let path = with_query(&["/payments/", &id.to_string(), "/proofs"].concat(), &[("name", &file.name)]);
    client.write(Request::new(Verb::Post, path).with_file(file)).await
}

/// Saves one of them.
pub async fn take_proof(client: Client, id: Uuid, proof: Uuid) -> Answer<()> {
    client.download(["/payments/", &id.to_string(), "/proofs/", &proof.to_string()].concat()).await
}

/// The months and issuers that a statement of account can be made of.
pub async fn statement_months(client: Client) -> Answer<AccountStatements> {
    client.get("/account-statements".to_owned()).await
}

/// Saves the statement with an issuer of one month, made now.
pub async fn take_statement(client: Client, issuer: &str, month: &str) -> Answer<()> {
    client.download(["/account-statements/", &encoded(issuer), "/", &encoded(month), "/pdf"].concat()).await
}

/// Where transfers go that choose no invoices, and the number that they carry.
pub async fn deposit_accounts(client: Client) -> Answer<Vec<DepositAccount>> {
    client.get("/deposit-accounts".to_owned()).await
}

/// Saves the history as a table: `csv` or `xlsx`.
pub async fn table(client: Client, kind: &str, query: &PaymentQuery) -> Answer<()> {
    client.download(with_query(&["/payments.", kind].concat(), &filters(query))).await
}

fn filters(query: &PaymentQuery) -> [(&'static str, &str); 3] {
    [("issuer", &query.issuer), ("contract", &query.contract), ("month", &query.month)]
        .map(|(name, value)| (name, value.as_deref().unwrap_or_default()))
}

/// The history of payments, a page of it.
pub async fn history(client: Client, query: &PaymentQuery) -> Answer<PaymentsPage> {
    let limit = query.limit.map(|limit| limit.to_string());
    let [issuer, contract, month] = filters(query);
    let page = [("limit", limit.as_deref()), ("cursor", query.cursor.as_deref())];
    let [limit, cursor] = page.map(|(name, value)| (name, value.unwrap_or_default()));
    client.get(with_query("/payments", &[issuer, contract, month, limit, cursor])).await
}
