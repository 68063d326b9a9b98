//! The companies that issue: their names, branches, brand and certificates.
//!
//! Promises: a row of one issuer is reached only through its [`Scope`]; a sealing key leaves [`custody`] only as
//! something that can sign, after every check of who may sign what and when; nothing but six hexadecimal digits of
//! an issuer's brand reaches a style sheet; a logo is nothing but shapes or pixels. It does not seal documents (billing does) and knows no ticket.
pub mod custody;
pub mod logo;
pub mod model;
pub mod notices;
pub mod profiles;
pub mod routes;
pub mod service;
pub mod settings;
mod store;
mod vault;

pub use model::{Branch, BranchId, BrandColor, CsdId, Issuer, IssuerId, Scope, fold_search};
