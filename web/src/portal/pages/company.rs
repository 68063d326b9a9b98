//! One sentence over the lists of whoever sees one company's part: that there may be more, and where it is added.
use leptos::prelude::*;
use shared::accounts::Role;

use crate::components::icon::{Icon, icon};
use crate::i18n::fill;
use crate::portal::app::Page;
use crate::portal::session::Px;

/// The sentence; none for whoever sees the whole group's.
pub fn note(px: Px) -> Option<AnyView> {
    let me = px.me_untracked()?;
    let of = me.part?;
    let t = &px.t().home;
    let add = (me.customer.role == Role::Owner && !of.others.is_empty())
        .then(|| view! { " "{t.other_company}" "<a href=px.href(Page::Account)>{t.add_company}</a> });
    let words = fill(t.one_company, &[&of.issuer_name]);
    Some(view! { <div class="note">{icon(Icon::Info)}<p>{words}{add}</p></div> }.into_any())
}
