//! The question before the bank (K26): how many, how much, with whom. To cancel keeps the selection (K27); to accept
//! orders the payment once, however often the button is pressed or the network fails.
use crate::payments::words::texts;
use leptos::html::Dialog;
use leptos::prelude::*;
use shared::Problem;
use shared::payments::{BankCode, BankOffer, CreatePayment, PaymentView};
use shared::problem::ProblemCode;
use shared::problem_text;
use uuid::Uuid;

use super::desk::Desk;
use super::kept;
use super::picks::{Line, Purse};
use super::table::transit_words;
use crate::api::ApiFailure;
use crate::components::button;
use crate::components::failed::{FailedText, failed};
use crate::components::live::part;
use crate::components::note::{Tone, note};
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::payments::journey::bank;
use crate::portal::api::payments;
use crate::portal::app::Page;

/// Lines named in the dialog; of more, how many.
const NAMED: usize = 6;

/// The dialog.
#[derive(Clone, Copy)]
pub struct Confirm {
    desk: Desk,
    bank: RwSignal<Option<BankOffer>>,
    busy: RwSignal<bool>,
    stopped: RwSignal<Option<FailedText>>,
}

impl Confirm {
    /// Closed.
    pub fn new(desk: Desk) -> Confirm {
        Confirm { desk, bank: RwSignal::new(None), busy: RwSignal::new(false), stopped: RwSignal::new(None) }
    }

    /// Asks whether to pay with a bank.
    pub fn ask(self, bank: BankOffer) {
        self.stopped.set(None);
        self.bank.set(Some(bank));
    }

    fn close(self) {
        // What is on its way decides where to go next.
        if !self.busy.get_untracked() {
            self.bank.set(None);
        }
    }

    fn send(self) {
        let Some(bank) = self.bank.get_untracked().filter(|_| !self.busy.get_untracked()) else { return };
        let desk = self.desk;
        let issuer = desk.issuer();
        let Some(order) = desk.picks.with_untracked(|picks| picks.order(&issuer, bank.bank.as_str())) else { return };
        let key = desk.change(|picks| picks.key_of(&order, Uuid::new_v4()));
        self.busy.set(true);
        self.stopped.set(None);
        leptos::task::spawn_local(async move {
            let answer = payments::order(desk.px.client, key, &order).await;
            let gone = self.busy.try_set(false).is_some();
            match answer {
                // The person went elsewhere meanwhile: the payment waits in the history, and nobody is led to a bank.
                Ok(payment) if gone => kept::change(desk.px, |picks| picks.taken(&payment)),
                Ok(payment) => self.leave(&payment),
                Err(_) if gone => {}
                Err(failure) => self.refused(&order, &failure),
            }
        });
    }

    fn leave(self, payment: &PaymentView) {
        let px = self.desk.px;
        self.desk.change(|picks| picks.taken(payment));
        self.bank.set(None);
        bank::hand_over(px, payment);
        px.go(Page::Payment(payment.id));
    }

    fn refused(self, order: &CreatePayment, failure: &ApiFailure) {
        let t = &texts(self.desk.px).balances;
        // A refusal is kept under its key: what is sent next is another order.
        if failure.settled().is_some() {
            self.desk.change(|picks| picks.sent = None);
        }
        let mut text = failure::face(self.desk.px.cx.t(), failure);
        if let ApiFailure::Problem(problem) = failure {
            match problem.code {
                ProblemCode::BalancesChanged => {
                    let ids: Vec<Uuid> = order.lines.iter().map(|line| line.receivable_id).collect();
                    self.desk.changed(&ids, &problem.balances);
                    let lost = self.desk.lost.get_untracked();
                    if !lost.is_empty() {
                        text.words.push(fill(t.lost, &[&lost.join(", ")]));
                    }
                }
                ProblemCode::InvalidFields => text.words.extend(self.lines_of(order, problem)),
                _ => {}
            }
        }
        self.stopped.set(Some(text));
    }

    /// What is wrong, by the numbers of the invoices.
    fn lines_of(self, order: &CreatePayment, problem: &Problem) -> Vec<String> {
        let lang = self.desk.px.common().lang;
        let number = |pointer: &str| {
            let place: usize = pointer.strip_prefix("/lines/")?.split('/').next()?.parse().ok()?;
            let id = order.lines.get(place)?.receivable_id;
            self.desk.picks.with_untracked(|picks| picks.line(&order.issuer, id).map(|line| line.number.clone()))
        };
        let said = |error: &shared::FieldError| {
            let words = problem_text::field(error.code, lang);
            match number(&error.pointer) {
                Some(number) => [number.as_str(), ": ", words].concat(),
                None => words.to_owned(),
            }
        };
        problem.errors.iter().map(said).collect()
    }

    /// Draws it.
    pub fn dialog(self) -> AnyView {
        let node = NodeRef::<Dialog>::new();
        Effect::new(move |_| {
            let shown = self.bank.with(Option::is_some);
            if let Some(dialog) = node.get() {
                match (shown, dialog.open()) {
                    (true, false) => drop(dialog.show_modal()),
                    (false, true) => dialog.close(),
                    _ => {}
                }
            }
        });
        let held = move |event: leptos::ev::Event| {
            if self.busy.get_untracked() {
                event.prevent_default();
            }
        };
        view! {
            <dialog
                class="dialog"
                node_ref=node
                aria-labelledby="confirm-title"
                on:cancel=held
                on:close=move |_| self.bank.set(None)
            >
                {part(move || self.bank.get().map(|bank| self.body(bank)))}
            </dialog>
        }
        .into_any()
    }

    fn body(self, bank: BankOffer) -> AnyView {
        let t = &texts(self.desk.px).balances.confirm;
        let is_transfer = bank.bank == BankCode::Spei;
        let other_banks = (bank.other_banks && !is_transfer).then(|| {
            let words = fill(texts(self.desk.px).balances.other_banks, &[&bank.name]);
            view! { <p class="sm muted">{words}</p> }
        });
        let stopped = part(move || self.stopped.get().map(|text| failed(text, Vec::new())));
        let more = if is_transfer { t.transfer_note.to_owned() } else { fill(t.bank_note, &[&bank.name]) };
        let lines = self.lines(bank.name.clone());
        let foot = part(move || Some(self.foot(&bank)));
        view! {
            <div class="dialog__body">
                <h2 id="confirm-title" tabindex="-1" autofocus>{t.title}</h2>
                {stopped}
                {lines}
                {note(Tone::Info, None, more)}
                {other_banks}
            </div>
            <div class="dialog__foot">{button::act("btn btn--2", t.cancel, move || self.close())}{foot}</div>
        }
        .into_any()
    }

    /// The lines and their total, anew when the balances changed under the dialog.
    fn lines(self, bank: String) -> AnyView {
        let t = &texts(self.desk.px).balances;
        part(move || {
            let issuer = self.desk.issuer();
            self.desk.picks.with(|picks| {
                let lines = picks.lines(&issuer);
                if lines.is_empty() {
                    return Some(view! { <p>{t.confirm.nothing_left}</p> }.into_any());
                }
                let named: Vec<AnyView> = lines.iter().take(NAMED).map(|line| self.line(line)).collect();
                let rest = lines.len().saturating_sub(NAMED);
                let rest = (rest > 0).then(|| {
                    view! { <li class="muted">{fill(t.confirm.more_lines, &[&rest.to_string()])}</li> }
                });
                let count = format::plural(u64::try_from(lines.len()).unwrap_or_default(), t.invoices_one, t.invoices);
                let total = picks.total(&issuer).0.to_decimal_string();
                let under_way: Vec<AnyView> =
                    lines.iter().filter_map(|line| self.under_way(line)).take(NAMED).collect();
                let view = view! {
                    {under_way}
                    <ul class="lines">{named}{rest}</ul>
                    <div class="total">
                        <span>{t.confirm.total}<br/><small>{fill(t.confirm.with, &[&count, &bank])}</small></span>
                        <b>{format::money(&total, "MXN")}</b>
                    </div>
                };
                Some(view.into_any())
            })
        })
    }

    /// Another payment of the same invoice is on its way: a second one may be meant, and may be a mistake.
    fn under_way(self, line: &Line) -> Option<AnyView> {
        let t = &texts(self.desk.px).balances.confirm;
        let known: Vec<String> =
            line.transits.iter().map(|transit| transit_words(self.desk.px, transit, &line.currency, true)).collect();
        let words = fill(t.under_way, &[&line.number, &known.join("; ")]);
        (!known.is_empty()).then(|| note(Tone::Waits, None, words))
    }

    fn line(self, line: &Line) -> AnyView {
        let t = &texts(self.desk.px).balances.confirm;
        let (amount, rest) = match line.paid() {
            Ok(paid) => {
                let available = shared::fiscal::Amount::parse(line.most(Purse::Mxn), paid.mxn.currency()).ok();
                let rest = available.filter(|_| !paid.all).and_then(|all| all.checked_sub(paid.mxn).ok());
                let rest = rest.map(|rest| fill(t.partial, &[&format::amount(&rest.to_decimal_string())]));
                (format::amount(&paid.mxn.to_decimal_string()), rest)
            }
            Err(_) => ("—".to_owned(), None),
        };
        let rest = rest.map(|rest| view! { " "<span class="muted">{rest}</span> });
        view! { <li><span>{line.number.clone()}{rest}</span><span class="num">{amount}</span></li> }.into_any()
    }

    fn foot(self, bank: &BankOffer) -> AnyView {
        let t = &texts(self.desk.px).balances.confirm;
        let issuer = self.desk.issuer();
        let (total, ready) = self.desk.picks.with(|picks| {
            let (total, wrong) = picks.total(&issuer);
            (total.to_decimal_string(), wrong.is_none() && !picks.lines(&issuer).is_empty())
        });
        if !ready {
            return ().into_any();
        }
        let total = format::money(&total, "MXN");
        let words = match bank.bank {
            BankCode::Spei => fill(t.go_transfer, &[&total]),
            _ => fill(t.go, &[&bank.name, &total]),
        };
        let content = part(move || {
            Some(match self.busy.get() {
                true => {
                    let spinner = crate::components::icon::icon(crate::components::icon::Icon::Spinner);
                    view! { {spinner}{t.going} }.into_any()
                }
                false => words.clone().into_any(),
            })
        });
        let busy = crate::components::live::mark("true", move || self.busy.get());
        let send = crate::components::live::press(move || self.send());
        view! { <button class="btn" type="button" aria-busy=busy on:click=send>{content}</button> }.into_any()
    }
}
