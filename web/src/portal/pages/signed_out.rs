//! The session ended while somebody was at work: the password is asked for over the page, which keeps what was typed
//! and chosen, and the calls that waited go on.
use leptos::ev::SubmitEvent;
use leptos::html::Dialog;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::{Secret, SignIn};
use shared::problem::FieldErrors;

use crate::components::button;
use crate::components::live::part;
use crate::portal::app::Page;
use crate::portal::form::{Field, Form};
use crate::portal::password::{Which, password_field};
use crate::portal::session::Px;

const PASSWORD: usize = 0;

fn check(values: &[String], _: Lang) -> FieldErrors {
    // Who signs in is known: only the password is asked for.
    let password = Secret::new(values.get(PASSWORD).cloned().unwrap_or_default());
    SignIn { user: "-".to_owned(), password }.parse().err().unwrap_or_default()
}

/// The dialog, closed until a call needs it.
pub fn dialog(px: Px) -> AnyView {
    let asking = px.client.asking();
    let node = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let shown = asking.get();
        if let Some(dialog) = node.get() {
            match (shown, dialog.open()) {
                (true, false) => drop(dialog.show_modal()),
                (false, true) => dialog.close(),
                _ => {}
            }
        }
    });
    let closed = move |_| {
        if asking.get_untracked() {
            px.client.settle(false);
        }
    };
    view! {
        <dialog class="dialog" node_ref=node aria-labelledby="over-title" on:close=closed>
            {part(move || asking.get().then(|| body(px)))}
        </dialog>
    }
    .into_any()
}

fn body(px: Px) -> AnyView {
    let (t, access) = (&px.common().shell, &px.common().access);
    let user = px.me_untracked().map(|me| me.email).unwrap_or_default();
    let fields = vec![Field { id: "over-password", pointer: "/password", words: access.password, secret: true }];
    // The page keeps its own title.
    let form = Form::new(px, "", fields, check);
    let email = user.clone();
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let body = SignIn { user: email.clone(), password: Secret::new(form.value(PASSWORD)) };
        leptos::task::spawn_local(async move {
            match px.client.sign_in_again(&body).await {
                Ok(()) => px.client.settle(true),
                Err(failed) => form.failed(&failed, Vec::new()),
            }
        });
    };
    let other = move || {
        px.client.settle(false);
        px.go(Page::SignIn);
        px.forget();
    };
    let words = Signal::derive(move || access.enter);
    view! {
        <form novalidate on:submit=send>
            <div class="dialog__body">
                {form.summary()}
                <h2 id="over-title" tabindex="-1" autofocus>{t.over_title}</h2>
                <p>{t.over_lead}</p>
                <div class="field">
                    <div class="field__label"><label for="over-user">{access.user}</label></div>
                    <input class="input" id="over-user" type="text" readonly autocomplete="username" value=user/>
                </div>
                {password_field(form.label(PASSWORD, None), Which::Current, access.show, form.control(PASSWORD))}
                <p class="sm">{button::act("linkbtn", t.over_other, other)}</p>
            </div>
            <div class="dialog__foot">
                {button::act("btn btn--2", t.over_close, move || px.client.settle(false))}
                {button::submit("btn", words, form.busy.into(), access.entering)}
            </div>
        </form>
    }
    .into_any()
}
