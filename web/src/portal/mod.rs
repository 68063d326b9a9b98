//! The portal of customers: the program with the way in and what a signed-in person does with documents, and the
//! frame that the programs of the account and of payments share. The guest's program never refers to it, so that a shopper does not
//! download it.
//!
//! It promises that the access token stays in memory, that an expired session takes nothing typed or chosen away,
//! and that what a person had on the page is forgotten when they leave. It decides nothing about documents or money.
//! Only `api` knows addresses of the API, only `app` those of pages.

pub mod api;
pub mod app;
pub mod bundles;
pub mod i18n;
pub mod icons;
pub mod language;
pub mod pages;
pub mod session;
pub mod shell;
pub mod tiles;

pub use crate::signed::{form, password};

/// Puts the portal in place of what `portal.html` shows while it loads.
pub fn start() {
    crate::start_with(portal, shared::problem_text::for_customers);
}

fn portal() -> leptos::prelude::AnyView {
    app::customers(pages::view)
}
