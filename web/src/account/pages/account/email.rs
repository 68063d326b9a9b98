//! Another mail address of one's own: asked for, then proved by the code that came to it.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::people::ChangeEmail;
use shared::problem::{FieldCode, FieldErrors};

use crate::account::i18n::texts;
use crate::browser;
use crate::components::button;
use crate::components::field::{Kind, text_field};
use crate::components::live::{part, words};
use crate::i18n::fill;
use crate::portal::api::privacy as api;
use crate::portal::form::{Field, Form};
use crate::portal::session::Px;

/// Where the change stands.
#[derive(Clone, PartialEq)]
enum Step {
    Closed,
    /// The new address is being typed.
    Asking,
    /// A code went there.
    Sent(String),
    Done,
}

fn check_email(values: &[String], _: Lang) -> FieldErrors {
    ChangeEmail { email: values.first().cloned().unwrap_or_default() }.parse().err().unwrap_or_default()
}

fn check_code(values: &[String], _: Lang) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if values.first().is_none_or(|code| code.trim().is_empty()) {
        errors.add("/code", FieldCode::Required);
    }
    errors
}

/// The button, and what it opens.
pub fn change(px: Px) -> AnyView {
    let t = &texts(px).privacy;
    let step = RwSignal::new(Step::Closed);
    let open = move || {
        step.set(Step::Asking);
        browser::focus_soon("email-new");
    };
    let shown = part(move || match step.get() {
        Step::Closed | Step::Done => {
            Some(view! { " "{button::act("btn btn--quiet btn--sm", t.email_change, open)} }.into_any())
        }
        Step::Asking => Some(ask(px, step)),
        Step::Sent(email) => Some(prove(px, step, &email)),
    });
    let done = move || (step.get() == Step::Done).then(|| t.email_done.to_owned());
    view! { {shown}<p class="sm ok" role="status">{words(done)}</p> }.into_any()
}

fn ask(px: Px, step: RwSignal<Step>) -> AnyView {
    let t = &texts(px).privacy;
    let field = Field { id: "email-new", pointer: "/email", words: t.email_new, secret: false };
    let form = Form::new(px, "", vec![field], check_email);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let email = form.value(0).trim().to_owned();
        leptos::task::spawn_local(async move {
            match api::change_email(px.client, email.clone()).await {
                Ok(()) => {
                    form.saved();
                    step.try_set(Step::Sent(email));
                    browser::focus_soon("email-code");
                }
                Err(reason) => form.failed(&reason, Vec::new()),
            }
        });
    };
    let submit = button::submit("btn btn--sm", Signal::derive(move || t.email_send), form.busy.into(), t.email_sending);
    let close = button::act("btn btn--quiet btn--sm", texts(px).acts.cancel, move || step.set(Step::Closed));
    view! {
        <form class="stack stack-3" novalidate on:submit=send>
            {form.summary()}
            <p class="sm muted">{t.email_lead}</p>
            {text_field(form.label(0, None), Kind::Email, form.control(0))}
            <div class="row tight">{submit}{close}</div>
        </form>
    }
    .into_any()
}

fn prove(px: Px, step: RwSignal<Step>, email: &str) -> AnyView {
    let t = &texts(px).privacy;
    let field = Field { id: "email-code", pointer: "/code", words: t.email_code, secret: true };
    let form = Form::new(px, "", vec![field], check_code);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let code = form.value(0);
        leptos::task::spawn_local(async move {
            match api::confirm_email(px.client, code).await {
                Ok(()) => {
                    step.try_set(Step::Done);
                }
                Err(reason) => form.failed(&reason, Vec::new()),
            }
        });
    };
    let submit =
        button::submit("btn btn--sm", Signal::derive(move || t.email_confirm), form.busy.into(), t.email_sending);
    let other = button::act("btn btn--quiet btn--sm", t.email_other, move || step.set(Step::Asking));
    view! {
        <form class="stack stack-3" novalidate on:submit=send>
            {form.summary()}
            <p class="sm" role="status">{fill(t.email_sent, &[email])}</p>
            {text_field(form.label(0, None), Kind::OneTime, form.control(0))}
            <div class="row tight">{submit}{other}</div>
        </form>
    }
    .into_any()
}
