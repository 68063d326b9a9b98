//! What the server and the browser both know: the bodies of requests and answers, the rules that turn what a
//! person typed into types that cannot be wrong, and the table of everything that can go wrong with its words.
//!
//! No I/O, no clock, no database: it compiles to WASM. Wire types are plain (`snake_case`, unknown fields refused,
//! amounts as decimal text beside a currency); `form.parse()` gives the parsed type or **all** field errors.
#![deny(missing_docs)]

pub mod accounts;
pub mod billing;
pub mod console;
pub mod documents;
pub mod guests;
pub mod integrators;
pub mod issuer_settings;
pub mod issuers;
pub mod lang;
pub mod mail;
pub mod page;
pub mod pages;
pub mod payments;
pub mod privacy;
pub mod problem;
pub mod problem_text;
pub mod profiles;
pub mod rehearsal;
pub mod staff;
pub mod tickets;
pub mod time;
pub mod webhooks;

pub use fiscal;
pub use lang::Lang;
pub use problem::{FieldCode, FieldError, FieldErrors, Problem, ProblemCode};
