//! The invoices that this browser may open: their files, and their letter once more.
use leptos::prelude::*;
use shared::billing::InvoiceState;
use shared::guests::{MyInvoice, MyReceptors};

use super::{Shown, View};
use crate::account::api as mine;
use crate::account::i18n::mine::Mine;
use crate::account::i18n::texts;
use crate::api;
use crate::app::Page as GuestPage;
use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::icon::{Icon, icon};
use crate::components::live::press;
use crate::format;
use crate::i18n::fill;
use crate::pages::frame::card;
use crate::session::Load;
use crate::signed::list::{Column, badge, cell, narrow, table};

const MINUTE_MS: f64 = 60_000.0;

/// Who is there, and for how long.
pub fn open_until(t: &Mine, kept: &MyReceptors) -> String {
    let left = browser::instant_ms(&kept.expires_at).map(|end| ((end - browser::now_ms()) / MINUTE_MS).max(0.0).ceil());
    fill(t.lead_list, &[&kept.email, &left.unwrap_or_default().to_string()])
}

/// The table, or why there is none.
pub fn table_of(view: View, shown: &Shown) -> AnyView {
    let px = view.px;
    let (all, t) = (texts(px), &texts(px).mine);
    if shown.rows.is_empty() {
        return card(empty(2, t.none.to_owned(), vec![t.none_remedy.to_owned()], Vec::new()));
    }
    let columns =
        [Column(t.number, "", ""), Column(t.day, "", "2"), Column(t.branch, "", "2"), Column(t.state, "", "2")];
    let [number, day, branch, state] = columns;
    let columns = [number, day, branch, state, Column(t.total, "num", ""), Column("", "ctl", "")];
    let rows = shown.rows.iter().map(|invoice| row(view, &columns, invoice)).collect();
    let more = shown.next.clone().map(|cursor| {
        let more = move || more(view, cursor.clone());
        button::act_busy("btn btn--2 btn--sm", px.cx.t().shell.more, view.acts.busy(), px.cx.t().shell.loading, more)
    });
    table(&all.acts, t.caption, &columns, rows, more)
}

/// The next rows, after those that are there.
fn more(view: View, cursor: String) {
    let px = view.px;
    let ask = async move { mine::invoices(px, Some(&cursor)).await };
    view.acts.run(ask, move |page| {
        view.face.update(|face| {
            if let Load::Ready(shown) = face {
                shown.rows.extend(page.data);
                shown.next = page.next_cursor;
            }
        });
    });
}

fn row(view: View, columns: &[Column], invoice: &MyInvoice) -> AnyView {
    let t = &texts(view.px).mine;
    let day = format::day(&invoice.requested_at.civil);
    let stamped = invoice.state == InvoiceState::Stamped;
    let (tone, state) = if stamped { ("ok", t.stamped) } else { ("warn", t.waiting) };
    let href = view.px.cx.href(GuestPage::Invoice(invoice.id));
    let number = view! { <a href=href>{invoice.number.clone()}</a> }.into_any();
    let about = [&day, " · ", &invoice.branch_name].concat();
    let total = narrow(format::money(&invoice.total, &invoice.currency).into_any(), state.to_owned());
    let [_, of_day, of_branch, of_state, of_total, of_acts] = columns else { return ().into_any() };
    view! {
        <tr>
            <th scope="row">{narrow(number, about)}</th>
            {cell(of_day, day.into_any())}
            {cell(of_branch, invoice.branch_name.clone().into_any())}
            {cell(of_state, badge(tone, state))}
            {cell(of_total, total)}
            {cell(of_acts, if stamped { files(view, invoice) } else { ().into_any() })}
        </tr>
    }
    .into_any()
}

fn files(view: View, invoice: &MyInvoice) -> AnyView {
    let px = view.px;
    let t = &texts(px).mine;
    let (id, number) = (invoice.id, invoice.number.clone());
    let name = |words: &str| fill(words, &[&number]);
    let file = |address: String, words: &str, picture: Icon| {
        view! { <a class="btn btn--icon" href=address download="" rel="external" aria-label=name(words)>{icon(picture)}</a> }
            .into_any()
    };
    let mail = move || {
        view.acts.run(async move { mine::mail_again(px, id).await }, move |sent| {
            view.acts.say(fill(t.mailed, &[&sent.email]));
        });
    };
    view! {
        <span class="pair">
            {file(api::pdf_address(id), t.pdf, Icon::FileText)}
            {file(api::xml_address(id), t.xml, Icon::FileCode)}
            <button class="btn btn--icon only-desk" type="button" aria-label=name(t.mail) on:click=press(mail)>{icon(Icon::Mail)}</button>
        </span>
    }
    .into_any()
}
