//! One document, clear as a receipt: what it says, its files, what it refers to, whether it still holds. What is owed
//! on it is the ledger's, and asked for apart.
use leptos::prelude::*;
use shared::documents::{CatalogText, CfdiView, DocumentKind, DocumentLine, DocumentState, DocumentView};
use uuid::Uuid;

use crate::app::is_absent;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::error_summary::support;
use crate::components::facts::{fact, facts};
use crate::components::failed::failed;
use crate::components::icon::{Icon, icon};
use crate::components::live::part;
use crate::components::note::{Tone, note};
use crate::components::skeleton::skeleton;
use crate::components::tasks::{State, Task, tasks};
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::pages::frame::card;
use crate::portal::api::documents;
use crate::portal::app::Page;
use crate::portal::pages::documents::downloads::Downloads;
use crate::portal::pages::documents::finder::list_before;
use crate::portal::pages::documents::related;
use crate::portal::pages::documents::table::{signed, state_badge};
use crate::portal::pages::documents::trail;
use crate::portal::pages::owed;
use crate::portal::session::Px;
use crate::portal::shell;
use crate::session::{Load, load};

/// The page.
pub fn page(px: Px, id: Uuid) -> AnyView {
    let t = &px.t().documents.document;
    let common = px.cx.t();
    px.set_title(t.title);
    let face = RwSignal::new(Load::Loading);
    load(face, documents::find(px.client, id));
    let again = move || {
        face.set(Load::Loading);
        load(face, documents::find(px.client, id));
    };
    let content = part(move || {
        Some(face.with(|shown| match shown {
            Load::Loading => headed(px, None, skeleton(common.shell.loading, 4)),
            Load::Failed(failure) if is_absent(failure) => {
                let way = button::link("btn", px.href(Page::Documents), px.t().documents.title);
                card(empty(1, t.absent.to_owned(), vec![t.absent_cause.to_owned()], vec![way]))
            }
            Load::Failed(failure) => {
                let again = button::act("btn btn--2 btn--sm", common.failure.try_again, again);
                headed(px, None, failed(failure::face(common, failure), vec![again]))
            }
            Load::Ready(document) => {
                px.set_title(&name(px, document));
                headed(px, Some(document), full(px, document))
            }
        }))
    });
    shell::page(px, Page::Document(id), content)
}

/// `Factura FA-60412`.
fn name(px: Px, view: &DocumentView) -> String {
    [px.t().documents.kind(view.document.kind), " ", &view.document.number].concat()
}

fn headed(px: Px, view: Option<&DocumentView>, content: AnyView) -> AnyView {
    let t = &px.t().documents;
    let title = view.map_or_else(|| t.document.title.to_owned(), |view| name(px, view));
    let issued = view.map(|view| {
        let row = &view.document;
        fill(t.document.issued, &[&format::day(&row.issued_on), &row.issuer_name])
    });
    let badge = view.map(|view| state_badge(px, view.document.state));
    let (list, back) = list_before(px, view.map(|view| view.document.kind));
    let list_title = if list == Page::Statements { t.statements.title } else { t.title };
    view! {
        <a class="backlink" href=back>{icon(Icon::ChevronLeft)}{list_title}</a>
        <div class="page-head">
            <div><h1>{title}</h1><p>{issued}</p></div>
            <div class="row tight">{badge}</div>
        </div>
        {content}
    }
    .into_any()
}

fn full(px: Px, view: &DocumentView) -> AnyView {
    let t = &px.t().documents;
    let downloads = Downloads::start(px);
    // A complemento has one line of zero by law; what it pays is told by what belongs to it.
    let is_payment = view.document.kind == DocumentKind::ComplementoDePago;
    let lines = view.cfdi.as_ref().filter(|_| !is_payment).map(|cfdi| lines(px, view, cfdi));
    view! {
        <div class="split split--lead">
            <div class="stack">
                {state_note(px, view.document.state)}
                {lines}
                {fiscal(px, view)}
                {related::panel(px, view)}
            </div>
            <aside class="stack" aria-label=t.document.files>
                {files(px, view, downloads)}
                {(view.document.kind == DocumentKind::Factura).then(|| owed::of_document(px, view.document.id))}
            </aside>
            // On a narrow screen it comes after the lines.
            <div class="stack">
                {trail::panel(px, view.document.id)}
                {view.cfdi.as_ref().map(|cfdi| history(px, view, cfdi))}
            </div>
        </div>
    }
    .into_any()
}

fn state_note(px: Px, state: DocumentState) -> Option<AnyView> {
    let t = &px.t().documents.document;
    let (tone, title, cause) = match state {
        DocumentState::Vigente => return None,
        DocumentState::EnCancelacion => (Tone::Waits, t.being_cancelled, t.being_cancelled_cause),
        DocumentState::Cancelada => (Tone::Bad, t.cancelled, t.cancelled_cause),
    };
    Some(note(tone, Some([title, "."].concat()), cause.to_owned()))
}

pub fn section(id: &'static str, title: &'static str, more: Option<String>, content: AnyView) -> AnyView {
    let more = more.map(|more| view! { <span class="sm muted">{more}</span> });
    view! {
        <section class="card" aria-labelledby=id>
            <div class="card__head"><h2 id=id>{title}</h2>{more}</div>
            {content}
        </section>
    }
    .into_any()
}

fn files(px: Px, view: &DocumentView, downloads: Downloads) -> AnyView {
    let t = &px.t().documents;
    let row = &view.document;
    let name = if row.kind == DocumentKind::EstadoDeCuenta { t.balance } else { t.total };
    let amount = format::amount(&signed(row.kind, &row.total));
    view! {
        <section class="card card__body stack">
            <div>
                <p class="sm muted">{name}</p>
                <p class="amount">{amount}" "<small>{row.currency.clone()}</small></p>
            </div>
            {downloads.large(row)}
            {downloads.face()}
        </section>
    }
    .into_any()
}

fn lines(px: Px, view: &DocumentView, cfdi: &CfdiView) -> AnyView {
    let t = &px.t().documents.document;
    let rows: Vec<AnyView> = cfdi.lines.iter().map(|line| line_row(px, line)).collect();
    let shown = cfdi.lines.len().to_string();
    let count = cfdi.line_count.to_string();
    let cut = (shown != count).then(|| {
        view! { <p class="tbl-foot">{fill(t.lines_shown, &[&shown, &count])}</p> }
    });
    let content = view! {
        <div class="tbl-wrap">
            <table class="tbl">
                <caption class="vh">{t.lines}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t.line}</th>
                        <th scope="col" class="num" data-p="2">{t.quantity}</th>
                        <th scope="col" class="num" data-p="2">{t.price}</th>
                        <th scope="col" class="num">{t.amount}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {cut}
        <div class="card__foot">{sums(px, view, cfdi)}</div>
    };
    section("conceptos", t.lines, Some(count), content.into_any())
}

fn line_row(px: Px, line: &DocumentLine) -> AnyView {
    let price = format::price(&line.valor_unitario);
    let each = [&line.cantidad, " × ", &price].concat();
    let discount = line.descuento.as_ref().map(|discount| {
        let words = [px.t().documents.document.discount, " ", &format::amount(&["-", discount].concat())].concat();
        view! { <span class="sub">{words}</span> }
    });
    view! {
        <tr>
            <td class="txt" lang="es">{line.descripcion.clone()}<span class="sub sub--phone">{each}</span></td>
            <td class="num" data-p="2">{line.cantidad.clone()}</td>
            <td class="num" data-p="2">{price}</td>
            <td class="num">{format::amount(&line.importe)}{discount}</td>
        </tr>
    }
    .into_any()
}

/// From the lines to the total.
fn sums(px: Px, view: &DocumentView, cfdi: &CfdiView) -> AnyView {
    let t = &px.t().documents.document;
    let mut rows = vec![(t.subtotal.to_owned(), format::amount(&cfdi.sub_total))];
    let less = |amount: &String| format::amount(&["-", amount].concat());
    rows.extend(cfdi.descuento.as_ref().map(|discount| (t.discount.to_owned(), less(discount))));
    rows.extend(
        cfdi.traslados
            .iter()
            .map(|tax| (tax.name.clone(), tax.amount.as_deref().map_or_else(|| t.exempt.to_owned(), format::amount))),
    );
    rows.extend(
        cfdi.retenciones
            .iter()
            .map(|tax| (fill(t.withheld, &[&tax.name]), tax.amount.as_ref().map_or_else(|| t.exempt.to_owned(), less))),
    );
    let rows: Vec<AnyView> = rows
        .into_iter()
        .map(|(name, amount)| view! { <li><span>{name}</span><span class="num">{amount}</span></li> }.into_any())
        .collect();
    view! {
        <ul class="lines">{rows}</ul>
        <div class="total">
            <span>{px.t().documents.total}</span>
            <b>{format::amount(&cfdi.total)}" "<small>{view.document.currency.clone()}</small></b>
        </div>
    }
    .into_any()
}

/// A code of the SAT with its words.
pub fn coded(text: &CatalogText) -> String {
    [text.code.as_str(), " ", &text.name].concat().trim().to_owned()
}

fn fiscal(px: Px, view: &DocumentView) -> AnyView {
    let t = &px.t().documents.document;
    let row = &view.document;
    let with_rfc = |name: &str, rfc: &str| [name, ", ", rfc].concat();
    let mut rows: Vec<(&'static str, Option<String>)> = vec![
        (t.emisor, Some(with_rfc(&view.emisor_nombre, &view.emisor_rfc))),
        (t.receptor, Some(with_rfc(&view.receptor_nombre, &view.receptor_rfc))),
        (t.contract, row.contract.clone()),
        (t.purchase_order, row.purchase_order.clone()),
        (t.issued_at, Some(px.date_time(&row.issued_at.civil))),
    ];
    if let Some(cfdi) = &view.cfdi {
        rows.extend([
            (t.uso, Some(coded(&cfdi.uso_cfdi))),
            (t.metodo, cfdi.metodo_pago.as_ref().map(coded)),
            (t.forma, cfdi.forma_pago.as_ref().map(coded)),
            (t.condiciones, cfdi.condiciones_de_pago.clone()),
            (t.tipo_cambio, cfdi.tipo_cambio.clone()),
            (t.regimen_emisor, Some(coded(&cfdi.regimen_emisor))),
            (t.regimen_receptor, Some(coded(&cfdi.regimen_receptor))),
            (t.domicilio, Some(cfdi.domicilio_fiscal_receptor.clone())),
            (t.lugar, Some(cfdi.lugar_expedicion.clone())),
        ]);
    }
    let mut drawn: Vec<AnyView> =
        rows.into_iter().filter_map(|(name, value)| Some(fact(name, value?, "", None))).collect();
    drawn.extend(row.folio_fiscal.clone().map(|uuid| {
        let common = &px.cx.t().shell;
        let value = support(uuid, common.copy, common.copied);
        view! { <div><dt>{t.folio_fiscal}</dt><dd>{value}</dd></div> }.into_any()
    }));
    let title = if view.cfdi.is_some() { t.fiscal } else { t.facts };
    let content = view! { <div class="card__body">{facts(drawn)}</div> };
    section("datos", title, None, content.into_any())
}

/// What has happened to it so far.
fn history(px: Px, view: &DocumentView, cfdi: &CfdiView) -> AnyView {
    let t = &px.t().documents.document;
    let task = |state, words, at: Option<&str>| Task { state, words, more: None, at: at.map(format::date_time) };
    let mut steps = vec![
        task(State::Done, t.was_issued, Some(&view.document.issued_at.civil)),
        task(State::Done, t.was_stamped, Some(&cfdi.fecha_timbrado)),
    ];
    match view.document.state {
        DocumentState::Vigente => {}
        DocumentState::EnCancelacion => steps.push(task(State::Now, t.being_cancelled, None)),
        DocumentState::Cancelada => steps.push(task(State::Bad, t.cancelled, None)),
    }
    let content = view! { <div class="card__body">{tasks(steps)}</div> };
    section("movimientos", t.history, None, content.into_any())
}
