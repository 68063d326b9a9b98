//! What is ticked, always in view: how much, how many, and a button for each bank (K14, K25).
use crate::payments::words::texts;
use leptos::prelude::*;
use shared::payments::BankOffer;

use super::confirm::Confirm;
use super::desk::Desk;
use super::picks::Purse;
use super::table::box_id;
use crate::browser;
use crate::components::button;
use crate::components::live::{mark, part, press, words};
use crate::format;
use crate::i18n::fill;

/// The bar's id.
const BAR: &str = "barra-de-pago";

/// The bar of a person who can pay.
pub fn bar(desk: Desk, confirm: Confirm) -> AnyView {
    let t = &texts(desk.px).balances;
    let sum = Memo::new(move |_| {
        let issuer = desk.seen.with(|seen| seen.issuer.clone());
        desk.picks.with(|picks| (picks.total(&issuer), picks.lines(&issuer).len()))
    });
    let total = move || Some(format::money(&sum.get().0.0.to_decimal_string(), "MXN"));
    let clear = move || {
        desk.clear();
        // The control is gone with what it cleared.
        browser::focus_soon(BAR);
    };
    let some = move || (sum.get().1 > 0).then(|| button::act("linkbtn", t.clear, clear));
    let banks = part(move || {
        let banks: Vec<AnyView> = desk.banks().into_iter().map(|bank| bank_button(desk, confirm, bank)).collect();
        Some(view! { {banks} }.into_any())
    });
    let others = words(move || {
        let banks = desk.banks();
        let name = banks.iter().find(|bank| bank.other_banks)?.name.clone();
        Some(fill(t.other_banks, &[&name]))
    });
    view! {
        <section class="paybar" id=BAR tabindex="-1" aria-label=t.means>
            <div class="paybar__sum">
                <div role="status">
                    <b>{words(total)}</b>
                    <span>{words(move || Some(counted(desk)))}</span>
                    <span>{words(move || desk.said.get())}</span>
                </div>
                <span class="row tight">{part(some)}</span>
            </div>
            <div class="paybar__banks push">
                <div class="row tight" role="group" aria-label=t.means>
                    <span class="sm muted paybar__with">{t.pay_with}</span>
                    {banks}
                </div>
                <p class="sm muted only-desk">{others}</p>
            </div>
        </section>
    }
    .into_any()
}

/// How many rows are ticked, in view or not.
fn counted(desk: Desk) -> String {
    let t = &texts(desk.px).balances;
    let issuer = desk.seen.with(|seen| seen.issuer.clone());
    let (all, elsewhere) = desk.picks.with(|picks| {
        let lines = picks.lines(&issuer);
        let shown =
            desk.list.with(|list| lines.iter().filter(|line| list.rows.iter().any(|row| row.id == line.id)).count());
        (lines.len(), lines.len() - shown)
    });
    let count = format::plural(u64::try_from(all).unwrap_or_default(), t.ticked_one, t.ticked);
    match (all, elsewhere) {
        (0, _) => t.nothing_ticked.to_owned(),
        (_, 0) => count,
        (_, n) => [&count, " (", &fill(t.not_in_list, &[&n.to_string()]), ")"].concat(),
    }
}

fn bank_button(desk: Desk, confirm: Confirm, bank: BankOffer) -> AnyView {
    let t = &texts(desk.px).balances;
    let name = bank.name.clone();
    let ask = move || {
        let issuer = desk.issuer();
        let (count, wrong) = desk.picks.with_untracked(|picks| {
            let wrong = picks.total(&issuer).1.and_then(|id| picks.line(&issuer, id).cloned());
            (picks.lines(&issuer).len(), wrong)
        });
        match wrong {
            _ if count == 0 => desk.said.set(Some(t.tick_first.to_owned())),
            None => confirm.ask(bank.clone()),
            Some(line) => {
                let purse = line.typed.as_ref().map_or(Purse::Mxn, |typed| typed.purse);
                browser::focus(&box_id(line.id, purse));
                desk.said.set(Some(fill(t.correct_first, &[&line.number])));
            }
        }
    };
    let off = move || {
        let issuer = desk.seen.with(|seen| seen.issuer.clone());
        desk.picks.with(|picks| picks.lines(&issuer).is_empty() || picks.total(&issuer).1.is_some())
    };
    view! {
        <button
            class="btn"
            type="button"
            aria-label=fill(t.pay_with_bank, &[&name])
            aria-disabled=mark("true", off)
            on:click=press(ask)
        >
            {name.clone()}
        </button>
    }
    .into_any()
}
