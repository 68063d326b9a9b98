//! Banks' messages that name no payment, below the reviews: whether they are proved, what they say, and closing one. They
//! are few, and seldom any: without one nothing is shown.
use leptos::prelude::*;
use shared::payments::OrphanView;
use uuid::Uuid;

use super::reviews::{Closes, closing, said};
use crate::components::button;
use crate::components::live::part;
use crate::console::api::payments as api;
use crate::console::app::Area;
use crate::console::list::badge;
use crate::console::session::Sx;
use crate::format;
use crate::i18n::fill;
use crate::signed::acts::Acts;

/// The section's data and acts.
#[derive(Clone, Copy)]
struct Strays {
    sx: Sx,
    rows: RwSignal<Vec<OrphanView>>,
    acts: Acts,
    closing: RwSignal<Option<Uuid>>,
}

/// The section; with those that were closed when `all`.
pub fn section(sx: Sx, acts: Acts, all: RwSignal<bool>) -> AnyView {
    let strays = Strays { sx, rows: RwSignal::new(Vec::new()), acts, closing: RwSignal::new(None) };
    Effect::new(move |_| strays.ask(all.get()));
    let t = &sx.t().payments;
    part(move || {
        let rows = strays.rows.get();
        let all_now = all.get_untracked();
        let cards: Vec<AnyView> = rows.iter().map(|row| strays.one(row, all_now)).collect();
        (!cards.is_empty()).then(|| {
            view! {
                <section class="stack" aria-labelledby="orphans-title">
                    <div><h2 id="orphans-title">{t.orphans}</h2><p class="sm muted">{t.orphans_lead}</p></div>
                    {cards}
                </section>
            }
            .into_any()
        })
    })
}

impl Strays {
    fn ask(self, all: bool) {
        self.closing.set(None);
        leptos::task::spawn_local(async move {
            if let Ok(rows) = api::orphans(self.sx.client, self.sx.slug(), all).await {
                self.rows.try_set(rows);
            }
        });
    }

    fn one(self, orphan: &OrphanView, all: bool) -> AnyView {
        let t = &self.sx.t().payments;
        let id = orphan.id;
        let title = [orphan.bank.name(), ", ", &format::instant(&orphan.created_at)].concat();
        let proof = match orphan.proved {
            true => badge("ok", t.proved),
            false => badge("warn", t.unproved),
        };
        let end = match (&orphan.closed_at, orphan.payment_id) {
            (_, Some(payment)) => {
                let href = self.sx.href(Area::Payment(payment));
                view! { <p><a href=href>{t.matched}</a></p> }.into_any()
            }
            (Some(at), None) => {
                let note = orphan.resolution.clone().unwrap_or_default();
                view! { <p><b>{fill(t.closed_at, &[&format::instant(at)])}</b>" "{note}</p> }.into_any()
            }
            (None, None) => part(move || {
                Some(match self.closing.get() == Some(id) {
                    true => {
                        let done = Callback::new(move |()| {
                            self.acts.say(t.closed.to_owned());
                            self.ask(all);
                        });
                        closing(self.sx, t.close_orphan, (Closes::Orphan, id), (self.closing, done))
                    }
                    false => button::act("btn btn--2 btn--sm", t.close_orphan, move || self.closing.set(Some(id))),
                })
            }),
        };
        view! {
            <section class="card" aria-label=title.clone()>
                <div class="card__head"><h3>{title.clone()}</h3>{proof}</div>
                <div class="card__body stack">{said(t.said, &orphan.said)}{end}</div>
            </section>
        }
        .into_any()
    }
}
