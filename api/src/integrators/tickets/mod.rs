//! Sales that tills send: one by one, or a stream of them.
//!
//! Promises: a sale is named by the integrator's own id, so sending it again does nothing; every wrong field is told
//! at once; a sale that comes in can be invoiced to the cent. Once its invoice is being made it no longer changes.
pub mod bulk;
pub mod form;
pub mod routes;
pub mod service;
