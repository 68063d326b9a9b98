//! An issuer's payments: the list by state, and the ways to what asks to be looked at and to banks' files.
mod credit;
pub mod files;
pub mod lines;
pub mod one;
mod orphans;
pub mod rates;
pub mod reviews;

use leptos::prelude::*;
use shared::integrators::PaymentResource;

use crate::components::empty::empty;
use crate::components::live::{part, press};
use crate::console::api::payments as api;
use crate::console::app::{Area, Page};
use crate::console::i18n::payments::named;
use crate::console::list::{Column, QUERY, Questions, cell, faces, name, narrow, search, sought, table};
use crate::console::pages::not_found;
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::pages::frame::card;
use crate::router;
use crate::session::Load;

/// The filter in the address.
const STATE: &str = "estado";
/// Longest text of the search.
const SEARCH_MAX: usize = 80;
/// The states on offer: what somebody may have to look at, and what is done.
const STATES: [&str; 6] = ["", "in_transit", "pending_bank", "unknown", "review", "confirmed"];

/// The figures that wait for somebody: what is to be looked at, and what is not identified.
const WAITING: [usize; 2] = [0, 4];

/// The payments so far.
#[derive(Clone, PartialEq)]
struct Rows {
    /// What was looked for.
    q: String,
    rows: Vec<PaymentResource>,
    next: Option<String>,
}

/// The page's data.
#[derive(Clone, Copy)]
struct Ledger {
    sx: Sx,
    face: RwSignal<Load<Rows>>,
    questions: Questions,
    state: RwSignal<&'static str>,
    typed: RwSignal<String>,
}

/// Builds a page of the payments' program. Every other address is drawn by the console's own.
pub fn view(sx: Sx, page: &Page) -> AnyView {
    match page {
        Page::At(_, area) if sx.issuer().is_some() => match area {
            Area::Payments => self::page(sx),
            Area::Payment(id) => one::page(sx, *id),
            Area::Reviews => reviews::page(sx),
            Area::Files => files::page(sx),
            Area::File(id) => lines::page(sx, *id),
            Area::Rates => rates::page(sx),
            _ => not_found(sx),
        },
        _ => not_found(sx),
    }
}

/// The page.
fn page(sx: Sx) -> AnyView {
    let t = &sx.t().payments;
    let asked = router::query(STATE).unwrap_or_default();
    let state = STATES.into_iter().find(|known| *known == asked).unwrap_or_default();
    let ledger = Ledger {
        sx,
        face: RwSignal::new(Load::Loading),
        questions: Questions::none(),
        state: RwSignal::new(state),
        typed: sought(),
    };
    ledger.again();
    let again = Callback::new(move |()| ledger.again());
    let content = view! {
        {parts(sx, Area::Payments)}
        {sums(sx)}
        {search(sx, t.search, SEARCH_MAX, ledger.typed, move || ledger.look())}
        {ledger.chips()}
        {faces(sx, ledger.face, again, move |rows| ledger.full(rows))}
    };
    shell::page(sx, t.title, t.lead, ().into_any(), content.into_any())
}

/// The parts, the one that is shown marked.
fn parts(sx: Sx, here: Area) -> AnyView {
    let t = &sx.t().payments;
    let way = |area: Area, words: &'static str| {
        let current = (area == here).then_some("page");
        view! { <a class="chip" href=sx.href(area) aria-current=current>{words}</a> }.into_any()
    };
    view! {
        <nav class="chips" aria-label=t.parts>
            {way(Area::Payments, t.all)}{way(Area::Reviews, t.reviews)}{way(Area::Files, t.files)}{way(Area::Rates, t.rates)}
        </nav>
    }
    .into_any()
}

/// The figures above the list. They are its decoration: where they cannot be had the list stands alone.
fn sums(sx: Sx) -> AnyView {
    // How many, and what they come to, of each.
    let known = RwSignal::new(Vec::<String>::new());
    leptos::task::spawn_local(async move {
        if let Ok(sums) = api::sums(sx.client, sx.slug()).await {
            let all = [sums.to_review, sums.in_transit, sums.to_apply, sums.credit, sums.not_found, sums.this_month];
            known.try_set(all.iter().flat_map(|sum| [sum.count.to_string(), format::amount(&sum.amount)]).collect());
        }
    });
    let t = &sx.t().payments;
    part(move || {
        let found = known.get();
        let stat = |(n, name): (usize, &&'static str)| {
            let (count, amount) = (found.get(2 * n)?.clone(), found.get(2 * n + 1)?.clone());
            let tone = if WAITING.contains(&n) && count != "0" { "warn" } else { "" };
            Some(view! { <div class="stat"><dt>{*name}" · "{count}</dt><dd class=tone>{amount}</dd></div> }.into_any())
        };
        let stats: Vec<AnyView> = t.sums.iter().enumerate().filter_map(stat).collect();
        (!stats.is_empty()).then(|| view! { <dl class="stats" aria-label=t.sums_label>{stats}</dl> }.into_any())
    })
}

/// How a payment stands: confirmed, applied and taken back are three facts, and the last that holds is said.
fn standing(sx: Sx, payment: &PaymentResource) -> AnyView {
    let (state, tone) = match payment.state.as_str() {
        _ if payment.reversed_at.is_some() => ("reversed", "bad"),
        "confirmed" if payment.lines.iter().any(|line| line.state == "applied") => ("applied", "ok"),
        "confirmed" if format::is_something(&payment.unapplied) => ("credit", "warn"),
        "confirmed" => ("confirmed", "info"),
        state @ ("declined" | "cancelled" | "expired") => (state, "plain"),
        state @ ("unknown" | "review") => (state, "warn"),
        state => (state, "info"),
    };
    let words = named(&sx.t().payments.state_names, state).to_owned();
    view! { <span class=["badge badge--", tone].concat()>{words}</span> }.into_any()
}

impl Ledger {
    fn ask(self, q: String, before: Vec<PaymentResource>, cursor: String) {
        let (client, slug, state) = (self.sx.client, self.sx.slug(), self.state.get_untracked());
        self.questions.ask_rows(!before.is_empty(), self.face, async move {
            let page = api::list(client, slug, (state, &q), &cursor).await?;
            let mut rows = before;
            rows.extend(page.data);
            Ok(Rows { q, rows, next: page.next_cursor })
        });
    }

    fn again(self) {
        self.ask(self.typed.get_untracked().trim().to_owned(), Vec::new(), String::new());
    }

    /// Other ones are looked for, by state and by what is typed: the address says both.
    fn look(self) {
        router::set_query(&[(STATE, self.state.get_untracked()), (QUERY, self.typed.get_untracked().trim())]);
        self.face.set(Load::Loading);
        self.again();
    }

    fn chips(self) -> AnyView {
        let t = &self.sx.t().payments;
        let chip = |state: &'static str| {
            let words = if state.is_empty() { t.every } else { named(&t.state_names, state) };
            let pressed = Signal::derive(move || if self.state.get() == state { "true" } else { "false" });
            let look = move || {
                self.state.set(state);
                self.look();
            };
            view! { <button class="chip" type="button" aria-pressed=pressed on:click=press(look)>{words}</button> }
                .into_any()
        };
        let chips: Vec<AnyView> = STATES.into_iter().map(chip).collect();
        view! { <div class="chips" role="group" aria-label=t.states>{chips}</div> }.into_any()
    }

    fn full(self, found: &Rows) -> AnyView {
        let t = &self.sx.t().payments;
        if found.rows.is_empty() {
            let (title, words) = match (!found.q.is_empty(), self.state.get_untracked().is_empty()) {
                (true, _) => (t.none_sought, vec![t.none_sought_words.to_owned()]),
                (false, true) => (t.none, vec![t.none_words.to_owned()]),
                (false, false) => (t.none_found, Vec::new()),
            };
            return card(empty(2, title.to_owned(), words, Vec::new()));
        }
        let columns = [
            Column(t.payment, "", ""),
            Column(t.customer, "", "2"),
            Column(t.transaction, "", "3"),
            Column(t.amount, "num", ""),
            Column(t.state, "", ""),
            Column(t.changed, "", "3"),
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

    fn row(self, row: &PaymentResource, columns: &[Column; 6]) -> AnyView {
        let href = self.sx.href(Area::Payment(row.id));
        let link = view! { <a href=href>{row.reference.clone()}</a> }.into_any();
        let cells = vec![
            name(narrow(link, row.customer_rfc.clone()), format::instant(&row.created_at)),
            cell(&columns[1], row.customer_rfc.clone().into_any()),
            cell(&columns[2], bank(self.sx, row).into_any()),
            cell(&columns[3], format::amount(&row.amount).into_any()),
            cell(&columns[4], standing(self.sx, row)),
            cell(&columns[5], format::instant(&row.updated_at).into_any()),
        ];
        view! { <tr>{cells}</tr> }.into_any()
    }
}

/// The bank with its own number, once there is one.
fn bank(sx: Sx, row: &PaymentResource) -> String {
    let name = shared::payments::BankCode::parse(&row.bank).map_or(row.bank.as_str(), |bank| bank.name());
    let number = row.bank_transaction.as_deref().unwrap_or(sx.t().shell.never);
    [name, " ", number].concat()
}
