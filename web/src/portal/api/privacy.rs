//! One's own data: notices, requests, a copy, another mail address.
use shared::accounts::people::{ChangeEmail, ConfirmEmail};
use shared::accounts::{Me, Secret};
use shared::privacy::{AcceptNotice, ArcoCase, MyPrivacy, OpenArco, PrivacyNotice};

use super::Client;
use crate::api::Answer;
use crate::signed::client::Person;

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

/// Asks for another mail address.
pub async fn change_email(client: Client, email: String) -> Answer<()> {
    client.post("/email-changes".to_owned(), &ChangeEmail { email }).await
}

/// Takes it over with its code.
pub async fn confirm_email(client: Client, code: String) -> Answer<()> {
    client.post::<()>("/email-changes/confirmations".to_owned(), &ConfirmEmail { code: Secret::new(code) }).await?;
    // Without an answer the next renewal says it.
    if let Ok(me) = client.get::<Me>(Me::ME.to_owned()).await {
        client.is(me);
    }
    Ok(())
}
