//! One's own data: notices, requests, a copy.
use shared::privacy::{AcceptNotice, ArcoCase, MyPrivacy, OpenArco, PrivacyNotice};

use super::Client;
use crate::api::Answer;

/// The issuer's notice as it holds now.
pub async fn notice(client: Client, slug: &str) -> Answer<PrivacyNotice> {
    client.open_read(&["/issuers/", slug, "/privacy-notice"].concat()).await
}

/// What the person's page shows.
pub async fn mine(client: Client) -> Answer<MyPrivacy> {
    client.get("/privacy".to_owned()).await
}

/// Accepts the version that was read.
pub async fn accept(client: Client, issuer: String, version: i64) -> Answer<()> {
    client.post("/privacy-acceptances".to_owned(), &AcceptNotice { issuer, version }).await
}

/// Opens a request.
pub async fn ask(client: Client, form: &OpenArco) -> Answer<ArcoCase> {
    client.post("/arco-requests".to_owned(), form).await
}

/// Lets the browser save a copy of what is held.
pub async fn copy(client: Client) -> Answer<()> {
    client.download("/my-data".to_owned()).await
}
