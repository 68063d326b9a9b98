//! Banks' files: brought in by an operator, each with what its lines came to.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::payments::{BankCode, SettlementFileView};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::parts;
use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::live::{change, part, words};
use crate::console::api::payments as api;
use crate::console::app::Area;
use crate::console::i18n::payments::named;
use crate::console::list::{Column, badge, cell, faces, name, table};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::pages::frame::card;
use crate::session::{Load, load};
use crate::signed::acts::Acts;
use crate::signed::meaning;
use crate::signed::send::Picked;

/// The control's id.
const FILE: &str = "file";
/// Formats, in the order of their words.
const FORMATS: [&str; 2] = ["multipagos", "csv"];

/// The files so far.
#[derive(Clone, PartialEq)]
struct Rows {
    rows: Vec<SettlementFileView>,
    next: Option<String>,
}

/// The page's data and acts.
#[derive(Clone, Copy)]
struct Shelf {
    sx: Sx,
    face: RwSignal<Load<Rows>>,
    acts: Acts,
    bringing: RwSignal<bool>,
    format: RwSignal<String>,
    bank: RwSignal<String>,
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().payments;
    let shelf = Shelf {
        sx,
        face: RwSignal::new(Load::Loading),
        acts: Acts::new(sx.cx, &sx.t().acts),
        bringing: RwSignal::new(false),
        format: RwSignal::new(FORMATS[0].to_owned()),
        bank: RwSignal::new(BankCode::Bbva.as_str().to_owned()),
    };
    shelf.again();
    let bring = sx.operates().then(|| button::act("btn", t.bring, move || shelf.bringing.update(|is| *is = !*is)));
    let content = view! {
        {parts(sx, Area::Files)}
        {shelf.acts.view()}
        {part(move || shelf.bringing.get().then(|| shelf.form()))}
        {faces(sx, shelf.face, Callback::new(move |()| shelf.again()), move |rows| shelf.full(rows))}
    };
    shell::page(sx, t.files, t.files_lead, bring.into_any(), content.into_any())
}

/// What the lines of a file came to, in words.
pub fn results(sx: Sx, file: &SettlementFileView) -> String {
    let names = &sx.t().payments.result_names;
    let one = |(result, count): (&String, &u64)| [named(names, result), " ", &count.to_string()].concat();
    file.results.iter().map(one).collect::<Vec<String>>().join(" · ")
}

impl Shelf {
    fn ask(self, before: Vec<SettlementFileView>, cursor: String) {
        let (client, slug) = (self.sx.client, self.sx.slug());
        load(self.face, async move {
            let page = api::files(client, slug, &cursor).await?;
            let mut rows = before;
            rows.extend(page.data);
            Ok(Rows { rows, next: page.next_cursor })
        });
    }

    fn again(self) {
        self.ask(Vec::new(), String::new());
    }

    fn full(self, found: &Rows) -> AnyView {
        let t = &self.sx.t().payments;
        if found.rows.is_empty() {
            return card(empty(2, t.files_none.to_owned(), vec![t.files_none_words.to_owned()], Vec::new()));
        }
        let columns = [
            Column(t.file, "", ""),
            Column(t.bank, "", "2"),
            Column(t.count_lines, "num", "2"),
            Column(t.results, "txt", ""),
            Column(t.brought_at, "", "3"),
        ];
        let row = |file: &SettlementFileView| {
            let href = self.sx.href(Area::File(file.id));
            let link = view! { <a href=href>{file.name.clone()}</a> }.into_any();
            let waits = (!file.done).then(|| badge("info", t.going_on));
            let came = results(self.sx, file);
            let cells = vec![
                name(link, file.format.clone()),
                cell(&columns[1], file.bank.name().into_any()),
                cell(&columns[2], file.lines.to_string().into_any()),
                cell(&columns[3], view! { {waits}{came} }.into_any()),
                cell(&columns[4], format::instant(&file.created_at).into_any()),
            ];
            view! { <tr>{cells}</tr> }.into_any()
        };
        let rows = found.rows.iter().map(row).collect();
        let before = found.rows.clone();
        let more = found.next.clone().map(|cursor| {
            let more = move || self.ask(before.clone(), cursor.clone());
            button::act("btn btn--2 btn--sm", self.sx.t().shell.more, more)
        });
        table(self.sx, t.files, &columns, rows, more)
    }

    fn form(self) -> AnyView {
        let t = &self.sx.t().payments;
        let busy = RwSignal::new(false);
        let missing = RwSignal::new(false);
        let stopped = RwSignal::new(None);
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            let input = browser::element(FILE).and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
            let picked = input.as_ref().and_then(Picked::of);
            missing.set(picked.is_none());
            let Some(picked) = picked.filter(|_| !busy.get_untracked()) else { return };
            busy.set(true);
            stopped.set(None);
            let what = (self.format.get_untracked(), self.bank.get_untracked());
            leptos::task::spawn_local(async move {
                let answer = api::bring(self.sx.client, self.sx.slug(), what, picked).await;
                // The page may be gone by now.
                if busy.try_set(false).is_some() {
                    return;
                }
                match answer {
                    Ok(file) => {
                        self.bringing.set(false);
                        self.acts.say(fill(t.brought, &[&file.lines.to_string()]));
                        self.again();
                    }
                    Err(reason) => stopped.set(Some(failure::face(self.sx.cx.t(), &reason))),
                }
            });
        };
        let formats = FORMATS.into_iter().zip([t.format_multipagos, t.format_csv]);
        let banks = BankCode::ALL.iter().map(|bank| (bank.as_str(), bank.name()));
        let submit = button::submit("btn", Signal::derive(move || t.bring), busy.into(), t.bringing);
        let cancel = button::act("btn btn--quiet", self.sx.t().acts.cancel, move || self.bringing.set(false));
        view! {
            <section class="card" aria-labelledby="bring-title">
                <div class="card__head"><h2 id="bring-title">{t.bring}</h2></div>
                <form class="card__body stack" novalidate on:submit=send>
                    {part(move || stopped.get().map(|text| meaning::failed(self.sx.cx, text, Vec::new())))}
                    <div class="row">
                        {select("bank", t.bank, banks.collect(), self.bank)}
                        {select("format", t.format, formats.collect(), self.format)}
                    </div>
                    <div class="field">
                        <label class="field__label" for=FILE>{t.file}</label>
                        <p class="field__hint">{t.file_hint}</p>
                        <p class="field__error" role="alert">{words(move || missing.get().then(|| t.file_missing.to_owned()))}</p>
                        <input class="input" id=FILE type="file" accept=".txt,.csv,.tsv,.dat"/>
                    </div>
                    <div class="row tight">{submit}{cancel}</div>
                </form>
            </section>
        }
        .into_any()
    }
}

/// A list to choose from.
pub fn select(
    id: &'static str,
    label: &'static str,
    rows: Vec<(&'static str, &'static str)>,
    chosen: RwSignal<String>,
) -> AnyView {
    let now = chosen.get_untracked();
    let options: Vec<AnyView> = rows
        .into_iter()
        .map(|(value, words)| {
            let here = value == now;
            view! { <option value=value prop:selected=here>{words}</option> }.into_any()
        })
        .collect();
    view! {
        <div class="field">
            <label class="field__label" for=id>{label}</label>
            <select class="input" id=id on:change=change(move |value| chosen.set(value))>{options}</select>
        </div>
    }
    .into_any()
}
