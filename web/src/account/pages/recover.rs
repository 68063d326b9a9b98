//! Somebody who cannot sign in asks for a link. What is said afterwards is the same whether there is such a person.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::Recover;
use shared::problem::FieldErrors;

use super::sent::sent;
use crate::account::i18n::texts;
use crate::components::button;
use crate::components::field::{Kind, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::live::part;
use crate::portal::app::Page;
use crate::portal::form::{Field, Form};
use crate::portal::pages::access::plain;
use crate::portal::session::Px;

const USER: usize = 0;

fn check(values: &[String], _: Lang) -> FieldErrors {
    let form = Recover { user: values.get(USER).cloned().unwrap_or_default(), issuer: None };
    form.parse().err().unwrap_or_default()
}

/// The page.
pub fn page(px: Px) -> AnyView {
    let t = &texts(px).join;
    let done = RwSignal::new(false);
    let content = part(move || {
        let view = match done.get() {
            true => sent(px, t.sent_recover, &px.desk.typed("user"), t.sent_recover_note, done),
            false => form(px, done),
        };
        Some(view)
    });
    plain(px, content)
}

fn form(px: Px, done: RwSignal<bool>) -> AnyView {
    let (t, access) = (&texts(px).join, &px.common().enter);
    px.set_title(t.recover_title);
    let fields = vec![Field { id: "user", pointer: "/user", words: access.user, secret: false }];
    let form = Form::new(px, t.recover_title, fields, check);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let body = Recover { user: form.value(USER), issuer: px.issuer() };
        leptos::task::spawn_local(async move {
            match px.client.recover(&body).await {
                Ok(()) => {
                    done.try_set(true);
                }
                Err(failed) => form.failed(&failed, Vec::new()),
            }
        });
    };
    let words = Signal::derive(move || t.recover_send);
    view! {
        <a class="backlink" href=px.href(Page::SignIn)>{icon(Icon::ChevronLeft)}{t.back}</a>
        {form.summary()}
        <h1>{t.recover_title}</h1>
        <p class="lead">{t.recover_lead}</p>
        <form class="stack" novalidate on:submit=send>
            {text_field(form.label(USER, Some(access.user_hint)), Kind::User, form.control(USER))}
            {button::submit("btn btn--block btn--lg", words, form.busy.into(), t.recover_sending)}
        </form>
    }
    .into_any()
}
