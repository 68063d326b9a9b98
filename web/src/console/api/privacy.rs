//! An issuer's aviso de privacidad, and requests about personal data.
use shared::page::Page;
use shared::privacy::{AnswerArco, ConsoleArcoCase, PrivacyNotice, PublishNotice};
use uuid::Uuid;

use super::{Client, of};
use crate::api::Answer;
use crate::browser::encoded;

/// The present version, if there is one.
pub async fn notice(client: Client, slug: String) -> Answer<Option<PrivacyNotice>> {
    let page: Page<PrivacyNotice> = client.get(of(&slug, "/privacy-notices?limit=1")).await?;
    Ok(page.data.into_iter().next())
}

/// Publishes another.
pub async fn publish(client: Client, slug: String, form: &PublishNotice) -> Answer<PrivacyNotice> {
    client.post(of(&slug, "/privacy-notices"), form).await
}

/// Requests, the newest first.
pub async fn cases(client: Client, slug: String, cursor: Option<&str>) -> Answer<Page<ConsoleArcoCase>> {
    let next = cursor.map_or_else(String::new, |cursor| ["&cursor=", &encoded(cursor)].concat());
    client.get(of(&slug, &["/arco-requests?limit=25", &next].concat())).await
}

/// Answers one, once.
pub async fn answer(client: Client, slug: String, id: Uuid, form: &AnswerArco) -> Answer<()> {
    client.post(of(&slug, &["/arco-requests/", &id.to_string(), "/answers"].concat()), form).await
}
