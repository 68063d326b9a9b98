//! Where a transfer goes that chooses no invoices: folded, and asked for when somebody opens it, since the customer's
//! number is made the first time.
use leptos::ev::Event;
use leptos::prelude::*;
use shared::payments::{BankCode, BankOffer, DepositAccount};

use super::desk::Desk;
use crate::components::button;
use crate::components::facts::{fact, facts};
use crate::components::failed::failed;
use crate::components::icon::{Icon, icon};
use crate::components::live::part;
use crate::components::skeleton::skeleton;
use crate::pages::failure;
use crate::payments::copy::copy;
use crate::payments::words::texts;
use crate::portal::api::payments;
use crate::session::{Load, load};

/// The card, where the company takes transfers; whoever looks over a customer's shoulder has no number there.
pub fn card(desk: Desk, issuer: String, banks: &[BankOffer]) -> Option<AnyView> {
    let px = desk.px;
    let t = &texts(px).balances.deposit;
    if px.client.is_looking() || banks.iter().all(|offer| offer.bank != BankCode::Spei) {
        return None;
    }
    let face = RwSignal::new(Load::Loading);
    let asked = StoredValue::new(false);
    let ask = move || {
        face.set(Load::Loading);
        load(face, payments::deposit_accounts(px.client));
    };
    let opened: Box<dyn FnMut(Event)> = Box::new(move |_| {
        if !asked.get_value() {
            asked.set_value(true);
            ask();
        }
    });
    let inside = part(move || Some(face.with(|shown| drawn(desk, &issuer, shown, ask))));
    let view = view! {
        <section class="card" aria-label=t.title>
            <details class="fold" on:toggle=opened>
                <summary>{t.title}{icon(Icon::ChevronDown)}</summary>
                <div class="card__body stack"><p>{t.lead}</p>{inside}</div>
            </details>
        </section>
    };
    Some(view.into_any())
}

fn drawn(
    desk: Desk,
    issuer: &str,
    shown: &Load<Vec<DepositAccount>>,
    ask: impl Fn() + Send + Sync + 'static,
) -> AnyView {
    let common = desk.px.cx.t();
    match shown {
        Load::Loading => skeleton(common.shell.loading, 4),
        Load::Failed(failure) => {
            let again = button::act("btn btn--2 btn--sm", common.failure.try_again, ask);
            failed(failure::face(common, failure), vec![again])
        }
        Load::Ready(accounts) => {
            let of: Vec<AnyView> =
                accounts.iter().filter(|it| it.issuer == issuer).map(|it| account(desk, it)).collect();
            view! { {of} }.into_any()
        }
    }
}

/// What the transfer must carry, each part ready to be copied.
fn account(desk: Desk, account: &DepositAccount) -> AnyView {
    let px = desk.px;
    let (t, of) = (texts(px), account.clone());
    let rows = [
        (t.payment.clabe, of.clabe),
        (t.payment.account_bank, of.bank),
        (t.payment.beneficiary, of.beneficiary),
        (t.balances.deposit.number, of.reference),
    ];
    let row = |(name, value): (&'static str, String)| fact(name, value.clone(), "num", Some(copy(px, name, value)));
    facts(rows.into_iter().filter(|(_, value)| !value.is_empty()).map(row).collect())
}
