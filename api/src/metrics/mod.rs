//! Figures for whoever watches the installation, as a Prometheus server reads them (OpenMetrics text).
//!
//! Off unless a setting turns it on. What happens is counted in this process, by additions that no request waits for;
//! what stands still to be looked at (queues, connections, the circuit) is read when somebody asks. A label is one of few
//! words of ours: a route's pattern, a kind of work, an outcome. No address, id, name or amount is in any.
mod read;
pub mod routes;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::App;
use crate::db::Timestamp;

/// Labels and their values.
type Labels<const N: usize> = [(&'static str, &'static str); N];
/// The same, with a route's pattern among them.
type RequestLabels = [(&'static str, Cow<'static, str>); 3];

/// What no route of ours answered: one label, whatever was asked for.
const NO_ROUTE: &str = "other";
/// Upper ends of the histogram's buckets, in seconds: from a page out of memory to a stamp that was waited for.
const SECONDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0];

/// What is counted in this process.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<Labels<1>, Histogram>,
    jobs: Family<Labels<2>, Counter>,
    stamps: Family<Labels<1>, Counter>,
    letters: Family<Labels<1>, Counter>,
    webhooks: Family<Labels<1>, Counter>,
    payments: Family<Labels<1>, Counter>,
}

impl Metrics {
    /// Nothing counted yet; the process began now.
    pub fn new(now: Timestamp) -> Metrics {
        let make: fn() -> Histogram = || Histogram::new(SECONDS);
        let mut registry = Registry::default();
        let began: Gauge = Gauge::default();
        began.set(now.jiff().as_second());
        registry.register("process_start_time_seconds", "When this process began, in seconds since 1970", began);
        let metrics = Metrics {
            registry,
            requests: Family::default(),
            seconds: Family::new_with_constructor(make),
            jobs: Family::default(),
            stamps: Family::default(),
            letters: Family::default(),
            webhooks: Family::default(),
            payments: Family::default(),
        };
        metrics.registered()
    }

    fn registered(mut self) -> Metrics {
        let to = &mut self.registry;
        to.register("ventanilla_http_requests", "Requests that were answered", self.requests.clone());
        to.register("ventanilla_http_request_seconds", "How long their answers took", self.seconds.clone());
        to.register("ventanilla_jobs", "Runs of background work, by how they ended", self.jobs.clone());
        to.register("ventanilla_stamps", "Questions to the PAC, by its answer", self.stamps.clone());
        to.register("ventanilla_letters", "Tries to send a letter, by how they ended", self.letters.clone());
        to.register("ventanilla_webhook_deliveries", "Tries to deliver a webhook", self.webhooks.clone());
        to.register("ventanilla_payment_events", "What was decided about payments", self.payments.clone());
        self
    }

    /// A request was answered.
    pub fn request(&self, method: &str, route: Option<&str>, status: u16, took: Duration) {
        const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        // A stranger may call a method anything.
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or(NO_ROUTE);
        let class = match status {
            100..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            _ => "5xx",
        };
        let surface = match route {
            Some(route) if route.starts_with("/api/integrators/") => "integrators",
            Some(route) if route.starts_with("/api/v1/") => "portal",
            _ => NO_ROUTE,
        };
        let route = route.map_or(Cow::Borrowed(NO_ROUTE), |route| Cow::Owned(route.to_owned()));
        let labels = [("method", Cow::Borrowed(method)), ("route", route), ("status", Cow::Borrowed(class))];
        self.requests.get_or_create(&labels).inc();
        self.seconds.get_or_create(&[("surface", surface)]).observe(took.as_secs_f64());
    }

    /// A run of background work ended: `done`, `again` or `parked`.
    pub fn job(&self, kind: &'static str, outcome: &'static str) {
        self.jobs.get_or_create(&[("kind", kind), ("outcome", outcome)]).inc();
    }

    /// The PAC was asked (`stamped`, `refused`, `silent`), or was not because it is silent (`not_asked`).
    pub fn stamp(&self, outcome: &'static str) {
        self.stamps.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// A letter was tried: `sent`, `again`, `refused` or `parked`.
    pub fn letter(&self, outcome: &'static str) {
        self.letters.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// A webhook was tried: `delivered`, `again` or `parked`.
    pub fn webhook(&self, outcome: &'static str) {
        self.webhooks.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// Something was decided about a payment, and is committed: the kind of its event.
    pub fn payment(&self, event: &'static str) {
        self.payments.get_or_create(&[("event", event)]).inc();
    }
}

/// All figures as text.
pub async fn render(app: &App) -> Result<String, fmt::Error> {
    let seen = read::registry(app).await;
    let mut text = String::new();
    encode_registry(&mut text, &app.metrics.registry)?;
    encode_registry(&mut text, &seen)?;
    encode_eof(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics() -> Metrics {
        Metrics::new(Timestamp::new("2026-11-18T18:00:00Z".parse().unwrap()))
    }

    fn text(metrics: &Metrics) -> String {
        let mut text = String::new();
        encode_registry(&mut text, &metrics.registry).unwrap();
        text
    }

    #[test]
    fn what_strangers_ask_for_makes_no_labels() {
        let metrics = metrics();
        for method in ["GET", "BREW", "STEEP", "x"] {
            metrics.request(method, None, 404, Duration::from_millis(3));
        }
        let text = text(&metrics);
        assert!(
            text.contains(r#"ventanilla_http_requests_total{method="GET",route="other",status="4xx"} 1"#),
            "{text}"
        );
        assert!(
            text.contains(r#"ventanilla_http_requests_total{method="other",route="other",status="4xx"} 3"#),
            "{text}"
        );
        assert!(text.contains(r#"ventanilla_http_request_seconds_count{surface="other"} 4"#), "{text}");
        assert!(text.contains("process_start_time_seconds 1795024800"), "{text}");
    }

    #[test]
    fn a_request_is_counted_by_its_pattern_and_its_class() {
        let metrics = metrics();
        let route = Some("/api/v1/issuers/{slug}/branches");
        for status in [200, 204, 304, 422, 503] {
            metrics.request("GET", route, status, Duration::from_millis(7));
        }
        metrics.request("PUT", Some("/api/integrators/v1/tickets/{external_id}"), 201, Duration::from_secs(2));
        let text = text(&metrics);
        for (class, count) in [("2xx", 2), ("3xx", 1), ("4xx", 1), ("5xx", 1)] {
            let line = format!(
                "ventanilla_http_requests_total{{method=\"GET\",route=\"/api/v1/issuers/{{slug}}/branches\",status=\"{class}\"}} {count}"
            );
            assert!(text.contains(&line), "{line}\n{text}");
        }
        assert!(text.contains(r#"ventanilla_http_request_seconds_bucket{le="0.01",surface="portal"} 5"#), "{text}");
        assert!(text.contains(r#"ventanilla_http_request_seconds_bucket{le="1.0",surface="integrators"} 0"#), "{text}");
        assert!(text.contains(r#"ventanilla_http_request_seconds_bucket{le="5.0",surface="integrators"} 1"#), "{text}");
    }
}
