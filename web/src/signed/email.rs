//! Another mail address of one's own: asked for, then proved by the code that came to it.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::Secret;
use shared::accounts::people::{ChangeEmail, ConfirmEmail};
use shared::problem::{FieldCode, FieldErrors};

use super::client::{Client, Person};
use super::desk::Desk;
use super::form::{Field, Form};
use crate::browser;
use crate::components::button;
use crate::components::field::{Kind, text_field};
use crate::components::live::{part, words};
use crate::i18n::fill;

/// The words.
pub struct Words {
    pub label: &'static str,
    pub lead: &'static str,
    pub change: &'static str,
    pub new: &'static str,
    pub send: &'static str,
    pub sending: &'static str,
    /// With the address.
    pub sent: &'static str,
    pub code: &'static str,
    pub confirm: &'static str,
    pub done: &'static str,
    pub other: &'static str,
}

pub const ES: Words = Words {
    label: "Correo para entrar",
    lead: "Al cambiarlo se cierran sus demás sesiones y se avisa al correo de ahora.",
    change: "Cambiar correo",
    new: "Correo nuevo",
    send: "Enviar código",
    sending: "Enviando…",
    sent: "Enviamos un código a {0}. Sirve 15 minutos.",
    code: "Código de 6 dígitos",
    confirm: "Confirmar correo",
    done: "Su correo cambió. Desde ahora entra con él.",
    other: "Usar otro correo",
};

pub const EN: Words = Words {
    label: "Email to sign in with",
    lead: "Changing it closes your other sessions, and the present address is told.",
    change: "Change email",
    new: "New email",
    send: "Send code",
    sending: "Sending…",
    sent: "We sent a code to {0}. It is good for 15 minutes.",
    code: "6-digit code",
    confirm: "Confirm email",
    done: "Your email was changed. From now on you sign in with it.",
    other: "Use another email",
};

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

/// The button, and what it opens; `cancel` closes it again.
pub fn change<P: Person>(desk: impl Into<Desk>, client: Client<P>, t: &'static Words, cancel: &'static str) -> AnyView {
    let desk = desk.into();
    let step = RwSignal::new(Step::Closed);
    let open = move || {
        step.set(Step::Asking);
        browser::focus_soon("email-new");
    };
    let shown = part(move || match step.get() {
        Step::Closed | Step::Done => {
            Some(view! { " "{button::act("btn btn--quiet btn--sm", t.change, open)} }.into_any())
        }
        Step::Asking => Some(ask(desk, client, (t, cancel), step)),
        Step::Sent(email) => Some(prove(desk, client, t, step, &email)),
    });
    let done = move || (step.get() == Step::Done).then(|| t.done.to_owned());
    view! { {shown}<p class="sm ok" role="status">{words(done)}</p> }.into_any()
}

fn ask<P: Person>(
    desk: Desk,
    client: Client<P>,
    (t, cancel): (&'static Words, &'static str),
    step: RwSignal<Step>,
) -> AnyView {
    let field = Field { id: "email-new", pointer: "/email", words: t.new, secret: false };
    let form = Form::new(desk, "", vec![field], check_email);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let email = form.value(0).trim().to_owned();
        leptos::task::spawn_local(async move {
            let body = ChangeEmail { email: email.clone() };
            match client.post::<()>("/email-changes".to_owned(), &body).await {
                Ok(()) => {
                    form.saved();
                    step.try_set(Step::Sent(email));
                    browser::focus_soon("email-code");
                }
                Err(reason) => form.explained(&reason),
            }
        });
    };
    let submit = button::submit("btn btn--sm", Signal::derive(move || t.send), form.busy.into(), t.sending);
    let close = button::act("btn btn--quiet btn--sm", cancel, move || step.set(Step::Closed));
    view! {
        <form class="stack stack-3" novalidate on:submit=send>
            {form.summary()}
            <p class="sm muted">{t.lead}</p>
            {text_field(form.label(0, None), Kind::Email, form.control(0))}
            <div class="row tight">{submit}{close}</div>
        </form>
    }
    .into_any()
}

fn prove<P: Person>(desk: Desk, client: Client<P>, t: &'static Words, step: RwSignal<Step>, email: &str) -> AnyView {
    let field = Field { id: "email-code", pointer: "/code", words: t.code, secret: true };
    let form = Form::new(desk, "", vec![field], check_code);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let body = ConfirmEmail { code: Secret::new(form.value(0)) };
        leptos::task::spawn_local(async move {
            match client.post::<()>("/email-changes/confirmations".to_owned(), &body).await {
                Ok(()) => {
                    client.look_again();
                    step.try_set(Step::Done);
                }
                Err(reason) => form.explained(&reason),
            }
        });
    };
    let submit = button::submit("btn btn--sm", Signal::derive(move || t.confirm), form.busy.into(), t.sending);
    let other = button::act("btn btn--quiet btn--sm", t.other, move || step.set(Step::Asking));
    view! {
        <form class="stack stack-3" novalidate on:submit=send>
            {form.summary()}
            <p class="sm" role="status">{fill(t.sent, &[email])}</p>
            {text_field(form.label(0, None), Kind::OneTime, form.control(0))}
            <div class="row tight">{submit}{other}</div>
        </form>
    }
    .into_any()
}
