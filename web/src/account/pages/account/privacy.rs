//! One's own data: which notice holds, a copy of what is kept, and requests with their last day.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::privacy::{ArcoCase, ArcoKind, MyPrivacy, NoticeForMe, OpenArco};
use shared::problem::FieldErrors;

use super::tabbed;
use crate::account::i18n::texts;
use crate::components::button;
use crate::components::choice::{Choice, choices};
use crate::components::field::{pick_field, text_area};
use crate::format;
use crate::i18n::fill;
use crate::portal::api::privacy as api;
use crate::portal::app::{Page, Place};
use crate::portal::form::{Field, Form};
use crate::portal::session::Px;
use crate::session::{Load, load};
use crate::signed::acts::Acts;
use crate::signed::list;

const ISSUER: usize = 0;
const KIND: usize = 1;
const WORDS: usize = 2;

/// The page's data and acts.
#[derive(Clone, Copy)]
struct Desk {
    px: Px,
    face: RwSignal<Load<MyPrivacy>>,
    acts: Acts,
}

fn body(values: &[String]) -> OpenArco {
    let value = |n: usize| values.get(n).cloned().unwrap_or_default();
    OpenArco {
        issuer: value(ISSUER),
        kind: ArcoKind::named(&value(KIND)).unwrap_or(ArcoKind::Access),
        words: value(WORDS),
    }
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    body(values).parse().err().unwrap_or_default()
}

/// The page.
pub fn page(px: Px) -> AnyView {
    let desk = Desk { px, face: RwSignal::new(Load::Loading), acts: Acts::new(px.cx, &texts(px).acts) };
    desk.again();
    let again = Callback::new(move |()| desk.again());
    let content = view! {
        {desk.acts.view()}
        {desk.copy()}
        {list::faces(px.cx, desk.face, again, move |mine| desk.full(mine))}
    };
    tabbed(px, Page::Privacy, content.into_any())
}

fn card(id: &'static str, title: &'static str, content: AnyView) -> AnyView {
    view! {
        <section class="card" aria-labelledby=id>
            <div class="card__head"><h2 id=id>{title}</h2></div>
            {content}
        </section>
    }
    .into_any()
}

impl Desk {
    fn again(self) {
        load(self.face, async move { api::mine(self.px.client).await });
    }

    fn copy(self) -> AnyView {
        let t = &texts(self.px).privacy;
        let take = move || self.acts.run(async move { api::copy(self.px.client).await }, |()| {});
        let content = view! {
            <div class="card__body stack">
                <p class="sm muted">{if self.px.is_mailbox() { t.copy_lead_mailbox } else { t.copy_lead }}</p>
                <div class="row tight">
                    {button::act_busy("btn btn--2", t.copy_act, self.acts.busy(), t.copying, take)}
                </div>
            </div>
        };
        card("copy-title", t.copy, content.into_any())
    }

    fn full(self, mine: &MyPrivacy) -> AnyView {
        let t = &texts(self.px).privacy;
        let notices: Vec<AnyView> = mine.notices.iter().map(|notice| self.notice(notice)).collect();
        view! {
            {card("notices-title", t.notice, view! { <ul class="list">{notices}</ul> }.into_any())}
            {card("requests-title", t.requests, self.requests(mine))}
        }
        .into_any()
    }

    fn requests(self, mine: &MyPrivacy) -> AnyView {
        let t = &texts(self.px).privacy;
        let cases: Vec<AnyView> = mine.cases.iter().map(|case| self.case(case)).collect();
        let cases = match cases.is_empty() {
            true => view! { <p class="card__body sm muted">{t.none}</p> }.into_any(),
            false => view! { <ul class="list">{cases}</ul> }.into_any(),
        };
        view! {
            <p class="card__body sm muted">{t.requests_lead}</p>
            {cases}
            {self.form(mine)}
        }
        .into_any()
    }

    fn notice(self, notice: &NoticeForMe) -> AnyView {
        let t = &texts(self.px).privacy;
        let state = match (notice.version, &notice.accepted_at) {
            (None, _) => t.no_notice.to_owned(),
            (_, Some(at)) => fill(t.accepted, &[&format::date_time(&at.civil)]),
            _ => t.not_accepted.to_owned(),
        };
        let way = Place { issuer: Some(notice.issuer.clone()), page: Page::Notice }.path();
        let read = notice.version.map(|_| view! { <a class="btn btn--2 btn--sm" href=way>{t.read}</a> });
        let accept = notice.version.filter(|_| notice.accepted_at.is_none()).map(|version| {
            let issuer = notice.issuer.clone();
            button::act("btn btn--sm", t.accept, move || {
                let (client, issuer) = (self.px.client, issuer.clone());
                self.acts.run(async move { api::accept(client, issuer, version).await }, move |()| {
                    self.acts.say(t.accept_done.to_owned());
                    self.again();
                });
            })
        });
        view! {
            <li>
                <div class="grow"><b>{notice.issuer_name.clone()}</b><small>{state}</small></div>
                {read}
                {accept}
            </li>
        }
        .into_any()
    }

    fn case(self, case: &ArcoCase) -> AnyView {
        let t = &texts(self.px).privacy;
        let due = format::day(&case.due_on);
        let (tone, state) = match case.granted {
            Some(true) => ("badge badge--ok", t.granted.to_owned()),
            Some(false) => ("badge badge--plain", t.refused.to_owned()),
            None if case.late => ("badge badge--bad", fill(t.late, &[&due])),
            None => ("badge badge--info", fill(t.open, &[&due])),
        };
        let answer =
            case.answer.clone().map(|answer| view! { <p class="sm as-typed"><b>{t.answer}": "</b>{answer}</p> });
        let about = [&case.issuer_name, ", ", &format::date_time(&case.opened_at.civil)].concat();
        view! {
            <li>
                <div class="grow stack stack-2">
                    <div><b>{kind(t.kinds, case.kind)}</b><small>{about}</small></div>
                    <p class="sm as-typed">{case.words.clone()}</p>
                    {answer}
                </div>
                <span class=tone>{state}</span>
            </li>
        }
        .into_any()
    }

    fn form(self, mine: &MyPrivacy) -> AnyView {
        let t = &texts(self.px).privacy;
        let fields = vec![
            Field { id: "arco-issuer", pointer: "/issuer", words: t.issuer, secret: true },
            Field { id: "arco-kind", pointer: "/kind", words: t.kind, secret: true },
            Field { id: "arco-words", pointer: "/words", words: t.words, secret: false },
        ];
        let form = Form::new(self.px, "", fields, check);
        form.set(ISSUER, mine.notices.first().map(|notice| notice.issuer.clone()).unwrap_or_default());
        form.set(KIND, ArcoKind::Access.as_str().to_owned());
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            form.busy.set(true);
            leptos::task::spawn_local(async move {
                match api::ask(self.px.client, &body(&form.values())).await {
                    Ok(case) => {
                        form.saved();
                        self.acts.say(fill(t.sent, &[&format::day(&case.due_on)]));
                        self.again();
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let issuers = mine.notices.iter().map(|notice| (notice.issuer.clone(), notice.issuer_name.clone())).collect();
        let issuer =
            (mine.notices.len() > 1).then(|| pick_field(form.label(ISSUER, None), issuers, form.control(ISSUER)));
        let cards = ArcoKind::ALL
            .into_iter()
            .zip(t.kinds.into_iter().zip(t.kinds_more))
            .map(|(kind, (words, more))| Choice {
                value: kind.as_str().to_owned(),
                words: words.to_owned(),
                more: Some(more.to_owned()),
            })
            .collect();
        let chosen = Signal::derive(move || form.tracked(KIND));
        let choose = Callback::new(move |kind| form.set(KIND, kind));
        let submit = button::submit("btn", Signal::derive(move || t.send), form.busy.into(), t.sending);
        view! {
            <form class="card__body stack" novalidate on:submit=send>
                {form.summary()}
                {issuer}
                <fieldset class="field" id="arco-kind">
                    <legend class="field__label">{t.kind}</legend>
                    {choices("kind", "choices choices--row", cards, chosen, choose)}
                </fieldset>
                {text_area(form.label(WORDS, Some(t.words_hint)), form.control(WORDS))}
                <div class="row tight">{submit}</div>
            </form>
        }
        .into_any()
    }
}

const fn kind(words: [&'static str; 4], kind: ArcoKind) -> &'static str {
    match kind {
        ArcoKind::Access => words[0],
        ArcoKind::Rectification => words[1],
        ArcoKind::Cancellation => words[2],
        ArcoKind::Opposition => words[3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_words_and_a_request_needs_some() {
        let words = ["a", "b", "c", "d"];
        let named: Vec<&str> = ArcoKind::ALL.into_iter().map(|it| kind(words, it)).collect();
        assert_eq!(named, words);
        let typed = |text: &str| ["colibri", "opposition", text].map(str::to_owned).to_vec();
        assert!(check(&typed("No me llamen."), Lang::Es).is_empty());
        assert!(check(&typed(" "), Lang::Es).of("/words").is_some());
        assert_eq!(body(&typed("x")).kind, ArcoKind::Opposition);
    }
}
