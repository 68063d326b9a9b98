//! The head of `openapi/integrators.v1.json`: what holds for every operation, said once.
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

const DESCRIPTION: &str = "\
What a till or an ERP feeds and reads. This document may only grow: fields are added to answers, optional ones to \
requests, values to enums; nothing is taken away, renamed or given another meaning within `v1`. So an answer names its \
values in words: pass over those that you do not know.

**Keys.** `Authorization: Bearer vk_test_…` (a rehearsal) or `vk_live_…` (production); neither is good in the other, so \
moving to production is another base address and another key. A key opens one issuer's things: what is another's \
answers 404. Each operation names the scope that a key must have, beside `api_key` in its `security`. A key is never read from an address.

**Amounts** are decimal text beside a currency. **Instants** are RFC 3339 in UTC; a date and time without an offset is \
the branch's own clock; **days** are `YYYY-MM-DD`. **Ids** of ours are opaque UUIDs; yours (`external_id`) are 1 to 64 \
ASCII letters, digits and `-_.:`. JSON is snake_case; fields that are not documented are refused.

**Repeating.** Everything here is safe to send again: a `PUT` with the same content changes nothing and answers 200. \
`POST /invoices` and `POST /payments/{id}/credit-applications` need an `Idempotency-Key` (1 to 255 characters, bare or \
quoted): the same key with the same body gets the same answer for 30 days, also after a failure of ours in between; with \
another body 422, and while the first still runs 409 with `Retry-After`.

**Lists** give `data` and, unless it is the last page, `next_cursor`: at most 100 rows a page, by key, so no row is \
missed or told twice while others change.

**Limits.** For each key 600 requests a minute, which come back evenly; one bulk request and 20 invoices that wait for \
their stamp at a time; 20,000 documents published or issued a day (all settings of the installation). Beyond them 429 \
with `Retry-After`. Each process of an installation counts for itself, from its start. Every answer to a good key says \
`RateLimit-Policy: \"default\";q=600;w=60` and `RateLimit: \"default\";r=left;t=seconds until all are back`; a 401 \
does not. A key's requests are worked on one at a time, in their order, beside its bulks and `POST /invoices`. A JSON \
body has at most 256 kB.

**Errors** are RFC 9457 problems: match on `code`; `errors` names every wrong field by JSON pointer (`/lines/0/importe`) \
or query parameter (`?limit`), with a code of its own; `request_id` is what to tell support. 503 and 429 say \
`Retry-After`; a 5xx or a broken line means that nothing is known: send the same request again.

**Webhooks** follow Standard Webhooks: a POST with `{\"id\",\"seq\",\"type\",\"timestamp\",\"data\"}`, an event as in \
`GET /events`. `webhook-id` is the event's id, the same for every try; `webhook-timestamp` the second of the try; \
`webhook-signature` has one `v1,` entry for each secret that is good: base64 of HMAC-SHA256 over \
`{webhook-id}.{webhook-timestamp}.{body}` with the bytes behind `whsec_` (base64) as key. Refuse what is older than five \
minutes, compare in constant time, and keep the ids you have seen: an event may come twice, and in another order \
(`seq` says which). Answer 2xx within 10 seconds. A redirect is a failure; after one the tries go on after 5 s, 5 min, \
30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h (`Retry-After`, seconds or a date, is heeded up to a day), then the delivery \
is parked and can be sent again by hand. After silence, 429, 502, 503 or 504 nothing else is sent to the endpoint for 5 \
seconds to 5 minutes, or for as long as `Retry-After` says, up to an hour. 410, or three days (a setting of the installation) in which nothing arrives, disables the endpoint. Vector: secret \
`whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=`, id `msg_01`, timestamp `1764547200`, body \
`{\"type\":\"payment.confirmed\"}`: `v1,FQPaWWwh3diu9pB/IZg/U207oZlXMx+Ga0OhQgkCpII=`.

In a rehearsal `GET /api/v1/rehearsal` shows a key with every scope, and magic values for each bad day.

";

/// How a till signs a ticket's QR: also a page of the project's own documentation.
const SIGNED_TICKETS: &str = include_str!("../../../openapi/signed-tickets.md");

/// The head of the integrators' OpenAPI document.
pub fn head() -> OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(
        info(
            title = "Ventanilla: integrators",
            version = "1.0.0",
            license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        ),
        servers((url = "/")),
        tags(
            (name = "tickets", description = "Sales that shoppers can invoice, and the branches that sold."),
            (name = "customers", description = "Customers and their contracts."),
            (name = "invoices", description = "Invoices that your own system asks for."),
            (name = "documents", description = "Fiscal documents with their XML and PDF."),
            (name = "receivables", description = "What customers owe, by your ledger."),
            (name = "payments", description = "What customers paid, and what it went to."),
            (name = "rates", description = "Exchange rates of a day."),
            (name = "events", description = "What happened, in order."),
            (name = "webhooks", description = "What happened, sent to you."),
        ),
        components(schemas(
            shared::Problem,
            shared::FieldError,
            shared::FieldCode,
            shared::ProblemCode,
            shared::integrators::ApiScope,
        )),
    )]
    struct Head;

    let mut document = Head::openapi();
    document.info.description = Some([DESCRIPTION, SIGNED_TICKETS].concat());
    let mut key = Http::new(HttpAuthScheme::Bearer);
    key.description = Some("A key of the issuer: `vk_test_…` or `vk_live_…`.".to_owned());
    document.components.get_or_insert_default().add_security_scheme("api_key", SecurityScheme::Http(key));
    document
}
