//! The list of a person's files that are made in the background: how far each is, here as after a reload.
use leptos::prelude::*;
use shared::documents::{BundleState, DocumentBundle};

use crate::browser;
use crate::components::button;
use crate::components::live::part;
use crate::format;
use crate::i18n::fill;
use crate::portal::session::Px;

/// The list, while there is one.
pub fn list(px: Px) -> AnyView {
    let t = &px.t().documents.taking;
    part(move || {
        let rows = px.bundles.rows.get();
        (!rows.is_empty()).then(|| {
            let rows: Vec<AnyView> = rows.iter().map(|it| row(px, it)).collect();
            view! {
                <section class="card" aria-labelledby="bundles">
                    <div class="card__head"><h2 id="bundles">{t.bundles}</h2></div>
                    <ul class="list">{rows}</ul>
                </section>
            }
            .into_any()
        })
    })
}

fn row(px: Px, row: &DocumentBundle) -> AnyView {
    let t = &px.t().documents.taking;
    let id = row.id;
    let (done, documents) = (format::thousands(&row.done.to_string()), format::thousands(&row.documents.to_string()));
    let said = match row.state {
        BundleState::Waiting => t.bundle_waiting.to_owned(),
        BundleState::Working => fill(t.bundle_working, &[&done, &documents]),
        BundleState::Ready => {
            fill(t.bundle_ready, &[&format::bytes(row.bytes.unwrap_or(0)), &format::date_time(&row.expires_at)])
        }
        BundleState::Failed => t.bundle_failed.to_owned(),
    };
    let bar = (!row.state.is_over()).then(|| {
        let (value, max) = (row.done.to_string(), row.documents.max(1).to_string());
        view! { <progress value=value max=max aria-label=row.file_name.clone()></progress> }.into_any()
    });
    let save = px.common().shell.file_save;
    let take =
        (row.state == BundleState::Ready).then(|| button::act("btn btn--sm", save, move || px.bundles.save(px, id)));
    let drop = button::act("btn btn--quiet btn--sm", t.bundle_drop, move || {
        px.bundles.remove(px, id);
        browser::focus_main();
    });
    view! {
        <li>
            <div class="grow stack stack-2"><b>{row.file_name.clone()}</b><span class="sm muted">{said}</span>{bar}</div>
            <span class="row tight">{take}{drop}</span>
        </li>
    }
    .into_any()
}
