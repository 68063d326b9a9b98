//! Another mail address for somebody who lost their mailbox: where the link goes, and what they could show.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::console::MoveMail;
use shared::problem::{FieldErrors, ProblemCode};
use uuid::Uuid;

use crate::api::ApiFailure;
use crate::browser;
use crate::components::button;
use crate::components::error_summary::{Line, Summary};
use crate::components::field::{Kind, text_field};
use crate::console::api::customers as api;
use crate::console::i18n::customers::Customers;
use crate::console::session::Sx;
use crate::i18n::fill;
use crate::signed::acts::Acts;
use crate::signed::form::{Field, Form};

const EMAIL: usize = 0;
const FACT: usize = 1;

/// Whose address it is: of which customer, who, and their present one.
#[derive(Clone, PartialEq)]
pub struct Whose {
    pub customer: Uuid,
    pub person: Uuid,
    pub email: String,
}

fn body(values: &[String]) -> MoveMail {
    let value = |n: usize| values.get(n).cloned().unwrap_or_default();
    MoveMail { email: value(EMAIL), fact: value(FACT) }
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    body(values).parse().err().unwrap_or_default()
}

/// The form; it closes itself.
pub fn form(sx: Sx, acts: Acts, whose: Whose, open: RwSignal<Option<Whose>>) -> AnyView {
    let t = &sx.t().customers;
    let fields = vec![
        Field { id: "new-email", pointer: "/email", words: t.new_email, secret: true },
        Field { id: "fact", pointer: "/fact", words: t.fact, secret: true },
    ];
    let form = Form::new(sx, t.moving, fields, check);
    browser::focus_soon("new-email");
    let title = fill(t.move_title, &[&whose.email]);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let (client, slug, of) = (sx.client, sx.slug(), (whose.customer, whose.person));
        let body = body(&form.values());
        leptos::task::spawn_local(async move {
            match api::move_mail(client, slug, of, &body).await {
                Ok(()) => {
                    open.try_set(None);
                    acts.tell(fill(t.move_sent, &[body.email.trim()]));
                }
                Err(reason) => refused(t, form, &reason, t.of_several_remedy),
            }
        });
    };
    let submit = button::submit("btn", Signal::derive(move || t.send), form.busy.into(), t.sending);
    let cancel = button::act("btn btn--quiet", sx.t().acts.cancel, move || open.set(None));
    view! {
        <section class="card" aria-labelledby="move-title">
            <div class="card__head"><h2 id="move-title" class="magic">{title}</h2></div>
            <form class="card__body stack" novalidate on:submit=send>
                {form.summary()}
                <p class="sm muted">{t.move_lead}</p>
                {text_field(form.label(EMAIL, Some(t.new_email_hint)), Kind::Email, form.control(EMAIL))}
                {text_field(form.label(FACT, Some(t.fact_hint)), Kind::Mixed, form.control(FACT))}
                <div class="row tight">{submit}{cancel}</div>
            </form>
        </section>
    }
    .into_any()
}

/// Shows what came back to what somebody showed, in place of a good answer.
pub fn refused(t: &'static Customers, form: Form, reason: &ApiFailure, of_several_remedy: &'static str) {
    let (title, words, href) = match reason.code() {
        Some(ProblemCode::OwnerNeeded) => (t.of_several, of_several_remedy, None),
        // What was said is not told to be near or far.
        Some(ProblemCode::NotFound) => (t.no_match, t.no_match_remedy, Some("#fact".to_owned())),
        _ => return form.explained(reason),
    };
    // The page may be gone by now.
    if form.busy.try_set(false).is_some() {
        return;
    }
    let line = Line { words: words.to_owned(), href };
    form.stop(Summary { title: title.to_owned(), lines: vec![line], support: None });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_the_address_and_what_was_shown_are_asked_for() {
        let typed = |email: &str, fact: &str| [email, fact].map(str::to_owned).to_vec();
        assert!(check(&typed("ana@arrayan.example", "005300"), Lang::Es).is_empty());
        let wrong = check(&typed("ana", " "), Lang::Es);
        assert!(wrong.of("/email").is_some() && wrong.of("/fact").is_some());
    }
}
