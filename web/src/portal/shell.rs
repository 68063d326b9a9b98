//! What surrounds a signed-in person's page: navigation at the side, or above and below on phones, the customer it is
//! for, and the way out, always in view.
use leptos::prelude::*;
use shared::accounts::Me;
use shared::profiles::Menu;
use uuid::Uuid;

use crate::api::Answer;
use crate::app::{MAIN, Page as GuestPage};
use crate::browser;
use crate::components::button;
use crate::components::failed::{FailedText, failed};
use crate::components::icon::{Icon, drawing, icon};
use crate::components::live::{change, mark, part, press, words};
use crate::i18n::fill;
use crate::pages::{failure, frame};
use crate::portal::app::Page;
use crate::portal::icons;
use crate::portal::session::Px;

/// How wide a page's content may become.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// A column to read.
    Narrow,
    /// All there is, for tables.
    Full,
}

/// One place of the navigation.
struct Entry {
    page: Page,
    icon: &'static str,
    words: &'static str,
    short: &'static str,
}

fn entries(px: Px) -> Vec<Entry> {
    let t = &px.common().shell;
    let entry = |page, icon, words, short| Entry { page, icon, words, short };
    let home = entry(Page::Home, icons::HOME, t.home, t.home);
    let documents = entry(Page::Documents, icons::SEARCH, t.documents, t.documents);
    let balances = entry(Page::Balances, icons::WALLET, t.balances, t.balances);
    let history = entry(Page::History, icons::HISTORY, t.history, t.history_short);
    let statements = entry(Page::Statements, icons::STATEMENT, t.statements, t.statements_short);
    let account = entry(Page::Account, icons::PERSON, t.account, t.account_short);
    let password = entry(Page::Security, icons::PERSON, t.password, t.password_short);
    if px.is_mailbox() {
        return vec![entry(Page::MyInvoices, icons::SEARCH, px.cx.t().shell.my_invoices, t.invoices), password];
    }
    let mut entries = match px.profile().menu {
        Menu::Side => vec![home, documents, balances, history, statements, account],
        Menu::CustomerAtLeft => vec![documents, statements, balances, history, account],
        Menu::Panel => {
            let panel = Entry { words: t.panel, short: t.panel_short, ..documents };
            vec![panel, balances, history, statements, account, password]
        }
        // K8: four, in this order.
        Menu::Tabs => {
            let invoices = Entry { words: t.invoices, short: t.invoices, ..documents };
            vec![statements, invoices, balances, history]
        }
    };
    // A person's own account is not shown to who looks.
    entries.retain(|it| !px.client.is_looking() || !of_account(it));
    entries
}

const fn of_account(entry: &Entry) -> bool {
    matches!(entry.page, Page::Account | Page::Security)
}

/// Says to staff whose pages they look at, and is the way out.
fn look(px: Px, me: &Me) -> Option<AnyView> {
    if !px.client.is_looking() {
        return None;
    }
    let t = &px.common().shell;
    let view = view! {
        <div class="note note--warn look" role="status">
            {icon(Icon::Info)}
            <div class="grow">
                <p><b>{fill(t.look, &[&me.customer.nombre])}</b>" "{t.look_words}</p>
                <div class="support">{button::act("btn btn--2 btn--sm", t.look_close, browser::close)}</div>
            </div>
        </div>
    };
    Some(view.into_any())
}

/// A page of a signed-in person, as wide as the window.
pub fn page(px: Px, current: Page, content: AnyView) -> AnyView {
    framed(px, current, Width::Full, content)
}

/// A page of a signed-in person.
pub fn framed(px: Px, current: Page, width: Width, content: AnyView) -> AnyView {
    let Some(me) = px.me_untracked() else { return content };
    let class = match width {
        Width::Narrow => "main main--narrow",
        Width::Full => "main",
    };
    let leaving = Leaving { busy: RwSignal::new(false), stopped: RwSignal::new(None) };
    let stopped = part(move || leaving.stopped.get().map(|text| failed(text, Vec::new())));
    let tabs = px.profile().menu == Menu::Tabs;
    let app = if tabs { "app app--tabs" } else { "app" };
    view! {
        <div class=app>
            {(!tabs).then(|| side(px, current, &me, leaving))}
            <header class="topbar">{brand(px, px.landing())}{sign_out(px, leaving, "btn btn--2 btn--sm push")}</header>
            {tabs.then(|| top_tabs(px, current))}
            {switcher(px, &me, "customer-phone", if tabs { "switcher" } else { "switcher switcher--phone" })}
            <main class=class id=MAIN tabindex="-1">
                {stopped}
                {look(px, &me)}
                {px.bundles.view(px)}
                {content}
                {tabs.then(|| signature(px))}
                {frame::foot(px.cx, "foot main__foot")}
            </main>
            {tabbar(px, current)}
        </div>
    }
    .into_any()
}

/// The issuer's name over "customer portal".
pub fn brand(px: Px, to: Page) -> AnyView {
    frame::brand_to(px.cx, px.href(to), px.common().shell.tagline)
}

/// The page that a page belongs to in the navigation.
const fn group(page: Page) -> Page {
    match page {
        Page::Document(_) => Page::Documents,
        Page::Security | Page::People | Page::Privacy | Page::FirstPassword => Page::Account,
        Page::Payment(_) | Page::Payments => Page::History,
        page => page,
    }
}

fn link(px: Px, current: Page, entry: &Entry, words: &'static str) -> AnyView {
    let here = (group(current) == entry.page).then_some("page");
    view! { <a href=px.href(entry.page) aria-current=here>{drawing(entry.icon)}{words}</a> }.into_any()
}

fn side(px: Px, current: Page, me: &Me, leaving: Leaving) -> AnyView {
    let t = &px.common().shell;
    let entries = entries(px);
    let (account, own): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(|it| of_account(it));
    let home = if px.client.is_looking() || px.is_mailbox() { px.landing() } else { Page::Account };
    let head = match px.profile().menu {
        Menu::CustomerAtLeft => Some(t.customer),
        Menu::Panel => Some(t.panel),
        _ => None,
    };
    let head = head.map(|words| view! { <div class="nav__group">{words}</div> });
    let links = |some: Vec<&Entry>| some.into_iter().map(|it| link(px, current, it, it.words)).collect::<Vec<_>>();
    let ticket = px.cx.href(GuestPage::Branch);
    view! {
        <aside class="side" aria-label=t.nav>
            {brand(px, px.landing())}
            {switcher(px, me, "customer", "switcher")}
            <nav class="nav" aria-label=t.nav>
                {head}
                {links(own)}
                <div class="nav__group">{t.account_group}</div>
                {links(account)}
                <a href=ticket>{drawing(icons::TICKET)}{t.invoice_ticket}</a>
            </nav>
            <div class="side__foot stack stack-2">
                <a class="me" href=px.href(home)>
                    <span class="avatar" aria-hidden="true">{initials(&me.email)}</span>
                    <span class="me__who"><b>{me.email.clone()}</b>{me.customer.nombre.clone()}</span>
                </a>
                {sign_out(px, leaving, "btn btn--2 btn--sm")}
            </div>
        </aside>
    }
    .into_any()
}

/// The four tabs in capitals, the current one marked (K8); the person's own account beside them.
fn top_tabs(px: Px, current: Page) -> AnyView {
    let t = &px.common().shell;
    let tab = |page: Page, words: &str| {
        let here = (group(current) == page).then_some("page");
        view! { <a href=px.href(page) aria-current=here>{words.to_uppercase()}</a> }.into_any()
    };
    let mut tabs: Vec<AnyView> = entries(px).iter().map(|it| tab(it.page, it.words)).collect();
    if !px.client.is_looking() && !px.is_mailbox() {
        tabs.push(tab(Page::Account, t.account));
    }
    view! { <nav class="tabs" aria-label=t.nav>{tabs}</nav> }.into_any()
}

/// Company and year at the foot of every page (K6).
fn signature(px: Px) -> AnyView {
    let (year, _) = browser::this_month();
    let name = px.cx.with_issuer(|issuer| issuer.commercial_name.clone()).unwrap_or_default();
    view! { <p class="sm muted">{[&name, " © ", &year.to_string(), "."].concat()}</p> }.into_any()
}

fn tabbar(px: Px, current: Page) -> AnyView {
    let links: Vec<AnyView> = entries(px).iter().map(|it| link(px, current, it, it.short)).collect();
    view! { <nav class="tabbar" aria-label=px.common().shell.nav_phone>{links}</nav> }.into_any()
}

/// Two letters of an address.
fn initials(email: &str) -> String {
    let name = email.split('@').next().unwrap_or_default();
    let words = name.split(['.', '-', '_']).filter_map(|word| word.chars().next());
    words.take(2).flat_map(char::to_uppercase).collect()
}

/// For a person with several customers: which of them the pages are for.
fn switcher(px: Px, me: &Me, id: &'static str, class: &'static str) -> Option<AnyView> {
    if me.customers.len() < 2 {
        return None;
    }
    let now = me.customer.id;
    let row = |customer: &shared::accounts::CustomerView| {
        let words = [customer.rfc.as_str(), " ", &customer.nombre].concat();
        view! { <option value=customer.id.to_string() prop:selected=customer.id == now>{words}</option> }.into_any()
    };
    let rows: Vec<AnyView> = me.customers.iter().map(row).collect();
    let stopped = RwSignal::new(None::<String>);
    let choose = move |id: String| {
        if let Ok(id) = Uuid::try_parse(&id) {
            choose_customer(px, id, stopped);
        }
    };
    let view = view! {
        <div class=class>
            <label class="xs muted" for=id>{px.common().shell.customer}</label>
            <select class="input" id=id on:change=change(choose)>{rows}</select>
            <span class="xs bad" role="status">{words(move || stopped.get())}</span>
        </div>
    };
    Some(view.into_any())
}

/// Turns the session to another customer; everything on the page is drawn anew for it.
pub fn choose_customer(px: Px, id: Uuid, stopped: RwSignal<Option<String>>) {
    leptos::task::spawn_local(async move {
        match px.client.choose_customer(id).await {
            Ok(()) => {
                // What is looked at or looked for there is of the customer before, and so is the page of a list.
                let page = group(crate::portal::app::Place::parse(&untrack(|| px.cx.router.path())).page);
                if matches!(page, Page::Documents | Page::Statements | Page::Balances | Page::History) {
                    px.cx.router.replace(&px.href(page));
                }
            }
            Err(failed) => {
                stopped.try_set(Some(failure::face(px.cx.t(), &failed).title));
            }
        }
    });
}

/// The way out, while it is being taken.
#[derive(Clone, Copy)]
struct Leaving {
    busy: RwSignal<bool>,
    stopped: RwSignal<Option<FailedText>>,
}

/// Ends the session; what was invoiced to a mailbox is closed first, since this browser may open it without one.
async fn leave_for_good(px: Px) -> Answer<()> {
    if px.is_mailbox() {
        px.client.close_mailbox(&px.cx.slug()).await?;
    }
    px.client.sign_out().await
}

fn sign_out(px: Px, leaving: Leaving, class: &'static str) -> AnyView {
    let t = &px.common().shell;
    if px.client.is_looking() {
        return button::act(class, t.look_close, browser::close);
    }
    let leave = move || {
        if leaving.busy.get_untracked() {
            return;
        }
        leaving.busy.set(true);
        leptos::task::spawn_local(async move {
            match leave_for_good(px).await {
                Ok(()) => {
                    // First elsewhere: the page of somebody who is gone would ask who is there.
                    px.go(Page::SignIn);
                    px.forget();
                }
                Err(failed) => {
                    let mut text = failure::face(px.cx.t(), &failed);
                    text.words.push(t.not_signed_out.to_owned());
                    leaving.busy.try_set(false);
                    leaving.stopped.try_set(Some(text));
                }
            }
        });
    };
    let label = move || Some(if leaving.busy.get() { t.signing_out } else { t.sign_out }.to_owned());
    view! {
        <button class=class type="button" aria-busy=mark("true", move || leaving.busy.get()) on:click=press(leave)>
            {drawing(icons::SIGN_OUT)}{words(label)}
        </button>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_come_from_the_address() {
        assert_eq!(initials("lucia.ferran@arrayan.example"), "LF");
        assert_eq!(initials("ñandu@x.example"), "Ñ");
        assert_eq!(initials(""), "");
    }
}
