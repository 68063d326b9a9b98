//! Taking many documents at once: what is picked of the results, what came since the last time, the list itself. The
//! picks survive other pages, another order and a look at a document; another search begins anew. The file streams past
//! this program.
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::documents::{BundleFormat, DocumentNews, DocumentQuery, TakeDocuments};
use uuid::Uuid;
use web_sys::HtmlInputElement;

use super::bundles;
use super::downloads::stopped;
use super::finder::{Found, RESULTS};
use super::search::Search;
use super::sending::Sending;
use crate::api::ApiFailure;
use crate::browser;
use crate::components::button;
use crate::components::live::{part, press, words};
use crate::components::tick::{between, pressed};
use crate::format;
use crate::i18n::fill;
use crate::portal::api::documents::{self, Taken};
use crate::portal::session::Px;

/// Documents chosen one by one, or all that the search finds but for some.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picked {
    all: bool,
    ids: Vec<Uuid>,
}

impl Picked {
    fn holds(&self, id: Uuid) -> bool {
        self.ids.contains(&id) != self.all
    }

    fn turn(&mut self, ids: &[Uuid], on: bool) {
        self.ids.retain(|id| !ids.contains(id));
        if on != self.all {
            self.ids.extend(ids);
        }
    }

    fn count(&self, found: u64) -> u64 {
        let ids = u64::try_from(self.ids.len()).unwrap_or(u64::MAX);
        if self.all { found.saturating_sub(ids) } else { ids }
    }
}

/// What was picked of a search, for the way back from a document and for a reload: one customer's.
#[derive(Serialize, Deserialize)]
struct Kept {
    customer: Uuid,
    of: DocumentQuery,
    picked: Picked,
}

/// What is taken from a page of results.
#[derive(Clone, Copy)]
pub struct Taking {
    px: Px,
    /// The name under which the picks are remembered.
    name: &'static str,
    picked: RwSignal<Picked>,
    /// What the picks were picked from; nothing yet.
    of: StoredValue<Option<DocumentQuery>>,
    /// The rows of the page in their order, and the last that was pressed.
    rows: StoredValue<Vec<Uuid>>,
    anchor: StoredValue<Option<Uuid>>,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<ApiFailure>>,
    said: RwSignal<Option<String>>,
    news: RwSignal<Option<DocumentNews>>,
    pub sending: Sending,
}

impl Taking {
    /// Nothing yet.
    pub fn start(px: Px, name: &'static str) -> Taking {
        px.bundles.look(px);
        Taking {
            px,
            name,
            picked: RwSignal::new(Picked::default()),
            of: StoredValue::new(None),
            rows: StoredValue::new(Vec::new()),
            anchor: StoredValue::new(None),
            busy: RwSignal::new(false),
            failure: RwSignal::new(None),
            said: RwSignal::new(None),
            news: RwSignal::new(None),
            sending: Sending::start(px),
        }
    }

    /// Another search leaves nothing picked; another page or order of the same leaves the picks.
    pub fn look(self, query: &DocumentQuery) {
        let of = DocumentQuery { sort: None, cursor: None, ..query.clone() };
        if self.of.with_value(|before| before.as_ref() == Some(&of)) {
            return;
        }
        let is_first = self.of.with_value(Option::is_none);
        let picked = if is_first { self.kept(&of) } else { Picked::default() };
        self.of.set_value(Some(of));
        self.pick(|before| *before = picked);
    }

    /// What was picked of this very search before the person went to look at a document, or loaded the page anew.
    fn kept(self, of: &DocumentQuery) -> Picked {
        let customer = self.px.me_untracked().map(|me| me.customer.id);
        let kept = serde_json::from_str::<Kept>(&self.px.desk.typed(self.name)).ok();
        let kept = kept.filter(|kept| Some(kept.customer) == customer && kept.of == *of);
        kept.map(|kept| kept.picked).unwrap_or_default()
    }

    /// Changes the picks and keeps them.
    fn pick(self, change: impl FnOnce(&mut Picked)) {
        self.picked.update(change);
        if let (Some(me), Some(of)) = (self.px.me_untracked(), self.of.get_value()) {
            let kept = Kept { customer: me.customer.id, of, picked: self.picked.get_untracked() };
            // What cannot be written is not kept.
            self.px.desk.keep_typed(self.name, serde_json::to_string(&kept).unwrap_or_default());
        }
    }

    fn pick_all(self) {
        self.pick_anew(Picked { all: true, ids: Vec::new() });
    }

    /// Picks as its control says, which is gone with that: the focus goes to the results.
    fn pick_anew(self, all: Picked) {
        self.pick(|picked| *picked = all);
        browser::focus_soon(RESULTS);
    }

    fn take(self, format: BundleFormat, chosen: TakeDocuments) {
        if self.busy.get_untracked() {
            return;
        }
        let t = &self.px.t().documents.taking;
        let news = chosen.news;
        let with_others = format == BundleFormat::Zip && !news;
        self.busy.set(true);
        self.failure.set(None);
        self.said.set(Some(t.preparing.to_owned()));
        leptos::task::spawn_local(async move {
            let answer = documents::take(self.px.client, &TakeDocuments { format, ..chosen }).await;
            self.busy.try_set(false);
            match answer {
                Ok(Taken { later, left }) => {
                    let mut said = if later.is_some() { t.later } else { t.begun }.to_owned();
                    if with_others {
                        said = [&said, " ", t.with_others].concat();
                    }
                    if left > 0 {
                        said = [&said, " ", &fill(t.left, &[&counted(left)])].concat();
                    }
                    self.said.try_set(Some(said));
                    if let Some(id) = later {
                        self.px.bundles.wait_for(self.px, id);
                    } else if news {
                        self.news.try_update(|news| {
                            if let Some(news) = news {
                                news.documents = left;
                            }
                        });
                    }
                }
                Err(failure) => {
                    self.said.try_set(None);
                    self.failure.try_set(Some(failure));
                }
            }
        });
    }

    /// What became of the last one: the browser itself shows the file coming.
    pub fn face(self) -> AnyView {
        let face = part(move || Some(stopped(self.px, "paquete", &self.failure.get()?, Vec::new())));
        view! {
            <p class="sm muted" role="status">{words(move || self.said.get())}</p>
            {face}
            {bundles::list(self.px)}
            {self.sending.dialog()}
        }
        .into_any()
    }

    /// The button of what is new, once it is known how much that is.
    pub fn news(self) -> AnyView {
        let t = &self.px.t().documents.taking;
        leptos::task::spawn_local(async move {
            // Without an answer there is no button, and nothing else is lost.
            self.news.try_set(documents::news(self.px.client).await.ok());
        });
        part(move || {
            let news = self.news.get()?;
            if news.documents == 0 {
                return Some(view! { <p class="sm muted">{t.nothing_new}</p> }.into_any());
            }
            let label = fill(t.news, &[&counted(news.documents)]);
            let since = match &news.since {
                Some(since) => fill(t.news_since, &[&format::date_time(since)]),
                None => t.news_first.to_owned(),
            };
            let act = move |_| self.take(BundleFormat::Zip, TakeDocuments { news: true, ..nothing() });
            Some(
                view! { <button class="btn btn--2 btn--sm" type="button" title=since on:click=act>{label}</button> }
                    .into_any(),
            )
        })
    }

    /// What can be done with what is picked.
    pub fn bar(self, found: &Found) -> AnyView {
        let t = &self.px.t().documents.taking;
        let total = found.totals.count;
        let query = found.search.clone();
        part(move || {
            let picked = self.picked.get();
            let count = picked.count(total);
            if count == 0 {
                return None;
            }
            let said = format::plural(count, t.picked_one, t.picked);
            let all = (count < total).then(|| {
                let words = fill(t.pick_all, &[&counted(total)]);
                view! { <button class="linkbtn sm" type="button" on:click=press(move || self.pick_all())>{words}</button> }
            });
            let search = query.clone();
            let zip = button::act("btn btn--sm", t.zip, move || {
                self.take(BundleFormat::Zip, chosen(&self.picked.get_untracked(), &search));
            });
            let ids = picked.ids.clone();
            let send = (!picked.all && count <= u64::try_from(shared::documents::SENT_MAX).unwrap_or(0))
                .then(|| button::act("btn btn--2 btn--sm", t.send, move || self.sending.open(ids.clone())));
            let none = button::act("btn btn--quiet btn--sm", t.pick_none, move || {
                self.pick_anew(Picked::default());
            });
            let bar = view! {
                <div class="bulkbar" role="region" aria-label=t.picked_acts>
                    <b role="status">{said}</b>{all}<span class="push row tight">{zip}{send}{none}</span>
                </div>
            };
            Some(bar.into_any())
        })
    }

    /// The box of all rows of the page, which it gets to know in their order.
    pub fn tick_page(self, ids: Vec<Uuid>, label: String) -> AnyView {
        self.rows.set_value(ids.clone());
        let its = ids.clone();
        self.tick(its, label, move |input, _| self.pick(|picked| picked.turn(&ids, input.checked())))
    }

    /// The box of a row; with Shift, all rows between the last one and this become as this.
    pub fn tick_row(self, id: Uuid, label: String) -> AnyView {
        self.tick(vec![id], label, move |input, shift| {
            let from = self.anchor.get_value().filter(|_| shift).unwrap_or(id);
            let ids = self.rows.with_value(|rows| between(rows, |row| *row, from, id).to_vec());
            self.pick(|picked| picked.turn(&ids, input.checked()));
            self.anchor.set_value(Some(id));
        })
    }

    fn tick(self, ids: Vec<Uuid>, label: String, act: impl Fn(&HtmlInputElement, bool) + 'static) -> AnyView {
        let on = Memo::new(move |_| self.picked.with(|picked| ids.iter().all(|id| picked.holds(*id))));
        view! {
            <input
                class="sel"
                type="checkbox"
                aria-label=label
                prop:checked=Signal::derive(move || on.get())
                on:click=pressed(act)
            />
        }
        .into_any()
    }

    /// Everything found, as a file.
    pub fn everything(self, found: &Found) -> AnyView {
        let t = &self.px.t().documents.taking;
        let way = |words: &'static str, format: BundleFormat| {
            let search = found.search.clone();
            let act = move || self.take(format, chosen(&Picked { all: true, ids: Vec::new() }, &search));
            button::act("linkbtn", words, act)
        };
        view! {
            <span class="row tight" role="group" aria-label=t.everything>
                <span>{t.everything}</span>
                {way("ZIP", BundleFormat::Zip)}{way("CSV", BundleFormat::Csv)}{way("Excel", BundleFormat::Xlsx)}
            </span>
        }
        .into_any()
    }
}

fn counted(count: u64) -> String {
    format::thousands(&count.to_string())
}

fn nothing() -> TakeDocuments {
    TakeDocuments {
        format: BundleFormat::Zip,
        ids: Vec::new(),
        query: None,
        except: Vec::new(),
        news: false,
        background: None,
    }
}

/// What the server is told: a search is sent as it stands in the address, so it is well formed.
fn chosen(picked: &Picked, search: &Search) -> TakeDocuments {
    match picked.all {
        true => TakeDocuments {
            query: Some(DocumentQuery { cursor: None, ..search.query().unwrap_or_default() }),
            except: picked.ids.clone(),
            ..nothing()
        },
        false => TakeDocuments { ids: picked.ids.clone(), ..nothing() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_add_up_either_way() {
        let [a, b, c] = [1, 2, 3].map(Uuid::from_u128);
        let mut picked = Picked::default();
        picked.turn(&[a, b], true);
        picked.turn(&[a], true);
        assert_eq!((picked.count(86), picked.holds(a), picked.holds(c)), (2, true, false));
        picked.turn(&[a], false);
        assert_eq!((picked.count(86), picked.holds(a)), (1, false));
        let mut all = Picked { all: true, ids: Vec::new() };
        assert_eq!((all.count(86), all.holds(c)), (86, true));
        all.turn(&[c], false);
        all.turn(&[c], false);
        assert_eq!((all.count(86), all.holds(c), all.holds(a)), (85, false, true));
        all.turn(&[c], true);
        assert_eq!(all.count(86), 86);
    }

    #[test]
    fn what_is_taken_is_said_in_one_way() {
        let picked = Picked { all: false, ids: vec![Uuid::from_u128(1)] };
        assert!(chosen(&picked, &Search::default()).parse().is_ok());
        let all = Picked { all: true, ids: vec![Uuid::from_u128(1)] };
        let mut search = Search::read("tipo=factura&pagina=2&cursor=x");
        search.by_total = true;
        let wanted = chosen(&all, &search);
        assert_eq!(wanted.query.as_ref().and_then(|query| query.cursor.as_deref()), None);
        assert!(wanted.parse().is_ok());
    }
}
