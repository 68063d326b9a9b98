//! Documents by mail.
use std::collections::{BTreeMap, BTreeSet};

use shared::Lang;
use shared::documents::{DocumentsSent, SendDocuments, document_number};
use uuid::Uuid;

use crate::App;
use crate::accounts::{UserId, people};
use crate::audit::{self, Actor, Entry};
use crate::counters::{self, Counter};
use crate::db::{Timestamp, Tx};
use crate::documents::model::{Asker, DocumentKind};
use crate::documents::service::{DocumentError, file_name};
use crate::documents::store::{self as found, ListedRow, delivery, sharing as store};
use crate::issuers::{self, Issuer, IssuerId, Scope};
use crate::mail::{self, AttachmentFormat, AttachmentSpec, Brand, Letter, NewLetter};

const DAY_SECONDS: i64 = 86_400;

/// Writes the letters: one per address and issuer. They and what is recorded of them are there together, or not at all.
/// One foreign id refuses the whole (B1); of the asker's own, those that were withdrawn stay behind, and are named to the
/// asker alone.
pub async fn send(app: &App, asker: &Asker, form: &SendDocuments) -> Result<DocumentsSent, DocumentError> {
    let to = form.parse().map_err(DocumentError::Fields)?;
    let ids: Vec<Uuid> = form.ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let mut conn = app.db.read().await?;
    let whose = (asker.rfc.as_str(), asker.only);
    let mut behind = delivery::list_own(&mut conn, whose, &ids).await?;
    let rows = delivery::list_ids(&mut conn, whose, &ids).await?;
    if behind.len() != ids.len() || rows.is_empty() {
        return Err(DocumentError::NotFound);
    }
    // Not by what the first of the two statements saw: one may have been withdrawn between them.
    behind.retain(|own| rows.iter().all(|row| row.id != own.id));
    let sender = people::contact(&mut conn, UserId::new(asker.user_id)).await?.ok_or(DocumentError::NotFound)?;
    let mut by_issuer = BTreeMap::<Uuid, Vec<ListedRow>>::new();
    for row in rows {
        by_issuer.entry(row.issuer_id).or_default().push(row);
    }
    let mut parcels = Vec::new();
    for (id, rows) in by_issuer {
        let issuer = issuers::service::find_issuer(&mut conn, Scope::of(IssuerId::new(id))).await?;
        parcels.push((issuer.ok_or_else(|| found::unreadable("issuer"))?, rows));
    }
    drop(conn);
    let (now, mut letters) = (app.now(), 0);
    let mut tx = app.db.begin().await?;
    let of_user = limit(app, asker);
    for (issuer, rows) in &parcels {
        let body = letter(app, issuer, rows, &form.message, (sender.email.as_str(), sender.language)).render()?;
        for address in &to {
            of_user.try_hit(&mut tx, now).await?.map_err(DocumentError::MailLimit)?;
            let new = NewLetter {
                issuer_id: issuer.id.uuid(),
                stamp_id: None,
                kind: "documents_sent",
                of_access: false,
                from_name: &issuer.commercial_name,
                from_address: &app.config.mail.from_address,
                reply_to: &sender.email,
                to: address,
                body: body.clone(),
                attachments: attachments(issuer, rows),
            };
            let daily_max = app.config.mail.per_address_daily;
            let letter_id = mail::enqueue_within(&mut tx, &app.ids, now, new, daily_max)
                .await?
                .map_err(DocumentError::MailLimit)?;
            for row in rows {
                store::insert_letter(&mut tx, letter_id, (row.id, row.issuer_id), asker, now).await?;
            }
            letters += 1;
        }
    }
    for (_, rows) in &parcels {
        note(&mut tx, asker, rows, to.len(), now).await?;
    }
    tx.commit().await?;
    app.wake.notify_one();
    let left_out: BTreeSet<String> = behind.iter().map(|row| document_number(&row.serie, &row.folio)).collect();
    Ok(DocumentsSent { letters, left_out: left_out.into_iter().collect() })
}

/// Letters that one person may send in a day, to whomever: their words and our files are in each (G6).
fn limit(app: &App, asker: &Asker) -> Counter {
    Counter {
        kind: "letters_user",
        subject: counters::subject(&asker.user_id.to_string()),
        limit: app.config.mail.per_user_daily,
        window_seconds: DAY_SECONDS,
    }
}

fn attachments(issuer: &Issuer, rows: &[ListedRow]) -> Vec<AttachmentSpec> {
    let attached = |row: &ListedRow, format: AttachmentFormat, extension: &str| AttachmentSpec {
        document_id: row.id,
        format,
        file_name: file_name(&issuer.rfc, &row.serie, &row.folio, &row.issued_on, extension),
    };
    let mut all = Vec::new();
    for row in rows {
        if DocumentKind::parse(&row.kind).is_some_and(DocumentKind::is_cfdi) {
            all.push(attached(row, AttachmentFormat::Xml, "xml"));
        }
        all.push(attached(row, AttachmentFormat::Pdf, "pdf"));
    }
    all
}

fn letter(app: &App, issuer: &Issuer, rows: &[ListedRow], message: &str, (sender, lang): (&str, Lang)) -> Letter {
    let pick = |es: &str, en: &str| if lang == Lang::Es { es.to_owned() } else { en.to_owned() };
    let numbers: Vec<String> = rows.iter().map(|row| document_number(&row.serie, &row.folio)).collect();
    let count = rows.len();
    let receptor = rows.first().map(|row| row.receptor_nombre.clone()).unwrap_or_default();
    let mut paragraphs = vec![match lang {
        Lang::Es => format!("{sender} le envía documentos que {} emitió a {receptor}.", issuer.commercial_name),
        Lang::En => format!("{sender} sends you documents that {} issued to {receptor}.", issuer.commercial_name),
    }];
    paragraphs.extend((!message.trim().is_empty()).then(|| message.trim().to_owned()));
    Letter {
        brand: Brand {
            commercial_name: issuer.commercial_name.clone(),
            color: issuer.brand_color.as_str().to_owned(),
            support_email: issuer.support_email.as_str().to_owned(),
        },
        lang,
        rehearsal: app.rehearsal,
        // Our words and numbers alone: nothing that somebody typed.
        subject: match (lang, count) {
            (Lang::Es, 1) => format!("{}: documento {}", issuer.commercial_name, numbers.concat()),
            (Lang::En, 1) => format!("{}: document {}", issuer.commercial_name, numbers.concat()),
            (Lang::Es, _) => format!("{}: {count} documentos", issuer.commercial_name),
            (Lang::En, _) => format!("{}: {count} documents", issuer.commercial_name),
        },
        heading: pick("Le envían documentos", "Documents for you"),
        paragraphs,
        facts: vec![(pick("Documentos", "Documents"), numbers.join(", "))],
        button: None,
        footer: pick(
            "Recibe este correo porque esa persona escribió su dirección; su respuesta le llega a ella.",
            "You get this letter because that person typed your address; an answer goes to them.",
        ),
    }
}

/// Who sent what, and to how many: the addresses are with the letters.
async fn note(
    tx: &mut Tx,
    asker: &Asker,
    rows: &[ListedRow],
    addresses: usize,
    now: Timestamp,
) -> Result<(), DocumentError> {
    let customer = asker.customer_id.to_string();
    for row in rows {
        let object_id = row.id.to_string();
        let entry = Entry {
            actor: Actor::User(asker.user_id),
            on_behalf_of: Some(&customer),
            issuer_id: Some(row.issuer_id),
            act: "document.mail",
            object_kind: "document",
            object_id: &object_id,
            before: None,
            after: Some(serde_json::json!({ "addresses": addresses })),
            request_id: Some(&asker.request_id),
        };
        audit::record(tx, now, entry).await?;
    }
    Ok(())
}
