//! Keys of the integrators' API: which there are, a new one whose secret is shown once, and ending one.
use std::collections::BTreeSet;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::integrators::ApiScope;
use shared::integrators::{ApiKeyView, NewApiKey};
use shared::problem::{FieldCode, FieldErrors};

use super::till_keys;
use crate::browser;
use crate::components::button;
use crate::components::choice::{Choice, choices};
use crate::components::empty::empty;
use crate::components::field::{Kind, text_field};
use crate::components::live::{change, part, words};
use crate::console::api::integrators as api;
use crate::console::list::{Column, badge, cell, faces, name, secret_once, table};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::i18n::fill;
use crate::pages::frame::card;
use crate::session::{Load, load};
use crate::signed::acts::{Acts, Question, act};
use crate::signed::form::{Field, Form};

const NAME: usize = 0;
/// Days that a key may be good for; nothing is for ever.
const TERMS: [&str; 3] = ["", "90", "365"];
const DAY_MS: f64 = 86_400_000.0;

/// The page's data and acts.
#[derive(Clone, Copy)]
struct Ring {
    sx: Sx,
    face: RwSignal<Load<Vec<ApiKeyView>>>,
    acts: Acts,
    making: RwSignal<bool>,
    secret: RwSignal<Option<String>>,
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if values.first().is_none_or(|name| name.trim().is_empty()) {
        errors.add("/name", FieldCode::Required);
    }
    errors
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().keys;
    let ring = Ring {
        sx,
        face: RwSignal::new(Load::Loading),
        acts: Acts::new(sx.cx, &sx.t().acts),
        making: RwSignal::new(false),
        secret: RwSignal::new(None),
    };
    ring.again();
    let make = button::act("btn", t.make, move || ring.making.update(|is| *is = !*is));
    let secret = move || {
        let secret = ring.secret.get()?;
        let kept = Callback::new(move |()| ring.secret.set(None));
        Some(secret_once(sx, secret, t.made, t.kept, kept))
    };
    let content = view! {
        {part(secret)}
        {ring.acts.view()}
        {part(move || ring.making.get().then(|| ring.form()))}
        {faces(sx, ring.face, Callback::new(move |()| ring.again()), move |keys| ring.full(keys))}
        <p class="sm"><a href="/api/docs/" rel="external">{t.docs}</a></p>
        {till_keys::section(sx)}
    };
    shell::page(sx, t.title, t.lead, make, content.into_any())
}

impl Ring {
    fn again(self) {
        let (client, slug) = (self.sx.client, self.sx.slug());
        load(self.face, async move { api::keys(client, slug).await.map(|page| page.data) });
    }

    fn form(self) -> AnyView {
        let t = &self.sx.t().keys;
        let field = Field { id: "name", pointer: "/name", words: t.name, secret: false };
        let form = Form::new(self.sx, t.make_title, vec![field], check);
        let chosen = RwSignal::new(BTreeSet::<&'static str>::new());
        let term = RwSignal::new(String::new());
        let missing = RwSignal::new(false);
        browser::focus_soon("name");
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            missing.set(chosen.with_untracked(BTreeSet::is_empty));
            if form.busy.get_untracked() || !form.check() || missing.get_untracked() {
                return;
            }
            form.busy.set(true);
            let is = |scope: &ApiScope| chosen.with_untracked(|chosen| chosen.contains(scope.as_str()));
            let body = NewApiKey {
                name: form.value(NAME).trim().to_owned(),
                scopes: ApiScope::ALL.into_iter().filter(is).collect(),
                expires_at: term.with_untracked(|days| days.parse().ok().map(after)),
            };
            leptos::task::spawn_local(async move {
                match api::make_key(self.sx.client, self.sx.slug(), &body).await {
                    Ok(made) => {
                        form.clear();
                        self.making.try_set(false);
                        self.secret.try_set(Some(made.secret));
                        self.again();
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let submit = button::submit("btn", Signal::derive(move || t.create), form.busy.into(), t.creating);
        let cancel = button::act("btn btn--quiet", self.sx.t().acts.cancel, move || self.making.set(false));
        view! {
            <section class="card" aria-labelledby="make-title">
                <div class="card__head"><h2 id="make-title">{t.make_title}</h2></div>
                <form class="card__body stack" novalidate on:submit=send>
                    {form.summary()}
                    {text_field(form.label(NAME, Some(t.name_hint)), Kind::Plain, form.control(NAME))}
                    {self.scopes(chosen, missing)}
                    <fieldset class="field">
                        <legend class="field__label">{t.ends}</legend>
                        {self.terms(term)}
                    </fieldset>
                    <div class="row tight">{submit}{cancel}</div>
                </form>
            </section>
        }
        .into_any()
    }

    fn scopes(self, chosen: RwSignal<BTreeSet<&'static str>>, missing: RwSignal<bool>) -> AnyView {
        let t = &self.sx.t().keys;
        let boxes: Vec<AnyView> = ApiScope::ALL
            .into_iter()
            .map(|scope| check_box(scope.as_str(), scope.as_str().to_owned(), chosen))
            .collect();
        let wrong = words(move || missing.get().then(|| t.scopes_missing.to_owned()));
        view! {
            <fieldset class="field">
                <legend class="field__label">{t.scopes}</legend>
                <p class="field__error" role="alert">{wrong}</p>
                <div class="checks">{boxes}</div>
            </fieldset>
        }
        .into_any()
    }

    fn terms(self, term: RwSignal<String>) -> AnyView {
        let t = &self.sx.t().keys;
        let card = |days: &str| Choice {
            value: days.to_owned(),
            words: if days.is_empty() { t.ends_never.to_owned() } else { fill(t.ends_days, &[days]) },
            more: None,
        };
        let cards = TERMS.into_iter().map(card).collect();
        choices("term", "choices choices--row", cards, term.into(), Callback::new(move |days| term.set(days)))
    }

    fn full(self, keys: &[ApiKeyView]) -> AnyView {
        let t = &self.sx.t().keys;
        if keys.is_empty() {
            return card(empty(2, t.none.to_owned(), vec![t.none_words.to_owned()], Vec::new()));
        }
        let columns = [
            Column(t.name, "", ""),
            Column(t.scopes, "txt", "3"),
            Column(t.last_used, "", "2"),
            Column(t.state, "", ""),
            Column("", "ctl", ""),
        ];
        let rows = keys.iter().map(|key| self.row(key, &columns)).collect();
        table(self.sx, t.caption, &columns, rows, None)
    }

    fn row(self, key: &ApiKeyView, columns: &[Column; 5]) -> AnyView {
        let t = &self.sx.t().keys;
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        let used = key.last_used_at.as_deref().map_or_else(|| self.sx.t().shell.never.to_owned(), format::instant);
        let state = match (key.good, key.revoked_at.is_some()) {
            (true, _) => badge("ok", t.good),
            (false, true) => badge("bad", t.ended),
            (false, false) => badge("warn", t.expired),
        };
        let until = key.expires_at.as_deref().filter(|_| key.good).map(|until| {
            view! { <span class="sub">{fill(t.until, &[&format::day(until)])}</span> }
        });
        let end = key.good.then(|| {
            let (id, title, said) = (key.id, fill(t.end_title, &[&key.name]), fill(t.end_done, &[&key.name]));
            let ask = move || {
                let said = said.clone();
                let run = act(move || {
                    let (client, slug, said) = (self.sx.client, self.sx.slug(), said.clone());
                    self.acts.run(async move { api::end_key(client, slug, id).await }, move |()| {
                        self.acts.tell(said);
                        self.again();
                    });
                });
                self.acts.ask(Question { title: title.clone(), words: t.end_words, act: t.end, run });
            };
            button::act("btn btn--bad btn--sm", t.end, ask)
        });
        let cells = vec![
            name(key.name.clone().into_any(), [&key.prefix, "…"].concat()),
            cell(&columns[1], scopes.join(", ").into_any()),
            cell(&columns[2], used.into_any()),
            cell(&columns[3], view! { {state}{until} }.into_any()),
            cell(&columns[4], end.into_any()),
        ];
        view! { <tr>{cells}</tr> }.into_any()
    }
}

/// A box of a set.
pub fn check_box(value: &'static str, words: String, chosen: RwSignal<BTreeSet<&'static str>>) -> AnyView {
    let flip = move |_| {
        chosen.update(|chosen| {
            if !chosen.remove(value) {
                chosen.insert(value);
            }
        });
    };
    let is = Signal::derive(move || chosen.with(|chosen| chosen.contains(value)));
    view! {
        <label class="check">
            <input type="checkbox" value=value prop:checked=is on:change=change(flip)/>
            <span class="mono">{words}</span>
        </label>
    }
    .into_any()
}

/// The instant so many days from now, by this browser's clock.
fn after(days: u32) -> String {
    let at = js_sys::Date::new(&(browser::now_ms() + f64::from(days) * DAY_MS).into());
    String::from(at.to_iso_string())
}
