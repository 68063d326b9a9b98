//! Webhook endpoints by the integrator's own ids. What is sent, when and how, `crate::webhooks` knows.
pub mod letters;
pub mod routes;
