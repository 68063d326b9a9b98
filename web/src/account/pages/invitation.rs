//! Where the letter of an invitation leads: with a new password for somebody without an account, with their own for
//! somebody who has one.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::accounts::people::InvitationSeen;
use shared::accounts::{Secret, UseLink};
use shared::problem::{FieldCode, FieldErrors};
use shared::{Lang, ProblemCode};

use crate::account::i18n::texts;
use crate::api::ApiFailure;
use crate::components::button;
use crate::components::live::part;
use crate::components::skeleton::skeleton;
use crate::i18n::fill;
use crate::pages::failure;
use crate::portal::api::people as api;
use crate::portal::app::Page;
use crate::portal::pages::access::plain;
use crate::portal::session::Px;
use crate::session::{Load, load};
use crate::signed::client::Entry;
use crate::signed::enter::Way;
use crate::signed::form::{Field, Form};
use crate::signed::link::{Letter, view};
use crate::signed::meaning;
use crate::signed::password::{Which, password_field};

const USE: &str = "/people-invitations/confirmations";

/// The page.
pub fn page(px: Px) -> AnyView {
    let t = texts(px);
    let Some(token) = px.link_token() else {
        // Without a link there is nothing to read: the page of links says so.
        let rule = px.profile().password;
        let letter = Letter { path: USE, title: t.link.no_link, lead: "", rule, ask: None, token: None };
        return plain(px, view(px, px.client, letter, (&t.link, &t.enter), Callback::new(|()| {})));
    };
    let face = RwSignal::new(Load::Loading);
    let ask = token.clone();
    load(face, async move { api::open_invitation(px.client, ask).await });
    plain(
        px,
        part(move || {
            Some(face.with(|shown| match shown {
                Load::Loading => skeleton(px.cx.t().shell.loading, 2),
                Load::Failed(reason) => dead(px, reason),
                Load::Ready(seen) => accept(px, seen, token.clone()),
            }))
        }),
    )
}

/// Nobody sends an invitation to themselves: who invited sends another.
fn dead(px: Px, reason: &ApiFailure) -> AnyView {
    let t = texts(px);
    px.set_title(t.people.invitation);
    let mut face = failure::face(px.cx.t(), reason);
    if reason.code() == Some(ProblemCode::LinkExpired) {
        // In place of the way out of a letter that people ask for themselves.
        face.words.truncate(1);
        face.words.push(t.people.ask_again.to_owned());
    }
    let way = button::link("btn btn--2 btn--sm", px.href(Page::SignIn), t.enter.enter);
    view! { <h1>{t.people.invitation}</h1>{meaning::failed(px.cx, face, vec![way])} }.into_any()
}

fn accept(px: Px, seen: &InvitationSeen, token: Secret) -> AnyView {
    let t = texts(px);
    let title = fill(t.people.join_title, &[&seen.customer]);
    px.set_title(&title);
    let done = Callback::new(move |()| {
        px.link_used();
        px.cx.router.replace(&px.href(px.landing()));
    });
    let heading = view! { <p class="lead"><b>{title}</b></p> };
    if seen.has_account {
        let lead = fill(t.people.join_known, &[&seen.email]);
        return view! { {heading}{known(px, lead, token, done)}{super::accepts(px)} }.into_any();
    }
    let lead = fill(t.people.join_lead, &[&seen.email]);
    let (title, lead_in, rule) = (t.join.activate_title, t.join.activate_lead, px.profile().password);
    let letter = Letter { path: USE, title, lead: lead_in, rule, ask: None, token: Some(token) };
    view! {
        {heading}
        <p class="sm muted">{lead}</p>
        {view(px, px.client, letter, (&t.link, &t.enter), done)}
        {super::accepts(px)}
    }
    .into_any()
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if values.first().is_none_or(String::is_empty) {
        errors.add("/password", FieldCode::Required);
    }
    errors
}

/// Somebody with an account proves it with their password, and the code when there is one.
fn known(px: Px, lead: String, token: Secret, done: Callback<()>) -> AnyView {
    let t = texts(px);
    let way = Way::new(px, px.client, &t.enter, None, done);
    let second = Memo::new(move |_| way.is_second());
    part(move || {
        if second.get() {
            return Some(way.view(|| ().into_any()));
        }
        let field = Field { id: "password", pointer: "/password", words: t.enter.password, secret: true };
        let form = Form::new(px, t.people.join, vec![field], check);
        let token = token.clone();
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            form.busy.set(true);
            let body = UseLink { token: token.clone(), password: Secret::new(form.value(0)) };
            leptos::task::spawn_local(async move {
                match px.client.enter_at(USE, &body).await {
                    Ok(Entry::Done) => done.run(()),
                    Ok(Entry::Code(challenge)) => way.need_code(challenge),
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let words = Signal::derive(move || t.people.join);
        let view = view! {
            {form.summary()}
            <h1>{t.people.join}</h1>
            <p class="lead">{lead.clone()}</p>
            <form class="stack" novalidate on:submit=send>
                {password_field(form.label(0, None), Which::Current, t.enter.show, form.control(0))}
                {button::submit("btn btn--block btn--lg", words, form.busy.into(), t.people.joining)}
            </form>
        };
        Some(view.into_any())
    })
}
