//! What is said once a letter may be on its way.
use leptos::prelude::*;

use crate::account::i18n::texts;
use crate::browser;
use crate::components::button;
use crate::components::icon::{Icon, icon};
use crate::components::note::{Tone, note};
use crate::i18n::fill;
use crate::portal::app::Page;
use crate::portal::session::Px;
use crate::signed::mailbox::mailbox;

/// A letter may be on its way. `lead` has a place for what was typed, which says nothing about whether it is known.
pub fn sent(px: Px, lead: &'static str, typed: &str, more: &'static str, again: RwSignal<bool>) -> AnyView {
    let t = &texts(px).join;
    px.set_title(t.sent_title);
    browser::focus_main();
    view! {
        <div class="list__icon">{icon(Icon::Mail)}</div>
        <h1>{t.sent_title}</h1>
        <p class="lead">{fill(lead, &[typed])}</p>
        {note(Tone::Info, None, more.to_owned())}
        {mailbox(px)}
        <div class="actions">
            {button::link("btn btn--2", px.href(Page::SignIn), t.back)}
            {button::act("btn btn--quiet", t.correct, move || again.set(false))}
        </div>
    }
    .into_any()
}
