//! Where a payment's credit goes: the customer's open invoices, ticked, paid in the order of the list as far as it
//! reaches. The server judges it again.
use std::collections::BTreeSet;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::fiscal::{Amount, Currency};
use shared::integrators::PaymentResource;
use shared::payments::{ApplyCredit, BalanceRow, CreditLine};
use uuid::Uuid;

use crate::components::button;
use crate::components::live::{change, part, words};
use crate::components::note::{Tone, note};
use crate::console::api::payments as api;
use crate::console::list::{Column, cell, faces, name, table};
use crate::console::session::Sx;
use crate::format;
use crate::i18n::fill;
use crate::session::{Load, load};
use crate::signed::acts::Acts;

/// The open form.
#[derive(Clone, Copy)]
struct Desk {
    sx: Sx,
    payment: Uuid,
    /// Pesos, in cents.
    credit: i64,
    acts: Acts,
    rows: RwSignal<Load<Vec<BalanceRow>>>,
    ticked: RwSignal<BTreeSet<Uuid>>,
    busy: RwSignal<bool>,
}

/// The form; `done` gets the payment as it stands afterwards, `close` ends the form.
pub fn form(
    sx: Sx,
    acts: Acts,
    payment: &PaymentResource,
    done: Callback<PaymentResource>,
    close: Callback<()>,
) -> AnyView {
    let t = &sx.t().payments;
    let desk = Desk {
        sx,
        payment: payment.id,
        credit: cents(&payment.unapplied),
        acts,
        rows: RwSignal::new(Load::Loading),
        ticked: RwSignal::new(BTreeSet::new()),
        busy: RwSignal::new(false),
    };
    desk.ask();
    let none = Signal::derive(move || desk.ticked.with(BTreeSet::is_empty));
    let submit = part(move || {
        (!none.get()).then(|| button::submit("btn", Signal::derive(move || t.credit), desk.busy.into(), t.saving))
    });
    let cancel = button::act("btn btn--quiet", sx.t().acts.cancel, move || close.run(()));
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        desk.send(done);
    };
    view! {
        <section class="card" aria-labelledby="act-title">
            <div class="card__head"><h2 id="act-title">{t.credit}</h2></div>
            <form class="card__body stack" novalidate on:submit=send>
                <p>{t.credit_lead}</p>
                {faces(sx, desk.rows, Callback::new(move |()| desk.ask()), move |rows| desk.list(rows))}
                <div class="row tight">{submit}{cancel}</div>
            </form>
        </section>
    }
    .into_any()
}

impl Desk {
    fn ask(self) {
        let (client, slug, id) = (self.sx.client, self.sx.slug(), self.payment);
        load(self.rows, async move { api::credit_places(client, slug, id).await });
    }

    fn send(self, done: Callback<PaymentResource>) {
        let lines = self.rows.with_untracked(|rows| match rows {
            Load::Ready(rows) => self.ticked.with_untracked(|ticked| shared_out(rows, ticked, self.credit)),
            _ => Vec::new(),
        });
        let line = |(receivable_id, cents): (Uuid, i64)| CreditLine {
            receivable_id,
            amount: Some(Amount::new(cents, Currency::Mxn).to_decimal_string()),
        };
        let body = ApplyCredit { lines: lines.into_iter().filter(|(_, cents)| *cents > 0).map(line).collect() };
        if self.busy.get_untracked() || body.lines.is_empty() {
            return;
        }
        self.busy.set(true);
        let (client, slug, id) = (self.sx.client, self.sx.slug(), self.payment);
        self.acts.run(
            async move {
                let answer = api::place_credit(client, slug, id, &body).await;
                self.busy.try_set(false);
                answer
            },
            move |payment| done.run(payment),
        );
    }

    fn list(self, rows: &[BalanceRow]) -> AnyView {
        let t = &self.sx.t().payments;
        if rows.is_empty() {
            return note(Tone::Info, None, t.credit_none.to_owned());
        }
        let columns = [Column(t.invoice, "", ""), Column(t.due, "", "2"), Column(t.amount, "num", "")];
        let all = StoredValue::new(rows.to_vec());
        let drawn = rows.iter().map(|row| self.row(row, all, &columns)).collect();
        table(self.sx, t.credit_list, &columns, drawn, None)
    }

    fn row(self, row: &BalanceRow, all: StoredValue<Vec<BalanceRow>>, columns: &[Column; 3]) -> AnyView {
        let t = &self.sx.t().payments;
        let id = row.id;
        let flip = move |_| {
            self.ticked.update(|ticked| {
                if !ticked.remove(&id) {
                    ticked.insert(id);
                }
            });
        };
        let is = Signal::derive(move || self.ticked.with(|ticked| ticked.contains(&id)));
        let gets = words(move || {
            let shares = self.ticked.with(|ticked| all.with_value(|rows| shared_out(rows, ticked, self.credit)));
            let (_, cents) = shares.into_iter().find(|(of, _)| *of == id)?;
            let amount = Amount::new(cents, Currency::Mxn).to_decimal_string();
            Some(fill(t.credit_gets, &[&format::amount(&amount)]))
        });
        let number = view! {
            <label class="check">
                <input type="checkbox" prop:checked=is on:change=change(flip)/>
                <span>{row.number.clone()}</span>
            </label>
        };
        let cells = vec![
            name(number.into_any(), row.contract.clone().unwrap_or_default()),
            cell(&columns[1], format::day(&row.due_on).into_any()),
            cell(&columns[2], view! { {format::amount(&row.available_mxn)}<span class="sub">{gets}</span> }.into_any()),
        ];
        view! { <tr>{cells}</tr> }.into_any()
    }
}

fn cents(pesos: &str) -> i64 {
    Amount::parse(pesos, Currency::Mxn).map(Amount::minor).unwrap_or_default()
}

/// What each ticked invoice gets, in the order of the list.
fn shared_out(rows: &[BalanceRow], ticked: &BTreeSet<Uuid>, credit: i64) -> Vec<(Uuid, i64)> {
    let mut left = credit;
    let ticked = rows.iter().filter(|row| ticked.contains(&row.id));
    let share = |row: &BalanceRow| {
        let gets = cents(&row.available_mxn).min(left);
        left = left.saturating_sub(gets);
        (row.id, gets)
    };
    ticked.map(share).collect()
}
