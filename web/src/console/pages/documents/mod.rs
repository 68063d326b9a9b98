//! An issuer's documents at its desk: found by what a caller has, brought in, taken back, and what became of a CFDI.
mod bringing;
mod typing;

use leptos::ev;
use leptos::prelude::*;
use shared::documents::{DeskDocument, DeskWithdrawal, DocumentState, document_number};

use crate::components::button;
use crate::components::empty::empty;
use crate::components::live::part;
use crate::console::api::documents as api;
use crate::console::i18n::payments::named;
use crate::console::list::{Column, QUERY, Questions, badge, cell, faces, name, narrow, search, sought, table};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::i18n::fill;
use crate::pages::frame::card;
use crate::router;
use crate::session::Load;
use crate::signed::acts::{Acts, Options, Question, Run, act};

/// Longest text of the search.
const LOOKED_MAX: usize = 60;

/// The documents so far.
#[derive(Clone, PartialEq)]
struct Rows {
    q: String,
    rows: Vec<DeskDocument>,
    next: Option<String>,
}

/// The page's data and acts.
#[derive(Clone, Copy)]
struct Shelf {
    sx: Sx,
    face: RwSignal<Load<Rows>>,
    questions: Questions,
    acts: Acts,
    typed: RwSignal<String>,
    bringing: RwSignal<bool>,
    /// Files of the open panel that are still to go.
    left: RwSignal<usize>,
    had: RwSignal<Option<DeskWithdrawal>>,
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().documents;
    let shelf = Shelf {
        sx,
        face: RwSignal::new(Load::Loading),
        questions: Questions::none(),
        acts: Acts::new(sx.cx, &sx.t().acts),
        typed: sought(),
        bringing: RwSignal::new(false),
        left: RwSignal::new(0),
        had: RwSignal::new(None),
    };
    shelf.again();
    shelf.stays_while_files_go();
    let bring = button::act("btn", t.bring, move || {
        if shelf.bringing.get_untracked() { shelf.close() } else { shelf.bringing.set(true) }
    });
    let again = Callback::new(move |()| shelf.again());
    let fresh = Callback::new(move |()| shelf.as_many());
    let panel = part(move || {
        let close = Callback::new(move |()| shelf.close());
        shelf.bringing.get().then(|| bringing::panel(sx, shelf.left, close, fresh))
    });
    let look = move || {
        router::set_query(&[(QUERY, shelf.typed.get_untracked().trim())]);
        shelf.face.set(Load::Loading);
        shelf.again();
    };
    let content = view! {
        {shelf.acts.view()}
        {part(move || shelf.had.get().map(|had| shelf.who_had(&had)))}
        {panel}
        {search(sx, t.search, LOOKED_MAX, shelf.typed, look)}
        {faces(sx, shelf.face, again, move |rows| shelf.full(rows))}
    };
    shell::page(sx, t.title, t.lead, bring, content.into_any())
}

/// How a CFDI stands at the SAT. A paper has no state, and one that is new here is none to be changed.
fn sat_state(row: &DeskDocument) -> Option<DocumentState> {
    row.document.folio_fiscal.as_ref().and_then(|_| DocumentState::parse(&row.document.state))
}

impl Shelf {
    fn ask(self, q: String, before: Vec<DeskDocument>, cursor: String) {
        let (client, slug) = (self.sx.client, self.sx.slug());
        self.questions.ask_rows(!before.is_empty(), self.face, async move {
            let page = api::list(client, slug, &q, &cursor).await?;
            let mut rows = before;
            rows.extend(page.data);
            Ok(Rows { q, rows, next: page.next_cursor })
        });
    }

    fn again(self) {
        self.ask(self.typed.get_untracked().trim().to_owned(), Vec::new(), String::new());
    }

    /// What is shown, as it is now: whatever was done stays where it was done.
    fn as_many(self) {
        let shown = self.face.with_untracked(|face| match face {
            Load::Ready(found) => Some((found.q.clone(), found.rows.len())),
            _ => None,
        });
        let Some((q, count)) = shown else { return self.again() };
        let (client, slug) = (self.sx.client, self.sx.slug());
        self.questions.ask(self.face, async move {
            let (mut rows, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = api::list(client, slug.clone(), &q, &cursor).await?;
                rows.extend(page.data);
                match page.next_cursor {
                    Some(next) if rows.len() < count => cursor = next,
                    next => return Ok(Rows { q, rows, next }),
                }
            }
        });
    }

    /// Closes the panel that takes files; while some are still to go it asks first.
    fn close(self) {
        let t = &self.sx.t().documents;
        let run = act(move || self.bringing.set(false));
        if !self.asks((t.leave_words, t.leave), run.clone()) {
            run();
        }
    }

    /// The page is not left while files are still to go, unless the person says so: by our dialog within the console, by the
    /// browser's own where the whole page would go.
    fn stays_while_files_go(self) {
        self.sx.ask_before_leaving(move |go| {
            let t = &self.sx.t().documents;
            let run = act(move || {
                // The browser has nothing to ask any more.
                self.bringing.set(false);
                go();
            });
            self.asks((t.away_words, t.away), run)
        });
        let unload = window_event_listener(ev::beforeunload, move |event| {
            if self.to_go() > 0 {
                event.prevent_default();
            }
        });
        on_cleanup(move || unload.remove());
    }

    /// Files of the open panel that are still to go.
    fn to_go(self) -> u64 {
        if self.bringing.get_untracked() { u64::try_from(self.left.get_untracked()).unwrap_or_default() } else { 0 }
    }

    /// Asks before files that are still to go are left behind, and then does `run`; `false`: there are none.
    fn asks(self, (words, yes): (&'static str, &'static str), run: Run) -> bool {
        let (t, left) = (&self.sx.t().documents, self.to_go());
        if left > 0 {
            let title = format::plural(left, t.leave_title[0], t.leave_title[1]);
            self.acts.ask_or(Question { title, words, act: yes, run }, t.go_on);
        }
        left > 0
    }

    fn full(self, found: &Rows) -> AnyView {
        let t = &self.sx.t().documents;
        if found.rows.is_empty() {
            let (title, words) =
                if found.q.is_empty() { (t.none, t.none_words) } else { (t.none_found, t.none_found_words) };
            return card(empty(2, title.to_owned(), vec![words.to_owned()], Vec::new()));
        }
        let columns = [
            Column(t.document, "", ""),
            Column(t.receptor, "txt", "2"),
            Column(t.issued_on, "num", "2"),
            Column(t.total, "num", "2"),
            Column(t.came, "", "3"),
            Column(t.state, "", ""),
            Column("", "acts", ""),
        ];
        let rows = found.rows.iter().map(|row| self.row(row, &columns)).collect();
        // Of what was found, whatever is being typed.
        let (q, before) = (found.q.clone(), found.rows.clone());
        let more = found.next.clone().map(|cursor| {
            let more = move || self.ask(q.clone(), before.clone(), cursor.clone());
            self.questions.foot(self.sx, more)
        });
        table(self.sx, t.title, &columns, rows, more)
    }

    fn row(self, row: &DeskDocument, columns: &[Column; 7]) -> AnyView {
        let t = &self.sx.t().documents;
        let document = &row.document;
        let number = document_number(&document.serie, &document.folio);
        let kind = named(&t.kinds, &document.kind).to_owned();
        let receptor = match &document.contract {
            Some(contract) => [&document.receptor_rfc, " · ", contract].concat(),
            None => document.receptor_rfc.clone(),
        };
        let receptor = view! { {document.receptor_nombre.clone()}<span class="sub">{receptor}</span> };
        // What has no column on a phone.
        let total = format::money(&document.total, &document.currency);
        let phone = [&document.receptor_rfc, &format::day(&document.issued_on), &total].map(String::as_str).join(" · ");
        let first = narrow(number.clone().into_any(), phone);
        let cells = vec![
            name(first, kind),
            cell(&columns[1], receptor.into_any()),
            cell(&columns[2], format::day(&document.issued_on).into_any()),
            cell(&columns[3], total.into_any()),
            cell(&columns[4], format::instant(&document.created_at).into_any()),
            cell(&columns[5], self.state(row)),
            cell(&columns[6], self.options(row, number)),
        ];
        view! { <tr>{cells}</tr> }.into_any()
    }

    /// A CFDI stands as the SAT has it; a paper is there or not.
    fn state(self, row: &DeskDocument) -> AnyView {
        let t = &self.sx.t().documents;
        let (tone, origin) = if row.is_published { ("ok", t.published) } else { ("plain", t.issued_here) };
        if row.withdrawn_at.is_some() {
            return badge("bad", t.withdrawn);
        }
        let Some(state) = sat_state(row) else { return badge(tone, origin) };
        let tone = match state {
            DocumentState::Vigente => "ok",
            DocumentState::EnCancelacion => "warn",
            DocumentState::Cancelada => "bad",
        };
        view! { {badge(tone, t.states[state as usize].name)}<span class="sub">{origin}</span> }.into_any()
    }

    /// Of what is there: its PDF; what became of a CFDI can be said; and it can be taken back, when it came from elsewhere.
    fn options(self, row: &DeskDocument, number: String) -> AnyView {
        let t = &self.sx.t().documents;
        let id = row.document.id;
        if row.withdrawn_at.is_some() {
            return ().into_any();
        }
        let pdf = act(move || self.acts.run(api::pdf(self.sx.client, self.sx.slug(), id), |()| {}));
        let mut acts = vec![(t.pdf, false, pdf)];
        if let Some(now) = sat_state(row) {
            for state in DocumentState::ALL.into_iter().filter(|state| *state != now) {
                let said = number.clone();
                let ask = act(move || self.ask_to_change(id, state, said.clone()));
                acts.push((t.states[state as usize].change, state == DocumentState::Cancelada, ask));
            }
        }
        if row.is_published {
            let said = number.clone();
            acts.push((t.withdraw, true, act(move || self.ask_to_withdraw(id, said.clone()))));
        }
        self.acts.options(&number, Options { title: number.clone(), acts })
    }

    fn ask_to_change(self, id: uuid::Uuid, state: DocumentState, number: String) {
        let words = &self.sx.t().documents.states[state as usize];
        let title = fill(words.title, &[&number]);
        let run = act(move || {
            let done = fill(words.done, &[&number]);
            self.acts.run(api::set_state(self.sx.client, self.sx.slug(), id, state), move |_| {
                self.acts.tell(done);
                self.as_many();
            });
        });
        // «Cancelar» beside «Cambiar estado: cancelada» would be two ways to cancel.
        let back = self.sx.t().documents.keep;
        self.acts.ask_or(Question { title, words: words.follows, act: words.change, run }, back);
    }

    fn ask_to_withdraw(self, id: uuid::Uuid, number: String) {
        let t = &self.sx.t().documents;
        let title = fill(t.withdraw_title, &[&number]);
        let run = act(move || {
            let gone = fill(t.gone, &[&number]);
            self.had.set(None);
            self.acts.run(api::withdraw(self.sx.client, self.sx.slug(), id), move |had| {
                self.acts.tell(gone);
                self.had.set(Some(had));
                self.as_many();
            });
        });
        self.acts.ask(Question { title, words: t.withdraw_words, act: t.withdraw, run });
    }

    fn who_had(self, had: &DeskWithdrawal) -> AnyView {
        let t = &self.sx.t().documents;
        if had.had.is_empty() {
            return card(view! { <div class="card__body"><p>{t.had_none}</p></div> }.into_any());
        }
        let line = |one: &shared::documents::HadByWhom| {
            let who = one.who.clone().unwrap_or_else(|| t.had_link.to_owned());
            let did = [&who, " ", named(&t.acts, &one.act)].concat();
            view! { <li><span class="grow">{did}</span><span class="muted">{format::instant(&one.at)}</span></li> }
                .into_any()
        };
        let lines: Vec<AnyView> = had.had.iter().map(line).collect();
        let said = view! {
            <div class="card__body stack stack-2"><p class="b">{t.had}</p><ul class="lines lines--plain">{lines}</ul></div>
        };
        card(said.into_any())
    }
}
