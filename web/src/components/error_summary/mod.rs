//! What stopped a form, above its heading: it takes the focus, and each line leads to what to correct.
use leptos::prelude::*;

use crate::browser;
use crate::components::live::{part, press, words};

/// The id that takes the focus.
pub const SUMMARY: &str = "summary";

/// One line; with an address, a link (`#rfc` for a field of this page).
#[derive(Clone, PartialEq)]
pub struct Line {
    pub words: String,
    pub href: Option<String>,
}

/// A summary.
#[derive(Clone, PartialEq)]
pub struct Summary {
    pub title: String,
    pub lines: Vec<Line>,
    /// What support needs to find this, with the words of the button that copies it and of its success.
    pub support: Option<(String, &'static str, &'static str)>,
}

/// Shows the summary while there is one, and moves the focus to each new one.
pub fn error_summary(summary: Signal<Option<Summary>>) -> AnyView {
    Effect::new(move |_| {
        if summary.with(Option::is_some) {
            browser::focus_soon(SUMMARY);
        }
    });
    part(move || summary.get().map(drawn))
}

fn drawn(summary: Summary) -> AnyView {
    let lines: Vec<AnyView> = summary.lines.into_iter().map(line).collect();
    let support = summary.support.map(|(text, words, done)| support(text, words, done));
    view! {
        <div class="error-summary" id=SUMMARY role="alert" tabindex="-1" aria-labelledby="summary-title">
            <h2 id="summary-title">{summary.title}</h2>
            <ul>{lines}</ul>
            {support}
        </div>
    }
    .into_any()
}

fn line(line: Line) -> AnyView {
    let Line { words, href } = line;
    match href {
        Some(href) => view! { <li><a href=href>{words}</a></li> }.into_any(),
        None => view! { <li>{words}</li> }.into_any(),
    }
}

/// Copies what support needs; says so when it is done.
pub fn support(text: String, label: &'static str, done: &'static str) -> AnyView {
    let copied = RwSignal::new(false);
    let shown = text.clone();
    let copy = move || {
        let text = text.clone();
        leptos::task::spawn_local(async move {
            copied.try_set(browser::copy(&text).await);
        });
    };
    view! {
        <div class="support">
            <span class="mono">{shown}</span>
            <button class="btn btn--2 btn--sm" type="button" on:click=press(copy)>{label}</button>
            <span role="status">{words(move || copied.get().then(|| done.to_owned()))}</span>
        </div>
    }
    .into_any()
}
