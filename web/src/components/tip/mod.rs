//! The `?` after a label: a bubble on hover, focus and tap that Esc closes, or a button that shows a picture.
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use crate::components::live::{self, call, mark};

/// A `?` whose bubble says `words`; `label` is its name.
pub fn tip(label: String, words: &'static str) -> AnyView {
    let button = view! {
        <button class="tip__btn" type="button" aria-label=label><i aria-hidden="true">"?"</i></button>
    };
    bubble("tip", button.into_any(), words)
}

/// The same, of words that are made for the place.
pub fn tip_of(label: String, words: String) -> AnyView {
    made("tip", label, words)
}

/// The same at the end of a line: its bubble opens inwards.
pub fn tip_of_end(label: String, words: String) -> AnyView {
    made("tip tip--end", label, words)
}

fn made(class: &'static str, label: String, words: String) -> AnyView {
    let button = view! {
        <button class="tip__btn" type="button" aria-label=label><i aria-hidden="true">"?"</i></button>
    };
    bubble_of(class, button.into_any(), words)
}

/// Something that can take the focus, with a bubble that says more of it.
pub fn bubble(class: &'static str, about: AnyView, words: &'static str) -> AnyView {
    bubble_of(class, about, words)
}

// Generic, so that the programs whose words are fixed carry nothing of those that make them.
fn bubble_of(class: &'static str, about: AnyView, words: impl IntoView + 'static) -> AnyView {
    let dismissed = RwSignal::new(false);
    let key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            dismissed.set(true);
        }
    };
    view! {
        <span
            class=class
            data-dismissed=mark("", move || dismissed.get())
            on:keydown=key
            on:pointerleave=move |_| dismissed.set(false)
            on:focusout=move |_| dismissed.set(false)
        >
            {about}
            <span class="tip__bubble" role="tooltip">{words}</span>
        </span>
    }
    .into_any()
}

/// A `?` that calls `press`.
pub fn tip_button(label: &'static str, press: Callback<()>) -> AnyView {
    view! {
        <span class="tip">
            <button class="tip__btn" type="button" aria-label=label on:click=live::press(move || call(press, ()))>
                <i aria-hidden="true">"?"</i>
            </button>
        </span>
    }
    .into_any()
}
