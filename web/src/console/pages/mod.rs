//! The console's pages. Each owns its data and its faces: loading, empty, failed with a way out, full.

pub mod access;
mod customers;
mod documents;
mod issuer;
mod keys;
mod log;
pub mod payments;
mod privacy;
mod security;
mod staff;
mod till_keys;
mod webhooks;

use leptos::prelude::*;

use crate::components::button;
use crate::components::empty::empty;
use crate::console::app::{Area, Page};
use crate::console::session::Sx;
use crate::console::shell::framed;
use crate::pages::frame;

/// What a person who comes in sees first.
pub const FIRST: Area = Area::Customers;

/// Builds a page.
pub fn view(sx: Sx, page: &Page) -> AnyView {
    match page {
        Page::SignIn => access::sign_in(sx),
        Page::Invitation => access::invitation(sx),
        Page::NewPassword => access::new_password(sx),
        Page::Security => security::page(sx),
        Page::NewIssuer => issuer::founding::page(sx),
        // An issuer that is not theirs looks like one that does not exist.
        Page::At(..) if sx.issuer().is_none() => not_found(sx),
        Page::At(_, area) => of_issuer(sx, *area),
        Page::Home | Page::NotFound => not_found(sx),
    }
}

fn of_issuer(sx: Sx, area: Area) -> AnyView {
    match area {
        Area::Customers => customers::page(sx),
        Area::Customer(id) => customers::one::page(sx, id),
        Area::Documents => documents::page(sx),
        // A role that would only be refused is told so by the server's words.
        Area::Keys => keys::page(sx),
        Area::Hooks => webhooks::page(sx),
        Area::Staff => staff::page(sx),
        Area::Log => log::page(sx),
        Area::Privacy => privacy::page(sx),
        Area::Issuer => issuer::page(sx),
        Area::Branches => issuer::branches::page(sx),
        Area::NewBranch => issuer::branch::page(sx, None),
        Area::Branch(id) => issuer::branch::page(sx, Some(id)),
        Area::Seals => issuer::seals::page(sx),
        // The payments are drawn by a program of their own.
        Area::Payments | Area::Payment(_) | Area::Reviews | Area::Files | Area::File(_) | Area::Rates => not_found(sx),
    }
}

fn not_found(sx: Sx) -> AnyView {
    let t = &sx.t().shell;
    if sx.me().is_none() {
        return frame::not_found(sx.cx, sx.cx.t().failure.not_found);
    }
    sx.set_title(t.not_yours);
    let way = button::link("btn", Page::Home.path(), t.home);
    framed(sx, frame::card(empty(1, t.not_yours.to_owned(), vec![t.not_yours_words.to_owned()], vec![way])))
}
