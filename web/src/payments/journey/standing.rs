//! How a payment stands: the state first, in words, then what identifies it, then what can be done.
use crate::payments::words::texts;
use leptos::prelude::*;
use shared::payments::{PaymentLineView, PaymentState, PaymentView};

use super::outcome::{is_asked, is_awaited, is_transfer, must_transfer, outcome_of, warning};
use super::{Asking, Return, bank, proofs};
use crate::components::button;
use crate::components::facts::{fact, facts};
use crate::components::failed::failed;
use crate::components::icon::drawing;
use crate::components::live::{mark, part, press, words};
use crate::components::note::{Tone as NoteTone, note};
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::pages::frame::card;
use crate::payments::balances::is_payer;
use crate::payments::copy::copy;
use crate::portal::api::documents::{self, File};
use crate::portal::app::Page;
use crate::portal::icons;
use crate::portal::session::Px;

/// The payment.
pub fn shown(px: Px, back: Return, payment: &PaymentView) -> AnyView {
    let t = &texts(px).payment;
    let (said, tone) = outcome_of(t, payment);
    let bank = payment.bank_name.as_str();
    let title = fill(said.title, &[bank]);
    px.set_title(&title);
    let amount = format::money(&payment.amount, &payment.currency);
    let safe = warning(t, payment).map(|words| note(NoteTone::Waits, None, words.to_owned()));
    let asking = is_asked(payment).then(|| asking(px, back));
    let content = view! {
        <div class="card__body">
            <div class="stamped" role="status">
                <span class=tone.badge()>{said.badge}</span>
                <h1>{title.clone()}</h1>
                <p class="amount">{amount}</p>
                <p>{fill(said.lead, &[bank])}</p>
            </div>
            <div class="stack">
                {safe}
                {asking}
                {part(move || back.trouble())}
                {known(px, payment)}
                {ways(px, back, payment)}
            </div>
        </div>
    };
    card(content.into_any())
}

/// Whether the server is still asked, and a way to ask it now.
fn asking(px: Px, back: Return) -> AnyView {
    let t = &texts(px).payment;
    let said = words(move || {
        Some(match back.asking.get() {
            Asking::Soon | Asking::Hidden => t.asking.to_owned(),
            Asking::Stopped => t.stopped_asking.to_owned(),
            Asking::Over => String::new(),
        })
    });
    let now = part(move || {
        let stopped = back.asking.get() == Asking::Stopped;
        stopped.then(|| button::act("btn btn--2 btn--sm", t.look_now, move || back.ask()))
    });
    view! { <div class="support"><span role="status">{said}</span>{now}</div> }.into_any()
}

fn known(px: Px, payment: &PaymentView) -> AnyView {
    let t = &texts(px).payment;
    let lines: Vec<AnyView> = payment.lines.iter().map(|line| invoice(px, line)).collect();
    let invoices = view! { <ul class="lines lines--plain">{lines}</ul> }.into_any();
    let mut rows = vec![
        fact(t.reference, payment.reference.clone(), "num", Some(copy(px, t.reference, payment.reference.clone()))),
        fact(t.bank, payment.bank_name.clone(), "", None),
    ];
    if is_transfer(payment) {
        rows.extend(transfer(px, payment));
    }
    if let Some(until) = payment.expires_at.as_ref().filter(|_| must_transfer(payment)) {
        let day = fill(t.until, &[&px.date_time(&until.civil)]);
        rows.push(fact(t.time_left, day, "num", None));
    }
    if let Some(reference) = &payment.bank_reference {
        rows.push(fact(t.bank_reference, reference.clone(), "num", None));
    }
    if let Some(forma) = &payment.forma_de_pago {
        rows.push(fact(t.forma, [forma.code.as_str(), " ", &forma.name].concat(), "", None));
    }
    rows.push(fact(t.company, payment.issuer_name.clone(), "", None));
    if let Some(ordered) = &payment.ordered {
        rows.push(fact(t.ordered, format::money(ordered, &payment.currency), "num", None));
    }
    rows.push(fact(t.when, px.date_time(&payment.paid_at.civil), "num", None));
    rows.push(view! { <div><dt>{t.invoices}</dt><dd>{invoices}</dd></div> }.into_any());
    if let Some(unapplied) = &payment.unapplied {
        let more = view! { <span class="sm muted">{t.unapplied_more}</span> }.into_any();
        rows.push(fact(t.unapplied, format::money(unapplied, &payment.currency), "num", Some(more)));
    }
    if let Some(returned) = &payment.returned {
        rows.push(fact(t.returned, format::money(returned, &payment.currency), "num", None));
    }
    if let Some(at) = &payment.reversed_at {
        rows.push(fact(t.returned_on, px.date_time(&at.civil), "num", None));
    }
    facts(rows)
}

/// What the transfer must carry, each part ready to be copied.
fn transfer(px: Px, payment: &PaymentView) -> Vec<AnyView> {
    let t = &texts(px).payment;
    let fields = payment.redirect.iter().flat_map(|redirect| &redirect.fields);
    let rows = fields.filter_map(|field| {
        let label = match field.name.as_str() {
            "clabe" => t.clabe,
            "bank" => t.account_bank,
            "beneficiary" => t.beneficiary,
            "reference" => t.concept,
            "amount" => t.amount,
            _ => return None,
        };
        let value = field.value.clone();
        (!value.is_empty()).then(|| fact(label, value.clone(), "num", Some(copy(px, label, value))))
    });
    rows.collect()
}

/// An invoice, what it is paid in its own currency, and the pesos of that at its rate.
fn invoice(px: Px, line: &PaymentLineView) -> AnyView {
    let t = &texts(px).payment;
    let number = match line.document_id {
        Some(id) => view! { <a href=px.href(Page::Document(id))>{line.number.clone()}</a> }.into_any(),
        None => line.number.clone().into_any(),
    };
    let partial = line.partial.then(|| view! { " "<span class="muted">{["(", t.partial, ")"].concat()}</span> });
    let own = line.rate.as_ref().map(|rate| {
        let words = fill(t.at_rate, &[&format::money(&line.amount, &line.currency), rate]);
        view! { <small class="muted">{words}</small> }
    });
    view! {
        <li>
            <span>{number}{partial}{own}</span>
            <span class="num">{format::money(&line.amount_mxn, "MXN")}</span>
        </li>
    }
    .into_any()
}

fn ways(px: Px, back: Return, payment: &PaymentView) -> AnyView {
    let t = &texts(px).payment;
    let payer = is_payer(px);
    let to_bank = payment
        .redirect
        .as_ref()
        .filter(|_| payer && is_awaited(payment) && !is_transfer(payment))
        .map(|redirect| bank::open(fill(t.back_to_bank, &[&payment.bank_name]), "btn", redirect));
    let give_up = (payer && payment.can_cancel).then(|| back.give_up("btn btn--quiet"));
    let retry = (payer && payment.can_retry).then(|| retry(px, back, payment));
    let words = if retry.is_some() { t.other_way } else { t.again };
    let again = (payer && payment.safe_to_pay_again && payment.state != PaymentState::Confirmed)
        .then(|| button::act("btn btn--2", words, move || back.again()));
    let first = to_bank.is_none() && retry.is_none();
    let history = button::link(if first { "btn" } else { "btn btn--2" }, px.href(Page::History), t.history);
    let to_balances = again.is_none().then(|| button::link("btn btn--quiet", px.href(Page::Balances), t.balances));
    view! {
        {receipt(px, payment)}
        {proofs::panel(px, payment)}
        <div class="actions">{to_bank}{retry}{again}{history}{to_balances}{give_up}</div>
    }
    .into_any()
}

/// Another trip to the same bank with the same invoices.
fn retry(px: Px, back: Return, payment: &PaymentView) -> AnyView {
    let t = &texts(px).payment;
    let (bank, label) = (payment.bank, fill(t.retry, &[&payment.bank_name]));
    let said = words(move || Some(if back.retrying.get() { t.retrying.to_owned() } else { label.clone() }));
    view! {
        <button
            class="btn"
            type="button"
            aria-busy=mark("true", move || back.retrying.get())
            on:click=press(move || back.retry(bank))
        >
            {said}
        </button>
    }
    .into_any()
}

/// The recibo, once it is made.
fn receipt(px: Px, payment: &PaymentView) -> Option<AnyView> {
    let t = &texts(px).payment;
    let id = payment.receipt_document_id?;
    let busy = RwSignal::new(false);
    let stopped = RwSignal::new(None);
    let take = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        stopped.set(None);
        leptos::task::spawn_local(async move {
            let answer = documents::download(px.client, id, File::Pdf).await;
            busy.try_set(false);
            if let Err(failure) = answer {
                stopped.try_set(Some(failure));
            }
        });
    };
    let said = part(move || {
        let failure = stopped.get()?;
        Some(failed(failure::face(px.cx.t(), &failure), Vec::new()))
    });
    let view = view! {
        {said}
        <p>
            <button
                class="btn btn--2"
                type="button"
                aria-busy=mark("true", move || busy.get())
                on:click=press(take)
            >
                {drawing(icons::DOWNLOAD)}{t.receipt}
            </button>
        </p>
    };
    Some(view.into_any())
}
