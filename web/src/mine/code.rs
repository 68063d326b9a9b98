//! The mailbox and its code. What is said is the same whether anything was invoiced to an address.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::Secret;
use shared::accounts::work::Flow;
use shared::guests::{AskMailCode, UseMailCode};
use shared::problem::FieldErrors;
use uuid::Uuid;

use super::words::words;
use super::{Step, View, api};
use crate::api::ApiFailure;
use crate::app::Page as GuestPage;
use crate::components::button;
use crate::components::failed::failed;
use crate::components::field::{Kind, text_field};
use crate::components::live::part;
use crate::components::note::{Tone, note};
use crate::components::pow::pow;
use crate::components::skeleton::skeleton;
use crate::i18n::fill;
use crate::pages::failure;
use crate::router;
use crate::signed::form::{Field, Form};
use crate::signed::mailbox::mailbox;
use crate::work::Work;

fn first(values: &[String]) -> String {
    values.first().cloned().unwrap_or_default()
}

fn check_email(values: &[String], language: Lang) -> FieldErrors {
    AskMailCode { email: first(values), language }.parse().err().unwrap_or_default()
}

fn check_code(values: &[String], _: Lang) -> FieldErrors {
    UseMailCode { code: Secret::new(first(values)) }.parse().err().unwrap_or_default()
}

/// Which mailbox.
pub fn ask(view: View, over: bool) -> AnyView {
    let px = view.px;
    let t = words(px);
    px.set_title(t.title);
    let fields = vec![Field { id: "email", pointer: "/email", words: t.email, secret: false }];
    let form = Form::new(px, t.title, fields, check_email);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let body = AskMailCode { email: form.value(0).trim().to_owned(), language: px.common().lang };
        leptos::task::spawn_local(async move {
            match api::ask_code(px, &body).await {
                Ok(asked) => view.turn(Step::Code { id: asked.id, to: Some(body.email) }),
                Err(why) => form.failed(&why, Vec::new()),
            }
        });
    };
    let words = Signal::derive(move || t.send);
    view! {
        {form.summary()}
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
        <div class="stack">
            {over.then(|| note(Tone::Info, None, t.over.to_owned()))}
            <form class="stack" novalidate on:submit=send>
                {text_field(form.label(0, None), Kind::Email, form.control(0))}
                <div class="actions">{button::submit("btn btn--lg", words, form.busy.into(), t.sending)}</div>
            </form>
            <p class="sm muted">
                {t.signed_in}" "<a href=px.href(crate::portal::app::Page::SignIn)>{px.common().enter.enter}</a>
            </p>
        </div>
    }
    .into_any()
}

/// The code to the address of a ticket's invoice, for whoever holds the ticket and typed its data a moment ago.
pub fn of_ticket(view: View) -> AnyView {
    let px = view.px;
    let t = words(px);
    px.set_title(t.title);
    let stopped = RwSignal::new(None::<ApiFailure>);
    let work = Work::on_demand(Flow::LookUp);
    let ticket = px.cx.kept_draft().look_up();
    let known = ticket.is_some();
    let ask = move || {
        let Some(ticket) = ticket.clone() else { return };
        stopped.set(None);
        leptos::task::spawn_local(async move {
            match work.send(|proof| api::ask_code_of_ticket(px, &ticket, proof)).await {
                Some(Ok(asked)) => {
                    // The letter is on its way: a reload must not ask for another.
                    router::set_query(&[]);
                    view.turn(Step::Code { id: asked.id, to: None });
                }
                Some(Err(why)) => drop(stopped.try_set(Some(why))),
                None => {}
            }
        });
    };
    ask();
    let back = move || button::link("btn btn--2 btn--sm", px.cx.href(GuestPage::Ticket), px.cx.t().shell.back);
    let content = part(move || {
        let again = ask.clone();
        Some(stopped.with(|why| match why {
            Some(why) => {
                let again = button::act("btn btn--2 btn--sm", px.cx.t().failure.try_again, again);
                failed(failure::face(px.cx.t(), why), vec![again, back()])
            }
            None if known => skeleton(t.asking_ticket, 1),
            None => view! { <p>{t.no_ticket}</p><p class="actions">{back()}</p> }.into_any(),
        }))
    });
    view! { <h1>{t.title}</h1><div class="stack">{content}{pow(work, px.common().lang)}</div> }.into_any()
}

/// The code that arrived.
pub fn typed(view: View, id: Uuid, to: Option<String>) -> AnyView {
    let px = view.px;
    let t = words(px);
    px.set_title(t.code_title);
    let fields = vec![Field { id: "code", pointer: "/code", words: t.code, secret: true }];
    let form = Form::new(px, t.code_title, fields, check_code);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let body = UseMailCode { code: Secret::new(form.value(0)) };
        leptos::task::spawn_local(async move {
            match api::use_code(px, id, &body).await {
                Ok(_) => view.look(),
                Err(why) => form.failed(&why, Vec::new()),
            }
        });
    };
    let lead = to.map_or_else(|| t.of_ticket.to_owned(), |to| fill(t.code_lead, &[&to]));
    let words = Signal::derive(move || t.open);
    let other = move || view.turn(Step::Asking { over: false });
    view! {
        {form.summary()}
        <h1>{t.code_title}</h1>
        <p class="lead">{lead}</p>
        <div class="stack">
            {note(Tone::Info, None, t.code_note.to_owned())}
            {mailbox(px)}
            <form class="stack" novalidate on:submit=send>
                {text_field(form.label(0, None), Kind::OneTime, form.control(0))}
                <div class="actions">
                    {button::submit("btn btn--lg", words, form.busy.into(), t.opening)}
                    {button::act("btn btn--quiet", t.other_email, other)}
                </div>
            </form>
        </div>
    }
    .into_any()
}
