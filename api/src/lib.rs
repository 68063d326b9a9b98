//! Ventanilla's server. The tour of the house:
//!
//! - `http`, `db`, `jobs`, `files`, `mail`, `audit`, `counters`, `catalogs`: what every domain needs and none owns; they know no domain word.
//! - `accounts` (people, sessions) and `issuers` (companies, branches, certificates), then `tickets`, `documents`, then `billing` (ticket → sealed →
//!   stamped → delivered), then `payments` (owed → reserved → bank → ledger): each may call the services of those before it, never their tables.
//! - `integrators`: keys, and the versioned API of tills and ERPs, over all of those. `webhooks`: the outbox it reads, which knows no domain.
//! - `sandbox`: the rehearsal's PAC, a server of its own with a database of its own, reached over HTTP.
//! - `demo`: the rehearsal's companies and tickets. `ops`: what an operator types. `metrics`: figures for whoever watches.
//!
//! State is passed: [`App`] to services, `&mut Tx` to writes. Time and chance come from [`clock`].
#![deny(missing_docs)]

pub mod accounts;
pub mod audit;
pub mod billing;
pub mod catalogs;
pub mod clock;
pub mod config;
pub mod counters;
pub mod db;
pub mod demo;
pub mod documents;
pub mod failpoint;
pub mod files;
pub mod http;
pub mod installation;
pub mod integrators;
pub mod issuers;
pub mod jobs;
pub mod keyfile;
pub mod mail;
pub mod metrics;
pub mod ops;
pub mod payments;
pub mod proof;
pub mod sandbox;
pub mod serve;
pub mod threads;
pub mod tickets;
pub mod webhooks;

mod app;

pub use app::App;
