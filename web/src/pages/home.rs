//! The first page: the door for a paper ticket, the one for customers and, in a rehearsal, everything there is to try.
use leptos::prelude::*;
use shared::issuers::{TicketExample, TicketPicture};
use shared::rehearsal::RehearsalView;

use crate::api;
use crate::app::{MAIN, Page};
use crate::components::button;
use crate::components::failed::{FailedText, failed};
use crate::components::live::part;
use crate::components::skeleton::skeleton;
use crate::components::ticket::ticket as drawn_ticket;
use crate::pages::failure;
use crate::pages::frame::{MINE, brand, foot};
use crate::pages::rehearsal::begin_with;
use crate::scan::scan_button;
use crate::session::{Cx, Load, load};

/// The page.
pub fn page(cx: Cx) -> AnyView {
    let t = &cx.t().home;
    cx.set_title(t.start);
    let rehearsal = cx.with_issuer(|issuer| issuer.rehearsal).unwrap_or_default();
    view! {
        <div class="auth">
            <div class="auth__form">
                <header>{brand(cx)}</header>
                <main class="auth__box" id=MAIN tabindex="-1">
                    <h1>{t.title}</h1>
                    <p class="lead">{t.lead}</p>
                    <div class="door">
                        {button::link("btn btn--lg", cx.href(Page::Branch), t.start)}
                        {scan_button(cx, "btn btn--2 btn--lg")}
                        {button::link("btn btn--2 btn--lg", cx.customers("/entrar"), t.customers)}
                    </div>
                    <p><a href=cx.customers(MINE)>{cx.t().shell.my_invoices}</a></p>
                    {rehearsal.then(|| rehearse(cx))}
                </main>
                {foot(cx, "foot")}
            </div>
            <div class="auth__door auth__door--picture" aria-hidden="true">{picture(cx)}</div>
        </div>
    }
    .into_any()
}

/// An invented ticket under the issuer's name.
pub fn picture(cx: Cx) -> AnyView {
    let p = &cx.t().home.picture;
    let name = cx.with_issuer(|issuer| issuer.commercial_name.to_uppercase()).unwrap_or_default();
    let lines = p.lines.iter().map(|(words, amount)| ((*words).to_owned(), (*amount).to_owned())).collect();
    let sample = TicketPicture {
        head: vec![name],
        date_label: p.date.to_owned(),
        order_label: p.order.to_owned(),
        ticket_label: p.ticket.to_owned(),
        total_label: p.total.to_owned(),
        payment_label: p.payment.to_owned(),
        example: TicketExample {
            date: "18/11/2026 17:42".to_owned(),
            order: "4471-20983".to_owned(),
            ticket: "0048213".to_owned(),
            lines,
            subtotal: "743.97".to_owned(),
            tax: (p.tax.to_owned(), "119.03".to_owned()),
            total: "$863.00".to_owned(),
            payment: p.example_payment.to_owned(),
        },
        foot: vec![p.foot.to_owned()],
    };
    drawn_ticket(&sample, Signal::derive(|| None))
}

fn rehearse(cx: Cx) -> AnyView {
    let t = cx.words();
    let face = RwSignal::new(Load::Loading);
    load(face, api::rehearsal());
    let again = move || {
        face.set(Load::Loading);
        load(face, api::rehearsal());
    };
    let content = part(move || {
        Some(face.with(|face| match face {
            Load::Loading => skeleton(t.shell.loading, 1),
            Load::Failed(failure) => {
                let again = button::act("btn btn--2 btn--sm", t.failure.try_again, again);
                failed(failure::face(t, failure), vec![again])
            }
            Load::Ready(rehearsal) => offer(cx, rehearsal),
        }))
    });
    view! {
        <section class="rehearse stack stack-3" aria-labelledby="rehearse">
            <h2 id="rehearse">{t.home.rehearse}</h2>
            <p class="sm muted">{t.home.rehearse_lead}</p>
            {content}
        </section>
    }
    .into_any()
}

fn offer(cx: Cx, rehearsal: &RehearsalView) -> AnyView {
    let t = &cx.t().home;
    let busy = RwSignal::new(false);
    let stopped = RwSignal::new(None::<FailedText>);
    let first = match rehearsal.tickets.first().cloned() {
        Some(ticket) => {
            let press = move || begin_with(cx, ticket.clone(), busy, stopped);
            button::act_busy("btn btn--2", t.sample, busy.into(), t.sample_busy, press)
        }
        None => view! { <p class="sm muted">{t.no_samples}</p> }.into_any(),
    };
    // Swagger UI is the server's own page, not one of these.
    let docs = rehearsal.api_docs.clone();
    let mailbox =
        rehearsal.mailbox.is_some().then(|| view! { <li><a href=cx.href(Page::Mailbox)>{t.mailbox}</a></li> });
    view! {
        {first}
        {part(move || stopped.get().map(|text| failed(text, Vec::new())))}
        <ul class="links">
            <li><a href=cx.href(Page::Rehearsal)>{t.all_samples}</a></li>
            {mailbox}
            <li><a href=docs rel="external">{t.api_docs}</a></li>
        </ul>
    }
    .into_any()
}
