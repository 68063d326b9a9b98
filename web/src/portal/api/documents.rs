//! The customer's documents. Which customer is the session's affair: no address names one.
use serde::Deserialize;
use shared::documents::{
    DocumentBundle, DocumentBundles, DocumentFilters, DocumentNews, DocumentQuery, DocumentTrail, DocumentView,
    DocumentsPage, DocumentsSent, DownloadTicket, SendDocuments, ShareOpened, TakeDocuments,
};
use uuid::Uuid;

use crate::api::Answer;
use crate::portal::api::Client;
use crate::signed::send::save_from;

/// What of a document can be downloaded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum File {
    Pdf,
    Xml,
}

/// The documents that a search finds, a page of them.
pub async fn list(client: Client, query: &DocumentQuery) -> Answer<DocumentsPage> {
    let limit = query.limit.map(|limit| limit.to_string());
    let pairs = [
        ("issued_from", query.issued_from.as_deref()),
        ("issued_to", query.issued_to.as_deref()),
        ("kind", query.kind.as_deref()),
        ("contract", query.contract.as_deref()),
        ("issuer", query.issuer.as_deref()),
        ("folio_from", query.folio_from.as_deref()),
        ("folio_to", query.folio_to.as_deref()),
        ("typed", query.typed.as_deref()),
        ("sort", query.sort.as_deref()),
        ("limit", limit.as_deref()),
        ("cursor", query.cursor.as_deref()),
        ("totals", (query.totals == Some(false)).then_some("false")),
        ("complementos", (query.complementos == Some(false)).then_some("false")),
    ];
    let pairs = pairs.map(|(name, value)| (name, value.unwrap_or_default()));
    client.get(with_query("/documents", &pairs)).await
}

/// What the search form can offer.
pub async fn filters(client: Client) -> Answer<DocumentFilters> {
    client.get("/documents/filters".to_owned()).await
}

/// One document.
pub async fn find(client: Client, id: Uuid) -> Answer<DocumentView> {
    client.get(["/documents/", &id.to_string()].concat()).await
}

/// Saves a file of a document where the browser saves files.
pub async fn download(client: Client, id: Uuid, file: File) -> Answer<()> {
    let tail = match file {
        File::Pdf => "/pdf",
        File::Xml => "/xml",
    };
    client.download(["/documents/", &id.to_string(), tail].concat()).await
}

/// What came since the last download of news.
pub async fn news(client: Client) -> Answer<DocumentNews> {
    client.get("/documents/news".to_owned()).await
}

/// A ticket says where; a file that is made in the background does not yet.
#[derive(Deserialize)]
struct Ordered {
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    id: Option<Uuid>,
    #[serde(default)]
    left: u64,
}

/// What came of an order.
pub struct Taken {
    /// What is made in the background; otherwise the browser has it.
    pub later: Option<Uuid>,
    /// Documents that are new too and that it has no room for.
    pub left: u64,
}

/// Has a file of many documents made, and lets the browser put it on disk while it comes. One that is made in the
/// background has an id.
pub async fn take(client: Client, wanted: &TakeDocuments) -> Answer<Taken> {
    let Ordered { address, id, left } = client.post("/documents/downloads".to_owned(), wanted).await?;
    if let Some(address) = address {
        save_from(&address)?;
    }
    Ok(Taken { later: id, left })
}

/// The files that are made in the background.
pub async fn bundles(client: Client) -> Answer<Vec<DocumentBundle>> {
    client.get::<DocumentBundles>("/documents/downloads".to_owned()).await.map(|list| list.bundles)
}

/// Saves one that is ready.
pub async fn take_bundle(client: Client, id: Uuid) -> Answer<()> {
    let path = ["/documents/downloads/", &id.to_string(), "/tickets"].concat();
    let ticket: DownloadTicket = client.post(path, &()).await?;
    save_from(&ticket.address)
}

/// Takes one away before its time.
pub async fn drop_bundle(client: Client, id: Uuid) -> Answer<()> {
    client.delete(["/documents/downloads/", &id.to_string()].concat()).await
}

/// Sends documents by mail.
pub async fn send(client: Client, form: &SendDocuments) -> Answer<DocumentsSent> {
    client.post("/documents/letters".to_owned(), form).await
}

/// What became of a document.
pub async fn trail(client: Client, id: Uuid) -> Answer<DocumentTrail> {
    client.get(["/documents/", &id.to_string(), "/trail"].concat()).await
}

/// Makes a link to a document.
pub async fn share(client: Client, id: Uuid) -> Answer<ShareOpened> {
    client.post(["/documents/", &id.to_string(), "/shares"].concat(), &()).await
}

/// Ends a link.
pub async fn revoke(client: Client, id: Uuid) -> Answer<()> {
    client.delete(["/document-shares/", &id.to_string()].concat()).await
}

/// An address with those values of its query that are not empty.
pub fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    let mut mark = '?';
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(mark);
        address.push_str(name);
        address.push('=');
        encode(value, &mut address);
        mark = '&';
    }
    address
}

/// Everything but RFC 3986's unreserved characters goes as `%XX`. Ours, not the browser's, so that addresses are tested
/// without one.
fn encode(value: &str, address: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push('%');
            address.push(char::from(HEX[usize::from(byte >> 4)]));
            address.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_filled_in_stands_in_the_address() {
        assert_eq!(with_query("/documents", &[("kind", ""), ("limit", "")]), "/documents");
        let pairs = [("kind", "factura"), ("contract", ""), ("issuer", "ñandú & más"), ("cursor", "a-b_c")];
        let written = "/documents?kind=factura&issuer=%C3%B1and%C3%BA%20%26%20m%C3%A1s&cursor=a-b_c";
        assert_eq!(with_query("/documents", &pairs), written);
    }
}
