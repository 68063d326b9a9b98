//! Names and values side by side; under each other on phones.
use leptos::prelude::*;

/// Draws rows made by [`fact`].
pub fn facts(rows: Vec<AnyView>) -> AnyView {
    view! { <dl class="facts">{rows}</dl> }.into_any()
}

/// A name and its value, with what belongs to it.
pub fn fact(name: &'static str, value: String, class: &'static str, more: Option<AnyView>) -> AnyView {
    view! { <div><dt>{name}</dt><dd><span class=class>{value}</span>{more}</dd></div> }.into_any()
}
