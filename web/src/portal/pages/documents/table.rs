//! The results: what they come to, their rows (cards on a phone), the way to the other pages.
use leptos::prelude::*;
use shared::documents::{DocumentKind, DocumentRow, DocumentState, DocumentSum};

use super::finder::{Finder, Found};
use crate::components::button;
use crate::components::icon::drawing;
use crate::components::live::press;
use crate::format;
use crate::i18n::fill;
use crate::portal::app::Page;
use crate::portal::icons;
use crate::portal::session::Px;

/// Which columns there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    /// Documents of any kind.
    Documents,
    /// Statements alone: the manual's columns (K11).
    Statements,
}

/// A badge with the state in words.
pub fn state_badge(px: Px, state: DocumentState) -> AnyView {
    let class = match state {
        DocumentState::Vigente => "badge badge--ok",
        DocumentState::EnCancelacion => "badge badge--warn",
        DocumentState::Cancelada => "badge badge--bad",
    };
    view! { <span class=class>{px.t().documents.state(state)}</span> }.into_any()
}

/// A total as it counts for the customer: a nota de crédito takes away.
pub fn signed(kind: DocumentKind, total: &str) -> String {
    if kind == DocumentKind::NotaDeCredito && format::is_something(total) {
        ["-", total].concat()
    } else {
        total.to_owned()
    }
}

/// What all results come to, by kind and currency.
pub fn totals(px: Px, found: &Found) -> AnyView {
    let t = &px.t().documents;
    let totals = &found.totals;
    let sum = |sum: &DocumentSum| {
        let amount = format::amount(&signed(sum.kind, &sum.total));
        let count = format::plural(sum.count, t.found_one, t.found);
        view! {
            <div class="stat">
                <dt>{t.kinds(sum.kind)}</dt>
                <dd>{amount}" "<small>{sum.currency.clone()}</small></dd>
                <dd class="sub">{count}</dd>
            </div>
        }
        .into_any()
    };
    let sums: Vec<AnyView> = totals.sums.iter().map(sum).collect();
    if sums.is_empty() {
        return ().into_any();
    }
    let summed: u64 = totals.sums.iter().map(|sum| sum.count).sum();
    let rest = (summed < totals.count).then(|| view! { <p class="sm muted">{t.not_summed}</p> });
    view! { <dl class="stats stats--sums">{sums}</dl>{rest} }.into_any()
}

/// The one currency of some rows.
fn one_currency(rows: &[DocumentRow]) -> Option<&str> {
    let first = rows.first()?.currency.as_str();
    rows.iter().all(|row| row.currency == first).then_some(first)
}

/// The table with its foot.
pub fn table(finder: Finder, columns: Columns, found: &Found) -> AnyView {
    let t = &finder.px.t().documents;
    let currency = one_currency(&found.page.data).map(str::to_owned);
    let rows: Vec<AnyView> = found.page.data.iter().map(|row| tr(finder, columns, row, currency.is_some())).collect();
    let caption = match (columns, found.search.by_total, found.search.oldest) {
        (_, true, true) => t.taking.caption_lowest,
        (_, true, false) => t.taking.caption_highest,
        (Columns::Statements, ..) => t.statements.caption,
        (Columns::Documents, _, true) => t.caption_oldest,
        (Columns::Documents, _, false) => t.caption_newest,
    };
    view! {
        {finder.taking.bar(found)}
        <div class="tbl-scroll">
            <table class="tbl tbl--cards tbl--docs" role="table">
                <caption class="vh">{caption}</caption>
                {head(finder, columns, found, currency)}
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
        {foot(finder, found)}
    }
    .into_any()
}

fn head(finder: Finder, columns: Columns, found: &Found, currency: Option<String>) -> AnyView {
    let t = &finder.px.t().documents;
    let th = |words: &'static str, p: &'static str| {
        let p = (!p.is_empty()).then_some(p);
        view! { <th scope="col" role="columnheader" data-p=p>{words}</th> }.into_any()
    };
    let name = if found.search.statements() { t.balance } else { t.total };
    let total = currency.map_or_else(|| name.to_owned(), |currency| [name, " ", &currency].concat());
    let ids = found.page.data.iter().map(|row| row.id).collect();
    let tick = finder.taking.tick_page(ids, t.taking.pick_page.to_owned());
    let mut cells = vec![view! { <th scope="col" role="columnheader" class="ctl">{tick}</th> }.into_any()];
    cells.extend(match columns {
        Columns::Documents => vec![
            th(t.folio, ""),
            th(t.kind_short, "2"),
            sort_head(finder, t.date.to_owned(), found, false),
            th(t.document.contract, "3"),
            th(t.issuer.label, "3"),
            th(t.state, "2"),
        ],
        Columns::Statements => {
            let s = &t.statements;
            let date = sort_head(finder, s.date.to_owned(), found, false);
            vec![th(s.number, ""), th(s.contract, "2"), date, th(t.issuer.label, "3")]
        }
    });
    cells.push(sort_head(finder, total, found, true));
    cells.push(view! { <th scope="col" role="columnheader"><span class="vh">{t.downloads}</span></th> }.into_any());
    view! { <thead role="rowgroup"><tr role="row">{cells}</tr></thead> }.into_any()
}

fn sort_head(finder: Finder, words: String, found: &Found, by_total: bool) -> AnyView {
    let sorted = (found.search.by_total == by_total).then_some(match found.search.oldest {
        true => ("ascending", icons::ARROW_UP),
        false => ("descending", icons::ARROW_DOWN),
    });
    let (class, p) = if by_total { ("num", None) } else { ("", Some("2")) };
    view! {
        <th scope="col" role="columnheader" class=class data-p=p aria-sort=sorted.map(|(sort, _)| sort)>
            <button class="sort" type="button" on:click=turned(finder, found, by_total)>
                {words}{sorted.map(|(_, arrow)| drawing(arrow))}
            </button>
        </th>
    }
    .into_any()
}

/// The same results by a column; once more, in its other order.
fn turned(finder: Finder, found: &Found, by_total: bool) -> Box<dyn FnMut(leptos::ev::MouseEvent)> {
    let mut other = found.search.clone();
    other.oldest = other.by_total == by_total && !other.oldest;
    other.by_total = by_total;
    other.first_page();
    press(move || finder.turn_to(&other))
}

fn tr(finder: Finder, columns: Columns, row: &DocumentRow, one_currency: bool) -> AnyView {
    let px = finder.px;
    let t = &px.t().documents;
    let total = signed(row.kind, &row.total);
    let total = if one_currency { format::amount(&total) } else { format::money(&total, &row.currency) };
    let contract = row.contract.clone().unwrap_or_else(|| "—".to_owned());
    let td = |words: String, p: &'static str| view! { <td role="cell" data-p=p>{words}</td> }.into_any();
    let issuer = view! { <td role="cell" data-p="3"><span class="clip">{row.issuer_name.clone()}</span></td> };
    let state = px.t().documents.state(row.state);
    let day = if row.kind == DocumentKind::EstadoDeCuenta {
        px.date_time(&row.issued_at.civil)
    } else {
        format::day(&row.issued_on)
    };
    let under = match columns {
        Columns::Documents => [t.kind(row.kind), " · ", &day].concat(),
        Columns::Statements => [&day, " · ", &contract].concat(),
    };
    let day = view! { <td role="cell" data-p="2"><time>{day}</time></td> }.into_any();
    let (middle, files, under_total) = match columns {
        Columns::Documents => {
            let kind = td(t.kind(row.kind).to_owned(), "2");
            let badge = view! { <td role="cell" data-p="2">{state_badge(px, row.state)}</td> }.into_any();
            let middle = vec![kind, day, td(contract, "3"), issuer.into_any(), badge];
            (middle, finder.downloads.icons(row), Some(state))
        }
        Columns::Statements => (vec![td(contract, "2"), day, issuer.into_any()], finder.downloads.pdf(row), None),
    };
    let under_total = under_total.map(|words| view! { <span class="sub sub--phone">{words}</span> });
    view! {
        <tr role="row">
            <td role="cell" class="ctl" data-card>{finder.taking.tick_row(row.id, fill(t.taking.pick, &[&row.number]))}</td>
            <th scope="row" role="rowheader" data-card>
                <a href=px.href(Page::Document(row.id))>{row.number.clone()}</a>
                <span class="sub sub--phone">{under}</span>
                <span class="sub sub--phone">{row.issuer_name.clone()}</span>
            </th>
            {middle}
            <td role="cell" class="num" data-card>{total}{under_total}</td>
            <td role="cell" class="ctl" data-card="wide">{files}</td>
        </tr>
    }
    .into_any()
}

fn foot(finder: Finder, found: &Found) -> AnyView {
    let t = &finder.px.t().documents;
    let (first, last) = found.position();
    let all = format::plural(found.totals.count, t.found_one, t.found);
    let position = fill(t.position, &[&first.to_string(), &last.to_string(), &all]);
    let order = if found.search.oldest { t.newest_first } else { t.oldest_first };
    view! {
        <div class="tbl-foot">
            <span>{position}</span>
            // The heads of the columns, with their order, are not on a phone.
            <button class="linkbtn tbl-foot__order" type="button" on:click=turned(finder, found, false)>{order}</button>
            {finder.taking.everything(found)}
            {pager(finder, found)}
        </div>
    }
    .into_any()
}

fn pager(finder: Finder, found: &Found) -> Option<AnyView> {
    let t = &finder.px.t().documents;
    let search = &found.search;
    let next = found.page.next_cursor.clone().map(|cursor| {
        let mut next = search.clone();
        next.page = next.page.saturating_add(1);
        next.cursor = cursor;
        next
    });
    if search.page == 1 && next.is_none() {
        return None;
    }
    let (before_words, before) = match finder.page_before(search) {
        None if search.page > 1 => {
            let mut first = search.clone();
            first.first_page();
            (t.first_page, Some(first))
        }
        before => (t.previous, before),
    };
    let turn = |words: &'static str, to: Option<crate::portal::pages::documents::search::Search>| match to {
        Some(to) => button::act("btn btn--2 btn--sm", words, move || finder.turn_to(&to)),
        None => {
            view! { <button class="btn btn--2 btn--sm" type="button" aria-disabled="true">{words}</button> }.into_any()
        }
    };
    let view = view! {
        <nav class="pager" aria-label=t.pages>{turn(before_words, before)}{turn(t.next, next)}</nav>
    };
    Some(view.into_any())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_nota_de_credito_takes_away() {
        assert_eq!(signed(DocumentKind::NotaDeCredito, "1250.00"), "-1250.00");
        assert_eq!(signed(DocumentKind::NotaDeCredito, "0.00"), "0.00");
        assert_eq!(signed(DocumentKind::Factura, "1250.00"), "1250.00");
    }
}
