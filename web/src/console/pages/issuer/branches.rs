//! An issuer's branches.
use leptos::prelude::*;
use shared::issuer_settings::BranchSettings;

use crate::components::button;
use crate::components::empty::empty;
use crate::console::api::issuers as api;
use crate::console::app::Area;
use crate::console::list::{Column, Questions, badge, cell, faces, name, table};
use crate::console::session::Sx;
use crate::console::shell;
use crate::pages::frame::card;
use crate::session::Load;

/// The branches so far.
#[derive(Clone, PartialEq)]
struct Found {
    rows: Vec<BranchSettings>,
    next: Option<String>,
}

/// The page's data.
#[derive(Clone, Copy)]
struct List {
    sx: Sx,
    face: RwSignal<Load<Found>>,
    questions: Questions,
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().issuer;
    let list = List { sx, face: RwSignal::new(Load::Loading), questions: Questions::none() };
    list.ask(Vec::new(), None);
    let new = button::link("btn", sx.href(Area::NewBranch), t.branch_new);
    let again = Callback::new(move |()| list.ask(Vec::new(), None));
    let content = faces(sx, list.face, again, move |found| full(list, found));
    shell::page(sx, t.branches, t.branches_lead, new, content)
}

impl List {
    /// Branches after those that are there, which stay when more cannot be had.
    fn ask(self, before: Vec<BranchSettings>, cursor: Option<String>) {
        let (client, slug) = (self.sx.client, self.sx.slug());
        self.questions.ask_rows(!before.is_empty(), self.face, async move {
            let page = api::branches(client, slug, cursor.as_deref()).await?;
            let mut rows = before;
            rows.extend(page.data);
            Ok(Found { rows, next: page.next_cursor })
        });
    }
}

fn full(list: List, found: &Found) -> AnyView {
    let sx = list.sx;
    let t = &sx.t().issuer;
    if found.rows.is_empty() {
        let way = button::link("btn", sx.href(Area::NewBranch), t.branch_new);
        return card(empty(2, t.branches_none.to_owned(), vec![t.branches_none_words.to_owned()], vec![way]));
    }
    let columns = [
        Column(t.branch, "", ""),
        Column(t.serie, "", "2"),
        Column(t.postal_code, "num", "3"),
        Column(t.days, "num", "3"),
        Column(t.state, "", ""),
    ];
    let row = |branch: &BranchSettings| {
        let it = &branch.settings;
        let link = view! { <a href=sx.href(Area::Branch(branch.id))>{it.name.clone()}</a> };
        let state = if it.active { badge("ok", t.open) } else { badge("plain", t.closed) };
        let cells = vec![
            name(link.into_any(), it.city.clone()),
            cell(&columns[1], it.serie.clone().into_any()),
            cell(&columns[2], it.postal_code.clone().into_any()),
            cell(&columns[3], it.invoicing_grace_days.to_string().into_any()),
            cell(&columns[4], state),
        ];
        view! { <tr>{cells}</tr> }.into_any()
    };
    let rows = found.rows.iter().map(row).collect();
    let before = found.rows.clone();
    let more = found.next.clone().map(|cursor| {
        let more = move || list.ask(before.clone(), Some(cursor.clone()));
        list.questions.foot(sx, more)
    });
    table(sx, t.branches, &columns, rows, more)
}
