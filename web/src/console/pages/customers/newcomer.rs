//! A customer to add: its fiscal data, the numbers by which its people register, and where the link of a first entry goes.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::console::{CustomerAdded, NewCustomerForm};
use shared::fiscal::RegimenFiscal;
use shared::problem::FieldErrors;

use crate::api::ApiFailure;
use crate::browser;
use crate::components::button;
use crate::components::field::{Kind, pick_field, text_field};
use crate::console::api::customers as api;
use crate::console::session::Sx;
use crate::i18n::fill;
use crate::signed::form::{Field, Form};

const RFC: usize = 0;
const NOMBRE: usize = 1;
const REGIMEN: usize = 2;
const CODIGO_POSTAL: usize = 3;
const CONTRACTS: usize = 4;
const EMAIL: usize = 5;
const COUNT: usize = 6;

/// Where the numbers are in the body; one of them below.
const NUMBERS: &str = "/contracts";

/// What was typed, as it is sent. Numbers are parted by commas or lines.
fn body(values: &[String], language: Lang) -> NewCustomerForm {
    let value = |n: usize| values.get(n).map(|typed| typed.trim().to_owned()).unwrap_or_default();
    let numbers = value(CONTRACTS);
    let numbers = numbers.split([',', ';', '\n']).map(str::trim).filter(|number| !number.is_empty());
    NewCustomerForm {
        rfc: value(RFC),
        nombre: value(NOMBRE),
        regimen: value(REGIMEN),
        codigo_postal: value(CODIGO_POSTAL),
        contracts: numbers.map(str::to_owned).collect(),
        email: Some(value(EMAIL)).filter(|email| !email.is_empty()),
        language,
    }
}

/// All numbers are typed into one box.
fn gathered(mut errors: FieldErrors) -> FieldErrors {
    for error in errors.0.iter_mut().filter(|error| error.pointer.starts_with(NUMBERS)) {
        NUMBERS.clone_into(&mut error.pointer);
    }
    errors
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    body(values, Lang::Es).parse().err().map(gathered).unwrap_or_default()
}

/// The form; `added` is told what became of it, and of whom.
pub fn form(sx: Sx, open: RwSignal<bool>, added: Callback<(String, String)>) -> AnyView {
    let t = &sx.t().customers;
    let field = |id, pointer, words| Field { id, pointer, words, secret: false };
    let fields = vec![
        field("customer-rfc", "/rfc", t.rfc),
        field("customer-nombre", "/nombre", t.nombre),
        field("customer-regimen", "/regimen", t.regimen),
        field("customer-postal-code", "/codigo_postal", t.codigo_postal),
        field("customer-contracts", NUMBERS, t.contracts),
        field("customer-email", "/email", t.email),
    ];
    let form = Form::new(sx, t.new, fields, check);
    // What was typed for one issuer is none of another's.
    form.over(&[&sx.slug(), "/cliente"].concat(), vec![String::new(); COUNT]);
    browser::focus_soon("customer-rfc");
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let (client, slug, body) = (sx.client, sx.slug(), body(&form.values(), sx.t().lang));
        leptos::task::spawn_local(async move {
            match api::add(client, slug, &body).await {
                Ok(done) => {
                    form.saved();
                    let _ = added.try_run((body.rfc.to_uppercase(), said(sx, &body, done)));
                    open.try_set(false);
                }
                Err(ApiFailure::Problem(mut problem)) => {
                    problem.errors = gathered(FieldErrors(std::mem::take(&mut problem.errors))).0;
                    form.failed(&ApiFailure::Problem(problem), Vec::new());
                }
                Err(reason) => form.explained(&reason),
            }
        });
    };
    let code = |regimen: &RegimenFiscal| (regimen.code().to_owned(), [regimen.code(), " ", regimen.name()].concat());
    let regimes = std::iter::once((String::new(), t.choose.to_owned())).chain(RegimenFiscal::ALL.iter().map(code));
    let text = |n, kind, hint| text_field(form.label(n, hint), kind, form.control(n));
    let submit = button::submit("btn", Signal::derive(move || t.add), form.busy.into(), t.adding);
    let cancel = button::act("btn btn--quiet", sx.t().acts.cancel, move || open.set(false));
    view! {
        <section class="card" aria-labelledby="new-title">
            <div class="card__head"><h2 id="new-title">{t.new}</h2></div>
            <form class="card__body stack" novalidate on:submit=send>
                {form.summary()}
                {text(RFC, Kind::Code, None)}
                {text(NOMBRE, Kind::Name, Some(t.nombre_hint))}
                {pick_field(form.label(REGIMEN, None), regimes.collect(), form.control(REGIMEN))}
                {text(CODIGO_POSTAL, Kind::PostalCode, None)}
                {text(CONTRACTS, Kind::Mixed, Some(t.contracts_hint))}
                {text(EMAIL, Kind::Email, Some(t.new_email_optional))}
                <div class="row tight">{submit}{cancel}</div>
            </form>
        </section>
    }
    .into_any()
}

/// What became of it, in words.
fn said(sx: Sx, body: &NewCustomerForm, done: CustomerAdded) -> String {
    let t = &sx.t().customers;
    let what = match (done.created, done.contracts_added) {
        (true, _) => t.added,
        (false, 0) => t.was_there,
        (false, _) => t.contracts_added,
    };
    let what = fill(what, &[&body.rfc.to_uppercase()]);
    match (&body.email, done.invited) {
        (Some(email), true) => [&what, " ", &fill(t.sent, &[email])].concat(),
        (Some(_), false) => [&what, " ", t.has_access].concat(),
        (None, _) => what,
    }
}

#[cfg(test)]
mod tests {
    use shared::problem::FieldCode;

    use super::*;

    fn typed(contracts: &str, email: &str) -> Vec<String> {
        ["TAM010203ABA", "TEXTILES ARRAYAN Y MIMBRE", "601", "76230", contracts, email].map(str::to_owned).to_vec()
    }

    #[test]
    fn numbers_are_parted_and_their_faults_are_the_boxs() {
        assert_eq!(body(&typed(" 005300, 17-0942\n", ""), Lang::Es).contracts, ["005300", "17-0942"]);
        assert!(check(&typed("005300", ""), Lang::Es).is_empty());
        assert_eq!(check(&typed(" , ", ""), Lang::Es).of(NUMBERS), Some(FieldCode::Required));
        assert_eq!(check(&typed(&"7".repeat(41), ""), Lang::Es).of(NUMBERS), Some(FieldCode::TooLong));
        assert!(check(&typed("005300", "ana"), Lang::Es).of("/email").is_some());
    }
}
