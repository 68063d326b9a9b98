//! What was done with an issuer's things, by whom and when; by one request, whose number a customer reads out.
use leptos::prelude::*;
use shared::ProblemCode;
use shared::console::AuditRow;
use uuid::Uuid;

use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::error_summary::Line;
use crate::components::live::part;
use crate::console::api::customers as api;
use crate::console::app::Area;
use crate::console::i18n::log;
use crate::console::list::{Column, QUERY, Questions, cell, faces, narrow, search, sought, table};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::i18n::fill;
use crate::pages::frame::card;
use crate::router;
use crate::session::Load;
use crate::signed::meaning;

/// Longest text of the search: a problem's code and a number.
const SEARCH_MAX: usize = 80;

/// The acts so far.
#[derive(Clone, PartialEq)]
struct Acts {
    /// Of which request; of all when it is empty.
    request: String,
    rows: Vec<AuditRow>,
    next: Option<String>,
}

/// The page's data.
#[derive(Clone, Copy)]
struct Log {
    sx: Sx,
    face: RwSignal<Load<Acts>>,
    questions: Questions,
    typed: RwSignal<String>,
    /// The code that was read out with the number.
    code: RwSignal<Option<ProblemCode>>,
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().customers;
    let log = Log {
        sx,
        face: RwSignal::new(Load::Loading),
        questions: Questions::none(),
        typed: sought(),
        code: RwSignal::new(None),
    };
    log.ask(log.asked(), Vec::new(), None);
    let again = Callback::new(move |()| log.ask(log.asked(), Vec::new(), None));
    let content = view! {
        {search(sx, t.log_search, SEARCH_MAX, log.typed, move || log.look_for())}
        {log.meaning()}
        {faces(sx, log.face, again, move |acts| log.full(acts))}
    };
    shell::page(sx, t.log, t.log_lead, ().into_any(), content.into_any())
}

/// What was read out: the code of a problem, if any, and the number of the request.
fn read(typed: &str) -> (Option<ProblemCode>, &str) {
    let known = |word: &str| ProblemCode::ALL.iter().copied().find(|code| code.as_str() == word);
    let code = typed.split_whitespace().find_map(known);
    (code, typed.split_whitespace().rfind(|word| known(word).is_none()).unwrap_or_default())
}

impl Log {
    /// The number that was typed; the code beside it is told at once.
    fn asked(self) -> String {
        let typed = self.typed.get_untracked();
        let (code, request) = read(&typed);
        self.code.set(code);
        request.to_owned()
    }

    fn ask(self, request: String, before: Vec<AuditRow>, cursor: Option<String>) {
        let (client, slug) = (self.sx.client, self.sx.slug());
        self.questions.ask_rows(!before.is_empty(), self.face, async move {
            let page = api::log(client, slug, &request, cursor.as_deref()).await?;
            let mut rows = before;
            rows.extend(page.data);
            Ok(Acts { request, rows, next: page.next_cursor })
        });
    }

    fn look_for(self) {
        router::set_query(&[(QUERY, self.typed.get_untracked().trim())]);
        self.face.set(Load::Loading);
        self.ask(self.asked(), Vec::new(), None);
    }

    /// The way to what the code means, its causes and the way out.
    fn meaning(self) -> AnyView {
        part(move || {
            self.code.get().map(|code| {
                let Line { words, href } = meaning::line(self.sx.cx, code.as_str());
                view! { <p class="sm"><a href=href>{words}</a></p> }.into_any()
            })
        })
    }

    fn full(self, acts: &Acts) -> AnyView {
        let t = &self.sx.t().customers;
        if acts.rows.is_empty() && !acts.request.is_empty() {
            let all = move || {
                self.typed.set(String::new());
                self.look_for();
                browser::focus_soon("search");
            };
            let way = button::act("btn btn--2", t.all, all);
            return card(empty(2, t.log_none_found.to_owned(), vec![t.log_none_found_words.to_owned()], vec![way]));
        }
        if acts.rows.is_empty() {
            return card(empty(2, t.log_none.to_owned(), vec![t.log_none_words.to_owned()], Vec::new()));
        }
        let columns =
            [Column(t.act, "", ""), Column(t.who, "txt", ""), Column(t.object, "", "3"), Column(t.at, "", "2")];
        let rows = acts.rows.iter().map(|act| row(self.sx, act, &columns)).collect();
        let (request, before) = (acts.request.clone(), acts.rows.clone());
        let more = acts.next.clone().map(|cursor| {
            let more = move || self.ask(request.clone(), before.clone(), Some(cursor.clone()));
            self.questions.foot(self.sx, more)
        });
        table(self.sx, t.log, &columns, rows, more)
    }
}

fn row(sx: Sx, act: &AuditRow, columns: &[Column; 4]) -> AnyView {
    let t = &sx.t().customers;
    let kind = act.actor.split(':').next().unwrap_or_default();
    let known = t.actors.iter().find(|(known, _)| *known == kind).map(|(_, words)| (*words).to_owned());
    let who = act.actor_email.clone().or(known).unwrap_or_else(|| act.actor.clone());
    // The number says nothing to a reader, but it leads to who it is.
    let behalf = act.on_behalf_of.as_deref().map(|customer| {
        let way = Uuid::try_parse(customer).ok().map(|id| sx.href(Area::Customer(id)));
        let said = match way {
            Some(way) => view! { <a href=way>{t.behalf_of}</a> }.into_any(),
            None => fill(t.behalf, &[customer]).into_any(),
        };
        view! { <span class="sub">{said}</span> }
    });
    let object = view! { {act.object_kind.clone()}<span class="sub mono">{act.object_id.clone()}</span> };
    let at = format::instant(&act.at);
    let cells = vec![
        cell(&columns[1], view! { {who}{behalf} }.into_any()),
        cell(&columns[2], object.into_any()),
        cell(&columns[3], at.into_any()),
    ];
    let when = format::instant(&act.at);
    let first = match log::words(&act.act, sx.t().lang) {
        Some(words) => view! { {words}<span class="sub mono">{act.act.clone()}</span> }.into_any(),
        None => view! { <span class="mono">{act.act.clone()}</span> }.into_any(),
    };
    view! { <tr><th scope="row" class="txt">{narrow(first, when)}</th>{cells}</tr> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_customer_reads_out_is_a_code_and_a_number() {
        const NUMBER: &str = "01937f3e-0000-7000-8000-000000000001";
        assert_eq!(read(&["ticket_not_found ", NUMBER].concat()), (Some(ProblemCode::TicketNotFound), NUMBER));
        assert_eq!(read(&[" ", NUMBER, " "].concat()), (None, NUMBER));
        assert_eq!(read("internal"), (Some(ProblemCode::Internal), ""));
        assert_eq!(read(" "), (None, ""));
    }
}
