//! The pages. Each owns its data and its faces: loading, empty, failed with a way out, full. Words come from `i18n`,
//! parts from `components`, answers from `api`.

pub mod failure;
pub mod frame;
pub mod home;
mod invoice;
mod rehearsal;

use leptos::prelude::*;

use crate::app::Page;
use crate::session::Cx;

/// Builds a page.
pub fn view(cx: Cx, page: Page) -> AnyView {
    match page {
        Page::Home => home::page(cx),
        Page::Branch => invoice::branch::page(cx),
        Page::Rfc => invoice::rfc::page(cx),
        Page::Ticket => invoice::ticket::page(cx),
        Page::Receptor => invoice::receptor::page(cx),
        Page::Review => invoice::review::page(cx),
        Page::Invoice(id) => invoice::result::page(cx, id),
        Page::Rehearsal => rehearsal::page(cx),
        // Every other address is drawn by another program.
        _ => frame::not_found(cx, cx.words().failure.not_found),
    }
}
