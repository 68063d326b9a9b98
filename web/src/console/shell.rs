//! What surrounds a page of the console: navigation at the side, or behind a menu on phones, the issuer that is worked
//! for, and the way out, always in view.
use leptos::ev::{self, Event, MouseEvent};
use leptos::prelude::*;
use leptos::tachys::dom::window;
use shared::staff::{StaffIssuer, StaffMe, StaffRole};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlAnchorElement, HtmlSelectElement, Node};

use crate::app::MAIN;
use crate::browser;
use crate::components::failed::FailedText;
use crate::components::icon::drawing;
use crate::components::live::{change, mark, part, press, words};
use crate::console::app::{Area, Page};
use crate::console::session::Sx;
use crate::pages::{failure, frame};
use crate::portal::icons;
use crate::signed::acts::act;
use crate::signed::meaning;

/// One place of the navigation.
struct Entry {
    area: Area,
    icon: &'static str,
    words: &'static str,
    /// For those alone who run the issuer.
    operators: bool,
}

const PEOPLE: &str = r#"<path d="M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2"/><circle cx="9" cy="7" r="4"/><path d="M22 21v-2a4 4 0 0 0-3-3.870M16 3.130a4 4 0 0 1 0 7.750"/>"#;
const MONEY: &str = r#"<rect width="20" height="12" x="2" y="6" rx="2"/><circle cx="12" cy="12" r="2"/><path d="M6 12h.010M18 12h.010"/>"#;
const KEY: &str = r#"<path d="m15.500 7.500 2.300 2.300a1 1 0 0 0 1.400 0l2.100-2.100a1 1 0 0 0 0-1.400L19 4M21 2l-9.600 9.600"/><circle cx="7.500" cy="15.500" r="5.500"/>"#;
const HOOK: &str = r#"<path d="M18 16.980h-5.990c-1.100 0-1.950.940-2.480 1.900A4 4 0 0 1 2 17c.010-.700.200-1.400.570-2"/><path d="m6 17 3.130-5.780c.530-.970.100-2.180-.500-3.100a4 4 0 1 1 6.890-4.060"/><path d="m12 6 3.130 5.730C15.660 12.700 16.900 13 18 13a4 4 0 0 1 0 8"/>"#;
const SHIELD: &str = r#"<path d="M20 13c0 5-3.500 7.500-7.660 8.950a1 1 0 0 1-.670-.010C7.500 20.500 4 18 4 13V6a1 1 0 0 1 1-1c2 0 4.500-1.200 6.240-2.720a1.170 1.170 0 0 1 1.520 0C14.510 3.810 17 5 19 5a1 1 0 0 1 1 1z"/>"#;
const BUILDING: &str = r#"<rect width="16" height="20" x="4" y="2" rx="2"/><path d="M9 22v-4h6v4M8 6h.010M16 6h.010M12 6h.010M12 10h.010M12 14h.010M16 10h.010M16 14h.010M8 10h.010M8 14h.010"/>"#;
const SHOP: &str = r#"<path d="M4 11v8a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-8M3 8l2.500-5h13L21 8a3 3 0 0 1-6 0 3 3 0 0 1-6 0 3 3 0 0 1-6 0M9 21v-6h6v6"/>"#;
const SEAL: &str = r#"<circle cx="12" cy="8" r="6"/><path d="M8.500 13 7 22l5-3 5 3-1.500-9"/>"#;

fn work(sx: Sx) -> Vec<Entry> {
    let t = sx.t();
    vec![
        Entry { area: Area::Customers, icon: PEOPLE, words: t.customers.title, operators: false },
        Entry { area: Area::Documents, icon: icons::STATEMENT, words: t.documents.title, operators: false },
        Entry { area: Area::Payments, icon: MONEY, words: t.payments.title, operators: false },
    ]
}

fn settings(sx: Sx) -> Vec<Entry> {
    let t = sx.t();
    let entry = |area, icon, words, operators| Entry { area, icon, words, operators };
    let issuer = &t.issuer;
    vec![
        entry(Area::Issuer, BUILDING, issuer.title, true),
        entry(Area::Branches, SHOP, issuer.branches, true),
        entry(Area::Seals, SEAL, issuer.seals, true),
        entry(Area::Keys, KEY, t.keys.title, true),
        entry(Area::Hooks, HOOK, t.hooks.title, true),
        entry(Area::Staff, icons::PERSON, t.shell.staff, false),
        entry(Area::Log, icons::HISTORY, t.customers.log, true),
        entry(Area::Privacy, SHIELD, t.privacy.title, false),
    ]
}

/// A page of somebody who is in, under its title.
pub fn page(sx: Sx, title: &'static str, lead: &'static str, acts: AnyView, content: AnyView) -> AnyView {
    sx.set_title(title);
    let lead = (!lead.is_empty()).then(|| view! { <p>{lead}</p> });
    let content = view! {
        <div class="page-head"><div><h1>{title}</h1>{lead}</div><div class="row tight">{acts}</div></div>
        <div class="stack">{content}</div>
    };
    framed(sx, content.into_any())
}

/// What surrounds a page.
pub fn framed(sx: Sx, content: AnyView) -> AnyView {
    let Some(me) = sx.me() else { return content };
    let t = &sx.t().shell;
    let leaving = Leaving { busy: RwSignal::new(false), stopped: RwSignal::new(None) };
    menu_closes();
    let away: Box<dyn FnMut(MouseEvent)> = Box::new(move |event| led_away(sx, &event));
    let stopped = part(move || leaving.stopped.get().map(|text| meaning::failed(sx.cx, text, Vec::new())));
    view! {
        <div class="app" on:click=away>
            <aside class="side" aria-label=t.nav>
                {brand(sx)}
                {switcher(sx, &me, "issuer", "switcher")}
                {nav(sx, t.nav, "nav")}
                <div class="side__foot stack stack-2">
                    <a class="me" href=Page::Security.path()>
                        <span class="avatar" aria-hidden="true">{drawing(icons::PERSON)}</span>
                        <span class="me__who"><b>{me.email.clone()}</b>{role(sx)}</span>
                    </a>
                    {sign_out(sx, leaving, "btn btn--2 btn--sm")}
                </div>
            </aside>
            <header class="topbar">
                {brand(sx)}
                <details class="menu push" id=MENU>
                    <summary class="btn btn--2 btn--sm" id=MENU_BUTTON>{t.menu}</summary>
                    <div class="menu__pop" on:click=|event| { if led(&event) { close_menu(); } }>
                        {nav(sx, t.menu, "nav")}
                        {sign_out(sx, leaving, "btn btn--2 btn--sm btn--block")}
                    </div>
                </details>
            </header>
            {switcher(sx, &me, "issuer-phone", "switcher switcher--phone")}
            <main class="main" id=MAIN tabindex="-1">
                {stopped}
                {content}
                {foot(sx)}
            </main>
        </div>
    }
    .into_any()
}

/// A link to another page, while the open one asks before it is left: it is followed once the person says so. What opens
/// beside the page, or is the browser's own to follow, is let be.
fn led_away(sx: Sx, event: &MouseEvent) {
    let beside = event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key();
    if beside || event.default_prevented() {
        return;
    }
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let link = target.and_then(|it| it.closest("a[href]").ok().flatten());
    let Some(link) = link.and_then(|it| it.dyn_into::<HtmlAnchorElement>().ok()) else { return };
    let elsewhere = !link.target().is_empty() || link.has_attribute("download") || link.rel() == "external";
    let (path, here) = (link.pathname(), untrack(|| sx.cx.router.path()));
    if elsewhere || Some(link.origin()) != window().location().origin().ok() || path == here {
        return;
    }
    let to = path + &link.search();
    if sx.stays(act(move || sx.cx.router.go(&to))) {
        event.prevent_default();
    }
}

/// The menu of a phone, and what opens it.
const MENU: &str = "menu";
const MENU_BUTTON: &str = "menu-button";

/// Whether a press was on something that leads elsewhere.
fn led(event: &Event) -> bool {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    target.and_then(|it| it.closest("a").ok().flatten()).is_some()
}

/// The element of the page outlives the page: without this the menu would lie open over the next one.
fn close_menu() {
    if let Some(menu) = browser::element(MENU) {
        let _ = menu.remove_attribute("open");
    }
}

/// Escape closes the menu and gives the focus back; so does a press beside it, which has its own.
fn menu_closes() {
    let open = || browser::element(MENU).filter(|menu| menu.has_attribute("open"));
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" && open().is_some() {
            close_menu();
            browser::focus(MENU_BUTTON);
        }
    });
    let beside = window_event_listener(ev::pointerdown, move |event| {
        let target = event.target().and_then(|it| it.dyn_into::<Node>().ok());
        if open().is_some_and(|menu| !menu.contains(target.as_ref())) {
            close_menu();
        }
    });
    on_cleanup(move || {
        escape.remove();
        beside.remove();
    });
}

fn brand(sx: Sx) -> AnyView {
    let name = sx.issuer().map_or_else(|| "Ventanilla".to_owned(), |issuer| issuer.commercial_name);
    frame::brand_named(name, None, Page::Home.path(), sx.t().shell.tagline)
}

/// The foot is of the issuer that is worked for: its mailbox, its words, its notice.
fn foot(sx: Sx) -> AnyView {
    let (class, slug) = ("foot main__foot", sx.slug());
    let known = sx.cx.with_issuer(|it| it.slug == slug).unwrap_or_default();
    if known || slug.is_empty() {
        return frame::foot(sx.cx, class);
    }
    // The pages were opened with the first issuer: this one is asked for.
    let cx = sx.cx.of(slug);
    part(move || {
        cx.issuer.track();
        Some(frame::foot(cx, class))
    })
}

fn role(sx: Sx) -> &'static str {
    let roles = &sx.t().shell.roles;
    match sx.issuer().map(|issuer| issuer.role) {
        Some(StaffRole::Operator) => roles[1],
        Some(StaffRole::Staff) => roles[0],
        None => "",
    }
}

fn link(here: bool, href: String, icon: &'static str, words: &'static str) -> AnyView {
    view! { <a href=href aria-current=here.then_some("page")>{drawing(icon)}{words}</a> }.into_any()
}

fn nav(sx: Sx, label: &'static str, class: &'static str) -> AnyView {
    let t = &sx.t().shell;
    let now = Page::parse(&untrack(|| sx.cx.router.path()));
    // Where no issuer is worked for, the first one's pages are a step away.
    let slug = sx.issuer().or_else(|| sx.me()?.issuers.into_iter().next()).map(|issuer| issuer.slug);
    let groups = slug.map(|slug| {
        let operates = sx.me().is_some_and(|me| {
            me.issuers.iter().any(|issuer| issuer.slug == slug && issuer.role == StaffRole::Operator)
        });
        let group = |words: &'static str, entries: Vec<Entry>| {
            let shown = entries.into_iter().filter(|entry| operates || !entry.operators);
            let links: Vec<AnyView> = shown
                .map(|entry| {
                    let page = Page::At(slug.clone(), entry.area);
                    link(page == group_of(&now), page.path(), entry.icon, entry.words)
                })
                .collect();
            (!links.is_empty()).then(|| view! { <div class="nav__group">{words}</div>{links} }.into_any())
        };
        (group(t.work, work(sx)), group(t.settings, settings(sx)))
    });
    view! {
        <nav class=class aria-label=label>
            {groups}
            <div class="nav__group">{t.account}</div>
            {link(now == Page::Security, Page::Security.path(), SHIELD, t.security)}
        </nav>
    }
    .into_any()
}

/// The page that a page belongs to in the navigation.
fn group_of(page: &Page) -> Page {
    match page {
        Page::At(slug, Area::Customer(_)) => Page::At(slug.clone(), Area::Customers),
        Page::At(slug, Area::Payment(_) | Area::Reviews | Area::Files | Area::File(_)) => {
            Page::At(slug.clone(), Area::Payments)
        }
        Page::At(slug, Area::NewBranch | Area::Branch(_)) => Page::At(slug.clone(), Area::Branches),
        page => page.clone(),
    }
}

/// For a person who works for several issuers: which of them the pages are of.
fn switcher(sx: Sx, me: &StaffMe, id: &'static str, class: &'static str) -> Option<AnyView> {
    let now = sx.slug();
    if me.issuers.len() < 2 || now.is_empty() {
        return None;
    }
    let row = |issuer: &StaffIssuer| {
        let here = issuer.slug == now;
        view! { <option value=issuer.slug.clone() prop:selected=here>{issuer.commercial_name.clone()}</option> }
            .into_any()
    };
    let rows: Vec<AnyView> = me.issuers.iter().map(row).collect();
    let choose = move |slug: String| {
        // A customer of the issuer before may not be this one's.
        if let Page::At(_, area) = group_of(&Page::parse(&untrack(|| sx.cx.router.path()))) {
            let to = Page::At(slug, area).path();
            sx.leave(&act(move || sx.cx.router.go(&to)));
            // Until the pages are another issuer's, it names the one that they are of.
            if let Some(select) = browser::element(id).and_then(|it| it.dyn_into::<HtmlSelectElement>().ok()) {
                select.set_value(&now);
            }
        }
    };
    let view = view! {
        <div class=class>
            <label class="xs muted" for=id>{sx.t().shell.issuer}</label>
            <select class="input" id=id on:change=change(choose)>{rows}</select>
        </div>
    };
    Some(view.into_any())
}

/// The way out, while it is being taken.
#[derive(Clone, Copy)]
struct Leaving {
    busy: RwSignal<bool>,
    stopped: RwSignal<Option<FailedText>>,
}

fn sign_out(sx: Sx, leaving: Leaving, class: &'static str) -> AnyView {
    let t = &sx.t().shell;
    let leave = move || {
        if leaving.busy.get_untracked() {
            return;
        }
        leaving.busy.set(true);
        leptos::task::spawn_local(async move {
            match sx.client.sign_out().await {
                Ok(()) => {
                    // First elsewhere: the page of somebody who is gone would ask who is there.
                    sx.cx.router.go(&Page::SignIn.path());
                    sx.forget();
                }
                Err(reason) => {
                    let mut text = failure::face(sx.cx.t(), &reason);
                    text.words.push(t.not_signed_out.to_owned());
                    leaving.busy.try_set(false);
                    leaving.stopped.try_set(Some(text));
                }
            }
        });
    };
    let away = move || sx.leave(&act(leave));
    let label = move || Some(if leaving.busy.get() { t.signing_out } else { t.sign_out }.to_owned());
    view! {
        <button class=class type="button" aria-busy=mark("true", move || leaving.busy.get()) on:click=press(away)>
            {drawing(icons::SIGN_OUT)}{words(label)}
        </button>
    }
    .into_any()
}
