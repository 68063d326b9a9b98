//! Where a letter's link leads: a first or another password, and the person is signed in. Opening the page uses
//! nothing up, so that a mail scanner that follows links takes nothing away.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::{PASSWORD_MIN_CHARS, Secret, UseLink};
use shared::problem::{FieldErrors, ProblemCode};

use crate::account::i18n::texts;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::error_summary::Line;
use crate::components::icon::{Icon, icon};
use crate::components::live::part;
use crate::portal::api::accounts::LinkUse;
use crate::portal::app::Page;
use crate::portal::form::{Field, Form};
use crate::portal::pages::access::plain;
use crate::portal::password::{Which, password_field};
use crate::portal::session::Px;

const PASSWORD: usize = 0;

/// What is advised.
const GOOD_CHARS: usize = 12;

fn check(values: &[String], _: Lang) -> FieldErrors {
    let password = Secret::new(values.get(PASSWORD).cloned().unwrap_or_default());
    UseLink { token: Secret::new(""), password }.parse().err().unwrap_or_default()
}

/// The page; `page` says which letter's link it is.
pub fn page(px: Px, page: Page) -> AnyView {
    let t = &texts(px).join;
    let (what, title, lead, ask) = match page {
        Page::Activate => (LinkUse::Activate, t.activate_title, t.activate_lead, Page::Register),
        _ => (LinkUse::Recover, t.new_title, t.new_lead, Page::Recover),
    };
    px.set_title(title);
    let Some(token) = px.link_token() else {
        let way = button::link("btn", px.href(ask), t.ask_link);
        return plain(px, empty(1, t.no_link.to_owned(), vec![t.no_link_lead.to_owned()], vec![way]));
    };
    let fields = vec![Field { id: "password", pointer: "/password", words: t.new_password, secret: true }];
    let form = Form::new(px, title, fields, check);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let body = UseLink { token: token.clone(), password: Secret::new(form.value(PASSWORD)) };
        leptos::task::spawn_local(async move {
            match px.client.use_link(what, &body).await {
                Ok(()) => {
                    px.link_used();
                    px.cx.router.replace(&px.href(Page::Home));
                }
                Err(failed) => {
                    let another = Line { words: t.ask_link.to_owned(), href: Some(px.href(ask)) };
                    let expired = failed.code() == Some(ProblemCode::LinkExpired);
                    form.failed(&failed, expired.then_some(another).into_iter().collect());
                }
            }
        });
    };
    let words = Signal::derive(move || t.save_enter);
    let content = view! {
        {form.summary()}
        <h1>{title}</h1>
        <p class="lead">{lead}</p>
        <form class="stack" novalidate on:submit=send>
            {new_password(form, PASSWORD)}
            {button::submit("btn btn--block btn--lg", words, form.busy.into(), t.saving)}
        </form>
    };
    plain(px, content.into_any())
}

/// A box for a new password, with its rules as they are met.
pub fn new_password(form: Form, n: usize) -> AnyView {
    let t = &texts(form.px).join;
    let label = form.label(n, Some(t.new_password_hint));
    let count = Memo::new(move |_| form.tracked(n).chars().count());
    let rule = move |words: &'static str, met: bool| {
        let (mark, state) = if met { (Icon::CircleCheck, t.met) } else { (Icon::Circle, t.not_met) };
        view! { <li data-ok=met.then_some("")>{icon(mark)}<span>{words}" "<span class="vh">{state}</span></span></li> }
            .into_any()
    };
    let rules = part(move || {
        let count = count.get();
        let rules = vec![rule(t.rule_length, count >= PASSWORD_MIN_CHARS), rule(t.rule_twelve, count >= GOOD_CHARS)];
        Some(view! { <ul class="rules" aria-label=t.rules>{rules}</ul> }.into_any())
    });
    view! {
        {password_field(label, Which::New, form.px.common().access.show, form.control(n))}
        {rules}
        <p class="sm muted">{t.rules_rest}</p>
    }
    .into_any()
}
