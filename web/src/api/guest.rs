//! What a guest may ask: issuers, branches, the ticket, its invoice.
use shared::billing::{InvoiceTicket, InvoiceView, MailInvoice};
use shared::documents::SharedDocument;
use shared::issuers::{BranchView, IssuerView};
use shared::page::Page;
use shared::tickets::{LookUpTicket, TicketClaim};
use uuid::Uuid;

use super::{ANSWER_MS, Answer, BASE, KEY, STAMP_MS, WORK, decode, encode, get, page_query, part, post, send};

fn of_issuer(slug: &str, tail: &str) -> String {
    [BASE, "/issuers/", &part(slug), tail].concat()
}

fn of_invoice(id: Uuid, tail: &str) -> String {
    [BASE, "/invoices/", &id.to_string(), tail].concat()
}

/// The issuer of these pages.
pub async fn issuer(slug: &str) -> Answer<IssuerView> {
    get(of_issuer(slug, "")).await
}

/// Branches by name, city or postal code; all of them without words.
pub async fn branches(slug: &str, words: &str, cursor: Option<&str>) -> Answer<Page<BranchView>> {
    let query = ["/branches?q=", &part(words), &page_query(cursor)].concat();
    get(of_issuer(slug, &query)).await
}

/// Looks a ticket up by its three data.
pub async fn look_up(slug: &str, ticket: &LookUpTicket, work: Option<String>) -> Answer<TicketClaim> {
    let work = work.map(|work| (WORK, work));
    decode(&send(of_issuer(slug, "/ticket-claims"), Some(encode(ticket)?), work, ANSWER_MS).await?)
}

/// Orders the invoice. Repeating it with the same key and body is safe.
pub async fn order(slug: &str, key: Uuid, order: &InvoiceTicket) -> Answer<InvoiceView> {
    let (address, body) = (of_issuer(slug, "/invoices"), Some(encode(order)?));
    decode(&send(address, body, Some((KEY, key.to_string())), STAMP_MS).await?)
}

/// The invoice, if this browser may open it.
pub async fn invoice(id: Uuid) -> Answer<InvoiceView> {
    get(of_invoice(id, "")).await
}

/// Asks the PAC again now.
pub async fn retry(id: Uuid) -> Answer<InvoiceView> {
    let body = Some("{}".to_owned());
    decode(&send(of_invoice(id, "/retries"), body, None, STAMP_MS).await?)
}

/// Mails the invoice again.
pub async fn mail(id: Uuid, letter: &MailInvoice) -> Answer<InvoiceView> {
    post(of_invoice(id, "/mails"), letter).await
}

/// Where the browser downloads the XML.
pub fn xml_address(id: Uuid) -> String {
    of_invoice(id, "/xml")
}

/// Where the browser downloads the PDF.
pub fn pdf_address(id: Uuid) -> String {
    of_invoice(id, "/pdf")
}

/// The document of a link.
pub async fn shared_document(token: String) -> Answer<SharedDocument> {
    get(shared_file(&token, "")).await
}

/// Where the browser downloads a file of a link's document: `/pdf`, `/xml`.
pub fn shared_file(token: &str, file: &str) -> String {
    [BASE, "/shared-documents/", token, file].concat()
}
