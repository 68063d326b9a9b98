//! What an issuer's operators set: who it is, how it shows itself, where it sells, and what it seals with.
pub mod branch;
pub mod branches;
pub mod founding;
mod parts;
pub mod seals;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::issuer_settings::IssuerSettings;
use shared::problem::{FieldCode, FieldErrors};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::browser;
use crate::components::button;
use crate::components::facts::{fact, facts};
use crate::components::field::file_field;
use crate::console::api::issuers as api;
use crate::console::app::Page;
use crate::console::list::faces;
use crate::console::session::Sx;
use crate::console::shell;
use crate::session::{Load, load};
use crate::signed::acts::Acts;
use crate::signed::form::{Field, Form};
use crate::signed::send::Picked;

/// The control of the logo's file.
const LOGO: &str = "logo-file";

/// The page's data and acts.
#[derive(Clone, Copy)]
struct Sheet {
    sx: Sx,
    face: RwSignal<Load<IssuerSettings>>,
    acts: Acts,
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().issuer;
    let sheet = Sheet { sx, face: RwSignal::new(Load::Loading), acts: Acts::new(sx.cx, &sx.t().acts) };
    sheet.again();
    let found = sx.me().is_some_and(|me| me.runs_installation);
    let found = found.then(|| button::link("btn btn--2", Page::NewIssuer.path(), t.found));
    let content = view! {
        {sheet.acts.view()}
        {faces(sx, sheet.face, Callback::new(move |()| sheet.again()), move |there| sheet.full(there))}
    };
    shell::page(sx, t.title, t.lead, found.into_any(), content.into_any())
}

/// The file that was picked with a control.
fn picked(id: &str) -> Option<Picked> {
    let input = browser::element(id).and_then(|it| it.dyn_into::<HtmlInputElement>().ok())?;
    Picked::of(&input)
}

/// A file must have been picked; the server looks into it.
fn required(values: &[String], pointers: &[&'static str]) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for (value, pointer) in values.iter().zip(pointers) {
        if value.is_empty() {
            errors.add(*pointer, FieldCode::Required);
        }
    }
    errors
}

fn check_logo(values: &[String], _: Lang) -> FieldErrors {
    required(values, &["/image"])
}

impl Sheet {
    fn again(self) {
        let (client, slug) = (self.sx.client, self.sx.slug());
        load(self.face, async move { api::settings(client, slug).await });
    }

    fn full(self, there: &IssuerSettings) -> AnyView {
        let t = &self.sx.t().issuer;
        let form = parts::changing(self.sx, there);
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            form.busy.set(true);
            let (client, slug) = (self.sx.client, self.sx.slug());
            leptos::task::spawn_local(async move {
                match api::change(client, slug, &parts::change(&form.values())).await {
                    Ok(()) => {
                        form.saved();
                        self.acts.say(t.saved.to_owned());
                        self.again();
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let known = facts(vec![
            fact(t.rfc, there.rfc.clone(), "num", None),
            fact(t.nombre, there.nombre.clone(), "", None),
            fact(t.slug, ["/e/", &there.slug].concat(), "mono", None),
        ]);
        let submit = button::submit("btn", Signal::derive(move || t.save), form.busy.into(), t.saving);
        view! {
            <div class="split split--even">
                <section class="card" aria-labelledby="fiscal-title">
                    <div class="card__head"><h2 id="fiscal-title">{t.fiscal}</h2></div>
                    <form class="card__body stack" novalidate on:submit=send>
                        {form.summary()}
                        {known}
                        {parts::regimen(form, t)}
                        {parts::brand(form, t)}
                        <div class="row tight">{submit}</div>
                    </form>
                </section>
                {self.logo(there)}
            </div>
        }
        .into_any()
    }

    fn logo(self, there: &IssuerSettings) -> AnyView {
        let t = &self.sx.t().issuer;
        let field = Field { id: LOGO, pointer: "/image", words: t.logo_file, secret: true };
        let form = Form::new(self.sx, "", vec![field], check_logo);
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            let Some(file) = picked(LOGO) else { return };
            form.busy.set(true);
            leptos::task::spawn_local(async move {
                match api::set_logo(self.sx.client, self.sx.slug(), file).await {
                    Ok(()) => {
                        self.acts.say(t.logo_saved.to_owned());
                        self.again();
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let now = match there.logo.clone() {
            Some(logo) => view! { <img class="logo-now" src=logo alt=t.logo_now/> }.into_any(),
            None => view! { <p class="sm muted">{t.logo_none}</p> }.into_any(),
        };
        let submit = button::submit("btn btn--2", Signal::derive(move || t.logo_save), form.busy.into(), t.saving);
        let accept = ".svg,.png,image/svg+xml,image/png";
        view! {
            <section class="card" aria-labelledby="logo-title">
                <div class="card__head"><h2 id="logo-title">{t.logo}</h2></div>
                <form class="card__body stack" novalidate on:submit=send>
                    {form.summary()}
                    {now}
                    {file_field(form.label(0, Some(t.logo_hint)), accept, form.control(0))}
                    <div class="row tight">{submit}</div>
                </form>
            </section>
        }
        .into_any()
    }
}
