//! Documents taken in numbers: whole, one's own, once, and recorded.
use std::io::{Cursor, Read};
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::documents::{BundleState, DocumentBundle, DocumentBundles, DocumentNews, DocumentSort, DownloadTicket};
use zip::ZipArchive;

use super::*;
use crate::support::process::eventually;

impl Person {
    async fn post(&self, path: &str, body: &Value) -> Reply {
        let request = self.browser.request(Method::POST, &format!("/api/v1/documents{path}")).json(body);
        self.browser.send(request.bearer_auth(&self.token)).await
    }

    /// Orders a file and has it.
    pub(super) async fn takes(&self, body: &Value) -> Reply {
        let ticket: DownloadTicket = self.post("/downloads", body).await.ok().json();
        self.browser.get(&ticket.address).await.ok()
    }

    pub(super) async fn news(&self) -> DocumentNews {
        self.get("/news").await.ok().json()
    }
}

pub(super) fn opened(reply: &Reply) -> ZipArchive<Cursor<Vec<u8>>> {
    ZipArchive::new(Cursor::new(reply.body.clone())).unwrap()
}

pub(super) fn part(archive: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// The lines of a CSV without its BOM; no cell of these tests has a line break.
pub(super) fn lines(csv: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(csv.strip_prefix(b"\xef\xbb\xbf").expect("a BOM")).unwrap();
    text.split_terminator("\r\n").map(str::to_owned).collect()
}

on_both!(many_documents_come_in_one_file, |app| {
    let (person, all) = filled(app).await;
    let foreign: Vec<uuid::Uuid> = column(app, "SELECT id FROM documents WHERE receptor_rfc = 'CHI1203155K7'").await;
    what_is_new_comes_once(app, &person, &all).await;
    let all = person.page("").await.data;
    an_archive_has_what_was_chosen(app, &person, &all).await;
    one_foreign_id_refuses_the_whole(&person, &all, foreign[0]).await;
    an_order_is_good_once_and_soon(app, &person).await;
    the_list_is_a_table(app, &person, &all).await;
    the_box_finds_what_is_typed(app, &person, &all).await;
    totals_sort(&person, &all).await;
    an_archive_survives_its_missing_papers(app, &person, &all).await;
    an_order_ends_with_its_session(app, &person).await;
});

async fn what_is_new_comes_once(app: &TestApp, person: &Person, all: &[DocumentRow]) {
    let before = person.news().await;
    assert_eq!((usize::try_from(before.documents).unwrap(), before.since), (all.len(), None));
    let first = opened(&person.takes(&json!({"format": "zip", "news": true})).await);
    let papers = all.iter().map(|row| 1 + usize::from(row.has_xml)).sum::<usize>();
    assert_eq!(first.len(), papers + 2, "every paper, and the index twice");
    let after = person.news().await;
    assert_eq!((after.documents, after.since.is_some()), (0, true));
    let mut second = opened(&person.takes(&json!({"format": "zip", "news": true})).await);
    assert_eq!(second.len(), 2);
    assert_eq!(lines(&part(&mut second, "indice.csv")).len(), 1, "headings alone");
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let claim = guest.claim(&ticket).await;
    guest.invoice(&order(&ticket, &claim, CUSTOMER), "k-1").await.ok();
    assert_eq!(person.news().await.documents, 1);
}

/// An invoice that nothing goes with.
async fn lonely<'a>(person: &Person, all: &'a [DocumentRow]) -> &'a DocumentRow {
    for row in all.iter().filter(|row| row.serie == "FA") {
        let view: DocumentView = person.get(&format!("/{}", row.id)).await.ok().json();
        if view.related.is_empty() {
            return row;
        }
    }
    panic!("every invoice was paid later or lessened")
}

async fn an_archive_has_what_was_chosen(app: &TestApp, person: &Person, all: &[DocumentRow]) {
    let invoice = lonely(person, all).await;
    let paper = all.iter().find(|row| row.kind == DocumentKind::EstadoDeCuenta).unwrap();
    let reply = person.takes(&json!({"format": "zip", "ids": [invoice.id, paper.id]})).await;
    assert_eq!(reply.headers["content-type"], "application/zip");
    assert_eq!(reply.headers["cache-control"], "no-store");
    let disposition = reply.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment; filename=\"TAM010203ABA_documentos_2"), "{disposition}");
    let mut archive = opened(&reply);
    let name = format!("SCA010101AA4_{}_{}", invoice.number, invoice.issued_on);
    let xml = part(&mut archive, &format!("{name}.xml"));
    assert_eq!(xml, person.get(&format!("/{}/xml", invoice.id)).await.ok().body, "byte for byte");
    assert_eq!(&part(&mut archive, &format!("{name}.pdf"))[..5], b"%PDF-");
    let index = lines(&part(&mut archive, "indice.csv"));
    assert_eq!(index.len(), 3);
    let hash = sha2_hex(&xml);
    assert!(index.iter().any(|line| line.contains(&format!("{name}.xml")) && line.ends_with(&hash)), "{index:?}");
    assert_eq!(&part(&mut archive, "indice.xlsx")[..2], b"PK");
    assert_eq!(archive.len(), 5);
    let sql = "SELECT object_id FROM audit_log WHERE act = 'document.download' AND after_json LIKE '%zip%'";
    let recorded: BTreeSet<String> = column(app, sql).await.into_iter().collect();
    assert!(recorded.contains(&invoice.id.to_string()) && recorded.contains(&paper.id.to_string()));

    let all_but_one = json!({"format": "zip", "query": {"kind": "estado_de_cuenta"}, "except": [paper.id]});
    let statements = all.iter().filter(|row| row.kind == DocumentKind::EstadoDeCuenta).count();
    assert_eq!(opened(&person.takes(&all_but_one).await).len(), statements - 1 + 2);
}

fn sha2_hex(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn one_foreign_id_refuses_the_whole(person: &Person, all: &[DocumentRow], foreign: uuid::Uuid) {
    for stranger in [foreign, uuid::Uuid::from_u128(7)] {
        let body = json!({"format": "zip", "ids": [all[0].id, stranger]});
        person.post("/downloads", &body).await.problem(ProblemCode::NotFound);
    }
    for wrong in [
        json!({"format": "zip"}),
        json!({"format": "zip", "query": {"kind": "x"}}),
        json!({"format": "zip", "query": {"issuer": "nobody"}}),
    ] {
        person.post("/downloads", &wrong).await.problem(ProblemCode::InvalidFields);
    }
    let named = json!({"format": "zip", "query": {}, "rfc": "CHI1203155K7"});
    let refused = person.post("/downloads", &named).await;
    assert!(refused.status.is_client_error(), "{}", refused.text());
}

async fn an_order_is_good_once_and_soon(app: &TestApp, person: &Person) {
    let everything = json!({"format": "csv", "query": {}});
    let ticket: DownloadTicket = person.post("/downloads", &everything).await.ok().json();
    let nobody = app.browser();
    assert_eq!(nobody.get(&ticket.address).await.status, StatusCode::OK, "the address is the right to it");
    nobody.get(&ticket.address).await.problem(ProblemCode::NotFound);
    // A download manager looks before it takes.
    let looked: DownloadTicket = person.post("/downloads", &everything).await.ok().json();
    for _ in 0..2 {
        let head = nobody.send(nobody.request(Method::HEAD, &looked.address)).await;
        assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
        assert_eq!(head.headers["content-type"], "text/csv; charset=utf-8");
        assert!(head.headers["content-disposition"].to_str().unwrap().ends_with(".csv\""));
    }
    assert_eq!(nobody.get(&looked.address).await.status, StatusCode::OK, "a look uses nothing up");
    let used = nobody.send(nobody.request(Method::HEAD, &looked.address)).await;
    assert_eq!(used.status, StatusCode::NOT_FOUND);
    let late: DownloadTicket = person.post("/downloads", &everything).await.ok().json();
    app.clock.advance_seconds(61);
    nobody.get(&late.address).await.problem(ProblemCode::NotFound);
    for token in ["x", &"0".repeat(64)] {
        nobody.get(&format!("/api/v1/downloads/{token}")).await.problem(ProblemCode::NotFound);
    }
}

async fn the_list_is_a_table(app: &TestApp, person: &Person, all: &[DocumentRow]) {
    by_hand(
        &app.app,
        "UPDATE documents SET purchase_order = '=HYPERLINK(1)', purchase_order_folded = '=HYPERLINK(1)' \
         WHERE receptor_rfc = 'TAM010203ABA' AND kind = 'recibo'",
    )
    .await
    .unwrap();
    let table = lines(&person.takes(&json!({"format": "csv", "query": {}})).await.body);
    assert_eq!(table.len(), all.len() + 1);
    assert!(table[0].starts_with("Tipo,Folio,Folio fiscal,Fecha,Contrato,"), "{}", table[0]);
    for (line, row) in table[1..].iter().zip(all) {
        assert!(line.contains(&row.number) && line.ends_with(&format!("{},MXN", row.total)), "{line}");
    }
    let papers: Vec<&String> = table.iter().filter(|line| line.starts_with("Recibo,")).collect();
    assert!(!papers.is_empty() && papers.iter().all(|line| line.contains(",\"'=HYPERLINK(1)\",")), "B8: {papers:?}");
    let mut book = opened(&person.takes(&json!({"format": "xlsx", "query": {"kind": "recibo"}})).await);
    let sheet = String::from_utf8(part(&mut book, "xl/worksheets/sheet1.xml")).unwrap();
    assert_eq!(sheet.matches("<row>").count(), papers.len() + 1);
    assert!(sheet.contains("preserve\">=HYPERLINK(1)</t>") && !sheet.contains("<f>"), "a text, and no formula");
}

async fn the_box_finds_what_is_typed(app: &TestApp, person: &Person, all: &[DocumentRow]) {
    by_hand(
        &app.app,
        "UPDATE documents SET purchase_order = 'OC-77', purchase_order_folded = 'OC-77' \
         WHERE receptor_rfc = 'TAM010203ABA' AND serie = 'FN'",
    )
    .await
    .unwrap();
    let found = async |typed: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("typed", typed).finish();
        person.page(&format!("&{query}")).await.data
    };
    let one = all.iter().find(|row| row.has_xml && row.serie == "FA").unwrap();
    let uuid = one.folio_fiscal.clone().unwrap();
    for typed in [one.number.clone(), one.folio.clone(), uuid.clone(), uuid[..8].to_lowercase(), one.total.clone()] {
        let rows = found(&typed).await;
        assert!(rows.iter().any(|row| row.id == one.id), "{typed}");
        assert!(rows.len() < all.len(), "{typed} tells nothing");
    }
    let month = found("oct").await;
    assert!(!month.is_empty() && month.iter().all(|row| row.issued_on.starts_with("2026-10-")));
    assert!(found("oc-77").await.iter().all(|row| row.serie == "FN"));
    assert_eq!(found("oc-77").await.len(), all.iter().filter(|row| row.serie == "FN").count());
    assert!(found("005300").await.iter().all(|row| row.contract.as_deref() == Some("005300")));
    let both = found("recibos colibrí").await;
    assert!(!both.is_empty() && both.iter().all(|row| row.kind == DocumentKind::Recibo));
    for nothing in ["%", "_", "zzz", "100%", "'; DROP TABLE documents; --", "CHI1203155K7"] {
        let rows = found(nothing).await;
        assert!(ids(&rows).is_subset(&ids(all)), "{nothing} finds another's");
    }
    assert_eq!(found("zzz").await, []);
    person.get("?typed=a%20b%20c%20d%20e%20f%20g%20h%20i").await.problem(ProblemCode::InvalidFields);
}

on_both!(n9_nothing_typed_finds_anothers_document, |app| {
    let (person, all) = filled(app).await;
    let own = ids(&all);
    let mut words: Vec<String> =
        ["%", "_", "oct", "facturas", "3171.86", "'", "\"", "--", "OR"].map(str::to_owned).to_vec();
    for sql in [
        "SELECT folio FROM documents WHERE receptor_rfc = 'CHI1203155K7'",
        "SELECT serie FROM documents WHERE receptor_rfc = 'CHI1203155K7'",
        "SELECT folio_fiscal FROM documents WHERE receptor_rfc = 'CHI1203155K7' AND folio_fiscal IS NOT NULL",
        "SELECT receptor_nombre FROM documents",
        "SELECT folio FROM documents WHERE receptor_rfc = 'TAM010203ABA'",
        "SELECT folio_fiscal FROM documents WHERE receptor_rfc = 'TAM010203ABA' AND folio_fiscal IS NOT NULL",
    ] {
        let said: Vec<String> = column(app, sql).await;
        assert!(!said.is_empty() || !sql.starts_with("SELECT folio "), "{sql}");
        words.extend(said.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned));
    }
    // The same every time: what failed once can be had again.
    let mut seed: u64 = 0x5eed;
    let mut below = |limit: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % limit
    };
    let mut found = 0;
    for _ in 0..80 {
        let tokens: Vec<String> = (0..=below(2))
            .map(|_| {
                let word: Vec<char> = words[below(words.len())].chars().collect();
                let from = if below(2) == 0 { 0 } else { below(word.len()) };
                word[from..=from + below(word.len() - from)].iter().collect()
            })
            .collect();
        let typed = tokens.join(" ");
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("typed", &typed).finish();
        let rows = person.page(&format!("&{query}")).await.data;
        assert!(ids(&rows).is_subset(&own), "{typed} finds another's");
        found += usize::from(!rows.is_empty());
    }
    assert!(found > 0, "nothing was found at all");
});

async fn totals_sort(person: &Person, all: &[DocumentRow]) {
    for sort in [DocumentSort::Highest, DocumentSort::Lowest] {
        let rows = person.walk(&format!("&sort={}", sort.as_str()), 9).await;
        assert_eq!(ids(&rows), ids(all));
        let totals: Vec<rust_decimal::Decimal> = rows.iter().map(|row| row.total.parse().unwrap()).collect();
        let falls = totals.windows(2).all(|two| two[0] >= two[1]);
        let rises = totals.windows(2).all(|two| two[0] <= two[1]);
        assert!(if sort == DocumentSort::Highest { falls } else { rises }, "{totals:?}");
    }
}

/// A PDF that cannot be had takes no XML with it, and is named.
async fn an_archive_survives_its_missing_papers(app: &TestApp, person: &Person, all: &[DocumentRow]) {
    let invoice = lonely(person, all).await;
    let paper = all.iter().find(|row| row.kind == DocumentKind::EstadoDeCuenta).unwrap();
    let folder = app.app.config.data_dir.join("files");
    std::fs::rename(&folder, folder.with_extension("away")).unwrap();
    let reply = person.takes(&json!({"format": "zip", "ids": [invoice.id, paper.id]})).await;
    std::fs::rename(folder.with_extension("away"), &folder).unwrap();
    let mut archive = opened(&reply);
    let missing = String::from_utf8(part(&mut archive, "faltantes.txt")).unwrap();
    assert!(missing.contains(&format!("_{}_", paper.number)) && !missing.contains(&invoice.number), "{missing}");
    assert_eq!(archive.len(), 5, "XML, PDF, the index twice, and what is missing");
}

async fn an_order_ends_with_its_session(app: &TestApp, person: &Person) {
    let ticket: DownloadTicket = person.post("/downloads", &json!({"format": "csv", "query": {}})).await.ok().json();
    by_hand(&app.app, "UPDATE sessions SET revoked_at = created_at").await.unwrap();
    person.browser.get(&ticket.address).await.problem(ProblemCode::NotFound);
    person.post("/downloads", &json!({"format": "csv", "query": {}})).await.problem(ProblemCode::SignedOut);
    app.browser()
        .post("/api/v1/documents/downloads", &json!({"format": "csv", "query": {}}))
        .await
        .problem(ProblemCode::SignedOut);
}

on_both!(whoever_finds_no_place_hears_it_before_the_browser_does, |app| {
    let (person, _) = filled(app).await;
    let wanted = json!({"format": "csv", "query": {}});
    let me = column::<uuid::Uuid>(app, "SELECT user_id FROM sessions WHERE kind = 'customer'").await[0];
    let [one, other] = [1, 2].map(uuid::Uuid::from_u128);
    let take = |who| app.app.downloads.take(who, true).unwrap();
    let held = [take(one), take(one), take(other), take(other)];
    let apart = person.post("/downloads", &wanted).await;
    assert_eq!(apart.status, StatusCode::ACCEPTED, "it is made apart: {}", apart.text());
    let at_once = json!({"format": "csv", "query": {}, "background": false});
    person.post("/downloads", &at_once).await.problem(ProblemCode::Busy);
    // What is ready needs no place of theirs.
    let id = apart.json::<DocumentBundle>().id;
    app.run_jobs().await;
    eventually("the file", Duration::from_secs(120), async || {
        let listed: DocumentBundles = person.get("/downloads").await.ok().json();
        listed.bundles.into_iter().find(|made| made.id == id && made.state == BundleState::Ready)
    })
    .await;
    let path = format!("/downloads/{id}/tickets");
    let ticket: DownloadTicket = person.ask(Method::POST, &path).await.ok().json();
    let head = person.browser.send(person.browser.request(Method::HEAD, &ticket.address)).await;
    let file = person.browser.get(&ticket.address).await.ok();
    assert_eq!(head.headers["content-length"], file.body.len().to_string().as_str());
    drop(held);
    // Nobody has more than two on their way.
    let mine = eventually("the last one's place", Duration::from_secs(120), async || {
        let first = app.app.downloads.take(me, true)?;
        Some([first, app.app.downloads.take(me, true)?])
    })
    .await;
    assert_eq!(person.post("/downloads", &wanted).await.status, StatusCode::ACCEPTED);
    person.ask(Method::POST, &path).await.problem(ProblemCode::Busy);
    drop(mine);
    assert_eq!(person.post("/downloads", &wanted).await.status, StatusCode::CREATED);
});
