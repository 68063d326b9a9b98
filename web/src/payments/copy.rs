//! A button that copies what must be typed elsewhere without a slip.
use leptos::prelude::*;

use crate::browser;
use crate::components::live::{press, words};
use crate::portal::session::Px;

/// Draws it, named after what it copies; once it was pressed it says so.
pub fn copy(px: Px, what: &str, text: String) -> AnyView {
    let t = &px.cx.t().shell;
    let copied = RwSignal::new(false);
    let act = move || {
        let text = text.clone();
        leptos::task::spawn_local(async move {
            copied.try_set(browser::copy(&text).await);
        });
    };
    view! {
        <button class="linkbtn" type="button" aria-label=[t.copy, ": ", what].concat() on:click=press(act)>{t.copy}</button>
        <span class="xs" role="status">{words(move || copied.get().then(|| t.copied.to_owned()))}</span>
    }
    .into_any()
}
