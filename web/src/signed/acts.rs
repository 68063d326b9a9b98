//! What can be done with a row, asked in a dialog; the question before an act that cannot be taken back; and what came of
//! any act of a page: one line for what was done, a face for what failed.
use std::sync::Arc;

use leptos::html::{Dialog, P};
use leptos::prelude::*;

use crate::api::Answer;
use crate::browser;
use crate::components::button;
use crate::components::failed::FailedText;
use crate::components::live::{part, press, words};
use crate::pages::failure;
use crate::session::Cx;
use crate::signed::meaning;

/// The words.
pub struct Words {
    /// What can be done with a row.
    pub actions: &'static str,
    pub cancel: &'static str,
}

pub const ES: Words = Words { actions: "Acciones", cancel: "Cancelar" };

pub const EN: Words = Words { actions: "Actions", cancel: "Cancel" };

/// The id of the dialog's heading.
const HEADING: &str = "question";

/// What an act does. Not a callback of Leptos: it is made while one dialog's content gives way to another's, and must
/// outlive what made it.
pub type Run = Arc<dyn Fn() + Send + Sync>;

/// An act.
pub fn act(run: impl Fn() + Send + Sync + 'static) -> Run {
    Arc::new(run)
}

/// What is asked.
#[derive(Clone)]
pub struct Question {
    pub title: String,
    pub words: &'static str,
    pub act: &'static str,
    pub run: Run,
}

/// What can be done with something.
#[derive(Clone)]
pub struct Options {
    pub title: String,
    /// Words, whether it takes something away, and what it does.
    pub acts: Vec<(&'static str, bool, Run)>,
}

/// What the dialog shows.
#[derive(Clone)]
enum Asked {
    /// With the words of the way back.
    Question(Question, &'static str),
    Options(Options),
}

/// The acts of a page, one at a time.
#[derive(Clone, Copy)]
pub struct Acts {
    cx: Cx,
    words: &'static Words,
    busy: RwSignal<bool>,
    asked: RwSignal<Option<Asked>>,
    stopped: RwSignal<Option<FailedText>>,
    said: RwSignal<String>,
    /// Where that stands.
    line: NodeRef<P>,
}

impl Acts {
    /// None yet.
    pub fn new(cx: Cx, words: &'static Words) -> Acts {
        Acts {
            cx,
            words,
            busy: RwSignal::new(false),
            asked: RwSignal::new(None),
            stopped: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            line: NodeRef::new(),
        }
    }

    /// Whether one is under way.
    pub fn busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// Asks first.
    pub fn ask(self, question: Question) {
        self.ask_or(question, self.words.cancel);
    }

    /// Asks first; `back` are the words of the way back, where the common ones would say the act itself.
    pub fn ask_or(self, question: Question, back: &'static str) {
        self.asked.set(Some(Asked::Question(question, back)));
        browser::focus_soon(HEADING);
    }

    /// A button that shows what can be done with something.
    pub fn options(self, label: &str, options: Options) -> AnyView {
        let name = [self.words.actions, ": ", label].concat();
        let open = move || self.asked.set(Some(Asked::Options(options.clone())));
        view! { <button class="btn btn--2 btn--sm" type="button" aria-label=name on:click=press(open)>"…"</button> }
            .into_any()
    }

    /// Says what was done.
    pub fn say(self, done: String) {
        self.said.try_set(done);
    }

    /// Says it where what was pressed is gone, as a form that closed itself: the focus goes to the words.
    pub fn tell(self, done: String) {
        self.say(done);
        request_animation_frame(move || {
            if let Some(Some(line)) = self.line.try_get_untracked() {
                // What cannot take the focus leaves it where it is.
                let _ = line.focus();
            }
        });
    }

    /// Does something; `then` sees what came of it, a failure is told.
    pub fn run<T: 'static>(self, work: impl Future<Output = Answer<T>> + 'static, then: impl FnOnce(T) + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.stopped.set(None);
        self.said.set(String::new());
        leptos::task::spawn_local(async move {
            let done = work.await;
            // The page may be gone by now.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match done {
                Ok(value) => then(value),
                Err(reason) => self.stopped.set(Some(failure::face(self.cx.t(), &reason))),
            }
        });
    }

    /// What came of the last act, and the question while there is one.
    pub fn view(self) -> AnyView {
        view! {
            {part(move || self.stopped.get().map(|text| meaning::failed(self.cx, text, Vec::new())))}
            <p class="sm ok" role="status" tabindex="-1" node_ref=self.line>{words(move || Some(self.said.get()))}</p>
            {self.dialog()}
        }
        .into_any()
    }

    fn dialog(self) -> AnyView {
        let node = NodeRef::<Dialog>::new();
        Effect::new(move |_| {
            let shown = self.asked.with(Option::is_some);
            if let Some(dialog) = node.get() {
                match (shown, dialog.open()) {
                    (true, false) => drop(dialog.show_modal()),
                    (false, true) => dialog.close(),
                    _ => {}
                }
            }
        });
        view! {
            <dialog class="dialog" node_ref=node aria-labelledby=HEADING on:close=move |_| self.asked.set(None)>
                {part(move || self.asked.get().map(|asked| match asked {
                    Asked::Question(question, back) => self.question(question, back),
                    Asked::Options(options) => self.choice(options),
                }))}
            </dialog>
        }
        .into_any()
    }

    fn question(self, question: Question, back: &'static str) -> AnyView {
        let Question { title, words, act, run } = question;
        let yes = move || {
            self.asked.set(None);
            run();
        };
        view! {
            <div class="dialog__body">
                <h2 id=HEADING tabindex="-1" autofocus>{title}</h2>
                <p>{words}</p>
            </div>
            <div class="dialog__foot">
                {button::act("btn btn--2", back, move || self.asked.set(None))}
                {button::act("btn btn--bad", act, yes)}
            </div>
        }
        .into_any()
    }

    fn choice(self, options: Options) -> AnyView {
        let act = |(words, takes_away, run): (&'static str, bool, Run)| {
            let class = if takes_away { "btn btn--bad btn--block" } else { "btn btn--2 btn--block" };
            let act = move || {
                self.asked.set(None);
                run();
            };
            button::act(class, words, act)
        };
        let acts: Vec<AnyView> = options.acts.into_iter().map(act).collect();
        view! {
            <div class="dialog__body">
                <h2 id=HEADING tabindex="-1" autofocus>{options.title}</h2>
                <div class="stack stack-2">{acts}</div>
            </div>
            <div class="dialog__foot">
                {button::act("btn btn--2", self.words.cancel, move || self.asked.set(None))}
            </div>
        }
        .into_any()
    }
}
