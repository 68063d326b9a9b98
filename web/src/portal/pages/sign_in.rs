//! The way in, beside the door for a paper ticket.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::{Secret, SignIn};
use shared::problem::FieldErrors;

use super::access::column;
use crate::app::Page as GuestPage;
use crate::components::button;
use crate::components::field::{Kind, text_field};
use crate::pages::home::picture;
use crate::portal::app::Page;
use crate::portal::form::{Field, Form};
use crate::portal::password::{Which, password_field};
use crate::portal::session::Px;

const USER: usize = 0;
const PASSWORD: usize = 1;

fn body(values: &[String]) -> SignIn {
    let value = |n: usize| values.get(n).cloned().unwrap_or_default();
    SignIn { user: value(USER), password: Secret::new(value(PASSWORD)) }
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    body(values).parse().err().unwrap_or_default()
}

/// The page.
pub fn page(px: Px) -> AnyView {
    let (cx, t) = (px.cx, &px.common().access);
    px.set_title(t.title);
    let home = &cx.t().home;
    let content = view! {
        {form(px)}
        <p class="actions sm muted">{t.no_access}" "<a href=px.href(Page::Register)>{t.register}</a></p>
        {cx.with_issuer(|issuer| issuer.rehearsal).unwrap_or_default().then(|| rehearse(px))}
    };
    view! {
        <div class="auth">
            {column(px, content.into_any())}
            <aside class="auth__door" aria-label=t.door>
                <div class="ticket-wrap" aria-hidden="true">{picture(cx)}</div>
                <div><h2>{home.title}</h2><p>{home.lead}</p></div>
                {button::link("btn btn--2 btn--lg", cx.href(GuestPage::Branch), home.start)}
            </aside>
        </div>
    }
    .into_any()
}

fn form(px: Px) -> AnyView {
    let t = &px.common().access;
    let fields = vec![
        Field { id: "user", pointer: "/user", words: t.user, secret: false },
        Field { id: "password", pointer: "/password", words: t.password, secret: true },
    ];
    let form = Form::new(px, t.title, fields, check);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let body = body(&[form.value(USER), form.value(PASSWORD)]);
        leptos::task::spawn_local(async move {
            // Where a person with a session goes from here is the frame's to say.
            if let Err(failed) = px.client.sign_in(&body).await {
                form.failed(&failed, Vec::new());
            }
        });
    };
    view! {
        {form.summary()}
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
        <form class="stack" novalidate on:submit=send>
            {text_field(form.label(USER, Some(t.user_hint)), Kind::User, form.control(USER))}
            {password_field(form.label(PASSWORD, None), Which::Current, t.show, form.control(PASSWORD))}
            <p class="sm"><a href=px.href(Page::Recover)>{t.forgot}</a></p>
            {button::submit("btn btn--block btn--lg", Signal::derive(move || t.enter), form.busy.into(), t.entering)}
        </form>
    }
    .into_any()
}

fn rehearse(px: Px) -> AnyView {
    let t = &px.common().access;
    view! {
        <section class="rehearse stack stack-2" aria-labelledby="rehearse">
            <h2 id="rehearse">{t.rehearse}</h2>
            <p class="sm muted">{t.rehearse_lead}</p>
            <p class="sm"><a href=px.cx.href(GuestPage::Rehearsal)>{t.rehearse_use}</a></p>
        </section>
    }
    .into_any()
}
