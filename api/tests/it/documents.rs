//! A customer finds its documents, and nobody else's.
mod bundles;
mod delivery;
pub mod desk;
mod following;
mod hostile;
mod limits;
mod served;
mod sharing;
mod words;

use std::collections::BTreeSet;

use api::config::Config;
use api::demo::history;
use reqwest::{Method, StatusCode};
use shared::ProblemCode;
use shared::accounts::SessionOpened;
use shared::documents::{DocumentFilters, DocumentKind, DocumentRow, DocumentTotals, DocumentView, DocumentsPage};
use shared::problem::FieldCode;
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::audit::by_hand;
use crate::support::{Browser, Reply, TestApp, on_both, order};

/// The demo's customer with users. The other one is CHI1203155K7.
const CUSTOMER: &str = "TAM010203ABA";

/// A signed-in person.
struct Person {
    browser: Browser,
    token: String,
}

impl Person {
    async fn signs_in(app: &TestApp) -> Person {
        Person::signs_in_as(app, 0).await
    }

    /// The one at this place of the rehearsal's list.
    async fn signs_in_as(app: &TestApp, place: usize) -> Person {
        let known = app.rehearsal().await.sign_ins.swap_remove(place);
        let browser = app.browser();
        let body = serde_json::json!({ "user": known.user, "password": known.password });
        let opened: SessionOpened = browser.post("/api/v1/sessions", &body).await.ok().json();
        Person { browser, token: opened.access_token.expose().to_owned() }
    }

    async fn ask(&self, method: Method, path: &str) -> Reply {
        let request = self.browser.request(method, &format!("/api/v1/documents{path}"));
        self.browser.send(request.bearer_auth(&self.token)).await
    }

    async fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path).await
    }

    async fn page(&self, query: &str) -> DocumentsPage {
        self.get(&format!("?limit=100{query}")).await.ok().json()
    }

    /// All pages of a search, a few rows at a time.
    async fn walk(&self, query: &str, limit: u32) -> Vec<DocumentRow> {
        let (mut rows, mut cursor, mut totals) = (Vec::new(), String::new(), None);
        loop {
            let page: DocumentsPage = self.get(&format!("?limit={limit}{query}{cursor}")).await.ok().json();
            assert!(page.data.len() <= usize::try_from(limit).unwrap());
            assert_eq!(totals.get_or_insert_with(|| page.totals.clone()), &page.totals, "totals are of all results");
            rows.extend(page.data);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return rows,
            }
        }
    }
}

/// One column of everything, as somebody with the database's password would ask for it.
async fn column<T>(app: &TestApp, sql: &'static str) -> Vec<T>
where
    T: Send + Unpin,
    (T,): for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>,
{
    let url = app.app.config.database_url();
    let rows: Vec<(T,)> = if app.app.db.is_sqlite() {
        sqlx::query_as(sql).fetch_all(&mut SqliteConnection::connect(&url).await.unwrap()).await.unwrap()
    } else {
        sqlx::query_as(sql).fetch_all(&mut PgConnection::connect(&url).await.unwrap()).await.unwrap()
    };
    rows.into_iter().map(|(value,)| value).collect()
}

fn ids(rows: &[DocumentRow]) -> BTreeSet<uuid::Uuid> {
    rows.iter().map(|row| row.id).collect()
}

fn folio(row: &DocumentRow) -> i64 {
    row.folio.parse().unwrap()
}

async fn filled(app: &TestApp) -> (Person, Vec<DocumentRow>) {
    history::begin(&app.app).await.unwrap();
    app.run_jobs().await;
    let person = Person::signs_in(app).await;
    let all = person.page("").await;
    assert_eq!(all.next_cursor, None);
    (person, all.data)
}

on_both!(a_customer_searches_its_documents, |app| {
    let (person, all) = filled(app).await;
    the_demo_has_a_past(&all);
    pages_are_the_whole(&person, &all).await;
    filters_find_what_they_say(&person, &all).await;
    filters_combine(&person, &all).await;
    totals_are_of_all_results(app, &person, &all).await;
    wrong_filters_are_named(&person).await;
    let offered: DocumentFilters = person.get("/filters").await.ok().json();
    assert_eq!(
        offered.issuers.iter().map(|issuer| issuer.slug.as_str()).collect::<Vec<_>>(),
        ["colibri-azul", "nandu"]
    );
    let contracts: Vec<_> = offered.contracts.iter().map(|one| (one.issuer.as_str(), one.number.as_str())).collect();
    assert_eq!(contracts, [("colibri-azul", "005300"), ("colibri-azul", "17-0942")]);
    assert_eq!(offered.kinds, DocumentKind::ALL);
    what_follows_an_invoice_is_found_from_both_ends(&person, &all).await;
    a_second_filling_changes_nothing(app, &person, &all).await;
    a_backup_has_the_papers(app).await;
    old_documents_are_read_again(app, &all).await;
});

/// Those that were kept before anybody wrote down what they name.
async fn old_documents_are_read_again(app: &TestApp, all: &[DocumentRow]) {
    const LEFT: &str = "SELECT COUNT(*) FROM documents_unread";
    app.database.execute("DELETE FROM document_references").await;
    app.database
        .execute(
            "INSERT INTO documents_unread (document_id, issuer_id) SELECT id, issuer_id FROM documents \
             WHERE xml IS NOT NULL",
        )
        .await;
    assert!(app.database.count(LEFT).await > 60);
    app.clock.advance_seconds(3_600);
    app.run_jobs().await;
    assert_eq!(app.database.count(LEFT).await, 0);
    what_follows_an_invoice_is_found_from_both_ends(&Person::signs_in(app).await, all).await;
}

fn the_demo_has_a_past(all: &[DocumentRow]) {
    let of = |kind| all.iter().filter(|row| row.kind == kind).collect::<Vec<_>>();
    assert_eq!(of(DocumentKind::Factura).len(), 34);
    let receipts = of(DocumentKind::Recibo);
    let made_here = receipts.iter().filter(|row| row.serie == "PG").count();
    assert_eq!((receipts.len(), made_here), (5, 2), "those of before the portal, and of what was paid at it");
    assert_eq!((of(DocumentKind::NotaDeCredito).len(), of(DocumentKind::ComplementoDePago).len()), (2, 4));
    let statements: Vec<_> = of(DocumentKind::EstadoDeCuenta).iter().map(|row| row.number.as_str()).collect();
    assert_eq!(statements, ["261101", "261001", "260903", "260901", "260801", "260701", "260601"], "newest first");
    for row in all {
        assert_eq!(row.has_xml, row.kind.is_cfdi());
        assert_eq!(row.folio_fiscal.is_some(), row.has_xml);
        assert_eq!(row.issued_at.civil[..10], row.issued_on, "the day is the wall's");
        assert!(row.issued_on.as_str() <= "2026-11-17");
    }
    let statement = of(DocumentKind::EstadoDeCuenta)[0];
    assert_eq!(
        (statement.contract.as_deref(), statement.issued_at.civil.as_str()),
        (Some("005300"), "2026-11-01T07:00:00")
    );
}

/// A nota de crédito and a complemento name their invoice, and the invoice's page shows them (C33).
async fn what_follows_an_invoice_is_found_from_both_ends(person: &Person, all: &[DocumentRow]) {
    let view = async |id| -> DocumentView { person.get(&format!("/{id}")).await.ok().json() };
    let following = [DocumentKind::NotaDeCredito, DocumentKind::ComplementoDePago];
    for row in all.iter().filter(|row| following.contains(&row.kind)) {
        let [invoice] = &view(row.id).await.related[..] else { panic!("{} names one invoice", row.number) };
        assert_eq!((invoice.kind, invoice.issuer.as_str()), (DocumentKind::Factura, "colibri-azul"));
        assert_eq!(view(invoice.id).await.related, std::slice::from_ref(row), "{}", invoice.number);
    }
    let plain = all.iter().find(|row| row.issuer == "nandu").unwrap();
    assert_eq!(view(plain.id).await.related, []);
}

async fn pages_are_the_whole(person: &Person, all: &[DocumentRow]) {
    for limit in [1, 7, 44] {
        assert_eq!(person.walk("", limit).await, all, "{limit} at a time");
    }
    let mut oldest = person.walk("&sort=oldest", 9).await;
    oldest.reverse();
    assert_eq!(oldest, all);
    assert!(all.windows(2).all(|two| two[0].issued_on >= two[1].issued_on));
    let strange = person.get("?cursor=e30").await;
    strange.problem(ProblemCode::MalformedAddress);
}

/// A query against the same question asked of the whole list.
async fn same(person: &Person, all: &[DocumentRow], query: &str, holds: impl Fn(&DocumentRow) -> bool) {
    let expected: Vec<&DocumentRow> = all.iter().filter(|row| holds(row)).collect();
    let found = person.page(&format!("&{query}")).await;
    assert_eq!(found.data.iter().collect::<Vec<_>>(), expected, "{query}");
    assert_eq!(usize::try_from(found.totals.unwrap().count).unwrap(), expected.len(), "{query}");
    assert!(!expected.is_empty() && expected.len() < all.len(), "{query} tells nothing: {}", expected.len());
}

async fn filters_find_what_they_say(person: &Person, all: &[DocumentRow]) {
    let day = all[all.len() / 2].issued_on.as_str();
    same(person, all, &format!("issued_from={day}"), |row| row.issued_on.as_str() >= day).await;
    same(person, all, &format!("issued_to={day}"), |row| row.issued_on.as_str() <= day).await;
    same(person, all, &format!("issued_from={day}&issued_to={day}"), |row| row.issued_on == day).await;
    for kind in DocumentKind::ALL {
        same(person, all, &format!("kind={}", kind.as_str()), |row| row.kind == kind).await;
    }
    for issuer in ["colibri-azul", "nandu"] {
        same(person, all, &format!("issuer={issuer}"), |row| row.issuer == issuer).await;
    }
    same(person, all, "contract=%20005300", |row| row.contract.as_deref() == Some("005300")).await;
    same(person, all, "folio_from=60310", |row| folio(row) >= 60_310).await;
    same(person, all, "folio_to=0060310", |row| folio(row) <= 60_310).await;
    same(person, all, "folio_from=FA-60310", |row| row.serie == "FA" && folio(row) >= 60_310).await;
    same(person, all, "folio_to=fa60310", |row| row.serie == "FA" && folio(row) <= 60_310).await;
    let nothing = person.page("&kind=nota_de_credito&issuer=nandu").await;
    assert_eq!((nothing.data, nothing.totals), (vec![], Some(DocumentTotals::default())));
    assert_eq!(person.page("&contract=5300").await.data, [], "leading zeros count");
    let empty = person.page("&issued_from=&issued_to=&kind=&contract=&issuer=&folio_from=&folio_to=&sort=").await;
    assert_eq!(empty.data, all, "empty filters are none");
}

async fn filters_combine(person: &Person, all: &[DocumentRow]) {
    let day = all[all.len() / 2].issued_on.as_str();
    let query = format!("issued_from={day}&kind=factura&issuer=colibri-azul&contract=005300&folio_from=FA-60301");
    same(person, all, &query, |row| {
        row.issued_on.as_str() >= day
            && row.kind == DocumentKind::Factura
            && row.issuer == "colibri-azul"
            && row.contract.as_deref() == Some("005300")
    })
    .await;
    same(person, all, "complementos=false", |row| row.kind != DocumentKind::ComplementoDePago).await;
    let query = "kind=estado_de_cuenta&issued_from=2026-09-01&issued_to=2026-09-30";
    same(person, all, query, |row| row.number.starts_with("2609") && row.kind == DocumentKind::EstadoDeCuenta).await;
}

async fn totals_are_of_all_results(app: &TestApp, person: &Person, all: &[DocumentRow]) {
    let sum = |rows: &[&DocumentRow]| -> rust_decimal::Decimal {
        rows.iter().map(|row| row.total.parse::<rust_decimal::Decimal>().unwrap()).sum()
    };
    let invoices: Vec<&DocumentRow> = all.iter().filter(|row| row.kind == DocumentKind::Factura).collect();
    let page: DocumentsPage = person.get("?limit=1").await.ok().json();
    let known: DocumentsPage = person.get("?limit=1&totals=false").await.ok().json();
    assert_eq!((known.data, known.totals), (page.data.clone(), None), "what is known is not counted again");
    let totals = page.totals.unwrap();
    assert_eq!(usize::try_from(totals.count).unwrap(), all.len());
    let kinds: Vec<_> = totals.sums.iter().map(|sum| (sum.kind, sum.count, sum.currency.as_str())).collect();
    let summed = DocumentKind::ALL.into_iter().filter(|kind| *kind != DocumentKind::EstadoDeCuenta);
    let expected = summed.map(|kind| (kind, all.iter().filter(|row| row.kind == kind).count() as u64, "MXN"));
    assert_eq!(kinds, expected.collect::<Vec<_>>());
    assert_eq!(totals.sums[0].total, sum(&invoices).to_string());

    by_hand(&app.app, "UPDATE documents SET state = 'cancelada' WHERE serie = 'FA' AND receptor_rfc = 'TAM010203ABA'")
        .await
        .unwrap();
    let totals = person.page("&kind=factura").await.totals.unwrap();
    let rest: Vec<&DocumentRow> = invoices.iter().copied().filter(|row| row.serie != "FA").collect();
    assert_eq!((totals.count, totals.sums[0].count), (34, 10));
    assert_eq!(totals.sums[0].total, sum(&rest).to_string());
    by_hand(&app.app, "UPDATE documents SET state = 'vigente'").await.unwrap();
}

async fn wrong_filters_are_named(person: &Person) {
    let faults = async |query: &str| -> Vec<(String, FieldCode)> {
        let problem = person.get(query).await.problem(ProblemCode::InvalidFields);
        problem.errors.into_iter().map(|error| (error.pointer, error.code)).collect()
    };
    assert_eq!(
        faults("?issued_from=31/01/2026&kind=x&folio_to=FA&limit=0").await,
        [
            ("?issued_from".to_owned(), FieldCode::Date),
            ("?kind".to_owned(), FieldCode::Shape),
            ("?folio_to".to_owned(), FieldCode::Folio),
            ("?limit".to_owned(), FieldCode::Shape),
        ]
    );
    assert_eq!(
        faults("?kind=estado_de_cuenta&contract=005300&issuer=nandu&folio_from=1&folio_to=2").await,
        ["?contract", "?issuer", "?folio_from", "?folio_to"].map(|name| (name.to_owned(), FieldCode::DatesOnly))
    );
    assert_eq!(faults("?issuer=nobody").await, [("?issuer".to_owned(), FieldCode::NotInCatalog)]);
    for query in ["?rfc=CHI1203155K7", "?customer_id=1", "?kind=factura&kind=recibo", "?limit=x", "/filters?rfc=A"] {
        person.get(query).await.problem(ProblemCode::MalformedAddress);
    }
}

/// Its PDFs lie beside the database: a backup has them, and they come back.
async fn a_backup_has_the_papers(app: &TestApp) {
    use api::ops::{backup, start::World};
    let folder = tempfile::tempdir().unwrap();
    let world = World { clock: app.app.clock.clone(), ids: app.app.ids.clone() };
    let file = folder.path().join("backup.zip");
    let manifest = backup::backup(&app.app.config, &file, &world).await.unwrap();
    let papers = column::<String>(app, "SELECT pdf_key FROM documents WHERE pdf_key IS NOT NULL").await;
    assert!(papers.len() > 15 && usize::try_from(manifest.files).unwrap() == papers.len());
    let config = Config { data_dir: folder.path().join("restored"), ..Config::default() };
    std::fs::create_dir(&config.data_dir).unwrap();
    let restored = backup::restore(&config, &file, 0, &world).await.unwrap();
    assert!(restored.proofs.iter().all(api::proof::Proof::holds), "{:?}", restored.proofs);
    let files = |data_dir: &std::path::Path| -> Vec<Vec<u8>> {
        papers.iter().map(|key| std::fs::read(data_dir.join("files").join(key)).unwrap()).collect()
    };
    assert_eq!(files(&config.data_dir), files(&app.app.config.data_dir));
    // The words are not in it: they are made again.
    const WORDS: &str = "SELECT COUNT(*) FROM document_words";
    let mut conn = SqliteConnection::connect(&config.database_url()).await.unwrap();
    let words: i64 = sqlx::query_scalar(WORDS).fetch_one(&mut conn).await.unwrap();
    assert_eq!(words, app.database.count(WORDS).await);
    conn.close().await.unwrap();
    std::fs::remove_file(app.app.config.data_dir.join("files").join(&papers[0])).unwrap();
    let refused = backup::backup(&app.app.config, &folder.path().join("second.zip"), &world).await.unwrap_err();
    assert!(format!("{refused:#}").contains(&papers[0]), "{refused:#}");
}

async fn a_second_filling_changes_nothing(app: &TestApp, person: &Person, all: &[DocumentRow]) {
    app.clock.advance_seconds(600);
    history::begin(&app.app).await.unwrap();
    app.run_jobs().await;
    assert_eq!(person.page("").await.data, all);
    let proofs = api::ops::verify::prove(&app.app.config, &app.app.db, app.app.now()).await.unwrap();
    assert!(proofs.iter().all(api::proof::Proof::holds), "{proofs:?}");
}

on_both!(b1_a_document_is_its_own_customers_alone, |app| {
    let (person, mine) = filled(app).await;
    let others: Vec<uuid::Uuid> = column(app, "SELECT id FROM documents WHERE receptor_rfc = 'CHI1203155K7'").await;
    assert!(others.len() > 20 && ids(&mine).is_disjoint(&others.iter().copied().collect()));
    let invoice = mine.iter().find(|row| row.has_xml).unwrap();
    its_view_and_files(&person, invoice).await;
    let statement = mine.iter().find(|row| row.kind == DocumentKind::EstadoDeCuenta).unwrap();
    a_paper_is_a_pdf_alone(&person, statement).await;
    foreign_is_missing(&person, others[0], invoice).await;
    signed_out_sees_nothing(app, invoice).await;
    what_is_related_is_its_own_too(app, &person, &mine).await;
    a_guests_invoice_is_in_the_list(app, &person).await;
    every_reading_is_recorded(app).await;
    a_generic_rfc_owns_nothing(app, &person).await;
    a_damaged_file_is_refused(app, &person, statement).await;
});

async fn its_view_and_files(person: &Person, row: &DocumentRow) {
    let view: DocumentView = person.get(&format!("/{}", row.id)).await.ok().json();
    assert_eq!(&view.document, row);
    let cfdi = view.cfdi.unwrap();
    assert_eq!((view.receptor_rfc.as_str(), cfdi.total.as_str()), (CUSTOMER, row.total.as_str()));
    assert!(cfdi.line_count > 0 && cfdi.lines.len() == usize::try_from(cfdi.line_count).unwrap());
    assert_eq!(cfdi.uso_cfdi.name, "Adquisición de mercancías");

    let xml = person.get(&format!("/{}/xml", row.id)).await.ok();
    assert_eq!(xml.headers["content-type"], "application/xml; charset=utf-8");
    assert_eq!(xml.headers["cache-control"], "no-store");
    assert_eq!(xml.headers["x-content-type-options"], "nosniff");
    let parsed = cfdi::read(&xml.body).unwrap().comprobante;
    assert_eq!(parsed.folio_fiscal(), row.folio_fiscal);
    assert_eq!((parsed.receptor.rfc.as_str(), parsed.fecha.as_str()), (CUSTOMER, row.issued_at.civil.as_str()));
    let report = cfdi::check(&xml.body);
    assert!(report.is_ok(), "{:?}", report.errors);
    let name = |extension| {
        format!("attachment; filename=\"{}_{}_{}.{extension}\"", ascii(&view.emisor_rfc), row.number, row.issued_on)
    };
    assert_eq!(xml.headers["content-disposition"], name("xml"));
    let again = person.get(&format!("/{}/xml", row.id)).await.ok();
    assert_eq!(again.body, xml.body, "byte for byte");

    let pdf = person.get(&format!("/{}/pdf", row.id)).await.ok();
    assert_eq!((pdf.headers["content-type"].to_str().unwrap(), &pdf.body[..5]), ("application/pdf", &b"%PDF-"[..]));
    assert_eq!(pdf.headers["content-disposition"], name("pdf"));
    let head = person.ask(Method::HEAD, &format!("/{}/pdf", row.id)).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.headers["content-disposition"], name("pdf"));
}

fn ascii(rfc: &str) -> String {
    rfc.chars().filter(char::is_ascii).collect()
}

async fn a_paper_is_a_pdf_alone(person: &Person, row: &DocumentRow) {
    let view: DocumentView = person.get(&format!("/{}", row.id)).await.ok().json();
    assert_eq!((view.cfdi, view.document.has_xml), (None, false));
    person.get(&format!("/{}/xml", row.id)).await.problem(ProblemCode::NotFound);
    let pdf = person.get(&format!("/{}/pdf", row.id)).await.ok();
    assert_eq!(&pdf.body[..5], b"%PDF-");
    let name = format!("attachment; filename=\"SCA010101AA4_{}_{}.pdf\"", row.folio, row.issued_on);
    assert_eq!(pdf.headers["content-disposition"], name);
}

/// The body of an answer without what names the request itself.
fn anonymous(reply: &Reply) -> serde_json::Value {
    let mut body: serde_json::Value = reply.json();
    body.as_object_mut().unwrap().remove("request_id");
    body
}

async fn foreign_is_missing(person: &Person, foreign: uuid::Uuid, own: &DocumentRow) {
    let missing = uuid::Uuid::from_u128(7);
    for form in ["", "/xml", "/pdf"] {
        let refused = person.get(&format!("/{foreign}{form}")).await;
        refused.problem(ProblemCode::NotFound);
        let unknown = person.get(&format!("/{missing}{form}")).await;
        assert_eq!(anonymous(&refused), anonymous(&unknown), "{form}");
        let head = person.ask(Method::HEAD, &format!("/{foreign}{form}")).await;
        assert_eq!((head.status, head.body.len()), (StatusCode::NOT_FOUND, 0));
        for addition in ["?rfc=CHI1203155K7", "?customer_id=1", "?issuer=nandu"] {
            for id in [foreign, own.id] {
                let reply = person.get(&format!("/{id}{form}{addition}")).await;
                reply.problem(ProblemCode::MalformedAddress);
            }
        }
    }
    person.get("/not-an-id").await.problem(ProblemCode::MalformedAddress);
}

async fn signed_out_sees_nothing(app: &TestApp, row: &DocumentRow) {
    let nobody = app.browser();
    for path in [String::new(), "/filters".to_owned(), format!("/{}", row.id), format!("/{}/xml", row.id)] {
        nobody.get(&format!("/api/v1/documents{path}")).await.problem(ProblemCode::SignedOut);
    }
}

/// A folio fiscal named in somebody else's document opens nothing.
async fn what_is_related_is_its_own_too(app: &TestApp, person: &Person, mine: &[DocumentRow]) {
    let named = mine.iter().find(|row| row.kind == DocumentKind::ComplementoDePago).unwrap();
    let view: DocumentView = person.get(&format!("/{}", named.id)).await.ok().json();
    let invoice = &view.related[0];
    let away =
        "UPDATE documents SET receptor_rfc = 'CUL0001019Z3' WHERE serie = 'CP' AND receptor_rfc = 'TAM010203ABA'";
    by_hand(&app.app, away).await.unwrap();
    let view: DocumentView = person.get(&format!("/{}", invoice.id)).await.ok().json();
    assert_eq!(view.related, []);
    by_hand(&app.app, "UPDATE documents SET receptor_rfc = 'TAM010203ABA' WHERE receptor_rfc = 'CUL0001019Z3'")
        .await
        .unwrap();
}

/// T13: the same invoice can be found later, signed in.
async fn a_guests_invoice_is_in_the_list(app: &TestApp, person: &Person) {
    let before = person.page("").await.totals.unwrap().count;
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let claim = guest.claim(&ticket).await;
    let invoice: shared::billing::InvoiceView =
        guest.invoice(&order(&ticket, &claim, CUSTOMER), "k-1").await.ok().json();
    let page = person.page("").await;
    assert_eq!(page.totals.unwrap().count, before + 1);
    let row = page.data.iter().find(|row| row.folio_fiscal == invoice.folio_fiscal).expect("it is in the list");
    assert_eq!((row.total.as_str(), row.contract.as_deref()), (invoice.total.as_str(), None));
    let theirs = guest.get(&format!("/api/v1/invoices/{}/xml", invoice.id)).await.ok();
    assert_eq!(person.get(&format!("/{}/xml", row.id)).await.ok().body, theirs.body);
}

async fn every_reading_is_recorded(app: &TestApp) {
    let mut conn = app.app.db.read().await.unwrap();
    let report = api::audit::verify(&mut conn).await.unwrap();
    assert!(report.broken.is_none());
    drop(conn);
    let sql = "SELECT DISTINCT act FROM audit_log WHERE act LIKE 'document.%' AND actor LIKE 'user:%' ORDER BY act";
    assert_eq!(column::<String>(app, sql).await, ["document.download", "document.view"]);
}

/// XAXX010101000 is everybody: a customer under it sees no document of the others under it.
async fn a_generic_rfc_owns_nothing(app: &TestApp, person: &Person) {
    by_hand(&app.app, "UPDATE documents SET receptor_rfc = 'XAXX010101000' WHERE receptor_rfc = 'TAM010203ABA'")
        .await
        .unwrap();
    by_hand(&app.app, "UPDATE customers SET rfc = 'XAXX010101000' WHERE rfc = 'TAM010203ABA'").await.unwrap();
    let page = person.page("").await;
    assert_eq!((page.data, page.totals.unwrap().count), (vec![], 0));
    by_hand(&app.app, "UPDATE customers SET rfc = 'TAM010203ABA' WHERE rfc = 'XAXX010101000'").await.unwrap();
    by_hand(&app.app, "UPDATE documents SET receptor_rfc = 'TAM010203ABA' WHERE receptor_rfc = 'XAXX010101000'")
        .await
        .unwrap();
    assert!(person.page("").await.totals.unwrap().count > 0);
}

async fn a_damaged_file_is_refused(app: &TestApp, person: &Person, row: &DocumentRow) {
    let folder = app.app.config.data_dir.join("files");
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() { folders.push(entry) } else { std::fs::write(&entry, b"%PDF-else").unwrap() }
        }
    }
    person.get(&format!("/{}/pdf", row.id)).await.problem(ProblemCode::Internal);
    let proofs = api::ops::verify::prove(&app.app.config, &app.app.db, app.app.now()).await.unwrap();
    let broken: Vec<_> = proofs.iter().filter(|proof| !proof.holds()).map(|proof| proof.promise).collect();
    assert_eq!(broken, ["every kept file matches its SHA-256"]);
}
