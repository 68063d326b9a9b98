//! An issuer's documents at its desk.
use shared::documents::{BroughtDocument, DeskDocument, DeskWithdrawal, DocumentState};
use shared::integrators::{DocumentResource, PutDocumentState};
use shared::page::Page;
use uuid::Uuid;

use super::{Client, of};
use crate::api::Answer;
use crate::browser::encoded;
use crate::signed::client::{Request, Verb};
use crate::signed::send::Picked;

/// What is typed of a PDF whose name says nothing.
#[derive(Clone, Default, PartialEq)]
pub struct Typed {
    pub kind: String,
    pub serie: String,
    pub number: String,
    pub rfc: String,
    pub contract: String,
    pub issued_at: String,
    pub total: String,
    pub currency: String,
}

fn pair(name: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { ["&", name, "=", &encoded(value)].concat() }
}

/// Brings one file in. `typed` says what its bytes and its name do not.
pub async fn bring(client: Client, slug: String, picked: &Picked, typed: Option<&Typed>) -> Answer<BroughtDocument> {
    let said = typed.map_or_else(String::new, |typed| {
        let pairs = [
            ("kind", &typed.kind),
            ("serie", &typed.serie),
            ("number", &typed.number),
            ("rfc", &typed.rfc),
            ("contract", &typed.contract),
            ("issued_at", &typed.issued_at),
            ("total", &typed.total),
            ("currency", &typed.currency),
        ];
        pairs.map(|(name, value)| pair(name, value)).concat()
    });
    let query = ["/documents?name=", &encoded(&picked.name), &said].concat();
    client.write(Request::new(Verb::Post, of(&slug, &query)).with_file(picked)).await
}

/// The documents, the last that came first; those that were looked for.
pub async fn list(client: Client, slug: String, q: &str, cursor: &str) -> Answer<Page<DeskDocument>> {
    client.get(of(&slug, &["/documents?limit=25", &pair("q", q), &pair("cursor", cursor)].concat())).await
}

/// Saves the PDF of one.
pub async fn pdf(client: Client, slug: String, id: Uuid) -> Answer<()> {
    client.download(of(&slug, &["/documents/", &id.to_string(), "/pdf"].concat())).await
}

/// Takes back what was wrongly published.
pub async fn withdraw(client: Client, slug: String, id: Uuid) -> Answer<DeskWithdrawal> {
    client.delete(of(&slug, &["/documents/", &id.to_string()].concat())).await
}

/// Says what became of a CFDI at the SAT.
pub async fn set_state(client: Client, slug: String, id: Uuid, state: DocumentState) -> Answer<DocumentResource> {
    let form = PutDocumentState { state: state.as_str().to_owned() };
    client.put(of(&slug, &["/documents/", &id.to_string(), "/state"].concat()), &form).await
}
