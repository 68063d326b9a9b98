//! Sends the order, once. A second press, a reload or a lost answer repeats the very same request with the same key;
//! only a definite refusal or other data make a new one.
use leptos::prelude::*;
use shared::Problem;
use shared::accounts::work::Flow;
use shared::billing::{InvoiceState, InvoiceView};
use uuid::Uuid;

use crate::api::{self, Answer, ApiFailure};
use crate::app::{Page, Place};
use crate::browser;
use crate::draft::Attempt;
use crate::session::Cx;
use crate::work::Work;

/// Sends the order as the draft has it. Where it leads, it goes by itself; what must be said goes to `cx.stopped`.
pub fn send(cx: Cx) {
    if cx.sending.get_untracked() {
        return;
    }
    cx.stopped.set(None);
    cx.sending.set(true);
    leptos::task::spawn_local(async move {
        let outcome = order(cx).await;
        match outcome {
            Ok(invoice) => became(cx, invoice),
            Err(failure) => refused(cx, failure),
        }
        // Last, so that the review is not seen for a moment before the page it leads to.
        cx.sending.set(false);
    });
}

async fn order(cx: Cx) -> Answer<InvoiceView> {
    let slug = cx.slug();
    renew_claim(cx, &slug).await?;
    let language = untrack(|| cx.lang());
    let attempt = cx.draft.try_update(|draft| draft.attempt(language, Uuid::new_v4)).flatten();
    let Some(Attempt { key, order, .. }) = attempt else {
        return Err(ApiFailure::Problem(Box::new(Problem::new(shared::ProblemCode::ClaimExpired))));
    };
    api::order(&slug, key, &order).await
}

/// A claim that ended while the person reviewed is asked for again; an order on its way keeps the one it carries.
async fn renew_claim(cx: Cx, slug: &str) -> Answer<()> {
    let ticket = cx.draft.with_untracked(|draft| {
        let alive = draft.fresh_claim(browser::now_ms(), browser::instant_ms).is_some();
        if alive || draft.unanswered().is_some() { None } else { draft.look_up() }
    });
    if let Some(ticket) = ticket {
        // Where strangers guess the server wants a proof of work for it; the page says that it is being made ready.
        let work = Work::on_demand(Flow::LookUp);
        let found = work.send(|proof| api::look_up(slug, &ticket, proof)).await;
        let claim = found.unwrap_or(Err(ApiFailure::Offline))?;
        cx.draft.update(|draft| draft.claim_for(ticket, claim));
    }
    Ok(())
}

fn on_review(cx: Cx) -> bool {
    untrack(|| Place::parse(&cx.router.path()).page == Page::Review)
}

fn became(cx: Cx, invoice: InvoiceView) {
    let here = on_review(cx);
    let page = Page::Invoice(invoice.id);
    cx.draft.update(|draft| draft.became(invoice.id, invoice.state == InvoiceState::Stamped));
    cx.invoice.set(Some(invoice));
    if here {
        cx.router.replace(&cx.href(page));
    }
}

fn refused(cx: Cx, failure: ApiFailure) {
    let settled = failure.settled();
    let fields = settled.and_then(|problem| cx.draft.try_update(|draft| draft.refused(problem))).unwrap_or_default();
    match fields.into_iter().min_by_key(|field| step_number(field.page())) {
        // The step says what is wrong with its field.
        Some(field) if on_review(cx) => cx.go(field.page()),
        _ => cx.stopped.set(Some(failure)),
    }
}

const fn step_number(page: Page) -> u8 {
    match page {
        Page::Branch => 1,
        Page::Rfc => 2,
        Page::Ticket => 3,
        _ => 4,
    }
}
