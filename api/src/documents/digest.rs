//! One letter of everything that was published for a customer within half an hour, not a letter for each.
//!
//! The first document of a customer's opens the letter, whatever comes until its time is in it, and what was withdrawn by
//! then is not. It goes to those who own the account and to the addresses that get copies. It carries no document: the
//! link leads to the portal.
use shared::Lang;
use shared::documents::document_number;
use uuid::Uuid;

use super::DocumentKind;
use super::model::NewDocument;
use super::service::DocumentError;
use super::store::digest::{self as store, NamedRow};
use crate::App;
use crate::accounts::people::Contact;
use crate::accounts::{CustomerId, members, people};
use crate::db::{DbResult, Tx};
use crate::documents::DocumentId;
use crate::issuers::{self, Issuer, IssuerId, Scope};
use crate::jobs::{self, JobKind, Outcome};
use crate::mail::{self, Brand, Letter, Link, NewLetter};

/// Minutes that a letter waits for more to say.
pub const WAIT_MINUTES: i64 = 30;
/// Documents that it names; beyond them it says how many more.
const NAMED_MAX: i64 = 20;

/// A document was published: in the transaction that does it.
pub(super) async fn note(
    tx: &mut Tx,
    app: &App,
    scope: Scope,
    (id, document): (DocumentId, &NewDocument),
) -> DbResult<()> {
    let Ok(rfc) = fiscal::Rfc::parse(&document.receptor_rfc) else { return Ok(()) };
    let Some(customer) = people::find_customer(tx, &rfc).await? else { return Ok(()) };
    if !people::has_users(tx, customer, scope).await? {
        return Ok(());
    }
    let (digest, now) = (app.ids.uuid(), app.now());
    if store::insert(tx, digest, scope, (customer.uuid(), id), now).await? {
        let at = now.plus_seconds(WAIT_MINUTES * 60);
        jobs::enqueue(tx, &app.ids, JobKind::SendDigest, digest, at).await?;
    }
    Ok(())
}

/// Writes the letter: the body of [`JobKind::SendDigest`].
pub async fn send(app: &App, id: Uuid) -> Outcome {
    match try_send(app, id).await {
        Ok(()) => Outcome::Done,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "a letter about documents could not be written");
            Outcome::Retry { reason: "a letter about documents could not be written".into() }
        }
    }
}

async fn try_send(app: &App, id: Uuid) -> Result<(), DocumentError> {
    let mut tx = app.db.begin().await?;
    let Some(row) = store::find(&mut tx, id).await? else { return Ok(()) };
    if !store::delete(&mut tx, id).await? {
        return Ok(());
    }
    let customer = CustomerId::new(row.customer_id);
    let issuer = issuers::service::find_issuer(&mut tx, Scope::of(IssuerId::new(row.issuer_id))).await?;
    let names = people::names_of(&mut tx, customer).await?;
    if let (Some(issuer), Some((rfc, nombre))) = (issuer, names) {
        let count = store::count(&mut tx, &rfc, &row).await?;
        let named = store::list(&mut tx, &rfc, &row, NAMED_MAX).await?;
        if count > 0 {
            for to in readers(&mut tx, customer, &issuer).await? {
                let body = letter(app, &issuer, (&nombre, to.language), (&named, count)).render()?;
                let new = NewLetter {
                    issuer_id: row.issuer_id,
                    stamp_id: None,
                    kind: "documents_published",
                    of_access: false,
                    from_name: &issuer.commercial_name,
                    from_address: &app.config.mail.from_address,
                    reply_to: &issuer.support_email,
                    to: &to.email,
                    body,
                    attachments: Vec::new(),
                };
                mail::enqueue(&mut tx, &app.ids, app.now(), new).await?;
            }
        }
    }
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// Owners, and the addresses that get copies; each once.
async fn readers(tx: &mut Tx, customer: CustomerId, issuer: &Issuer) -> DbResult<Vec<Contact>> {
    let at = Scope::of(issuer.id);
    let mut all = people::owners_of(tx, customer, at).await?;
    let language = all.first().map_or(issuer.language, |owner| owner.language);
    for email in members::copies_of(tx, customer, at).await? {
        if !all.iter().any(|known| known.email.as_str().eq_ignore_ascii_case(email.as_str())) {
            all.push(Contact { email, language });
        }
    }
    Ok(all)
}

fn kind_name(kind: &str, lang: Lang) -> &'static str {
    match (DocumentKind::parse(kind), lang) {
        (Some(DocumentKind::Factura), Lang::Es) => "Factura",
        (Some(DocumentKind::Factura), Lang::En) => "Invoice",
        (Some(DocumentKind::NotaDeCredito), Lang::Es) => "Nota de crédito",
        (Some(DocumentKind::NotaDeCredito), Lang::En) => "Credit note",
        (Some(DocumentKind::ComplementoDePago), _) => "Complemento de pago",
        (Some(DocumentKind::Recibo), Lang::Es) => "Recibo",
        (Some(DocumentKind::Recibo), Lang::En) => "Receipt",
        (Some(DocumentKind::EstadoDeCuenta), Lang::Es) => "Estado de cuenta",
        (Some(DocumentKind::EstadoDeCuenta), Lang::En) => "Account statement",
        (None, Lang::Es) => "Documento",
        (None, Lang::En) => "Document",
    }
}

fn letter(app: &App, issuer: &Issuer, (nombre, lang): (&str, Lang), (named, count): (&[NamedRow], i64)) -> Letter {
    let pick = |es: &str, en: &str| if lang == Lang::Es { es.to_owned() } else { en.to_owned() };
    let company = &issuer.commercial_name;
    let home = if issuer.is_default { String::new() } else { format!("/e/{}", issuer.slug) };
    let mut facts: Vec<(String, String)> = Vec::new();
    for row in named {
        let (kind, number) = (kind_name(&row.kind, lang), document_number(&row.serie, &row.folio));
        match facts.iter_mut().find(|(known, _)| known == kind) {
            Some((_, numbers)) => *numbers = format!("{numbers}, {number}"),
            None => facts.push((kind.to_owned(), number)),
        }
    }
    let more = count.saturating_sub(i64::try_from(named.len()).unwrap_or(0));
    if more > 0 {
        facts.push((
            pick("Y además", "And"),
            if lang == Lang::Es { format!("{more} más") } else { format!("{more} more") },
        ));
    }
    Letter {
        brand: Brand {
            commercial_name: company.clone(),
            color: issuer.brand_color.as_str().to_owned(),
            support_email: issuer.support_email.as_str().to_owned(),
        },
        lang,
        rehearsal: app.rehearsal,
        subject: match (lang, count) {
            (Lang::Es, 1) => format!("{company}: un documento nuevo"),
            (Lang::En, 1) => format!("{company}: a new document"),
            (Lang::Es, _) => format!("{company}: {count} documentos nuevos"),
            (Lang::En, _) => format!("{company}: {count} new documents"),
        },
        heading: pick("Hay documentos nuevos", "There are new documents"),
        paragraphs: vec![match lang {
            Lang::Es => format!("{company} publicó documentos para {nombre}. Véalos y descárguelos en el portal."),
            Lang::En => format!("{company} published documents for {nombre}. See and download them in the portal."),
        }],
        facts,
        button: Some((
            pick("Ver mis documentos", "See my documents"),
            Link::under(&app.public_url, &[&home, "/consultas"].concat()),
        )),
        footer: pick(
            "Recibe este correo porque administra esta cuenta, o porque quien la administra pidió que le llegue copia.",
            "You get this letter because you administer this account, or because whoever does asked for a copy to you.",
        ),
    }
}
