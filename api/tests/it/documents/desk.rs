//! Documents at the desk: brought in file by file, found, taken back (K10 to K12; U1, U2).
use shared::billing::{InvoiceState, InvoiceView};
use shared::documents::{BroughtDocument, DeskDocument, DeskWithdrawal};
use shared::integrators::{ApiScope, DocumentResource, Proved, PublishedDocument};
use shared::page::Page;

use super::*;
use crate::integrators::Program;
use crate::integrators::credit::on_credit;
use crate::integrators::documents::{CUSTOMER, Customer, PDF, foreign_cfdi, foreign_cfdi_saying};
use crate::payments::{Person as Payer, money_is_in_order};
use crate::support::Clerk;

const ROOT: &str = "/console/issuers/default/documents";
const STATEMENT: &str = "estado_005300_171001_2017-10-01T07-00-00_743.97.pdf";

pub async fn brings(clerk: &Clerk, query: &str, bytes: impl Into<reqwest::Body>) -> Reply {
    let request = clerk.browser.request(Method::POST, &format!("/api/v1{ROOT}?{query}"));
    let request = request.header("Content-Type", "application/octet-stream").bearer_auth(&clerk.token);
    clerk.browser.send(request.body(bytes)).await
}

async fn found(clerk: &Clerk, query: &str) -> Vec<DeskDocument> {
    clerk.get(&format!("{ROOT}{query}")).await.ok().json::<Page<DeskDocument>>().data
}

pub(super) fn told(reply: Reply) -> Vec<(String, FieldCode)> {
    let problem = reply.problem(ProblemCode::InvalidFields);
    problem.errors.into_iter().map(|error| (error.pointer, error.code)).collect()
}

on_both!(a_folder_is_brought_in_and_what_was_wrong_taken_back, |app| {
    let (desk, customer) = (app.desk().await, Customer::of(app).await);
    a_cfdi_says_everything_of_itself(app, &desk, &customer).await;
    a_pdf_says_it_by_its_name(&desk, &customer).await;
    what_is_wrong_is_told(app, &desk).await;
    a_withdrawn_one_is_nobodys(app, &desk, &customer).await;
    the_desk_finds_its_own(app, &desk).await;
});

async fn a_cfdi_says_everything_of_itself(app: &TestApp, desk: &Clerk, customer: &Customer) {
    let xml = foreign_cfdi(app, "egreso", "41").await;
    let first = brings(desk, "name=nc-41.xml&contract=005300", xml.clone()).await.ok();
    assert_eq!(first.status, StatusCode::CREATED);
    let first: BroughtDocument = first.json();
    assert!(first.is_new && first.has_reader);
    assert_eq!((first.seal, first.document.contract.as_deref()), (Proved::Yes, Some("005300")));
    let again = brings(desk, "name=copia%20de%20nc-41.xml", xml.clone()).await.ok();
    assert_eq!(again.status, StatusCode::OK, "the same file again is no error");
    assert_eq!(again.json::<BroughtDocument>().document, first.document);
    assert_eq!(customer.get(&format!("/{}/xml", first.document.id)).await.ok().body, xml);
    // What a program published is the same document when a person brings it.
    let program = Program::at(app, "default", &[ApiScope::DocumentsWrite]).await;
    let theirs = foreign_cfdi(app, "egreso", "42").await;
    let request = program.request(Method::PUT, "/documents/external/nc-42").header("Content-Type", "application/xml");
    let published: PublishedDocument = program.send(request.body(theirs.clone())).await.ok().json();
    let brought: BroughtDocument = brings(desk, "name=nc-42.xml", theirs).await.ok().json();
    assert_eq!((brought.is_new, brought.document), (false, published.document));
}

on_both!(a_seal_of_either_version_is_proved_or_refused, |app| {
    let desk = app.desk().await;
    let mut refusals = Vec::new();
    for (golden, folio, total) in [("egreso", "51", "116.00"), ("ingreso33", "52", "116.00"), ("pago33", "53", "0")] {
        let whole = String::from_utf8(foreign_cfdi(app, golden, folio).await).unwrap();
        let before = format!(" Total=\"{total}\"");
        assert_eq!(whole.matches(&before).count(), 1, "{golden}");
        let altered = whole.replace(&before, " Total=\"11.60\"");
        let refused = brings(&desk, &format!("name={golden}.xml"), altered).await.problem(ProblemCode::InvalidFields);
        refusals.push(refused.errors);
        let brought: BroughtDocument = brings(&desk, &format!("name={golden}.xml"), whole).await.ok().json();
        assert_eq!((brought.is_new, brought.seal), (true, Proved::Yes), "{golden}");
    }
    assert_eq!((refusals[0][0].pointer.as_str(), refusals[0][0].code), ("/body", FieldCode::Cfdi));
    assert!(refusals.iter().all(|told| *told == refusals[0]), "in the same words: {refusals:?}");
});

on_both!(codes_that_are_in_no_list_are_told_of_what_is_brought_and_refuse_nothing, |app| {
    let desk = app.desk().await;
    let bring = async |folio: &str| -> BroughtDocument {
        let xml = foreign_cfdi(app, "egreso", folio).await;
        brings(&desk, &format!("name=nc-{folio}.xml"), xml).await.ok().json()
    };
    assert!(bring("61").await.unlisted.is_empty(), "no list is at hand");
    for (name, text) in [
        ("c_ClaveUnidad.csv", "id,texto,vigencia desde,vigencia hasta\nACT,Actividad,2022-01-01,2025-12-31\n"),
        ("c_ClaveProdServ.csv", "id,texto\n01010101,No existe en el catálogo\n"),
        ("c_CodigoPostal.csv", "codigo_postal,estado\n64000,NLE\n"),
    ] {
        let found = api::catalogs::read(text.as_bytes(), name, None).unwrap();
        api::catalogs::import(&app.app.db, app.app.now(), &found, false).await.unwrap();
    }
    let brought = bring("62").await;
    assert!(brought.is_new);
    let told: Vec<(&str, &str, &str, Option<&str>)> = brought
        .unlisted
        .iter()
        .map(|one| (one.code.as_str(), one.list.as_str(), one.value.as_str(), one.until.as_deref()))
        .collect();
    assert_eq!(
        told,
        [("CFDI40162", "c_ClaveProdServ", "84111506", None), ("CFDI40165", "c_ClaveUnidad", "ACT", Some("2025-12-31"))]
    );
    assert_eq!(brought.unlisted[0].path, "/cfdi:Comprobante/cfdi:Conceptos/cfdi:Concepto/@ClaveProdServ");
    // The same file again says it again.
    let whole = foreign_cfdi(app, "egreso", "63").await;
    let first: BroughtDocument = brings(&desk, "name=nc-63.xml", whole.clone()).await.ok().json();
    let again: BroughtDocument = brings(&desk, "name=nc-63.xml", whole).await.ok().json();
    assert_eq!((again.is_new, &again.unlisted), (false, &first.unlisted));
    let statement: BroughtDocument = brings(&desk, &format!("name={STATEMENT}"), PDF).await.ok().json();
    assert!(statement.unlisted.is_empty());
});

async fn a_pdf_says_it_by_its_name(desk: &Clerk, customer: &Customer) {
    let brought: BroughtDocument = brings(desk, &format!("name={STATEMENT}"), PDF).await.ok().json();
    let said = &brought.document;
    assert_eq!(
        (said.kind.as_str(), said.folio.as_str(), said.total.as_str()),
        ("estado_de_cuenta", "171001", "743.97")
    );
    assert_eq!((said.contract.as_deref(), said.receptor_rfc.as_str()), (Some("005300"), CUSTOMER));
    assert_eq!(customer.get(&format!("/{}/pdf", said.id)).await.ok().body, PDF);
    let again = brings(desk, &format!("name={STATEMENT}"), PDF).await.ok();
    assert_eq!(again.status, StatusCode::OK);
    let other = [PDF, b"%"].concat();
    brings(desk, &format!("name={STATEMENT}"), other.clone()).await.problem(ProblemCode::DocumentDiffers);
    // K12: two in one month; this one's data are typed, since its name says nothing.
    assert_eq!(
        told(brings(desk, "name=171003.pdf", other.clone()).await),
        [("?name".to_owned(), FieldCode::PaperName)]
    );
    let typed = "name=171003.pdf&kind=estado_de_cuenta&number=171003&contract=005300\
                 &issued_at=2017-10-03T07:00:00&total=0.00";
    brings(desk, typed, other).await.ok();
    let page: DocumentsPage = customer.get("?kind=estado_de_cuenta&issued_to=2017-12-31").await.ok().json();
    let numbers: Vec<&str> = page.data.iter().map(|row| row.number.as_str()).collect();
    assert_eq!(numbers, ["171003", "171001"], "newest first");
}

async fn what_is_wrong_is_told(app: &TestApp, desk: &Clerk) {
    let cfdi = [("/body".to_owned(), FieldCode::Cfdi)];
    for bad in ["", "<a/>", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "PK\u{3}\u{4}"] {
        assert_eq!(told(brings(desk, "name=x.xml", bad).await), cfdi, "{bad}");
    }
    let not_pdf = told(brings(desk, &format!("name={STATEMENT}"), "<html>").await);
    assert_eq!(not_pdf, [("/body".to_owned(), FieldCode::NotPdf)]);
    let unknown = told(brings(desk, "name=estado_999999_1_2017-10-01_1.00.pdf", PDF).await);
    assert_eq!(unknown, [("?contract".to_owned(), FieldCode::NoSuchCustomer)]);
    let unknown = foreign_cfdi(app, "egreso", "44").await;
    let unknown = told(brings(desk, "name=x.xml&contract=999999", unknown).await);
    assert_eq!(unknown, [("?contract".to_owned(), FieldCode::NoSuchCustomer)], "a CFDI is given to nobody's contract");
    let long = format!("name={}.xml", "a".repeat(300));
    assert_eq!(told(brings(desk, &long, "<a/>").await), [("?name".to_owned(), FieldCode::TooLong)]);
    brings(desk, "name=x.xml", vec![b' '; 10 * 1024 * 1024 + 1]).await.problem(ProblemCode::BodyTooLarge);
    // Another company's staff bring nothing in here.
    let xml = foreign_cfdi(app, "egreso", "43").await;
    let request = desk.browser.request(Method::POST, "/api/v1/console/issuers/nandu/documents?name=x.xml");
    let request = request.header("Content-Type", "application/octet-stream");
    desk.browser.send(request.bearer_auth(&desk.token).body(xml.clone())).await.problem(ProblemCode::NotFound);
    let house = app.operator().await;
    let request = house.browser.request(Method::POST, "/api/v1/console/issuers/nandu/documents?name=x.xml");
    let request = request.header("Content-Type", "application/octet-stream");
    let theirs = told(house.browser.send(request.bearer_auth(&house.token).body(xml)).await);
    assert_eq!(theirs, [("/body".to_owned(), FieldCode::NotTheIssuer)]);
}

async fn a_withdrawn_one_is_nobodys(app: &TestApp, desk: &Clerk, customer: &Customer) {
    let row = found(desk, "?q=171001").await.remove(0);
    let id = row.document.id;
    assert!(row.is_published && row.withdrawn_at.is_none());
    let address = format!("{ROOT}/{id}");
    let withdrawn: DeskWithdrawal = desk.delete(&address).await.ok().json();
    let reader = withdrawn.had.iter().find(|one| one.act == "document.download").expect("it had been downloaded");
    assert!(reader.who.as_deref().is_some_and(|who| who.contains('@')), "{reader:?}");
    for path in [format!("/{id}"), format!("/{id}/pdf")] {
        customer.get(&path).await.problem(ProblemCode::NotFound);
    }
    desk.get(&format!("{address}/pdf")).await.problem(ProblemCode::NotFound);
    assert!(found(desk, "?q=171001").await[0].withdrawn_at.is_some());
    assert_eq!(desk.delete(&address).await.ok().json::<DeskWithdrawal>().id, id, "again is the same");
    // The right one takes its number; then the wrong one cannot come back, as long as the right one is there.
    let right = [PDF, b"%right"].concat();
    let new: BroughtDocument = brings(desk, &format!("name={STATEMENT}"), right).await.ok().json();
    assert_ne!(new.document.id, id);
    brings(desk, &format!("name={STATEMENT}"), PDF).await.problem(ProblemCode::DocumentDiffers);
    desk.delete(&format!("{ROOT}/{}", new.document.id)).await.ok();
    let back: BroughtDocument = brings(desk, &format!("name={STATEMENT}"), PDF).await.ok().json();
    assert_eq!((back.is_new, back.document.id), (true, id), "the very same is the very same");
    let audited: Vec<String> =
        column(app, "SELECT act FROM audit_log WHERE act = 'document.withdraw' AND actor LIKE 'user:%'").await;
    assert_eq!(audited.len(), 2);
}

async fn the_desk_finds_its_own(app: &TestApp, desk: &Clerk) {
    // What was issued here cannot be withdrawn, and another company's is none.
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let claim = guest.claim(&ticket).await;
    guest.invoice(&order(&ticket, &claim, CUSTOMER), "k-1").await.ok();
    let all = found(desk, "").await;
    let row = all.iter().find(|row| row.document.kind == "factura").expect("what was issued here is listed");
    assert!(!row.is_published);
    desk.delete(&format!("{ROOT}/{}", row.document.id)).await.problem(ProblemCode::NotFound);
    assert_eq!(&desk.get(&format!("{ROOT}/{}/pdf", row.document.id)).await.ok().body[..5], b"%PDF-");
    let stamp = row.document.folio_fiscal.clone().unwrap();
    let number = format!("{}-{}", row.document.serie, row.document.folio);
    for query in [stamp.to_lowercase(), number, row.document.folio.clone()] {
        assert_eq!(found(desk, &format!("?q={query}")).await[0].document.id, row.document.id, "{query}");
    }
    let all = found(desk, &format!("?q={CUSTOMER}")).await;
    assert_eq!(all.len(), found(desk, "").await.len());
    let first: Page<DeskDocument> = desk.get(&format!("{ROOT}?limit=2")).await.ok().json();
    let next = found(desk, &format!("?limit=100&cursor={}", first.next_cursor.unwrap())).await;
    assert_eq!(first.data.len() + next.len(), all.len());
    let house = app.operator().await;
    let theirs: Page<DeskDocument> = house.get("/console/issuers/nandu/documents").await.ok().json();
    assert!(theirs.data.is_empty());
}

on_both!(what_was_the_wrong_customers_is_not_theirs_again, |app| {
    const WRONG: &str = "estado_005300_180101_2018-01-01_743.97.pdf";
    const RIGHT: &str = "estado_000781_180101_2018-01-01_743.97.pdf";
    let (desk, customer) = (app.desk().await, Customer::of(app).await);
    let brought = async |name: &str, pdf: &[u8]| -> BroughtDocument {
        let told = brings(&desk, &format!("name={name}"), pdf.to_vec()).await.ok();
        assert_eq!(told.status, StatusCode::CREATED, "{name}");
        told.json()
    };
    let withdraws = async |id: uuid::Uuid| desk.delete(&format!("{ROOT}/{id}")).await.ok();
    let wrong = brought(WRONG, PDF).await.document;
    customer.get(&format!("/{}", wrong.id)).await.ok();
    withdraws(wrong.id).await;
    let right = brought(RIGHT, PDF).await;
    // Who had the wrong one can still be asked.
    withdraws(wrong.id).await;
    assert!(right.is_new && right.document.id != wrong.id);
    let said = (right.document.contract.as_deref(), right.document.receptor_rfc.as_str());
    assert_eq!(said, (Some("000781"), "CHI1203155K7"));
    for id in [wrong.id, right.document.id] {
        for path in [format!("/{id}"), format!("/{id}/pdf")] {
            customer.get(&path).await.problem(ProblemCode::NotFound);
        }
    }
    assert_eq!(desk.get(&format!("{ROOT}/{}/pdf", right.document.id)).await.ok().body, PDF);
    // A wrong number, and meanwhile the right paper has it: the first one comes as what it is.
    let first = brought("estado_005300_180102_2018-01-02_1.00.pdf", &[PDF, b"%a"].concat()).await.document;
    withdraws(first.id).await;
    brought("estado_005300_180102_2018-01-02_1.00.pdf", &[PDF, b"%b"].concat()).await;
    let corrected = brought("estado_005300_180103_2018-01-02_1.00.pdf", &[PDF, b"%a"].concat()).await.document;
    assert_eq!((corrected.folio.as_str(), corrected.id == first.id), ("180103", false));
    a_cfdi_comes_back_to_the_contract_that_is_said(app, &desk).await;
});

async fn a_cfdi_comes_back_to_the_contract_that_is_said(app: &TestApp, desk: &Clerk) {
    let xml = foreign_cfdi(app, "egreso", "71").await;
    let mut known = BTreeSet::new();
    for (said, kept) in [("&contract=005300", "005300"), ("&contract=17-0942", "17-0942"), ("", "17-0942")] {
        let told = brings(desk, &format!("name=nc-71.xml{said}"), xml.clone()).await.ok();
        assert_eq!(told.status, StatusCode::CREATED);
        let document = told.json::<BroughtDocument>().document;
        assert_eq!(document.contract.as_deref(), Some(kept));
        desk.delete(&format!("{ROOT}/{}", document.id)).await.ok();
        known.insert(document.id);
    }
    assert_eq!(known.len(), 1, "a CFDI is itself");
}

on_both!(the_desk_says_what_became_of_a_cfdi, |app| {
    let (desk, payer) = (app.desk().await, Payer::signs_in(app).await);
    let brought = brings(&desk, "name=f-7101.xml&contract=005300", on_credit(app, "7101").await).await.ok();
    let document = brought.json::<BroughtDocument>().document;
    let number = shared::documents::document_number(&document.serie, &document.folio);
    app.run_jobs().await;
    assert!(payer.is_open(&number).await);
    let path = format!("{ROOT}/{}/state", document.id);
    let says = async |state: &str| -> DocumentResource {
        app.clock.advance_seconds(1);
        let kept = desk.put(&path, &serde_json::json!({ "state": state })).await.ok().json();
        app.run_jobs().await;
        kept
    };
    let cancelled = async || payer.get("/documents?typed=canceladas").await.ok().json::<DocumentsPage>();
    assert_eq!(says("en_cancelacion").await.state, "en_cancelacion");
    assert!(payer.is_open(&number).await, "nothing is decided yet");
    assert_eq!(cancelled().await.data, []);
    let ended = says("cancelada").await;
    assert_eq!(ended.state, "cancelada");
    assert_eq!(says("cancelada").await, ended, "the same again changes nothing");
    assert_eq!(found(&desk, &format!("?q={number}")).await[0].document, ended);
    assert!(!payer.is_open(&number).await);
    let seen = cancelled().await;
    assert_eq!((seen.data[0].id, seen.totals.unwrap().sums), (document.id, Vec::new()), "it counts in no total");
    only_its_own_staff_say_it(app, (&desk, &payer), &path).await;
    // A slip is mended.
    assert_eq!(says("vigente").await.state, "vigente");
    assert!(payer.is_open(&number).await);
    let staff = format!("user:{}", desk.me.user_id);
    let audited: Vec<String> = column(app, "SELECT actor FROM audit_log WHERE act = 'document.state'").await;
    assert_eq!(audited, [staff.clone(), staff.clone(), staff]);
    money_is_in_order(app).await;
});

async fn only_its_own_staff_say_it(app: &TestApp, (desk, payer): (&Clerk, &Payer), path: &str) {
    let valid = serde_json::json!({ "state": "vigente" });
    let elsewhere = path.replace("/default/", "/nandu/");
    desk.put(&elsewhere, &valid).await.problem(ProblemCode::NotFound);
    // Those of another company, who may work there, find no such document.
    app.operator().await.put(&elsewhere, &valid).await.problem(ProblemCode::NotFound);
    payer.browser.send(payer.request(Method::PUT, path).json(&valid)).await.problem(ProblemCode::SignedOut);
    let paper: BroughtDocument = brings(desk, &format!("name={STATEMENT}"), PDF).await.ok().json();
    let of_paper = format!("{ROOT}/{}/state", paper.document.id);
    for (path, state) in [(path, "perdida"), (path, ""), (&of_paper, "cancelada")] {
        let wrong = told(desk.put(path, &serde_json::json!({ "state": state })).await);
        assert_eq!(wrong, [("/state".to_owned(), FieldCode::NotInCatalog)], "{path} {state}");
    }
    desk.delete(&format!("{ROOT}/{}", paper.document.id)).await.ok();
    desk.put(&of_paper, &valid).await.problem(ProblemCode::NotFound);
}

on_both!(a_number_finds_its_document_as_it_is_printed, |app| {
    let (desk, customer) = (app.desk().await, Customer::of(app).await);
    let of_digits = foreign_cfdi_saying(app, "egreso", "118204", &[(" Version=", " Serie=\"A1\" Version=")]).await;
    let typed =
        format!("name=x.pdf&kind=recibo&number=RP-201&rfc={CUSTOMER}&issued_at=2017-10-03T07:00:00&total=10.00");
    let mut kept = Vec::new();
    for (query, bytes) in [
        ("name=a.xml", of_digits),
        ("name=b.xml", foreign_cfdi(app, "egreso", "INV-0012").await),
        (typed.as_str(), PDF.to_vec()),
    ] {
        kept.push(brings(&desk, query, bytes).await.ok().json::<BroughtDocument>().document.id);
    }
    let rows = customer.has().await.data;
    let numbers = kept.iter().map(|id| rows.iter().find(|row| row.id == *id).unwrap().number.clone());
    let numbers: Vec<String> = numbers.collect();
    assert_eq!(numbers, ["A1-118204", "INV-0012", "RP-201"]);
    for (id, number) in kept.iter().zip(&numbers) {
        for typed in [number.clone(), number.to_lowercase()] {
            let at_desk: Vec<_> = found(&desk, &format!("?q={typed}")).await;
            assert_eq!(at_desk.iter().map(|row| row.document.id).collect::<Vec<_>>(), [*id], "{typed}");
            let theirs: DocumentsPage = customer.get(&format!("?typed={typed}")).await.ok().json();
            assert_eq!(theirs.data.iter().map(|row| row.id).collect::<Vec<_>>(), [*id], "{typed}");
        }
        // Another number goes along: the first is the way to them, and both must hold.
        let both: DocumentsPage = customer.get(&format!("?typed=999999%20{number}")).await.ok().json();
        assert_eq!(both.data, [], "{number}");
    }
});

/// The bytes that were sent to the PAC for the one invoice that waits, and under which id.
async fn sealed(app: &TestApp) -> (uuid::Uuid, Vec<u8>) {
    const SQL: &str = "SELECT id, sealed_xml FROM stamps WHERE state = 'sealed'";
    let url = &app.database.url;
    if app.app.db.is_sqlite() {
        sqlx::query_as(SQL).fetch_one(&mut SqliteConnection::connect(url).await.unwrap()).await.unwrap()
    } else {
        sqlx::query_as(SQL).fetch_one(&mut PgConnection::connect(url).await.unwrap()).await.unwrap()
    }
}

/// An invoice whose answer from the PAC was lost, and its CFDI brought in by somebody who fetched it at the PAC's own
/// pages, with its bytes.
async fn brought_before_its_answer(
    guest: &Browser,
    desk: &Clerk,
    app: &TestApp,
) -> (InvoiceView, BroughtDocument, String) {
    let ticket = app.ticket(0).await;
    let asked = order(&ticket, &guest.claim(&ticket).await, "PER010101001");
    // Stamped, and the answer is lost.
    let waiting: InvoiceView = guest.invoice(&asked, "k-1").await.ok().json();
    assert_eq!(waiting.state, InvoiceState::Waiting);
    let (id, xml) = sealed(app).await;
    let stamped = app.app.pac.stamp(std::str::from_utf8(&xml).unwrap(), &id.to_string()).await.unwrap();
    let brought = brings(desk, "name=del-pac.xml", stamped.0.clone()).await.ok().json();
    app.clock.advance_seconds(3_600);
    (waiting, brought, stamped.0)
}

on_both!(f6_a_cfdi_brought_in_before_its_answer_came_settles_its_invoice, |app| {
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let (waiting, brought, xml) = brought_before_its_answer(&guest, &app.desk().await, app).await;
    app.run_jobs().await;
    let invoice = guest.view(waiting.id).await;
    assert_eq!((invoice.state, invoice.mails.len()), (InvoiceState::Stamped, 1));
    assert_eq!(invoice.folio_fiscal, brought.document.folio_fiscal);
    let file = guest.get(&format!("/api/v1/invoices/{}/xml", invoice.id)).await.ok();
    assert_eq!(file.body, xml.into_bytes());
    guest.look_up(&ticket).await.problem(ProblemCode::TicketAlreadyInvoiced);
    const OF_IT: &str = "SELECT COUNT(*) FROM documents WHERE receptor_rfc = 'PER010101001'";
    assert_eq!(app.database.count(OF_IT).await, 1);
    // It is one that was issued here now.
    let again = format!("{ROOT}/{}", brought.document.id);
    app.desk().await.delete(&again).await.problem(ProblemCode::NotFound);
    let proofs = api::billing::verify::verify(&mut app.app.db.read().await.unwrap(), app.app.now()).await.unwrap();
    assert!(proofs.iter().all(api::proof::Proof::holds), "{proofs:?}");
});

on_both!(f6_one_that_was_withdrawn_again_is_there_when_its_invoice_settles, |app| {
    let guest = app.browser();
    let (waiting, brought, xml) = brought_before_its_answer(&guest, &app.desk().await, app).await;
    let desk = app.desk().await;
    desk.delete(&format!("{ROOT}/{}", brought.document.id)).await.ok();
    app.run_jobs().await;
    let invoice = guest.view(waiting.id).await;
    assert_eq!((invoice.state, invoice.mails.len()), (InvoiceState::Stamped, 1));
    let file = guest.get(&format!("/api/v1/invoices/{}/xml", invoice.id)).await.ok();
    assert_eq!(file.body, xml.into_bytes());
    desk.delete(&format!("{ROOT}/{}", brought.document.id)).await.problem(ProblemCode::NotFound);
});
