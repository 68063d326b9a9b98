//! Banks' messages that name no payment, below the reviews: whether they are proved, what they say, and closing one. They
//! are few, and seldom any: without one nothing is shown.
use leptos::prelude::*;
use shared::payments::OrphanView;

use super::reviews::{Closes, Queue, said};
use crate::components::button;
use crate::components::live::part;
use crate::console::app::Area;
use crate::console::list::badge;
use crate::format;
use crate::i18n::fill;

/// The section; nothing without messages.
pub fn section(queue: Queue, rows: &[OrphanView]) -> Option<AnyView> {
    let t = &queue.sx.t().payments;
    let cards: Vec<AnyView> = rows.iter().map(|row| one(queue, row)).collect();
    (!cards.is_empty()).then(|| {
        view! {
            <section class="stack" aria-labelledby="orphans-title">
                <div><h2 id="orphans-title">{t.orphans}</h2><p class="sm muted">{t.orphans_lead}</p></div>
                {cards}
            </section>
        }
        .into_any()
    })
}

fn one(queue: Queue, orphan: &OrphanView) -> AnyView {
    let t = &queue.sx.t().payments;
    let id = orphan.id;
    let title = [orphan.bank.name(), ", ", &format::instant(&orphan.created_at)].concat();
    let proof = match orphan.proved {
        true => badge("ok", t.proved),
        false => badge("warn", t.unproved),
    };
    let end = match (&orphan.closed_at, orphan.payment_id) {
        (_, Some(payment)) => {
            let href = queue.sx.href(Area::Payment(payment));
            view! { <p><a href=href>{t.matched}</a></p> }.into_any()
        }
        (Some(at), None) => {
            let note = orphan.resolution.clone().unwrap_or_default();
            view! { <p><b>{fill(t.closed_at, &[&format::instant(at)])}</b>" "{note}</p> }.into_any()
        }
        (None, None) => part(move || {
            let this = (Closes::Orphan, id);
            Some(match queue.closing.get() == Some(this) {
                true => queue.form(this),
                false => button::act("btn btn--2 btn--sm", t.close_orphan, move || queue.closing.set(Some(this))),
            })
        }),
    };
    let doubt = (!orphan.proved).then(|| view! { <p class="sm">{t.unproved_more}</p> });
    let perhaps = orphan.likely_payment_id.map(|payment| {
        view! { <p><a href=queue.sx.href(Area::Payment(payment))>{t.perhaps}</a></p> }
    });
    let label = title.clone();
    view! {
        <section class="card" aria-label=label>
            <div class="card__head"><h3>{title}</h3>{proof}</div>
            <div class="card__body stack">{doubt}{said(t.said, &orphan.said)}{perhaps}{end}</div>
        </section>
    }
    .into_any()
}
