//! Log lines: to standard error, in UTC, one per fact, filtered by `RUST_LOG`.
use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// What is written when `RUST_LOG` does not say.
const DEFAULT_FILTER: &str = "info,sqlx=warn,actix_server=warn";

/// Starts the log of this process, as JSON or as lines for people. A second call changes nothing.
pub fn init(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let started = if json {
        lines.json().flatten_event(true).try_init()
    } else {
        lines.with_ansi(std::io::stderr().is_terminal()).try_init()
    };
    if started.is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            // Where, not what: the message of a panic may quote somebody's data.
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "a panic");
        }));
    }
}
