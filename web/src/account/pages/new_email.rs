//! Where the letter to another address leads, which staff sent for somebody who lost their mailbox: one button, and word of
//! what is now. Opening the page uses nothing up, so that a mail scanner that follows links changes nothing.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::accounts::Secret;
use shared::problem::FieldErrors;

use crate::account::i18n::texts;
use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::live::part;
use crate::portal::app::Page;
use crate::portal::pages::access::plain;
use crate::portal::session::Px;
use crate::signed::form::Form;

/// The page.
pub fn page(px: Px) -> AnyView {
    let texts = texts(px);
    let t = &texts.join;
    px.set_title(t.address_title);
    let Some(token) = px.link_token() else {
        let words = vec![texts.link.no_link_lead.to_owned()];
        return plain(px, empty(1, texts.link.no_link.to_owned(), words, Vec::new()));
    };
    let done = RwSignal::new(false);
    plain(px, part(move || Some(if done.get() { moved(px) } else { question(px, token.clone(), done) })))
}

fn question(px: Px, token: Secret, done: RwSignal<bool>) -> AnyView {
    let t = &texts(px).join;
    // Nothing is typed: the form tells what stopped it.
    let form = Form::new(px, t.address_title, Vec::new(), |_, _| FieldErrors::default());
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() {
            return;
        }
        form.busy.set(true);
        let token = token.clone();
        leptos::task::spawn_local(async move {
            match px.client.confirm_address(token).await {
                Ok(()) => {
                    px.link_used();
                    done.try_set(true);
                }
                Err(reason) => form.explained(&reason),
            }
        });
    };
    let submit =
        button::submit("btn btn--block btn--lg", Signal::derive(move || t.address), form.busy.into(), t.address_busy);
    view! {
        {form.summary()}
        <h1>{t.address_title}</h1>
        <p class="lead">{t.address_lead}</p>
        <form class="stack" novalidate on:submit=send>{submit}</form>
    }
    .into_any()
}

fn moved(px: Px) -> AnyView {
    let t = &texts(px).join;
    px.set_title(t.address_done);
    browser::focus_main();
    let ways = vec![
        button::link("btn", px.href(Page::SignIn), px.common().enter.enter),
        button::link("btn btn--2", px.href(Page::Recover), t.recover_title),
    ];
    empty(1, t.address_done.to_owned(), vec![t.address_done_lead.to_owned()], ways)
}
