//! The house as a whole: the real server on a free port, on both engines, with its own sandbox PAC and mailbox.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must stop")]

mod accounts;
mod audit;
mod db;
mod demo;
mod documents;
mod faults;
mod files;
mod floods;
mod guests;
mod http;
mod integrators;
mod issuers;
mod jobs;
mod mail;
mod mailboxes;
mod metrics;
mod ops;
mod payments;
mod queue;
mod sandbox;
mod signed;
mod support;
mod tidy;
mod walls;
