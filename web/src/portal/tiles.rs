//! What is owed, in four figures (K21: what is in transit still counts as pending): for Saldos, and for Inicio.
use leptos::prelude::*;
use shared::payments::{BalanceQuery, BalanceSum};

use crate::components::button;
use crate::components::failed::failed;
use crate::components::icon::{Icon, icon};
use crate::components::live::part;
use crate::components::skeleton::skeleton;
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::portal::api::payments;
use crate::portal::app::Page;
use crate::portal::i18n::tiles::words;
use crate::portal::session::Px;
use crate::session::{Load, load};

/// Which figures, and how much is said of each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The figures alone.
    Short,
    /// With how many invoices make them.
    Full,
}

/// The four figures.
pub fn tiles(px: Px, sum: &BalanceSum, look: Look) -> AnyView {
    let t = words(px);
    let stat = |name: &'static str, amount: &str, class: &'static str, more: String| {
        let more = (look == Look::Full).then(|| view! { <dd class="sub">{more}</dd> });
        view! {
            <div class="stat">
                <dt>{name}</dt>
                <dd class=class>{format::amount(amount)}" "<small>{sum.currency.clone()}</small></dd>
                {more}
            </div>
        }
        .into_any()
    };
    let count = |count: u64| format::plural(count, t.invoices_one, t.invoices);
    let late = if sum.overdue_count > 0 { "bad" } else { "" };
    let stats = vec![
        stat(t.owed, &sum.pending, "", format::plural(sum.count, t.open_one, t.open)),
        stat(t.overdue, &sum.overdue, late, count(sum.overdue_count)),
        stat(t.due_soon, &sum.due_soon, "", count(sum.due_soon_count)),
        stat(t.in_transit, &sum.in_transit, "", t.in_transit_more.to_owned()),
    ];
    // On a phone the list comes first: these figures are on Inicio.
    let class = if look == Look::Full { "stats" } else { "stats only-desk" };
    view! { <dl class=class>{stats}</dl> }.into_any()
}

/// What the customer owes, for Inicio: it asks for itself.
pub fn owed(px: Px) -> AnyView {
    let face = RwSignal::new(Load::Loading);
    ask(px, face);
    let common = px.cx.t();
    part(move || {
        Some(face.with(|face_now| match face_now {
            Load::Loading => skeleton(common.shell.loading, 1),
            Load::Failed(failure) => {
                let again = button::act("btn btn--2 btn--sm", common.failure.try_again, move || ask(px, face));
                failed(failure::face(common, failure), vec![again])
            }
            Load::Ready(sum) => full(px, sum),
        }))
    })
}

fn ask(px: Px, face: RwSignal<Load<BalanceSum>>) {
    face.set(Load::Loading);
    load(face, async move {
        let query = BalanceQuery { limit: Some(1), ..BalanceQuery::default() };
        payments::balances(px.client, &query).await.map(|page| page.totals.all_in_mxn)
    });
}

fn full(px: Px, sum: &BalanceSum) -> AnyView {
    let pay = (sum.count > 0).then(|| {
        view! { <p>{button::link("btn", px.href(Page::Balances), words(px).pay_all)}</p> }
    });
    view! { <div class="stack">{overdue(px, sum)}{tiles(px, sum, Look::Full)}{pay}</div> }.into_any()
}

fn overdue(px: Px, sum: &BalanceSum) -> Option<AnyView> {
    let t = words(px);
    if sum.overdue_count == 0 {
        return None;
    }
    let strong = format::plural(sum.overdue_count, t.overdue_one, t.overdue_many);
    let words = fill(t.overdue_sum, &[&format::money(&sum.overdue, &sum.currency)]);
    let href = [&px.href(Page::Balances), "?solo=vencidas"].concat();
    let view = view! {
        <div class="note note--warn">
            {icon(Icon::Alert)}
            <p><b>{strong}</b>" "{words}" "<a href=href>{t.see}</a></p>
        </div>
    };
    Some(view.into_any())
}
