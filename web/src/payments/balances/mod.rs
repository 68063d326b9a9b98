//! Saldos: what the customer owes, and what of it to pay. It promises that what is ticked and typed stays through
//! filters, reloads and a session that ended, that the total is the sum of what will be charged, and that nothing is
//! ordered without the question being answered. It moves no money: a bank does, on its own site.
mod bar;
mod confirm;
mod deposit;
mod desk;
pub mod kept;
mod picks;
mod table;

use crate::payments::taking;
use crate::payments::words::texts;
use crate::portal::tiles;
use leptos::prelude::*;
use shared::accounts::Role;
use shared::payments::{BalanceOnly, BalanceTotals, TodaysRate};

use self::confirm::Confirm;
use self::desk::{Desk, Face, Seen};
use crate::api::ApiFailure;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::failed::failed;
use crate::components::live::{mark, part, press, words as words_of};
use crate::components::note::{Tone, note};
use crate::components::skeleton::skeleton_table;
use crate::components::tip::tip_of_end;
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::portal::api::payments;
use crate::portal::app::Page;
use crate::portal::session::Px;
use crate::portal::shell;

/// Whether the person may pay for the customer.
pub fn is_payer(px: Px) -> bool {
    px.me_untracked().is_some_and(|me| me.customer.role != Role::Reader)
}

/// The page.
pub fn page(px: Px) -> AnyView {
    let t = &texts(px).balances;
    px.set_title(t.title);
    let desk = Desk::start(px);
    let confirm = Confirm::new(desk);
    // An answer that leaves the face as it is must not draw the page anew under somebody's hands.
    let now = Memo::new(move |_| desk.face.get());
    let face = part(move || Some(now.with(|face| drawn(desk, confirm, face))));
    // Why a table did not come.
    let trouble = RwSignal::new(None);
    let not_taken = part(move || Some(failed(failure::face(px.cx.t(), &trouble.get()?), Vec::new())));
    // Who only reads is not told to tick.
    let lead = is_payer(px).then(|| view! { <p>{t.lead}</p> });
    let content = view! {
        <div class="page-head"><div><h1>{t.title}</h1>{lead}</div>{export(desk, trouble)}</div>
        {not_taken}
        {face}
        {confirm.dialog()}
    };
    shell::page(px, Page::Balances, content.into_any())
}

/// What is owed, as the filter shows it, for a spreadsheet.
fn export(desk: Desk, trouble: RwSignal<Option<ApiFailure>>) -> AnyView {
    let t = &texts(desk.px).balances;
    let owes = Memo::new(move |_| desk.sums.with(|sums| sums.all_in_mxn.count > 0));
    let one = move |words: &'static str, kind: &'static str| {
        let ask = move || async move { payments::balances_table(desk.px.client, kind, &desk.asked()).await };
        taking::table(desk.px, ("btn btn--2", words), trouble, ask)
    };
    part(move || {
        let all = owes.get().then(|| vec![one(t.export, "xlsx"), one("CSV", "csv")])?;
        Some(view! { <div class="row tight only-desk" role="group" aria-label=t.take>{all}</div> }.into_any())
    })
}

fn drawn(desk: Desk, confirm: Confirm, face: &Face) -> AnyView {
    let common = desk.px.cx.t();
    match face {
        Face::Loading => view! { <section class="card tbl-wrap" aria-busy="true">{bars(desk)}</section> }.into_any(),
        Face::Failed(failure) => {
            let again = button::act("btn btn--2 btn--sm", common.failure.try_again, move || desk.begin());
            failed(failure::face(common, failure), vec![again])
        }
        Face::Ready => full(desk, confirm),
    }
}

fn bars(desk: Desk) -> AnyView {
    skeleton_table(desk.px.cx.t().shell.loading, &["", "", "2", "3", "3", "3", "", "2", ""], 8)
}

fn full(desk: Desk, confirm: Confirm) -> AnyView {
    let px = desk.px;
    let t = &texts(px).balances;
    let common = px.cx.t();
    let payer = is_payer(px);
    let sums = part(move || Some(desk.sums.with(|sums| tiles::tiles(px, &sums.all_in_mxn, tiles::Look::Short))));
    let lost = part(move || {
        let lost = desk.lost.get();
        (!lost.is_empty()).then(|| note(Tone::Waits, None, fill(t.lost, &[&lost.join(", ")])))
    });
    let trouble = part(move || {
        let failure = desk.trouble.get()?;
        let again = button::act("btn btn--2 btn--sm", common.failure.try_again, move || desk.more());
        Some(failed(failure::face(common, &failure), vec![again]))
    });
    let waiting = Memo::new(move |_| desk.busy.get() && desk.list.with(|list| list.rows.is_empty()));
    let pays = Memo::new(move |_| payer && !desk.banks().is_empty());
    let list = part(move || {
        if waiting.get() {
            return Some(bars(desk));
        }
        let pays = pays.get();
        Some(desk.list.with(|list| match list.rows.is_empty() {
            true => nothing(desk),
            false => table::table(desk, list, pays),
        }))
    });
    let banks = Memo::new(move |_| (desk.seen.with(|seen| seen.issuer.clone()), desk.banks()));
    let transfer = part(move || banks.with(|(issuer, banks)| deposit::card(desk, issuer.clone(), banks)));
    let owes = Memo::new(move |_| desk.sums.with(|sums| sums.all_in_mxn.count > 0));
    let foot = part(move || owes.get().then(|| pay(desk, confirm, payer)));
    view! {
        <div class="stack">
            {sums}
            {companies(desk)}
            {filters(desk)}
            {lost}
            <section class="card tbl-wrap" aria-label=t.list aria-busy=mark("true", move || desk.busy.get())>{list}</section>
            {trouble}
            {foot}
            {transfer}
        </div>
    }
    .into_any()
}

/// The bar, or why there is none.
fn pay(desk: Desk, confirm: Confirm, payer: bool) -> AnyView {
    let px = desk.px;
    let t = &texts(px).balances;
    if !payer {
        return note(Tone::Info, Some(t.reader.to_owned()), t.reader_more.to_owned());
    }
    if desk.banks().is_empty() {
        let issuer = desk.seen.with(|seen| seen.issuer.clone());
        let name = desk.issuers.with(|all| all.iter().find(|it| it.issuer == issuer).map(|it| it.issuer_name.clone()));
        let mailbox = px.cx.with_issuer(|issuer| issuer.support_email.clone()).unwrap_or_default();
        let strong = fill(t.no_banks, &[&name.unwrap_or_default()]);
        return note(Tone::Info, Some(strong), fill(t.no_banks_more, &[&mailbox]));
    }
    bar::bar(desk, confirm)
}

/// Of several issuers, whose balances are looked at: a payment goes to one.
fn companies(desk: Desk) -> AnyView {
    let t = &texts(desk.px).balances;
    part(move || {
        let issuers = desk.issuers.get();
        if issuers.len() < 2 {
            return None;
        }
        let chip = |it: &shared::payments::PayableIssuer| {
            let (mine, to) = (it.issuer.clone(), it.issuer.clone());
            let look = move || desk.look_at(Seen { issuer: to.clone(), only: None });
            let of = it.issuer.clone();
            let late = words_of(move || {
                let count = desk.late.with(|late| late.iter().find(|it| it.0 == of && it.1 > 0).map(|it| it.1))?;
                Some([" · ", &fill(t.only_overdue, &[&count.to_string()])].concat())
            });
            chip(
                view! { {it.issuer_name.clone()}{late} }.into_any(),
                "chip",
                Signal::derive(move || desk.seen.with(|seen| seen.issuer == mine)),
                look,
            )
        };
        let chips: Vec<AnyView> = issuers.iter().map(chip).collect();
        Some(view! { <div class="chips" role="group" aria-label=t.companies>{chips}</div> }.into_any())
    })
}

fn filters(desk: Desk) -> AnyView {
    let t = &texts(desk.px).balances;
    let sums = Memo::new(move |_| desk.sums.get());
    let rate = Memo::new(move |_| desk.todays_rate());
    part(move || {
        let sums = sums.get();
        let all = &sums.all_in_mxn;
        if all.count == 0 {
            return None;
        }
        let not_due = all.count.saturating_sub(all.overdue_count);
        let chips = [
            (t.all, None, all.count),
            (t.only_overdue, Some(BalanceOnly::Overdue), all.overdue_count),
            (t.only_not_due, Some(BalanceOnly::NotDue), not_due),
            (t.only_foreign, Some(BalanceOnly::Foreign), foreign(&sums)),
        ];
        let chip = |(words, only, count): (&'static str, Option<BalanceOnly>, u64)| {
            let look = move || desk.look_at(Seen { issuer: desk.issuer(), only });
            let here = Signal::derive(move || desk.seen.with(|seen| seen.only == only));
            let class = if only == Some(BalanceOnly::Foreign) { "chip only-desk" } else { "chip" };
            chip(fill(words, &[&count.to_string()]).into_any(), class, here, look)
        };
        let chips: Vec<AnyView> = chips.into_iter().map(chip).collect();
        let rate = part(move || rate.get().map(|rate| todays_rate(desk, &rate)));
        let chips = view! { <div class="chips" role="group" aria-label=t.filter>{chips}</div> };
        Some(view! { <div class="row between">{chips}{rate}</div> }.into_any())
    })
}

/// The rate of the day, and behind a `?` whose it is and what it is for.
fn todays_rate(desk: Desk, rate: &TodaysRate) -> AnyView {
    let t = &texts(desk.px).balances;
    let whose = rate
        .series
        .as_ref()
        .map_or_else(|| t.todays_rate_own.to_owned(), |series| fill(t.todays_rate_series, &[series]));
    let what_for = if rate.is_charged { t.todays_rate_charged } else { t.todays_rate_printed };
    let words = fill(t.todays_rate, &[&rate.rate, &format::day(&rate.on)]);
    let help = tip_of_end(t.todays_rate_help.to_owned(), [&whose, " ", what_for].concat());
    view! { <span class="sm muted only-desk">{words}" "{help}</span> }.into_any()
}

fn chip(words: AnyView, class: &'static str, here: Signal<bool>, look: impl Fn() + Send + 'static) -> AnyView {
    let pressed = Signal::derive(move || if here.get() { "true" } else { "false" });
    view! { <button class=class type="button" aria-pressed=pressed on:click=press(look)>{words}</button> }.into_any()
}

fn foreign(sums: &BalanceTotals) -> u64 {
    sums.by_currency.iter().filter(|sum| sum.currency != "MXN").map(|sum| sum.count).sum()
}

/// Nothing is owed, or nothing with this filter.
fn nothing(desk: Desk) -> AnyView {
    let t = &texts(desk.px).balances;
    let seen = desk.seen.get_untracked();
    if seen.only.is_some() {
        let count = desk.sums.with_untracked(|sums| sums.all_in_mxn.count);
        let all = move || desk.look_at(Seen { only: None, ..desk.seen.get_untracked() });
        let words = format::plural(count, t.open_one, t.open);
        let way = view! { <button class="btn btn--2" type="button" on:click=press(all)>{fill(t.all, &[&count.to_string()])}</button> };
        return empty(2, t.empty_filter.to_owned(), vec![words], vec![way.into_any()]);
    }
    let way = button::link("btn", desk.px.href(Page::History), t.see_history);
    empty(2, t.empty.to_owned(), vec![t.empty_more.to_owned()], vec![way])
}
