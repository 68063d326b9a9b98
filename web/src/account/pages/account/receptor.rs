//! The customer's fiscal data for its next invoice of a ticket: seen, changed by the session (T15), used (T16).
use std::sync::Arc;

use leptos::prelude::*;
use shared::guests::MyReceptor;

use crate::browser;
use crate::components::button;
use crate::components::facts::{fact, facts};
use crate::components::live::part;
use crate::components::skeleton::skeleton;
use crate::mine::api;
use crate::mine::receptor::{Saving, begin, form};
use crate::mine::words::words;
use crate::pages::failure;
use crate::portal::session::Px;
use crate::session::{Load, load};
use crate::signed::meaning;

/// Nothing that was not invoiced yet has one.
fn known(value: &str) -> String {
    if value.is_empty() { "—".to_owned() } else { value.to_owned() }
}

/// The id of its heading.
const TITLE: &str = "receptor-title";

/// The card.
pub fn card(px: Px) -> AnyView {
    let t = words(px);
    let face = RwSignal::new(Load::Loading);
    let editing = RwSignal::new(false);
    let said = RwSignal::new(String::new());
    load(face, async move { api::of_customer(px).await });
    let content = part(move || {
        let open = editing.get();
        Some(face.with(|shown| match shown {
            Load::Loading => skeleton(px.cx.t().shell.loading, 1),
            Load::Failed(why) => {
                let again = move || {
                    face.set(Load::Loading);
                    load(face, async move { api::of_customer(px).await });
                };
                let again = button::act("btn btn--2 btn--sm", px.cx.t().failure.try_again, again);
                meaning::failed(px.cx, failure::face(px.cx.t(), why), vec![again])
            }
            Load::Ready(receptor) if open => edit(px, receptor, face, (editing, said)),
            Load::Ready(receptor) => shown_as(px, receptor, editing),
        }))
    });
    view! {
        <section class="card" aria-labelledby=TITLE>
            <div class="card__head"><h2 id=TITLE>{t.customer_data}</h2></div>
            <div class="card__body">
                <div class="stack">{content}</div>
                <p class="sm ok" role="status">{part(move || Some(said.get().into_any()))}</p>
            </div>
        </section>
    }
    .into_any()
}

/// Opens the form or closes it: the pressed control is gone, and the focus goes to the heading.
fn turn(editing: RwSignal<bool>, open: bool) {
    editing.set(open);
    browser::focus_heading(TITLE);
}

fn shown_as(px: Px, receptor: &MyReceptor, editing: RwSignal<bool>) -> AnyView {
    let t = words(px);
    let rows = vec![
        fact("RFC", receptor.rfc.clone(), "num", None),
        fact(t.nombre, known(&receptor.nombre), "", None),
        fact(t.regimen, known(&receptor.regimen), "num", None),
        fact(t.codigo_postal, known(&receptor.codigo_postal), "num", None),
        fact(t.uso, known(&receptor.uso), "num", None),
        fact(t.deliver, known(&receptor.email), "", None),
    ];
    let used = receptor.clone();
    view! {
        {facts(rows)}
        <div class="actions">
            {button::act("btn btn--2", t.edit, move || turn(editing, true))}
            {button::act("btn", t.use_data, move || begin(px, &used))}
        </div>
    }
    .into_any()
}

fn edit(
    px: Px,
    receptor: &MyReceptor,
    face: RwSignal<Load<MyReceptor>>,
    (editing, said): (RwSignal<bool>, RwSignal<String>),
) -> AnyView {
    let t = words(px);
    let saving = Saving {
        send: Arc::new(move |body| Box::pin(async move { api::save_of_customer(px, &body).await })),
        saved: Callback::new(move |receptor| {
            face.set(Load::Ready(receptor));
            turn(editing, false);
            said.set(t.saved.to_owned());
        }),
        cancel: Callback::new(move |()| turn(editing, false)),
    };
    form(px, receptor.clone(), saving)
}
