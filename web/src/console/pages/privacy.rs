//! Privacy: the notice that holds, and the requests that wait for an answer.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::privacy::{AnswerArco, ArcoKind, ConsoleArcoCase, PrivacyNotice, PublishNotice};
use shared::problem::FieldErrors;

use crate::browser;
use crate::components::button;
use crate::components::choice::{Choice, choices};
use crate::components::empty::empty;
use crate::components::field::{Kind, text_area, text_field};
use crate::components::live::part;
use crate::console::api::privacy as api;
use crate::console::app::Area;
use crate::console::i18n::privacy::Privacy;
use crate::console::list::{Column, Questions, badge, cell, faces, name, narrow, table};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::i18n::fill;
use crate::pages::frame::card;
use crate::session::Load;
use crate::signed::acts::Acts;
use crate::signed::form::{Field, Form};

const TEXT: usize = 0;
const URL: usize = 1;
/// What is chosen of two.
const FIRST: &str = "1";
const SECOND: &str = "2";

/// What the page shows.
#[derive(Clone, PartialEq)]
struct Shown {
    notice: Option<PrivacyNotice>,
    cases: Vec<ConsoleArcoCase>,
    next: Option<String>,
}

/// The page's data and acts.
#[derive(Clone, Copy)]
struct Desk {
    sx: Sx,
    face: RwSignal<Load<Shown>>,
    questions: Questions,
    acts: Acts,
    publishing: RwSignal<bool>,
    answering: RwSignal<Option<ConsoleArcoCase>>,
}

fn notice_of(values: &[String]) -> PublishNotice {
    let given = |n: usize| values.get(n).cloned().filter(|text| !text.trim().is_empty());
    PublishNotice { text: given(TEXT), url: given(URL) }
}

fn check_text(values: &[String], _: Lang) -> FieldErrors {
    notice_of(values).parse().err().unwrap_or_default()
}

fn check_answer(values: &[String], _: Lang) -> FieldErrors {
    let words = values.first().cloned().unwrap_or_default();
    AnswerArco { granted: true, words }.parse().err().unwrap_or_default()
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().privacy;
    let desk = Desk {
        sx,
        face: RwSignal::new(Load::Loading),
        questions: Questions::none(),
        acts: Acts::new(sx.cx, &sx.t().acts),
        publishing: RwSignal::new(false),
        answering: RwSignal::new(None),
    };
    desk.again();
    let publish = sx.operates().then(|| button::act("btn", t.publish, move || desk.publishing.update(|is| *is = !*is)));
    let content = view! {
        {desk.acts.view()}
        {part(move || desk.publishing.get().then(|| desk.publish()))}
        {part(move || desk.answering.get().map(|case| desk.answer(&case)))}
        {faces(sx, desk.face, Callback::new(move |()| desk.again()), move |shown| desk.full(shown))}
    };
    shell::page(sx, t.title, t.lead, publish.into_any(), content.into_any())
}

/// Two cards to choose from.
fn two(group: &'static str, words: [&'static str; 2], chosen: RwSignal<String>) -> AnyView {
    let choice = |(value, words): (&str, &str)| Choice { value: value.to_owned(), words: words.to_owned(), more: None };
    let cards = [FIRST, SECOND].into_iter().zip(words).map(choice).collect();
    choices(group, "choices choices--2", cards, chosen.into(), Callback::new(move |to| chosen.set(to)))
}

/// Columns of the requests.
const COLUMNS: &str = "5";

impl Desk {
    fn again(self) {
        self.ask(Vec::new(), None);
    }

    fn ask(self, before: Vec<ConsoleArcoCase>, cursor: Option<String>) {
        let (client, slug) = (self.sx.client, self.sx.slug());
        self.questions.ask_rows(!before.is_empty(), self.face, async move {
            let notice = api::notice(client, slug.clone()).await?;
            let page = api::cases(client, slug, cursor.as_deref()).await?;
            let mut cases = before;
            cases.extend(page.data);
            Ok(Shown { notice, cases, next: page.next_cursor })
        });
    }

    fn full(self, shown: &Shown) -> AnyView {
        let t = &self.sx.t().privacy;
        let notice = match &shown.notice {
            Some(notice) => {
                let since = format::instant(&notice.published_at.instant);
                let version = fill(t.version, &[&notice.version.to_string(), &since]);
                let way = ["/e/", &self.sx.slug(), "/aviso-de-privacidad"].concat();
                view! { <p>{version}</p><p class="sm"><a href=way target="_blank">{t.see}</a></p> }.into_any()
            }
            None => view! { <p class="muted">{t.none}</p> }.into_any(),
        };
        view! {
            <section class="card" aria-labelledby="notice-title">
                <div class="card__head"><h2 id="notice-title">{t.notice}</h2></div>
                <div class="card__body">{notice}</div>
            </section>
            <h2>{t.requests}</h2>
            {self.cases(shown)}
        }
        .into_any()
    }

    fn cases(self, shown: &Shown) -> AnyView {
        let t = &self.sx.t().privacy;
        if shown.cases.is_empty() {
            let words = vec![t.requests_none_words.to_owned()];
            return card(empty(3, t.requests_none.to_owned(), words, Vec::new()));
        }
        let columns = [
            Column(t.kind, "", ""),
            Column(t.customer, "txt", "2"),
            Column(t.due, "", "2"),
            Column(t.state, "", ""),
            Column("", "ctl", ""),
        ];
        let rows = shown.cases.iter().map(|case| self.row(case, &columns)).collect();
        let before = shown.cases.clone();
        let more = shown.next.clone().map(|cursor| {
            let more = move || self.ask(before.clone(), Some(cursor.clone()));
            self.questions.foot(self.sx, more)
        });
        table(self.sx, t.requests, &columns, rows, more)
    }

    fn row(self, it: &ConsoleArcoCase, columns: &[Column; 5]) -> AnyView {
        let t = &self.sx.t().privacy;
        let state = match it.case.granted {
            Some(true) => badge("ok", t.granted),
            Some(false) => badge("plain", t.refused),
            None if it.case.late => badge("bad", t.late),
            None => badge("info", t.open),
        };
        let way = it.customer_id.map(|customer| self.sx.href(Area::Customer(customer)));
        let customer = match way {
            Some(way) => view! {
                <a href=way>{it.nombre.clone()}</a>
                <span class="sub">{it.email.clone()}</span>
            }
            .into_any(),
            None => view! { {it.email.clone()}<span class="sub">{t.mailbox}</span> }.into_any(),
        };
        let act = (it.case.granted.is_none() && self.sx.operates()).then(|| {
            let case = it.clone();
            button::act("btn btn--2 btn--sm", t.answer, move || {
                self.answering.set(Some(case.clone()));
                browser::focus_soon("answer-words");
            })
        });
        let phone = [&it.email, &format::day(&it.case.due_on)].map(String::as_str).join(" · ");
        let cells = vec![
            name(narrow(kind(t, it.case.kind).into_any(), phone), String::new()),
            cell(&columns[1], customer),
            cell(&columns[2], format::day(&it.case.due_on).into_any()),
            cell(&columns[3], state),
            cell(&columns[4], act.into_any()),
        ];
        // As long as whoever asked made it: across the table, not in the first column.
        let asked = it.case.words.clone();
        view! { <tr>{cells}</tr><tr><td class="txt" colspan=COLUMNS>{asked}</td></tr> }.into_any()
    }

    fn publish(self) -> AnyView {
        let t = &self.sx.t().privacy;
        let fields = vec![
            Field { id: "notice-text", pointer: "/text", words: t.text, secret: false },
            Field { id: "notice-url", pointer: "/url", words: t.url, secret: false },
        ];
        let form = Form::new(self.sx, t.publish, fields, check_text);
        let how = RwSignal::new(FIRST.to_owned());
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            // What was typed for the other of the two is not published.
            form.set(if how.get_untracked() == FIRST { URL } else { TEXT }, String::new());
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            form.busy.set(true);
            leptos::task::spawn_local(async move {
                match api::publish(self.sx.client, self.sx.slug(), &notice_of(&form.values())).await {
                    Ok(notice) => {
                        form.saved();
                        self.publishing.try_set(false);
                        self.acts.tell(fill(t.published, &[&notice.version.to_string()]));
                        self.again();
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let field = part(move || {
            Some(match how.get().as_str() {
                SECOND => text_field(form.label(URL, Some(t.url_hint)), Kind::Plain, form.control(URL)),
                _ => text_area(form.label(TEXT, Some(t.text_hint)), form.control(TEXT)),
            })
        });
        let submit = button::submit("btn", Signal::derive(move || t.send), form.busy.into(), t.sending);
        let cancel = button::act("btn btn--quiet", self.sx.t().acts.cancel, move || self.publishing.set(false));
        view! {
            <section class="card" aria-labelledby="publish-title">
                <div class="card__head"><h2 id="publish-title">{t.publish}</h2></div>
                <form class="card__body stack" novalidate on:submit=send>
                    {form.summary()}
                    <p class="sm muted">{t.publish_lead}</p>
                    <fieldset class="field">
                        <legend class="field__label">{t.how}</legend>
                        {two("how", [t.as_text, t.as_url], how)}
                    </fieldset>
                    {field}
                    <div class="row tight">{submit}{cancel}</div>
                </form>
            </section>
        }
        .into_any()
    }

    fn answer(self, it: &ConsoleArcoCase) -> AnyView {
        let t = &self.sx.t().privacy;
        let field = Field { id: "answer-words", pointer: "/words", words: t.words, secret: true };
        let form = Form::new(self.sx, "", vec![field], check_answer);
        let (id, granted) = (it.case.id, RwSignal::new(FIRST.to_owned()));
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            form.busy.set(true);
            let answer = AnswerArco { granted: granted.get_untracked() == FIRST, words: form.value(0) };
            leptos::task::spawn_local(async move {
                match api::answer(self.sx.client, self.sx.slug(), id, &answer).await {
                    Ok(()) => {
                        self.answering.try_set(None);
                        self.acts.tell(t.answered.to_owned());
                        self.again();
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let submit = button::submit("btn", Signal::derive(move || t.answer_send), form.busy.into(), t.sending);
        let cancel = button::act("btn btn--quiet", self.sx.t().acts.cancel, move || self.answering.set(None));
        view! {
            <section class="card" aria-labelledby="answer-title">
                <div class="card__head"><h2 id="answer-title">{fill(t.answer_title, &[it.nombre.as_ref().unwrap_or(&it.email)])}</h2></div>
                <form class="card__body stack" novalidate on:submit=send>
                    {form.summary()}
                    <p><b>{kind(t, it.case.kind)}": "</b><span class="as-typed">{it.case.words.clone()}</span></p>
                    <fieldset class="field">
                        <legend class="field__label">{t.outcome}</legend>
                        {two("granted", [t.granted, t.refused], granted)}
                    </fieldset>
                    {text_area(form.label(0, Some(t.words_hint)), form.control(0))}
                    <div class="row tight">{submit}{cancel}</div>
                </form>
            </section>
        }
        .into_any()
    }
}

const fn kind(t: &Privacy, kind: ArcoKind) -> &'static str {
    match kind {
        ArcoKind::Access => t.kinds[0],
        ArcoKind::Rectification => t.kinds[1],
        ArcoKind::Cancellation => t.kinds[2],
        ArcoKind::Opposition => t.kinds[3],
    }
}
