//! What is said once a letter may be on its way.
use leptos::prelude::*;

use crate::account::i18n::texts;
use crate::api;
use crate::app::Page as GuestPage;
use crate::browser;
use crate::components::button;
use crate::components::icon::{Icon, icon};
use crate::components::live::part;
use crate::components::note::{Tone, note};
use crate::i18n::fill;
use crate::portal::app::Page;
use crate::portal::session::Px;

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

/// In a rehearsal that sends no mail, where the letter is.
pub fn mailbox(px: Px) -> Option<AnyView> {
    let rehearsal = px.cx.with_issuer(|issuer| issuer.rehearsal).unwrap_or_default();
    if !rehearsal {
        return None;
    }
    let has = RwSignal::new(false);
    leptos::task::spawn_local(async move {
        let kept = api::has_mailbox().await;
        has.try_set(kept);
    });
    let link = move || {
        let href = px.cx.href(GuestPage::Mailbox);
        view! { <p class="sm"><a href=href>{texts(px).join.sent_mailbox}</a></p> }.into_any()
    };
    Some(part(move || has.get().then(link)))
}
