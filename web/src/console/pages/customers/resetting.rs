//! The second step taken away of somebody who lost their phone and their codes: what they could show.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::console::ResetFactor;
use shared::problem::FieldErrors;

use super::moving::{self, Whose};
use crate::browser;
use crate::components::button;
use crate::components::field::{Kind, text_field};
use crate::console::api::customers as api;
use crate::console::session::Sx;
use crate::i18n::fill;
use crate::signed::acts::Acts;
use crate::signed::form::{Field, Form};

const FACT: usize = 0;

fn body(values: &[String]) -> ResetFactor {
    ResetFactor { fact: values.first().cloned().unwrap_or_default() }
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    body(values).parse().err().unwrap_or_default()
}

/// The form; it closes itself, and `done` looks at the people again.
pub fn form(
    sx: Sx,
    acts: Acts,
    whose: Whose,
    open: RwSignal<Option<Whose>>,
    done: impl Fn() + Copy + 'static,
) -> AnyView {
    let t = &sx.t().customers;
    let fields = vec![Field { id: "fact", pointer: "/fact", words: t.fact, secret: true }];
    let form = Form::new(sx, t.reset, fields, check);
    browser::focus_soon("fact");
    let title = fill(t.reset_title, &[&whose.email]);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let (client, slug, of) = (sx.client, sx.slug(), (whose.customer, whose.person));
        let (body, said) = (body(&form.values()), fill(t.reset_done, &[&whose.email]));
        leptos::task::spawn_local(async move {
            match api::reset_factor(client, slug, of, &body).await {
                Ok(()) => {
                    // The page may be gone by now.
                    if form.busy.try_set(false).is_some() {
                        return;
                    }
                    done();
                    acts.tell(said);
                    open.try_set(None);
                }
                Err(reason) => moving::refused(t, form, &reason, t.reset_of_several_remedy),
            }
        });
    };
    let submit = button::submit("btn btn--bad", Signal::derive(move || t.reset), form.busy.into(), t.resetting);
    let cancel = button::act("btn btn--quiet", sx.t().acts.cancel, move || open.set(None));
    view! {
        <section class="card" aria-labelledby="reset-title">
            <div class="card__head"><h2 id="reset-title" class="magic">{title}</h2></div>
            <form class="card__body stack" novalidate on:submit=send>
                {form.summary()}
                <p class="sm muted">{t.reset_words}</p>
                {text_field(form.label(FACT, Some(t.fact_hint)), Kind::Mixed, form.control(FACT))}
                <div class="row tight">{submit}{cancel}</div>
            </form>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shown_is_asked_for() {
        assert!(check(&["005300".to_owned()], Lang::Es).is_empty());
        assert!(check(&[" ".to_owned()], Lang::Es).of("/fact").is_some());
    }
}
