//! What the pages of the way in share: their frame.
use leptos::prelude::*;

use crate::pages::frame::foot;
use crate::portal::app::{MAIN, Page};
use crate::portal::session::Px;
use crate::portal::shell::brand;

/// A page of one column.
pub fn plain(px: Px, content: AnyView) -> AnyView {
    view! { <div class="auth auth--plain">{column(px, content)}</div> }.into_any()
}

/// The column of a page of the way in.
pub fn column(px: Px, content: AnyView) -> AnyView {
    view! {
        <div class="auth__form">
            <header>{brand(px, Page::SignIn)}</header>
            <main class="auth__box" id=MAIN tabindex="-1">{content}</main>
            {foot(px.cx, "foot")}
        </div>
    }
    .into_any()
}
