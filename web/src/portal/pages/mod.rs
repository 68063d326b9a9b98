//! The portal's pages. Each owns its data and its faces: loading, empty, failed with a way out, full.

pub mod access;
pub mod account;
mod activate;
pub mod balances;
mod document;
mod documents;
mod history;
mod home;
pub mod payments;
mod recover;
mod register;
mod sign_in;
pub mod signed_out;
mod statements;

use leptos::prelude::*;

use crate::pages::frame;
use crate::portal::app::Page;
use crate::portal::session::Px;

/// Builds a page.
pub fn view(px: Px, page: Page) -> AnyView {
    match page {
        Page::SignIn => sign_in::page(px),
        Page::Register => register::page(px),
        Page::Activate | Page::NewPassword => activate::page(px, page),
        Page::Recover => recover::page(px),
        Page::Account => account::data::page(px),
        Page::Security => account::security::page(px),
        Page::Home => home::page(px),
        Page::Documents => documents::page(px),
        Page::Document(id) => document::page(px, id),
        Page::Statements => statements::page(px),
        Page::Balances => balances::page(px),
        Page::Payments => payments::nameless(px),
        Page::Payment(id) => payments::page(px, id),
        Page::History => history::page(px),
        Page::NotFound => frame::not_found(px.cx, px.cx.t().failure.not_found),
    }
}
