//! The fiscal data of a proved mailbox: those of its last invoice of each RFC, as its owner changed them since (T15), ready
//! for the next one (T16). Of a signed-in customer's person the account's address is the mailbox, and the session its proof.
//!
//! Promises: only who proved the mailbox, with a code or by signing in, sees or changes them (an RFC proves nothing); the RFC was
//! invoiced and cannot be changed; every change is traced, by the names of the fields alone, and told to the mailbox and to
//! the address that invoices went to (A13). A stamped invoice never changes.
pub mod customers;
pub mod routes;
mod store;

use fiscal::{Email, Rfc};
use shared::Lang;
use shared::guests::{MyReceptor, MyReceptors, SaveReceptor};

use super::super::letters::brand;
use super::super::service::BillingError;
use crate::App;
use crate::audit::{self, Actor};
use crate::counters::{self, Counter};
use crate::db::{Conn, DbResult, Timestamp, Tx};
use crate::issuers::{self, Scope};
use crate::mail::{self, Letter, NewLetter};
use store::Kept;

/// RFCs offered to one mailbox: the last used.
const OFFERED_MAX: i64 = 20;
/// Changes of one mailbox in a day: each is a letter.
const CHANGES_PER_DAY: i64 = 10;
const DAY_SECONDS: i64 = 86_400;

/// Who changes something, and from which request.
#[derive(Clone, Copy)]
pub struct Guest<'a> {
    /// Hash of the browser's secret.
    pub browser_hash: &'a [u8; 32],
    /// For the audit log.
    pub request_id: &'a str,
}

/// By whom something is changed, for the audit log.
struct Changer<'a> {
    actor: Actor,
    on_behalf_of: Option<&'a str>,
    request_id: &'a str,
}

impl<'a> Guest<'a> {
    const fn changer(self) -> Changer<'a> {
        Changer { actor: Actor::Guest, on_behalf_of: None, request_id: self.request_id }
    }
}

/// Lets go of at most `limit` that were changed last before this moment; says how many.
pub async fn purge(tx: &mut Tx, changed_before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_old(tx, changed_before, limit).await
}

/// What the mailbox that this browser proved keeps; `None`: it proved none, or the time is over.
pub async fn list(app: &App, scope: Scope, browser_hash: &[u8; 32]) -> Result<Option<MyReceptors>, BillingError> {
    let mut conn = app.db.read().await?;
    let Some((email, expires_at)) = super::store::find_mailbox(&mut conn, scope, browser_hash, app.now()).await? else {
        return Ok(None);
    };
    let receptors = receptors(&mut conn, scope, &email).await?;
    Ok(Some(MyReceptors { email, expires_at: expires_at.to_string(), receptors }))
}

/// The data of each RFC: what was changed last, or what was invoiced last, whichever is newer.
async fn receptors(conn: &mut impl Conn, scope: Scope, email: &str) -> DbResult<Vec<MyReceptor>> {
    let saved = store::list(conn, scope, email).await?;
    let mut offered = Vec::new();
    for used in store::list_used(conn, scope, email, OFFERED_MAX).await? {
        let changed = saved.iter().find(|row| row.rfc == used.receptor_rfc && row.updated_at >= used.created_at);
        match changed {
            Some(row) => offered.extend(of_saved(row)),
            None => offered.extend(of_used(&used)),
        }
    }
    Ok(offered)
}

/// `None`: it is to be forgotten.
fn of_saved(row: &store::SavedRow) -> Option<MyReceptor> {
    Some(MyReceptor {
        rfc: row.rfc.clone(),
        nombre: row.nombre.clone()?,
        regimen: row.regimen.clone()?,
        codigo_postal: row.codigo_postal.clone()?,
        uso: row.uso.clone()?,
        email: row.deliver_to.clone()?,
    })
}

/// `None`: a generic RFC is nobody's, or the document is one that nobody can read.
fn of_used(row: &store::UsedRow) -> Option<MyReceptor> {
    let rfc = Rfc::parse(&row.receptor_rfc).ok().filter(|rfc| !rfc.is_generic())?;
    let receptor = cfdi::read(&row.sealed_xml).ok()?.comprobante.receptor;
    Some(MyReceptor {
        rfc: rfc.as_str().to_owned(),
        nombre: receptor.nombre,
        regimen: receptor.regimen_fiscal_receptor,
        codigo_postal: receptor.domicilio_fiscal_receptor,
        uso: receptor.uso_cfdi,
        email: row.email.clone(),
    })
}

/// Changes the data of an RFC for the next invoice.
pub async fn save(
    app: &App,
    scope: Scope,
    guest: Guest<'_>,
    rfc: &str,
    form: &SaveReceptor,
) -> Result<MyReceptor, BillingError> {
    let (mailbox, before) = open(app, scope, guest, rfc).await?;
    change(app, scope, &guest.changer(), (&mailbox, &before, form)).await
}

/// Changes what a mailbox keeps of an RFC, unless that is it already.
async fn change(
    app: &App,
    scope: Scope,
    by: &Changer<'_>,
    (mailbox, before, form): (&str, &MyReceptor, &SaveReceptor),
) -> Result<MyReceptor, BillingError> {
    let (receptor, email) = form.parse(&before.rfc).map_err(BillingError::Fields)?;
    let after = MyReceptor {
        rfc: before.rfc.clone(),
        nombre: receptor.nombre.as_str().to_owned(),
        regimen: receptor.regimen.code().to_owned(),
        codigo_postal: receptor.codigo_postal.as_str().to_owned(),
        uso: receptor.uso.code().to_owned(),
        email: email.as_str().to_owned(),
    };
    let changed = changed(before, &after);
    if changed.is_empty() {
        return Ok(after);
    }
    let data = [&after.nombre, &after.regimen, &after.codigo_postal, &after.uso, &after.email].map(String::as_str);
    let kept = Kept { rfc: &after.rfc, data: Some(data) };
    let mut tx = app.db.begin().await?;
    keep(app, &mut tx, scope, by, (mailbox, &kept, &changed)).await?;
    tell(app, &mut tx, scope, (mailbox, &before.email), (&after.rfc, &changed, form.language)).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(after)
}

/// Forgets the data of an RFC: the next invoice begins without them, until there is one.
pub async fn forget(app: &App, scope: Scope, guest: Guest<'_>, rfc: &str) -> Result<(), BillingError> {
    let (mailbox, before) = open(app, scope, guest, rfc).await?;
    let kept = Kept { rfc: &before.rfc, data: None };
    let mut tx = app.db.begin().await?;
    keep(app, &mut tx, scope, &guest.changer(), (&mailbox, &kept, &[])).await?;
    Ok(tx.commit().await?)
}

/// A change of this browser's: the mailbox it proved, and what that keeps of the RFC now.
async fn open(app: &App, scope: Scope, guest: Guest<'_>, rfc: &str) -> Result<(String, MyReceptor), BillingError> {
    let mut conn = app.db.read().await?;
    let proved = super::store::find_mailbox(&mut conn, scope, guest.browser_hash, app.now()).await?;
    let (mailbox, _) = proved.ok_or(BillingError::NotFound)?;
    let known = receptors(&mut conn, scope, &mailbox).await?.into_iter().find(|known| known.rfc == rfc);
    Ok((mailbox, known.ok_or(BillingError::NotFound)?))
}

/// Names of the fields that differ.
fn changed(before: &MyReceptor, after: &MyReceptor) -> Vec<&'static str> {
    [
        ("nombre", before.nombre != after.nombre),
        ("regimen", before.regimen != after.regimen),
        ("codigo_postal", before.codigo_postal != after.codigo_postal),
        ("uso", before.uso != after.uso),
        ("email", before.email != after.email),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

/// Writes it, and who did what: the names of the fields, since the log is never shortened and the data may have to go.
async fn keep(
    app: &App,
    tx: &mut Tx,
    scope: Scope,
    by: &Changer<'_>,
    (mailbox, kept, changed): (&str, &Kept<'_>, &[&str]),
) -> Result<(), BillingError> {
    let now = app.now();
    let id = store::upsert(tx, scope, mailbox, (app.ids.uuid(), kept), now).await?.to_string();
    let entry = audit::Entry {
        actor: by.actor,
        on_behalf_of: by.on_behalf_of,
        issuer_id: Some(scope.uuid()),
        act: if kept.data.is_some() { "receptor.changed" } else { "receptor.forgotten" },
        object_kind: "guest_receptor",
        object_id: &id,
        before: None,
        after: Some(serde_json::json!({ "fields": changed })),
        request_id: Some(by.request_id),
    };
    Ok(audit::record(tx, now, entry).await?)
}

/// Writes to the mailbox, and to where invoices went until now.
async fn tell(
    app: &App,
    tx: &mut Tx,
    scope: Scope,
    (mailbox, before): (&str, &str),
    (rfc, changed, lang): (&str, &[&str], Lang),
) -> Result<(), BillingError> {
    let counter = Counter {
        kind: "receptor_changed",
        subject: counters::subject(&format!("{}|{mailbox}", scope.uuid())),
        limit: CHANGES_PER_DAY,
        window_seconds: DAY_SECONDS,
    };
    counter.try_hit(tx, app.now()).await?.map_err(BillingError::MailLimit)?;
    let Some(issuer) = issuers::service::find_issuer(tx, scope).await? else { return Ok(()) };
    let pick = |es: &str, en: &str| if lang == Lang::Es { es.to_owned() } else { en.to_owned() };
    let letter = Letter {
        brand: brand(&issuer),
        lang,
        rehearsal: app.rehearsal,
        subject: format!("{}: {}", issuer.commercial_name, pick("cambiaron sus datos", "your data changed")),
        heading: pick("Cambiaron sus datos de facturación", "Your invoicing data changed"),
        paragraphs: vec![
            pick(
                "Valen para sus próximas facturas; las ya timbradas no cambian.",
                "They hold for your next invoices; those already stamped do not change.",
            ),
            pick("Si no fue usted, escríbanos enseguida.", "If it was not you, write to us at once."),
        ],
        facts: vec![
            ("RFC".to_owned(), rfc.to_owned()),
            (
                pick("Cambió", "Changed"),
                changed.iter().map(|field| field_name(field, lang)).collect::<Vec<_>>().join(", "),
            ),
        ],
        button: None,
        footer: pick(
            "Recibe este correo porque sus facturas llegan a esta dirección.",
            "You get this letter because your invoices come to this address.",
        ),
    };
    let mut addresses = vec![mailbox.to_owned()];
    addresses.extend(Some(before.to_owned()).filter(|before| !before.eq_ignore_ascii_case(mailbox)));
    for to in addresses.iter().filter_map(|address| Email::parse(address).ok()) {
        let letter = NewLetter {
            issuer_id: issuer.id.uuid(),
            stamp_id: None,
            kind: "receptor_changed",
            of_access: true,
            from_name: &issuer.commercial_name,
            from_address: &app.config.mail.from_address,
            reply_to: &issuer.support_email,
            to: &to,
            body: letter.render()?,
            attachments: Vec::new(),
        };
        mail::enqueue(tx, &app.ids, app.now(), letter).await?;
    }
    Ok(())
}

fn field_name(field: &str, lang: Lang) -> &'static str {
    let spanish = lang == Lang::Es;
    match field {
        "nombre" if spanish => "nombre",
        "nombre" => "name",
        "regimen" if spanish => "régimen fiscal",
        "regimen" => "tax regime",
        "codigo_postal" if spanish => "código postal",
        "codigo_postal" => "postal code",
        "uso" if spanish => "uso del CFDI",
        "uso" => "use of the CFDI",
        _ if spanish => "correo de entrega",
        _ => "delivery address",
    }
}
