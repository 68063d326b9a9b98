//! Who came in with a temporary password chooses their own before anything else (C25, T23).
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::Secret;
use shared::accounts::entry::FirstPassword;
use shared::problem::{FieldCode, FieldErrors};

use crate::account::i18n::texts;
use crate::components::button;
use crate::components::failed::FailedText;
use crate::components::live::part;
use crate::pages::failure;
use crate::portal::app::Page;
use crate::portal::form::{Field, Form};
use crate::portal::pages::access::plain;
use crate::portal::password::{Which, password_field};
use crate::portal::session::Px;
use crate::signed::link::new_password;
use crate::signed::meaning;

const NEW: usize = 0;
const AGAIN: usize = 1;

fn check(values: &[String], _: Lang) -> FieldErrors {
    let value = |n: usize| values.get(n).cloned().unwrap_or_default();
    let form = FirstPassword { new: Secret::new(value(NEW)), issuer: None };
    let mut errors = form.parse().err().unwrap_or_default();
    if value(AGAIN).is_empty() {
        errors.add("/again", FieldCode::Required);
    } else if value(AGAIN) != value(NEW) {
        errors.add("/again", FieldCode::PasswordDiffers);
    }
    errors
}

/// The page.
pub fn page(px: Px) -> AnyView {
    let (t, access) = (texts(px), &px.common().enter);
    let p = &t.profiles;
    px.set_title(t.join.activate_title);
    let fields = vec![
        Field { id: "password", pointer: "/new", words: t.link.new_password, secret: true },
        Field { id: "again", pointer: "/again", words: p.again, secret: true },
    ];
    let form = Form::new(px, t.join.activate_title, fields, check);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let body = FirstPassword { new: Secret::new(form.value(NEW)), issuer: px.issuer() };
        leptos::task::spawn_local(async move {
            // Where the person goes from here is the frame's to say.
            if let Err(failed) = px.client.first_password(&body).await {
                form.explained(&failed);
            }
        });
    };
    let stopped = RwSignal::new(None::<FailedText>);
    let leave = move || {
        leptos::task::spawn_local(async move {
            match px.client.sign_out().await {
                Ok(()) => {
                    px.go(Page::SignIn);
                    px.forget();
                }
                Err(why) => {
                    stopped.try_set(Some(failure::face(px.cx.t(), &why)));
                }
            }
        });
    };
    let words = Signal::derive(move || p.save);
    let content = view! {
        {form.summary()}
        <h1>{t.join.activate_title}</h1>
        <p class="lead">{p.temporary_lead}</p>
        <form class="stack" novalidate on:submit=send>
            {new_password(form, NEW, (&t.link, access), px.profile().password)}
            {password_field(form.label(AGAIN, None), Which::New, access.show, form.control(AGAIN))}
            {super::accepts(px)}
            {button::submit("btn btn--block btn--lg", words, form.busy.into(), t.link.saving)}
        </form>
        {part(move || stopped.get().map(|text| meaning::failed(px.cx, text, Vec::new())))}
        <p class="actions">{button::act("btn btn--quiet", px.common().shell.sign_out, leave)}</p>
    };
    plain(px, content.into_any())
}
