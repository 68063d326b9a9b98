//! What is read when somebody asks: how much waits, since when, and how much of what is limited is in use.
use std::time::Duration;

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::Labels;
use crate::App;
use crate::db::DbResult;
use crate::{jobs, payments};

/// Longest wait for the database; after it the figures come without what only it knows.
const READ_TIME: Duration = Duration::from_secs(2);

/// What the database says.
struct Waiting {
    due: i64,
    oldest_seconds: i64,
    parked: i64,
    reviews: i64,
}

pub(super) async fn registry(app: &App) -> Registry {
    let mut registry = Registry::default();
    let to = &mut registry;
    let waiting = match tokio::time::timeout(READ_TIME, waiting(app)).await {
        Ok(Ok(waiting)) => Some(waiting),
        Ok(Err(error)) => {
            tracing::debug!(error = &error as &dyn std::error::Error, "the figures come without the database's");
            None
        }
        Err(_late) => None,
    };
    gauge(to, "ventanilla_database_up", "Whether the database answered now", waiting.is_some().into());
    if let Some(waiting) = waiting {
        gauge(to, "ventanilla_jobs_due", "Background work that could run now", waiting.due);
        gauge(to, "ventanilla_jobs_oldest_due_seconds", "How long the oldest of it has waited", waiting.oldest_seconds);
        gauge(
            to,
            "ventanilla_jobs_parked",
            "Background work that was given up: `ventanilla jobs list` says why",
            waiting.parked,
        );
        gauge(to, "ventanilla_payment_reviews_open", "Payments that somebody must look at", waiting.reviews);
    }
    gauge(to, "ventanilla_pac_circuit_open", "Whether the PAC is silent and left alone", app.circuit.is_open().into());
    let (running, waiting) = app.hasher.queue();
    gauge(to, "ventanilla_password_hashes_running", "Passwords being hashed", number(running));
    gauge(to, "ventanilla_password_hashes_waiting", "Passwords that wait to be hashed", number(waiting));
    let connections: Family<Labels<2>, Gauge> = Family::default();
    for (pool, open, idle) in app.db.connections() {
        connections.get_or_create(&[("pool", pool), ("state", "idle")]).set(number(idle));
        connections.get_or_create(&[("pool", pool), ("state", "used")]).set(number(open.saturating_sub(idle)));
    }
    to.register("ventanilla_database_connections", "Connections to the database", connections);
    registry
}

fn gauge(to: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge: Gauge = Gauge::default();
    gauge.set(value);
    to.register(name, help, gauge);
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

async fn waiting(app: &App) -> DbResult<Waiting> {
    let (mut conn, now) = (app.db.read().await?, app.now());
    let oldest = jobs::oldest_due(&mut conn, now).await?;
    Ok(Waiting {
        due: jobs::due_count(&mut conn, now).await?,
        oldest_seconds: oldest.map_or(0, |oldest| now.seconds_since(oldest)),
        parked: jobs::count_parked(&mut conn).await?,
        reviews: payments::reviews::count_open(&mut conn).await?,
    })
}
