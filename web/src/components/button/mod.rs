//! Buttons. Busy, one keeps its place, says its verb in gerund and is not to be pressed again; it stays focusable.
use leptos::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::components::live::{mark, part, press};

/// Sends the form it stands in.
pub fn submit(
    class: &'static str,
    words: Signal<&'static str>,
    busy: Signal<bool>,
    busy_words: &'static str,
) -> AnyView {
    let content = content(words, busy, busy_words);
    view! { <button class=class type="submit" aria-busy=mark("true", move || busy.get())>{content}</button> }.into_any()
}

/// Does something at once.
pub fn act(class: &'static str, words: &'static str, act: impl Fn() + Send + 'static) -> AnyView {
    view! { <button class=class type="button" on:click=press(act)>{words}</button> }.into_any()
}

/// Does something that takes a while.
pub fn act_busy(
    class: &'static str,
    words: &'static str,
    busy: Signal<bool>,
    busy_words: &'static str,
    act: impl Fn() + Send + 'static,
) -> AnyView {
    let act = move || {
        if !busy.get_untracked() {
            act();
        }
    };
    let content = content(Signal::derive(move || words), busy, busy_words);
    view! {
        <button class=class type="button" aria-busy=mark("true", move || busy.get()) on:click=press(act)>{content}</button>
    }
    .into_any()
}

fn content(words: Signal<&'static str>, busy: Signal<bool>, busy_words: &'static str) -> AnyView {
    part(move || {
        let content =
            if busy.get() { view! { {icon(Icon::Spinner)}{busy_words} }.into_any() } else { words.get().into_any() };
        Some(content)
    })
}

/// A link that looks like a button.
pub fn link(class: &'static str, href: String, words: &'static str) -> AnyView {
    view! { <a class=class href=href>{words}</a> }.into_any()
}
