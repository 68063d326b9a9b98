//! The pages that make an account and keep it: registering, the letters' links, recovering, «Mi cuenta». A program of its
//! own, since the portal's must stay light and these pages are seldom opened.
//!
//! It shares the portal's frame, session and map, and refers to none of its pages nor to their words.
pub mod i18n;
pub mod pages;

/// Puts the account's pages in place of what `account.html` shows while it loads.
pub fn start() {
    crate::start_with(app, shared::problem_text::for_customers);
}

fn app() -> leptos::prelude::AnyView {
    crate::portal::app::customers(pages::view)
}
