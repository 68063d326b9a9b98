//! What was done with an issuer's things, by whom and when.
use leptos::prelude::*;
use shared::console::AuditRow;

use crate::components::button;
use crate::components::empty::empty;
use crate::console::api::customers as api;
use crate::console::list::{Column, cell, faces, narrow, table};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::i18n::fill;
use crate::pages::frame::card;
use crate::session::{Load, load};

/// The acts so far.
#[derive(Clone, PartialEq)]
struct Acts {
    rows: Vec<AuditRow>,
    next: Option<String>,
}

type Face = RwSignal<Load<Acts>>;

fn ask(sx: Sx, face: Face, before: Vec<AuditRow>, cursor: Option<String>) {
    let (client, slug) = (sx.client, sx.slug());
    load(face, async move {
        let page = api::log(client, slug, cursor.as_deref()).await?;
        let mut rows = before;
        rows.extend(page.data);
        Ok(Acts { rows, next: page.next_cursor })
    });
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().customers;
    let face = RwSignal::new(Load::Loading);
    ask(sx, face, Vec::new(), None);
    let again = Callback::new(move |()| ask(sx, face, Vec::new(), None));
    let content = faces(sx, face, again, move |acts| full(sx, face, acts));
    shell::page(sx, t.log, t.log_lead, ().into_any(), content)
}

fn full(sx: Sx, face: Face, acts: &Acts) -> AnyView {
    let t = &sx.t().customers;
    if acts.rows.is_empty() {
        return card(empty(2, t.log_none.to_owned(), vec![t.log_none_words.to_owned()], Vec::new()));
    }
    let columns = [Column(t.act, "", ""), Column(t.who, "txt", ""), Column(t.object, "", "3"), Column(t.at, "", "2")];
    let rows = acts.rows.iter().map(|act| row(sx, act, &columns)).collect();
    let before = acts.rows.clone();
    let more = acts.next.clone().map(|cursor| {
        let more = move || ask(sx, face, before.clone(), Some(cursor.clone()));
        button::act("btn btn--2 btn--sm", sx.t().shell.more, more)
    });
    table(sx, t.log, &columns, rows, more)
}

fn row(sx: Sx, act: &AuditRow, columns: &[Column; 4]) -> AnyView {
    let t = &sx.t().customers;
    let kind = act.actor.split(':').next().unwrap_or_default();
    let known = t.actors.iter().find(|(known, _)| *known == kind).map(|(_, words)| (*words).to_owned());
    let who = act.actor_email.clone().or(known).unwrap_or_else(|| act.actor.clone());
    let behalf =
        act.on_behalf_of.as_deref().map(|customer| view! { <span class="sub">{fill(t.behalf, &[customer])}</span> });
    let object = view! { {act.object_kind.clone()}<span class="sub mono">{act.object_id.clone()}</span> };
    let at = format::instant(&act.at);
    let cells = vec![
        cell(&columns[1], view! { {who}{behalf} }.into_any()),
        cell(&columns[2], object.into_any()),
        cell(&columns[3], at.into_any()),
    ];
    let act = narrow(view! { <span class="mono">{act.act.clone()}</span> }.into_any(), format::instant(&act.at));
    view! { <tr><th scope="row">{act}</th>{cells}</tr> }.into_any()
}
