//! The way into the console: password and code, the letters' links, and the second step's first day.
use leptos::prelude::*;
use shared::profiles::PasswordRule;

use crate::app::MAIN;
use crate::console::app::Page;
use crate::console::session::Sx;
use crate::pages::frame::{brand_to, foot};
use crate::signed::enter::Way;
use crate::signed::factor;
use crate::signed::link::{self, Letter};

fn plain(sx: Sx, content: AnyView) -> AnyView {
    view! {
        <div class="auth auth--plain">
            <div class="auth__form">
                <header>{brand_to(sx.cx, Page::SignIn.path(), sx.t().shell.tagline)}</header>
                <main class="auth__box" id=MAIN tabindex="-1">{content}</main>
                {foot(sx.cx, "foot")}
            </div>
        </div>
    }
    .into_any()
}

/// «Entrar a la consola».
pub fn sign_in(sx: Sx) -> AnyView {
    let t = &sx.t().shell;
    // Where a person with a session goes from here is the frame's to say.
    let way = Way::new(sx, sx.client, &sx.t().enter, None, Callback::new(|()| {}));
    let forgot = move || view! { <p class="sm"><a href="/recuperar">{t.forgot}</a></p> }.into_any();
    let content = view! {
        {way.view(forgot)}
        <p class="actions sm muted">{t.customers_door}" "<a href="/entrar">{t.customers_door_link}</a></p>
    };
    plain(sx, content.into_any())
}

/// Where the letter of an invitation leads.
pub fn invitation(sx: Sx) -> AnyView {
    let t = &sx.t().shell;
    of_letter(sx, "/console/invitations/confirmations", (t.invitation_title, t.invitation_lead), None)
}

/// Where the letter of a recovery leads.
pub fn new_password(sx: Sx) -> AnyView {
    let t = &sx.t().shell;
    let ask = Some("/recuperar".to_owned());
    of_letter(sx, "/console/password-recoveries/confirmations", (t.recovery_title, t.recovery_lead), ask)
}

fn of_letter(sx: Sx, path: &'static str, (title, lead): (&'static str, &'static str), ask: Option<String>) -> AnyView {
    let rule = PasswordRule::Length;
    let letter = Letter { path, title, lead, rule, ask, token: sx.link_token() };
    let done = Callback::new(move |()| sx.cx.router.replace(&Page::Home.path()));
    let words = sx.t();
    plain(sx, link::view(sx, sx.client, letter, (&words.link, &words.enter), done))
}

/// Nothing else can be done before the second step is set up.
pub fn enrol(sx: Sx) -> AnyView {
    let done = Callback::new(move |()| sx.client.look_again());
    plain(sx, factor::enrol(sx, sx.client, &sx.t().factor, done))
}
