//! Historial de pagos (K31–K34): a row per payment, which opens to its invoices, by account and by month. It shows
//! how each stands and never calls money applied that is not.
mod table;

use crate::payments::taking;
use crate::payments::words::texts;
use leptos::prelude::*;
use shared::accounts::ContractView;
use shared::payments::{PaymentQuery, PaymentTotals, PaymentView};

use crate::api::ApiFailure;
use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::failed::failed;
use crate::components::field::Value;
use crate::components::filter::{Choice, Filter, list_filter};
use crate::components::live::{mark, part, words};
use crate::components::skeleton::skeleton_table;
use crate::format;
use crate::i18n::{fill, months};
use crate::pages::failure;
use crate::portal::api::documents::with_query;
use crate::portal::api::payments;
use crate::portal::app::Page;
use crate::portal::session::Px;
use crate::portal::shell;
use crate::router;

/// Rows asked for at a time.
const ROWS: u32 = 50;
/// Names in the address.
const ACCOUNT: &str = "cuenta";
const COMPANY: &str = "empresa";
const MONTH: &str = "mes";

/// The rows that came so far.
#[derive(Clone, PartialEq)]
pub struct Found {
    pub rows: Vec<PaymentView>,
    pub next: Option<String>,
    pub totals: PaymentTotals,
}

/// The faces of the list.
#[derive(Clone, PartialEq)]
enum Face {
    Loading,
    Failed(ApiFailure),
    Full(Box<Found>),
}

/// The account that is looked at: a number is its company's own, and another may have given the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Account {
    /// Empty in an address that was kept from when it named no company, and two have the number.
    company: String,
    /// Empty: all accounts.
    number: String,
}

impl Account {
    /// What an option of the list stands for.
    fn of(value: &str) -> Account {
        let (company, number) = value.split_once('/').unwrap_or(("", value));
        Account { company: company.to_owned(), number: number.to_owned() }
    }

    /// No short name has a slash, and a number may.
    fn value(&self) -> String {
        if self.number.is_empty() { String::new() } else { [&self.company, "/", &self.number].concat() }
    }
}

/// The account that the address names; one that names a number alone is of the only company that gave it.
fn account_asked(px: Px) -> Account {
    let Some(number) = router::query(ACCOUNT).filter(|number| !number.is_empty()) else { return Account::default() };
    let contracts = px.me_untracked().map(|me| me.contracts).unwrap_or_default();
    Account { company: router::query(COMPANY).unwrap_or_else(|| only_company(&contracts, &number)), number }
}

fn only_company(contracts: &[ContractView], number: &str) -> String {
    let mut of = contracts.iter().filter(|it| it.number == number);
    match (of.next(), of.next()) {
        (Some(only), None) => only.issuer.clone(),
        _ => String::new(),
    }
}

/// The page.
#[derive(Clone, Copy)]
pub struct Book {
    pub px: Px,
    face: RwSignal<Face>,
    account: RwSignal<Account>,
    month: RwSignal<String>,
    pub busy: RwSignal<bool>,
    /// Why the next rows did not come.
    trouble: RwSignal<Option<ApiFailure>>,
    turn: StoredValue<u32>,
}

/// The page.
pub fn page(px: Px) -> AnyView {
    let t = &texts(px).history;
    px.set_title(t.title);
    let book = Book {
        px,
        face: RwSignal::new(Face::Loading),
        account: RwSignal::new(account_asked(px)),
        month: RwSignal::new(router::query(MONTH).unwrap_or_default()),
        busy: RwSignal::new(false),
        trouble: RwSignal::new(None),
        turn: StoredValue::new(0),
    };
    book.ask(None);
    let face = part(move || Some(book.face.with(|face| drawn(book, face))));
    let trouble = part(move || Some(failed(failure::face(px.cx.t(), &book.trouble.get()?), Vec::new())));
    let content = view! {
        <div class="page-head">
            <div><h1>{t.title}</h1></div>
            <div class="row tight" role="group" aria-label=t.take>{export(book, "xlsx")}{export(book, "csv")}</div>
        </div>
        <div class="stack">
            <div class="row" role="group" aria-label=t.filters>{account(book)}{month(book)}</div>
            <p class="vh" role="status">{words(move || said(book))}</p>
            <section class="card tbl-wrap" aria-label=t.list aria-busy=mark("true", move || book.busy.get())>{face}</section>
            {trouble}
        </div>
    };
    shell::page(px, Page::History, content.into_any())
}

impl Book {
    /// Asks for the first rows, or for those after the ones there are.
    fn ask(self, after: Option<Found>) {
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        self.busy.set(true);
        self.trouble.set(None);
        let cursor = after.as_ref().and_then(|found| found.next.clone());
        let query = PaymentQuery { limit: Some(ROWS), cursor, ..self.filters() };
        leptos::task::spawn_local(async move {
            let answer = payments::history(self.px.client, &query).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(page) => {
                    let mut rows = after.map(|found| found.rows).unwrap_or_default();
                    rows.extend(page.data);
                    let found = Found { rows, next: page.next_cursor, totals: page.totals };
                    self.face.set(Face::Full(Box::new(found)));
                }
                // The rows there are stay.
                Err(failure) if after.is_some() => self.trouble.set(Some(failure)),
                Err(failure) => self.face.set(Face::Failed(failure)),
            }
        });
    }

    /// The rows after these.
    pub fn more(self, found: Found) {
        if !self.busy.get_untracked() {
            self.ask(Some(found));
        }
    }

    fn again(self) {
        self.face.set(Face::Loading);
        self.ask(None);
    }

    fn filters(self) -> PaymentQuery {
        let filled = |text: String| Some(text).filter(|text| !text.is_empty());
        let Account { company, number } = self.account.get_untracked();
        PaymentQuery {
            issuer: filled(company),
            contract: filled(number),
            month: filled(self.month.get_untracked()),
            ..PaymentQuery::default()
        }
    }

    /// Another account or month: the address says so, and the list follows.
    fn look_for(self, account: Account, month: String) {
        let pairs = [(ACCOUNT, account.number.as_str()), (COMPANY, account.company.as_str()), (MONTH, month.as_str())];
        self.px.cx.router.replace(&with_query(&self.px.href(Page::History), &pairs));
        self.account.set(account);
        self.month.set(month);
        self.ask(None);
    }

    fn is_filtered(self) -> bool {
        self.account.with_untracked(|it| *it != Account::default()) || !self.month.with_untracked(String::is_empty)
    }
}

fn filter(book: Book, id: &'static str, label: &'static str, help: &'static str) -> Filter {
    Filter {
        id,
        label,
        help,
        help_label: fill(texts(book.px).history.help, &[label]),
        class: "",
        example: "",
        off: Signal::derive(|| false),
        error: Signal::derive(|| None),
        error_word: book.px.cx.t().shell.error,
    }
}

fn value(get: Signal<String>, set: impl Fn(String) + Send + Sync + 'static) -> Value {
    Value { get, set: Callback::new(set), enter: Callback::new(|()| {}), leave: Callback::new(|()| {}) }
}

/// The customer's accounts (K32).
fn account(book: Book) -> AnyView {
    let t = &texts(book.px).history;
    let contracts = book.px.me_untracked().map(|me| me.contracts).unwrap_or_default();
    let choice = |it: &ContractView| {
        let words = fill(t.account_of, &[&it.number, &it.issuer_name]);
        Choice { value: Account { company: it.issuer.clone(), number: it.number.clone() }.value(), words }
    };
    let mut choices: Vec<Choice> = contracts.iter().map(choice).collect();
    let asked = book.account.get_untracked();
    if !asked.number.is_empty() && choices.iter().all(|choice| choice.value != asked.value()) {
        // A sent link may name what the list does not have: it is shown, not swallowed.
        choices.push(Choice { value: asked.value(), words: asked.number });
    }
    let set = move |value: String| book.look_for(Account::of(&value), book.month.get_untracked());
    let rows = Signal::stored(choices);
    let chosen = value(Signal::derive(move || book.account.with(Account::value)), set);
    list_filter(filter(book, ACCOUNT, t.account, t.account_help), t.all_accounts, rows, chosen)
}

/// A month (K33).
fn month(book: Book) -> AnyView {
    let t = &texts(book.px).history;
    let choice = |(year, month): (u32, u32)| Choice {
        value: format!("{year:04}-{month:02}"),
        words: [months::name(&t.months, month), " ", &year.to_string()].concat(),
    };
    let choices: Vec<Choice> = months::before(browser::this_month()).map(choice).collect();
    let set = move |month| book.look_for(book.account.get_untracked(), month);
    let rows = Signal::stored(choices);
    list_filter(filter(book, MONTH, t.month, t.month_help), t.all_months, rows, value(book.month.into(), set))
}

/// Saves what the filters find as a table.
fn export(book: Book, kind: &'static str) -> AnyView {
    let words = if kind == "csv" { "CSV" } else { "Excel" };
    let ask = move || async move { payments::table(book.px.client, kind, &book.filters()).await };
    taking::table(book.px, ("btn btn--2 btn--sm", words), book.trouble, ask)
}

fn said(book: Book) -> Option<String> {
    let t = &texts(book.px).history;
    if book.busy.get() {
        return Some(book.px.cx.t().shell.loading.to_owned());
    }
    book.face.with(|face| match face {
        Face::Full(found) => Some(format::plural(found.totals.count, t.count_one, t.count)),
        _ => None,
    })
}

fn drawn(book: Book, face: &Face) -> AnyView {
    let common = book.px.cx.t();
    match face {
        Face::Loading => skeleton_table(common.shell.loading, &["", "2", "2", "3", "2", ""], 6),
        Face::Failed(failure) => {
            let mut ways = vec![button::act("btn btn--2 btn--sm", common.failure.try_again, move || book.again())];
            ways.extend(book.is_filtered().then(|| drop_filters(book)));
            view! { <div class="card__body">{failed(failure::face(common, failure), ways)}</div> }.into_any()
        }
        Face::Full(found) if found.rows.is_empty() => nothing(book),
        Face::Full(found) => table::table(book, found),
    }
}

fn drop_filters(book: Book) -> AnyView {
    let words = texts(book.px).history.drop_filters;
    button::act("btn btn--2 btn--sm", words, move || book.look_for(Account::default(), String::new()))
}

fn nothing(book: Book) -> AnyView {
    let t = &texts(book.px).history;
    if book.is_filtered() {
        return empty(2, t.empty_filter.to_owned(), Vec::new(), vec![drop_filters(book)]);
    }
    let way = button::link("btn", book.px.href(Page::Balances), book.px.common().shell.balances);
    empty(2, t.empty.to_owned(), vec![t.empty_more.to_owned()], vec![way])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_two_companies_gave_is_two_accounts() {
        let of = |issuer: &str, number: &str| ContractView {
            issuer: issuer.into(),
            issuer_name: issuer.into(),
            number: number.into(),
        };
        let contracts = [of("colibri-azul", "17/0942"), of("nandu", "17/0942"), of("nandu", "8")];
        let values: Vec<String> = contracts
            .iter()
            .map(|it| Account { company: it.issuer.clone(), number: it.number.clone() }.value())
            .collect();
        assert_eq!(values, ["colibri-azul/17/0942", "nandu/17/0942", "nandu/8"]);
        assert_eq!(Account::of(&values[1]), Account { company: "nandu".into(), number: "17/0942".into() });
        assert_eq!((Account::of(""), Account::default().value()), (Account::default(), String::new()));
        // An address that was kept from before names the number alone.
        assert_eq!(only_company(&contracts, "8"), "nandu");
        assert_eq!((only_company(&contracts, "17/0942"), only_company(&contracts, "")), (String::new(), String::new()));
        let kept = Account { company: String::new(), number: "17/0942".into() };
        assert_eq!(Account::of(&kept.value()), kept);
    }
}
