//! Consultas: every document of the customer, found by seven filters that all may stay empty, each file a click away.
//! What is looked for is in the address. It does not choose whose documents they are: the session does.
pub mod bundles;
pub mod downloads;
pub mod finder;
pub mod form;
pub mod related;
pub mod search;
pub mod sending;
pub mod table;
pub mod taking;
pub mod trail;

use leptos::prelude::*;
use shared::documents::DocumentFilters;
use shared::profiles::Menu;

use self::finder::{Face, Finder, Found, RESULTS};
use self::search::{Field, Search};
use self::table::Columns;
use super::company;
use crate::app::Page as GuestPage;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::failed::failed;
use crate::components::live::{mark, part, words};
use crate::components::skeleton::skeleton_table;
use crate::i18n::fill;
use crate::pages::failure;
use crate::portal::api::documents;
use crate::portal::app::Page;
use crate::portal::session::Px;
use crate::portal::shell;
use crate::session::{Load, load};

/// The page.
pub fn page(px: Px) -> AnyView {
    let t = &px.t().documents;
    let (title, lead) = match px.profile().menu {
        Menu::CustomerAtLeft => (t.manual_title, t.manual_lead),
        _ => (t.title, t.lead),
    };
    px.set_title(title);
    let finder = Finder::start(px, Page::Documents, None);
    let offers = RwSignal::new(Load::Loading);
    load(offers, documents::filters(px.client));
    let totals = part(move || {
        finder.face.with(|face| match face {
            Face::Full(found) => Some(table::totals(px, found)),
            _ => None,
        })
    });
    let content = view! {
        <div class="page-head">
            <div><h1>{title}</h1><p>{lead}</p></div>
            {form::presets(finder)}
        </div>
        <div class="stack">
            {company::note(px)}
            <div class="row">{form::typed_box(finder)}{finder.taking.news()}</div>
            {form::form(finder, offers)}
            {totals}
            {results(finder, move |found| full(finder, offers, found))}
        </div>
    };
    shell::page(px, Page::Documents, content.into_any())
}

/// The results in their four faces, with what the downloads have to say.
pub fn results(finder: Finder, full: impl Fn(&Found) -> AnyView + Send + Sync + 'static) -> AnyView {
    let t = &finder.px.t().documents;
    let faces = part(move || Some(finder.face.with(|face| drawn(finder, face, &full))));
    view! {
        {finder.downloads.face()}
        {finder.taking.face()}
        <p class="vh" role="status">{words(move || finder.said())}</p>
        <section
            class="card tbl-wrap"
            id=RESULTS
            tabindex="-1"
            aria-label=t.results
            aria-busy=mark("true", move || finder.busy.get())
        >
            {faces}
        </section>
    }
    .into_any()
}

fn drawn(finder: Finder, face: &Face, full: &impl Fn(&Found) -> AnyView) -> AnyView {
    let t = &finder.px.t().documents;
    let common = finder.px.cx.t();
    match face {
        Face::Loading => skeleton_table(t.searching, &["", "2", "2", "3", "3", "2", ""], 8),
        Face::Wrong => empty(2, t.wrong.to_owned(), vec![t.wrong_remedy.to_owned()], vec![drop_filters(finder)]),
        Face::Failed(failure) => {
            let again = button::act("btn btn--2 btn--sm", common.failure.try_again, move || finder.again());
            let ways = vec![again, drop_filters(finder)];
            view! { <div class="card__body">{failed(failure::face(common, failure), ways)}</div> }.into_any()
        }
        Face::Full(found) => full(found),
    }
}

fn drop_filters(finder: Finder) -> AnyView {
    let words = finder.px.t().documents.drop_filters;
    button::act("btn btn--2 btn--sm", words, move || finder.look_for(Search::default()))
}

fn full(finder: Finder, offers: form::Offers, found: &Found) -> AnyView {
    if found.page.data.is_empty() {
        return match found.totals.count {
            0 if found.search.used() == 0 => none(finder.px),
            0 => nothing_found(finder, offers, &found.search),
            _ => page_gone(finder, &found.search),
        };
    }
    // Statements alone have no kind, state or XML to tell apart.
    let columns = if found.search.statements() { Columns::Statements } else { Columns::Documents };
    table::table(finder, columns, found)
}

/// This customer has no document at all.
pub fn none(px: Px) -> AnyView {
    let t = &px.t().documents;
    let way = button::link("btn", px.cx.href(GuestPage::Branch), t.invoice_ticket);
    empty(2, t.none.to_owned(), vec![t.none_cause.to_owned()], vec![way])
}

/// The page an address names is not there any more.
pub fn page_gone(finder: Finder, search: &Search) -> AnyView {
    let t = &finder.px.t().documents;
    let mut first = search.clone();
    first.first_page();
    let way = button::act("btn btn--2", t.first_page, move || finder.turn_to(&first));
    empty(2, t.page_gone.to_owned(), vec![t.page_gone_cause.to_owned()], vec![way])
}

fn nothing_found(finder: Finder, offers: form::Offers, search: &Search) -> AnyView {
    let t = &finder.px.t().documents;
    let used = offers.with_untracked(|offers| {
        described(
            finder,
            search,
            match offers {
                Load::Ready(offers) => Some(offers),
                _ => None,
            },
        )
    });
    let mut ways = vec![button::act("btn btn--2", t.drop_filters, move || finder.look_for(Search::default()))];
    let dated = [Field::From, Field::To].into_iter().any(|field| !search.text(field).is_empty());
    if dated && search.used() > 1 {
        let mut any_time = search.clone();
        any_time.set_range(None);
        ways.push(button::act("btn btn--quiet", t.drop_dates, move || finder.look_for(any_time.clone())));
    }
    empty(2, t.empty.to_owned(), vec![fill(t.empty_search, &[&used]), t.empty_remedy.to_owned()], ways)
}

/// The filters in use, in the person's own words.
fn described(finder: Finder, search: &Search, offers: Option<&DocumentFilters>) -> String {
    let t = &finder.px.t().documents;
    let one = |field: Field| {
        let text = search.text(field).trim();
        if text.is_empty() || search.is_off(field) {
            return None;
        }
        let said = match field {
            Field::Kind => shared::documents::DocumentKind::parse(text).map(|kind| t.kind(kind).to_owned()),
            Field::Issuer => offers
                .and_then(|offers| offers.issuers.iter().find(|issuer| issuer.slug == text))
                .map(|issuer| issuer.name.clone()),
            _ => None,
        };
        let label = form::named(finder.px, field).label.to_lowercase();
        Some([label.as_str(), " ", said.as_deref().unwrap_or(text)].concat())
    };
    Field::ALL.into_iter().filter_map(one).collect::<Vec<String>>().join(", ")
}
