//! Grey bars while something is on its way. They appear after 200 ms only: a quick answer never flickers.
use leptos::prelude::*;

/// `cards` bars as high as a card each; a reader hears `words` once.
pub fn skeleton(words: &'static str, cards: usize) -> AnyView {
    let bars: Vec<AnyView> = (0..cards).map(|_| view! { <span class="sk sk--card"></span> }.into_any()).collect();
    view! {
        <div aria-busy="true">
            <p class="vh" role="status">{words}</p>
            <div class="stack stack-2 late">{bars}</div>
        </div>
    }
    .into_any()
}
