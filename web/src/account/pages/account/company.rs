//! The one company of the group whose part the person sees, and adding another by a contract or a document of it.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::accounts::Role;
use shared::accounts::group::{GroupPart, ProveCompany};
use shared::problem::FieldErrors;
use shared::{Lang, ProblemCode};

use crate::account::i18n::company::Company;
use crate::account::i18n::texts;
use crate::components::button;
use crate::components::error_summary::{Line, Summary};
use crate::components::field::{Kind, pick_field, text_field};
use crate::components::live::{part, words};
use crate::i18n::fill;
use crate::portal::session::Px;
use crate::signed::form::{Field, Form};

const ISSUER: usize = 0;
const FACT: usize = 1;

fn body(values: &[String]) -> ProveCompany {
    let value = |n: usize| values.get(n).cloned().unwrap_or_default();
    ProveCompany { issuer: value(ISSUER), fact: value(FACT) }
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    body(values).parse().err().unwrap_or_default()
}

/// The card, while the person sees one company's part; and what came of adding another.
pub fn card(px: Px) -> AnyView {
    let t = &texts(px).company;
    let said = RwSignal::new(None::<&'static str>);
    // Another mail address of the person's must not take away what was typed here.
    let seen = Memo::new(move |_| px.me().and_then(|me| Some((me.part?, me.customer.role))));
    view! {
        <p class="sm ok" role="status">{words(move || said.get().map(str::to_owned))}</p>
        {part(move || seen.get().map(|(of, role)| drawn(px, t, (&of, role), said)))}
    }
    .into_any()
}

fn drawn(px: Px, t: &'static Company, (of, role): (&GroupPart, Role), said: RwSignal<Option<&'static str>>) -> AnyView {
    let adds = role == Role::Owner && !of.others.is_empty();
    let more = if adds { t.question } else { t.ask_owner };
    view! {
        <section class="card" aria-labelledby="company-title">
            <div class="card__head"><h2 id="company-title">{t.title}</h2></div>
            <div class="card__body stack">
                <p>{fill(t.seen, &[&of.issuer_name])}" "{more}</p>
                {adds.then(|| form(px, t, of, said))}
            </div>
        </section>
    }
    .into_any()
}

fn form(px: Px, t: &'static Company, of: &GroupPart, said: RwSignal<Option<&'static str>>) -> AnyView {
    let fields = vec![
        Field { id: "company", pointer: "/issuer", words: t.company, secret: true },
        Field { id: "company-fact", pointer: "/fact", words: t.fact, secret: false },
    ];
    let form = Form::new(px, "", fields, check);
    form.set(ISSUER, of.others.first().map(|other| other.slug.clone()).unwrap_or_default());
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        leptos::task::spawn_local(async move {
            match px.client.prove_company(&body(&form.values())).await {
                Ok(()) => {
                    form.saved();
                    said.try_set(Some(t.added));
                }
                // Which of the two does not fit is not told.
                Err(reason) if reason.code() == Some(ProblemCode::NotFound) => {
                    // The page may be gone by now.
                    if form.busy.try_set(false).is_some() {
                        return;
                    }
                    let line = Line { words: t.no_match_remedy.to_owned(), href: Some("#company-fact".to_owned()) };
                    form.stop(Summary { title: t.no_match.to_owned(), lines: vec![line], support: None });
                }
                Err(reason) => form.explained(&reason),
            }
        });
    };
    let companies = of.others.iter().map(|other| (other.slug.clone(), other.name.clone())).collect();
    let submit = button::submit("btn", Signal::derive(move || t.add), form.busy.into(), t.adding);
    view! {
        <form class="stack" novalidate on:submit=send>
            {form.summary()}
            {pick_field(form.label(ISSUER, None), companies, form.control(ISSUER))}
            {text_field(form.label(FACT, Some(t.fact_hint)), Kind::Mixed, form.control(FACT))}
            <div class="row tight">{submit}</div>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_is_added_by_something_of_its_own() {
        let typed = |fact: &str| ["nandu", fact].map(str::to_owned).to_vec();
        assert!(check(&typed("0053"), Lang::Es).is_empty());
        assert!(check(&typed(" "), Lang::Es).of("/fact").is_some());
        assert_eq!(body(&typed("0053")).issuer, "nandu");
    }
}
