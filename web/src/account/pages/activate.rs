//! Where the letters of registering and of recovering lead: a password and the landing; or, where a temporary password is
//! in the same letter, word that the link did its part.
use leptos::prelude::*;
use shared::accounts::Secret;
use shared::accounts::entry::{AfterLink, LinkOpened, OpenLink};
use shared::profiles::{FirstEntry, Recovery};

use crate::account::i18n::texts;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::live::part;
use crate::components::skeleton::skeleton;
use crate::pages::failure;
use crate::portal::app::Page;
use crate::portal::pages::access::plain;
use crate::portal::session::Px;
use crate::session::{Load, load};
use crate::signed::link::{Letter, view};
use crate::signed::meaning;

/// The page; `page` says which letter's link it is.
pub fn page(px: Px, page: Page) -> AnyView {
    let profile = px.profile();
    let both = match page {
        Page::Activate => profile.first_entry == FirstEntry::TemporaryPassword,
        _ => profile.recovery == Recovery::LinkAndTemporary,
    };
    match px.link_token() {
        Some(token) if both => plain(px, opening(px, page, token)),
        _ => plain(px, choice(px, page)),
    }
}

/// A password chosen with the link.
fn choice(px: Px, page: Page) -> AnyView {
    let texts = texts(px);
    let t = &texts.join;
    let (path, title, lead, ask) = match page {
        Page::Activate => ("/registrations/confirmations", t.activate_title, t.activate_lead, Page::Register),
        _ => ("/password-recoveries/confirmations", t.new_title, t.new_lead, Page::Recover),
    };
    let rule = px.profile().password;
    let letter = Letter { path, title, lead, rule, ask: Some(px.href(ask)), token: px.link_token() };
    let done = Callback::new(move |()| {
        px.link_used();
        px.cx.router.replace(&px.href(px.landing()));
    });
    let accepts = (page == Page::Activate).then(|| super::accepts(px));
    view! { {view(px, px.client, letter, (&texts.link, &texts.enter), done)}{accepts} }.into_any()
}

/// Opens the link: the temporary password of the same letter signs in from here on (C20, C21).
fn opening(px: Px, page: Page, token: Secret) -> AnyView {
    let (what, ask) = match page {
        Page::Activate => ("registrations", Page::Register),
        _ => ("password-recoveries", Page::Recover),
    };
    let face = RwSignal::new(Load::<LinkOpened>::Loading);
    load(face, async move { px.client.open_link(what, &OpenLink { token }).await });
    part(move || {
        let t = texts(px);
        Some(face.with(|face| match face {
            Load::Loading => skeleton(px.cx.t().shell.loading, 2),
            Load::Failed(why) => {
                let another = button::link("btn btn--2", px.href(ask), t.link.ask_link);
                meaning::failed(px.cx, failure::face(px.cx.t(), why), vec![another])
            }
            Load::Ready(LinkOpened { next: AfterLink::ChoosePassword }) => choice(px, page),
            Load::Ready(LinkOpened { next: AfterLink::SignIn }) => {
                let p = &t.profiles;
                let (title, lead) = match page {
                    Page::Activate => (p.registered, p.registered_lead),
                    _ => (p.opened, p.opened_lead),
                };
                px.set_title(title);
                let way = button::link("btn", px.href(Page::SignIn), px.common().enter.enter);
                empty(1, title.to_owned(), vec![lead.to_owned()], vec![way])
            }
        }))
    })
}
