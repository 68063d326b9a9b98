//! What Saldos knows: the rows that came, what they come to, and what is ticked. Rows are the server's; a filter or
//! an issuer stands in the address; ticks are kept wherever the person goes.
use crate::payments::words::texts;
use leptos::prelude::*;
use shared::payments::{
    BalanceOnly, BalanceQuery, BalanceRow, BalanceTotals, BalancesPage, BankOffer, LINES_MAX, PayableIssuer, TodaysRate,
};
use uuid::Uuid;

use super::kept;
use super::picks::{Line, Picks, is_payable};
use crate::api::{Answer, ApiFailure};
use crate::browser;
use crate::components::tick::between;
use crate::i18n::fill;
use crate::portal::api::documents::with_query;
use crate::portal::api::payments::{self, CHOSEN};
use crate::portal::app::Page;
use crate::portal::session::Px;
use crate::router;

/// Rows asked for at a time.
const ROWS: u32 = 50;
/// Names in the address.
const COMPANY: &str = "empresa";
const ONLY: &str = "solo";

/// The faces of the page.
#[derive(Clone, PartialEq)]
pub enum Face {
    Loading,
    Failed(ApiFailure),
    Ready,
}

/// What is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    pub issuer: String,
    pub only: Option<BalanceOnly>,
}

/// The rows that came so far.
#[derive(Clone, Default, PartialEq)]
pub struct List {
    pub rows: Vec<BalanceRow>,
    pub next: Option<String>,
    /// All that there are, on pages still to come too.
    pub count: u64,
}

/// The page.
#[derive(Clone, Copy)]
pub struct Desk {
    pub px: Px,
    pub face: RwSignal<Face>,
    pub issuers: RwSignal<Vec<PayableIssuer>>,
    /// Of several issuers, how many invoices of each are overdue: the list shows one issuer's.
    pub late: RwSignal<Vec<(String, u64)>>,
    pub seen: RwSignal<Seen>,
    pub list: RwSignal<List>,
    /// What the issuer is owed, whatever the filter.
    pub sums: RwSignal<BalanceTotals>,
    pub picks: RwSignal<Picks>,
    /// More rows are on their way.
    pub busy: RwSignal<bool>,
    pub trouble: RwSignal<Option<ApiFailure>>,
    /// Ticked invoices that can no longer be paid.
    pub lost: RwSignal<Vec<String>>,
    /// Said in the bar, and to who does not see it.
    pub said: RwSignal<Option<String>>,
    anchor: StoredValue<Option<Uuid>>,
    turn: StoredValue<u32>,
}

/// How a filter is called in the address.
pub const fn only_name(only: Option<BalanceOnly>) -> &'static str {
    match only {
        None => "",
        Some(BalanceOnly::Overdue) => "vencidas",
        Some(BalanceOnly::NotDue) => "por-vencer",
        Some(BalanceOnly::Foreign) => "otra-moneda",
    }
}

fn only_named(name: &str) -> Option<BalanceOnly> {
    BalanceOnly::ALL.iter().copied().find(|only| only_name(Some(*only)) == name)
}

impl Desk {
    /// Asks for what the address says.
    pub fn start(px: Px) -> Desk {
        let desk = Desk {
            px,
            face: RwSignal::new(Face::Loading),
            issuers: RwSignal::new(Vec::new()),
            late: RwSignal::new(Vec::new()),
            seen: RwSignal::new(Seen::default()),
            list: RwSignal::new(List::default()),
            sums: RwSignal::new(BalanceTotals::default()),
            picks: RwSignal::new(kept::read(px)),
            busy: RwSignal::new(false),
            trouble: RwSignal::new(None),
            lost: RwSignal::new(Vec::new()),
            said: RwSignal::new(None),
            anchor: StoredValue::new(None),
            turn: StoredValue::new(0),
        };
        desk.begin();
        desk
    }

    /// Asks for everything anew.
    pub fn begin(self) {
        let turn = self.next_turn();
        self.face.set(Face::Loading);
        let wanted = router::query(COMPANY).or_else(|| self.px.cx.with_issuer(|issuer| issuer.slug.clone()));
        let only = router::query(ONLY).and_then(|name| only_named(&name));
        let chosen = router::query(CHOSEN).and_then(|id| Uuid::try_parse(&id).ok());
        leptos::task::spawn_local(async move {
            let first = payments::balances(self.px.client, &asked(&Seen::default(), ROWS)).await;
            let chosen = self.find_chosen(chosen).await;
            if !self.is_turn(turn) {
                return;
            }
            let wanted = chosen.as_ref().map(|row| row.issuer.clone()).or(wanted);
            match first {
                Err(failure) => self.face.set(Face::Failed(failure)),
                Ok(page) => {
                    let issuer = page
                        .payable_to
                        .iter()
                        .find(|it| Some(&it.issuer) == wanted.as_ref())
                        .or(page.payable_to.first());
                    let issuer = issuer.map(|it| it.issuer.clone()).unwrap_or_default();
                    let several = page.payable_to.len() > 1;
                    self.issuers.set(page.payable_to.clone());
                    if let Some(row) = &chosen {
                        self.choose(row, several);
                    }
                    self.seen.set(Seen { issuer, only });
                    if several || only.is_some() {
                        self.fetch(turn, true).await;
                        self.count_late(several).await;
                    } else {
                        self.sums.set(page.totals.clone());
                        self.take(page);
                    }
                }
            }
        });
    }

    async fn count_late(self, several: bool) {
        // The page may be gone by now.
        for it in self.issuers.try_get_untracked().filter(|_| several).unwrap_or_default() {
            let seen = Seen { issuer: it.issuer, only: None };
            // Without an answer an issuer goes without its count.
            if let Ok(page) = payments::balances(self.px.client, &asked(&seen, 1)).await {
                let count = page.totals.all_in_mxn.overdue_count;
                self.late.try_update(|late| {
                    late.retain(|(of, _)| *of != seen.issuer);
                    late.push((seen.issuer, count));
                });
            }
        }
    }

    /// The open balance of the document that the address names.
    async fn find_chosen(self, document: Option<Uuid>) -> Option<BalanceRow> {
        let query = BalanceQuery { document: Some(document?), limit: Some(1), ..BalanceQuery::default() };
        // Without an answer the list comes all the same, with nothing ticked.
        payments::balances(self.px.client, &query).await.ok()?.data.pop()
    }

    /// Ticks it, once: the address forgets it, so that a reload does not tick it again.
    fn choose(self, row: &BalanceRow, several: bool) {
        self.change(|picks| picks.tick(&row.issuer, &[row]));
        let company = if several { row.issuer.as_str() } else { "" };
        self.px.cx.router.replace(&with_query(&self.px.href(Page::Balances), &[(COMPANY, company)]));
    }

    /// What is looked at, as it is asked for.
    pub fn asked(self) -> BalanceQuery {
        asked(&self.seen.get_untracked(), ROWS)
    }

    /// The rate of the day at the issuer that is looked at, when something is owed in its currency; tracked.
    pub fn todays_rate(self) -> Option<TodaysRate> {
        let issuer = self.seen.with(|seen| seen.issuer.clone());
        let rate = self.issuers.with(|all| all.iter().find(|it| it.issuer == issuer)?.todays_rate.clone())?;
        let owes = self.sums.with(|sums| sums.by_currency.iter().any(|sum| sum.currency == rate.currency));
        owes.then_some(rate)
    }

    /// Looks at another issuer, or through another filter.
    pub fn look_at(self, seen: Seen) {
        if self.seen.with_untracked(|now| *now == seen) {
            return;
        }
        let turn = self.next_turn();
        let other = self.seen.with_untracked(|now| now.issuer != seen.issuer);
        let company = if self.issuers.with_untracked(Vec::len) > 1 { seen.issuer.as_str() } else { "" };
        let address = with_query(&self.px.href(Page::Balances), &[(COMPANY, company), (ONLY, only_name(seen.only))]);
        self.px.cx.router.replace(&address);
        self.said.set(None);
        self.lost.set(Vec::new());
        self.busy.set(true);
        if other {
            // Another issuer's rows must not be ticked for this one.
            self.list.set(List::default());
        }
        self.seen.set(seen);
        leptos::task::spawn_local(async move { self.fetch(turn, other).await });
    }

    /// Asks for the list, and for the sums of the issuer when the list does not carry them.
    async fn fetch(self, turn: u32, other: bool) {
        let seen = self.seen.get_untracked();
        let answer = async {
            let page = payments::balances(self.px.client, &asked(&seen, ROWS)).await?;
            let sums = match seen.only {
                None => Some(page.totals.clone()),
                Some(_) if other => {
                    let all = Seen { only: None, ..seen.clone() };
                    Some(payments::balances(self.px.client, &asked(&all, 1)).await?.totals)
                }
                Some(_) => None,
            };
            Ok((page, sums))
        };
        let answer: Answer<(BalancesPage, Option<BalanceTotals>)> = answer.await;
        if !self.is_turn(turn) {
            return;
        }
        match answer {
            Ok((page, sums)) => {
                if let Some(sums) = sums {
                    self.sums.set(sums);
                }
                self.take(page);
            }
            Err(failure) => {
                self.busy.set(false);
                self.face.set(Face::Failed(failure));
            }
        }
    }

    fn take(self, page: BalancesPage) {
        let count = page.totals.all_in_mxn.count;
        self.list.set(List { rows: page.data, next: page.next_cursor, count });
        self.anchor.set_value(None);
        self.trouble.set(None);
        self.busy.set(false);
        self.face.set(Face::Ready);
        self.refresh();
    }

    /// Judges the ticks by the rows on the page.
    fn refresh(self) {
        let seen = self.seen.get_untracked();
        let lost = self.list.with_untracked(|list| {
            // Only the whole list, unfiltered, tells what is not in it any more.
            let whole = list.next.is_none() && seen.only.is_none();
            self.change(|picks| picks.refresh(&seen.issuer, &list.rows, |_| whole))
        });
        if !lost.is_empty() {
            self.lost.set(lost);
        }
    }

    /// The balances are no longer as an order said: what the server sent takes their place, and what of the order is
    /// not among them is not open any more.
    pub fn changed(self, ordered: &[Uuid], fresh: &[BalanceRow]) {
        let issuer = self.issuer();
        let gone = |id: Uuid| ordered.contains(&id) && fresh.iter().all(|row| row.id != id);
        let lost = self.change(|picks| picks.refresh(&issuer, fresh, gone));
        self.lost.set(lost);
        self.list.update(|list| {
            let before = list.rows.len();
            list.rows.retain(|row| !gone(row.id));
            let fewer = u64::try_from(before - list.rows.len()).unwrap_or_default();
            list.count = list.count.saturating_sub(fewer);
            for row in &mut list.rows {
                if let Some(fresh) = fresh.iter().find(|fresh| fresh.id == row.id) {
                    *row = fresh.clone();
                }
            }
        });
    }

    async fn more_rows(self) -> Answer<bool> {
        let turn = self.turn.try_get_value();
        let Some(cursor) = self.list.with_untracked(|list| list.next.clone()) else { return Ok(false) };
        let seen = self.seen.get_untracked();
        let query = BalanceQuery { cursor: Some(cursor), ..asked(&seen, ROWS) };
        let page = payments::balances(self.px.client, &query).await?;
        if turn.is_none() || self.turn.try_get_value() != turn {
            return Ok(false);
        }
        self.list.update(|list| {
            // A row that moved between pages is there once.
            let new: Vec<BalanceRow> =
                page.data.into_iter().filter(|row| list.rows.iter().all(|old| old.id != row.id)).collect();
            list.rows.extend(new);
            list.next = page.next_cursor;
            list.count = page.totals.all_in_mxn.count;
        });
        self.refresh();
        Ok(true)
    }

    /// Brings more rows, and then does something.
    fn bring(self, enough: impl Fn(&List) -> bool + 'static, then: impl FnOnce(Desk) + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.trouble.set(None);
        leptos::task::spawn_local(async move {
            let mut answer = Ok(true);
            while matches!(answer, Ok(true)) && self.list.try_with_untracked(&enough) == Some(false) {
                answer = self.more_rows().await;
            }
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(_) => then(self),
                Err(failure) => self.trouble.set(Some(failure)),
            }
        });
    }

    /// The next rows.
    pub fn more(self) {
        let now = self.list.with_untracked(|list| list.rows.len());
        let first_new = move |desk: Desk| {
            let id = desk.list.with_untracked(|list| list.rows.get(now).map(|row| tick_id(row.id)));
            // The button that was pressed is drawn anew, or gone.
            request_animation_frame(move || {
                if let Some(id) = id {
                    browser::focus(&id);
                }
            });
        };
        self.bring(move |list| list.next.is_none() || list.rows.len() > now, first_new);
    }

    /// Ticks every row of the list, of pages still to come too, as far as one payment goes.
    pub fn tick_all(self) {
        let enough =
            |list: &List| list.next.is_none() || list.rows.iter().filter(|row| is_payable(row)).count() > LINES_MAX;
        self.bring(enough, |desk| {
            let issuer = desk.issuer();
            let room = desk.list.with_untracked(|list| {
                let rows: Vec<&BalanceRow> = list.rows.iter().collect();
                desk.change(|picks| picks.tick(&issuer, &rows))
            });
            desk.say_room(room);
        });
    }

    fn say_room(self, room: bool) {
        let words = texts(self.px).balances.full_payment;
        self.said.set((!room).then(|| fill(words, &[&LINES_MAX.to_string()])));
    }

    /// Takes the ticks of the list away.
    pub fn untick_list(self) {
        let issuer = self.issuer();
        let ids: Vec<Uuid> = self.list.with_untracked(|list| list.rows.iter().map(|row| row.id).collect());
        self.said.set(None);
        self.change(|picks| picks.untick(&issuer, &ids));
    }

    /// Takes all ticks away, of rows that are not in the list too.
    pub fn clear(self) {
        let issuer = self.issuer();
        self.said.set(None);
        self.lost.set(Vec::new());
        self.change(|picks| picks.clear(&issuer));
    }

    /// A tick was pressed; with Shift, all rows between the last one and this become as this.
    pub fn pressed(self, id: Uuid, ticked: bool, range: bool) {
        let issuer = self.issuer();
        let anchor = self.anchor.get_value().filter(|_| range);
        let room = self.list.with_untracked(|list| {
            let rows = between(&list.rows, |row| row.id, anchor.unwrap_or(id), id);
            let rows: Vec<&BalanceRow> = rows.iter().collect();
            if ticked {
                self.change(|picks| picks.tick(&issuer, &rows))
            } else {
                let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
                self.change(|picks| picks.untick(&issuer, &ids));
                true
            }
        });
        self.say_room(room);
        self.anchor.set_value(Some(id));
    }

    /// Changes the ticks and keeps them.
    pub fn change<T>(self, change: impl FnOnce(&mut Picks) -> T) -> T {
        let mut picks = self.picks.get_untracked();
        let done = change(&mut picks);
        if self.picks.with_untracked(|now| *now != picks) {
            kept::keep(self.px, &picks);
            self.picks.set(picks);
        }
        done
    }

    /// The issuer that is looked at, not tracked.
    pub fn issuer(self) -> String {
        self.seen.with_untracked(|seen| seen.issuer.clone())
    }

    /// A ticked row, tracked.
    pub fn line(self, id: Uuid) -> Option<Line> {
        let issuer = self.seen.with(|seen| seen.issuer.clone());
        self.picks.with(|picks| picks.line(&issuer, id).cloned())
    }

    /// The banks of the issuer, tracked.
    pub fn banks(self) -> Vec<BankOffer> {
        let issuer = self.seen.with(|seen| seen.issuer.clone());
        self.issuers.with(|all| all.iter().find(|it| it.issuer == issuer).map_or_else(Vec::new, |it| it.banks.clone()))
    }

    fn next_turn(self) -> u32 {
        self.turn.update_value(|turn| *turn += 1);
        self.turn.get_value()
    }

    /// Whether an answer is still waited for: the page is there and nothing else was asked for meanwhile.
    fn is_turn(self, turn: u32) -> bool {
        self.turn.try_get_value() == Some(turn)
    }
}

/// The id of a row's tick.
pub fn tick_id(id: Uuid) -> String {
    "marca-".to_owned() + &id.simple().to_string()
}

fn asked(seen: &Seen, limit: u32) -> BalanceQuery {
    BalanceQuery {
        issuer: Some(seen.issuer.clone()).filter(|it| !it.is_empty()),
        only: seen.only.map(|only| only.as_str().to_owned()),
        limit: Some(limit),
        ..BalanceQuery::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_found_again_by_its_name() {
        for only in BalanceOnly::ALL {
            assert_eq!(only_named(only_name(Some(*only))), Some(*only));
        }
        assert_eq!((only_named(""), only_named("otras")), (None, None));
    }
}
