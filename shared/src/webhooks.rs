//! Bodies about webhooks: where events are sent, and what became of each. Integrators and staff read the same; what
//! stands here may only grow.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::integrators::{EventKind, EventResource};

/// Endpoints of one issuer.
pub const ENDPOINTS_MAX: i64 = 10;
/// Longest address of an endpoint, in characters.
pub const URL_MAX: usize = 500;
/// Longest description of an endpoint, in characters.
pub const DESCRIPTION_MAX: usize = 200;

fn yes() -> bool {
    true
}

/// An endpoint: where events are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutWebhookEndpoint {
    /// An https address on port 443 or 8443 that leads to public addresses only, at most 500 characters.
    #[cfg_attr(feature = "openapi", schema(examples("https://erp.arrayan.example/ventanilla")))]
    pub url: String,
    /// For people, at most 200 characters.
    #[serde(default)]
    pub description: String,
    /// Which events; all, also those of kinds still to come, when empty.
    #[serde(default)]
    pub event_types: Vec<EventKind>,
    /// `false`: nothing is sent, and events that happen meanwhile are not kept for it (`GET /events` has them).
    #[serde(default = "yes")]
    #[cfg_attr(feature = "openapi", schema(default = true))]
    pub enabled: bool,
}

/// Why nothing is sent to an endpoint. New ones may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DisabledBecause {
    /// Somebody said so.
    ByHand,
    /// It answered 410.
    Gone,
    /// Nothing arrived for as long as the installation waits: three days, unless it says otherwise.
    Failing,
}

impl DisabledBecause {
    /// All of them.
    pub const ALL: [DisabledBecause; 3] = [DisabledBecause::ByHand, DisabledBecause::Gone, DisabledBecause::Failing];

    /// As kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            DisabledBecause::ByHand => "by_hand",
            DisabledBecause::Gone => "gone",
            DisabledBecause::Failing => "failing",
        }
    }
}

/// An endpoint as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookEndpointResource {
    /// Yours.
    pub external_id: String,
    /// Where events are sent.
    pub url: String,
    /// For people.
    pub description: String,
    /// Which events; all when empty.
    pub event_types: Vec<EventKind>,
    /// Whether events are sent.
    pub enabled: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_because: Option<DisabledBecause>,
    /// The first failure since something last arrived, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<String>,
    /// Deliveries still to be made.
    pub waiting: i64,
    /// Deliveries that were given up: see `state=parked`.
    pub parked: i64,
    /// What signatures are made with: `whsec_` and base64. Only in the answer that makes it; it is not shown again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Until when the secret before signs too, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_secret_until: Option<String>,
    /// When it was made, RFC 3339 UTC.
    pub created_at: String,
    /// When it was last changed, RFC 3339 UTC.
    pub updated_at: String,
}

/// Where a delivery stands. New states may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It will be tried, again or for the first time.
    Waiting,
    /// The endpoint answered 2xx.
    Delivered,
    /// Given up after the last try; it can be sent again by hand.
    Parked,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [DeliveryState; 3] = [DeliveryState::Waiting, DeliveryState::Delivered, DeliveryState::Parked];

    /// As kept and as asked for.
    pub const fn as_str(self) -> &'static str {
        match self {
            DeliveryState::Waiting => "waiting",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Parked => "parked",
        }
    }
}

/// One event for one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookDeliveryResource {
    /// Ours.
    pub id: Uuid,
    /// The event: also `webhook-id` of every try.
    pub event_id: Uuid,
    /// Its place in the issuer's feed.
    pub seq: i64,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// Where it stands.
    pub state: DeliveryState,
    /// Tries so far; counted anew when it is sent again by hand.
    pub attempts: i64,
    /// Tries before it is given up.
    pub attempts_max: i64,
    /// When it is tried next, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<String>,
    /// HTTP status of the last try, when there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_status: Option<i64>,
    /// Why the last try failed: `status`, `redirect`, `timeout`, `connect`, `address`, `secret`; reasons may be added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<String>,
    /// When it arrived, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<String>,
    /// When it was due first, RFC 3339 UTC.
    pub created_at: String,
    /// Its tries, the oldest first. Only in the answer about a single delivery, and the newest 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<Vec<WebhookAttemptResource>>,
    /// What is sent. Only in the answer about a single delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventResource>,
}

/// One try of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookAttemptResource {
    /// When, RFC 3339 UTC.
    pub at: String,
    /// HTTP status, when there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// Why it failed, as in `last_failure`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// How long it took.
    pub milliseconds: i64,
}

/// How many deliveries will be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookResent {
    /// Deliveries.
    pub deliveries: i64,
}
