//! An issuer's payments: what asks to be looked at, the acts that move money by hand, banks' files.
use serde::de::IgnoredAny;
use shared::integrators::{PaymentResource, PutExchangeRate};
use shared::page::Page;
use shared::payments::{
    ApplyCredit, AssignDeposit, BalanceRow, CloseReview, DecidePayment, OrphanView, PaymentAttachment, PaymentReason,
    PaymentSums, RateOfDay, RateStanding, ReviewView, SetFormaDePago, SettlementFileView, SettlementLineView, TripView,
};
use uuid::Uuid;

use super::{Client, of};
use crate::api::Answer;
use crate::browser::encoded;
use crate::signed::client::{Request, Verb};
use crate::signed::send::Picked;

/// Rows of a page.
const ROWS: &str = "?limit=25";

fn payment(slug: &str, id: Uuid, tail: &str) -> String {
    of(slug, &["/payments/", &id.to_string(), tail].concat())
}

fn file(slug: &str, id: Uuid, tail: &str) -> String {
    of(slug, &["/settlement-files/", &id.to_string(), tail].concat())
}

fn pair(name: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { ["&", name, "=", &encoded(value)].concat() }
}

/// Payments, the one that changed last first; of one state when it is named, or those that a text finds.
pub async fn list(
    client: Client,
    slug: String,
    (state, q): (&str, &str),
    cursor: &str,
) -> Answer<Page<PaymentResource>> {
    let query = ["/payments", ROWS, &pair("state", state), &pair("q", q), &pair("cursor", cursor)].concat();
    client.get(of(&slug, &query)).await
}

/// One, with its invoices.
pub async fn find(client: Client, slug: String, id: Uuid) -> Answer<PaymentResource> {
    client.get(payment(&slug, id, "")).await
}

/// Its trips to a bank, the first one first.
pub async fn trips(client: Client, slug: String, id: Uuid) -> Answer<Vec<TripView>> {
    client.get(payment(&slug, id, "/attempts")).await
}

/// Says what became of it, by the bank's own account.
pub async fn decide(client: Client, slug: String, id: Uuid, form: &DecidePayment) -> Answer<PaymentResource> {
    client.post(payment(&slug, id, "/decisions"), form).await
}

/// Says by which form its money came.
pub async fn set_forma(client: Client, slug: String, id: Uuid, forma_de_pago: String) -> Answer<PaymentResource> {
    client.put(payment(&slug, id, "/forma-de-pago"), &SetFormaDePago { forma_de_pago }).await
}

/// Puts it on its invoices.
pub async fn apply(client: Client, slug: String, id: Uuid) -> Answer<PaymentResource> {
    client.write(Request::new(Verb::Post, payment(&slug, id, "/applications"))).await
}

/// Takes it back.
pub async fn reverse(client: Client, slug: String, id: Uuid, reason: String) -> Answer<PaymentResource> {
    client.post(payment(&slug, id, "/reversals"), &PaymentReason { reason }).await
}

/// Says that its credit was sent back.
pub async fn refund(client: Client, slug: String, id: Uuid, reason: String) -> Answer<PaymentResource> {
    client.post(payment(&slug, id, "/credit-refunds"), &PaymentReason { reason }).await
}

/// Where a payment's credit can go.
pub async fn credit_places(client: Client, slug: String, id: Uuid) -> Answer<Vec<BalanceRow>> {
    client.get::<Page<BalanceRow>>(payment(&slug, id, "/credit-applications")).await.map(|page| page.data)
}

/// Puts a payment's credit on other invoices.
pub async fn place_credit(client: Client, slug: String, id: Uuid, form: &ApplyCredit) -> Answer<PaymentResource> {
    client.post(payment(&slug, id, "/credit-applications"), form).await
}

/// What its customer attached.
pub async fn proofs(client: Client, slug: String, id: Uuid) -> Answer<Vec<PaymentAttachment>> {
    client.get(payment(&slug, id, "/proofs")).await
}

/// Saves one of them.
pub async fn take_proof(client: Client, slug: String, id: Uuid, proof: Uuid) -> Answer<()> {
    client.download(payment(&slug, id, &["/proofs/", &proof.to_string()].concat())).await
}

/// What asks to be looked at, the oldest first; what was looked at too, when `all`.
pub async fn reviews(client: Client, slug: String, all: bool, cursor: &str) -> Answer<Page<ReviewView>> {
    let all = if all { "&all=true" } else { "" };
    client.get(of(&slug, &["/payment-reviews", ROWS, all, &pair("cursor", cursor)].concat())).await
}

/// What can be closed.
pub const REVIEWS: &str = "/payment-reviews/";
pub const ORPHANS: &str = "/bank-orphans/";

/// Says that somebody looked at one of them.
pub async fn close(client: Client, slug: String, (list, id): (&str, Uuid), note: String) -> Answer<()> {
    client.post(of(&slug, &[list, &id.to_string(), "/closings"].concat()), &CloseReview { note }).await
}

/// Enters the money that a review tells of.
pub async fn enter(client: Client, slug: String, id: Uuid, note: String) -> Answer<PaymentResource> {
    client.post(of(&slug, &[REVIEWS, &id.to_string(), "/entries"].concat()), &CloseReview { note }).await
}

/// Banks' messages without a payment, the oldest first; those that were looked at too, when `all`.
pub async fn orphans(client: Client, slug: String, all: bool) -> Answer<Vec<OrphanView>> {
    let all = if all { "&all=true" } else { "" };
    client.get::<Page<OrphanView>>(of(&slug, &["/bank-orphans?limit=100", all].concat())).await.map(|page| page.data)
}

/// How the issuer's money stands.
pub async fn sums(client: Client, slug: String) -> Answer<PaymentSums> {
    client.get(of(&slug, "/payment-sums")).await
}

/// Rates, the newest day first; of one source and up to a day when these are named.
pub async fn rates(
    client: Client,
    slug: String,
    (source, until): (&str, &str),
    cursor: &str,
) -> Answer<Page<RateOfDay>> {
    let query = ["/exchange-rates", ROWS, &pair("source", source), &pair("until", until), &pair("cursor", cursor)];
    client.get(of(&slug, &query.concat())).await
}

/// At which rate foreign invoices are paid, and how the day's is known.
pub async fn rate_standing(client: Client, slug: String) -> Answer<RateStanding> {
    client.get(of(&slug, "/exchange-rate-standing")).await
}

/// Says the rate of a day.
pub async fn put_rate(client: Client, slug: String, (currency, day): (&str, &str), rate: String) -> Answer<IgnoredAny> {
    let path = ["/exchange-rates/", &encoded(currency), "/", &encoded(day)].concat();
    client.put(of(&slug, &path), &PutExchangeRate { rate }).await
}

/// Brings a bank's file in.
pub async fn bring(
    client: Client,
    slug: String,
    (format, bank): (String, String),
    picked: Picked,
) -> Answer<SettlementFileView> {
    let query = ["/settlement-files?format=", &encoded(&format), &pair("bank", &bank), &pair("name", &picked.name)];
    client.write(Request::new(Verb::Post, of(&slug, &query.concat())).with_file(&picked)).await
}

/// Banks' files, the newest first.
pub async fn files(client: Client, slug: String, cursor: &str) -> Answer<Page<SettlementFileView>> {
    client.get(of(&slug, &["/settlement-files", ROWS, &pair("cursor", cursor)].concat())).await
}

/// One of them.
pub async fn find_file(client: Client, slug: String, id: Uuid) -> Answer<SettlementFileView> {
    client.get(file(&slug, id, "")).await
}

/// Its lines after one; those of one result when it is named.
pub async fn lines(
    client: Client,
    slug: String,
    id: Uuid,
    (result, after): (&str, u64),
) -> Answer<Vec<SettlementLineView>> {
    let query = ["/lines?limit=100&after=", &after.to_string(), &pair("result", result)].concat();
    client.get(file(&slug, id, &query)).await
}

/// Gives a line that names nothing of ours to a customer.
pub async fn assign(client: Client, slug: String, (id, line): (Uuid, u64), rfc: String) -> Answer<PaymentResource> {
    let tail = ["/lines/", &line.to_string(), "/assignments"].concat();
    client.post(file(&slug, id, &tail), &AssignDeposit { rfc }).await
}
