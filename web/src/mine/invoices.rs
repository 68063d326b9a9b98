//! The invoices that this browser may open: their files, and their letter once more.
use leptos::prelude::*;
use shared::Lang;
use shared::billing::InvoiceState;
use shared::documents::DocumentState;
use shared::guests::{MyInvoice, MyReceptors};

use super::words::words;
use super::{Shown, View, api as mine};
use crate::api;
use crate::app::Page as GuestPage;
use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::icon::{Icon, icon};
use crate::components::live::{change, press};
use crate::format;
use crate::i18n::{fill, months};
use crate::pages::frame::card;
use crate::session::Load;
use crate::signed::list::{Column, badge, cell, narrow, table};

const MINUTE_MS: f64 = 60_000.0;
/// Months offered: an invoice of before is found by its folio.
const MONTHS: usize = 12;

/// Who is there, and for how long.
pub fn open_until(lead: &str, kept: &MyReceptors) -> String {
    fill(lead, &[&kept.email, &minutes_left(kept).to_string()])
}

/// Minutes that the mailbox is still open; none when it is so no more.
fn minutes_left(kept: &MyReceptors) -> f64 {
    let left = browser::instant_ms(&kept.expires_at).map(|end| ((end - browser::now_ms()) / MINUTE_MS).max(0.0).ceil());
    left.unwrap_or_default()
}

/// Whether what a mailbox's owner sees must be opened again.
fn is_over(view: View) -> bool {
    let over = |kept: &MyReceptors| minutes_left(kept) == 0.0;
    view.px.is_mailbox()
        && view.face.with_untracked(|face| matches!(face, Load::Ready(shown) if shown.kept.as_ref().is_some_and(over)))
}

/// Looks for other ones.
fn look_for(view: View, which: usize, wanted: String) {
    let px = view.px;
    let filter = view.look_for(which, wanted);
    if is_over(view) {
        return view.look();
    }
    leptos::task::spawn_local(async move {
        let found = mine::invoices(px, &filter, None).await;
        // Something else is looked for by now, or the page is gone.
        if view.filter.try_get_untracked() != Some(filter) {
            return;
        }
        view.face.update(|face| match (face, found) {
            (Load::Ready(shown), Ok(page)) => (shown.rows, shown.next) = (page.data, page.next_cursor),
            (face, Err(why)) => *face = Load::Failed(why),
            _ => {}
        });
    });
}

/// What to look for: a text, a month, a state.
pub fn filters(view: View) -> AnyView {
    let t = words(view.px);
    let names = if view.px.cx.t().lang == Lang::Es { &months::ES } else { &months::EN };
    let choice_of = |(year, month): (u32, u32)| {
        (format!("{year:04}-{month:02}"), [months::name(names, month), " ", &year.to_string()].concat())
    };
    let months = months::before(browser::this_month()).take(MONTHS).map(choice_of).collect();
    let states = vec![("stamped".to_owned(), t.stamped.to_owned()), ("waiting".to_owned(), t.waiting.to_owned())];
    let search = change(move |typed| look_for(view, 0, typed));
    let sought = view.filter.with_untracked(|filter| filter[0].clone());
    view! {
        <div class="row filters--row">
            <div class="field grow">
                <label class="field__label" for="mine-q">{t.search}</label>
                <input
                    class="input"
                    id="mine-q"
                    type="search"
                    autocomplete="off"
                    placeholder=t.search_hint
                    prop:value=sought
                    on:change=search
                />
            </div>
            {choice(view, (1, "mine-month"), (t.month, t.all), months)}
            {choice(view, (2, "mine-state"), (t.state, t.all), states)}
        </div>
    }
    .into_any()
}

fn choice(
    view: View,
    (which, id): (usize, &'static str),
    (label, all): (&'static str, &'static str),
    mut rows: Vec<(String, String)>,
) -> AnyView {
    let chosen = view.filter.with_untracked(|filter| filter[which].clone());
    if !chosen.is_empty() && rows.iter().all(|(value, _)| *value != chosen) {
        // A kept link may name what the list does not have: it is shown, not swallowed.
        rows.push((chosen.clone(), chosen.clone()));
    }
    let option = |(value, words): (String, String)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{words}</option> }.into_any()
    };
    let rows: Vec<AnyView> = rows.into_iter().map(option).collect();
    view! {
        <div class="field">
            <label class="field__label" for=id>{label}</label>
            <select class="input" id=id on:change=change(move |value| look_for(view, which, value))>
                <option value="">{all}</option>
                {rows}
            </select>
        </div>
    }
    .into_any()
}

/// The table, or why there is none.
pub fn table_of(view: View, shown: &Shown) -> AnyView {
    let px = view.px;
    let t = words(px);
    if shown.rows.is_empty() {
        let words = if view.filters() { (t.no_match, t.no_match_remedy) } else { (t.none, t.none_remedy) };
        return card(empty(2, words.0.to_owned(), vec![words.1.to_owned()], Vec::new()));
    }
    let columns =
        [Column(t.number, "", ""), Column(t.day, "", "2"), Column(t.branch, "", "2"), Column(t.state, "", "2")];
    let [number, day, branch, state] = columns;
    let columns = [number, day, branch, state, Column(t.total, "num", ""), Column("", "ctl", "")];
    let rows = shown.rows.iter().map(|invoice| row(view, &columns, invoice)).collect();
    let more = shown.next.clone().map(|cursor| {
        let more = move || more(view, cursor.clone());
        button::act_busy("btn btn--2 btn--sm", px.cx.t().shell.more, view.acts.busy(), px.cx.t().shell.loading, more)
    });
    table(&t.acts, t.caption, &columns, rows, more)
}

/// The next rows, after those that are there.
fn more(view: View, cursor: String) {
    let px = view.px;
    let filter = view.filter.get_untracked();
    let asked = filter.clone();
    let ask = async move { mine::invoices(px, &filter, Some(&cursor)).await };
    view.acts.run(ask, move |page| {
        // Something else is looked for by now: these are none of its rows.
        if view.filter.with_untracked(|now| *now != asked) {
            return;
        }
        view.face.update(|face| {
            if let Load::Ready(shown) = face {
                shown.rows.extend(page.data);
                shown.next = page.next_cursor;
            }
        });
    });
}

fn row(view: View, columns: &[Column], invoice: &MyInvoice) -> AnyView {
    let t = words(view.px);
    let day = format::day(&invoice.requested_at.civil);
    let stamped = invoice.state == InvoiceState::Stamped;
    let (tone, state) = match invoice.document_state {
        Some(DocumentState::Cancelada) => ("bad", t.cancelled),
        Some(DocumentState::EnCancelacion) => ("warn", t.being_cancelled),
        _ if stamped => ("ok", t.stamped),
        _ => ("warn", t.waiting),
    };
    let href = view.px.cx.href(GuestPage::Invoice(invoice.id));
    let number = view! { <a href=href>{invoice.number.clone()}</a> }.into_any();
    let about = [&day, " · ", &invoice.branch_name].concat();
    let total = narrow(format::money(&invoice.total, &invoice.currency).into_any(), state.to_owned());
    let [_, of_day, of_branch, of_state, of_total, of_acts] = columns else { return ().into_any() };
    view! {
        <tr>
            <th scope="row">{narrow(number, about)}</th>
            {cell(of_day, day.into_any())}
            {cell(of_branch, invoice.branch_name.clone().into_any())}
            {cell(of_state, badge(tone, state))}
            {cell(of_total, total)}
            {cell(of_acts, if stamped { files(view, invoice) } else { ().into_any() })}
        </tr>
    }
    .into_any()
}

fn files(view: View, invoice: &MyInvoice) -> AnyView {
    let px = view.px;
    let t = words(px);
    let (id, number) = (invoice.id, invoice.number.clone());
    let name = |words: &str| fill(words, &[&number]);
    let file = |address: String, words: &str, picture: Icon| {
        view! { <a class="btn btn--icon" href=address download="" rel="external" aria-label=name(words)>{icon(picture)}</a> }
            .into_any()
    };
    let mail = move || {
        view.acts.run(async move { mine::mail_again(px, id).await }, move |sent| {
            view.acts.say(fill(t.mailed, &[&sent.email]));
        });
    };
    view! {
        <span class="pair">
            {file(api::pdf_address(id), t.pdf, Icon::FileText)}
            {file(api::xml_address(id), t.xml, Icon::FileCode)}
            <button class="btn btn--icon only-desk" type="button" aria-label=name(t.mail) on:click=press(mail)>{icon(Icon::Mail)}</button>
        </span>
    }
    .into_any()
}
