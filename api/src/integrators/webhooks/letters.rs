//! The letter to the issuer whose endpoint is sent nothing any more.
use shared::webhooks::DisabledBecause;
use uuid::Uuid;

use crate::App;
use crate::db::DbError;
use crate::issuers::{self, Issuer, IssuerId, Scope};
use crate::jobs::Outcome;
use crate::mail::{self, Brand, LayoutError, Letter, NewLetter};
use crate::webhooks::model::Endpoint;
use crate::webhooks::service;

#[derive(Debug, thiserror::Error)]
enum LetterError {
    #[error("laying out the letter about an endpoint")]
    Layout(#[from] LayoutError),
    #[error("writing the letter about an endpoint")]
    Db(#[from] DbError),
}

/// Writes to the issuer's support address: the body of `JobKind::WebhookDisabled`. An endpoint that somebody enabled or
/// ended meanwhile needs no letter.
pub async fn disabled(app: &App, endpoint_id: Uuid) -> Outcome {
    match write(app, endpoint_id).await {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Retry { reason: error.to_string() },
    }
}

async fn write(app: &App, endpoint_id: Uuid) -> Result<(), LetterError> {
    let mut tx = app.db.begin().await?;
    let Some(endpoint) = service::find_by_id(&mut tx, endpoint_id).await? else { return Ok(()) };
    let because = match endpoint.disabled_because {
        Some(because @ (DisabledBecause::Gone | DisabledBecause::Failing)) if !endpoint.enabled => because,
        _ => return Ok(()),
    };
    let scope = Scope::of(IssuerId::new(endpoint.issuer_id));
    let Some(issuer) = issuers::service::find_issuer(&mut tx, scope).await? else { return Ok(()) };
    let letter = NewLetter {
        issuer_id: issuer.id.uuid(),
        stamp_id: None,
        kind: "webhook_disabled",
        of_access: false,
        from_name: &issuer.commercial_name,
        from_address: &app.config.mail.from_address,
        reply_to: &issuer.support_email,
        to: &issuer.support_email,
        body: letter(app, &issuer, &endpoint, because).render()?,
        attachments: Vec::new(),
    };
    mail::enqueue(&mut tx, &app.ids, app.now(), letter).await?;
    Ok(tx.commit().await?)
}

fn letter(app: &App, issuer: &Issuer, endpoint: &Endpoint, because: DisabledBecause) -> Letter {
    let why = match because {
        DisabledBecause::Gone => "El sistema que los recibe respondió que ese destino ya no existe (410).",
        DisabledBecause::Failing | DisabledBecause::ByHand => "Llevaba demasiado tiempo sin recibir ninguno.",
    };
    // The path of an address may hold a secret.
    let host = url::Url::parse(&endpoint.url).ok().and_then(|url| url.host_str().map(str::to_owned));
    Letter {
        brand: Brand {
            commercial_name: issuer.commercial_name.clone(),
            color: issuer.brand_color.as_str().to_owned(),
            support_email: issuer.support_email.as_str().to_owned(),
        },
        lang: shared::Lang::Es,
        rehearsal: app.rehearsal,
        subject: format!("{}: dejamos de enviar avisos a «{}»", issuer.commercial_name, endpoint.external_id),
        heading: "Un destino de webhooks quedó apagado".to_owned(),
        paragraphs: vec![
            why.to_owned(),
            "Nada se perdió: los avisos que esperaban siguen guardados y todo lo ocurrido está en GET /events. Cuando el \
             destino esté corregido, enciéndalo y reenvíe lo pendiente."
                .to_owned(),
        ],
        facts: vec![
            ("Destino".to_owned(), endpoint.external_id.clone()),
            ("Servidor".to_owned(), host.unwrap_or_default()),
        ],
        button: None,
        footer: "Recibe este correo porque esta es la dirección de soporte del emisor.".to_owned(),
    }
}
