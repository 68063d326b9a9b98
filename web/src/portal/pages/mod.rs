//! The portal's pages. Each owns its data and its faces: loading, empty, failed with a way out, full.

pub mod access;
mod company;
mod document;
mod documents;
mod home;
mod mailbox;
mod owed;
mod shared_document;
mod sign_in;
mod statements;

use leptos::prelude::*;

use crate::components::button;
use crate::components::empty::empty;
use crate::pages::frame;
use crate::portal::app::Page;
use crate::portal::session::Px;
use crate::portal::shell::page;

/// There is no such page; a person stays in the portal.
pub fn not_found(px: Px) -> AnyView {
    let t = &px.cx.t().failure;
    if px.me_untracked().is_none() {
        return frame::not_found(px.cx, t.not_found);
    }
    px.set_title(t.not_found);
    let way = button::link("btn", px.href(Page::Home), t.home);
    let words = vec![t.not_found_text.to_owned()];
    page(px, Page::NotFound, frame::card(empty(1, t.not_found.to_owned(), words, vec![way])))
}

/// Builds a page.
pub fn view(px: Px, page: Page) -> AnyView {
    match page {
        Page::SignIn => sign_in::page(px),
        Page::Home => home::page(px),
        Page::Documents => documents::page(px),
        Page::Document(id) => document::page(px, id),
        Page::Statements => statements::page(px),
        Page::Mailbox => mailbox::list(px),
        Page::Letter(id) => mailbox::letter(px, id),
        Page::Shared => shared_document::page(px),
        // The pages of the account and of payments are drawn by other programs.
        _ => not_found(px),
    }
}
