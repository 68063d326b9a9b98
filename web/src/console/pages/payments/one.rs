//! One payment: what it is, its invoices with what a complemento de pago says of them, the customer's proofs, and what an
//! operator can do with it. What can be done is the server's to say; what would only be refused is not shown.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::fiscal::FormaPago;
use shared::integrators::{PaymentLineResource, PaymentResource};
use shared::payments::{DecidePayment, PaymentAttachment, TripView};
use shared::problem::{FieldCode, FieldErrors};
use uuid::Uuid;

use super::{bank, credit, standing};
use crate::api::Answer;
use crate::components::button;
use crate::components::choice::{Choice, choices};
use crate::components::facts::{fact, facts};
use crate::components::field::{Kind, pick_field, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::live::{part, press};
use crate::console::api::payments as api;
use crate::console::app::Area;
use crate::console::i18n::payments::named;
use crate::console::list::{Column, cell, faces, name, table};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::i18n::fill;
use crate::session::{Load, load};
use crate::signed::acts::{Acts, Question, act};
use crate::signed::form::{Field, Form};

/// Fields of a decision.
const NUMBER: usize = 0;
const AMOUNT: usize = 1;
const NOTE: usize = 2;
const FORMA: usize = 3;
const TRIP: usize = 4;

/// Which form is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opened {
    Decide,
    Reverse,
    Refund,
    Credit,
    Forma,
}

/// The page's data and acts.
#[derive(Clone, Copy)]
struct Sheet {
    sx: Sx,
    id: Uuid,
    face: RwSignal<Load<PaymentResource>>,
    proofs: RwSignal<Load<Vec<PaymentAttachment>>>,
    trips: RwSignal<Load<Vec<TripView>>>,
    acts: Acts,
    opened: RwSignal<Option<Opened>>,
    /// What is said of the money: it is there, or not.
    arrived: RwSignal<String>,
}

const ARRIVED: &str = "yes";
const NEVER: &str = "no";

/// The page.
pub fn page(sx: Sx, id: Uuid) -> AnyView {
    let t = &sx.t().payments;
    let sheet = Sheet {
        sx,
        id,
        face: RwSignal::new(Load::Loading),
        proofs: RwSignal::new(Load::Loading),
        trips: RwSignal::new(Load::Loading),
        acts: Acts::new(sx.cx, &sx.t().acts),
        opened: RwSignal::new(None),
        arrived: RwSignal::new(ARRIVED.to_owned()),
    };
    sheet.again();
    sx.set_title(t.payment);
    let (client, slug) = (sx.client, sx.slug());
    load(sheet.proofs, async move { api::proofs(client, slug, id).await });
    let again = Callback::new(move |()| sheet.again());
    let content = view! {
        <a class="backlink" href=sx.href(Area::Payments)>{icon(Icon::ChevronLeft)}{t.back}</a>
        <div class="stack">
            {sheet.acts.view()}
            {faces(sx, sheet.face, again, move |payment| sheet.full(payment))}
        </div>
    };
    shell::framed(sx, content.into_any())
}

impl Sheet {
    fn again(self) {
        let (client, slug, id) = (self.sx.client, self.sx.slug(), self.id);
        load(self.face, async move { api::find(client, slug, id).await });
        self.ask_trips();
    }

    fn ask_trips(self) {
        let (client, slug, id) = (self.sx.client, self.sx.slug(), self.id);
        load(self.trips, async move { api::trips(client, slug, id).await });
    }

    /// The payment as an act left it.
    fn done(self, payment: PaymentResource, said: &'static str) {
        self.opened.try_set(None);
        self.acts.tell(said.to_owned());
        self.face.try_set(Load::Ready(payment));
        self.ask_trips();
    }

    fn full(self, payment: &PaymentResource) -> AnyView {
        let t = &self.sx.t().payments;
        let title = fill(t.payment_n, &[&payment.reference]);
        self.sx.set_title(&title);
        let acts = self.sx.operates().then(|| self.acts_of(payment));
        view! {
            <div class="page-head"><div><h1>{title}</h1></div><div class="row tight">{standing(self.sx, payment)}</div></div>
            <section class="card" aria-labelledby="facts-title">
                <div class="card__head"><h2 id="facts-title">{t.facts}</h2></div>
                <div class="card__body">{self.facts(payment)}</div>
            </section>
            {acts}
            {self.lines(payment)}
            {part(move || self.proofs.with(|face| match face {
                Load::Ready(rows) if !rows.is_empty() => Some(self.attached(rows)),
                _ => None,
            }))}
        }
        .into_any()
    }

    fn facts(self, payment: &PaymentResource) -> AnyView {
        let t = &self.sx.t().payments;
        let at = |label, instant: &Option<String>| {
            instant.as_deref().map(|instant| fact(label, format::instant(instant), "num", None))
        };
        let ordered = payment.ordered.as_ref().map(|ordered| {
            let words = fill(t.ordered, &[&format::amount(ordered)]);
            view! { <span class="sm muted">{words}</span> }.into_any()
        });
        let mut rows = vec![
            fact(t.customer, payment.customer_rfc.clone(), "num", None),
            fact(t.amount, format::amount(&payment.amount), "num", ordered),
            fact(t.bank, bank(self.sx, payment), "num", None),
        ];
        rows.extend(payment.is_deposit.then(|| fact(t.payment, t.deposit.to_owned(), "", None)));
        rows.push(fact(t.created, format::instant(&payment.created_at), "num", None));
        rows.extend(at(t.confirmed_at, &payment.confirmed_at));
        rows.extend(payment.fecha_pago.as_ref().map(|civil| self.fecha_pago(payment, civil)));
        rows.extend(payment.confirmed_at.is_some().then(|| self.forma(payment)));
        rows.extend(at(t.applied_at, &payment.applied_at));
        rows.extend(at(t.reversed_at, &payment.reversed_at));
        rows.extend(payment.reversal_reason.clone().map(|reason| fact(t.reason, reason, "", None)));
        rows.extend(
            format::is_something(&payment.unapplied)
                .then(|| fact(t.unapplied, format::amount(&payment.unapplied), "num", None)),
        );
        facts(rows)
    }

    /// When the money came, and as the bank wrote it.
    fn fecha_pago(self, payment: &PaymentResource, civil: &str) -> AnyView {
        let t = &self.sx.t().payments;
        let given = payment.bank_date.as_ref().map(|given| {
            let words = fill(t.bank_date, &[given]);
            view! { <span class="sm muted">{words}</span> }.into_any()
        });
        fact(t.fecha_pago, format::date_time(civil), "num", given)
    }

    /// By which form the money came, and who says so.
    fn forma(self, payment: &PaymentResource) -> AnyView {
        let t = &self.sx.t().payments;
        let Some(code) = &payment.forma_de_pago else { return fact(t.forma, t.forma_unknown.to_owned(), "", None) };
        let source = payment.forma_de_pago_source.as_deref().unwrap_or_default();
        let source = named(&t.forma_sources, source).to_owned();
        let more = view! { <span class="sm muted">{source}</span> }.into_any();
        fact(t.forma, FormaPago::parse(code).map_or_else(|_| code.clone(), forma_words), "", Some(more))
    }

    fn lines(self, payment: &PaymentResource) -> AnyView {
        let t = &self.sx.t().payments;
        let columns = [
            Column(t.invoice, "", ""),
            Column(t.amount, "num", ""),
            Column(t.parcialidad, "num", "3"),
            Column(t.before, "num", "3"),
            Column(t.paid, "num", "2"),
            Column(t.after, "num", "2"),
        ];
        let never = self.sx.t().shell.never;
        let row = |line: &PaymentLineResource| {
            let own = |amount: &Option<String>| {
                amount.as_deref().map_or_else(|| never.to_owned(), |amount| format::money(amount, &line.currency))
            };
            let number = line.parcialidad.map_or_else(|| never.to_owned(), |number| number.to_string());
            let cells = vec![
                name(line.number.clone().into_any(), line.folio_fiscal.clone().unwrap_or_default()),
                cell(&columns[1], format::amount(&line.amount_mxn).into_any()),
                cell(&columns[2], number.into_any()),
                cell(&columns[3], own(&line.saldo_anterior).into_any()),
                cell(&columns[4], own(&line.importe_pagado).into_any()),
                cell(&columns[5], own(&line.saldo_insoluto).into_any()),
            ];
            view! { <tr>{cells}</tr> }.into_any()
        };
        let rows = payment.lines.iter().map(row).collect();
        table(self.sx, t.lines, &columns, rows, None)
    }

    fn attached(self, rows: &[PaymentAttachment]) -> AnyView {
        let t = &self.sx.t().payments;
        let row = |row: &PaymentAttachment| {
            let proof = row.id;
            let take = move || {
                let (client, slug, id) = (self.sx.client, self.sx.slug(), self.id);
                self.acts.run(async move { api::take_proof(client, slug, id, proof).await }, |()| {});
            };
            view! {
                <li>
                    <button class="linkbtn" type="button" on:click=press(take)>{row.name.clone()}</button>
                    <span class="muted">{format::instant(&row.created_at.instant)}</span>
                </li>
            }
            .into_any()
        };
        let rows: Vec<AnyView> = rows.iter().map(row).collect();
        view! {
            <section class="card card__body stack" aria-labelledby="proofs-title">
                <h2 id="proofs-title">{t.proofs}</h2>
                <ul class="lines lines--plain">{rows}</ul>
            </section>
        }
        .into_any()
    }

    /// What an operator can do with it as it stands.
    fn acts_of(self, payment: &PaymentResource) -> AnyView {
        let t = &self.sx.t().payments;
        let there = payment.confirmed_at.is_some();
        let back = payment.reversed_at.is_some();
        let mut acts: Vec<AnyView> = Vec::new();
        let open = move |opened: Opened, words: &'static str, class: &'static str| {
            let press = move || self.opened.update(|now| *now = if *now == Some(opened) { None } else { Some(opened) });
            button::act(class, words, press)
        };
        // A payment that has its money, or whose last trip ended, may have another trip that waits for somebody.
        let waits = !there && payment.state != "created";
        if !there && !waits {
            return ().into_any();
        }
        acts.push(part(move || {
            let one_is_open = self.trips.with(|face| known(face).iter().any(|trip| trip.is_open && trip.can_decide));
            (waits || one_is_open).then(|| open(Opened::Decide, t.decide, "btn"))
        }));
        // What nobody ordered is a credit from its first day: there is nothing to apply it to.
        let to_apply = payment.applied_at.is_none() && !payment.is_deposit;
        if there && to_apply && !back {
            acts.push(button::act("btn", t.apply, move || self.apply()));
        }
        if format::is_something(&payment.unapplied) {
            acts.extend((!to_apply && !back).then(|| open(Opened::Credit, t.credit, "btn")));
            acts.push(open(Opened::Refund, t.refund, "btn btn--2"));
        }
        acts.extend(there.then(|| open(Opened::Forma, t.forma_set, "btn btn--2")));
        if there && !back {
            acts.push(open(Opened::Reverse, t.reverse, "btn btn--bad"));
        }
        let known = payment.clone();
        view! {
            <div class="row tight" role="group" aria-label=t.acts>{acts}</div>
            {part(move || self.opened.get().map(|opened| match opened {
                Opened::Decide => self.decision(),
                Opened::Reverse => self.reason(Opened::Reverse, (t.reverse, t.reverse_lead)),
                Opened::Refund => self.reason(Opened::Refund, (t.refund, t.refund_lead)),
                Opened::Credit => self.credit(&known),
                Opened::Forma => self.form_of_forma(),
            }))}
        }
        .into_any()
    }

    fn apply(self) {
        let t = &self.sx.t().payments;
        let run = act(move || {
            let (client, slug, id) = (self.sx.client, self.sx.slug(), self.id);
            self.acts.run(async move { api::apply(client, slug, id).await }, move |payment| {
                self.done(payment, t.applied_done);
            });
        });
        self.acts.ask(Question { title: t.apply.to_owned(), words: t.apply_words, act: t.apply, run });
    }

    fn decision(self) -> AnyView {
        let t = &self.sx.t().payments;
        let fields = vec![
            Field { id: "number", pointer: "/bank_transaction", words: t.transaction, secret: false },
            Field { id: "amount", pointer: "/amount", words: t.other_amount, secret: false },
            Field { id: "note", pointer: "/note", words: t.note, secret: false },
            Field { id: "forma", pointer: "/forma_de_pago", words: t.forma, secret: false },
            Field { id: "trip", pointer: "/trip", words: self.sx.t().money.trip, secret: false },
        ];
        let form = Form::new(self.sx, t.decide, fields, check_note);
        let send = self.sending(form, t.decided, move || {
            let arrived = self.arrived.get_untracked() == ARRIVED;
            let said = |n: usize| Some(form.value(n).trim().to_owned()).filter(|text| arrived && !text.is_empty());
            let body = DecidePayment {
                arrived,
                amount: said(AMOUNT),
                bank_transaction: said(NUMBER),
                forma_de_pago: said(FORMA),
                trip: form.value(TRIP).parse().ok(),
                note: form.value(NOTE),
            };
            let (client, slug, id) = (self.sx.client, self.sx.slug(), self.id);
            async move { api::decide(client, slug, id, &body).await }
        });
        let card = |value: &str, words: &str, more: &str| Choice {
            value: value.to_owned(),
            words: words.to_owned(),
            more: Some(more.to_owned()),
        };
        let cards = vec![card(ARRIVED, t.arrived, t.arrived_more), card(NEVER, t.never, t.never_more)];
        let choose = Callback::new(move |to| self.arrived.set(to));
        let about = part(move || {
            (self.arrived.get() == ARRIVED).then(|| {
                view! {
                    {text_field(form.label(NUMBER, None), Kind::Mixed, form.control(NUMBER))}
                    {text_field(form.label(AMOUNT, None), Kind::Money, form.control(AMOUNT))}
                    {pick_field(form.label(FORMA, None), formas(t.forma_unknown), form.control(FORMA))}
                }
                .into_any()
            })
        });
        let trips = self.trips_to_choose();
        let trip = (trips.len() > 2).then(|| pick_field(form.label(TRIP, None), trips, form.control(TRIP)));
        let content = view! {
            {trip}
            {choices("arrived", "choices choices--2", cards, self.arrived.into(), choose)}
            {about}
            {text_field(form.label(NOTE, Some(t.note_hint)), Kind::Plain, form.control(NOTE))}
        };
        self.card(form, (t.decide, t.decide_lead), content.into_any(), send)
    }

    /// The trips of which something can be said, behind the one that is meant when none is chosen.
    fn trips_to_choose(self) -> Vec<(String, String)> {
        let (t, m) = (&self.sx.t().payments, &self.sx.t().money);
        let words = |trip: &TripView| {
            let state = named(&t.state_names, trip.state.as_str());
            let number = trip.trip.to_string();
            let words = fill(m.trip_n, &[number.as_str(), state, trip.reference.as_str()]);
            (number, words)
        };
        let mut all = vec![(String::new(), m.trip_open.to_owned())];
        // Read once: a form that is open does not begin anew under somebody's hands.
        self.trips.with_untracked(|face| all.extend(known(face).iter().filter(|trip| trip.can_decide).map(words)));
        all
    }

    fn credit(self, payment: &PaymentResource) -> AnyView {
        let t = &self.sx.t().payments;
        let done = Callback::new(move |payment| self.done(payment, t.credit_done));
        credit::form(self.sx, self.acts, payment, done, Callback::new(move |()| self.opened.set(None)))
    }

    /// What the bank did not say of the money, or not rightly.
    fn form_of_forma(self) -> AnyView {
        let t = &self.sx.t().payments;
        let field = Field { id: "forma-only", pointer: "/forma_de_pago", words: t.forma, secret: false };
        let form = Form::new(self.sx, t.forma_set, vec![field], check_forma);
        let ask = move || api::set_forma(self.sx.client, self.sx.slug(), self.id, form.value(0));
        let send = self.sending(form, t.forma_done, ask);
        let content = pick_field(form.label(0, None), formas(t.forma_choose), form.control(0));
        self.card(form, (t.forma_set, t.forma_lead), content, send)
    }

    /// A form that asks for a reason alone.
    fn reason(self, opened: Opened, words: (&'static str, &'static str)) -> AnyView {
        let t = &self.sx.t().payments;
        let field = Field { id: "reason", pointer: "/reason", words: t.reason, secret: false };
        let form = Form::new(self.sx, words.0, vec![field], check_reason);
        let is_refund = opened == Opened::Refund;
        let send = self.sending(form, if is_refund { t.refunded } else { t.reversed_done }, move || {
            let (client, slug, id, reason) = (self.sx.client, self.sx.slug(), self.id, form.value(0));
            async move {
                if is_refund {
                    api::refund(client, slug, id, reason).await
                } else {
                    api::reverse(client, slug, id, reason).await
                }
            }
        });
        let content = text_field(form.label(0, Some(t.note_hint)), Kind::Plain, form.control(0));
        self.card(form, words, content, send)
    }

    /// Sends a form that is right, once; `ask` says with what. It begins empty: what was typed about another payment is not
    /// this one's.
    fn sending<F: Future<Output = Answer<PaymentResource>> + 'static>(
        self,
        form: Form,
        said: &'static str,
        ask: impl Fn() -> F + 'static,
    ) -> Box<dyn FnMut(SubmitEvent)> {
        form.clear();
        Box::new(move |event| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            form.busy.set(true);
            let answer = ask();
            leptos::task::spawn_local(async move {
                match answer.await {
                    Ok(payment) => {
                        form.clear();
                        self.done(payment, said);
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        })
    }

    fn card(
        self,
        form: Form,
        (title, lead): (&'static str, &'static str),
        content: AnyView,
        send: Box<dyn FnMut(SubmitEvent)>,
    ) -> AnyView {
        let t = &self.sx.t().payments;
        let submit = button::submit("btn", Signal::derive(move || t.save), form.busy.into(), t.saving);
        let cancel = button::act("btn btn--quiet", self.sx.t().acts.cancel, move || self.opened.set(None));
        view! {
            <section class="card" aria-labelledby="act-title">
                <div class="card__head"><h2 id="act-title">{title}</h2></div>
                <form class="card__body stack" novalidate on:submit=send>
                    {form.summary()}
                    <p>{lead}</p>
                    {content}
                    <div class="row tight">{submit}{cancel}</div>
                </form>
            </section>
        }
        .into_any()
    }
}

/// The trips, as far as they came.
fn known(face: &Load<Vec<TripView>>) -> &[TripView] {
    if let Load::Ready(trips) = face { trips } else { &[] }
}

fn required(values: &[String], n: usize, pointer: &str) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if values.get(n).is_none_or(|text| text.trim().is_empty()) {
        errors.add(pointer, FieldCode::Required);
    }
    errors
}

fn check_note(values: &[String], _: Lang) -> FieldErrors {
    required(values, NOTE, "/note")
}

fn check_reason(values: &[String], _: Lang) -> FieldErrors {
    required(values, 0, "/reason")
}

fn check_forma(values: &[String], _: Lang) -> FieldErrors {
    required(values, 0, "/forma_de_pago")
}

/// `04 Tarjeta de crédito`: the SAT's words, which are Spanish in both languages.
fn forma_words(forma: FormaPago) -> String {
    [forma.code(), " ", forma.name()].concat()
}

/// The forms to choose from; before them, none.
fn formas(none: &str) -> Vec<(String, String)> {
    let said = FormaPago::ALL.iter().filter(|forma| **forma != FormaPago::PorDefinir);
    let said = said.map(|forma| (forma.code().to_owned(), forma_words(*forma)));
    std::iter::once((String::new(), none.to_owned())).chain(said).collect()
}
