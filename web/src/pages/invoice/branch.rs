//! Step 1: the branch, found by the server as one types.
use leptos::ev::{self, SubmitEvent};
use leptos::prelude::*;
use shared::issuers::BranchView;

use super::form::Form;
use super::{beside, head};
use crate::api::{self, ApiFailure};
use crate::app::Page;
use crate::browser;
use crate::components::button;
use crate::components::choice::{Choice, choices};
use crate::components::empty::empty;
use crate::components::failed::failed;
use crate::components::field::error_line;
use crate::components::icon::{Icon, icon};
use crate::components::live::{change, part, send_keys};
use crate::components::skeleton::skeleton;
use crate::draft::Field;
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::pages::frame::{Width, guest};
use crate::router;
use crate::scan::scan_button;
use crate::session::{Cx, Load};

/// The name of the search in the address.
const QUERY: &str = "q";
/// Silence after the last key before the server is asked.
const PAUSE_MS: i32 = 250;
const SEARCH_ID: &str = "search";

/// What was found so far.
#[derive(Clone, PartialEq)]
struct Found {
    rows: Vec<BranchView>,
    next: Option<String>,
}

/// The search: its words, its answer, and a count that makes late answers to older words harmless.
#[derive(Clone, Copy)]
struct Search {
    cx: Cx,
    words: RwSignal<String>,
    found: RwSignal<Load<Found>>,
    turn: StoredValue<u32>,
}

impl Search {
    fn start(cx: Cx) -> Search {
        let words = router::query(QUERY).unwrap_or_default();
        let search =
            Search { cx, words: RwSignal::new(words), found: RwSignal::new(Load::Loading), turn: StoredValue::new(0) };
        search.ask(0, None);
        search
    }

    fn typed(self, words: String) {
        self.words.set(words);
        self.ask(PAUSE_MS, None);
    }

    fn again(self) {
        self.found.set(Load::Loading);
        self.ask(0, None);
    }

    fn ask(self, after_ms: i32, cursor: Option<String>) {
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        leptos::task::spawn_local(async move {
            if after_ms > 0 {
                browser::sleep(after_ms).await;
            }
            // `None` when the page is gone.
            let current = move || self.turn.try_get_value() == Some(turn);
            if !current() {
                return;
            }
            let words = self.words.get_untracked().trim().to_owned();
            router::set_query(&[(QUERY, &words)]);
            let answer = api::branches(&self.cx.slug(), &words, cursor.as_deref()).await;
            if current() {
                self.take(answer, cursor.is_some());
            }
        });
    }

    fn take(self, answer: Result<shared::page::Page<BranchView>, ApiFailure>, more: bool) {
        match answer {
            Ok(page) => {
                let mut rows = match self.found.get_untracked() {
                    Load::Ready(found) if more => found.rows,
                    _ => Vec::new(),
                };
                rows.extend(page.data);
                self.choose_only(&rows, page.next_cursor.is_some());
                self.found.set(Load::Ready(Found { rows, next: page.next_cursor }));
            }
            Err(failure) => self.found.set(Load::Failed(failure)),
        }
    }

    /// Where there is one branch, there is nothing to choose.
    fn choose_only(self, rows: &[BranchView], more: bool) {
        if let ([only], false, true) = (rows, more, self.words.with_untracked(String::is_empty)) {
            self.cx.draft.update(|draft| {
                draft.branch.get_or_insert_with(|| only.clone());
            });
        }
    }
}

/// The page.
pub fn page(cx: Cx) -> AnyView {
    let t = cx.words();
    let form = Form::new(cx, Page::Branch, t.branch.title);
    let search = Search::start(cx);
    slash_leads_to_search();
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.check() {
            cx.go(Page::Rfc);
        }
    };
    let shown = Signal::derive(move || {
        let chosen = cx.draft.with(|draft| draft.branch.clone());
        chosen.or_else(|| {
            search.found.with(|found| match found {
                Load::Ready(found) => found.rows.first().cloned(),
                _ => None,
            })
        })
    });
    let content = view! {
        {head(cx, 1, None)}
        {form.summary()}
        <h1>{t.branch.title}</h1>
        <p class="lead">{t.branch.lead}</p>
        <div class="stack">
            {scan_button(cx, "btn btn--2")}
            {search_box(search)}
            <form class="stack" novalidate on:submit=send on:keydown=send_keys>
                {part(move || Some(results(search, form)))}
                <div class="actions">
                    <button class="btn btn--lg" type="submit">{t.shell.go_on}</button>
                </div>
            </form>
        </div>
    };
    let caption = Signal::derive(move || t.branch.caption.to_owned());
    let aside = beside(cx, shown, Signal::derive(|| None), caption);
    guest(cx, Width::Beside, content.into_any(), Some(aside))
}

fn slash_leads_to_search() {
    let listener = window_event_listener(ev::keydown, |event| {
        let target = event.target().and_then(|it| wasm_bindgen::JsCast::dyn_into::<web_sys::Element>(it).ok());
        let typing = target.is_some_and(|it| matches!(it.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA"));
        if event.key() == "/" && !typing && browser::focus(SEARCH_ID) {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
}

fn search_box(search: Search) -> AnyView {
    let t = &search.cx.words().branch;
    view! {
        <div class="field" role="search">
            <label class="vh" for=SEARCH_ID>{t.search}</label>
            <div class="affix">
                {icon(Icon::Search)}
                <input
                    class="input"
                    id=SEARCH_ID
                    type="text"
                    inputmode="search"
                    autocomplete="off"
                    placeholder=t.placeholder
                    prop:value=search.words
                    on:input=change(move |typed| search.typed(typed))
                />
            </div>
        </div>
    }
    .into_any()
}

fn results(search: Search, form: Form) -> AnyView {
    let t = search.cx.words();
    search.found.with(|found| match found {
        Load::Loading => skeleton(t.shell.loading, 5),
        Load::Failed(failure) => {
            let again = button::act("btn btn--2 btn--sm", t.failure.try_again, move || search.again());
            failed(failure::face(t, failure), vec![again])
        }
        Load::Ready(found) if found.rows.is_empty() => nothing(search),
        Load::Ready(found) => list(search, form, found),
    })
}

fn nothing(search: Search) -> AnyView {
    let t = &search.cx.words().branch;
    let words = search.words.get_untracked();
    if words.trim().is_empty() {
        return empty(2, t.empty.to_owned(), Vec::new(), Vec::new());
    }
    let all = button::act("btn btn--2", t.show_all, move || search.typed(String::new()));
    empty(2, fill(t.empty_search, &[words.trim()]), vec![t.empty_remedy.to_owned()], vec![all])
}

fn list(search: Search, form: Form, found: &Found) -> AnyView {
    let (cx, t) = (search.cx, search.cx.words());
    let mut rows = found.rows.clone();
    // The chosen branch stays in sight when the words no longer match it.
    let chosen = cx.draft.with_untracked(|draft| draft.branch.clone());
    if let Some(chosen) = chosen.filter(|chosen| rows.iter().all(|row| row.id != chosen.id)) {
        rows.insert(0, chosen);
    }
    let cards = rows.iter().map(|row| Choice {
        value: row.id.to_string(),
        words: row.name.clone(),
        more: Some(fill(t.branch.postal_code, &[&row.postal_code, &row.city])),
    });
    let cards = cards.collect();
    let marked = Memo::new(move |_| {
        cx.draft.with(|draft| draft.branch.as_ref().map(|branch| branch.id.to_string()).unwrap_or_default())
    });
    let count = format::plural(rows.len() as u64, t.branch.found_one, t.branch.found);
    let choose = Callback::new(move |id: String| {
        let branch = rows.iter().find(|row| row.id.to_string() == id).cloned();
        cx.draft.update(|draft| draft.branch = branch);
    });
    let more = found
        .next
        .clone()
        .map(|cursor| button::act("btn btn--2", t.shell.more, move || search.ask(0, Some(cursor.clone()))));
    view! {
        <p class="vh" role="status">{count}</p>
        <fieldset id=Field::Branch.id()>
            <legend class="vh">{t.branch.legend}</legend>
            <div class="stack stack-2">
                {error_line(Field::Branch.id(), form.error(Field::Branch), t.shell.error)}
                {choices("branch", "choices", cards, marked.into(), choose)}
            </div>
        </fieldset>
        {more}
    }
    .into_any()
}
