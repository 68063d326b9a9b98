//! Something worth knowing, with an icon and a tone.
use leptos::prelude::*;

use crate::components::icon::{Icon, icon};

/// How it is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Info,
    Waits,
    Bad,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Tone::Info => "note",
            Tone::Waits => "note note--warn",
            Tone::Bad => "note note--bad",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Tone::Info => Icon::Info,
            Tone::Waits => Icon::Clock,
            Tone::Bad => Icon::CircleX,
        }
    }
}

/// Draws it; `strong` comes first, in bold.
pub fn note(tone: Tone, strong: Option<String>, words: String) -> AnyView {
    let strong = strong.map(|strong| view! { <b>{strong}</b>" " });
    view! { <div class=tone.class()>{icon(tone.icon())}<p>{strong}{words}</p></div> }.into_any()
}

/// A short line with its mark.
pub fn icon_line(class: &'static str, mark: Icon, words: String) -> AnyView {
    view! { <p class=class>{icon(mark)}<span>{words}</span></p> }.into_any()
}
