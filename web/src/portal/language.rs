//! A person's language goes with them: a browser that was told none speaks theirs once they are in, and the switch at the
//! foot of a page changes it for their letters too.
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::Me;

use crate::portal::session::{Px, Who};

/// Follows who comes and goes, and what they choose.
pub fn follow(px: Px) {
    let own = Memo::new(move |_| {
        px.client.who().with(|who| match who {
            Who::Person(me) => Some(me.language),
            _ => None,
        })
    });
    Effect::new(move |_| px.cx.follow_lang(own.get()));
    // What the browser kept from before is nobody's press: only a change is told.
    Effect::new(move |before: Option<Option<Lang>>| {
        let chosen = px.cx.chosen_lang();
        if let Some(lang) = chosen.filter(|_| before.is_some_and(|before| before != chosen)) {
            tell(px, lang);
        }
        chosen
    });
}

/// Makes it the language of whoever is signed in.
pub fn tell(px: Px, lang: Lang) {
    let may_choose = |me: &Me| me.language != lang && !me.view_only && !me.must_change_password;
    if !px.me_untracked().is_some_and(|me| may_choose(&me)) {
        return;
    }
    leptos::task::spawn_local(async move {
        // Without an answer the page speaks it all the same, and «Mi cuenta» goes on showing the one of letters.
        if px.client.choose_language(lang).await.is_ok()
            && let Some(me) = px.me_untracked()
        {
            px.client.is(Me { language: lang, ..me });
        }
    });
}
