//! The figures by which the house is judged, measured in one run and told as ratios: what our own work costs beyond
//! what must be paid anyway (an RSA signature, a commit on this disk).
//!
//! `make bench` builds what is released and runs this. Every rate is the median of several rounds, and what is compared
//! takes turns, so that a machine that slows down slows both. `--quick` runs each measure once and briefly: to see that
//! it works, not how fast. `--part=programs` runs that part alone; the parts are `seal`, `print`, `portal`, `programs`,
//! `documents` (a million of them; on PostgreSQL too when VENTANILLA_TEST_POSTGRES_URL names a server) and `bundle`.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a measure that cannot go on must stop")]

mod bundle;
mod documents;
mod money;
mod people;
mod portal;
mod print;
mod programs;
mod seal;
mod table;

#[path = "../../tests/it/support/process.rs"]
#[expect(dead_code, reason = "shared with the tests, which use all of it")]
mod process;

use std::time::{Duration, Instant};

/// The same as the program's: what is measured here is what runs there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long and how often things are measured.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Rounds of each measure; the median counts.
    pub rounds: usize,
    /// Length of one round.
    pub round: Duration,
    /// Tickets invoiced through HTTP.
    pub tickets: usize,
    /// Answers of each kind whose times are compared.
    pub answers: usize,
    /// Payments that a bank tells of.
    pub payments: usize,
    /// Documents of the large installation.
    pub documents: u32,
}

impl Effort {
    fn of_the_arguments() -> Effort {
        if std::env::args().any(|argument| argument == "--quick") {
            Effort {
                rounds: 1,
                round: Duration::from_millis(300),
                tickets: 12,
                answers: 10,
                payments: 8,
                documents: 20_000,
            }
        } else {
            Effort {
                rounds: 7,
                round: Duration::from_secs(1),
                tickets: 180,
                answers: 300,
                payments: 200,
                documents: 1_000_000,
            }
        }
    }

    /// Runs `work` over and over for one round: times per second.
    fn rate(&self, mut work: impl FnMut()) -> f64 {
        let (started, mut times) = (Instant::now(), 0_u32);
        while started.elapsed() < self.round {
            work();
            times += 1;
        }
        f64::from(times) / started.elapsed().as_secs_f64()
    }
}

/// Whether a part is measured: all are, unless the arguments name some (`--part=programs`).
fn is_wanted(part: &str) -> bool {
    let mut named = std::env::args().filter_map(|it| it.strip_prefix("--part=").map(str::to_owned)).peekable();
    named.peek().is_none() || named.any(|name| name == part)
}

/// Memory of a process, as Linux counts it in this field of its status.
fn megabytes(process: &str, field: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1_024.0
}

/// The middle one; of an even number, the upper of the two.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let effort = Effort::of_the_arguments();
    let mut table = table::Table;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if is_wanted("seal") {
        seal::measure(effort, &mut table);
    }
    if is_wanted("print") {
        print::measure(effort, &mut table);
    }
    if is_wanted("portal") {
        runtime.block_on(portal::measure(effort, &mut table));
    }
    if is_wanted("programs") {
        runtime.block_on(programs::measure(effort, &mut table));
    }
    if is_wanted("documents") {
        runtime.block_on(documents::measure(effort, &mut table));
    }
    if is_wanted("bundle") {
        bundle::measure(&mut table);
    }
    if cfg!(debug_assertions) {
        eprintln!("Sin optimizar: estas cifras no dicen nada. Las buenas son las de make bench.");
    }
}
