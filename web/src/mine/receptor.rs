//! The fiscal data that a proved mailbox keeps: used for the next invoice (T16), changed, or forgotten (T15).
use std::pin::Pin;
use std::sync::Arc;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::fiscal::{RegimenFiscal, Rfc, UsoCfdi};
use shared::guests::{MyReceptor, MyReceptors, SaveReceptor};
use shared::problem::FieldErrors;

use super::words::words;
use super::{Step, View, api};
use crate::api::Answer;
use crate::app::Page as GuestPage;
use crate::components::button;
use crate::components::field::{Item, Kind, select_field, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::live::press;
use crate::draft;
use crate::i18n::fill;
use crate::portal::session::Px;
use crate::signed::acts::{Question, act};
use crate::signed::form::{Field, Form};

/// Not typed, but judged with the others.
const RFC: usize = 0;
const NOMBRE: usize = 1;
const REGIMEN: usize = 2;
const CODIGO_POSTAL: usize = 3;
const USO: usize = 4;
const EMAIL: usize = 5;

fn body(values: &[String], language: Lang) -> SaveReceptor {
    let value = |n: usize| values.get(n).cloned().unwrap_or_default();
    SaveReceptor {
        nombre: value(NOMBRE),
        regimen: value(REGIMEN),
        codigo_postal: value(CODIGO_POSTAL),
        uso: value(USO),
        email: value(EMAIL).trim().to_owned(),
        language,
    }
}

fn check(values: &[String], lang: Lang) -> FieldErrors {
    let rfc = values.get(RFC).map(String::as_str).unwrap_or_default();
    body(values, lang).parse(rfc).err().unwrap_or_default()
}

/// The data of each RFC, with their ways on.
pub(super) fn list(view: View, kept: &MyReceptors) -> Option<AnyView> {
    if kept.receptors.is_empty() {
        return None;
    }
    let t = words(view.px);
    let rows: Vec<AnyView> = kept.receptors.iter().map(|receptor| row(view, receptor)).collect();
    let list = view! {
        <section class="card" aria-labelledby="data-title">
            <div class="card__head"><h2 id="data-title">{t.data}</h2></div>
            <p class="card__body sm muted">{t.data_lead}</p>
            <ul class="list">{rows}</ul>
        </section>
    };
    Some(list.into_any())
}

fn row(view: View, receptor: &MyReceptor) -> AnyView {
    let t = words(view.px);
    let about = [&receptor.rfc, ", ", &receptor.regimen, ", ", &receptor.codigo_postal, ", ", &receptor.email].concat();
    let label = fill(t.edit_of, &[&receptor.rfc]);
    let (used, edited) = (receptor.clone(), receptor.clone());
    let edit = press(move || view.turn(Step::Editing(edited.clone())));
    view! {
        <li class="list__wide">
            <span class="grow"><b>{receptor.nombre.clone()}</b><small>{about}</small></span>
            {button::act("btn btn--sm", t.use_data, move || begin(view.px, &used))}
            <button class="btn btn--2 btn--sm" type="button" aria-label=label on:click=edit>{drawing()}{t.edit}</button>
        </li>
    }
    .into_any()
}

const PENCIL: &str = r#"<path d="M21.174 6.812a1 1 0 0 0-3.986-3.987L3.842 16.174a2 2 0 0 0-.5.83l-1.321 4.352a.5.5 0 0 0 .623.622l4.353-1.320a2 2 0 0 0 .83-.497z"/><path d="m15 5 4 4"/>"#;

fn drawing() -> AnyView {
    crate::components::icon::drawing(PENCIL)
}

/// Puts the data into the guest's draft and goes to the first step that is still open.
pub fn begin(px: Px, receptor: &MyReceptor) {
    let cx = px.cx;
    let mut kept = cx.kept_draft();
    for (field, value) in [
        (draft::Field::Rfc, &receptor.rfc),
        (draft::Field::Nombre, &receptor.nombre),
        (draft::Field::Regimen, &receptor.regimen),
        (draft::Field::CodigoPostal, &receptor.codigo_postal),
        (draft::Field::Uso, &receptor.uso),
        (draft::Field::Email, &receptor.email),
    ] {
        kept.type_in(field, value.clone());
    }
    cx.keep_draft(&kept);
    cx.go(GuestPage::Review);
}

fn item(code: &'static str, name: &'static str) -> Item {
    Item { value: code, words: [code, " ", name].concat() }
}

/// Changes them. The RFC stays: it has invoices.
pub(super) fn edit(view: View, receptor: MyReceptor) -> AnyView {
    let px = view.px;
    let t = words(px);
    px.set_title(t.edit_title);
    let rfc = receptor.rfc.clone();
    let gone = rfc.clone();
    let back = move || view.turn(Step::List);
    let saving = Saving {
        send: Arc::new(move |body| {
            let rfc = rfc.clone();
            Box::pin(async move { api::save(px, &rfc, &body).await })
        }),
        saved: Callback::new(move |_| {
            view.look();
            view.acts.say(t.saved.to_owned());
        }),
        cancel: Callback::new(move |()| back()),
    };
    view! {
        <button class="backlink linkbtn" type="button" on:click=press(back)>{icon(Icon::ChevronLeft)}{px.cx.t().shell.back}</button>
        <h1>{t.edit_title}</h1>
        {form(px, receptor, saving)}
        <p class="actions">{button::act("btn btn--quiet", t.forget, move || forget(view, gone.clone()))}</p>
        {view.acts.view()}
    }
    .into_any()
}

/// What came of changed data.
type Saved = Pin<Box<dyn Future<Output = Answer<MyReceptor>>>>;

/// Where changed data go, and what comes then.
pub struct Saving {
    pub send: Arc<dyn Fn(SaveReceptor) -> Saved>,
    pub saved: Callback<MyReceptor>,
    pub cancel: Callback<()>,
}

/// The form of the data of an RFC.
pub fn form(px: Px, receptor: MyReceptor, saving: Saving) -> AnyView {
    let t = words(px);
    // What is on file is not what was typed: the tab remembers none of it.
    let field = |id, pointer, words| Field { id, pointer, words, secret: true };
    let fields = vec![
        field("rfc", "/rfc", "RFC"),
        field("nombre", "/nombre", t.nombre),
        field("regimen", "/regimen", t.regimen),
        field("codigo_postal", "/codigo_postal", t.codigo_postal),
        field("uso", "/uso", t.uso),
        field("email", "/email", t.deliver),
    ];
    let form = Form::new(px, t.edit_title, fields, check);
    let lead = fill(t.edit_lead, &[&receptor.rfc]);
    let values =
        [receptor.rfc, receptor.nombre, receptor.regimen, receptor.codigo_postal, receptor.uso, receptor.email];
    values.into_iter().enumerate().for_each(|(n, value)| form.set(n, value));
    let Saving { send, saved, cancel } = saving;
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let values = [RFC, NOMBRE, REGIMEN, CODIGO_POSTAL, USO, EMAIL].map(|n| form.value(n));
        let answer = send(body(&values, px.common().lang));
        leptos::task::spawn_local(async move {
            match answer.await {
                Ok(receptor) => drop(saved.try_run(receptor)),
                Err(why) => form.failed(&why, Vec::new()),
            }
        });
    };
    let words = Signal::derive(move || t.save);
    view! {
        {form.summary()}
        <p class="lead">{lead}</p>
        <form class="stack" novalidate on:submit=submit>
            {text_field(form.label(NOMBRE, Some(t.nombre_hint)), Kind::Name, form.control(NOMBRE))}
            {lists(px, form)}
            {text_field(form.label(EMAIL, None), Kind::Email, form.control(EMAIL))}
            <div class="actions">
                {button::submit("btn btn--lg", words, form.busy.into(), t.saving)}
                {button::act("btn btn--quiet", t.cancel, move || cancel.run(()))}
            </div>
            <p class="sm muted">{t.edit_note}</p>
        </form>
    }
    .into_any()
}

/// What goes with the RFC alone, and with the régimen.
fn lists(px: Px, form: Form) -> AnyView {
    let t = words(px);
    let persona = Rfc::parse(&form.value(RFC)).ok().map(|rfc| rfc.persona());
    let regimenes = Memo::new(move |_| {
        let fits = |regimen: &&RegimenFiscal| persona.is_none_or(|persona| regimen.allows(persona));
        RegimenFiscal::ALL.iter().filter(fits).map(|regimen| item(regimen.code(), regimen.name())).collect()
    });
    let usos = Memo::new(move |_| {
        let (Some(persona), Ok(regimen)) = (persona, RegimenFiscal::parse(&form.tracked(REGIMEN))) else {
            return Vec::new();
        };
        let fits = |uso: &&UsoCfdi| uso.allowed(persona, regimen) && !matches!(uso, UsoCfdi::CP01 | UsoCfdi::CN01);
        UsoCfdi::ALL.iter().filter(fits).map(|uso| item(uso.code(), uso.name())).collect()
    });
    let nothing = Signal::derive(move || t.choose);
    view! {
        {select_field(form.label(REGIMEN, None), regimenes, nothing, form.control(REGIMEN))}
        {text_field(form.label(CODIGO_POSTAL, None), Kind::PostalCode, form.control(CODIGO_POSTAL))}
        {select_field(form.label(USO, None), usos, nothing, form.control(USO))}
    }
    .into_any()
}

fn forget(view: View, rfc: String) {
    let (px, t) = (view.px, words(view.px));
    let gone = rfc.clone();
    let run = act(move || {
        let rfc = gone.clone();
        view.acts.run(async move { api::forget(px, rfc).await }, move |()| {
            view.look();
            view.acts.say(t.forgotten.to_owned());
        });
    });
    view.acts.ask(Question { title: fill(t.forget_ask, &[&rfc]), words: t.forget_words, act: t.forget, run });
}
