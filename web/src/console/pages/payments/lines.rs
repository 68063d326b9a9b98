//! One file of a bank's, line by line: what each came to, and whose a transfer is that names nobody.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::payments::{SettlementFileView, SettlementLineView, SettlementResult};
use shared::problem::{FieldCode, FieldErrors};
use uuid::Uuid;

use super::files::{results, select};
use crate::components::button;
use crate::components::empty::empty;
use crate::components::field::{Kind, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::live::part;
use crate::console::api::payments as api;
use crate::console::app::Area;
use crate::console::i18n::payments::named;
use crate::console::list::{Column, Questions, badge, cell, faces, name, table};
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

/// The file and its lines so far.
#[derive(Clone, PartialEq)]
struct Found {
    file: SettlementFileView,
    rows: Vec<SettlementLineView>,
    /// There are more after the last.
    more: bool,
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
            {part(move || reader.assigning.get().map(|line| reader.form(line)))}
            {faces(sx, reader.face, Callback::new(move |()| reader.again()), move |found| reader.full(found))}
        </div>
    };
    shell::framed(sx, content.into_any())
}

impl Reader {
    fn ask(self, before: Vec<SettlementLineView>) {
        let (client, slug, id) = (self.sx.client, self.sx.slug(), self.id);
        let result = self.result.get_untracked();
        self.questions.ask(self.face, async move {
            let file = api::find_file(client, slug.clone(), id).await?;
            let after = before.last().map_or(0, |line| line.line);
            let fresh = api::lines(client, slug, id, (&result, after)).await?;
            let more = fresh.len() >= LINES;
            let mut rows = before;
            rows.extend(fresh);
            Ok(Found { file, rows, more })
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
                    {waits}{button::act("btn btn--quiet btn--sm", t.refresh, move || self.again())}
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
            Column("", "ctl", ""),
        ];
        let rows = found.rows.iter().map(|line| self.row(line, &columns)).collect();
        let before = found.rows.clone();
        let more = found
            .more
            .then(|| button::act("btn btn--2 btn--sm", self.sx.t().shell.more, move || self.ask(before.clone())));
        table(self.sx, t.count_lines, &columns, rows, more)
    }

    fn row(self, line: &SettlementLineView, columns: &[Column; 7]) -> AnyView {
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
        let came = view! { <span class=["badge badge--", tone].concat()>{words}</span>{unread}{payment} }.into_any();
        let cells = vec![
            name(number.to_string().into_any(), line.paid_on.as_deref().map_or(String::new(), format::day)),
            cell(&columns[1], text(&line.reference).into_any()),
            cell(&columns[2], text(&line.bank_transaction).into_any()),
            cell(&columns[3], money(&line.amount).into_any()),
            cell(&columns[4], money(&line.fee).into_any()),
            cell(&columns[5], came),
            cell(&columns[6], assign.into_any()),
        ];
        view! { <tr>{cells}</tr> }.into_any()
    }

    fn form(self, line: u64) -> AnyView {
        let t = &self.sx.t().payments;
        let field = Field { id: "rfc", pointer: "/rfc", words: t.rfc, secret: false };
        let form = Form::new(self.sx, "", vec![field], check);
        // What was typed about another one is not this one\'s.
        form.clear();
        crate::browser::focus_soon("rfc");
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
                        self.acts.say(fill(t.assigned, &[&payment.reference]));
                        self.again();
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
                    <p>{t.assign_lead}</p>
                    {text_field(form.label(0, None), Kind::Code, form.control(0))}
                    <div class="row tight">{submit}{cancel}</div>
                </form>
            </section>
        }
        .into_any()
    }
}
