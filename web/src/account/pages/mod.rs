//! The account's pages. Each owns its data and its faces: loading, empty, failed with a way out, full.

mod account;
mod activate;
mod first_entry;
mod first_password;
mod invitation;
mod new_email;
mod privacy_notice;
mod recover;
mod register;
mod sent;

use leptos::prelude::*;

use crate::account::i18n::texts;
use crate::pages::frame::notice;
use crate::portal::app::Page;
use crate::portal::pages::not_found;
use crate::portal::session::Px;

/// What whoever makes an account accepts with it.
fn accepts(px: Px) -> AnyView {
    view! { <p class="sm muted">{texts(px).privacy.by_entering}" "{notice(px.cx)}</p> }.into_any()
}

/// Builds a page.
pub fn view(px: Px, page: Page) -> AnyView {
    match page {
        Page::Register => register::page(px),
        Page::Activate | Page::NewPassword => activate::page(px, page),
        Page::NewEmail => new_email::page(px),
        Page::Recover => recover::page(px),
        Page::Account => account::data::page(px),
        Page::Security => account::security::page(px),
        Page::FirstPassword => first_password::page(px),
        Page::People => account::people::page(px),
        Page::Privacy => account::privacy::page(px),
        Page::Notice => privacy_notice::page(px),
        Page::Invitation => invitation::page(px),
        // Every other address is drawn by another program.
        _ => not_found(px),
    }
}
