//! What Consultas and Estados de cuenta have in common: a form, a search in the address, its answer. The address is
//! what is looked for: back, a reload and a sent link find the same. What is typed becomes a search when it is sent.
use leptos::ev;
use leptos::prelude::*;
use shared::documents::{DocumentKind, DocumentQuery, DocumentTotals, DocumentsPage};
use shared::problem::FieldErrors;
use shared::profiles::Complementos;
use shared::{Problem, problem_text};

use super::downloads::Downloads;
use super::search::{Field, Search};
use super::taking::Taking;
use crate::api::{Answer, ApiFailure};
use crate::browser;
use crate::components::field::Value;
use crate::format;
use crate::portal::api::documents;
use crate::portal::app::Page;
use crate::portal::session::Px;

/// The id of the results, which take the focus when another page of them was asked for.
pub const RESULTS: &str = "resultados";
/// The id of the form's fold, opened to show what is wrong.
pub const FOLD: &str = "filtros";
/// Rows of a page: what the API gives when it is not told.
const ROWS: u64 = shared::page::PAGE_LIMIT_DEFAULT as u64;

/// The faces of the results.
#[derive(Clone, PartialEq)]
pub enum Face {
    Loading,
    /// The address holds filters that mean nothing; they are marked in the form.
    Wrong,
    Failed(ApiFailure),
    Full(Box<Found>),
}

/// An answer, and what it answers.
#[derive(Clone, PartialEq)]
pub struct Found {
    pub search: Search,
    pub page: DocumentsPage,
    /// Of all results.
    pub totals: DocumentTotals,
}

impl Found {
    /// The places of the rows among all: `(51, 86)`.
    pub fn position(&self) -> (u64, u64) {
        let before = u64::from(self.search.page - 1) * ROWS;
        let rows = u64::try_from(self.page.data.len()).unwrap_or_default();
        (before + 1, before + rows)
    }
}

/// A search page.
#[derive(Clone, Copy)]
pub struct Finder {
    pub px: Px,
    pub page: Page,
    /// The one kind this page looks for; without it, the form chooses.
    kind: Option<DocumentKind>,
    pub form: RwSignal<Search>,
    pub errors: RwSignal<FieldErrors>,
    pub face: RwSignal<Face>,
    pub busy: RwSignal<bool>,
    pub downloads: Downloads,
    pub taking: Taking,
    /// Where the pages passed so far begin, from the second on.
    trail: StoredValue<Vec<String>>,
    turn: StoredValue<u32>,
    /// What was looked for last, and what it comes to: its other pages and orders need not be counted again.
    counted: StoredValue<Option<(DocumentQuery, DocumentTotals)>>,
    /// The results were asked for from among themselves or from a form that hides them: they take the focus.
    to_results: StoredValue<bool>,
}

impl Finder {
    /// Reads the address now and whenever it changes while the page is there.
    pub fn start(px: Px, page: Page, kind: Option<DocumentKind>) -> Finder {
        let finder = Finder {
            px,
            page,
            kind,
            form: RwSignal::new(Search::default()),
            errors: RwSignal::new(FieldErrors::default()),
            face: RwSignal::new(Face::Loading),
            busy: RwSignal::new(false),
            downloads: Downloads::start(px),
            taking: Taking::start(px, picks_of(page)),
            trail: StoredValue::new(passed(px.desk.typed(trail_of(page)))),
            turn: StoredValue::new(0),
            counted: StoredValue::new(None),
            to_results: StoredValue::new(false),
        };
        Effect::new(move |_| {
            px.cx.router.path();
            untrack(|| finder.read());
        });
        // Back and forward between searches change nothing of the path.
        let listener = window_event_listener(ev::popstate, move |_| finder.read());
        on_cleanup(move || listener.remove());
        finder
    }

    fn read(self) {
        let address = browser::address();
        let (path, query) = address.split_once('?').unwrap_or((address.as_str(), ""));
        if path.trim_end_matches('/') != self.path() {
            // The person has gone elsewhere, and this page is about to end.
            return;
        }
        self.px.desk.keep_typed(last_search(self.page), query.to_owned());
        self.px.desk.keep_typed(LAST_LIST, last_search(self.page).to_owned());
        let mut search = Search::read(query);
        search.inside = self.px.profile().complementos == Complementos::InsideInvoice;
        if let Some(kind) = self.kind {
            search.set(Field::Kind, kind.as_str().to_owned());
        }
        self.form.update(|form| form.take(&search));
        self.trail.update_value(|trail| search.leave_trail(trail));
        self.px.desk.keep_typed(trail_of(self.page), self.trail.with_value(|trail| trail.join(" ")));
        match search.query() {
            Ok(query) => {
                self.errors.set(FieldErrors::default());
                self.taking.look(&query);
                self.ask(search, query);
            }
            Err(errors) => {
                self.turn.update_value(|turn| *turn += 1);
                self.busy.set(false);
                self.errors.set(errors);
                self.face.set(Face::Wrong);
                unfold();
            }
        }
    }

    /// Asks again for what the address says.
    pub fn again(self) {
        self.face.set(Face::Loading);
        self.counted.set_value(None);
        self.read();
    }

    fn ask(self, search: Search, mut query: DocumentQuery) {
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        self.busy.set(true);
        let whole = DocumentQuery { sort: None, cursor: None, ..query.clone() };
        let counted = self.counted.with_value(|counted| counted.clone().filter(|(known, _)| *known == whole));
        // The first page is looked at anew, and so is what it comes to.
        let counted = counted.filter(|_| query.cursor.is_some() || query.sort.is_some()).map(|(_, totals)| totals);
        query.totals = counted.is_some().then_some(false);
        leptos::task::spawn_local(async move {
            let answer = documents::list(self.px.client, &query).await;
            // `None` when the page is gone; another number when something else was asked for meanwhile.
            if self.turn.try_get_value() == Some(turn) {
                self.take(search, whole, counted, answer);
            }
        });
    }

    fn take(
        self,
        search: Search,
        whole: DocumentQuery,
        counted: Option<DocumentTotals>,
        answer: Answer<DocumentsPage>,
    ) {
        self.busy.set(false);
        if let Err(ApiFailure::Problem(problem)) = &answer {
            let Problem { errors, .. } = problem.as_ref();
            self.errors.set(FieldErrors(errors.clone()));
        }
        self.face.set(match answer {
            Ok(mut page) => {
                let totals = page.totals.take().or(counted).unwrap_or_default();
                self.counted.set_value(Some((whole, totals.clone())));
                Face::Full(Box::new(Found { search, page, totals }))
            }
            Err(failure) => Face::Failed(failure),
        });
        if self.to_results.get_value() {
            self.to_results.set_value(false);
            browser::focus_soon(RESULTS);
        }
    }

    fn path(self) -> String {
        self.px.href(self.page)
    }

    /// Looks for what the form says, from the first page, or marks what is wrong in it.
    pub fn send(self) {
        self.form.update(|form| {
            form.tidy();
            form.first_page();
        });
        match self.form.with_untracked(Search::query) {
            Ok(_) => {
                // On a phone the form stands where the results would be.
                self.to_results.set_value(browser::media("(width < 45rem)"));
                self.go(&self.form.get_untracked());
            }
            Err(errors) => {
                let wrong = Field::ALL.into_iter().find(|field| errors.of(field.pointer()).is_some());
                self.errors.set(errors);
                unfold();
                if let Some(field) = wrong {
                    browser::focus_soon(field.id());
                }
            }
        }
    }

    /// Looks for something else than the form says.
    pub fn look_for(self, search: Search) {
        self.form.set(search);
        self.send();
    }

    /// Leads to a page of the same results, or to another order of them.
    pub fn turn_to(self, search: &Search) {
        self.to_results.set_value(true);
        self.go(search);
    }

    fn go(self, search: &Search) {
        let mut search = search.clone();
        if self.kind.is_some() {
            // The page's own address says what it looks for.
            search.set(Field::Kind, String::new());
        }
        let address = search.address(&self.path());
        if address == browser::address() {
            self.px.cx.router.replace(&address);
        } else {
            self.px.cx.router.go(&address);
        }
    }

    /// Where the page before this one begins: `None` when this is the first, or when it is not known since the person
    /// came by a link; the first page is always known.
    pub fn page_before(self, search: &Search) -> Option<Search> {
        let mut before = search.clone();
        before.page = search.page.checked_sub(1).filter(|page| *page > 0)?;
        before.cursor = match before.page {
            1 => String::new(),
            page => {
                let place = usize::try_from(page).ok()?.checked_sub(2)?;
                let cursor = self.trail.with_value(|trail| trail.get(place).cloned())?;
                Some(cursor).filter(|cursor| !cursor.is_empty())?
            }
        };
        Some(before)
    }

    /// What a control holds and how it changes.
    pub fn value(self, field: Field) -> Value {
        Value {
            get: Signal::derive(move || self.form.with(|form| form.text(field).to_owned())),
            set: Callback::new(move |text| {
                self.form.update(|form| form.set(field, text));
                self.check(None);
            }),
            enter: Callback::new(|()| {}),
            leave: Callback::new(move |()| {
                self.form.update(Search::tidy);
                browser::after_click(move || {
                    // The page may be gone by now.
                    if self.turn.try_get_value().is_some() {
                        self.check(Some(field));
                    }
                });
            }),
        }
    }

    /// Looks again at what is marked as wrong, and at the field just left.
    fn check(self, left: Option<Field>) {
        let wrong = self.form.with_untracked(Search::query).err().unwrap_or_default();
        let shown = self.errors.get_untracked();
        let keep = |pointer: &str| shown.of(pointer).is_some() || left.is_some_and(|left| left.pointer() == pointer);
        let still: Vec<_> = wrong.0.into_iter().filter(|error| keep(&error.pointer)).collect();
        if still != shown.0 {
            self.errors.set(FieldErrors(still));
        }
    }

    /// What is wrong with a field, in words.
    pub fn error(self, field: Field) -> Signal<Option<String>> {
        let lang = self.px.cx.t().lang;
        Signal::derive(move || {
            let code = self.errors.with(|errors| errors.of(field.pointer()))?;
            Some(problem_text::field(code, lang).to_owned())
        })
    }

    /// The results in one line, for those who do not see them change.
    pub fn said(self) -> Option<String> {
        let t = &self.px.t().documents;
        if self.busy.get() {
            return Some(t.searching.to_owned());
        }
        self.face.with(|face| match face {
            Face::Full(found) => Some(format::plural(found.totals.count, t.found_one, t.found)),
            _ => None,
        })
    }
}

/// The name under which the last list is remembered while the person is signed in, for the way back from a document.
const LAST_LIST: &str = "lista";

/// The name for the last search of a list.
const fn last_search(page: Page) -> &'static str {
    if matches!(page, Page::Statements) { "estados-de-cuenta" } else { "consultas" }
}

/// The name for the pages passed in a list, so that who comes back from a document can still turn back.
const fn trail_of(page: Page) -> &'static str {
    if matches!(page, Page::Statements) { "estados-de-cuenta-paginas" } else { "consultas-paginas" }
}

/// The name for what is picked in a list.
const fn picks_of(page: Page) -> &'static str {
    if matches!(page, Page::Statements) { "estados-de-cuenta-marcas" } else { "consultas-marcas" }
}

/// The list that led to a document, at the very search it showed; who came by a link is led to the list it belongs to.
pub fn list_before(px: Px, kind: Option<DocumentKind>) -> (Page, String) {
    let last = px.desk.typed(LAST_LIST);
    let statements = match last.as_str() {
        "" => kind == Some(DocumentKind::EstadoDeCuenta),
        last => last == last_search(Page::Statements),
    };
    let page = if statements { Page::Statements } else { Page::Documents };
    let (path, query) = (px.href(page), px.desk.typed(last_search(page)));
    (page, if query.is_empty() { path } else { [&path, "?", &query].concat() })
}

fn unfold() {
    if let Some(fold) = browser::element(FOLD) {
        let _ = fold.set_attribute("open", "");
    }
}

fn passed(written: String) -> Vec<String> {
    written.split(' ').map(str::to_owned).collect()
}
