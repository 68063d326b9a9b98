//! A person's files that are made in the background, followed wherever they go: how far each is, and a word when one is
//! ready. What is waited for is kept in the browser's tab, since the next page may be another program's.
use leptos::prelude::*;
use shared::documents::{BundleState, DocumentBundle};
use shared::problem::ProblemCode;
use uuid::Uuid;

use crate::api::ApiFailure;
use crate::browser::{self, Shelf};
use crate::components::button;
use crate::components::failed::failed;
use crate::components::icon::{Icon, icon};
use crate::components::live::part;
use crate::i18n::fill;
use crate::pages::failure;
use crate::portal::api::documents as api;
use crate::portal::session::Px;

/// Between two looks at what is being made.
const LOOK_MS: i32 = 2_000;
const WAITED: &str = "ventanilla.archivos.";

/// The files. They outlive a page.
#[derive(Clone, Copy)]
pub struct Bundles {
    pub rows: RwSignal<Vec<DocumentBundle>>,
    /// Those that became ready since they were waited for.
    ready: RwSignal<Vec<DocumentBundle>>,
    stopped: RwSignal<Option<ApiFailure>>,
    looking: StoredValue<bool>,
    /// Where what is waited for is kept: each person and customer has files of their own.
    shelf: StoredValue<Option<String>>,
}

impl Bundles {
    /// Nothing is known yet.
    pub fn start() -> Bundles {
        Bundles {
            rows: RwSignal::new(Vec::new()),
            ready: RwSignal::new(Vec::new()),
            stopped: RwSignal::new(None),
            looking: StoredValue::new(false),
            shelf: StoredValue::new(None),
        }
    }

    /// Forgets the files of the person who was here.
    pub fn forget(self) {
        self.shelf.set_value(None);
        self.rows.set(Vec::new());
        self.ready.set(Vec::new());
        self.stopped.set(None);
    }

    /// Finds out whose files they are; those of somebody else, or for another customer, are forgotten.
    fn settle(self, px: Px) {
        let me = px.me_untracked();
        let shelf = me.map(|me| [WAITED, &me.user_id.to_string(), ".", &me.customer.id.to_string()].concat());
        if self.shelf.with_value(|before| *before != shelf) {
            self.forget();
            self.shelf.set_value(shelf);
        }
    }

    fn waited(self) -> Vec<Uuid> {
        let kept = self.shelf.get_value().and_then(|shelf| browser::kept(Shelf::Session, &shelf)).unwrap_or_default();
        kept.split(' ').filter_map(|id| Uuid::try_parse(id).ok()).collect()
    }

    fn keep_waiting(self, ids: &[Uuid]) {
        if let Some(shelf) = self.shelf.get_value() {
            let text = ids.iter().map(Uuid::to_string).collect::<Vec<String>>().join(" ");
            browser::keep(Shelf::Session, &shelf, Some(&text).filter(|text| !text.is_empty()).map(String::as_str));
        }
    }

    /// Waits for a file that was just ordered.
    pub fn wait_for(self, px: Px, id: Uuid) {
        self.settle(px);
        let mut ids = self.waited();
        ids.push(id);
        self.keep_waiting(&ids);
        self.look(px);
    }

    /// Goes on waiting for what was ordered on another page.
    fn go_on(self, px: Px) {
        self.settle(px);
        if !self.waited().is_empty() {
            self.look(px);
        }
    }

    /// Looks until nothing is being made.
    pub fn look(self, px: Px) {
        self.settle(px);
        if self.looking.get_value() {
            return;
        }
        self.looking.set_value(true);
        leptos::task::spawn_local(async move {
            while self.look_once(px).await {
                browser::sleep(LOOK_MS).await;
            }
            self.looking.set_value(false);
        });
    }

    /// `false` when there is nothing more to see.
    async fn look_once(self, px: Px) -> bool {
        let Some(shelf) = self.shelf.get_value() else { return false };
        let answer = api::bundles(px.client).await;
        if self.shelf.with_value(|now| now.as_ref() != Some(&shelf)) {
            // The answer is somebody else's by now.
            return self.shelf.with_value(Option::is_some);
        }
        match answer {
            Ok(rows) => self.take(rows),
            // A later look may do better. Whoever only looks at a customer's pages has no files of their own.
            Err(failure) => {
                let passes = failure == ApiFailure::Offline || failure.code() == Some(ProblemCode::Busy);
                passes && !self.waited().is_empty()
            }
        }
    }

    /// Tells those that became ready, and whether others are still being made.
    fn take(self, rows: Vec<DocumentBundle>) -> bool {
        let waited = self.waited();
        let became = |row: &&DocumentBundle| row.state == BundleState::Ready && waited.contains(&row.id);
        let ready: Vec<DocumentBundle> = rows.iter().filter(became).cloned().collect();
        let making = rows.iter().filter(|row| !row.state.is_over());
        let still: Vec<Uuid> = making.chain(&ready).map(|row| row.id).collect();
        self.keep_waiting(&still);
        let goes_on = still.len() > ready.len();
        if self.ready.with_untracked(|before| *before != ready) {
            self.ready.set(ready);
        }
        if self.rows.with_untracked(|before| *before != rows) {
            self.rows.set(rows);
        }
        goes_on
    }

    /// The person knows that a file is ready.
    fn known(self, id: Uuid) {
        let mut ids = self.waited();
        ids.retain(|it| *it != id);
        self.keep_waiting(&ids);
        self.ready.update(|ready| ready.retain(|row| row.id != id));
    }

    /// Saves one that is ready.
    pub fn save(self, px: Px, id: Uuid) {
        self.known(id);
        self.act(async move { api::take_bundle(px.client, id).await });
    }

    /// Takes one away before its time.
    pub fn remove(self, px: Px, id: Uuid) {
        self.known(id);
        self.rows.update(|rows| rows.retain(|row| row.id != id));
        self.act(async move { api::drop_bundle(px.client, id).await });
    }

    fn act(self, work: impl Future<Output = Result<(), ApiFailure>> + 'static) {
        self.stopped.set(None);
        leptos::task::spawn_local(async move {
            if let Err(failure) = work.await {
                self.stopped.set(Some(failure));
            }
        });
    }

    /// What every page says of them: that one is ready, or cannot be had.
    pub fn view(self, px: Px) -> AnyView {
        self.go_on(px);
        let t = &px.common().shell;
        let stopped = part(move || Some(failed(failure::face(px.cx.t(), &self.stopped.get()?), Vec::new())));
        let toast = move |row: &DocumentBundle| {
            let id = row.id;
            view! {
                <div class="toast">
                    {icon(Icon::CircleCheck)}
                    <div class="grow stack stack-2">
                        <span>{fill(t.file_ready, &[&row.file_name])}</span>
                        <span class="row tight">
                            {button::act("btn btn--2 btn--sm", t.file_save, move || self.save(px, id))}
                            {button::act("btn btn--quiet btn--sm", t.file_close, move || self.known(id))}
                        </span>
                    </div>
                </div>
            }
            .into_any()
        };
        let toasts =
            part(move || Some(self.ready.with(|ready| ready.iter().map(toast).collect::<Vec<AnyView>>()).into_any()));
        view! { {stopped}<div class="toasts" role="status">{toasts}</div> }.into_any()
    }
}
