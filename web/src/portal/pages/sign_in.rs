//! The way in, as the issuer's profile has it: beside the door for a paper ticket; in a block at the right (C3); or under
//! the portal's name (K1).
use leptos::prelude::*;
use shared::profiles::{FirstEntry, HomeFace};

use super::access::column;
use crate::app::{MAIN, Page as GuestPage};
use crate::browser;
use crate::components::button;
use crate::components::note::{Tone, note};
use crate::i18n::fill;
use crate::pages::frame::foot;
use crate::pages::home::picture;
use crate::portal::app::Page;
use crate::portal::i18n::access::Entrance;
use crate::portal::session::Px;
use crate::portal::shell::brand;
use crate::signed::enter::Way;

/// The page.
pub fn page(px: Px) -> AnyView {
    let t = px.t();
    match px.profile().home {
        HomeFace::Doors => beside_the_door(px),
        HomeFace::CustomersBlock => block(px, &t.cit),
        HomeFace::CustomersPortal => portal(px, &t.canon),
        HomeFace::Wizard => panel(px, &t.ticket),
    }
}

fn beside_the_door(px: Px) -> AnyView {
    let (cx, t) = (px.cx, &px.t().access);
    let home = &cx.t().home;
    // Where a person with a session goes from here is the frame's to say.
    let way = Way::new(px, px.client, &px.common().enter, None, Callback::new(|()| {}));
    let forgot = move || view! { <p class="sm"><a href=px.href(Page::Recover)>{t.forgot}</a></p> }.into_any();
    let content = view! {
        {way.view(forgot)}
        <p class="actions sm muted">{t.no_access}" "<a href=px.href(Page::Register)>{t.register}</a></p>
        {rehearse(px)}
    };
    view! {
        <div class="auth">
            {column(px, content.into_any())}
            <aside class="auth__door" aria-label=t.door>
                <div class="ticket-wrap" aria-hidden="true">{picture(cx)}</div>
                <div><h2>{home.title}</h2><p>{home.lead}</p></div>
                {button::link("btn btn--2 btn--lg", cx.href(GuestPage::Branch), home.start)}
            </aside>
        </div>
    }
    .into_any()
}

/// The form of a profile's entrance, with the ways it names.
fn entrance(px: Px, t: &'static Entrance, register: bool) -> AnyView {
    let mut way = Way::new(px, px.client, &t.enter, None, Callback::new(|()| {}));
    if px.profile().first_entry == FirstEntry::Activation {
        way = way.with_first_entry(Callback::new(move |()| px.go(Page::Register)));
    }
    let ways = move || {
        let register = register.then(|| view! { <p class="sm"><a href=px.href(Page::Register)>{t.register}</a></p> });
        view! { <p class="sm"><a href=px.href(Page::Recover)>{t.forgot}</a></p>{register} }.into_any()
    };
    way.view(ways)
}

/// What the issuer is on the left, «Clientes» on the right.
fn block(px: Px, t: &'static Entrance) -> AnyView {
    let name = px.cx.with_issuer(|issuer| issuer.commercial_name.clone()).unwrap_or_default();
    view! {
        <div class="auth">
            <div class="auth__form">
                <header>{brand(px, Page::SignIn)}</header>
                <section class="auth__box">
                    <p class="h1">{name}</p>
                    <p class="lead">{t.about}</p>
                </section>
                {foot(px.cx, "foot")}
            </div>
            <main class="auth__form" id=MAIN tabindex="-1">
                <div></div>
                <div class="auth__box card card__body">{entrance(px, t, true)}{rehearse(px)}</div>
            </main>
        </div>
    }
    .into_any()
}

/// «Portal clientes» and whom to write to (K1, K5, K6).
fn portal(px: Px, t: &'static Entrance) -> AnyView {
    let (year, _) = browser::this_month();
    let support = px.cx.with_issuer(|issuer| issuer.support_email.clone()).unwrap_or_default();
    let name = px.cx.with_issuer(|issuer| issuer.commercial_name.clone()).unwrap_or_default();
    let content = view! {
        {entrance(px, t, false)}
        {note(Tone::Info, Some(t.note_title.to_owned()), fill(t.about, &[&support]))}
        {rehearse(px)}
        <p class="sm muted">{[&name, " © ", &year.to_string(), "."].concat()}</p>
    };
    view! { <div class="auth auth--plain">{column(px, content.into_any())}</div> }.into_any()
}

/// The panel's own way in, beside the wizard (T20).
fn panel(px: Px, t: &'static Entrance) -> AnyView {
    let (cx, home) = (px.cx, &px.cx.t().home);
    let content = view! { {entrance(px, t, false)}{rehearse(px)} };
    view! {
        <div class="auth">
            {column(px, content.into_any())}
            <aside class="auth__door" aria-label=px.t().access.door>
                <div class="ticket-wrap" aria-hidden="true">{picture(cx)}</div>
                <div><h2>{home.title}</h2><p>{t.about}</p></div>
                {button::link("btn btn--2 btn--lg", cx.href(GuestPage::Branch), home.start)}
            </aside>
        </div>
    }
    .into_any()
}

fn rehearse(px: Px) -> Option<AnyView> {
    if !px.cx.with_issuer(|issuer| issuer.rehearsal).unwrap_or_default() {
        return None;
    }
    let t = &px.t().access;
    let view = view! {
        <section class="rehearse stack stack-2" aria-labelledby="rehearse">
            <h2 id="rehearse">{t.rehearse}</h2>
            <p class="sm muted">{t.rehearse_lead}</p>
            <p class="sm"><a href=px.cx.href(GuestPage::Rehearsal)>{t.rehearse_use}</a></p>
        </section>
    };
    Some(view.into_any())
}
