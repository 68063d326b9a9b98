//! Proofs of transfers: what a customer attaches to a payment for whoever looks for its money.
//!
//! Promises: a PDF, a JPG or a PNG by its first bytes, whatever it is called; so large and so many and no more (threats
//! U2); kept as it came, and given back only to be saved, under a name of ours. It proves nothing to the machine: no
//! state follows from it.
pub mod routes;

use jiff::tz::TimeZone;
use serde_json::json;
use sha2::{Digest, Sha256};
use shared::payments::PaymentAttachment;
use shared::{FieldCode, FieldErrors};
use uuid::Uuid;

use super::service::wrong;
use super::store::attachments::{self as store, AttachmentRow, NewAttachment};
use super::store::payments::{self, PaymentRow, Which};
use super::store::{attempts, unreadable};
use super::{Asker, PaymentError};
use crate::App;
use crate::audit::{self, Actor, Entry};
use crate::clock::local_time;
use crate::db::Conn;
use crate::issuers::{self, Scope};

/// Largest file.
pub const FILE_MAX_BYTES: usize = 5 * 1024 * 1024;
/// Files of one payment.
const PER_PAYMENT_MAX: i64 = 3;
/// Longest name, in characters.
const NAME_MAX: usize = 120;

/// What the first bytes of each kind are, and how it is served.
const KINDS: [(&str, &[u8], &str); 3] = [
    ("pdf", b"%PDF-", "application/pdf"),
    ("jpg", b"\xff\xd8\xff", "image/jpeg"),
    ("png", b"\x89PNG\r\n\x1a\n", "image/png"),
];

/// A file to attach.
#[derive(Debug, Clone, Copy)]
pub struct Attached<'a> {
    /// What its owner calls it.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Attaches a file to a payment of the customer's. The very same file again is the same attachment.
pub async fn attach(app: &App, asker: &Asker, id: Uuid, file: Attached<'_>) -> Result<PaymentAttachment, PaymentError> {
    if !asker.may_pay {
        return Err(PaymentError::PayerNeeded);
    }
    let (kind, name) = read(&file).map_err(PaymentError::Fields)?;
    let mut conn = app.db.read().await?;
    let scope = of_customer(&mut conn, asker, id).await?.scope();
    let zone = zone_of(&mut conn, scope).await?;
    drop(conn);
    let sha256 = Sha256::digest(file.bytes);
    let now = app.now();
    let mut tx = app.db.begin().await?;
    // Under the payment's lock they are counted.
    attempts::lock(&mut tx, scope, id).await?;
    if let Some(known) = store::find_by_sha(&mut tx, scope, id, &sha256).await? {
        return Ok(view(known, &zone));
    }
    if store::list(&mut tx, scope, id, PER_PAYMENT_MAX).await?.len() >= usize::try_from(PER_PAYMENT_MAX).unwrap_or(0) {
        return Err(wrong("/file", FieldCode::TooMany));
    }
    let new = NewAttachment {
        id: app.ids.uuid(),
        payment_id: id,
        user_id: asker.user_id,
        name: &name,
        kind,
        bytes: file.bytes,
        sha256: &sha256,
    };
    store::insert(&mut tx, scope, &new, now).await?;
    payments::touch(&mut tx, scope, id, now).await?;
    let entry = Entry {
        actor: Actor::User(asker.user_id),
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act: "payment.proof_attached",
        object_kind: "payment",
        object_id: &id.to_string(),
        before: None,
        after: Some(json!({ "kind": kind, "sha256": hex::encode(sha256), "bytes": file.bytes.len() })),
        request_id: Some(&asker.request_id),
    };
    audit::record(&mut tx, now, entry).await?;
    tx.commit().await?;
    let kept = store::find_by_sha(&mut app.db.read().await?, scope, id, &sha256).await?;
    Ok(view(kept.ok_or_else(|| unreadable("attachment"))?, &zone))
}

/// Its kind by its bytes, and its name without what no name needs.
fn read(file: &Attached<'_>) -> Result<(&'static str, String), FieldErrors> {
    let mut errors = FieldErrors::default();
    let kind = KINDS.iter().find(|(_, begins, _)| file.bytes.starts_with(begins)).map(|(kind, ..)| *kind);
    match kind {
        _ if file.bytes.is_empty() => errors.add("/file", FieldCode::Required),
        None => errors.add("/file", FieldCode::Shape),
        Some(_) => {}
    }
    let plain = |c: &char| !c.is_control() && !matches!(c, '/' | '\\' | '"');
    let name: String = file.name.chars().filter(plain).take(NAME_MAX).collect();
    match (kind, errors.is_empty()) {
        (Some(kind), true) => Ok((kind, if name.trim().is_empty() { kind.to_owned() } else { name.trim().to_owned() })),
        _ => Err(errors),
    }
}

async fn of_customer(conn: &mut impl Conn, asker: &Asker, id: Uuid) -> Result<PaymentRow, PaymentError> {
    payments::find(conn, Which::OfCustomer(asker.customer, asker.only, id)).await?.ok_or(PaymentError::NotFound)
}

/// What is attached to a payment of the customer's.
pub async fn list_own(app: &App, asker: &Asker, id: Uuid) -> Result<Vec<PaymentAttachment>, PaymentError> {
    let mut conn = app.db.read().await?;
    let scope = of_customer(&mut conn, asker, id).await?.scope();
    list(&mut conn, scope, id).await
}

/// What is attached to a payment of an issuer's.
pub async fn list(conn: &mut impl Conn, scope: Scope, id: Uuid) -> Result<Vec<PaymentAttachment>, PaymentError> {
    payments::find(conn, Which::OfIssuer(scope, id)).await?.ok_or(PaymentError::NotFound)?;
    let zone = zone_of(conn, scope).await?;
    let rows = store::list(conn, scope, id, PER_PAYMENT_MAX).await?;
    Ok(rows.into_iter().map(|row| view(row, &zone)).collect())
}

/// The clock of whom a payment is to.
async fn zone_of(conn: &mut impl Conn, scope: Scope) -> Result<TimeZone, PaymentError> {
    Ok(issuers::service::find_issuer(conn, scope).await?.ok_or(PaymentError::NotFound)?.time_zone)
}

/// A file to be saved: its name, its type, its bytes.
pub type Saved = (String, &'static str, Vec<u8>);

/// The bytes of one of the customer's.
pub async fn open_own(app: &App, asker: &Asker, ids: (Uuid, Uuid)) -> Result<Saved, PaymentError> {
    let mut conn = app.db.read().await?;
    let payment = of_customer(&mut conn, asker, ids.0).await?;
    saved(&mut conn, &payment, ids).await
}

/// The bytes of one of an issuer's payments.
pub async fn open(conn: &mut impl Conn, scope: Scope, ids: (Uuid, Uuid)) -> Result<Saved, PaymentError> {
    let payment = payments::find(conn, Which::OfIssuer(scope, ids.0)).await?.ok_or(PaymentError::NotFound)?;
    saved(conn, &payment, ids).await
}

async fn saved(conn: &mut impl Conn, payment: &PaymentRow, ids: (Uuid, Uuid)) -> Result<Saved, PaymentError> {
    let (kind, bytes) = store::find_bytes(conn, payment.scope(), ids).await?.ok_or(PaymentError::NotFound)?;
    let known = KINDS.iter().find(|(known, ..)| *known == kind).ok_or_else(|| unreadable("kind"))?;
    Ok((format!("comprobante-{}.{}", payment.number, known.0), known.2, bytes))
}

fn view(row: AttachmentRow, zone: &TimeZone) -> PaymentAttachment {
    PaymentAttachment {
        id: row.id,
        name: row.name,
        kind: row.kind,
        size_bytes: u64::try_from(row.size_bytes).unwrap_or(0),
        created_at: local_time(row.created_at, zone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say_and_its_name_leads_nowhere() {
        let told = |name: &str, bytes: &[u8]| read(&Attached { name, bytes });
        assert_eq!(told("a.exe", b"%PDF-1.7").unwrap(), ("pdf", "a.exe".to_owned()));
        assert_eq!(told("../../etc/\"x\"\r\n.png", b"\x89PNG\r\n\x1a\n..").unwrap().1, "....etcx.png");
        assert_eq!(told(" ", b"\xff\xd8\xff\xe0").unwrap(), ("jpg", "jpg".to_owned()));
        assert_eq!(told(&"n".repeat(500), b"%PDF-").unwrap().1.len(), NAME_MAX);
        for (bytes, code) in [
            (b"".as_slice(), FieldCode::Required),
            (b"<svg onload=x>", FieldCode::Shape),
            (b"GIF89a", FieldCode::Shape),
            (b"<html>%PDF-", FieldCode::Shape),
            (b"PK\x03\x04", FieldCode::Shape),
        ] {
            assert_eq!(told("a.pdf", bytes).unwrap_err().of("/file"), Some(code));
        }
    }
}
