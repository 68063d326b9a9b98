//! Inicio: whose portal this is, what is owed, the documents that came last, and the ways most often taken. It shows
//! no sum of its own: what is owed is what the ledger says.
use leptos::prelude::*;
use shared::documents::{DocumentKind, DocumentQuery, DocumentRow, DocumentsPage};

use super::company;
use super::documents::downloads::Downloads;
use super::documents::none;
use super::documents::search::{Preset, Search};
use super::documents::table::signed;
use crate::app::Page as GuestPage;
use crate::browser;
use crate::components::button;
use crate::components::failed::failed;
use crate::components::icon::{Icon, drawing, icon};
use crate::components::live::{part, words};
use crate::components::skeleton::skeleton;
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::portal::api::documents;
use crate::portal::app::Page;
use crate::portal::icons;
use crate::portal::session::Px;
use crate::portal::shell;
use crate::portal::tiles;
use crate::session::{Load, load};

/// Documents shown.
const RECENT: u32 = 5;

/// The page.
pub fn page(px: Px) -> AnyView {
    let t = &px.t().home;
    px.set_title(t.title);
    let downloads = Downloads::start(px);
    let content = view! {
        <div class="page-head">
            {whose(px)}
            <div class="row tight">{button::link("btn", px.href(Page::Documents), t.search)}</div>
        </div>
        <div class="stack">
            {company::note(px)}
            {tiles::owed(px)}
            {downloads.face()}
            <div class="split">
                <section class="card" aria-labelledby="recientes">
                    <div class="card__head">
                        <h2 id="recientes">{t.recent}</h2>
                        <a class="sm" href=px.href(Page::Documents)>{t.see_all}</a>
                    </div>
                    {recent(px, downloads)}
                </section>
                <section class="card" aria-labelledby="atajos">
                    <div class="card__head"><h2 id="atajos">{t.shortcuts}</h2></div>
                    {shortcuts(px)}
                </section>
            </div>
        </div>
    };
    shell::page(px, Page::Home, content.into_any())
}

/// The customer, its RFC and its contracts here.
fn whose(px: Px) -> AnyView {
    let t = &px.t().home;
    let Some(me) = px.me_untracked() else { return view! { <div><h1>{t.title}</h1></div> }.into_any() };
    let mut numbers: Vec<&str> = me.contracts.iter().map(|contract| contract.number.as_str()).collect();
    numbers.dedup();
    let contracts = match numbers.as_slice() {
        [] => None,
        [one] => Some(fill(t.contract, &[one])),
        many => Some(fill(t.contracts, &[&many.join(", ")])),
    };
    let facts: Vec<String> = std::iter::once(fill(t.rfc, &[&me.customer.rfc])).chain(contracts).collect();
    view! { <div><h1>{me.customer.nombre}</h1><p>{facts.join(", ")}</p></div> }.into_any()
}

fn asked(px: Px, kind: Option<DocumentKind>, limit: u32) -> RwSignal<Load<DocumentsPage>> {
    let face = RwSignal::new(Load::Loading);
    ask(px, face, kind, limit);
    face
}

fn ask(px: Px, face: RwSignal<Load<DocumentsPage>>, kind: Option<DocumentKind>, limit: u32) {
    let kind = kind.map(|kind| kind.as_str().to_owned());
    let query = DocumentQuery { kind, limit: Some(limit), totals: Some(false), ..DocumentQuery::default() };
    load(face, async move { documents::list(px.client, &query).await });
}

fn recent(px: Px, downloads: Downloads) -> AnyView {
    let common = px.cx.t();
    let face = asked(px, None, RECENT);
    let again = move || {
        face.set(Load::Loading);
        ask(px, face, None, RECENT);
    };
    part(move || {
        Some(face.with(|shown| match shown {
            Load::Loading => view! { <div class="card__body">{skeleton(common.shell.loading, 5)}</div> }.into_any(),
            Load::Failed(failure) => {
                let again = button::act("btn btn--2 btn--sm", common.failure.try_again, again);
                view! { <div class="card__body">{failed(failure::face(common, failure), vec![again])}</div> }.into_any()
            }
            Load::Ready(page) if page.data.is_empty() => none(px),
            Load::Ready(page) => {
                let rows: Vec<AnyView> = page.data.iter().map(|row| recent_row(px, downloads, row)).collect();
                view! { <ul class="list">{rows}</ul> }.into_any()
            }
        }))
    })
}

fn recent_row(px: Px, downloads: Downloads, row: &DocumentRow) -> AnyView {
    let name = [px.t().documents.kind(row.kind), " ", &row.number].concat();
    let about = [&format::day(&row.issued_on), " · ", &row.issuer_name].concat();
    let amount = format::money(&signed(row.kind, &row.total), &row.currency);
    view! {
        <li class="recent">
            <span class="list__icon only-desk">{icon(Icon::FileText)}</span>
            <span class="grow"><a class="b" href=px.href(Page::Document(row.id))>{name}</a><small>{about}</small></span>
            <span class="num">{amount}</span>
            <span class="only-desk">{downloads.icons(row)}</span>
        </li>
    }
    .into_any()
}

fn shortcuts(px: Px) -> AnyView {
    let t = &px.t().home;
    let (year, month) = browser::this_month();
    let range = Preset::ThisMonth.range(year, month);
    let days = fill(t.days, &[&format::day(&range.0), &format::day(&range.1)]);
    let mut this_month = Search::default();
    this_month.set_range(Some(&range));
    let last = asked(px, Some(DocumentKind::EstadoDeCuenta), 1);
    let statement = move || {
        Some(last.with(|face| match face {
            Load::Ready(page) => page.data.first().map_or_else(
                || t.statements_more.to_owned(),
                |row| fill(t.last_statement, &[&row.number, &format::day(&row.issued_on)]),
            ),
            _ => t.statements_more.to_owned(),
        }))
    };
    view! {
        <ul class="list">
            {way(icons::CALENDAR, this_month.address(&px.href(Page::Documents)), t.this_month, days.into_any())}
            {way(icons::STATEMENT, px.href(Page::Statements), t.statements, words(statement))}
            {way(icons::TICKET, px.cx.href(GuestPage::Branch), t.ticket, t.ticket_more.into_any())}
        </ul>
    }
    .into_any()
}

fn way(drawn: &'static str, href: String, name: &'static str, more: AnyView) -> AnyView {
    view! {
        <li>
            <span class="list__icon">{drawing(drawn)}</span>
            <span class="grow"><a href=href>{name}</a><small>{more}</small></span>
        </li>
    }
    .into_any()
}
