//! What surrounds every page: brand, content, foot; and the pages that stand in for one that cannot be shown.
use leptos::prelude::*;
use shared::Lang;

use crate::api::ApiFailure;
use crate::app::{MAIN, Page};
use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::live::{change, press};
use crate::components::skeleton::skeleton;
use crate::i18n::fill;
use crate::pages::failure;
use crate::session::{Cx, Theme};

/// Where a guest sees the invoices of a mailbox: a page of another program.
pub const MINE: &str = "/mis-facturas";

/// The shape of a page's content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// A form and something beside it.
    Beside,
    /// One narrow column.
    One,
    /// The whole width.
    Wide,
}

/// A page of the guest's pages.
pub fn guest(cx: Cx, width: Width, content: AnyView, beside: Option<AnyView>) -> AnyView {
    let class = match width {
        Width::Beside => "guest__body",
        Width::One => "guest__body guest__body--one",
        Width::Wide => "guest__body guest__body--wide",
    };
    view! {
        <div class="guest">
            <header class="guest__top">{brand(cx)}<span class="row">{mine(cx)}{panel(cx)}</span></header>
            <main class=class id=MAIN tabindex="-1">
                <div>{content}</div>
                {beside}
            </main>
            {foot(cx, "guest__foot foot")}
        </div>
    }
    .into_any()
}

/// The way to the invoices of a mailbox, once there is an issuer.
fn mine(cx: Cx) -> Option<AnyView> {
    let way = |_: &_| button::link("btn btn--quiet btn--sm", cx.customers(MINE), cx.t().shell.my_invoices);
    cx.with_issuer(way)
}

/// The way into the panel, where the issuer's profile has one (T20).
fn panel(cx: Cx) -> Option<AnyView> {
    cx.with_issuer(|issuer| issuer.panel)?
        .then(|| button::link("btn btn--2", cx.customers("/entrar"), cx.t().shell.panel))
}

/// The issuer's name, which leads home.
pub fn brand(cx: Cx) -> AnyView {
    brand_to(cx, cx.href(Page::Home), cx.t().shell.tagline)
}

/// The issuer's name over what these pages are; it leads to the first of them.
pub fn brand_to(cx: Cx, href: String, tagline: &'static str) -> AnyView {
    let name = cx.with_issuer(|issuer| issuer.commercial_name.clone()).unwrap_or_else(|| "Ventanilla".to_owned());
    brand_named(name, cx.with_issuer(|issuer| issuer.logo.clone()).flatten(), href, tagline)
}

/// A name over what these pages are; it leads to the first of them.
pub fn brand_named(name: String, logo: Option<String>, href: String, tagline: &'static str) -> AnyView {
    view! {
        <a class="brand" href=href>
            {mark(logo)}
            <span>{name}<small>{tagline}</small></span>
        </a>
    }
    .into_any()
}

/// The issuer's logo, or ours for one that has none. The name beside it says the same in words.
fn mark(logo: Option<String>) -> AnyView {
    if let Some(logo) = logo {
        return view! { <img class="brand__mark" src=logo alt="" width="32" height="32"/> }.into_any();
    }
    view! {
        <svg class="brand__mark" viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="9" fill="currentColor" opacity=".14"/>
            <path fill="currentColor" d="M9 6h14v20l-2.3-1.7L18.3 26 16 24.3 13.7 26l-2.4-1.7L9 26Zm3.5 5v2h7v-2Zm0 4.5v2h7v-2Z"/>
        </svg>
    }
    .into_any()
}

/// Help, language, theme.
pub fn foot(cx: Cx, class: &'static str) -> AnyView {
    let t = cx.t();
    let other = if t.lang == Lang::Es { Lang::En } else { Lang::Es };
    let mailbox = cx.with_issuer(|issuer| issuer.support_email.clone());
    let help = mailbox.map(|mailbox| {
        let href = ["mailto:", &mailbox].concat();
        view! { <span class="foot__group">{t.shell.help}" "<a href=href>{mailbox}</a></span> }
    });
    let own = cx.with_issuer(|issuer| issuer.footer.clone()).filter(|own| !own.is_empty());
    let own = own.map(|own| view! { <span>{own}</span> });
    let switch = move || {
        cx.choose_lang(other);
        browser::focus_soon("language");
    };
    view! {
        <footer class=class>
            {own}
            {help}
            {notice(cx)}
            <button class="linkbtn" type="button" id="language" lang=other.tag() on:click=press(switch)>
                {t.shell.other_language}
            </button>
            {theme(cx)}
        </footer>
    }
    .into_any()
}

/// The issuer's aviso de privacidad: a page of another program.
pub fn notice(cx: Cx) -> AnyView {
    view! { <a class="cap" href=cx.customers("/aviso-de-privacidad")>{cx.t().shell.notice}</a> }.into_any()
}

fn theme(cx: Cx) -> AnyView {
    let t = &cx.t().shell;
    let now = cx.theme();
    let option = |theme: Theme| {
        let words = match theme {
            Theme::System => t.theme_system,
            Theme::Light => t.theme_light,
            Theme::Dark => t.theme_dark,
        };
        view! { <option value=theme.name() prop:selected=theme == now>{words}</option> }.into_any()
    };
    let options: Vec<AnyView> = Theme::ALL.into_iter().map(option).collect();
    view! {
        <span class="foot__group">
            <label for="theme">{t.theme}</label>
            <select id="theme" on:change=change(move |name| cx.choose_theme(Theme::named(&name)))>
                {options}
            </select>
        </span>
    }
    .into_any()
}

/// While the issuer is not known yet.
pub fn waiting(cx: Cx) -> AnyView {
    guest(cx, Width::One, skeleton(cx.t().shell.loading, 3), None)
}

/// The server cannot be reached, or fails.
pub fn unavailable(cx: Cx, failed: ApiFailure, again: Callback<()>) -> AnyView {
    let t = cx.t();
    cx.set_title(t.failure.unavailable_title);
    let title = match failed {
        ApiFailure::Problem(_) => t.failure.unavailable_title,
        _ => t.failure.unavailable,
    };
    let face = failure::face(t, &failed);
    let mut words = vec![[face.title, face.words.join(" ")].join(" ")];
    words.extend(cx.with_issuer(|issuer| fill(t.failure.write_to, &[&issuer.support_email])));
    words.extend(face.support.map(|(text, ..)| text));
    let actions = vec![
        button::act("btn", t.failure.try_again, move || again.run(())),
        button::link("btn btn--2", cx.href(Page::Home), t.failure.home),
    ];
    guest(cx, Width::One, card(empty(1, title.to_owned(), words, actions)), None)
}

/// There is no such page, or none for this person.
pub fn not_found(cx: Cx, title: &'static str) -> AnyView {
    let t = cx.t();
    cx.set_title(title);
    // From an issuer that does not exist the way out is the installation's own page.
    let href = if cx.with_issuer(|_| ()).is_some() { cx.href(Page::Home) } else { "/".to_owned() };
    let actions = vec![button::link("btn", href, t.failure.home)];
    guest(cx, Width::One, card(empty(1, title.to_owned(), vec![t.failure.not_found_text.to_owned()], actions)), None)
}

/// A surface.
pub fn card(content: AnyView) -> AnyView {
    view! { <section class="card">{content}</section> }.into_any()
}
