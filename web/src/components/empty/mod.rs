//! Nothing to show: a drawing, why, and a way out.
use leptos::prelude::*;

/// The face of an empty list or of a page that is not there. `level` is 1 when it heads the page.
pub fn empty(level: u8, title: String, words: Vec<String>, actions: Vec<AnyView>) -> AnyView {
    let heading =
        if level == 1 { view! { <h1>{title}</h1> }.into_any() } else { view! { <h2>{title}</h2> }.into_any() };
    let words: Vec<AnyView> = words.into_iter().map(|line| view! { <p>{line}</p> }.into_any()).collect();
    view! {
        <div class="empty">
            <svg class="art" viewBox="0 0 112 80" fill="none" aria-hidden="true" inner_html=ART></svg>
            {heading}
            {words}
            <div class="actions">{actions}</div>
        </div>
    }
    .into_any()
}

/// A counter with its shutter half down.
const ART: &str = r#"<path d="M20 78V36C20 16 35 4 56 4s36 12 36 32v42Z" fill="var(--sunken)" stroke="var(--line-strong)" stroke-width="2"/><path d="M36 78V40c0-12 8-20 20-20s20 8 20 20v38" stroke="var(--line)" stroke-width="2"/><rect x="30" y="24" width="52" height="44" rx="4" fill="var(--accent-soft)" stroke="var(--accent)" stroke-width="2"/><path d="M36 36h40M36 46h40M36 56h40" stroke="var(--accent)" stroke-width="2"/><path d="M12 78h88" stroke="var(--line-strong)" stroke-width="2" stroke-linecap="round"/>"#;
