//! The console's tables, and a secret that is shown once.
use leptos::prelude::*;

use crate::browser;
use crate::components::button;
use crate::components::icon::{Icon, icon};
use crate::components::live::words;
use crate::console::session::Sx;
use crate::session::Load;
use crate::signed::list;
pub use crate::signed::list::{Column, badge, cell, name, narrow};

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
