//! «Mi cuenta»: who the person is, and what keeps the account theirs.
mod company;
pub mod data;
pub mod people;
pub mod privacy;
mod receptor;
pub mod security;

use leptos::prelude::*;

use crate::account::i18n::texts;
use crate::portal::app::Page;
use crate::portal::session::Px;
use crate::portal::shell::{Width, framed};

/// A page of the account under its tabs.
fn tabbed(px: Px, current: Page, content: AnyView) -> AnyView {
    let t = &texts(px).account;
    px.set_title(t.title);
    let tab = |page: Page, words: &'static str| {
        let here = (page == current).then_some("page");
        view! { <a href=px.href(page) aria-current=here>{words}</a> }.into_any()
    };
    // A mailbox's owner is no customer's: they have no data of one here, and no colleagues.
    let of_customer = |page, words| (!px.is_mailbox()).then(|| tab(page, words));
    let tabs = view! {
        <nav class="tabs" aria-label=t.title>
            {of_customer(Page::Account, t.tab_data)}
            {tab(Page::Security, t.tab_security)}
            {of_customer(Page::People, t.tab_people)}
            {tab(Page::Privacy, texts(px).privacy.tab)}
        </nav>
    };
    let content = view! {
        <div class="page-head"><div><h1>{t.title}</h1></div></div>
        {tabs}
        <div class="stack stack-6">{content}</div>
    };
    framed(px, current, Width::Narrow, content.into_any())
}
