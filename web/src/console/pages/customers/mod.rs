//! An issuer's customers: the list with its search, kept in the address.
mod moving;
mod newcomer;
pub mod one;
mod resetting;

use leptos::prelude::*;
use shared::accounts::Role;
use shared::console::{ConsoleCustomerRow, CustomerState, SEARCH_MAX};

use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::live::{part, press, words};
use crate::console::api::customers as api;
use crate::console::app::Area;
use crate::console::i18n::customers::Customers;
use crate::console::list::{Column, QUERY, Questions, badge, cell, faces, name, search, sought, table};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::pages::frame::card;
use crate::router;
use crate::session::Load;

/// What a list was asked for.
type Asked = (String, Option<CustomerState>);

/// The customers so far.
#[derive(Clone, PartialEq)]
struct Found {
    /// Whose text and state: more of them are asked for by these, whatever is typed by then.
    asked: Asked,
    rows: Vec<ConsoleCustomerRow>,
    next: Option<String>,
}

/// The page's data.
#[derive(Clone, Copy)]
struct Finder {
    sx: Sx,
    face: RwSignal<Load<Found>>,
    questions: Questions,
    typed: RwSignal<String>,
    /// Only those whose account stands so.
    state: RwSignal<Option<CustomerState>>,
    adding: RwSignal<bool>,
    said: RwSignal<String>,
}

/// The filter in the address.
const STATE: &str = "estado";

/// A role by its words.
pub const fn role(t: &Customers, role: Role) -> &'static str {
    match role {
        Role::Owner => t.roles[0],
        Role::Payer => t.roles[1],
        Role::Reader => t.roles[2],
    }
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().customers;
    let unconfirmed = router::query(STATE).is_some_and(|state| state == CustomerState::Unconfirmed.as_str());
    let finder = Finder {
        sx,
        face: RwSignal::new(Load::Loading),
        questions: Questions::none(),
        typed: sought(),
        state: RwSignal::new(unconfirmed.then_some(CustomerState::Unconfirmed)),
        adding: RwSignal::new(false),
        said: RwSignal::new(String::new()),
    };
    finder.ask(finder.asked(), Vec::new(), None);
    let again = Callback::new(move |()| finder.ask(finder.asked(), Vec::new(), None));
    let search = search(sx, t.search, SEARCH_MAX, finder.typed, move || finder.look_for());
    let content = view! {
        <p class="sm ok" role="status">{words(move || Some(finder.said.get()))}</p>
        {part(move || finder.adding.get().then(|| newcomer::form(sx, finder.adding, finder.added())))}
        {search}
        {finder.chips()}
        {faces(sx, finder.face, again, move |found| finder.full(found))}
    };
    let new = button::act("btn", t.new, move || {
        finder.said.set(String::new());
        finder.adding.update(|is| *is = !*is);
    });
    shell::page(sx, t.title, "", new, content.into_any())
}

impl Finder {
    fn asked(self) -> Asked {
        (self.typed.get_untracked().trim().to_owned(), self.state.get_untracked())
    }

    fn ask(self, asked: Asked, before: Vec<ConsoleCustomerRow>, cursor: Option<String>) {
        let (client, slug) = (self.sx.client, self.sx.slug());
        self.questions.ask_rows(!before.is_empty(), self.face, async move {
            let page = api::list(client, slug, (&asked.0, asked.1), cursor.as_deref()).await?;
            let mut rows = before;
            rows.extend(page.data);
            Ok(Found { asked, rows, next: page.next_cursor })
        });
    }

    fn look_for(self) {
        let asked = self.asked();
        router::set_query(&[(STATE, asked.1.map(CustomerState::as_str).unwrap_or_default()), (QUERY, &asked.0)]);
        self.face.set(Load::Loading);
        self.ask(asked, Vec::new(), None);
    }

    /// Shows whoever was added, alone.
    fn added(self) -> Callback<(String, String)> {
        Callback::new(move |(rfc, said)| {
            self.said.set(said);
            self.typed.set(rfc);
            self.state.set(None);
            self.look_for();
        })
    }

    fn chips(self) -> AnyView {
        let t = &self.sx.t().customers;
        let chip = |state: Option<CustomerState>, words: &'static str| {
            let pressed = Signal::derive(move || if self.state.get() == state { "true" } else { "false" });
            let look = move || {
                self.state.set(state);
                self.look_for();
            };
            view! { <button class="chip" type="button" aria-pressed=pressed on:click=press(look)>{words}</button> }
                .into_any()
        };
        view! {
            <div class="chips" role="group" aria-label=t.state>
                {chip(None, t.every)}{chip(Some(CustomerState::Unconfirmed), t.unconfirmed)}
            </div>
        }
        .into_any()
    }

    fn full(self, found: &Found) -> AnyView {
        let t = &self.sx.t().customers;
        if found.rows.is_empty() && found.asked.0.is_empty() && found.asked.1.is_none() {
            return card(empty(2, t.none.to_owned(), vec![t.none_words.to_owned()], Vec::new()));
        }
        if found.rows.is_empty() {
            let all = move || {
                self.typed.set(String::new());
                self.state.set(None);
                self.look_for();
                browser::focus_soon("search");
            };
            let way = button::act("btn btn--2", t.all, all);
            return card(empty(2, t.none_found.to_owned(), vec![t.none_found_words.to_owned()], vec![way]));
        }
        let columns = [
            Column(t.customer, "", ""),
            Column(t.number, "num", "3"),
            Column(t.contracts, "num", "3"),
            Column(t.people, "num", "3"),
            Column(t.state, "", ""),
            Column(t.last_seen, "", "2"),
        ];
        let rows = found.rows.iter().map(|row| self.row(row, &columns)).collect();
        let (asked, before) = (found.asked.clone(), found.rows.clone());
        let more = found.next.clone().map(|cursor| {
            let more = move || self.ask(asked.clone(), before.clone(), Some(cursor.clone()));
            self.questions.foot(self.sx, more)
        });
        table(self.sx, t.title, &columns, rows, more)
    }

    fn row(self, row: &ConsoleCustomerRow, columns: &[Column; 6]) -> AnyView {
        let (t, never) = (&self.sx.t().customers, self.sx.t().shell.never);
        let href = self.sx.href(Area::Customer(row.id));
        let link = view! { <a href=href>{row.nombre.clone()}</a> }.into_any();
        let state = match row.state {
            CustomerState::Active => badge("ok", t.active),
            CustomerState::Unconfirmed => badge("warn", t.unconfirmed),
        };
        let seen = row.last_seen_at.as_deref().map_or(never.to_owned(), format::instant);
        let cells = vec![
            name(link, row.rfc.clone()),
            cell(&columns[1], row.contract.clone().unwrap_or(never.to_owned()).into_any()),
            cell(&columns[2], row.contracts.to_string().into_any()),
            cell(&columns[3], row.people.to_string().into_any()),
            cell(&columns[4], state),
            cell(&columns[5], seen.into_any()),
        ];
        view! { <tr>{cells}</tr> }.into_any()
    }
}
