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

/// A table's rows to come; `columns` are the priorities of its columns (`""`, `"2"`, `"3"`), as they leave small screens.
pub fn skeleton_table(words: &'static str, columns: &'static [&'static str], rows: usize) -> AnyView {
    let cell = |p: &&'static str| {
        let p = Some(*p).filter(|p| !p.is_empty());
        view! { <td data-p=p><span class="sk w2"></span></td> }.into_any()
    };
    let row = |_| view! { <tr>{columns.iter().map(cell).collect::<Vec<AnyView>>()}</tr> }.into_any();
    let rows: Vec<AnyView> = (0..rows).map(row).collect();
    view! {
        <p class="vh" role="status">{words}</p>
        <table class="tbl late" aria-hidden="true"><tbody>{rows}</tbody></table>
    }
    .into_any()
}
