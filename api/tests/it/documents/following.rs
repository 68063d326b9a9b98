//! What goes with a chosen invoice into a ZIP: the complemento that pays it, the nota de crédito that lessens it.
use serde_json::{Value, json};
use shared::documents::{DocumentTrail, DownloadTicket};
use shared::integrators::ApiScope;
use shared::mail::{MailState, MailboxLetter, MailboxMessage};
use shared::page::Page;

use super::delivery::{lines, opened, part};
use super::*;
use crate::integrators::Program;
use crate::integrators::documents::foreign_cfdi_saying;

/// A line that costs nothing.
const LINE: &str = r#"<cfdi:Concepto ClaveProdServ="84111506" Cantidad="1" ClaveUnidad="ACT" Descripcion="Muestra" ValorUnitario="0.00" Importe="0.00" ObjetoImp="01"/>"#;

impl Person {
    async fn orders(&self, body: &Value) -> DownloadTicket {
        let request = self.browser.request(Method::POST, "/api/v1/documents/downloads").json(body);
        self.browser.send(request.bearer_auth(&self.token)).await.ok().json()
    }

    /// Documents that an order comes to.
    async fn counts(&self, body: Value) -> usize {
        usize::try_from(self.orders(&body).await.documents).unwrap()
    }

    /// The index of a ZIP, and how many files it has besides its two forms.
    async fn index(&self, body: &Value) -> (Vec<String>, usize) {
        let ticket = self.orders(body).await;
        let mut archive = opened(&self.browser.get(&ticket.address).await.ok());
        let mut index = lines(&part(&mut archive, "indice.csv"));
        assert!(index.remove(0).contains(",Moneda,Acompaña a,Archivo XML,"));
        assert_eq!(u64::try_from(index.len()).unwrap(), ticket.documents, "as many as were told");
        (index, archive.len() - 2)
    }
}

/// Notas de crédito and complementos, each with the invoice that it speaks of.
async fn pairs(person: &Person, all: &[DocumentRow]) -> Vec<(DocumentRow, DocumentRow)> {
    let mut pairs = Vec::new();
    for row in all {
        if matches!(row.kind, DocumentKind::NotaDeCredito | DocumentKind::ComplementoDePago) {
            let mut view: DocumentView = person.get(&format!("/{}", row.id)).await.ok().json();
            pairs.push((row.clone(), view.related.remove(0)));
        }
    }
    pairs
}

/// The line of a document in an index: no other has its number at that place.
fn line<'a>(index: &'a [String], row: &DocumentRow) -> &'a String {
    let number = format!(",{},", row.number);
    index
        .iter()
        .find(|line| line.split_once(&number).is_some_and(|(kind, _)| !kind.contains(',')))
        .expect("it is there")
}

on_both!(what_speaks_of_a_chosen_invoice_goes_with_it, |app| {
    let (person, all) = filled(app).await;
    let pairs = pairs(&person, &all).await;
    assert_eq!(pairs.len(), 6);
    an_invoice_brings_its_own(&person, &pairs).await;
    a_search_brings_what_it_leaves_out(&person, &all, &pairs).await;
    what_nobody_wants_stays(app, &person, &pairs).await;
});

async fn an_invoice_brings_its_own(person: &Person, pairs: &[(DocumentRow, DocumentRow)]) {
    for (follower, invoice) in [&pairs[0], pairs.last().unwrap()] {
        let (index, files) = person.index(&json!({"format": "zip", "ids": [invoice.id]})).await;
        assert_eq!((index.len(), files), (2, 4), "XML and PDF of both");
        let with = format!(",{},SCA010101AA4_{}_", invoice.number, follower.number);
        assert!(line(&index, follower).contains(&with), "{index:?}");
        let alone = format!(",,SCA010101AA4_{}_", invoice.number);
        assert!(line(&index, invoice).contains(&alone), "{index:?}");
        // Chosen itself, it is there once, and goes with nobody.
        let (index, files) = person.index(&json!({"format": "zip", "ids": [invoice.id, follower.id]})).await;
        assert_eq!((index.len(), files), (2, 4));
        assert!(line(&index, follower).contains(&format!(",,SCA010101AA4_{}_", follower.number)), "{index:?}");
        assert_eq!(person.counts(json!({"format": "zip", "ids": [follower.id]})).await, 1, "it brings no invoice");
        assert_eq!(person.counts(json!({"format": "csv", "ids": [invoice.id]})).await, 1, "a list is what was chosen");
    }
}

/// Who finds complementos inside their invoice takes everything found with them.
async fn a_search_brings_what_it_leaves_out(
    person: &Person,
    all: &[DocumentRow],
    pairs: &[(DocumentRow, DocumentRow)],
) {
    let inside = json!({"format": "zip", "query": {"complementos": false}});
    let (index, files) = person.index(&inside).await;
    let papers: usize = all.iter().map(|row| 1 + usize::from(row.has_xml)).sum();
    assert_eq!((index.len(), files), (all.len(), papers));
    for (follower, invoice) in pairs {
        let with = if follower.kind == DocumentKind::ComplementoDePago { invoice.number.as_str() } else { "" };
        let with = format!(",{with},SCA010101AA4_{}_", follower.number);
        assert!(line(&index, follower).contains(&with), "{with}: {index:?}");
    }
    let invoices = all.iter().filter(|row| row.kind == DocumentKind::Factura).count();
    let of_kind = |format: &str| json!({"format": format, "query": {"kind": "factura"}});
    assert_eq!(person.counts(of_kind("zip")).await, invoices + pairs.len());
    assert_eq!(person.counts(of_kind("csv")).await, invoices);
}

async fn what_nobody_wants_stays(app: &TestApp, person: &Person, pairs: &[(DocumentRow, DocumentRow)]) {
    let (follower, invoice) = pairs.iter().find(|(row, _)| row.kind == DocumentKind::ComplementoDePago).unwrap();
    let body = |except: uuid::Uuid| json!({"format": "zip", "query": {"kind": "factura"}, "except": [except]});
    let all = person.counts(json!({"format": "zip", "query": {"kind": "factura"}})).await;
    assert_eq!(person.counts(body(follower.id)).await, all - 1, "what was left out is not brought back");
    assert_eq!(person.counts(body(invoice.id)).await, all - 2, "nor does anything go with an invoice that was");
    // Another's complemento that names the invoice.
    let away =
        "UPDATE documents SET receptor_rfc = 'CUL0001019Z3' WHERE serie = 'CP' AND receptor_rfc = 'TAM010203ABA'";
    by_hand(&app.app, away).await.unwrap();
    let (index, files) = person.index(&json!({"format": "zip", "ids": [invoice.id]})).await;
    assert_eq!((index.len(), files), (1, 2));
}

/// The customer's only document, of more lines than are printed, and its XML.
async fn unprintable(app: &TestApp, person: &Person) -> (uuid::Uuid, Vec<u8>) {
    let program = Program::at(app, "default", &[ApiScope::DocumentsWrite]).await;
    let long = ["<cfdi:Conceptos>", &LINE.repeat(pdf::MAX_LINES)].concat();
    let xml = foreign_cfdi_saying(app, "egreso", "2001", &[("<cfdi:Conceptos>", &long)]).await;
    let request = program.request(Method::PUT, "/documents/external/larga").header("Content-Type", "application/xml");
    program.send(request.body(xml.clone())).await.ok();
    (person.page("").await.data[0].id, xml)
}

on_both!(an_xml_comes_whose_pdf_cannot_be_printed, |app| {
    let person = Person::signs_in(app).await;
    let (id, xml) = unprintable(app, &person).await;
    person.get(&format!("/{id}/pdf")).await.problem(ProblemCode::Internal);
    let mut archive = opened(&person.takes(&json!({"format": "zip", "ids": [id]})).await);
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let of_xml = names.iter().find(|name| name.ends_with(".xml")).expect("its XML is there");
    assert!(archive.len() == 4 && !names.iter().any(|name| name.ends_with(".pdf")), "{names:?}");
    assert_eq!(part(&mut archive, of_xml), xml, "byte for byte");
    let missing = String::from_utf8(part(&mut archive, "faltantes.txt")).unwrap();
    let of_pdf = of_xml.replace(".xml", ".pdf");
    assert!(missing.contains(&format!("{of_pdf}: no se pudo imprimir")), "{missing}");
});

on_both!(a_letter_carries_an_xml_whose_pdf_cannot_be_printed, |app| {
    let person = Person::signs_in(app).await;
    let (id, xml) = unprintable(app, &person).await;
    person.sends(&json!({"ids": [id], "to": ["contador@despacho.example"]})).await.ok();
    app.run_jobs().await;
    let trail: DocumentTrail = person.get(&format!("/{id}/trail")).await.ok().json();
    assert_eq!(trail.letters[0].state, MailState::Sent);
    let browser = app.browser();
    let letters: Page<MailboxLetter> = browser.get("/api/v1/mailbox").await.ok().json();
    let letter = letters.data.iter().find(|letter| letter.to.contains("contador@despacho.example")).unwrap();
    let address = format!("/api/v1/mailbox/{}", letter.id);
    let message: MailboxMessage = browser.get(&address).await.ok().json();
    assert_eq!(message.attachments.len(), 1, "{:?}", message.attachments);
    let attached = &message.attachments[0].name;
    assert_eq!(browser.get(&format!("{address}/attachments/0")).await.ok().body, xml, "byte for byte");
    let of_pdf = attached.replace(".xml", ".pdf");
    assert!(message.text.contains(&format!("No se pudo imprimir: {of_pdf}.")), "{}", message.text);
});
