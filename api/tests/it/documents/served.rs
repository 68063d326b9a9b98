//! What leaves the house as a file: the very bytes, of whoever asked, under a name of ours, for no cache (B6, B10, B11).
use futures::future::join_all;
use serde_json::json;
use shared::billing::InvoiceView;
use shared::documents::{BroughtDocument, ShareOpened};
use shared::integrators::{ApiScope, PublishedDocument};

use super::*;
use crate::integrators::Program;
use crate::integrators::documents::{PDF, foreign_cfdi_saying};
use crate::support::Clerk;

/// The customer without users of its own.
const OTHER: &str = "CHI1203155K7";
/// Downloads of each at once.
const AT_ONCE: usize = 12;

/// The issuer's systems, its desk, and whoever has a link to one document.
struct Doors<'a> {
    program: Program<'a>,
    desk: Clerk,
    link: String,
}

impl<'a> Doors<'a> {
    async fn to(app: &'a TestApp, person: &Person, id: uuid::Uuid) -> Doors<'a> {
        let opened: ShareOpened = person.ask(Method::POST, &format!("/{id}/shares")).await.ok().json();
        let link = format!("/api/v1/shared-documents/{}", opened.address.rsplit_once('/').unwrap().1);
        let program = Program::at(app, "default", &[ApiScope::DocumentsRead, ApiScope::DocumentsWrite]).await;
        Doors { program, desk: app.desk().await, link }
    }

    /// Every way to have its files, by all but a guest.
    async fn files(&self, person: &Person, id: uuid::Uuid) -> Vec<(&'static str, Reply)> {
        let desk = format!("/console/issuers/default/documents/{id}/pdf");
        vec![
            ("the customer's XML", person.get(&format!("/{id}/xml")).await),
            ("the customer's PDF", person.get(&format!("/{id}/pdf")).await),
            ("the link's XML", person.browser.get(&format!("{}/xml", self.link)).await),
            ("the link's PDF", person.browser.get(&format!("{}/pdf", self.link)).await),
            ("the program's XML", self.program.get(&format!("/documents/{id}/xml")).await),
            ("the program's PDF", self.program.get(&format!("/documents/{id}/pdf")).await),
            ("the desk's PDF", self.desk.get(&desk).await),
        ]
    }
}

/// An invoice of a guest's that is the customer's with this RFC.
async fn invoiced(app: &TestApp, guest: &Browser, key: &str, rfc: &str) -> InvoiceView {
    let ticket = app.ticket(0).await;
    let claim = guest.claim(&ticket).await;
    guest.invoice(&order(&ticket, &claim, rfc), key).await.ok().json()
}

/// The header that names a file is one of ours, whatever the document says of itself.
#[track_caller]
fn has_a_plain_name(door: &str, reply: &Reply) {
    let header = reply.headers["content-disposition"].to_str().unwrap();
    let name = header.strip_prefix("attachment; filename=\"").and_then(|rest| rest.strip_suffix('"'));
    let name = name.unwrap_or_else(|| panic!("{door}: {header}"));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    assert!(name.chars().all(is_plain) && !name.contains(".."), "{door}: {header}");
    let kind = if name.ends_with(".xml") { "application/xml; charset=utf-8" } else { "application/pdf" };
    assert_eq!(reply.headers["content-type"], kind, "{door}");
    assert_eq!(reply.headers["x-content-type-options"], "nosniff", "{door}");
    assert!(!reply.headers.contains_key("x-bad"), "{door}: {:?}", reply.headers);
}

on_both!(b6_a_folio_with_quotes_line_ends_and_a_path_names_a_plain_file, |app| {
    let person = Person::signs_in(app).await;
    let folio = "a&quot;;&#13;&#10;X-Bad: 1&#9;../..\\ñ%22é";
    let xml = foreign_cfdi_saying(app, "egreso", folio, &[]).await;
    let program = Program::at(app, "default", &[ApiScope::DocumentsWrite]).await;
    let put = |path: &str, media: &str, body: Vec<u8>| {
        let request = program.request(Method::PUT, &format!("/documents/external/{path}"));
        program.send(request.header("Content-Type", media).body(body))
    };
    let kept: PublishedDocument = put("hostil", "application/xml", xml).await.ok().json();
    let said: DocumentView = person.get(&format!("/{}", kept.document.id)).await.ok().json();
    assert!(said.document.folio.starts_with("a\";\r\nX-Bad: 1\t../..\\"), "{:?}", said.document.folio);
    let doors = Doors::to(app, &person, kept.document.id).await;
    for (door, reply) in doors.files(&person, kept.document.id).await {
        has_a_plain_name(door, &reply.ok());
    }

    // A paper's number has no line end to begin with.
    let paper = "kind=estado_de_cuenta&contract=005300&issued_at=2017-10-01T07:00:00&total=743.97&number=";
    let ends = put(&format!("paper?{paper}17%0D%0AX-Bad:1"), "application/pdf", PDF.to_vec()).await;
    assert_eq!(ends.problem(ProblemCode::InvalidFields).errors[0].pointer, "?number");
    let kept = put(&format!("paper?{paper}%22..%2F..%2F17%5C%3B"), "application/pdf", PDF.to_vec()).await;
    let kept: PublishedDocument = kept.ok().json();
    has_a_plain_name("a paper", &person.get(&format!("/{}/pdf", kept.document.id)).await.ok());
    // The name of a file that somebody brings is read, and never given back.
    let file = "%22%3B%0D%0AX-Bad%3A1%2F..%2F.pdf";
    let address = format!("/api/v1/console/issuers/default/documents?{paper}18&name={file}");
    let request = doors.desk.browser.request(Method::POST, &address).bearer_auth(&doors.desk.token);
    let body = [PDF, b"%"].concat();
    let brought = doors.desk.browser.send(request.header("Content-Type", "application/octet-stream").body(body)).await;
    let brought: BroughtDocument = brought.ok().json();
    has_a_plain_name("the desk's", &person.get(&format!("/{}/pdf", brought.document.id)).await.ok());
});

on_both!(b10_two_customers_who_download_at_once_get_each_their_own, |app| {
    // The second of the demo's people becomes the other customer's.
    by_hand(
        &app.app,
        "UPDATE memberships SET customer_id = (SELECT id FROM customers WHERE rfc = 'CHI1203155K7') \
         WHERE role = 'reader'",
    )
    .await
    .unwrap();
    let guest = app.browser();
    let mut people = Vec::new();
    for (place, rfc) in [CUSTOMER, OTHER].into_iter().enumerate() {
        invoiced(app, &guest, &format!("k-{place}"), rfc).await;
        let person = Person::signs_in_as(app, place).await;
        let mine = person.page("").await.data;
        assert_eq!(mine.len(), 1, "{rfc} has its own and nothing else");
        let mut files = Vec::new();
        for form in ["xml", "pdf"] {
            let path = format!("/{}/{form}", mine[0].id);
            let alone = person.get(&path).await.ok().body;
            files.push((path, alone));
        }
        assert!(String::from_utf8_lossy(&files[0].1).contains(rfc));
        people.push((person, files));
    }
    let people = &people;
    let asked = (0..AT_ONCE).flat_map(|n| {
        people.iter().enumerate().map(move |(place, (person, files))| async move {
            // One takes the XML while the other takes the PDF, and the other way round.
            let (path, alone) = &files[(n + place) % files.len()];
            let reply = person.get(path).await.ok();
            assert!(reply.body == *alone, "{path} is not what it was alone");
            assert_eq!(reply.headers["cache-control"], "no-store");
        })
    });
    join_all(asked).await;
});

/// One bit, and back.
fn flipped(app: &TestApp, back: bool) -> &'static str {
    match (app.app.db.is_sqlite(), back) {
        (true, false) => {
            "UPDATE documents SET xml = CAST(replace(CAST(xml AS TEXT), 'Version=\"4.0\"', 'Version=\"4.1\"') AS BLOB)"
        }
        (true, true) => {
            "UPDATE documents SET xml = CAST(replace(CAST(xml AS TEXT), 'Version=\"4.1\"', 'Version=\"4.0\"') AS BLOB)"
        }
        (false, false) => {
            "UPDATE documents SET xml = \
             convert_to(replace(convert_from(xml, 'UTF8'), 'Version=\"4.0\"', 'Version=\"4.1\"'), 'UTF8')"
        }
        (false, true) => {
            "UPDATE documents SET xml = \
             convert_to(replace(convert_from(xml, 'UTF8'), 'Version=\"4.1\"', 'Version=\"4.0\"'), 'UTF8')"
        }
    }
}

on_both!(b11_an_xml_that_changed_by_a_bit_is_served_by_no_door, |app| {
    let guest = app.browser();
    let invoice = invoiced(app, &guest, "k-1", CUSTOMER).await;
    let person = Person::signs_in(app).await;
    let id = person.page("").await.data[0].id;
    let doors = Doors::to(app, &person, id).await;
    let everywhere = async || {
        let mut replies = doors.files(&person, id).await;
        for form in ["xml", "pdf"] {
            replies.push(("the guest's", guest.get(&format!("/api/v1/invoices/{}/{form}", invoice.id)).await));
        }
        replies
    };
    let mut whole = Vec::new();
    for (door, reply) in everywhere().await {
        assert!(reply.status.is_success(), "{door}: {}", reply.text());
        whole.push(reply.body);
    }
    by_hand(&app.app, flipped(app, false)).await.unwrap();
    for (door, reply) in everywhere().await {
        let told = reply.problem(ProblemCode::Internal);
        assert!(told.detail.is_none() && !reply.text().contains("Version"), "{door}: {}", reply.text());
    }
    person.get(&format!("/{id}")).await.problem(ProblemCode::Internal);
    // A file of many goes without it, and says so.
    let archive = person.takes(&json!({ "format": "zip", "ids": [id] })).await;
    let archive = zip::ZipArchive::new(std::io::Cursor::new(archive.body)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert!(!names.iter().any(|name| name.ends_with(".xml") || name.ends_with(".pdf")), "{names:?}");
    let proofs = api::ops::verify::prove(&app.app.config, &app.app.db, app.app.now()).await.unwrap();
    let broken: Vec<_> = proofs.iter().filter(|proof| !proof.holds()).map(|proof| proof.promise).collect();
    assert!(broken.contains(&"every document matches its SHA-256"), "{broken:?}");

    by_hand(&app.app, flipped(app, true)).await.unwrap();
    let again: Vec<Vec<u8>> = everywhere().await.into_iter().map(|(_, reply)| reply.ok().body).collect();
    assert!(again == whole, "what is whole again is served again, byte for byte");
});
