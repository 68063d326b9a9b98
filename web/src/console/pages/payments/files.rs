//! Banks' files: brought in by an operator, each with what its lines came to.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::payments::{BankCode, SettlementFileView, SettlementResult};
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
use crate::console::list::{Column, Questions, badge, cell, faces, name, table};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::pages::failure;
use crate::pages::frame::card;
use crate::session::Load;
use crate::signed::acts::Acts;
use crate::signed::meaning;
use crate::signed::send::Picked;

/// The control's id.
const FILE: &str = "file";
/// Formats, in the order of their words.
const FORMATS: [&str; 2] = ["multipagos", "csv"];

/// How long to wait between two looks while a file is being settled, in milliseconds.
const PAUSES: [i32; 8] = [1_000, 2_000, 3_000, 5_000, 8_000, 13_000, 21_000, 34_000];

/// The files so far.
#[derive(Clone, PartialEq)]
struct Rows {
    rows: Vec<SettlementFileView>,
    next: Option<String>,
}

impl Rows {
    /// Files that are shown, as they are now; `None` when nothing changed, and nothing is drawn anew under a finger.
    fn renewed(&self, fresh: &[SettlementFileView]) -> Option<Rows> {
        let now = |file: &SettlementFileView| fresh.iter().find(|now| now.id == file.id).unwrap_or(file).clone();
        let rows: Vec<SettlementFileView> = self.rows.iter().map(now).collect();
        (rows != self.rows).then(|| Rows { rows, next: self.next.clone() })
    }
}

/// The page's data and acts.
#[derive(Clone, Copy)]
struct Shelf {
    sx: Sx,
    face: RwSignal<Load<Rows>>,
    questions: Questions,
    acts: Acts,
    bringing: RwSignal<bool>,
    /// Whether files that are being settled are looked at already.
    following: StoredValue<bool>,
    format: RwSignal<String>,
    bank: RwSignal<String>,
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().payments;
    let shelf = Shelf {
        sx,
        face: RwSignal::new(Load::Loading),
        questions: Questions::none(),
        acts: Acts::new(sx.cx, &sx.t().acts),
        bringing: RwSignal::new(false),
        following: StoredValue::new(false),
        format: RwSignal::new(FORMATS[0].to_owned()),
        bank: RwSignal::new(BankCode::Bbva.as_str().to_owned()),
    };
    shelf.again();
    Effect::new(move |_| {
        shelf.face.track();
        shelf.follow();
    });
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

/// Whether nothing in it was a line of a bank's.
pub fn none_read(file: &SettlementFileView) -> bool {
    let unread = file.results.get(SettlementResult::Unreadable.as_str()).copied().unwrap_or_default();
    file.done && unread == file.lines
}

impl Shelf {
    fn ask(self, before: Vec<SettlementFileView>, cursor: String) {
        let (client, slug) = (self.sx.client, self.sx.slug());
        self.questions.ask_rows(!before.is_empty(), self.face, async move {
            let page = api::files(client, slug, &cursor).await?;
            let mut rows = before;
            rows.extend(page.data);
            Ok(Rows { rows, next: page.next_cursor })
        });
    }

    fn again(self) {
        self.ask(Vec::new(), String::new());
    }

    /// Asks again a few times while a file is being settled; what comes takes the place of the same file that is shown.
    fn follow(self) {
        let going = move || {
            let waits =
                |shown: &Load<Rows>| matches!(shown, Load::Ready(found) if found.rows.iter().any(|file| !file.done));
            self.face.try_with_untracked(waits).unwrap_or_default()
        };
        if !going() || self.following.get_value() {
            return;
        }
        self.following.set_value(true);
        leptos::task::spawn_local(async move {
            for pause in PAUSES {
                browser::sleep(pause).await;
                if !going() {
                    break;
                }
                // What is shown stays when a look fails.
                let Ok(page) = api::files(self.sx.client, self.sx.slug(), "").await else { continue };
                let renewed = self.face.try_with_untracked(|shown| match shown {
                    Load::Ready(found) => found.renewed(&page.data),
                    _ => None,
                });
                if let Some(now) = renewed.flatten() {
                    self.face.try_set(Load::Ready(now));
                }
            }
            self.following.try_set_value(false);
        });
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
            let unread = none_read(file).then(|| view! { <span class="sub bad">{t.none_read}</span> });
            let came = results(self.sx, file);
            let cells = vec![
                name(link, file.format.clone()),
                cell(&columns[1], file.bank.name().into_any()),
                cell(&columns[2], file.lines.to_string().into_any()),
                cell(&columns[3], view! { {waits}" "{came}{unread} }.into_any()),
                cell(&columns[4], format::instant(&file.created_at).into_any()),
            ];
            view! { <tr>{cells}</tr> }.into_any()
        };
        let rows = found.rows.iter().map(row).collect();
        let before = found.rows.clone();
        let more = found.next.clone().map(|cursor| {
            let more = move || self.ask(before.clone(), cursor.clone());
            self.questions.foot(self.sx, more)
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
                        self.acts.tell(format::plural(file.lines, t.brought_one, t.brought));
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn file(id: u128, lines: u64, results: &[(&str, u64)], done: bool) -> SettlementFileView {
        SettlementFileView {
            id: Uuid::from_u128(id),
            format: "csv".into(),
            bank: BankCode::Bbva,
            name: "cuenta.csv".into(),
            lines,
            results: results.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect(),
            created_at: "2026-11-18T17:00:00Z".into(),
            done,
        }
    }

    #[test]
    fn a_file_of_which_no_line_could_be_read_is_told_once_it_is_done() {
        assert!(none_read(&file(1, 2, &[("unreadable", 2)], true)));
        assert!(!none_read(&file(1, 2, &[("unreadable", 1), ("not_found", 1)], true)));
        assert!(!none_read(&file(1, 2, &[("waiting", 2)], false)));
    }

    #[test]
    fn what_came_of_a_file_takes_its_own_place() {
        let waits = |id| file(id, 1, &[("waiting", 1)], false);
        let shown = Rows { rows: vec![waits(1), waits(2)], next: None };
        let done = file(2, 1, &[("confirmed", 1)], true);
        let now = shown.renewed(&[file(3, 1, &[], true), done.clone()]).map(|now| now.rows);
        assert_eq!(now, Some(vec![waits(1), done]));
        assert!(shown.renewed(&[waits(2)]).is_none());
    }
}
