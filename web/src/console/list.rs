//! The console's tables, their search and what is asked for them, and a secret that is shown once.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::api::{Answer, ApiFailure};
use crate::browser;
use crate::components::button;
use crate::components::icon::{Icon, icon};
use crate::components::live::{change, part, words};
use crate::console::session::Sx;
use crate::pages::failure;
use crate::router;
use crate::session::Load;
use crate::signed::list;
pub use crate::signed::list::{Column, badge, cell, name, narrow, refused};

/// A table; the last column, without words, is for what can be done with a row.
pub fn table(sx: Sx, label: &'static str, columns: &[Column], rows: Vec<AnyView>, foot: Option<AnyView>) -> AnyView {
    list::table(&sx.t().acts, label, columns, rows, foot)
}

/// The faces of what a page asked for.
pub fn faces<T: Clone + PartialEq + Send + Sync + 'static>(
    sx: Sx,
    face: RwSignal<Load<T>>,
    again: Callback<()>,
    full: impl Fn(&T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    list::faces(sx.cx, face, again, full)
}

/// What a list was asked, of which the last counts: the answer to what was asked before it may come after its own.
#[derive(Clone, Copy)]
pub struct Questions {
    turn: StoredValue<u32>,
    /// Why there are no more rows than those that are shown.
    no_more: RwSignal<Option<ApiFailure>>,
}

impl Questions {
    /// Nothing was asked yet.
    pub fn none() -> Questions {
        Questions { turn: StoredValue::new(0), no_more: RwSignal::new(None) }
    }

    /// Puts the answer into the signal when it comes, unless something else was asked, or the page is gone, by then.
    pub fn ask<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        into: RwSignal<Load<T>>,
        ask: impl Future<Output = Answer<T>> + 'static,
    ) {
        self.ask_rows(false, into, ask);
    }

    /// The same for a list; rows `after` those that are there leave them when they cannot be had.
    pub fn ask_rows<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        after: bool,
        into: RwSignal<Load<T>>,
        ask: impl Future<Output = Answer<T>> + 'static,
    ) {
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        leptos::task::spawn_local(async move {
            let answer = ask.await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                Err(reason) if after => {
                    self.no_more.try_set(Some(reason));
                }
                answer => {
                    self.no_more.try_set(None);
                    into.try_set(Load::from(answer));
                }
            }
        });
    }

    /// The foot of rows after which there are more: the way to them, and why they did not come.
    pub fn foot(self, sx: Sx, more: impl Fn() + Send + 'static) -> AnyView {
        let why = part(move || {
            let face = failure::face(sx.cx.t(), &self.no_more.get()?);
            let said = [face.title, face.words.join(" ")].join(" ");
            Some(view! { <p class="bad grow" role="alert">{said}</p> }.into_any())
        });
        let more = move || {
            self.no_more.set(None);
            more();
        };
        view! { {why}{button::act("btn btn--2 btn--sm", sx.t().shell.more, more)} }.into_any()
    }
}

/// The name of a list's search in the address.
pub const QUERY: &str = "q";

/// What the address says is looked for.
pub fn sought() -> RwSignal<String> {
    RwSignal::new(router::query(QUERY).unwrap_or_default())
}

/// One box for what whoever calls has at hand, of at most `max` letters. What looks for it also writes it into the address.
pub fn search(sx: Sx, label: &'static str, max: usize, typed: RwSignal<String>, look: impl Fn() + 'static) -> AnyView {
    let send: Box<dyn FnMut(SubmitEvent)> = Box::new(move |event| {
        event.prevent_default();
        look();
    });
    view! {
        <form class="row tight" role="search" novalidate on:submit=send>
            <div class="affix grow">
                {icon(Icon::Search)}
                <input
                    class="input"
                    id="search"
                    type="search"
                    aria-label=label
                    placeholder=label
                    maxlength=max.to_string()
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=typed
                    on:input=change(move |text| typed.set(text))
                />
            </div>
            <button class="btn btn--2" type="submit">{sx.t().customers.find}</button>
        </form>
    }
    .into_any()
}

/// A secret that is shown this once: to be copied, and put away when the person says so.
pub fn secret_once(
    sx: Sx,
    secret: String,
    lead: &'static str,
    kept_words: &'static str,
    kept: Callback<()>,
) -> AnyView {
    let t = &sx.t().factor;
    let copied = RwSignal::new(false);
    let text = secret.clone();
    let copy = move || {
        let text = text.clone();
        leptos::task::spawn_local(async move {
            copied.try_set(browser::copy(&text).await);
        });
    };
    view! {
        <div class="note note--ok" role="status">
            {icon(Icon::CircleCheck)}
            <div class="grow stack stack-2">
                <p><b>{lead}</b></p>
                <div class="secret">
                    <span class="grow">{secret}</span>
                    {button::act("btn btn--2 btn--sm", t.copy, copy)}
                </div>
                <div class="row tight">
                    {button::act("btn btn--2 btn--sm", kept_words, move || kept.run(()))}
                    <span>{words(move || copied.get().then(|| t.copied.to_owned()))}</span>
                </div>
            </div>
        </div>
    }
    .into_any()
}
