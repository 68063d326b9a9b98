//! One file of a bank's, line by line: what each came to, and whose a transfer is that names nobody.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::payments::{SettlementFileView, SettlementLineView, SettlementResult};
use shared::problem::{FieldCode, FieldErrors};
use uuid::Uuid;

use super::files::{results, select};
use crate::api::Answer;
use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::field::{Kind, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::live::part;
use crate::console::api::payments as api;
use crate::console::app::Area;
use crate::console::i18n::payments::named;
use crate::console::list::{Column, Questions, badge, cell, faces, name, narrow, table};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::i18n::fill;
use crate::pages::frame::card;
use crate::session::Load;
use crate::signed::acts::Acts;
use crate::signed::form::{Field, Form};

/// Lines that one question brings.
const LINES: usize = 100;
/// Columns of the table.
const COLUMNS: &str = "6";

/// The file and its lines so far.
#[derive(Clone, PartialEq)]
struct Found {
    file: SettlementFileView,
    rows: Vec<SettlementLineView>,
    /// There are more after the last.
    more: bool,
}

/// Where a line stands.
fn place(line: u64) -> String {
    ["line-", &line.to_string()].concat()
}

/// The page's data and acts.
#[derive(Clone, Copy)]
struct Reader {
    sx: Sx,
    id: Uuid,
    face: RwSignal<Load<Found>>,
    questions: Questions,
    acts: Acts,
    result: RwSignal<String>,
    assigning: RwSignal<Option<u64>>,
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if values.first().is_none_or(|rfc| rfc.trim().is_empty()) {
        errors.add("/rfc", FieldCode::Required);
    }
    errors
}

/// The page.
pub fn page(sx: Sx, id: Uuid) -> AnyView {
    let t = &sx.t().payments;
    let reader = Reader {
        sx,
        id,
        face: RwSignal::new(Load::Loading),
        questions: Questions::none(),
        acts: Acts::new(sx.cx, &sx.t().acts),
        result: RwSignal::new(String::new()),
        assigning: RwSignal::new(None),
    };
    sx.set_title(t.files);
    // The first time, and whenever another result is chosen.
    Effect::new(move |_| {
        reader.result.track();
        reader.again();
    });
    let content = view! {
        <a class="backlink" href=sx.href(Area::Files)>{icon(Icon::ChevronLeft)}{t.back_files}</a>
        <div class="stack">
            {reader.acts.view()}
            {faces(sx, reader.face, Callback::new(move |()| reader.again()), move |found| reader.full(found))}
        </div>
    };
    shell::framed(sx, content.into_any())
}

impl Reader {
    /// What comes after the rows that there are, until there are as many as wanted.
    async fn found(self, before: Vec<SettlementLineView>, count: usize) -> Answer<Found> {
        let (client, slug, id) = (self.sx.client, self.sx.slug(), self.id);
        let result = self.result.try_get_untracked().unwrap_or_default();
        let file = api::find_file(client, slug.clone(), id).await?;
        let mut rows = before;
        loop {
            let after = rows.last().map_or(0, |line| line.line);
            let fresh = api::lines(client, slug.clone(), id, (&result, after)).await?;
            let more = fresh.len() >= LINES;
            rows.extend(fresh);
            if !more || rows.len() >= count {
                return Ok(Found { file, rows, more });
            }
        }
    }

    fn ask(self, before: Vec<SettlementLineView>) {
        self.questions.ask_rows(!before.is_empty(), self.face, self.found(before, 0));
    }

    /// What is shown, as it is now, at the line that was just given to somebody.
    fn stay(self, line: u64) {
        let shown = self.face.try_with_untracked(|face| match face {
            Load::Ready(found) => found.rows.len(),
            _ => 0,
        });
        // The page may be gone by now.
        let Some(count) = shown else { return };
        self.questions.ask(self.face, async move {
            let found = self.found(Vec::new(), count).await;
            let there = found.as_ref().is_ok_and(|found| found.rows.iter().any(|row| row.line == line));
            if there {
                request_animation_frame(move || {
                    browser::focus(&place(line));
                });
            }
            found
        });
    }

    fn again(self) {
        self.ask(Vec::new());
    }

    fn full(self, found: &Found) -> AnyView {
        let t = &self.sx.t().payments;
        self.sx.set_title(&found.file.name);
        let waits = (!found.file.done).then(|| badge("info", t.going_on));
        let of_result = |result: &SettlementResult| (result.as_str(), named(&t.result_names, result.as_str()));
        let offers = std::iter::once(("", t.every)).chain(SettlementResult::ALL.iter().map(of_result)).collect();
        let lines = match found.rows.is_empty() {
            true => card(empty(2, t.lines_none.to_owned(), Vec::new(), Vec::new())),
            false => self.table(found),
        };
        view! {
            <div class="page-head">
                <div><h1>{found.file.name.clone()}</h1><p>{results(self.sx, &found.file)}</p></div>
                <div class="row tight">
                    {waits}" "{button::act("btn btn--quiet btn--sm", t.refresh, move || self.again())}
                </div>
            </div>
            {select("result", t.result, offers, self.result)}
            {lines}
        }
        .into_any()
    }

    fn table(self, found: &Found) -> AnyView {
        let t = &self.sx.t().payments;
        let columns = [
            Column(t.line, "num", ""),
            Column(t.reference, "", "2"),
            Column(t.transaction, "", "3"),
            Column(t.amount, "num", ""),
            Column(t.fee, "num", "3"),
            Column(t.result, "", ""),
        ];
        let rows = found.rows.iter().map(|line| self.row(line, &columns)).collect();
        let before = found.rows.clone();
        let more = found.more.then(|| self.questions.foot(self.sx, move || self.ask(before.clone())));
        table(self.sx, t.count_lines, &columns, rows, more)
    }

    fn row(self, line: &SettlementLineView, columns: &[Column; 6]) -> AnyView {
        use SettlementResult as R;
        let (t, never) = (&self.sx.t().payments, self.sx.t().shell.never);
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| never.to_owned());
        let money = |amount: &Option<String>| amount.as_deref().map_or(never.to_owned(), format::amount);
        let result = line.result.map_or("waiting", R::as_str);
        let tone = match line.result {
            Some(R::Confirmed | R::ConfirmedLate | R::Deposit) => "ok",
            Some(R::AmountDiffers | R::Review | R::NotFound | R::Unreadable) => "warn",
            Some(R::Declined) => "bad",
            _ => "plain",
        };
        let unread = line.unreadable_part.as_deref().map(|part| {
            view! { <span class="sub">{fill(t.unreadable, &[part])}</span> }
        });
        let payment = line.payment_id.map(|id| {
            view! { <span class="sub"><a href=self.sx.href(Area::Payment(id))>{t.payment}</a></span> }
        });
        let number = line.line;
        let assign = (self.sx.operates() && line.result == Some(R::NotFound))
            .then(|| button::act("btn btn--2 btn--sm", t.assign, move || self.assigning.set(Some(number))));
        let words = named(&t.result_names, result).to_owned();
        let way = assign.map(|way| view! { <span class="sub">{way}</span> });
        let came =
            view! { <span class=["badge badge--", tone].concat()>{words}</span>{unread}{payment}{way} }.into_any();
        let known = line.clone();
        let form = part(move || {
            (self.assigning.get() == Some(number))
                .then(|| view! { <tr><td class="txt" colspan=COLUMNS>{self.form(&known)}</td></tr> }.into_any())
        });
        let first = view! { <span id=place(number) tabindex="-1">{number.to_string()}</span> }.into_any();
        let phone = line.reference.clone().unwrap_or_default();
        let cells = vec![
            name(narrow(first, phone), line.paid_on.as_deref().map_or(String::new(), format::day)),
            cell(&columns[1], text(&line.reference).into_any()),
            cell(&columns[2], text(&line.bank_transaction).into_any()),
            cell(&columns[3], money(&line.amount).into_any()),
            cell(&columns[4], money(&line.fee).into_any()),
            cell(&columns[5], came),
        ];
        view! { <tr>{cells}</tr>{form} }.into_any()
    }

    /// Whose a line is, under it: what money it is stands in the form.
    fn form(self, about: &SettlementLineView) -> AnyView {
        let (t, line) = (&self.sx.t().payments, about.line);
        let amount = about.amount.as_deref().map(format::amount);
        let day = about.paid_on.as_deref().map(format::day);
        let told = |words: &str, value: &Option<String>| value.as_ref().map(|value| [words, ": ", value].concat());
        let carried = [told(t.reference, &about.reference), told(t.transaction, &about.bank_transaction)];
        let money = [amount, day].into_iter().chain(carried).flatten().collect::<Vec<String>>().join(" · ");
        let field = Field { id: "rfc", pointer: "/rfc", words: t.rfc, secret: false };
        let form = Form::new(self.sx, "", vec![field], check);
        // What was typed about another one is not this one's.
        form.clear();
        browser::focus_soon("rfc");
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            form.busy.set(true);
            let (client, slug, rfc) = (self.sx.client, self.sx.slug(), form.value(0).trim().to_uppercase());
            leptos::task::spawn_local(async move {
                match api::assign(client, slug, (self.id, line), rfc).await {
                    Ok(payment) => {
                        form.clear();
                        self.assigning.try_set(None);
                        self.acts.tell(fill(t.assigned, &[&payment.reference]));
                        self.stay(line);
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let submit = button::submit("btn", Signal::derive(move || t.save), form.busy.into(), t.saving);
        let cancel = button::act("btn btn--quiet", self.sx.t().acts.cancel, move || self.assigning.set(None));
        view! {
            <section class="card" aria-labelledby="assign-title">
                <div class="card__head"><h2 id="assign-title">{fill(t.assign_title, &[&line.to_string()])}</h2></div>
                <form class="card__body stack" novalidate on:submit=send>
                    {form.summary()}
                    <p class="b">{money}</p>
                    <p>{t.assign_lead}</p>
                    {text_field(form.label(0, None), Kind::Code, form.control(0))}
                    <div class="row tight">{submit}{cancel}</div>
                </form>
            </section>
        }
        .into_any()
    }
}
