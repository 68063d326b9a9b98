//! From a paper ticket to an invoice: five steps, one question each, and what comes after. What is typed lives in the
//! draft; a step only reads it, checks it with the rules of `shared`, and leads to the next.

pub mod branch;
mod form;
pub mod receptor;
pub mod result;
pub mod review;
pub mod rfc;
mod sending;
pub mod ticket;

use leptos::prelude::*;
use shared::issuers::BranchView;

use crate::app::Page;
use crate::components::icon::{Icon, icon};
use crate::components::live::{part, words};
use crate::components::steps::steps;
use crate::components::ticket::{Datum, ticket as drawn_ticket};
use crate::i18n::fill;
use crate::session::Cx;

/// The link back and where one is; `number` counts from 1.
fn head(cx: Cx, number: usize, back: Option<Page>) -> AnyView {
    let t = cx.words();
    let all = if cx.three() { 3 } else { t.steps.names.len() };
    let name = t.steps.names.get(number - 1).copied().unwrap_or_default();
    let back = back.map(|page| {
        view! { <a class="backlink" href=cx.href(page)>{icon(Icon::ChevronLeft)}{t.shell.back}</a> }
    });
    // What the wizard of three steps shows besides them is none of them.
    let place = (number <= all).then(|| {
        let position = fill(t.steps.position, &[&number.to_string(), name, &all.to_string()]);
        steps(position, number, all)
    });
    view! { {back}{place} }.into_any()
}

/// The drawn ticket beside a step, once a branch is known.
fn beside(cx: Cx, branch: Signal<Option<BranchView>>, lit: Signal<Option<Datum>>, caption: Signal<String>) -> AnyView {
    let picture = part(move || branch.with(|branch| branch.as_ref().map(|branch| drawn_ticket(&branch.ticket, lit))));
    let under = words(move || branch.with(Option::is_some).then(|| caption.get()));
    view! {
        <aside class="guest__aside" aria-label=cx.words().branch.picture>
            {picture}
            <p class="ticket-cap" role="status">{under}</p>
        </aside>
    }
    .into_any()
}

/// Names the tab after a step.
fn title(cx: Cx, step: &str) {
    cx.set_title(&fill("{0} · {1}", &[step, cx.words().shell.flow]));
}
