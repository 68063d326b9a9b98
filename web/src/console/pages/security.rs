//! A person's own password, code and sessions.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::{ChangePassword, Secret, SessionView};
use shared::problem::FieldErrors;
use shared::profiles::PasswordRule;

use crate::components::button;
use crate::components::live::words;
use crate::console::api;
use crate::console::list::{badge, faces};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::i18n::fill;
use crate::session::{Load, load};
use crate::signed::acts::Acts;
use crate::signed::email;
use crate::signed::factor;
use crate::signed::form::{Field, Form};
use crate::signed::link::new_password;
use crate::signed::password::{Which, password_field};

const CURRENT: usize = 0;
const NEW: usize = 1;

type Sessions = RwSignal<Load<Vec<SessionView>>>;

fn body(values: &[String]) -> ChangePassword {
    let value = |n: usize| Secret::new(values.get(n).cloned().unwrap_or_default());
    ChangePassword { current: value(CURRENT), new: value(NEW), issuer: None }
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    body(values).parse().err().unwrap_or_default()
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().security;
    let sessions: Sessions = RwSignal::new(Load::Loading);
    ask(sx, sessions);
    let content = view! {
        {address(sx)}
        {factor::card(sx, sx.client, &sx.t().factor)}
        {factor::passkeys::card(sx, sx.client, &sx.t().factor)}
        {password(sx, sessions)}
        {open(sx, sessions)}
    };
    shell::page(sx, t.title, "", ().into_any(), content.into_any())
}

/// The address that one signs in with.
fn address(sx: Sx) -> AnyView {
    let t = &sx.t().email;
    let now = move || sx.me().map(|me| me.email);
    view! {
        <section class="card" aria-labelledby="email-title">
            <div class="card__head"><h2 id="email-title">{t.label}</h2></div>
            <div class="card__body stack">
                <p>{words(now)}</p>
                {email::change(sx, sx.client, t, sx.t().acts.cancel)}
            </div>
        </section>
    }
    .into_any()
}

fn ask(sx: Sx, into: Sessions) {
    load(into, async move { api::sessions(sx.client).await.map(|page| page.data) });
}

fn password(sx: Sx, sessions: Sessions) -> AnyView {
    let (t, all) = (&sx.t().security, sx.t());
    let fields = vec![
        Field { id: "current", pointer: "/current", words: t.current, secret: true },
        Field { id: "new", pointer: "/new", words: all.link.new_password, secret: true },
    ];
    let form = Form::new(sx, t.title, fields, check);
    let done = RwSignal::new(false);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        done.set(false);
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let body = body(&[form.value(CURRENT), form.value(NEW)]);
        leptos::task::spawn_local(async move {
            match api::change_password(sx.client, &body).await {
                Ok(()) => {
                    if form.busy.try_set(false).is_none() {
                        form.clear();
                        sx.set_title(t.title);
                        done.set(true);
                        ask(sx, sessions);
                    }
                }
                Err(reason) => form.explained(&reason),
            }
        });
    };
    let submit = button::submit("btn", Signal::derive(move || t.change), form.busy.into(), t.changing);
    view! {
        <section class="card" aria-labelledby="password-title">
            <div class="card__head"><h2 id="password-title">{t.password}</h2></div>
            <form class="card__body stack account__form" novalidate on:submit=send>
                {form.summary()}
                <p class="sm muted">{t.password_lead}</p>
                {password_field(form.label(CURRENT, None), Which::Current, all.enter.show, form.control(CURRENT))}
                {new_password(form, NEW, (&all.link, &all.enter), PasswordRule::Length)}
                <div>{submit}</div>
                <p class="sm ok" role="status">{words(move || done.get().then(|| t.changed.to_owned()))}</p>
            </form>
        </section>
    }
    .into_any()
}

fn open(sx: Sx, sessions: Sessions) -> AnyView {
    let t = &sx.t().security;
    let acts = Acts::new(sx.cx, &sx.t().acts);
    let again = Callback::new(move |()| ask(sx, sessions));
    let end = move || {
        acts.run(async move { api::end_other_sessions(sx.client).await }, move |()| {
            acts.say(t.ended.to_owned());
            again.run(());
        });
    };
    let row = move |session: &SessionView| {
        let device = match session.device.as_str() {
            "" => t.unknown_device.to_owned(),
            device => device.to_owned(),
        };
        let seen = fill(t.seen, &[&format::instant(&session.last_seen_at.instant)]);
        let here = session.current.then(|| badge("ok", t.this_session));
        view! { <li><div class="grow"><b>{device}</b><small>{seen}</small></div>{here}</li> }.into_any()
    };
    let full = move |all: &Vec<SessionView>| {
        let rows: Vec<AnyView> = all.iter().map(row).collect();
        let others = (all.len() > 1).then(|| {
            let end = button::act_busy("btn btn--bad btn--sm", t.end_others, acts.busy(), t.ending, end);
            view! { <div class="card__body">{end}</div> }
        });
        view! { <ul class="list">{rows}</ul>{others} }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="sessions-title">
            <div class="card__head"><h2 id="sessions-title">{t.sessions}</h2></div>
            {acts.view()}
            {faces(sx, sessions, again, full)}
        </section>
    }
    .into_any()
}
