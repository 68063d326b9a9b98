//! The demo: what a start puts in, and what the next start leaves alone.
use std::collections::BTreeSet;

use api::App;
use api::billing::draft::{self, Source};
use api::demo::{self, DRAWN_ORDER, DRAWN_TICKET};
use api::issuers::{custody, service};
use api::tickets;
use fiscal::{CodigoPostal, Email, FormaPago, MetodoPago, Nombre, Receptor, RegimenFiscal, Rfc, UsoCfdi};
use shared::Lang;
use shared::billing::InvoiceOrder;
use shared::rehearsal::RehearsalView;

use crate::support::{Engine, TestApp, on_both};

fn numbers(view: &RehearsalView) -> BTreeSet<(String, String, String)> {
    let of = |ticket: &shared::rehearsal::RehearsalTicket| {
        (ticket.branch_name.clone(), ticket.order_number.clone(), ticket.ticket_number.clone())
    };
    view.tickets.iter().map(of).collect()
}

on_both!(the_rehearsal_says_what_there_is_to_try, |app| {
    let view = app.rehearsal().await;
    assert_eq!(view.tickets.len(), 100);
    let drawn = view.tickets.iter().find(|ticket| {
        ticket.branch_name == "Centro Histórico"
            && (ticket.order_number.as_str(), ticket.ticket_number.as_str()) == (DRAWN_ORDER, DRAWN_TICKET)
    });
    assert_eq!(drawn.map(|ticket| (ticket.total.as_str(), ticket.lines)), Some(("863.00", 3)));
    let fields: BTreeSet<&str> = view.magic_values.iter().map(|magic| magic.field.as_str()).collect();
    assert_eq!(fields, BTreeSet::from(["banco", "receptor.rfc"]));
    assert!(view.magic_values.iter().all(|magic| !magic.effect_en.is_empty()));
    assert_eq!(view.mailbox.as_deref(), Some("/buzon"));
});

on_both!(a_second_start_changes_nothing, |app| {
    let before = app.rehearsal().await;
    demo::fill(&app.app).await.unwrap();
    assert_eq!(app.rehearsal().await, before);
});

on_both!(when_all_tickets_are_too_old_a_start_brings_new_ones, |app| {
    let before = app.rehearsal().await;
    app.clock.advance_seconds(100 * 86_400);
    assert!(app.rehearsal().await.tickets.is_empty());
    demo::fill(&app.app).await.unwrap();
    let after = app.rehearsal().await;
    assert_eq!(after.tickets.len(), 100);
    assert!(numbers(&before).is_disjoint(&numbers(&after)));
});

on_both!(outside_a_rehearsal_there_is_no_such_page, |app| {
    let real = api::App { rehearsal: false, ..app.app.clone() };
    assert_eq!(demo::view(&real).await.unwrap(), None);
});

fn an_order() -> InvoiceOrder {
    InvoiceOrder {
        claim: String::new(),
        receptor: Receptor {
            rfc: Rfc::parse("TAM010101AAA").unwrap(),
            nombre: Nombre::parse("TALLER AMANECER").unwrap(),
            regimen: RegimenFiscal::R601,
            codigo_postal: CodigoPostal::parse("06010").unwrap(),
            uso: UsoCfdi::G03,
        },
        forma_pago: Some(FormaPago::Efectivo),
        metodo_pago: MetodoPago::Pue,
        email: Email::parse("taller@amanecer.example").unwrap(),
        language: Lang::Es,
    }
}

/// Seals every open ticket of an issuer; gives how many there were.
async fn seal_all(app: &App, slug: &str) -> usize {
    let (scope, issuer) = service::scope_of_slug(app, slug).await.unwrap().unwrap();
    let csd = custody::signer(app, scope, app.now()).await.unwrap().csd;
    let mut conn = app.db.read().await.unwrap();
    let today = "2026-11-18".parse().unwrap();
    let open = tickets::service::list_open(&mut conn, scope, today, 1_000).await.unwrap();
    let order = an_order();
    // One very long ticket says as much as nine, in a ninth of the time.
    let longest = open.iter().position(|ticket| ticket.lines.len() > 100);
    let sealed = open.iter().enumerate().filter(|(index, ticket)| ticket.lines.len() <= 100 || Some(*index) == longest);
    for (folio, (_, ticket)) in (1..).zip(sealed) {
        let branch = service::find_branch(&mut conn, scope, ticket.branch_id).await.unwrap().unwrap();
        let fecha = "2026-11-18T09:00:00";
        let source = Source { issuer: &issuer, branch: &branch, ticket, order: &order, fecha };
        let xml = draft::build(&source)
            .and_then(|comprobante| draft::seal(comprobante, folio, &csd))
            .unwrap_or_else(|error| panic!("{} {}: {error:?}", branch.name, ticket.ticket_number));
        let report = cfdi::check(xml.as_bytes());
        assert!(report.is_ok(), "{} {}: {:?}", branch.name, ticket.ticket_number, report.errors);
        let total = cfdi::read(xml.as_bytes()).unwrap().comprobante.total;
        assert_eq!(total, ticket.total.to_decimal(), "{} {}", branch.name, ticket.ticket_number);
    }
    open.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_open_ticket_makes_a_document_of_its_own_total() {
    let app = TestApp::start(Engine::Sqlite).await;
    assert_eq!(seal_all(&app.app, "colibri-azul").await, 7 * 35);
    assert_eq!(seal_all(&app.app, "nandu").await, 2 * 35);
    app.finish().await;
}
