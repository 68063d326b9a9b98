//! The face of something that could not be had, inside a page: what happened, what is safe, and a way out.
use leptos::prelude::*;

use crate::components::error_summary::support;
use crate::components::icon::{Icon, icon};

/// The words of a failure, in order, and what support needs.
#[derive(Clone, PartialEq)]
pub struct FailedText {
    pub title: String,
    pub words: Vec<String>,
    pub support: Option<(String, &'static str, &'static str)>,
}

/// Draws it with its ways out.
pub fn failed(text: FailedText, actions: Vec<AnyView>) -> AnyView {
    let words = text.words.join(" ");
    let support = text.support.map(|(text, words, done)| support(text, words, done));
    view! {
        <div class="note note--bad" role="alert">
            {icon(Icon::Alert)}
            <div class="grow">
                <p><b>{text.title}</b>" "{words}</p>
                <div class="support">{actions}</div>
                {support}
            </div>
        </div>
    }
    .into_any()
}
