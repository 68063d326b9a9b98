//! The open invoices: ten columns (K15), cards on phones. A tick fills both boxes with all there is (K16); each box
//! recomputes the other; what cannot be paid now has no box to tick and says why.
use crate::payments::words::texts;
use leptos::ev::FocusEvent;
use leptos::prelude::*;
use shared::payments::{BalanceRow, RateSource, RateView, Transit};
use shared::problem_text;
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::desk::{Desk, List, tick_id};
use super::picks::{Line, Purse, Typed, Wrong, is_payable};
use crate::components::button;
use crate::components::live::{change, mark, part};
use crate::components::tick::pressed;
use crate::components::tip::tip_of;
use crate::format;
use crate::i18n::fill;
use crate::payments::journey::outcome::under_way;
use crate::portal::app::Page;
use crate::portal::session::Px;

/// The currency of pesos.
const MXN: &str = "MXN";

/// The table with its foot. `pays` is false for who can only look.
pub fn table(desk: Desk, list: &List, pays: bool) -> AnyView {
    let t = &texts(desk.px).balances;
    let foreign = foreign(&list.rows);
    let rows: Vec<AnyView> = list.rows.iter().map(|row| tr(desk, row, foreign.as_deref(), pays)).collect();
    view! {
        <div class="tbl-scroll">
            <table class="tbl tbl--cards tbl--tight" role="table">
                <caption class="vh">{if pays { t.caption } else { t.caption_read }}</caption>
                {head(desk, foreign.as_deref(), pays)}
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
        {foot(desk, list)}
    }
    .into_any()
}

/// The one currency other than pesos of some rows: dollars when there is none, `None` when there are several.
fn foreign(rows: &[BalanceRow]) -> Option<String> {
    let mut others = rows.iter().map(|row| row.currency.as_str()).filter(|currency| *currency != MXN);
    let first = others.next().unwrap_or("USD");
    others.all(|other| other == first).then(|| first.to_owned())
}

fn head(desk: Desk, foreign: Option<&str>, pays: bool) -> AnyView {
    let t = &texts(desk.px).balances;
    let other = foreign.unwrap_or(t.other_currency);
    let th = |words: String, class: &'static str, p: &'static str| {
        let p = (!p.is_empty()).then_some(p);
        view! { <th scope="col" role="columnheader" class=class data-p=p>{words}</th> }.into_any()
    };
    let all = if pays { tick_all(desk) } else { ().into_any() };
    view! {
        <thead role="rowgroup"><tr role="row">
            <th class="ctl" role="columnheader">{all}</th>
            {th(t.invoice.to_owned(), "", "")}
            <th scope="col" role="columnheader" class="wrap" data-p="2" aria-sort="ascending">{t.due}</th>
            {th(fill(t.total_foreign, &[other]), "num wrap", "3")}
            {th(t.rate.to_owned(), "num wrap", "3")}
            {th(t.total_mxn.to_owned(), "num wrap", "3")}
            {th(fill(t.pay, &[MXN]), "num wrap", "")}
            {th(fill(t.pay, &[other]), "num wrap", "2")}
            {th(t.pending.to_owned(), "num wrap", "")}
            {th(t.in_transit.to_owned(), "num wrap", "3")}
        </tr></thead>
    }
    .into_any()
}

/// How much of the list is ticked: nothing, some, all.
fn ticked(desk: Desk) -> (bool, bool) {
    let issuer = desk.seen.with(|seen| seen.issuer.clone());
    desk.list.with(|list| {
        desk.picks.with(|picks| {
            let mut payable = list.rows.iter().filter(|row| is_payable(row));
            let is = |row: &BalanceRow| picks.line(&issuer, row.id).is_some();
            let some = payable.clone().any(is);
            (some, some && list.next.is_none() && payable.all(is))
        })
    })
}

/// One box for the whole list, pages still to come too.
fn tick_all(desk: Desk) -> AnyView {
    let t = &texts(desk.px).balances;
    let state = Memo::new(move |_| ticked(desk));
    let press = pressed(move |input, _| {
        if state.get_untracked().0 {
            desk.untick_list();
        } else {
            desk.tick_all();
        }
        // The box shows what is, not what was pressed.
        let (some, all) = state.get_untracked();
        input.set_checked(all);
        input.set_indeterminate(some && !all);
    });
    view! {
        <input
            type="checkbox"
            aria-label=Signal::derive(move || if state.get().0 { t.untick_all } else { t.tick_all })
            aria-busy=mark("true", move || desk.busy.get())
            prop:checked=Signal::derive(move || state.get().1)
            prop:indeterminate=Signal::derive(move || state.get().0 && !state.get().1)
            on:click=press
        />
    }
    .into_any()
}

fn tr(desk: Desk, row: &BalanceRow, foreign: Option<&str>, pays: bool) -> AnyView {
    let px = desk.px;
    let id = row.id;
    let line = Memo::new(move |_| desk.line(id));
    let number = match row.document_id {
        Some(document) => view! { <a href=px.href(Page::Document(document))>{row.number.clone()}</a> }.into_any(),
        None => row.number.clone().into_any(),
    };
    let (due, due_class) = due(desk, row);
    let own = |amount: &str| match (row.currency.as_str(), foreign) {
        (MXN, _) => none(),
        (_, Some(_)) => format::amount(amount).into_any(),
        (other, None) => format::money(amount, other).into_any(),
    };
    let rate = row.rate.as_ref().map_or_else(none, |rate| rate_cell(desk, row, rate));
    let boxed = pays && is_payable(row);
    let pesos = if boxed { box_cell(desk, line, row, Purse::Mxn) } else { off_cell(false) };
    let other = match boxed && row.currency != MXN {
        true => box_cell(desk, line, row, Purse::Own),
        false => off_cell(true),
    };
    view! {
        <tr role="row">
            <td class="ctl" role="cell" data-card>{tick(desk, line, row, boxed)}</td>
            <th scope="row" role="rowheader" data-card>{number}<span class="sub">{format::day(&row.issued_on)}</span></th>
            <td role="cell" data-p="2">
                <time>{format::day(&row.due_on)}</time>
                {(!due.is_empty()).then(|| view! { <span class=["sub ", due_class].concat()>{due.clone()}</span> })}
            </td>
            <td class="num" role="cell" data-p="3">{own(&row.total)}</td>
            <td class="num" role="cell" data-p="3">{rate}</td>
            <td class="num" role="cell" data-p="3">{format::amount(&row.total_mxn)}</td>
            {pesos}
            {other}
            {pending(desk, row, &due, due_class)}
            <td class="num" role="cell" data-p="3">{transits(desk, row)}</td>
        </tr>
    }
    .into_any()
}

/// The rate, and behind a `?` how it makes the pesos (K24).
fn rate_cell(desk: Desk, row: &BalanceRow, rate: &RateView) -> AnyView {
    let t = &texts(desk.px).balances;
    let whose = if rate.source == RateSource::Day { t.rate_day } else { t.rate_invoice };
    let own = format::money(&row.pending, &row.currency);
    let words = fill(whose, &[&own, &rate.rate, &format::money(&row.pending_mxn, MXN), &format::day(&rate.on)]);
    view! { {rate.rate.clone()}" "{tip_of(fill(t.rate_of, &[&row.number]), words)} }.into_any()
}

fn none() -> AnyView {
    view! { <span class="faint">"—"</span> }.into_any()
}

/// How the due day stands to today, and its tone. Far off, the day itself is enough.
fn due(desk: Desk, row: &BalanceRow) -> (String, &'static str) {
    let t = &texts(desk.px).balances;
    let days = row.days_overdue.unsigned_abs().to_string();
    match row.days_overdue {
        2.. => (fill(t.late, &[&days]), "bad"),
        1 => (t.late_one.to_owned(), "bad"),
        0 => (t.due_today.to_owned(), "warn"),
        -1 => (t.due_tomorrow.to_owned(), "warn"),
        -7..=-2 => (fill(t.due_in, &[&days]), "warn"),
        _ => (String::new(), ""),
    }
}

fn tick(desk: Desk, line: Memo<Option<Line>>, row: &BalanceRow, boxed: bool) -> AnyView {
    let t = &texts(desk.px).balances;
    if !boxed {
        return (!is_payable(row)).then(|| view! { <span class="vh">{t.reserved}</span> }).into_any();
    }
    let id = row.id;
    let press = pressed(move |input, shift| {
        desk.pressed(id, input.checked(), shift);
        // A row without room stays as it was.
        input.set_checked(line.with_untracked(Option::is_some));
    });
    view! {
        <input
            class="sel"
            id=tick_id(id)
            type="checkbox"
            aria-label=fill(t.tick, &[&row.number])
            prop:checked=Signal::derive(move || line.with(Option::is_some))
            on:click=press
        />
    }
    .into_any()
}

/// A box that is not there: nothing to pay now, or no other currency (K20).
fn off_cell(second: bool) -> AnyView {
    view! { <td class="num" role="cell" data-p=second.then_some("2")>{none()}</td> }.into_any()
}

/// The id of a row's box, where a summary leads.
pub fn box_id(id: Uuid, purse: Purse) -> String {
    let name = if purse == Purse::Mxn { "mxn-" } else { "otra-" };
    [name, &id.simple().to_string()].concat()
}

fn box_cell(desk: Desk, line: Memo<Option<Line>>, row: &BalanceRow, purse: Purse) -> AnyView {
    let t = &texts(desk.px).balances;
    let id = row.id;
    let currency = if purse == Purse::Mxn { MXN } else { row.currency.as_str() };
    let (class, p) = match purse {
        Purse::Mxn => ("input input--num cell-input", None),
        Purse::Own => ("input input--num cell-input cell-input--usd", Some("2")),
    };
    let name = box_id(id, purse);
    let error_id = [&name, "-error"].concat();
    let described = error_id.clone();
    let error = Memo::new(move |_| error_of(desk, line, purse));
    let typed = move |text: String| {
        let issuer = desk.issuer();
        desk.said.set(None);
        desk.change(|picks| picks.type_in(&issuer, id, Typed { purse, text }));
    };
    let said = part(move || {
        let words = error.get()?;
        Some(view! { <span class="sub bad cell-error" id=error_id.clone()>{words}</span> }.into_any())
    });
    view! {
        <td class="num edit" role="cell" data-p=p data-card data-label=fill(t.pay, &[currency])>
            <input
                class=class
                id=name
                type="text"
                inputmode="decimal"
                autocomplete="off"
                aria-label=fill(t.pay_of, &[currency, &row.number])
                aria-describedby=Signal::derive(move || error.with(Option::is_some).then(|| described.clone()))
                aria-invalid=mark("true", move || error.with(Option::is_some))
                prop:disabled=Signal::derive(move || line.with(Option::is_none))
                prop:value=Signal::derive(move || line.with(|line| shown(line.as_ref(), purse)))
                on:input=change(typed)
                on:focus=selected()
                on:blur=left(desk, id)
            />
            {said}
        </td>
    }
    .into_any()
}

/// An unticked row shows nothing to pay (K16).
fn shown(line: Option<&Line>, purse: Purse) -> String {
    line.map_or_else(|| "0.00".to_owned(), |line| line.shown(purse))
}

/// What is typed replaces what is there.
fn selected() -> Box<dyn FnMut(FocusEvent)> {
    Box::new(|event| {
        if let Some(input) = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) {
            input.select();
        }
    })
}

fn left(desk: Desk, id: Uuid) -> Box<dyn FnMut(FocusEvent)> {
    Box::new(move |_| {
        // A box that leaves the page with the focus is left too.
        if desk.seen.try_get_untracked().is_some() {
            let issuer = desk.issuer();
            desk.change(|picks| picks.tidy(&issuer, id));
        }
    })
}

/// What is wrong with what was typed into this box.
fn error_of(desk: Desk, line: Memo<Option<Line>>, purse: Purse) -> Option<String> {
    line.with(|line| {
        let line = line.as_ref()?;
        let typed = line.typed.as_ref().filter(|typed| typed.purse == purse)?;
        let wrong = line.paid().err()?;
        let currency = if typed.purse == Purse::Mxn { MXN } else { line.currency.as_str() };
        Some(said(desk, wrong, &format::money(line.most(purse), currency)))
    })
}

fn said(desk: Desk, wrong: Wrong, most: &str) -> String {
    match wrong {
        Wrong::TooMuch => fill(texts(desk.px).balances.too_much, &[most]),
        Wrong::Field(code) => problem_text::field(code, desk.px.common().lang).to_owned(),
    }
}

/// What is pending, which still counts what is in transit (K21); on phones with what leaves the row.
fn pending(desk: Desk, row: &BalanceRow, due: &str, due_class: &'static str) -> AnyView {
    let t = &texts(desk.px).balances;
    let own = (row.currency != MXN).then(|| format::money(&row.pending, &row.currency));
    let due = if due.is_empty() { fill(t.due_on, &[&format::day(&row.due_on)]) } else { due.to_owned() };
    let transit = has_transit(row).then(|| {
        let words = [t.in_transit, " ", &format::amount(&row.in_transit_mxn)].concat();
        let line = |words| view! { <span class="sub sub--phone">{words}</span> }.into_any();
        let known = row.transits.iter().map(|transit| transit_words(desk.px, transit, &row.currency, several(row)));
        std::iter::once(words).chain(known).map(line).collect::<Vec<AnyView>>()
    });
    view! {
        <td class="num b" role="cell" data-card>
            {format::amount(&row.pending_mxn)}
            {own.map(|own| view! { <span class="sub">{own}</span> })}
            <span class=["sub sub--phone ", due_class].concat()>{due}</span>
            {transit}
        </td>
    }
    .into_any()
}

fn has_transit(row: &BalanceRow) -> bool {
    row.in_transit.bytes().any(|byte| (b'1'..=b'9').contains(&byte))
}

/// What is in transit, since when and through which bank: the answer to "did my payment arrive".
fn transits(desk: Desk, row: &BalanceRow) -> AnyView {
    if !has_transit(row) {
        return none();
    }
    let one = |transit: &Transit| {
        let href = desk.px.href(Page::Payment(transit.payment_id));
        let more = about(desk.px, transit, &row.currency, several(row));
        view! { <span class="sub"><a href=href>{bank_of(transit)}</a>{[" ", &more].concat()}</span> }.into_any()
    };
    let payments: Vec<AnyView> = row.transits.iter().map(one).collect();
    view! { {format::amount(&row.in_transit_mxn)}{payments} }.into_any()
}

/// More than one payment is under way for a row: each says how much of it.
fn several(row: &BalanceRow) -> bool {
    row.transits.len() > 1
}

fn bank_of(transit: &Transit) -> String {
    transit.bank_reference.clone().unwrap_or_else(|| transit.bank.name().to_owned())
}

/// A payment under way: through which bank, since when, how it stands, and how much when that is asked for.
pub fn transit_words(px: Px, transit: &Transit, currency: &str, amount: bool) -> String {
    [&bank_of(transit), " ", &about(px, transit, currency, amount)].concat()
}

fn about(px: Px, transit: &Transit, currency: &str, amount: bool) -> String {
    let t = texts(px);
    let since = fill(t.balances.since, &[&format::day(&transit.since.civil)]);
    let state = under_way(&t.payment, transit).map(str::to_owned);
    let amount = amount.then(|| format::money(&transit.amount, currency));
    std::iter::once(since).chain(amount).chain(state).collect::<Vec<String>>().join(", ")
}

fn foot(desk: Desk, list: &List) -> AnyView {
    let t = &texts(desk.px).balances;
    let common = desk.px.cx.t();
    let all = format::plural(list.count, t.open_one, t.open);
    let showing = fill(t.showing, &[&list.rows.len().to_string(), &all]);
    let more = list.next.is_some().then(|| {
        button::act_busy("btn btn--2 btn--sm", common.shell.more, desk.busy.into(), common.shell.loading, move || {
            desk.more();
        })
    });
    view! { <div class="tbl-foot"><span>{showing}</span>{more}</div> }.into_any()
}
