//! The letter that a file is ready. It carries no document: the link needs the session.
use shared::Lang;

use super::bundles::KEPT_HOURS;
use crate::App;
use crate::accounts::{CustomerId, UserId, people};
use crate::db::Tx;
use crate::documents::model::Asker;
use crate::documents::service::DocumentError;
use crate::issuers::Scope;
use crate::mail::{self, Brand, Letter, Link, NewLetter};

/// Where the page is that shows the files, below an issuer's home.
const PAGE: &str = "/consultas";

/// Writes to whoever ordered the file.
pub(super) async fn ready(
    tx: &mut Tx,
    app: &App,
    asker: &Asker,
    file_name: &str,
    documents: i64,
) -> Result<(), DocumentError> {
    let issuer =
        people::home_issuer(tx, Some(CustomerId::new(asker.customer_id)), asker.only.map(Scope::issuer)).await?;
    let contact = people::contact(tx, UserId::new(asker.user_id)).await?;
    let (Some(issuer), Some(contact)) = (issuer, contact) else { return Ok(()) };
    let lang = contact.language;
    let pick = |es: &str, en: &str| if lang == Lang::Es { es.to_owned() } else { en.to_owned() };
    let home = if issuer.is_default { String::new() } else { format!("/e/{}", issuer.slug) };
    let letter = Letter {
        brand: Brand {
            commercial_name: issuer.commercial_name.clone(),
            color: issuer.brand_color.as_str().to_owned(),
            support_email: issuer.support_email.as_str().to_owned(),
        },
        lang,
        rehearsal: app.rehearsal,
        subject: match lang {
            Lang::Es => format!("{}: su descarga está lista", issuer.commercial_name),
            Lang::En => format!("{}: your download is ready", issuer.commercial_name),
        },
        heading: pick("Su descarga está lista", "Your download is ready"),
        paragraphs: vec![match lang {
            Lang::Es => format!("Se guarda {KEPT_HOURS} horas. Para descargarla hay que haber entrado al portal."),
            Lang::En => format!("It is kept for {KEPT_HOURS} hours. To download it, sign in to the portal."),
        }],
        facts: vec![
            (pick("Archivo", "File"), file_name.to_owned()),
            (pick("Documentos", "Documents"), documents.to_string()),
        ],
        button: Some((
            pick("Ir a mis descargas", "To my downloads"),
            Link::under(&app.public_url, &[&home, PAGE].concat()),
        )),
        footer: pick(
            "Recibe este correo porque pidió este archivo en el portal.",
            "You get this letter because you asked for this file in the portal.",
        ),
    };
    let new = NewLetter {
        issuer_id: issuer.id.uuid(),
        stamp_id: None,
        kind: "download_ready",
        of_access: false,
        from_name: &issuer.commercial_name,
        from_address: &app.config.mail.from_address,
        reply_to: &issuer.support_email,
        to: &contact.email,
        body: letter.render()?,
        attachments: Vec::new(),
    };
    mail::enqueue(tx, &app.ids, app.now(), new).await?;
    Ok(())
}
