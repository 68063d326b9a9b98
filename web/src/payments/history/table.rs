//! The rows of the history and what all of them come to.
use crate::payments::words::texts;
use leptos::prelude::*;
use shared::payments::{PaymentLineView, PaymentView};
use shared::profiles::History;
use uuid::Uuid;

use super::{Book, Found};
use crate::api::ApiFailure;
use crate::components::button;
use crate::components::failed::failed;
use crate::components::icon::{Icon, icon};
use crate::components::live::{mark, part, press};
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::payments::journey::outcome::outcome_of;
use crate::portal::api::documents::{self, File};
use crate::portal::app::Page;

/// Invoices named in a row; of more, how many.
const NAMED: usize = 3;

/// A receipt being saved, and the last that could not be.
#[derive(Clone, Copy)]
struct Receipts {
    now: RwSignal<Option<Uuid>>,
    stopped: RwSignal<Option<ApiFailure>>,
}

/// The table with its foot.
pub fn table(book: Book, found: &Found) -> AnyView {
    let px = book.px;
    let t = &texts(px).history;
    let receipts = Receipts { now: RwSignal::new(None), stopped: RwSignal::new(None) };
    let rows: Vec<AnyView> = match px.profile().history {
        History::PerPayment => found.rows.iter().map(|row| payment(book, receipts, row)).collect(),
        History::PerAllocation => found.rows.iter().flat_map(|row| allocations(book, receipts, row)).collect(),
    };
    let stopped = part(move || {
        let failure = receipts.stopped.get()?;
        let text = failed(failure::face(px.cx.t(), &failure), Vec::new());
        Some(view! { <div class="card__body">{text}</div> }.into_any())
    });
    let th = |words: &'static str, class: &'static str, p: &'static str| {
        let p = (!p.is_empty()).then_some(p);
        view! { <th scope="col" class=class data-p=p>{words}</th> }.into_any()
    };
    view! {
        {stopped}
        <div class="tbl-scroll">
            <table class="tbl">
                <caption class="vh">{t.list}</caption>
                <thead><tr>
                    {th(t.paid_at, "", "")}
                    {th(t.reference, "", "2")}
                    {th(t.bank_reference, "", "2")}
                    {th(t.invoices, "", "2")}
                    {th(t.state, "", "2")}
                    {th(t.amount, "num", "")}
                    <th scope="col"><span class="vh">{t.receipt}</span></th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {foot(book, found)}
    }
    .into_any()
}

/// What a row says of money: all of a payment, or the part that one invoice got.
struct Part {
    paid: String,
    amount: String,
    /// What was ordered, where another amount came.
    ordered: Option<AnyView>,
    receipt: Option<AnyView>,
}

fn payment(book: Book, receipts: Receipts, row: &PaymentView) -> AnyView {
    let ordered = row.ordered.as_ref().map(|ordered| {
        let words = [texts(book.px).payment.ordered, " ", &format::amount(ordered)].concat();
        view! { <span class="sub">{words}</span> }.into_any()
    });
    let whole = Part {
        paid: invoices(book, row),
        amount: format::amount(&row.amount),
        ordered,
        receipt: receipt(book, receipts, row),
    };
    tr(book, row, whole)
}

/// A row for each invoice (K34). Its receipt stands once, and so does money that no invoice got yet.
fn allocations(book: Book, receipts: Receipts, row: &PaymentView) -> Vec<AnyView> {
    if row.lines.is_empty() {
        return vec![payment(book, receipts, row)];
    }
    let part = |(index, line): (usize, &PaymentLineView)| Part {
        paid: line.number.clone(),
        amount: format::amount(&line.amount_mxn),
        ordered: None,
        receipt: (index == 0).then(|| receipt(book, receipts, row)).flatten(),
    };
    let rest = row.unapplied.as_ref().map(|unapplied| Part {
        paid: texts(book.px).payment.unapplied.to_owned(),
        amount: format::amount(unapplied),
        ordered: None,
        receipt: None,
    });
    row.lines.iter().enumerate().map(part).chain(rest).map(|part| tr(book, row, part)).collect()
}

fn tr(book: Book, row: &PaymentView, part: Part) -> AnyView {
    let px = book.px;
    let (said, tone) = outcome_of(&texts(px).payment, row);
    let bank = row.bank_reference.clone().unwrap_or_else(|| row.bank_name.clone());
    let Part { paid, amount, ordered, receipt } = part;
    let under = [row.reference.as_str(), " · ", &bank].concat();
    // Day and time on lines of their own.
    let at = px.date_time(&row.paid_at.civil);
    let (day, time) = at.split_once(' ').unwrap_or((&at, ""));
    view! {
        <tr>
            <th scope="row">
                <a href=px.href(Page::Payment(row.id))><time>{day.to_owned()}</time></a>
                <span class="sub">{time.to_owned()}</span>
                <span class="sub sub--phone">{under}</span>
                <span class="sub sub--phone">{paid.clone()}</span>
            </th>
            <td data-p="2">{row.reference.clone()}</td>
            <td data-p="2">{bank}</td>
            <td class="txt" data-p="2">{paid}</td>
            <td data-p="2"><span class=tone.badge()>{said.badge}</span></td>
            <td class="num b">{amount}{ordered}<span class="sub sub--phone">{said.badge}</span></td>
            <td class="ctl">{receipt}</td>
        </tr>
    }
    .into_any()
}

/// The invoices of a payment, each with what it was paid when that is not all of the row.
fn invoices(book: Book, row: &PaymentView) -> String {
    let t = &texts(book.px).history;
    let several = row.lines.len() > 1;
    let one = |line: &PaymentLineView| match several {
        true => [line.number.as_str(), " ", &format::amount(&line.amount_mxn)].concat(),
        false => line.number.clone(),
    };
    let named = row.lines.iter().take(NAMED).map(one).collect::<Vec<String>>().join(", ");
    match row.lines.len().saturating_sub(NAMED) {
        0 => named,
        more => fill(t.and_more, &[&named, &more.to_string()]),
    }
}

fn receipt(book: Book, receipts: Receipts, row: &PaymentView) -> Option<AnyView> {
    let id = row.receipt_document_id?;
    let px = book.px;
    let name = fill(texts(px).history.receipt_of, &[&row.reference]);
    let busy = move || receipts.now.with(|now| *now == Some(id));
    let take = move || {
        if receipts.now.with_untracked(Option::is_some) {
            return;
        }
        receipts.now.set(Some(id));
        receipts.stopped.set(None);
        leptos::task::spawn_local(async move {
            let answer = documents::download(px.client, id, File::Pdf).await;
            receipts.now.try_set(None);
            if let Err(failure) = answer {
                receipts.stopped.try_set(Some(failure));
            }
        });
    };
    let drawn = part(move || Some(icon(if busy() { Icon::Spinner } else { Icon::FileText })));
    let view = view! {
        <button
            class="btn btn--icon"
            type="button"
            aria-label=name
            aria-busy=mark("true", busy)
            on:click=press(take)
        >
            {drawn}
        </button>
    };
    Some(view.into_any())
}

fn foot(book: Book, found: &Found) -> AnyView {
    let t = &texts(book.px).history;
    let common = book.px.cx.t();
    let totals = &found.totals;
    let is_some = totals.unapplied.chars().any(|c| matches!(c, '1'..='9'));
    let unapplied = is_some.then(|| {
        let amount = format::amount(&totals.unapplied);
        view! { " · "{texts(book.px).payment.unapplied}": "<b class="num">{amount}</b> }
    });
    let more = found.next.is_some().then(|| {
        let before = found.clone();
        let more = move || book.more(before.clone());
        button::act_busy("btn btn--2 btn--sm", common.shell.more, book.busy.into(), common.shell.loading, more)
    });
    view! {
        <div class="tbl-foot">
            <span>{format::plural(totals.count, t.count_one, t.count)}</span>
            {more}
            <span>
                {t.applied}": "<b class="num">{format::amount(&totals.applied)}</b>
                " · "{t.in_transit}": "<b class="num">{format::amount(&totals.in_transit)}</b>
                {unapplied}
            </span>
        </div>
    }
    .into_any()
}
