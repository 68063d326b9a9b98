//! Issuing: ticket → draft → sealed → stamped → delivered.
//!
//! Promises: one ticket, one CFDI, however often and from wherever it is asked for; what we sealed is committed
//! before the PAC hears of it, so nothing stamped is ever lost; after any crash the same bytes are sent again, until the
//! SAT refuses their date: then the same document is dated and sealed anew.
//! What it does not do: change a ticket's or a document's rows itself (their domains do), or talk to a mail server.
mod asker;
pub mod awaited;
pub mod draft;
mod events;
pub mod folios;
pub mod follow;
pub mod guests;
pub mod jobs;
mod letters;
pub mod model;
pub mod pac;
mod ready;
mod reseal;
mod routes;
pub mod service;
mod store;
pub mod verify;
mod view;

pub use awaited::routes::configure as configure_root;
pub use routes::configure;
