//! In a rehearsal that sends no mail: where the letter is.
use leptos::prelude::*;
use shared::Lang;

use crate::api;
use crate::app::Page;
use crate::components::live::part;
use crate::portal::session::Px;

const ES: &str = "Es un ensayo: el mensaje está en el buzón de correos enviados.";
const EN: &str = "This is a rehearsal: the message is in the mailbox of sent letters.";

/// The way to the mailbox, where there is one.
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
        let href = px.cx.href(Page::Mailbox);
        let words = if px.common().lang == Lang::Es { ES } else { EN };
        view! { <p class="sm"><a href=href>{words}</a></p> }.into_any()
    };
    Some(part(move || has.get().then(link)))
}
