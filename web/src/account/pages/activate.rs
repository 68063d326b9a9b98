//! Where the letters of registering and of recovering lead: a password, and Inicio.
use leptos::prelude::*;

use crate::account::i18n::texts;
use crate::portal::app::Page;
use crate::portal::pages::access::plain;
use crate::portal::session::Px;
use crate::signed::link::{Letter, view};

/// The page; `page` says which letter's link it is.
pub fn page(px: Px, page: Page) -> AnyView {
    let texts = texts(px);
    let t = &texts.join;
    let (path, title, lead, ask) = match page {
        Page::Activate => ("/registrations/confirmations", t.activate_title, t.activate_lead, Page::Register),
        _ => ("/password-recoveries/confirmations", t.new_title, t.new_lead, Page::Recover),
    };
    let letter = Letter { path, title, lead, ask: Some(px.href(ask)), token: px.link_token() };
    let done = Callback::new(move |()| {
        px.link_used();
        px.cx.router.replace(&px.href(Page::Home));
    });
    plain(px, view(px, px.client, letter, (&texts.link, &texts.enter), done))
}
