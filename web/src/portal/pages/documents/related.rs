//! What belongs to a document: the nota de crédito that lessens it, the complementos that paid it, the invoice they
//! speak of. What is named and is not in the portal is told by its folio fiscal.
use leptos::prelude::*;
use shared::documents::{CfdiView, DocumentRow, DocumentView, RelatedDocuments};

use super::table::{signed, state_badge};
use crate::format;
use crate::portal::app::Page;
use crate::portal::pages::document::{coded, section};
use crate::portal::session::Px;

/// The section, when there is anything to tell.
pub fn panel(px: Px, view: &DocumentView) -> Option<AnyView> {
    let t = &px.t().documents.document;
    let rows: Vec<AnyView> = view.related.iter().map(|row| line(px, row)).collect();
    let absent: Vec<AnyView> = view.cfdi.iter().flat_map(|cfdi| elsewhere(cfdi, &view.related)).collect();
    if rows.is_empty() && absent.is_empty() {
        return None;
    }
    let list = (!rows.is_empty()).then(|| view! { <ul class="list">{rows}</ul> });
    let words = (!absent.is_empty()).then(|| {
        view! { <div class="card__body stack stack-2"><p class="sm muted">{t.related_search}</p>{absent}</div> }
    });
    Some(section("relacionados", t.related, None, view! { {list}{words} }.into_any()))
}

fn line(px: Px, row: &DocumentRow) -> AnyView {
    let name = [px.t().documents.kind(row.kind), " ", &row.number].concat();
    let amount = format::money(&signed(row.kind, &row.total), &row.currency);
    view! {
        <li class="recent">
            <span class="grow"><a class="b" href=px.href(Page::Document(row.id))>{name}</a><small>{format::day(&row.issued_on)}</small></span>
            <span class="only-desk">{state_badge(px, row.state)}</span>
            <span class="num">{amount}</span>
        </li>
    }
    .into_any()
}

/// What the XML names under CfdiRelacionados and the list has not.
fn elsewhere(cfdi: &CfdiView, here: &[DocumentRow]) -> Vec<AnyView> {
    let is_here =
        |uuid: &str| here.iter().any(|row| row.folio_fiscal.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(uuid)));
    let group = |node: &RelatedDocuments| {
        let absent: Vec<AnyView> = node
            .uuids
            .iter()
            .filter(|uuid| !is_here(uuid))
            .map(|uuid| view! { <li class="mono">{uuid.clone()}</li> }.into_any())
            .collect();
        (!absent.is_empty()).then(|| {
            view! { <h3 lang="es">{coded(&node.tipo_relacion)}</h3><ul class="related">{absent}</ul> }.into_any()
        })
    };
    cfdi.relacionados.iter().filter_map(group).collect()
}
