//! Keys of the integrators' API, and webhooks.
use shared::integrators::{ApiKeyMade, ApiKeyView, NewApiKey};
use shared::page::Page;
use shared::tickets::{NewTillKey, TillKeyMade, TillKeyView};
use shared::webhooks::{PutWebhookEndpoint, WebhookDeliveryResource, WebhookEndpointResource, WebhookResent};
use uuid::Uuid;

use super::{Client, of};
use crate::api::Answer;
use crate::browser::encoded;
use crate::signed::client::{Request, Verb};

/// Deliveries on a page.
const DELIVERIES: &str = "25";

fn endpoint(slug: &str, external_id: &str, tail: &str) -> String {
    of(slug, &["/webhook-endpoints/", &encoded(external_id), tail].concat())
}

fn delivery(slug: &str, id: Uuid, tail: &str) -> String {
    of(slug, &["/webhook-deliveries/", &id.to_string(), tail].concat())
}

/// All keys, ended ones too.
pub async fn keys(client: Client, slug: String) -> Answer<Page<ApiKeyView>> {
    client.get(of(&slug, "/api-keys")).await
}

/// Makes a key. The answer has its secret, this once.
pub async fn make_key(client: Client, slug: String, form: &NewApiKey) -> Answer<ApiKeyMade> {
    client.post(of(&slug, "/api-keys"), form).await
}

/// Ends a key, from the next request on.
pub async fn end_key(client: Client, slug: String, id: Uuid) -> Answer<()> {
    client.delete(of(&slug, &["/api-keys/", &id.to_string()].concat())).await
}

/// The keys that tills sign tickets with, ended ones too.
pub async fn till_keys(client: Client, slug: String) -> Answer<Page<TillKeyView>> {
    client.get(of(&slug, "/till-keys")).await
}

/// Makes a till's key. The answer has its secret, this once.
pub async fn make_till_key(client: Client, slug: String, form: &NewTillKey) -> Answer<TillKeyMade> {
    client.post(of(&slug, "/till-keys"), form).await
}

/// Ends a till's key: no ticket it signed is taken any more.
pub async fn end_till_key(client: Client, slug: String, id: String) -> Answer<()> {
    client.delete(of(&slug, &["/till-keys/", &encoded(&id)].concat())).await
}

/// Where events are sent.
pub async fn endpoints(client: Client, slug: String) -> Answer<Page<WebhookEndpointResource>> {
    client.get(of(&slug, "/webhook-endpoints")).await
}

/// Makes or changes an endpoint; a new one comes with its secret, this once.
pub async fn put_endpoint(
    client: Client,
    slug: String,
    external_id: &str,
    form: &PutWebhookEndpoint,
) -> Answer<WebhookEndpointResource> {
    client.put(endpoint(&slug, external_id, ""), form).await
}

/// Takes an endpoint away.
pub async fn remove_endpoint(client: Client, slug: String, external_id: String) -> Answer<()> {
    client.delete(endpoint(&slug, &external_id, "")).await
}

/// Another secret; the one before signs for a day more.
pub async fn renew_secret(client: Client, slug: String, external_id: String) -> Answer<WebhookEndpointResource> {
    client.write(Request::new(Verb::Post, endpoint(&slug, &external_id, "/secrets"))).await
}

/// Sends an event that says nothing but that it arrived.
pub async fn test(client: Client, slug: String, external_id: String) -> Answer<WebhookDeliveryResource> {
    client.write(Request::new(Verb::Post, endpoint(&slug, &external_id, "/tests"))).await
}

/// Sends again all that was given up.
pub async fn resend_all(client: Client, slug: String, external_id: String) -> Answer<WebhookResent> {
    client.write(Request::new(Verb::Post, endpoint(&slug, &external_id, "/resends"))).await
}

/// What was sent to an endpoint, the newest first.
pub async fn deliveries(
    client: Client,
    slug: String,
    external_id: String,
    state: &str,
    cursor: Option<&str>,
) -> Answer<Page<WebhookDeliveryResource>> {
    let mut query = ["?limit=", DELIVERIES].concat();
    if !state.is_empty() {
        query += &["&state=", state].concat();
    }
    if let Some(cursor) = cursor {
        query += &["&cursor=", &encoded(cursor)].concat();
    }
    client.get(endpoint(&slug, &external_id, &["/deliveries", &query].concat())).await
}

/// One, with its tries and what is sent.
pub async fn find_delivery(client: Client, slug: String, id: Uuid) -> Answer<WebhookDeliveryResource> {
    client.get(delivery(&slug, id, "")).await
}

/// Sends one again.
pub async fn resend(client: Client, slug: String, id: Uuid) -> Answer<()> {
    client.write::<Option<WebhookDeliveryResource>>(Request::new(Verb::Post, delivery(&slug, id, "/resends"))).await?;
    Ok(())
}
