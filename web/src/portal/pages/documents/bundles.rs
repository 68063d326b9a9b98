//! Files that are made in the background: how far each is, here as after a reload, and a word when one is ready.
use leptos::prelude::*;
use shared::documents::{BundleState, DocumentBundle};
use uuid::Uuid;

use crate::api::ApiFailure;
use crate::browser;
use crate::components::button;
use crate::components::failed::failed;
use crate::components::icon::{Icon, icon};
use crate::components::live::part;
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::portal::api::documents as api;
use crate::portal::session::Px;

/// Between two looks at what is being made.
const LOOK_MS: i32 = 2_000;

/// A person's files.
#[derive(Clone, Copy)]
pub struct Bundles {
    px: Px,
    rows: RwSignal<Vec<DocumentBundle>>,
    looking: StoredValue<bool>,
    /// Those that became ready on this page.
    ready: RwSignal<Vec<DocumentBundle>>,
    stopped: RwSignal<Option<ApiFailure>>,
}

impl Bundles {
    /// Asks for them.
    pub fn start(px: Px) -> Bundles {
        let bundles = Bundles {
            px,
            rows: RwSignal::new(Vec::new()),
            looking: StoredValue::new(false),
            ready: RwSignal::new(Vec::new()),
            stopped: RwSignal::new(None),
        };
        bundles.look();
        bundles
    }

    /// Looks until nothing is being made.
    pub fn look(self) {
        if self.looking.get_value() {
            return;
        }
        self.looking.set_value(true);
        leptos::task::spawn_local(async move {
            loop {
                let answer = api::bundles(self.px.client).await;
                // The page may be gone by now.
                let Some(before) = self.rows.try_get_untracked() else { return };
                let goes_on = match answer {
                    Ok(rows) => {
                        let became = |row: &&DocumentBundle| {
                            let was = before.iter().find(|was| was.id == row.id);
                            row.state == BundleState::Ready && was.is_some_and(|was| !was.state.is_over())
                        };
                        let ready: Vec<DocumentBundle> = rows.iter().filter(became).cloned().collect();
                        if !ready.is_empty() {
                            self.ready.try_set(ready);
                        }
                        let goes_on = rows.iter().any(|row| !row.state.is_over());
                        if rows != before {
                            self.rows.try_set(rows);
                        }
                        goes_on
                    }
                    Err(ApiFailure::Offline) => before.iter().any(|row| !row.state.is_over()),
                    // Whoever only looks at a customer's pages has no files of their own.
                    Err(_) => false,
                };
                if !goes_on {
                    self.looking.try_set_value(false);
                    return;
                }
                browser::sleep(LOOK_MS).await;
            }
        });
    }

    fn take(self, id: Uuid) {
        self.act(async move { api::take_bundle(self.px.client, id).await });
    }

    fn act(self, work: impl Future<Output = Result<(), ApiFailure>> + 'static) {
        self.stopped.set(None);
        leptos::task::spawn_local(async move {
            if let Err(failure) = work.await {
                self.stopped.try_set(Some(failure));
            }
        });
    }

    /// The list, while there is one, and the word about what became ready.
    pub fn view(self) -> AnyView {
        let t = &self.px.t().documents.taking;
        let list = part(move || {
            let rows = self.rows.get();
            (!rows.is_empty()).then(|| {
                let rows: Vec<AnyView> = rows.iter().map(|row| self.row(row)).collect();
                view! {
                    <section class="card" aria-labelledby="bundles">
                        <div class="card__head"><h2 id="bundles">{t.bundles}</h2></div>
                        <ul class="list">{rows}</ul>
                    </section>
                }
                .into_any()
            })
        });
        let stopped = part(move || Some(failed(failure::face(self.px.cx.t(), &self.stopped.get()?), Vec::new())));
        view! { {stopped}{list}{self.toasts()} }.into_any()
    }

    fn row(self, row: &DocumentBundle) -> AnyView {
        let t = &self.px.t().documents.taking;
        let id = row.id;
        let (done, documents) =
            (format::thousands(&row.done.to_string()), format::thousands(&row.documents.to_string()));
        let said = match row.state {
            BundleState::Waiting => t.bundle_waiting.to_owned(),
            BundleState::Working => fill(t.bundle_working, &[&done, &documents]),
            BundleState::Ready => {
                fill(t.bundle_ready, &[&format::bytes(row.bytes.unwrap_or(0)), &format::date_time(&row.expires_at)])
            }
            BundleState::Failed => t.bundle_failed.to_owned(),
        };
        let bar = (!row.state.is_over()).then(|| {
            let (value, max) = (row.done.to_string(), row.documents.max(1).to_string());
            view! { <progress value=value max=max aria-label=row.file_name.clone()></progress> }.into_any()
        });
        let take =
            (row.state == BundleState::Ready).then(|| button::act("btn btn--sm", t.bundle_take, move || self.take(id)));
        let drop = button::act("btn btn--quiet btn--sm", t.bundle_drop, move || {
            self.rows.update(|rows| rows.retain(|row| row.id != id));
            self.act(async move { api::drop_bundle(self.px.client, id).await });
        });
        view! {
            <li>
                <div class="grow stack stack-2"><b>{row.file_name.clone()}</b><span class="sm muted">{said}</span>{bar}</div>
                <span class="row tight">{take}{drop}</span>
            </li>
        }
        .into_any()
    }

    fn toasts(self) -> AnyView {
        let t = &self.px.t().documents.taking;
        let shown = part(move || {
            let ready = self.ready.get();
            let toast = |row: &DocumentBundle| {
                let id = row.id;
                let take = move || {
                    self.ready.set(Vec::new());
                    self.take(id);
                };
                view! {
                    <div class="toast">
                        {icon(Icon::CircleCheck)}
                        <span class="grow">{fill(t.bundle_toast, &[&row.file_name])}</span>
                        {button::act("btn btn--2 btn--sm", t.bundle_take, take)}
                        {button::act("btn btn--quiet btn--sm", t.close, move || self.ready.set(Vec::new()))}
                    </div>
                }
                .into_any()
            };
            Some(ready.iter().map(toast).collect::<Vec<AnyView>>().into_any())
        });
        view! { <div class="toasts" role="status">{shown}</div> }.into_any()
    }
}
