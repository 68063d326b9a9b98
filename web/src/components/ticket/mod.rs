//! The paper ticket, drawn with the shop's own words around invented values; one datum may be lit.
use leptos::prelude::*;
use shared::issuers::TicketPicture;

use crate::components::live::mark;

/// A datum that can be lit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Datum {
    Order,
    Ticket,
    Total,
    Payment,
}

/// Draws the ticket.
pub fn ticket(picture: &TicketPicture, lit: Signal<Option<Datum>>) -> AnyView {
    let example = &picture.example;
    let lines: Vec<AnyView> = example.lines.iter().map(|(words, amount)| pair(words, amount)).collect();
    view! {
        <div class="ticket-wrap"><div class="ticket" lang="es">
            {centred(&picture.head, true)}
            <hr/>
            <dl>
                {row(&picture.date_label, &example.date, None, lit)}
                {row(&picture.order_label, &example.order, Some(Datum::Order), lit)}
                {row(&picture.ticket_label, &example.ticket, Some(Datum::Ticket), lit)}
            </dl>
            <hr/>
            <dl>{lines}</dl>
            <hr/>
            <dl>
                {pair("SUBTOTAL", &example.subtotal)}
                {pair(&example.tax.0, &example.tax.1)}
                {row(&picture.total_label, &example.total, Some(Datum::Total), lit)}
                {row(&picture.payment_label, &example.payment, Some(Datum::Payment), lit)}
            </dl>
            <hr/>
            {centred(&picture.foot, false)}
        </div></div>
    }
    .into_any()
}

fn centred(lines: &[String], bold_first: bool) -> AnyView {
    let line = |(n, words): (usize, &String)| {
        let words = words.clone();
        let words = if n == 0 && bold_first { view! { <b>{words}</b> }.into_any() } else { words.into_any() };
        view! { {(n > 0).then(|| view! { <br/> })}{words} }.into_any()
    };
    let lines: Vec<AnyView> = lines.iter().enumerate().map(line).collect();
    view! { <p class="ticket__c">{lines}</p> }.into_any()
}

fn pair(words: &str, amount: &str) -> AnyView {
    view! { <dt>{words.to_owned()}</dt><dd>{amount.to_owned()}</dd> }.into_any()
}

fn row(words: &str, value: &str, datum: Option<Datum>, lit: Signal<Option<Datum>>) -> AnyView {
    let class = if datum == Some(Datum::Total) { "hl big" } else { "hl" };
    let is_lit = mark("", move || datum.is_some() && lit.get() == datum);
    view! {
        <div class=class data-hl=is_lit>
            <dt>{words.to_owned()}</dt>
            <dd>{value.to_owned()}</dd>
        </div>
    }
    .into_any()
}
