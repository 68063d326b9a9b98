//! Choices as cards around real radios: arrows move, space chooses, the whole card is the target.
use leptos::prelude::*;

use crate::components::live::{call, change};

/// One card.
pub struct Choice {
    /// What is chosen.
    pub value: String,
    /// First line.
    pub words: String,
    /// Second line.
    pub more: Option<String>,
}

/// The cards of one question; `chosen` is the value marked.
pub fn choices(
    name: &'static str,
    class: &'static str,
    choices: Vec<Choice>,
    chosen: Signal<String>,
    choose: Callback<String>,
) -> AnyView {
    let cards: Vec<AnyView> = choices.into_iter().map(|choice| card(name, choice, chosen, choose)).collect();
    view! { <div class=class>{cards}</div> }.into_any()
}

fn card(name: &'static str, choice: Choice, chosen: Signal<String>, choose: Callback<String>) -> AnyView {
    let Choice { value, words, more } = choice;
    let (mine, given) = (value.clone(), value.clone());
    let words = match more {
        Some(more) => view! { <b>{words}</b><small>{more}</small> }.into_any(),
        None => words.into_any(),
    };
    view! {
        <label class="choice">
            <input
                type="radio"
                name=name
                value=value
                prop:checked=Signal::derive(move || chosen.with(|it| *it == mine))
                on:change=change(move |_| call(choose, given.clone()))
            />
            <span class="grow">{words}</span>
        </label>
    }
    .into_any()
}
