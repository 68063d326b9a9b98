//! A customer's balances, the way to the bank and back, and the history of payments: a program of its own, since the
//! portal's must stay light and not everybody pays here.
//!
//! It shares the portal's frame, session and map, and refers to none of its pages nor to their words.
pub mod balances;
mod copy;
mod history;
pub mod journey;
mod taking;
pub mod words;

use leptos::prelude::*;

use crate::portal::app::Page;
use crate::portal::pages::not_found;
use crate::portal::session::Px;

/// Puts the payments' pages in place of what `payments.html` shows while it loads.
pub fn start() {
    crate::start_with(app, shared::problem_text::for_customers);
}

fn app() -> AnyView {
    crate::portal::app::customers(view)
}

fn view(px: Px, page: Page) -> AnyView {
    match page {
        Page::Balances => balances::page(px),
        Page::Payments => journey::nameless(px),
        Page::Payment(id) => journey::page(px, id),
        Page::History => history::page(px),
        // Every other address is drawn by another program.
        _ => not_found(px),
    }
}
