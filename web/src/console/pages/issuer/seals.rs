//! What an issuer seals with: certificates with their validity, and the place where one is handed over.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::issuer_settings::{CertificateView, IssuerSettings};
use shared::problem::FieldErrors;

use super::{picked, required};
use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::field::file_field;
use crate::components::live::part;
use crate::components::note::{Tone, note};
use crate::console::api::issuers as api;
use crate::console::list::{Column, cell, faces, name, table};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::i18n::fill;
use crate::pages::frame::card;
use crate::session::{Load, load};
use crate::signed::acts::{Acts, Question, act};
use crate::signed::form::{Field, Form};
use crate::signed::password::{Which, password_field};

const CER: &str = "csd-cer";
const KEY: &str = "csd-key";
const PASSWORD: usize = 2;
/// Where the three are in the body.
const POINTERS: [&str; 3] = ["/certificate", "/key", "/password"];
/// Milliseconds of a day.
const DAY_MS: f64 = 86_400_000.0;
/// A certificate that ends within these many days is to be renewed.
const SOON_DAYS: f64 = 60.0;

/// The page's data and acts.
#[derive(Clone, Copy)]
struct Ring {
    sx: Sx,
    face: RwSignal<Load<IssuerSettings>>,
    acts: Acts,
    adding: RwSignal<bool>,
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    required(values, &POINTERS)
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().issuer;
    let ring = Ring {
        sx,
        face: RwSignal::new(Load::Loading),
        acts: Acts::new(sx.cx, &sx.t().acts),
        adding: RwSignal::new(false),
    };
    ring.again();
    let add = sx.operates().then(|| button::act("btn", t.add, move || ring.adding.update(|is| *is = !*is)));
    let content = view! {
        {ring.acts.view()}
        {part(move || ring.adding.get().then(|| ring.form()))}
        {faces(sx, ring.face, Callback::new(move |()| ring.again()), move |there| ring.full(there))}
    };
    shell::page(sx, t.seals, t.seals_lead, add.into_any(), content.into_any())
}

impl Ring {
    fn again(self) {
        let (client, slug) = (self.sx.client, self.sx.slug());
        load(self.face, async move { api::settings(client, slug).await });
    }

    fn full(self, there: &IssuerSettings) -> AnyView {
        let t = &self.sx.t().issuer;
        if there.certificates.is_empty() {
            let way = button::act("btn", t.add, move || self.adding.set(true));
            return card(empty(2, t.seals_none.to_owned(), vec![t.seals_none_words.to_owned()], vec![way]));
        }
        let columns = [
            Column(t.number, "", ""),
            Column(t.from, "", "3"),
            Column(t.until, "", "2"),
            Column(t.state, "", ""),
            Column("", "ctl", ""),
        ];
        let rows = there.certificates.iter().map(|seal| self.row(seal, &columns)).collect();
        table(self.sx, t.seals, &columns, rows, None)
    }

    fn row(self, seal: &CertificateView, columns: &[Column; 5]) -> AnyView {
        let t = &self.sx.t().issuer;
        let number = seal.certificate_number.clone();
        let (tone, state, usable) = self.state(seal);
        let state = view! { <span class=["badge badge--", tone].concat()>{state}</span> };
        let stop = (usable && self.sx.operates()).then(|| {
            let (title, said) = (fill(t.stop_title, &[&number]), fill(t.stop_done, &[&number]));
            let id = seal.id;
            button::act("btn btn--quiet btn--sm", t.stop, move || {
                let said = said.clone();
                let run = act(move || {
                    let (client, slug, said) = (self.sx.client, self.sx.slug(), said.clone());
                    self.acts.run(async move { api::revoke_csd(client, slug, id).await }, move |()| {
                        self.acts.tell(said);
                        self.again();
                    });
                });
                self.acts.ask(Question { title: title.clone(), words: t.stop_words, act: t.stop, run });
            })
        });
        let cells = vec![
            name(view! { <span class="mono">{number.clone()}</span> }.into_any(), String::new()),
            cell(&columns[1], format::instant(&seal.valid_from).into_any()),
            cell(&columns[2], format::instant(&seal.valid_until).into_any()),
            cell(&columns[3], state.into_any()),
            cell(&columns[4], stop.into_any()),
        ];
        view! { <tr>{cells}</tr> }.into_any()
    }

    /// Tone and words of its state, and whether it can be stopped. By the browser's clock; the server's decides.
    fn state(self, seal: &CertificateView) -> (&'static str, String, bool) {
        let t = &self.sx.t().issuer;
        let left = |until: &str| browser::instant_ms(until).map(|at| (at - browser::now_ms()) / DAY_MS);
        if seal.revoked_at.is_some() {
            return ("plain", t.stopped.to_owned(), false);
        }
        match (left(&seal.valid_from), left(&seal.valid_until)) {
            (_, Some(days)) if days <= 0.0 => ("bad", t.over.to_owned(), true),
            (Some(days), _) if days > 0.0 => ("info", t.not_yet.to_owned(), true),
            (_, Some(days)) if days < SOON_DAYS => ("warn", fill(t.days_left, &[&days.ceil().to_string()]), true),
            _ => ("ok", t.good.to_owned(), true),
        }
    }

    fn form(self) -> AnyView {
        let t = &self.sx.t().issuer;
        let field = |id, pointer, words| Field { id, pointer, words, secret: true };
        let fields = vec![
            field(CER, POINTERS[0], t.cer),
            field(KEY, POINTERS[1], t.key),
            field("csd-password", POINTERS[2], t.key_password),
        ];
        let form = Form::new(self.sx, t.add, fields, check);
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            let (Some(cer), Some(key)) = (picked(CER), picked(KEY)) else { return };
            form.busy.set(true);
            let (client, slug, password) = (self.sx.client, self.sx.slug(), form.value(PASSWORD));
            leptos::task::spawn_local(async move {
                match api::add_csd(client, slug, (cer, key), password).await {
                    Ok(()) => {
                        self.adding.try_set(false);
                        self.acts.tell(t.added.to_owned());
                        self.again();
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let submit = button::submit("btn", Signal::derive(move || t.add_send), form.busy.into(), t.adding);
        let cancel = button::act("btn btn--quiet", self.sx.t().acts.cancel, move || self.adding.set(false));
        let password = form.label(PASSWORD, Some(t.key_password_hint));
        view! {
            <section class="card" aria-labelledby="csd-title">
                <div class="card__head"><h2 id="csd-title">{t.add}</h2></div>
                <form class="card__body stack" novalidate on:submit=send>
                    {form.summary()}
                    <div class="form-grid">
                        {file_field(form.label(0, None), ".cer", form.control(0))}
                        {file_field(form.label(1, None), ".key", form.control(1))}
                    </div>
                    {password_field(password, Which::OfFile, t.show, form.control(PASSWORD))}
                    {note(Tone::Waits, Some(t.not_fiel.to_owned()), t.not_fiel_words.to_owned())}
                    <div class="row tight">{submit}{cancel}<span class="sm muted">{t.add_note}</span></div>
                </form>
            </section>
        }
        .into_any()
    }
}
