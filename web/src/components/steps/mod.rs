//! Where the person is on a way of several steps.
use leptos::prelude::*;

/// `words` says it; the bars repeat it for the eye.
pub fn steps(words: String, now: usize, all: usize) -> AnyView {
    let bars: Vec<AnyView> = (0..all).map(|n| view! { <li data-on=(n < now).then_some("")></li> }.into_any()).collect();
    view! { <div class="steps"><p>{words}</p><ol aria-hidden="true">{bars}</ol></div> }.into_any()
}
