//! Estados de cuenta: found by date alone, the newest first, a PDF each (C40, K10 to K12).
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::documents::DocumentKind;

use super::documents::finder::{Finder, Found};
use super::documents::form::{filter, search_button, slash_leads_to};
use super::documents::search::{Field, Search};
use super::documents::table::{Columns, table};
use super::documents::{page_gone, results};
use super::owed;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::filter::{Filter, text_filter};
use crate::components::live::send_keys;
use crate::i18n::fill;
use crate::portal::app::Page;
use crate::portal::session::Px;
use crate::portal::shell;

/// The page.
pub fn page(px: Px) -> AnyView {
    let t = &px.t().documents.statements;
    px.set_title(t.title);
    let finder = Finder::start(px, Page::Statements, Some(DocumentKind::EstadoDeCuenta));
    let customer = px.me_untracked().map(|me| {
        let words = [me.customer.nombre.as_str(), ", ", &fill(px.t().home.rfc, &[&me.customer.rfc])].concat();
        view! { <p class="b">{words}</p> }
    });
    let content = view! {
        <div class="page-head"><div><h1>{t.title}</h1>{customer}<p>{t.lead}</p></div></div>
        <div class="stack">
            {owed::statement(px)}
            {form(finder)}
            {results(finder, move |found| full(finder, found))}
        </div>
    };
    shell::page(px, Page::Statements, content.into_any())
}

fn form(finder: Finder) -> AnyView {
    slash_leads_to(Field::From.id());
    let t = &finder.px.t().documents;
    let field = |field: Field, help: &'static str| {
        let filter = Filter { help, example: t.day_example, class: "", ..filter(finder, field) };
        text_filter(filter, "numeric", finder.value(field))
    };
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        finder.send();
    };
    view! {
        <form class="row filters--row" role="search" aria-label=t.search_form novalidate on:submit=send on:keydown=send_keys>
            {field(Field::From, t.statements.from_help)}
            {field(Field::To, t.statements.to_help)}
            {search_button(finder)}
            {button::act("btn btn--quiet", t.clear, move || finder.look_for(Search::default()))}
        </form>
    }
    .into_any()
}

fn full(finder: Finder, found: &Found) -> AnyView {
    let t = &finder.px.t().documents;
    if !found.page.data.is_empty() {
        return table(finder, Columns::Statements, found);
    }
    if found.totals.count > 0 {
        return page_gone(finder, &found.search);
    }
    let dated = [Field::From, Field::To].into_iter().any(|field| !found.search.text(field).is_empty());
    let other = button::link("btn btn--quiet", finder.px.href(Page::Documents), t.statements.other_documents);
    if !dated {
        return empty(2, t.none.to_owned(), vec![t.statements.none_cause.to_owned()], vec![other]);
    }
    let drop = button::act("btn btn--2", t.drop_dates, move || finder.look_for(Search::default()));
    empty(2, t.statements.empty.to_owned(), vec![t.empty_remedy.to_owned()], vec![drop, other])
}
