//! What is owed, where documents are looked at: the balance of one invoice with the way to pay it, and a statement of
//! account made from the ledger. Both are the ledger's figures; nothing is summed here.
use leptos::prelude::*;
use shared::accounts::Role;
use shared::documents::DocumentIssuer;
use shared::payments::{AccountStatements, BalanceQuery, BalanceRow};
use uuid::Uuid;

use crate::api::ApiFailure;
use crate::components::button;
use crate::components::failed::failed;
use crate::components::live::{change, part};
use crate::format;
use crate::i18n::{fill, months};
use crate::pages::failure;
use crate::portal::api::documents::with_query;
use crate::portal::api::payments::{self, CHOSEN};
use crate::portal::app::Page;
use crate::portal::i18n::owed::words;
use crate::portal::session::Px;
use crate::session::{Load, load};

/// The open balance of a document; nothing when it has none, or while that is not known.
pub fn of_document(px: Px, document: Uuid) -> AnyView {
    let face = RwSignal::new(Load::Loading);
    load(face, async move {
        let query = BalanceQuery { document: Some(document), limit: Some(1), ..BalanceQuery::default() };
        payments::balances(px.client, &query).await.map(|page| page.data)
    });
    part(move || {
        face.with(|shown| match shown {
            Load::Ready(rows) => rows.first().map(|row| balance(px, document, row)),
            _ => None,
        })
    })
}

fn balance(px: Px, document: Uuid, row: &BalanceRow) -> AnyView {
    let t = words(px);
    let (said, tone) = if row.days_overdue > 0 { (t.late, "sm bad") } else { (t.due, "sm muted") };
    let payable = format::is_something(&row.available);
    let payer = px.me_untracked().is_some_and(|me| me.customer.role != Role::Reader);
    let pay = (payer && payable).then(|| {
        let address = with_query(&px.href(Page::Balances), &[(CHOSEN, &document.to_string())]);
        button::link("btn btn--block", address, t.pay)
    });
    let transit = format::is_something(&row.in_transit).then(|| {
        let words = fill(t.in_transit, &[&format::money(&row.in_transit, &row.currency)]);
        view! { <p class="sm muted">{words}</p> }
    });
    view! {
        <section class="card card__body stack" aria-label=t.title>
            <div>
                <p class="sm muted">{t.pending}</p>
                <p class="amount">{format::amount(&row.pending)}" "<small>{row.currency.clone()}</small></p>
                <p class=tone>{fill(said, &[&format::day(&row.due_on)])}</p>
                {transit}
            </div>
            {pay}
        </section>
    }
    .into_any()
}

/// The statement that is asked for.
#[derive(Clone, Copy)]
struct Wanted {
    px: Px,
    issuer: RwSignal<String>,
    month: RwSignal<String>,
    busy: RwSignal<bool>,
    stopped: RwSignal<Option<ApiFailure>>,
}

/// A statement of account of any month, made now.
pub fn statement(px: Px) -> AnyView {
    let face = RwSignal::new(Load::Loading);
    load(face, payments::statement_months(px.client));
    let wanted = Wanted {
        px,
        issuer: RwSignal::new(String::new()),
        month: RwSignal::new(String::new()),
        busy: RwSignal::new(false),
        stopped: RwSignal::new(None),
    };
    part(move || {
        face.with(|shown| match shown {
            // Who never owed anything has no account.
            Load::Ready(known) if !known.issuers.is_empty() => Some(form(wanted, known)),
            _ => None,
        })
    })
}

fn form(wanted: Wanted, known: &AccountStatements) -> AnyView {
    let t = words(wanted.px);
    let month = |month: &String| (month.clone(), named(&t.months, month));
    let issuer = |issuer: &DocumentIssuer| (issuer.slug.clone(), issuer.name.clone());
    let months: Vec<(String, String)> = known.months.iter().map(month).collect();
    let issuers: Vec<(String, String)> = known.issuers.iter().map(issuer).collect();
    for (chosen, rows) in [(wanted.month, &months), (wanted.issuer, &issuers)] {
        chosen.set(rows.first().map(|row| row.0.clone()).unwrap_or_default());
    }
    let company = (issuers.len() > 1).then(|| select("estado-empresa", t.company, &issuers, wanted.issuer));
    let stopped = part(move || {
        let failure = wanted.stopped.get()?;
        Some(failed(failure::face(wanted.px.cx.t(), &failure), Vec::new()))
    });
    view! {
        <section class="card card__body stack" aria-labelledby="estado-al-dia">
            <div><h2 id="estado-al-dia">{t.statement}</h2><p class="sm muted">{t.statement_lead}</p></div>
            <div class="row">
                {company}
                {select("estado-mes", t.month, &months, wanted.month)}
                {button::act_busy("btn btn--2", t.take, wanted.busy.into(), t.taking, move || wanted.take())}
            </div>
            {stopped}
        </section>
    }
    .into_any()
}

fn select(id: &'static str, label: &'static str, rows: &[(String, String)], chosen: RwSignal<String>) -> AnyView {
    let now = chosen.get_untracked();
    let options: Vec<AnyView> = rows
        .iter()
        .map(|(value, words)| {
            let here = *value == now;
            view! { <option value=value.clone() prop:selected=here>{words.clone()}</option> }.into_any()
        })
        .collect();
    view! {
        <div class="field">
            <label class="field__label" for=id>{label}</label>
            <select class="input" id=id on:change=change(move |value| chosen.set(value))>{options}</select>
        </div>
    }
    .into_any()
}

/// `2026-11` as `noviembre 2026`.
fn named(names: &[&'static str; 12], month: &str) -> String {
    let Some((year, number)) = month.split_once('-') else { return month.to_owned() };
    [months::name(names, number.parse().unwrap_or_default()), " ", year].concat()
}

impl Wanted {
    fn take(self) {
        self.busy.set(true);
        self.stopped.set(None);
        leptos::task::spawn_local(async move {
            let (issuer, month) = (self.issuer.get_untracked(), self.month.get_untracked());
            let answer = payments::take_statement(self.px.client, &issuer, &month).await;
            // The page may be gone by now.
            self.busy.try_set(false);
            if let Err(failure) = answer {
                self.stopped.try_set(Some(failure));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_named() {
        let names = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "noviembre", "dic"];
        assert_eq!(named(&names, "2026-11"), "noviembre 2026");
    }
}
