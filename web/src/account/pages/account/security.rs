//! The password, and the sessions that are open.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::{ChangePassword, Secret, SessionView};
use shared::problem::FieldErrors;
use uuid::Uuid;

use super::tabbed;
use crate::account::i18n::texts;
use crate::api::Answer;
use crate::components::button;
use crate::components::failed::FailedText;
use crate::components::icon::drawing;
use crate::components::live::{mark, part, press, words};
use crate::components::skeleton::skeleton;
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::portal::app::Page;
use crate::portal::form::{Field, Form};
use crate::portal::icons;
use crate::portal::password::{Which, password_field};
use crate::portal::session::Px;
use crate::session::{Load, load};
use crate::signed::factor;
use crate::signed::link::new_password;
use crate::signed::meaning;

const CURRENT: usize = 0;
const NEW: usize = 1;

fn body(values: &[String], issuer: Option<String>) -> ChangePassword {
    let value = |n: usize| Secret::new(values.get(n).cloned().unwrap_or_default());
    ChangePassword { current: value(CURRENT), new: value(NEW), issuer }
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    body(values, None).parse().err().unwrap_or_default()
}

/// The page.
pub fn page(px: Px) -> AnyView {
    let sessions = Sessions::ask(px);
    let factor = factor::card(px, px.client, &texts(px).factor);
    let keys = factor::passkeys::card(px, px.client, &texts(px).factor);
    let content = view! { {password(px, sessions)}{factor}{keys}{sessions.view()} };
    tabbed(px, Page::Security, content.into_any())
}

fn password(px: Px, sessions: Sessions) -> AnyView {
    let (t, access) = (&texts(px).account, &px.common().enter);
    let fields = vec![
        Field { id: "current", pointer: "/current", words: t.current, secret: true },
        Field { id: "new", pointer: "/new", words: texts(px).link.new_password, secret: true },
    ];
    let form = Form::new(px, t.title, fields, check);
    let done = RwSignal::new(false);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        done.set(false);
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let body = body(&[form.value(CURRENT), form.value(NEW)], px.issuer());
        leptos::task::spawn_local(async move {
            match px.client.change_password(&body).await {
                Ok(()) => {
                    if form.busy.try_set(false).is_none() {
                        form.clear();
                        px.set_title(t.title);
                        done.set(true);
                        sessions.again();
                    }
                }
                Err(failed) => form.explained(&failed),
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
                {password_field(form.label(CURRENT, None), Which::Current, access.show, form.control(CURRENT))}
                {new_password(form, NEW, (&texts(px).link, access), px.profile().password)}
                {submit}
                <p class="sm ok" role="status">{words(move || done.get().then(|| t.changed.to_owned()))}</p>
            </form>
        </section>
    }
    .into_any()
}

/// The open sessions and what is being done to them.
#[derive(Clone, Copy)]
struct Sessions {
    px: Px,
    face: RwSignal<Load<Vec<SessionView>>>,
    /// Which is being ended; all the others at once when it is nobody's.
    ending: RwSignal<Option<Uuid>>,
    stopped: RwSignal<Option<FailedText>>,
    said: RwSignal<&'static str>,
}

impl Sessions {
    fn ask(px: Px) -> Sessions {
        let sessions = Sessions {
            px,
            face: RwSignal::new(Load::Loading),
            ending: RwSignal::new(None),
            stopped: RwSignal::new(None),
            said: RwSignal::new(""),
        };
        sessions.again();
        sessions
    }

    /// Asks again; what is shown stays until the answer is here.
    fn again(self) {
        let client = self.px.client;
        load(self.face, async move { client.sessions().await.map(|page| page.data) });
    }

    fn end(self, which: Uuid, work: impl Future<Output = Answer<()>> + 'static, said: &'static str) {
        if self.ending.get_untracked().is_some() {
            return;
        }
        self.ending.set(Some(which));
        self.stopped.set(None);
        self.said.set("");
        leptos::task::spawn_local(async move {
            let done = work.await;
            // The page may be gone by now.
            if self.ending.try_set(None).is_some() {
                return;
            }
            match done {
                Ok(()) => self.said.set(said),
                Err(failed) => self.stopped.set(Some(failure::face(self.px.cx.t(), &failed))),
            }
            self.again();
        });
    }

    fn view(self) -> AnyView {
        let t = &texts(self.px).account;
        let stopped = part(move || self.stopped.get().map(|text| meaning::failed(self.px.cx, text, Vec::new())));
        view! {
            <section class="card" aria-labelledby="sessions-title">
                <div class="card__head">
                    <h2 id="sessions-title">{t.sessions}</h2>
                    {button::act("btn btn--quiet btn--sm", t.refresh, move || self.again())}
                </div>
                {stopped}
                {part(move || Some(self.rows()))}
                <div class="card__foot sm muted">
                    <p>{t.sessions_lead}</p>
                    <p role="status">{words(move || Some(self.said.get().to_owned()))}</p>
                </div>
            </section>
        }
        .into_any()
    }

    fn rows(self) -> AnyView {
        let t = self.px.cx.t();
        self.face.with(|face| match face {
            Load::Loading => view! { <div class="card__body">{skeleton(t.shell.loading, 2)}</div> }.into_any(),
            Load::Failed(reason) => {
                let again = button::act("btn btn--2 btn--sm", t.failure.try_again, move || {
                    self.face.set(Load::Loading);
                    self.again();
                });
                let face = meaning::failed(self.px.cx, failure::face(t, reason), vec![again]);
                view! { <div class="card__body">{face}</div> }.into_any()
            }
            Load::Ready(sessions) => {
                let rows: Vec<AnyView> = sessions.iter().map(|session| self.row(session)).collect();
                let others = if sessions.len() > 1 { self.others() } else { self.only() };
                view! { <ul class="list">{rows}</ul><div class="card__body">{others}</div> }.into_any()
            }
        })
    }

    fn only(self) -> AnyView {
        view! { <p class="sm muted">{texts(self.px).account.only_this}</p> }.into_any()
    }

    fn others(self) -> AnyView {
        let t = &texts(self.px).account;
        let client = self.px.client;
        let end = move || self.end(Uuid::nil(), async move { client.end_other_sessions().await }, t.ended_others);
        let busy = Signal::derive(move || self.ending.get() == Some(Uuid::nil()));
        button::act_busy("btn btn--bad btn--sm", t.end_others, busy, t.ending, end)
    }

    fn row(self, session: &SessionView) -> AnyView {
        let t = &texts(self.px).account;
        let device = match session.device.as_str() {
            "" => t.unknown_device.to_owned(),
            device => device.to_owned(),
        };
        let seen = fill(t.seen, &[&format::date_time(&session.last_seen_at.civil)]);
        let opened = fill(t.opened, &[&format::date_time(&session.created_at.civil)]);
        let act = if session.current {
            view! { <span class="badge badge--ok">{t.this_session}</span> }.into_any()
        } else {
            self.end_one(session.id, fill(t.end_of, &[&device]))
        };
        view! {
            <li>
                <span class="list__icon">{drawing(icons::DEVICE)}</span>
                <div class="grow"><b>{device}</b><small>{[&seen, ". ", &opened].concat()}</small></div>
                {act}
            </li>
        }
        .into_any()
    }

    fn end_one(self, id: Uuid, name: String) -> AnyView {
        let t = &texts(self.px).account;
        let client = self.px.client;
        let end = move || self.end(id, async move { client.end_session(id).await }, t.ended);
        let label = move || Some(if self.ending.get() == Some(id) { t.ending } else { t.end }.to_owned());
        view! {
            <button
                class="btn btn--quiet btn--sm"
                type="button"
                aria-label=name
                aria-busy=mark("true", move || self.ending.get() == Some(id))
                on:click=press(end)
            >
                {words(label)}
            </button>
        }
        .into_any()
    }
}
