//! The customer, its contracts, and the person who signs in.
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::{CustomerView, Me, Role};

use super::{company, receptor, tabbed};
use crate::account::i18n::account::Account;
use crate::account::i18n::texts;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::facts::{fact, facts};
use crate::components::live::{part, words};
use crate::portal::app::Page;
use crate::portal::language;
use crate::portal::session::Px;
use crate::portal::shell::choose_customer;
use crate::signed::email;

/// The page.
pub fn page(px: Px) -> AnyView {
    let Some(me) = px.me_untracked() else { return ().into_any() };
    let content = view! {
        {customer(px, &me)}
        {company::card(px)}
        {(!me.view_only).then(|| receptor::card(px))}
        {part(move || px.me().map(|me| contracts(px, &me)))}
        {person(px, &me)}
        {(me.customers.len() > 1).then(|| customers(px, &me))}
    };
    tabbed(px, Page::Account, content.into_any())
}

const fn role(t: &Account, role: Role) -> &'static str {
    match role {
        Role::Owner => t.roles[0],
        Role::Payer => t.roles[1],
        Role::Reader => t.roles[2],
    }
}

fn card(id: &'static str, title: String, content: AnyView, foot: Option<&'static str>) -> AnyView {
    let foot = foot.map(|words| view! { <div class="card__foot sm muted">{words}</div> });
    view! {
        <section class="card" aria-labelledby=id>
            <div class="card__head"><h2 id=id>{title}</h2></div>
            {content}
            {foot}
        </section>
    }
    .into_any()
}

fn customer(px: Px, me: &Me) -> AnyView {
    let t = &texts(px).account;
    let known = facts(vec![
        fact(t.rfc, me.customer.rfc.clone(), "num", None),
        fact(t.nombre, me.customer.nombre.clone(), "", None),
        fact(t.role, role(t, me.customer.role).to_owned(), "", None),
    ]);
    let body = view! { <div class="card__body">{known}</div> };
    card("customer-title", me.customer.nombre.clone(), body.into_any(), Some(t.data_note))
}

fn contracts(px: Px, me: &Me) -> AnyView {
    let t = &texts(px).account;
    let row = |contract: &shared::accounts::ContractView| {
        view! { <li><div class="grow"><b class="num">{contract.number.clone()}</b><small>{contract.issuer_name.clone()}</small></div></li> }
            .into_any()
    };
    let rows: Vec<AnyView> = me.contracts.iter().map(row).collect();
    let content = if rows.is_empty() {
        empty(3, t.no_contracts.to_owned(), vec![t.no_contracts_remedy.to_owned()], Vec::new())
    } else {
        view! { <ul class="list">{rows}</ul> }.into_any()
    };
    card("contracts-title", t.contracts.to_owned(), content, None)
}

fn person(px: Px, me: &Me) -> AnyView {
    let t = &texts(px).account;
    // Another address is seen at once: the page is not drawn anew for it.
    let email = words(move || px.me().map(|me| me.email));
    let email = view! { {email}{email::change(px, px.client, &texts(px).email, texts(px).acts.cancel)} }.into_any();
    let mut rows = vec![fact(t.email, String::new(), "", Some(email))];
    rows.extend(me.user_name.clone().map(|name| fact(t.user_name, name, "", None)));
    rows.push(fact(t.letters, String::new(), "", Some(letters(px))));
    let body = view! { <div class="card__body">{facts(rows)}</div> };
    card("person-title", t.person.to_owned(), body.into_any(), None)
}

/// The language of the person's letters; where this page speaks another, a way to make it theirs.
fn letters(px: Px) -> AnyView {
    let t = &texts(px).account;
    let here = texts(px).lang;
    let name = |lang: Lang| if lang == Lang::Es { t.languages[0] } else { t.languages[1] };
    let other = move || px.me().is_some_and(|me| me.language != here && !me.view_only);
    let way = move || button::act("btn btn--quiet btn--sm", t.letters_here, move || language::tell(px, here));
    view! { {words(move || px.me().map(|me| name(me.language).to_owned()))}" "{part(move || other().then(way))} }
        .into_any()
}

fn customers(px: Px, me: &Me) -> AnyView {
    let t = &texts(px).account;
    let now = me.customer.id;
    let stopped = RwSignal::new(None::<String>);
    let row = |customer: &CustomerView| {
        let id = customer.id;
        let act = if id == now {
            view! { <span class="badge badge--ok">{t.customer_now}</span> }.into_any()
        } else {
            button::act("btn btn--2 btn--sm", t.customer_use, move || choose_customer(px, id, stopped))
        };
        let about = [customer.rfc.as_str(), ", ", role(t, customer.role)].concat();
        view! { <li><div class="grow"><b>{customer.nombre.clone()}</b><small>{about}</small></div>{act}</li> }
            .into_any()
    };
    let rows: Vec<AnyView> = me.customers.iter().map(row).collect();
    let content = view! {
        <p class="bad sm" role="status">{words(move || stopped.get())}</p>
        <ul class="list">{rows}</ul>
    };
    card("customers-title", t.customers.to_owned(), content.into_any(), None)
}
