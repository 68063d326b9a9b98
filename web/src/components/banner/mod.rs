//! A line above everything that stays on every page.
use leptos::prelude::*;

/// The words, and one link.
pub fn banner(words: &'static str, href: String, link: &'static str) -> AnyView {
    view! {
        <section class="banner" aria-label=words>
            <b>{words}</b>
            <a href=href>{link}</a>
        </section>
    }
    .into_any()
}
