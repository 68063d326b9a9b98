//! A button that copies what must be typed elsewhere without a slip.
use leptos::prelude::*;

use crate::browser;
use crate::components::live::{press, words};
use crate::portal::session::Px;

/// Draws it; once it was pressed it says so.
pub fn copy(px: Px, text: String) -> AnyView {
    let t = &px.cx.t().shell;
    let copied = RwSignal::new(false);
    let act = move || {
        let text = text.clone();
        leptos::task::spawn_local(async move {
            copied.try_set(browser::copy(&text).await);
        });
    };
    let label = move || Some(if copied.get() { t.copied } else { t.copy }.to_owned());
    view! { <button class="linkbtn" type="button" on:click=press(act)><span role="status">{words(label)}</span></button> }
        .into_any()
}
