//! Endpoints and deliveries, as integrators and staff handle them.
use shared::integrators::{EventData, EventKind};
use shared::webhooks::{
    DESCRIPTION_MAX, DeliveryState, DisabledBecause, ENDPOINTS_MAX, PutWebhookEndpoint, WebhookDeliveryResource,
    WebhookEndpointResource,
};
use shared::{FieldCode, FieldErrors};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::address::AddressFault;
use super::model::{Delivery, Endpoint, Table};
use super::signature::Secret;
use super::store::{self, deliveries, endpoints};
use crate::App;
use crate::audit::{self, Actor, Entry};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx};

/// Tries that the answer about one delivery shows.
const TRIES_SHOWN: i64 = 50;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// No endpoint or delivery of this issuer has this id.
    #[error("no such endpoint or delivery")]
    NotFound,
    /// All that is wrong with it.
    #[error("an endpoint with wrong fields")]
    Fields(FieldErrors),
    /// The issuer has enough.
    #[error("the issuer has {ENDPOINTS_MAX} endpoints")]
    TooMany,
    /// Nothing is sent to this endpoint.
    #[error("the endpoint is disabled")]
    Disabled,
    /// The secret could not be sealed.
    #[error("sealing a secret: {0}")]
    Vault(String),
    /// The database.
    #[error("keeping webhooks")]
    Db(#[from] DbError),
}

/// Who acts, on whose endpoints.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// Whose endpoints.
    pub issuer_id: Uuid,
    /// For the audit log.
    pub actor: Actor,
    /// For the audit log.
    pub request_id: &'a str,
}

/// The secrets that sign now, the newest first; nothing when they do not open.
pub(super) fn secrets(app: &App, endpoint: &Endpoint, now: Timestamp) -> Option<Vec<Secret>> {
    let previous = endpoint.previous.as_ref().filter(|(_, until)| now < *until).map(|(sealed, _)| sealed);
    let name = Endpoint::secret_name(endpoint.id);
    let opened = [Some(&endpoint.secret_sealed), previous].into_iter().flatten().map(|sealed| {
        let opened = app.vault.open_secret(endpoint.issuer_id, &name, sealed);
        opened.inspect_err(|error| tracing::error!(endpoint.id = %endpoint.id, %error, "a webhook's secret")).ok()
    });
    opened.map(|secret| secret.map(Secret::new)).collect()
}

fn new_secret(app: &App, issuer_id: Uuid, endpoint_id: Uuid) -> Result<(Secret, Vec<u8>), WebhookError> {
    let secret = Secret::new(Zeroizing::new(app.ids.secret().to_vec()));
    let sealed = app.vault.seal_secret(issuer_id, &Endpoint::secret_name(endpoint_id), secret.bytes());
    Ok((secret, sealed.map_err(|error| WebhookError::Vault(error.to_string()))?))
}

/// All that is wrong with what was sent. Where its address leads is looked at when it changes or something is to be sent
/// there again: an endpoint whose name is gone can still be disabled. Every delivery looks for itself.
async fn check(app: &App, kept: Option<&Endpoint>, body: &PutWebhookEndpoint) -> Result<(), WebhookError> {
    let mut errors = FieldErrors::default();
    if body.description.chars().count() > DESCRIPTION_MAX {
        errors.add("/description", FieldCode::TooLong);
    } else if body.description.chars().any(char::is_control) {
        errors.add("/description", FieldCode::Characters);
    }
    let known = kept.is_some_and(|kept| kept.url == body.url && (kept.enabled || !body.enabled));
    let examined = if known { Ok(()) } else { app.post.examine(&body.url).await };
    match examined {
        Ok(()) => {}
        Err(AddressFault::Form) => errors.add("/url", FieldCode::WebhookUrl),
        Err(AddressFault::NotPublic) => errors.add("/url", FieldCode::NotPublic),
    }
    if errors.is_empty() { Ok(()) } else { Err(WebhookError::Fields(errors)) }
}

/// Makes an endpoint, or changes it. `true` beside it: it is new, and `secret` says what it signs with.
pub async fn put(
    app: &App,
    by: By<'_>,
    external_id: &str,
    body: &PutWebhookEndpoint,
) -> Result<(bool, WebhookEndpointResource), WebhookError> {
    let known = endpoints::find(&mut app.db.read().await?, by.issuer_id, external_id).await?;
    check(app, known.as_ref(), body).await?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let because = (!body.enabled).then_some(DisabledBecause::ByHand);
    let Some(mut kept) = endpoints::lock(&mut tx, by.issuer_id, external_id).await? else {
        return Ok((true, create(app, tx, by, external_id, body).await?));
    };
    let same = kept.url == body.url
        && kept.description == body.description
        && kept.event_types == body.event_types
        && kept.enabled == body.enabled;
    if same {
        return Ok((false, resource(&mut tx, &kept, now).await?));
    }
    let before = told(&kept);
    kept.url.clone_from(&body.url);
    kept.description.clone_from(&body.description);
    kept.event_types.clone_from(&body.event_types);
    (kept.enabled, kept.disabled_because, kept.updated_at) = (body.enabled, because, now);
    kept.failing_since = None;
    endpoints::update(&mut tx, &kept).await?;
    if kept.enabled {
        deliveries::mark_due(&mut tx, kept.id, now).await?;
    }
    let answer = resource(&mut tx, &kept, now).await?;
    note(&mut tx, by, ("webhook_endpoint.update", external_id), Some(before), told(&kept), now).await?;
    tx.commit().await?;
    Ok((false, answer))
}

async fn create(
    app: &App,
    mut tx: Tx,
    by: By<'_>,
    external_id: &str,
    body: &PutWebhookEndpoint,
) -> Result<WebhookEndpointResource, WebhookError> {
    let now = app.now();
    if endpoints::count(&mut tx, by.issuer_id).await? >= ENDPOINTS_MAX {
        return Err(WebhookError::TooMany);
    }
    let id = app.ids.uuid();
    let (secret, secret_sealed) = new_secret(app, by.issuer_id, id)?;
    let made = Endpoint {
        id,
        issuer_id: by.issuer_id,
        external_id: external_id.to_owned(),
        url: body.url.clone(),
        description: body.description.clone(),
        event_types: body.event_types.clone(),
        secret_sealed,
        previous: None,
        enabled: body.enabled,
        disabled_because: (!body.enabled).then_some(DisabledBecause::ByHand),
        failing_since: None,
        silences: 0,
        created_at: now,
        updated_at: now,
    };
    endpoints::insert(&mut tx, &made).await?;
    let mut answer = resource(&mut tx, &made, now).await?;
    answer.secret = Some(secret.expose());
    note(&mut tx, by, ("webhook_endpoint.create", external_id), None, told(&made), now).await?;
    tx.commit().await?;
    Ok(answer)
}

/// An issuer's endpoints, all of them.
pub async fn list(app: &App, issuer_id: Uuid) -> Result<Vec<WebhookEndpointResource>, WebhookError> {
    let mut conn = app.db.read().await?;
    let mut listed = Vec::new();
    for endpoint in endpoints::list(&mut conn, issuer_id, ENDPOINTS_MAX).await? {
        listed.push(resource(&mut conn, &endpoint, app.now()).await?);
    }
    Ok(listed)
}

/// One of them.
pub async fn get(app: &App, issuer_id: Uuid, external_id: &str) -> Result<WebhookEndpointResource, WebhookError> {
    let mut conn = app.db.read().await?;
    let found = endpoints::find(&mut conn, issuer_id, external_id).await?.ok_or(WebhookError::NotFound)?;
    Ok(resource(&mut conn, &found, app.now()).await?)
}

/// Ends an endpoint: what waits for it is given up.
pub async fn delete(app: &App, by: By<'_>, external_id: &str) -> Result<(), WebhookError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let kept = endpoints::lock(&mut tx, by.issuer_id, external_id).await?.ok_or(WebhookError::NotFound)?;
    if !endpoints::mark_deleted(&mut tx, kept.id, now).await? {
        return Err(WebhookError::NotFound);
    }
    deliveries::park_all(&mut tx, kept.id).await?;
    let gone = serde_json::json!({ "deleted": true });
    note(&mut tx, by, ("webhook_endpoint.delete", external_id), Some(told(&kept)), gone, now).await?;
    Ok(tx.commit().await?)
}

/// A new secret, told once. The one before signs too for the configured hours. Asked again within them (the answer was
/// lost, say) it replaces the newest alone: the one that the receiver has goes on to the end it was given.
pub async fn rotate(app: &App, by: By<'_>, external_id: &str) -> Result<WebhookEndpointResource, WebhookError> {
    let now = app.now();
    let until = now.plus_seconds(app.config.webhooks.secret_overlap_hours.saturating_mul(3_600));
    let mut tx = app.db.begin().await?;
    let kept = endpoints::lock(&mut tx, by.issuer_id, external_id).await?.ok_or(WebhookError::NotFound)?;
    let (secret, sealed) = new_secret(app, by.issuer_id, kept.id)?;
    endpoints::set_secret(&mut tx, kept.id, &sealed, until, now).await?;
    let changed = endpoints::find(&mut tx, by.issuer_id, external_id).await?.ok_or(WebhookError::NotFound)?;
    let mut answer = resource(&mut tx, &changed, now).await?;
    answer.secret = Some(secret.expose());
    let after = serde_json::json!({ "previous_secret_until": answer.previous_secret_until });
    note(&mut tx, by, ("webhook_endpoint.rotate_secret", external_id), None, after, now).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Sends an endpoint an event that means nothing, whatever events it asked for. It has a place in the feed like any.
pub async fn test(app: &App, by: By<'_>, external_id: &str) -> Result<WebhookDeliveryResource, WebhookError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let kept = endpoints::lock(&mut tx, by.issuer_id, external_id).await?.ok_or(WebhookError::NotFound)?;
    if !kept.enabled {
        return Err(WebhookError::Disabled);
    }
    let id = app.ids.uuid();
    let event = (EventKind::WebhookTest, &EventData::default());
    let seq = super::write(&mut tx, &app.ids, now, by.issuer_id, event).await?;
    deliveries::insert(&mut tx, id, (by.issuer_id, kept.id), seq, now).await?;
    let made = deliveries::find(&mut tx, by.issuer_id, id).await?.ok_or(WebhookError::NotFound)?;
    let after = serde_json::json!({ "delivery": id });
    note(&mut tx, by, ("webhook_endpoint.test", external_id), None, after, now).await?;
    tx.commit().await?;
    Ok(shown(app, made))
}

/// An endpoint's deliveries with the place of each, the newest event first.
pub async fn deliveries(
    app: &App,
    (issuer_id, external_id): (Uuid, &str),
    state: Option<DeliveryState>,
    before_seq: Option<i64>,
    limit: i64,
) -> Result<Vec<WebhookDeliveryResource>, WebhookError> {
    let mut conn = app.db.read().await?;
    let endpoint = endpoints::find(&mut conn, issuer_id, external_id).await?.ok_or(WebhookError::NotFound)?;
    let found = deliveries::list(&mut conn, endpoint.id, state, before_seq, limit).await?;
    Ok(found.into_iter().map(|delivery| shown(app, delivery)).collect())
}

/// One delivery with its tries and what it carries.
pub async fn delivery(app: &App, issuer_id: Uuid, id: Uuid) -> Result<WebhookDeliveryResource, WebhookError> {
    let mut conn = app.db.read().await?;
    let found = deliveries::find(&mut conn, issuer_id, id).await?.ok_or(WebhookError::NotFound)?;
    let event = store::find(&mut conn, issuer_id, found.seq).await?;
    let tries = deliveries::list_attempts(&mut conn, id, TRIES_SHOWN).await?;
    Ok(WebhookDeliveryResource { event, tries: Some(tries), ..shown(app, found) })
}

/// Sends a delivery again, wherever it stands, with the same id.
pub async fn resend(app: &App, by: By<'_>, id: Uuid) -> Result<WebhookDeliveryResource, WebhookError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let found = deliveries::find(&mut tx, by.issuer_id, id).await?.ok_or(WebhookError::NotFound)?;
    let endpoint = endpoints::find_by_id(&mut tx, found.endpoint_id).await?.ok_or(WebhookError::NotFound)?;
    if !endpoint.enabled {
        return Err(WebhookError::Disabled);
    }
    deliveries::mark_again(&mut tx, id, now).await?;
    endpoints::end_pause(&mut tx, endpoint.id).await?;
    let again = deliveries::find(&mut tx, by.issuer_id, id).await?.ok_or(WebhookError::NotFound)?;
    let after = serde_json::json!({ "endpoint": endpoint.external_id, "seq": found.seq });
    note(&mut tx, by, ("webhook_delivery.resend", &id.to_string()), None, after, now).await?;
    tx.commit().await?;
    Ok(shown(app, again))
}

/// Sends everything again that was given up at an endpoint. Says how many.
pub async fn resend_parked(app: &App, by: By<'_>, external_id: &str) -> Result<i64, WebhookError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let kept = endpoints::lock(&mut tx, by.issuer_id, external_id).await?.ok_or(WebhookError::NotFound)?;
    if !kept.enabled {
        return Err(WebhookError::Disabled);
    }
    let count = i64::try_from(deliveries::mark_parked_again(&mut tx, kept.id, now).await?).unwrap_or(i64::MAX);
    if count > 0 {
        endpoints::end_pause(&mut tx, kept.id).await?;
        let after = serde_json::json!({ "deliveries": count });
        note(&mut tx, by, ("webhook_endpoint.resend_parked", external_id), None, after, now).await?;
        tx.commit().await?;
    }
    Ok(count)
}

/// An endpoint by our own id, for the letter about it.
pub async fn find_by_id(conn: &mut impl Conn, id: Uuid) -> DbResult<Option<Endpoint>> {
    endpoints::find_by_id(conn, id).await
}

async fn resource(conn: &mut impl Conn, endpoint: &Endpoint, now: Timestamp) -> DbResult<WebhookEndpointResource> {
    let (waiting, parked) = deliveries::count_open(conn, endpoint.id).await?;
    let until = endpoint.previous.as_ref().map(|(_, until)| *until).filter(|until| now < *until);
    Ok(WebhookEndpointResource {
        external_id: endpoint.external_id.clone(),
        url: endpoint.url.clone(),
        description: endpoint.description.clone(),
        event_types: endpoint.event_types.clone(),
        enabled: endpoint.enabled,
        disabled_because: endpoint.disabled_because,
        failing_since: endpoint.failing_since.map(|at| at.to_string()),
        waiting,
        parked,
        secret: None,
        previous_secret_until: until.map(|at| at.to_string()),
        created_at: endpoint.created_at.to_string(),
        updated_at: endpoint.updated_at.to_string(),
    })
}

fn shown(app: &App, delivery: Delivery) -> WebhookDeliveryResource {
    let waits = delivery.state == DeliveryState::Waiting;
    WebhookDeliveryResource {
        id: delivery.id,
        event_id: delivery.event_id,
        seq: delivery.seq,
        kind: delivery.kind,
        state: delivery.state,
        attempts: delivery.attempts,
        attempts_max: Table::of(&app.config.webhooks).attempts_max(),
        next_attempt_at: waits.then(|| delivery.next_attempt_at.to_string()),
        last_status: delivery.last_status,
        last_failure: delivery.last_failure,
        delivered_at: delivery.delivered_at.map(|at| at.to_string()),
        created_at: delivery.created_at.to_string(),
        tries: None,
        event: None,
    }
}

/// For the audit log: never a secret, and of the address no more than its host, since a path may hold one.
fn told(endpoint: &Endpoint) -> serde_json::Value {
    let url = url::Url::parse(&endpoint.url).ok();
    let kinds: Vec<&str> = endpoint.event_types.iter().map(|kind| kind.as_str()).collect();
    serde_json::json!({
        "host": url.as_ref().and_then(|url| url.host_str()), "event_types": kinds, "enabled": endpoint.enabled,
    })
}

async fn note(
    tx: &mut Tx,
    by: By<'_>,
    (act, object_id): (&'static str, &str),
    before: Option<serde_json::Value>,
    after: serde_json::Value,
    now: Timestamp,
) -> DbResult<()> {
    let object_kind = if act.starts_with("webhook_delivery") { "webhook_delivery" } else { "webhook_endpoint" };
    let entry = Entry {
        actor: by.actor,
        on_behalf_of: None,
        issuer_id: Some(by.issuer_id),
        act,
        object_kind,
        object_id,
        before,
        after: Some(after),
        request_id: Some(by.request_id),
    };
    audit::record(tx, now, entry).await
}
