//! What a guest asks with a code by mail, or a mailbox's owner by their session. Which browser it is, is in a cookie that
//! no page can read.
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::billing::{InvoiceView, MailInvoice};
use shared::guests::{
    AskMailCode, MailCodeAsked, MailboxProved, MyInvoice, MyReceptor, MyReceptors, SaveReceptor, UseMailCode,
};
use shared::page::Page;
use shared::tickets::LookUpTicket;
use uuid::Uuid;

use crate::api::{self, Answer};
use crate::portal::api::documents::with_query;
use crate::portal::session::Px;
use crate::signed::client::{Request, Verb};
use crate::signed::send;

/// Rows of a page of invoices.
const ROWS: &str = "50";

fn address(px: Px, tail: &str) -> String {
    ["/issuers/", &px.cx.slug(), tail].concat()
}

async fn read<T: DeserializeOwned>(px: Px, tail: &str) -> Answer<T> {
    send::decode(&send::text(Request::new(Verb::Get, address(px, tail)), None).await?)
}

async fn write<T: DeserializeOwned>(px: Px, verb: Verb, tail: &str, body: &impl Serialize) -> Answer<T> {
    px.client.open(verb, &address(px, tail), body).await
}

/// Asks for a code by mail. The answer is the same whether the address is known or not.
pub async fn ask_code(px: Px, form: &AskMailCode) -> Answer<MailCodeAsked> {
    write(px, Verb::Post, "/mail-codes", form).await
}

/// Asks for a code to the address of a ticket's invoice.
pub async fn ask_code_of_ticket(px: Px, ticket: &LookUpTicket, work: Option<String>) -> Answer<MailCodeAsked> {
    px.client.open_worked(&address(px, "/ticket-mail-codes"), ticket, work).await
}

/// Uses the code up.
pub async fn use_code(px: Px, id: Uuid, form: &UseMailCode) -> Answer<MailboxProved> {
    write(px, Verb::Post, &["/mail-codes/", &id.to_string(), "/uses"].concat(), form).await
}

/// Opens to this browser what was invoiced to the mailbox whose owner is signed in.
pub async fn open_to_owner(px: Px) -> Answer<MailboxProved> {
    px.client.write(Request::new(Verb::Post, address(px, "/mailbox-sessions"))).await
}

/// The invoices that this browser may open and that a filter leaves, the newest first.
pub async fn invoices(px: Px, filter: &Filter, cursor: Option<&str>) -> Answer<Page<MyInvoice>> {
    let [q, month, state] = filter.each_ref().map(String::as_str);
    let after = cursor.unwrap_or_default();
    let pairs = [("limit", ROWS), ("q", q), ("month", month), ("state", state), ("cursor", after)];
    read(px, &with_query("/my-invoices", &pairs)).await
}

/// What is looked for among them: a text, a month, a state; each may be empty.
pub type Filter = [String; 3];

/// The fiscal data that the proved mailbox keeps.
pub async fn receptors(px: Px) -> Answer<MyReceptors> {
    read(px, "/my-receptors").await
}

/// Changes those of an RFC.
pub async fn save(px: Px, rfc: &str, form: &SaveReceptor) -> Answer<MyReceptor> {
    write(px, Verb::Put, &["/my-receptors/", rfc].concat(), form).await
}

/// Forgets those of an RFC.
pub async fn forget(px: Px, rfc: String) -> Answer<()> {
    let request = Request::new(Verb::Delete, address(px, &["/my-receptors/", &rfc].concat()));
    send::decode(&send::text(request, None).await?)
}

/// The fiscal data of the customer that is signed in.
pub async fn of_customer(px: Px) -> Answer<MyReceptor> {
    px.client.get(address(px, "/customer-receptor")).await
}

/// Changes them.
pub async fn save_of_customer(px: Px, form: &SaveReceptor) -> Answer<MyReceptor> {
    px.client.put(address(px, "/customer-receptor"), form).await
}

/// Mails an invoice once more to its own address, which the answer tells.
pub async fn mail_again(px: Px, id: Uuid) -> Answer<InvoiceView> {
    let invoice = api::invoice(id).await?;
    api::mail(id, &MailInvoice { to: invoice.email, language: px.common().lang }).await
}
