//! Documents by mail: addresses and a line, in a dialog over the page.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::documents::SendDocuments;
use shared::{FieldErrors, problem_text};
use uuid::Uuid;

use crate::api::ApiFailure;
use crate::browser;
use crate::components::button;
use crate::components::dialog::dialog;
use crate::components::failed::failed;
use crate::components::field::{Kind, Label, Value, text_field};
use crate::components::live::{part, words};
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::portal::api::documents;
use crate::portal::session::Px;

/// The ids of the fields.
const TO: &str = "enviar-a";
const MESSAGE: &str = "enviar-mensaje";

/// The dialog and what is typed in it; both outlive its closing.
#[derive(Clone, Copy)]
pub struct Sending {
    px: Px,
    what: RwSignal<Option<Vec<Uuid>>>,
    to: RwSignal<String>,
    message: RwSignal<String>,
    busy: RwSignal<bool>,
    wrong: RwSignal<FieldErrors>,
    failure: RwSignal<Option<ApiFailure>>,
    sent: RwSignal<Option<String>>,
    /// Counts what was sent: a page that shows letters looks again.
    pub times: RwSignal<u32>,
}

impl Sending {
    /// Closed.
    pub fn start(px: Px) -> Sending {
        Sending {
            px,
            what: RwSignal::new(None),
            to: RwSignal::new(String::new()),
            message: RwSignal::new(String::new()),
            busy: RwSignal::new(false),
            wrong: RwSignal::new(FieldErrors::default()),
            failure: RwSignal::new(None),
            sent: RwSignal::new(None),
            times: RwSignal::new(0),
        }
    }

    /// Opens it for these documents.
    pub fn open(self, ids: Vec<Uuid>) {
        self.sent.set(None);
        self.failure.set(None);
        self.what.set(Some(ids));
    }

    fn send(self) {
        let Some(ids) = self.what.get_untracked().filter(|_| !self.busy.get_untracked()) else { return };
        let typed = self.to.get_untracked();
        let to = typed.split([',', ';', ' ', '\n']).filter(|one| !one.is_empty()).map(str::to_owned).collect();
        let form = SendDocuments { ids, to, message: self.message.get_untracked() };
        self.failure.set(None);
        self.sent.set(None);
        match form.parse() {
            Err(wrong) => {
                let to = wrong.0.iter().any(|error| error.pointer.starts_with("/to"));
                browser::focus_soon(if to { TO } else { MESSAGE });
                return self.wrong.set(wrong);
            }
            Ok(_) => self.wrong.set(FieldErrors::default()),
        }
        self.busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = documents::send(self.px.client, &form).await;
            self.busy.try_set(false);
            match answer {
                Ok(sent) => {
                    let t = &self.px.t().documents.taking;
                    let mut said = format::plural(sent.letters, t.sent_one, t.sent);
                    if !sent.left_out.is_empty() {
                        said.push_str(&fill(t.left_out, &[&sent.left_out.join(", ")]));
                    }
                    self.sent.try_set(Some(said));
                    self.times.try_update(|times| *times += 1);
                }
                Err(failure) => drop(self.failure.try_set(Some(failure))),
            }
        });
    }

    fn error(self, under: &'static str) -> Signal<Option<String>> {
        let lang = self.px.cx.t().lang;
        Signal::derive(move || {
            self.wrong.with(|wrong| {
                let error = wrong.0.iter().find(|error| error.pointer.starts_with(under))?;
                let at = error.pointer.rsplit('/').next().and_then(|at| at.parse::<usize>().ok());
                let said = problem_text::field(error.code, lang).to_owned();
                let typed = self.to.get_untracked();
                let one = at.and_then(|at| typed.split([',', ';', ' ', '\n']).filter(|one| !one.is_empty()).nth(at));
                Some(match one {
                    Some(one) => [one, ": ", &said].concat(),
                    None => said,
                })
            })
        })
    }

    fn field(
        self,
        id: &'static str,
        label: &'static str,
        hint: &'static str,
        text: RwSignal<String>,
        (under, kind): (&'static str, Kind),
    ) -> AnyView {
        let label = Label {
            id,
            words: label,
            hint: Some(hint),
            tip: None,
            help: None,
            after: None,
            error: self.error(under),
            error_word: self.px.cx.t().shell.error,
        };
        let value = Value {
            get: text.into(),
            set: Callback::new(move |typed| text.set(typed)),
            enter: Callback::new(|()| {}),
            leave: Callback::new(|()| {}),
        };
        text_field(label, kind, value)
    }

    fn body(self) -> AnyView {
        let t = &self.px.t().documents.taking;
        let common = self.px.cx.t();
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            self.send();
        };
        let face = part(move || Some(failed(failure::face(common, &self.failure.get()?), Vec::new())));
        view! {
            <form class="stack" novalidate on:submit=send>
                {self.field(TO, t.send_to, t.send_to_hint, self.to, ("/to", Kind::Email))}
                {self.field(MESSAGE, t.message, t.message_hint, self.message, ("/message", Kind::Mixed))}
                {button::submit("btn", Signal::stored(t.send_now), self.busy.into(), t.sending)}
                <p role="status">{words(move || self.sent.get())}</p>
                {face}
            </form>
        }
        .into_any()
    }

    /// Draws it.
    pub fn dialog(self) -> AnyView {
        let t = &self.px.t().documents.taking;
        let title = move |ids: Vec<Uuid>| fill(t.send_title, &[&ids.len().to_string()]);
        dialog(self.what, Callback::new(title), Callback::new(move |_| self.body()), t.close)
    }
}
