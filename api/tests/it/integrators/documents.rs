//! Documents made elsewhere: published, found, withdrawn.
use api::issuers::custody;
use reqwest::{Method, StatusCode};
use shared::ProblemCode;
use shared::accounts::SessionOpened;
use shared::documents::DocumentsPage;
use shared::integrators::{
    ApiScope, DocumentResource, EventKind, EventPage, Proved, PublishedDocument, WithdrawnDocument,
};
use shared::page::Page;
use shared::problem::FieldCode;

use super::{Program, scope_of};
use crate::support::{Browser, Reply, TestApp, on_both, order};

pub const CUSTOMER: &str = "TAM010203ABA";
pub const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n";

impl Program<'_> {
    pub(super) async fn publishes(&self, path: &str, media: &str, body: impl Into<reqwest::Body>) -> Reply {
        let request = self.request(Method::PUT, &format!("/documents/external/{path}"));
        self.send(request.header("Content-Type", media).body(body)).await
    }

    pub(super) async fn withdraws(&self, external_id: &str) -> Reply {
        self.send(self.request(Method::DELETE, &format!("/documents/external/{external_id}"))).await
    }
}

/// The demo's customer at a browser.
pub struct Customer {
    pub browser: Browser,
    pub token: String,
}

impl Customer {
    pub async fn of(app: &TestApp) -> Customer {
        let known = app.rehearsal().await.sign_ins.swap_remove(0);
        let browser = app.browser();
        let body = serde_json::json!({ "user": known.user, "password": known.password });
        let opened: SessionOpened = browser.post("/api/v1/sessions", &body).await.ok().json();
        Customer { browser, token: opened.access_token.expose().to_owned() }
    }

    pub async fn get(&self, path: &str) -> Reply {
        let request = self.browser.request(Method::GET, &format!("/api/v1/documents{path}"));
        self.browser.send(request.bearer_auth(&self.token)).await
    }

    pub async fn has(&self) -> DocumentsPage {
        self.get("").await.ok().json()
    }
}

/// A golden CFDI as the demo's first issuer would have had it made by another system: sealed with the issuer's key, with
/// a stamp of a SAT certificate that is not at hand.
pub async fn foreign_cfdi(app: &TestApp, golden: &str, folio: &str) -> Vec<u8> {
    foreign_cfdi_saying(app, golden, folio, &[]).await
}

/// The same, with other texts in place of some of the golden's.
pub async fn foreign_cfdi_saying(app: &TestApp, golden: &str, folio: &str, said: &[(&str, &str)]) -> Vec<u8> {
    let scope = scope_of(app, "default").await;
    let mut conn = app.app.db.read().await.unwrap();
    let issuer = api::issuers::service::find_issuer(&mut conn, scope).await.unwrap().unwrap();
    drop(conn);
    let path = format!("{}/cfdi/tests/golden/{golden}.xml", env!("CARGO_MANIFEST_DIR"));
    let golden = cfdi::read(&std::fs::read(&path).unwrap()).unwrap().comprobante;
    let signer = custody::signer(&app.app, scope, app.app.now()).await.unwrap();
    let certificate = signer.csd.certificate();
    let mut text = std::fs::read_to_string(path).unwrap();
    for (before, after) in said {
        assert!(text.contains(before), "{before}");
        text = text.replacen(before, after, 1);
    }
    for (name, before, after) in [
        ("Rfc", golden.emisor.rfc.as_str(), issuer.rfc.as_str()),
        ("Rfc", &golden.receptor.rfc, CUSTOMER),
        ("Fecha", &golden.fecha, "2026-11-10T10:00:00"),
        ("NoCertificado", &golden.no_certificado, certificate.no_certificado()),
        ("Certificado", &golden.certificado, &certificate.to_base64()),
    ] {
        text = text.replacen(&format!(" {name}=\"{before}\""), &format!(" {name}=\"{after}\""), 1);
    }
    let given = golden.folio.map(|given| format!(" Folio=\"{given}\"")).unwrap_or_default();
    text = text.replacen(&given, "", 1).replacen(" Fecha=", &format!(" Folio=\"{folio}\" Fecha="), 1);
    let cadena = cfdi::read(text.as_bytes()).unwrap().cadena_original.unwrap();
    let sello = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, signer.csd.sign(cadena.as_bytes()).unwrap());
    let text = text.replacen(&format!(" Sello=\"{}\"", golden.sello), &format!(" Sello=\"{sello}\""), 1);
    let timbre = cfdi::comprobante::Timbre {
        uuid: app.app.ids.uuid().to_string().to_uppercase(),
        fecha_timbrado: "2026-11-10T10:00:05".into(),
        rfc_prov_certif: "SPR190613I52".into(),
        leyenda: None,
        sello_cfd: sello,
        no_certificado_sat: "00001000000709999999".into(),
        sello_sat: "c2VsbG8=".into(),
    };
    if golden.version == "4.0" {
        return timbre.insert_into(&text).unwrap().into_bytes();
    }
    // Nobody stamps version 3.3 any more.
    let stamp = format!("<cfdi:Complemento>{}</cfdi:Complemento></cfdi:Comprobante>", timbre.to_xml());
    text.replacen("</cfdi:Comprobante>", &stamp, 1).into_bytes()
}

on_both!(documents_made_elsewhere_are_published_and_withdrawn, |app| {
    let scopes = [ApiScope::DocumentsWrite, ApiScope::DocumentsRead, ApiScope::EventsRead];
    let program = Program::at(app, "default", &scopes).await;
    let customer = Customer::of(app).await;
    a_cfdi_is_kept_as_it_came(app, &program, &customer).await;
    what_is_said_anew_is_kept(app, &program, &customer).await;
    a_payment_is_printed(app, &program, &customer).await;
    what_would_run_is_text(app, &program, &customer).await;
    a_payroll_is_kept_and_says_what_it_is(app, &program, &customer).await;
    what_is_wrong_is_told(app, &program).await;
    a_statement_is_its_contracts(app, &program, &customer).await;
    one_number_at_once_is_one_document(app).await;
    what_was_withdrawn_is_gone(app, &program, &customer).await;
});

/// Text of others that a browser, a template or a spreadsheet would run (B7, B8).
const HOSTILE: &str =
    r#"=HYPERLINK("http://x") "><meta http-equiv=refresh> {{7*7}} <img src=file:///etc/passwd> #read"#;

/// A document whose line, order and number say such things says them on its page, in every export and on paper.
async fn what_would_run_is_text(app: &TestApp, program: &Program<'_>, customer: &Customer) {
    let quoted = HOSTILE.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let line = format!(" Descripcion=\"{quoted}\"");
    let xml = foreign_cfdi_saying(app, "egreso", "=1+1", &[(" Descripcion=\"Venta\"", &line)]).await;
    let xml = String::from_utf8(xml).unwrap();
    let order = "%3DHYPERLINK(1)";
    let path = format!("hostil?purchase_order={order}");
    let kept: PublishedDocument = program.publishes(&path, "application/xml", xml.clone()).await.ok().json();
    let id = kept.document.id;
    let view: shared::documents::DocumentView = customer.get(&format!("/{id}")).await.ok().json();
    assert_eq!(view.cfdi.unwrap().lines[0].descripcion, HOSTILE);
    assert_eq!(view.document.folio, "=1+1");
    assert_eq!(customer.get(&format!("/{id}/xml")).await.ok().body, xml.as_bytes());
    let paper = printed_text(&customer.get(&format!("/{id}/pdf")).await.ok().body);
    for piece in [
        r#"=HYPERLINK("http://x")"#,
        r#""><meta http-equiv=refresh>"#,
        "{{7*7}}",
        "<img src=file:///etc/passwd>",
        "=1+1",
    ] {
        assert!(paper.contains(&piece.split_whitespace().collect::<String>()), "{piece} is not on paper: {paper}");
    }
    assert!(!paper.contains("root:"));
    for (format, wanted) in [("csv", "\"'=HYPERLINK(1)\""), ("xlsx", "=HYPERLINK(1)</t>")] {
        let list = String::from_utf8_lossy(&taken(customer, format, id).await).into_owned();
        assert!(list.contains(wanted) && !list.contains("<f>"), "{format}: {list}");
    }
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(taken(customer, "zip", id).await)).unwrap();
    let index = String::from_utf8(entry(&mut archive, "indice.csv")).unwrap();
    assert!(index.contains(",\"'=HYPERLINK(1)\",") && index.contains("=1+1"), "{index}");
    let index = String::from_utf8(sheet(entry(&mut archive, "indice.xlsx"))).unwrap();
    assert!(index.contains(">=HYPERLINK(1)</t>") && !index.contains("<f>"), "{index}");
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let is_plain = |name: &String| name.bytes().all(|c| c.is_ascii_alphanumeric() || b"._-".contains(&c));
    assert!(names.iter().all(is_plain), "{names:?}");
    let name = program.withdraws("hostil").await.ok();
    assert_eq!(name.json::<WithdrawnDocument>().id, id);
}

/// The list of one document as a file; of a workbook, its one sheet.
async fn taken(customer: &Customer, format: &str, id: uuid::Uuid) -> Vec<u8> {
    let wanted = serde_json::json!({ "format": format, "ids": [id] });
    let request = customer.browser.request(Method::POST, "/api/v1/documents/downloads").bearer_auth(&customer.token);
    let ticket: shared::documents::DownloadTicket = customer.browser.send(request.json(&wanted)).await.ok().json();
    let file = customer.browser.get(&ticket.address).await.ok().body;
    if format == "xlsx" { sheet(file.to_vec()) } else { file.to_vec() }
}

fn entry(archive: &mut zip::ZipArchive<std::io::Cursor<Vec<u8>>>, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut archive.by_name(name).unwrap(), &mut bytes).unwrap();
    bytes
}

/// The one sheet of a workbook.
fn sheet(workbook: Vec<u8>) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
    entry(&mut archive, "xl/worksheets/sheet1.xml")
}

/// What a reader of the PDF reads, without its spaces: a line may turn anywhere.
pub fn printed_text(pdf: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pdf).unwrap();
    let told = std::process::Command::new("pdftotext").arg("-raw").arg(file.path()).arg("-").output();
    let told = told.unwrap_or_else(|error| panic!("{error}. Type: sudo apt-get install -y poppler-utils"));
    assert!(told.status.success());
    String::from_utf8(told.stdout).unwrap().split_whitespace().collect()
}

async fn a_cfdi_is_kept_as_it_came(app: &TestApp, program: &Program<'_>, customer: &Customer) {
    let xml = foreign_cfdi(app, "egreso", "1").await;
    let path = "nc-1?purchase_order=OC-2026-118&contract=005300";
    let first = program.publishes(path, "application/xml", xml.clone()).await.ok();
    assert_eq!(first.status, StatusCode::CREATED);
    let first: PublishedDocument = first.json();
    assert_eq!((first.seal, first.stamp), (Proved::Yes, Proved::CannotTell));
    assert_eq!(first.document.kind, "nota_de_credito");
    assert_eq!(first.document.external_id.as_deref(), Some("nc-1"));
    let again = program.publishes(path, "application/xml", xml.clone()).await.ok();
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.json::<PublishedDocument>().document, first.document);
    let page = customer.has().await;
    assert_eq!(page.data.len(), 1);
    assert_eq!(page.data[0].purchase_order.as_deref(), Some("OC-2026-118"));
    assert_eq!(page.data[0].contract.as_deref(), Some("005300"), "as the issuer writes it");
    let found: DocumentsPage = customer.get("?typed=oc-2026-118").await.ok().json();
    assert_eq!(found.data.len(), 1);
    let id = first.document.id;
    assert_eq!(customer.get(&format!("/{id}/xml")).await.ok().body, xml, "byte for byte");
    assert_eq!(&customer.get(&format!("/{id}/pdf")).await.ok().body[..5], b"%PDF-");
    program.publishes("nc-2", "application/xml", xml).await.problem(ProblemCode::DocumentDiffers);
    let other = foreign_cfdi(app, "egreso", "99").await;
    program.publishes("nc-1", "application/xml", other).await.problem(ProblemCode::DocumentDiffers);
}

/// The same file with another contract or order: 200, and what is said now; said no more, it stays.
async fn what_is_said_anew_is_kept(app: &TestApp, program: &Program<'_>, customer: &Customer) {
    let xml = foreign_cfdi(app, "egreso", "21").await;
    let said = async |query: &str| -> (StatusCode, PublishedDocument) {
        let told = program.publishes(&format!("nc-21{query}"), "application/xml", xml.clone()).await.ok();
        (told.status, told.json())
    };
    let (_, first) = said("?contract=005300&purchase_order=OC-77-A").await;
    app.clock.advance_seconds(60);
    let (status, second) = said("?contract=17-0942&purchase_order=OC-77-B").await;
    assert_eq!((status, second.document.id), (StatusCode::OK, first.document.id));
    assert_eq!(second.document.contract.as_deref(), Some("17-0942"));
    assert_eq!(second.document.purchase_order.as_deref(), Some("OC-77-B"));
    assert_ne!(second.document.updated_at, first.document.updated_at, "who follows the list hears of it");
    assert_eq!(said("").await.1.document, second.document);
    let found: DocumentsPage = customer.get("?typed=oc-77-b").await.ok().json();
    assert_eq!(found.data.iter().map(|row| row.id).collect::<Vec<_>>(), [first.document.id]);
    the_list_is_asked_for_one(program, &second.document).await;
    program.withdraws("nc-21").await.ok();
    let (status, back) = said("?purchase_order=OC-77-C").await;
    assert_eq!((status, back.document.purchase_order.as_deref()), (StatusCode::CREATED, Some("OC-77-C")));
    program.withdraws("nc-21").await.ok();
}

/// By the UUID in its stamp, in any letters, and by who receives it.
async fn the_list_is_asked_for_one(program: &Program<'_>, wanted: &DocumentResource) {
    let listed = async |query: String| -> Vec<DocumentResource> {
        program.get(&format!("/documents?{query}")).await.ok().json::<Page<DocumentResource>>().data
    };
    let folio_fiscal = wanted.folio_fiscal.as_deref().unwrap();
    for written in [folio_fiscal.to_ascii_lowercase(), folio_fiscal.to_ascii_uppercase()] {
        assert_eq!(listed(format!("folio_fiscal={written}")).await, std::slice::from_ref(wanted));
    }
    assert!(listed(format!("receptor_rfc={CUSTOMER}")).await.contains(wanted));
    assert_eq!(listed(format!("receptor_rfc=CHI1203155K7&folio_fiscal={folio_fiscal}")).await, []);
    let wrong = program.get("/documents?folio_fiscal=1&receptor_rfc=2").await.problem(ProblemCode::InvalidFields);
    let pointers: Vec<&str> = wrong.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["?folio_fiscal", "?receptor_rfc"]);
}

/// What the feed told of a document, in its order.
async fn told_of(program: &Program<'_>, id: uuid::Uuid) -> Vec<EventKind> {
    let page: EventPage = program.get("/events?limit=100").await.ok().json();
    assert!(!page.has_more);
    page.data.into_iter().filter(|event| event.data.document_id == Some(id)).map(|event| event.kind).collect()
}

async fn a_payment_is_printed(app: &TestApp, program: &Program<'_>, customer: &Customer) {
    let xml = foreign_cfdi(app, "pago", "7").await;
    let published: PublishedDocument = program.publishes("cp-7", "application/xml", xml).await.ok().json();
    assert_eq!(published.document.kind, "complemento_de_pago");
    assert_eq!((published.document.total.as_str(), published.document.currency.as_str()), ("1500.00", "MXN"));
    let pdf = customer.get(&format!("/{}/pdf", published.document.id)).await.ok();
    assert_eq!(&pdf.body[..5], b"%PDF-");
}

/// Of any type, with any complement: the XML as it came, and a paper of its own.
async fn a_payroll_is_kept_and_says_what_it_is(app: &TestApp, program: &Program<'_>, customer: &Customer) {
    let xml = foreign_cfdi(app, "nomina", "3").await;
    let published = program.publishes("no-3", "application/xml", xml.clone()).await.ok();
    assert_eq!(published.status, StatusCode::CREATED);
    let published: PublishedDocument = published.json();
    assert_eq!((published.document.kind.as_str(), published.seal), ("factura", Proved::Yes));
    let id = published.document.id;
    assert_eq!(customer.get(&format!("/{id}/xml")).await.ok().body, xml);
    assert_eq!(&customer.get(&format!("/{id}/pdf")).await.ok().body[..5], b"%PDF-");
    program.withdraws("no-3").await.ok();
}

async fn what_is_wrong_is_told(app: &TestApp, program: &Program<'_>) {
    let told = async |reply: Reply| -> Vec<(String, FieldCode)> {
        let problem = reply.problem(ProblemCode::InvalidFields);
        problem.errors.into_iter().map(|error| (error.pointer, error.code)).collect()
    };
    let cfdi = vec![("/body".to_owned(), FieldCode::Cfdi)];
    let good = foreign_cfdi(app, "egreso", "5").await;
    let text = String::from_utf8(good.clone()).unwrap();
    let tampered = text.replacen("Folio=\"5\"", "Folio=\"6\"", 1);
    assert_ne!(tampered, text);
    assert_eq!(told(program.publishes("x", "application/xml", tampered).await).await, cfdi, "the seal is wrong");
    for bad in ["", "<a/>", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"] {
        assert_eq!(told(program.publishes("x", "application/xml", bad).await).await, cfdi, "{bad}");
    }
    let nandu = Program::at(app, "nandu", &[ApiScope::DocumentsWrite]).await;
    let theirs = told(nandu.publishes("x", "application/xml", good.clone()).await).await;
    assert_eq!(theirs, [("/body".to_owned(), FieldCode::NotTheIssuer)]);
    let unknown = told(program.publishes("x?contract=nobody", "application/xml", good.clone()).await).await;
    assert_eq!(unknown, [("?contract".to_owned(), FieldCode::NoSuchCustomer)]);
    let others = told(program.publishes("x?contract=000781", "application/xml", good.clone()).await).await;
    assert_eq!(others, [("?contract".to_owned(), FieldCode::ContractTaken)]);
    program.publishes("x", "image/png", good.clone()).await.problem(ProblemCode::UnsupportedMediaType);
    let reader = Program::at(app, "default", &[ApiScope::DocumentsRead]).await;
    reader.publishes("x", "application/xml", good).await.problem(ProblemCode::ScopeMissing);
    let all = told(program.publishes("x?kind=factura&total=1,0&currency=ABC", "application/pdf", PDF).await).await;
    let pointers: Vec<&str> = all.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(pointers, ["?kind", "?number", "?issued_at", "?currency", "?rfc"], "all at once");
    let not_pdf = told(program.publishes("x?kind=recibo", "application/pdf", "<html>").await).await;
    assert_eq!(not_pdf, [("/body".to_owned(), FieldCode::NotPdf)]);
}

/// Programs that bring the same number at the same moment.
const AT_ONCE: usize = 6;
const STATEMENT: &str =
    "kind=estado_de_cuenta&number=171001&contract=005300&issued_at=2017-10-01T07:00:00&total=743.97";

/// K11, K12: the manual's own number; two in a month.
async fn a_statement_is_its_contracts(_: &TestApp, program: &Program<'_>, customer: &Customer) {
    let first = program.publishes(&format!("ec-171001?{STATEMENT}"), "application/pdf", PDF).await.ok();
    let first: PublishedDocument = first.json();
    assert_eq!((first.document.folio.as_str(), first.document.receptor_rfc.as_str()), ("171001", CUSTOMER));
    let second = format!("ec-171003?{}", STATEMENT.replace("171001", "171003"));
    program.publishes(&second, "application/pdf", PDF).await.ok();
    let page: DocumentsPage = customer.get("?kind=estado_de_cuenta&issued_to=2017-12-31").await.ok().json();
    assert_eq!(page.data.len(), 2);
    assert!(page.data.iter().all(|row| row.contract.as_deref() == Some("005300")), "zeros kept");
    let pdf = customer.get(&format!("/{}/pdf", first.document.id)).await.ok();
    assert_eq!(pdf.body, PDF, "byte for byte");
    // Some generated clients send one media type for both.
    let as_xml = program.publishes(&format!("ec-171001?{STATEMENT}"), "application/xml", PDF).await.ok();
    assert_eq!(as_xml.json::<PublishedDocument>().document.id, first.document.id);
    let other = [PDF, b"%"].concat();
    let taken = program.publishes(&format!("ec-171001?{STATEMENT}"), "application/pdf", other.clone()).await;
    taken.problem(ProblemCode::DocumentDiffers);
    let number = program.publishes(&format!("another?{STATEMENT}"), "application/pdf", other.clone()).await;
    number.problem(ProblemCode::DocumentDiffers);
    // To the customer's other contract, and not back once its number is another's there.
    let moved = second.replace("005300", "17-0942");
    let there: PublishedDocument = program.publishes(&moved, "application/pdf", PDF).await.ok().json();
    assert_eq!(there.document.contract.as_deref(), Some("17-0942"));
    program.publishes(&second.replace("ec-171003", "ec-new"), "application/pdf", other).await.ok();
    program.publishes(&second, "application/pdf", PDF).await.problem(ProblemCode::DocumentDiffers);
}

/// What two systems bring at the same moment is one document, whatever each calls it.
async fn one_number_at_once_is_one_document(app: &TestApp) {
    // A key's own requests wait for each other.
    let mut programs = Vec::new();
    for _ in 0..AT_ONCE {
        programs.push(Program::at(app, "default", &[ApiScope::DocumentsWrite]).await);
    }
    let brought = |number: &str, names: fn(usize) -> String, pdf: fn(usize) -> Vec<u8>| {
        let statement = STATEMENT.replace("171001", number);
        (0..AT_ONCE).map(|n| (format!("{}?{statement}", names(n)), pdf(n))).collect::<Vec<_>>()
    };
    // 503: the house was full; the same again would be heard.
    let count = |told: &[u16], status| told.iter().filter(|found| **found == status || **found == 503).count();
    let other = |n| [PDF, format!("%{n}").as_bytes()].concat();
    let told = all_at_once(&programs, brought("171009", |n| format!("at-once-{n}"), other)).await;
    assert_eq!((told.iter().filter(|status| **status == 201).count(), count(&told, 409)), (1, AT_ONCE - 1), "{told:?}");
    let told = all_at_once(&programs, brought("171010", |_| "the-same".into(), |_| PDF.to_vec())).await;
    assert_eq!((told.iter().filter(|status| **status == 201).count(), count(&told, 200)), (1, AT_ONCE - 1), "{told:?}");
}

async fn all_at_once(programs: &[Program<'_>], brought: Vec<(String, Vec<u8>)>) -> Vec<u16> {
    let sent = programs.iter().zip(brought).map(|(program, (address, pdf))| async move {
        program.publishes(&address, "application/pdf", pdf).await.status.as_u16()
    });
    futures::future::join_all(sent).await
}

async fn what_was_withdrawn_is_gone(app: &TestApp, program: &Program<'_>, customer: &Customer) {
    let page: DocumentsPage = customer.get("?typed=171001").await.ok().json();
    let id = page.data[0].id;
    let nandu = Program::at(app, "nandu", &[ApiScope::DocumentsWrite]).await;
    nandu.withdraws("ec-171001").await.problem(ProblemCode::NotFound);
    let withdrawn: WithdrawnDocument = program.withdraws("ec-171001").await.ok().json();
    assert_eq!(withdrawn.id, id);
    assert!(withdrawn.had.iter().any(|one| one.act == "document.download" && one.by_customer), "{:?}", withdrawn.had);
    let again: WithdrawnDocument = program.withdraws("ec-171001").await.ok().json();
    assert_eq!(again, withdrawn);
    for path in [format!("/{id}"), format!("/{id}/pdf"), format!("/{id}/trail")] {
        customer.get(&path).await.problem(ProblemCode::NotFound);
    }
    program.get(&format!("/documents/{id}")).await.problem(ProblemCode::NotFound);
    program.get(&format!("/documents/{id}/pdf")).await.problem(ProblemCode::NotFound);
    assert!(customer.has().await.data.iter().all(|row| row.id != id));
    let published = format!("ec-171001?{STATEMENT}");
    let back = program.publishes(&published, "application/pdf", PDF).await.ok();
    assert_eq!(back.status, StatusCode::CREATED);
    assert_eq!(back.json::<PublishedDocument>().document.id, id, "the very same is the very same");
    use EventKind::{DocumentPublished, DocumentWithdrawn};
    assert_eq!(told_of(program, id).await, [DocumentPublished, DocumentWithdrawn, DocumentPublished]);
    customer.get(&format!("/{id}")).await.ok();
    program.withdraws("ec-171001").await.ok();
    let corrected = [PDF, b"%"].concat();
    let new: PublishedDocument = program.publishes(&published, "application/pdf", corrected).await.ok().json();
    assert_ne!(new.document.id, id, "a corrected one takes the name over");
    program.withdraws("nobody").await.problem(ProblemCode::NotFound);
    // What was issued here is no publisher's to withdraw.
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let claim = guest.claim(&ticket).await;
    guest.invoice(&order(&ticket, &claim, CUSTOMER), "k-1").await.ok();
    let proofs = api::ops::verify::prove(&app.app.config, &app.app.db, app.app.now()).await.unwrap();
    assert!(proofs.iter().all(api::proof::Proof::holds), "{proofs:?}");
}
