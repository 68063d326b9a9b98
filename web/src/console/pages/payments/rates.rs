//! Exchange rates: which rule the company has, what holds today, how the Banco de México stands, the kept rates by source
//! and day with who said them, and typing one.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::fiscal::Rate;
use shared::payments::{RateOfDay, RateSource, RateStanding};
use shared::problem::{FieldCode, FieldErrors};
use shared::{Lang, problem_text};

use super::files::select;
use super::parts;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::field::{Kind, pick_field, text_field};
use crate::components::live::{change, mark, part, words};
use crate::console::api::payments as api;
use crate::console::app::Area;
use crate::console::i18n::payments::named;
use crate::console::list::{Column, Questions, cell, faces, name, table};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::i18n::fill;
use crate::pages::frame::card;
use crate::session::Load;
use crate::signed::acts::Acts;
use crate::signed::form::{Field, Form};

const CURRENCY: usize = 0;
const DAY: usize = 1;
const RATE: usize = 2;
/// Currencies a rate can be of; the server judges.
const FOREIGN: [&str; 5] = ["USD", "EUR", "CAD", "GBP", "JPY"];

/// The rates so far, with how they stand.
#[derive(Clone, PartialEq)]
struct Known {
    rows: Vec<RateOfDay>,
    next: Option<String>,
    standing: RateStanding,
}

/// The page's data and acts.
#[derive(Clone, Copy)]
struct Board {
    sx: Sx,
    face: RwSignal<Load<Known>>,
    questions: Questions,
    acts: Acts,
    typing: RwSignal<bool>,
    source: RwSignal<String>,
    /// `YYYY-MM-DD`; an empty one is today and after.
    until: RwSignal<String>,
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let value = |n: usize| values.get(n).map(String::as_str).unwrap_or_default();
    if format::civil(value(DAY)).is_none() {
        errors.add("/valid_on", FieldCode::Date);
    }
    if Rate::parse(value(RATE).trim()).is_err() {
        errors.add("/rate", FieldCode::Amount);
    }
    errors
}

/// The day up to which rates are looked for: an empty text when none is typed, `None` for what is no day.
fn asked_day(typed: &str) -> Option<String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Some(String::new());
    }
    let day = format::civil(typed)?;
    let month = day.get(5..7)?.parse().ok().filter(|month| (1..=12).contains(month))?;
    let (first, last) = format::month_days(day.get(..4)?.parse().ok()?, month);
    (first..=last).contains(&day).then_some(day)
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().rates;
    let board = Board {
        sx,
        face: RwSignal::new(Load::Loading),
        questions: Questions::none(),
        acts: Acts::new(sx.cx, &sx.t().acts),
        typing: RwSignal::new(false),
        source: RwSignal::new(String::new()),
        until: RwSignal::new(String::new()),
    };
    Effect::new(move |_| {
        board.source.track();
        board.again();
    });
    let put = sx.operates().then(|| button::act("btn", t.put, move || board.typing.update(|is| *is = !*is)));
    let content = view! {
        {parts(sx, Area::Rates)}
        {board.acts.view()}
        {part(move || board.typing.get().then(|| board.form()))}
        {board.filters()}
        {faces(sx, board.face, Callback::new(move |()| board.again()), move |known| board.full(known))}
    };
    shell::page(sx, t.title, t.lead, put.into_any(), content.into_any())
}

impl Board {
    fn ask(self, before: Vec<RateOfDay>, cursor: String) {
        let (client, slug) = (self.sx.client, self.sx.slug());
        let (source, until) = (self.source.get_untracked(), self.until.get_untracked());
        self.questions.ask_rows(!before.is_empty(), self.face, async move {
            let standing = api::rate_standing(client, slug.clone()).await?;
            let page = api::rates(client, slug, (&source, &until), &cursor).await?;
            let mut rows = before;
            rows.extend(page.data);
            Ok(Known { rows, next: page.next_cursor, standing })
        });
    }

    fn again(self) {
        self.ask(Vec::new(), String::new());
    }

    fn filters(self) -> AnyView {
        let t = &self.sx.t().rates;
        let sources = std::iter::once(("", self.sx.t().payments.every)).chain(t.sources).collect();
        let wrong = RwSignal::new(false);
        let until = move |typed: String| {
            let day = asked_day(&typed);
            wrong.set(day.is_none());
            // What is no day asks for nothing: the rates stay those of the day before.
            if let Some(day) = day {
                self.until.set(day);
                self.again();
            }
        };
        let error = move || wrong.get().then(|| problem_text::field(FieldCode::Date, self.sx.t().lang).to_owned());
        view! {
            <div class="row">
                {select("source", t.source, sources, self.source)}
                <div class="field">
                    <label class="field__label" for="until">{t.until}</label>
                    <input
                        class="input"
                        id="until"
                        type="text"
                        inputmode="numeric"
                        placeholder=t.day_hint
                        aria-describedby="until-error"
                        aria-invalid=mark("true", move || wrong.get())
                        on:change=change(until)
                    />
                    <p class="field__error" id="until-error" role="alert">{words(error)}</p>
                </div>
            </div>
        }
        .into_any()
    }

    fn full(self, known: &Known) -> AnyView {
        let t = &self.sx.t().rates;
        let standing = self.standing(&known.standing);
        if known.rows.is_empty() {
            let none = card(empty(2, t.none.to_owned(), vec![t.none_words.to_owned()], Vec::new()));
            return view! { {standing}{none} }.into_any();
        }
        let columns = [
            Column(t.day, "", ""),
            Column(t.rate, "num", ""),
            Column(t.source, "", "2"),
            Column(t.set_by, "txt", "2"),
            Column(self.sx.t().payments.changed, "", "3"),
        ];
        let row = |rate: &RateOfDay| {
            let from = named(&t.sources, &rate.source).to_owned();
            let series = rate.series.clone().unwrap_or_default();
            let source = view! { {from}<span class="sub">{series}</span> }.into_any();
            let who = rate.set_by.clone().unwrap_or_else(|| self.sx.t().shell.never.to_owned());
            let cells = vec![
                name(format::day(&rate.valid_on).into_any(), rate.currency.clone()),
                cell(&columns[1], rate.rate.clone().into_any()),
                cell(&columns[2], source),
                cell(&columns[3], who.into_any()),
                cell(&columns[4], format::instant(&rate.updated_at).into_any()),
            ];
            view! { <tr>{cells}</tr> }.into_any()
        };
        let rows = known.rows.iter().map(row).collect();
        let before = known.rows.clone();
        let more = known.next.clone().map(|cursor| {
            let more = move || self.ask(before.clone(), cursor.clone());
            self.questions.foot(self.sx, more)
        });
        view! { {standing}{table(self.sx, t.title, &columns, rows, more)} }.into_any()
    }

    fn standing(self, standing: &RateStanding) -> AnyView {
        let t = &self.sx.t().rates;
        let told = |rate: &RateOfDay| fill(t.of_day, &[&rate.rate, &format::day(&rate.valid_on)]);
        let by_day = standing.policy == RateSource::Day;
        let policy = if by_day { t.policy_day } else { t.policy_invoice };
        let holds = match &standing.holds {
            Some(rate) => told(rate),
            None if by_day => t.holds_none.to_owned(),
            None => t.holds_invoice.to_owned(),
        };
        let asks = match standing.asks_banxico {
            true => fill(t.banxico_asks, &[&standing.series]),
            false => t.banxico_never.to_owned(),
        };
        let last = standing.last_told.as_ref().map(|rate| [t.banxico_last, ": ", &told(rate)].concat());
        let today = fill(t.holds, &[&format::day(&standing.today)]);
        view! {
            <dl class="stats">
                <div class="stat"><dt>{t.policy}</dt><dd class="sub"><b>{policy}</b></dd><dd class="sub">{t.policy_more}</dd></div>
                <div class="stat"><dt>{today}</dt><dd class="sub"><b>{holds}</b></dd></div>
                <div class="stat"><dt>{t.banxico}</dt><dd class="sub"><b>{asks}</b></dd><dd class="sub">{last}</dd></div>
            </dl>
        }
        .into_any()
    }

    fn form(self) -> AnyView {
        let t = &self.sx.t().rates;
        let field = |id, pointer, words| Field { id, pointer, words, secret: false };
        let fields = vec![
            field("rate-currency", "/currency", t.currency),
            field("rate-day", "/valid_on", t.day),
            field("rate-value", "/rate", t.rate),
        ];
        let form = Form::new(self.sx, t.put, fields, check);
        if form.value(CURRENCY).is_empty() {
            form.set(CURRENCY, FOREIGN[0].to_owned());
        }
        crate::browser::focus_soon("rate-day");
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            let Some(day) = format::civil(&form.value(DAY)) else { return };
            form.busy.set(true);
            let (client, slug) = (self.sx.client, self.sx.slug());
            let (currency, rate) = (form.value(CURRENCY), form.value(RATE).trim().to_owned());
            leptos::task::spawn_local(async move {
                match api::put_rate(client, slug, (&currency, &day), rate).await {
                    Ok(_) => {
                        form.clear();
                        self.typing.set(false);
                        self.acts.tell(fill(t.done, &[&currency, &format::day(&day)]));
                        self.again();
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let currencies = FOREIGN.iter().map(|code| ((*code).to_owned(), (*code).to_owned())).collect();
        let submit = button::submit(
            "btn",
            Signal::derive(move || self.sx.t().payments.save),
            form.busy.into(),
            self.sx.t().payments.saving,
        );
        let cancel = button::act("btn btn--quiet", self.sx.t().acts.cancel, move || self.typing.set(false));
        view! {
            <section class="card" aria-labelledby="rate-title">
                <div class="card__head"><h2 id="rate-title">{t.put}</h2></div>
                <form class="card__body stack" novalidate on:submit=send>
                    {form.summary()}
                    <p class="sm muted">{t.put_lead}</p>
                    {pick_field(form.label(CURRENCY, None), currencies, form.control(CURRENCY))}
                    {text_field(form.label(DAY, Some(t.day_hint)), Kind::Number, form.control(DAY))}
                    {text_field(form.label(RATE, Some(t.rate_hint)), Kind::Plain, form.control(RATE))}
                    <div class="row tight">{submit}{cancel}</div>
                </form>
            </section>
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_day_is_told_and_nothing_typed_is_every_day() {
        assert_eq!(asked_day(" "), Some(String::new()));
        assert_eq!(asked_day("29/02/2028").as_deref(), Some("2028-02-29"));
        for typed in ["ayer", "31/02/2026", "29/02/2026", "00/01/2026", "01/13/2026"] {
            assert_eq!(asked_day(typed), None, "{typed}");
        }
    }
}
