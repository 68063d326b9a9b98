//! Where a letter's link leads: a first or another password, and the person is signed in as far as a password leads.
//! Opening the page uses nothing up, so that a mail scanner that follows links takes nothing away.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::{PASSWORD_MIN_CHARS, Secret, UseLink};
use shared::problem::{FieldErrors, ProblemCode};
use shared::profiles::{Heredada8, PasswordRule};

use super::client::{Client, Entry, Person};
use super::desk::Desk;
use super::enter::{Access, Way};
use super::form::{Field, Form};
use super::password::{Which, password_field};
use crate::components::button;
use crate::components::empty::empty;
use crate::components::error_summary::Line;
use crate::components::icon::{Icon, icon};
use crate::components::live::part;

/// The words.
pub struct Link {
    pub new_password: &'static str,
    pub new_password_hint: &'static str,
    pub rule_length: &'static str,
    pub rule_twelve: &'static str,
    pub rule_eight: &'static str,
    pub rule_cases: &'static str,
    pub rule_digit: &'static str,
    pub rule_symbol: &'static str,
    pub rules: &'static str,
    pub rules_rest: &'static str,
    pub met: &'static str,
    pub not_met: &'static str,
    pub save_enter: &'static str,
    pub saving: &'static str,
    pub no_link: &'static str,
    pub no_link_lead: &'static str,
    pub ask_link: &'static str,
}

pub const ES: Link = Link {
    new_password: "Contraseña nueva",
    new_password_hint: "Una frase de varias palabras es fácil de recordar y difícil de adivinar.",
    rule_length: "Al menos 8 caracteres",
    rule_twelve: "12 o más: mejor",
    rule_eight: "Exactamente 8 caracteres",
    rule_cases: "Mayúsculas y minúsculas",
    rule_digit: "Un número",
    rule_symbol: "Uno de estos símbolos: @ # $ % ^ & + =",
    rules: "Requisitos",
    rules_rest: "No puede ser una de las más usadas, ni contener su RFC, su correo o su contrato.",
    met: "(cumplido)",
    not_met: "(pendiente)",
    save_enter: "Guardar y entrar",
    saving: "Guardando…",
    no_link: "Abra otra vez la liga de su correo",
    no_link_lead: "Esta página necesita la liga completa que le enviamos. Por seguridad no la guardamos en el navegador.",
    ask_link: "Pedir otra liga",
};

pub const EN: Link = Link {
    new_password: "New password",
    new_password_hint: "A phrase of several words is easy to remember and hard to guess.",
    rule_length: "At least 8 characters",
    rule_twelve: "12 or more: better",
    rule_eight: "Exactly 8 characters",
    rule_cases: "Capitals and small letters",
    rule_digit: "A digit",
    rule_symbol: "One of these symbols: @ # $ % ^ & + =",
    rules: "Requirements",
    rules_rest: "It cannot be one of the most used, nor contain your RFC, email or contract.",
    met: "(met)",
    not_met: "(pending)",
    save_enter: "Save and sign in",
    saving: "Saving…",
    no_link: "Open the link in your mail again",
    no_link_lead: "This page needs the whole link we sent you. For safety we do not keep it in the browser.",
    ask_link: "Ask for another link",
};

const PASSWORD: usize = 0;

/// What is advised.
const GOOD_CHARS: usize = 12;

fn check(values: &[String], _: Lang) -> FieldErrors {
    let password = Secret::new(values.get(PASSWORD).cloned().unwrap_or_default());
    UseLink { token: Secret::new(""), password }.parse().err().unwrap_or_default()
}

/// One kind of link.
#[derive(Clone)]
pub struct Letter {
    /// Where it is used.
    pub path: &'static str,
    pub title: &'static str,
    pub lead: &'static str,
    /// What the issuer asks of a password.
    pub rule: PasswordRule,
    /// Where another is asked for; staff are invited by somebody.
    pub ask: Option<String>,
    pub token: Option<Secret>,
}

/// The page's content. `done` is called once somebody is signed in.
pub fn view<P: Person>(
    desk: impl Into<Desk>,
    client: Client<P>,
    letter: Letter,
    (t, access): (&'static Link, &'static Access),
    done: Callback<()>,
) -> AnyView {
    let desk = desk.into();
    desk.cx.set_title(letter.title);
    let Some(token) = letter.token.clone() else {
        let way = letter.ask.map(|href| button::link("btn", href, t.ask_link)).into_iter().collect();
        return empty(1, t.no_link.to_owned(), vec![t.no_link_lead.to_owned()], way);
    };
    let way = Way::new(desk, client, access, None, done);
    let second = Memo::new(move |_| way.is_second());
    part(move || {
        Some(match second.get() {
            true => way.view(|| ().into_any()),
            false => first(desk, client, letter.clone(), token.clone(), (t, access), way, done),
        })
    })
}

fn first<P: Person>(
    desk: Desk,
    client: Client<P>,
    letter: Letter,
    token: Secret,
    (t, access): (&'static Link, &'static Access),
    way: Way<P>,
    done: Callback<()>,
) -> AnyView {
    let Letter { path, title, lead, ask, rule, .. } = letter;
    let fields = vec![Field { id: "password", pointer: "/password", words: t.new_password, secret: true }];
    let form = Form::new(desk, title, fields, check);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let body = UseLink { token: token.clone(), password: Secret::new(form.value(PASSWORD)) };
        let ask = ask.clone();
        leptos::task::spawn_local(async move {
            match client.enter_at(path, &body).await {
                Ok(Entry::Done) => {
                    let _ = done.try_run(());
                }
                Ok(Entry::Code(challenge)) => way.need_code(challenge),
                Err(failed) => {
                    let expired = failed.code() == Some(ProblemCode::LinkExpired);
                    let another = Line { words: t.ask_link.to_owned(), href: ask.clone() };
                    let another = (expired && ask.is_some()).then_some(another);
                    form.failed(&failed, another.into_iter().collect());
                }
            }
        });
    };
    let words = Signal::derive(move || t.save_enter);
    view! {
        {form.summary()}
        <h1>{title}</h1>
        <p class="lead">{lead}</p>
        <form class="stack" novalidate on:submit=send>
            {new_password(form, PASSWORD, (t, access), rule)}
            {button::submit("btn btn--block btn--lg", words, form.busy.into(), t.saving)}
        </form>
    }
    .into_any()
}

/// A box for a new password, with its rules as they are met.
pub fn new_password(
    form: Form,
    n: usize,
    (t, access): (&'static Link, &'static Access),
    asked: PasswordRule,
) -> AnyView {
    let hint = (asked == PasswordRule::Length).then_some(t.new_password_hint);
    let label = form.label(n, hint);
    let met = Memo::new(move |_| {
        let typed = form.tracked(n);
        (typed.chars().count(), Heredada8::of(&typed))
    });
    let rule = move |words: &'static str, met: bool| {
        let (mark, state) = if met { (Icon::CircleCheck, t.met) } else { (Icon::Circle, t.not_met) };
        view! { <li data-ok=met.then_some("")>{icon(mark)}<span>{words}" "<span class="vh">{state}</span></span></li> }
            .into_any()
    };
    let rules = part(move || {
        let (count, eight) = met.get();
        let rules = match asked {
            PasswordRule::Length => {
                vec![rule(t.rule_length, count >= PASSWORD_MIN_CHARS), rule(t.rule_twelve, count >= GOOD_CHARS)]
            }
            PasswordRule::Heredada8 => vec![
                rule(t.rule_eight, eight.length),
                rule(t.rule_cases, eight.upper && eight.lower),
                rule(t.rule_digit, eight.digit),
                rule(t.rule_symbol, eight.symbol),
            ],
        };
        Some(view! { <ul class="rules" aria-label=t.rules>{rules}</ul> }.into_any())
    });
    view! {
        {password_field(label, Which::New, access.show, form.control(n))}
        {rules}
        <p class="sm muted">{t.rules_rest}</p>
    }
    .into_any()
}
