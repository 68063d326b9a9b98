//! The letter to the issuer whose endpoint is sent nothing any more.
use shared::Lang;
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
    let lang = issuer.language;
    let pick = |es: &str, en: &str| if lang == Lang::Es { es.to_owned() } else { en.to_owned() };
    let why = match because {
        DisabledBecause::Gone => pick(
            "El sistema que los recibe respondió que ese destino ya no existe (410).",
            "The system that takes them answered that this endpoint is gone (410).",
        ),
        DisabledBecause::Failing | DisabledBecause::ByHand => match endpoint.failing_since {
            Some(since) => {
                let day = issuer.day_of(since).strftime("%d/%m/%Y");
                pick(&format!("No llega ninguno desde el {day}."), &format!("None has arrived since {day}."))
            }
            None => pick("No llega ninguno.", "None arrives."),
        },
    };
    // The path of an address may hold a secret.
    let host = url::Url::parse(&endpoint.url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let (company, name) = (&issuer.commercial_name, &endpoint.external_id);
    Letter {
        brand: Brand {
            commercial_name: company.clone(),
            color: issuer.brand_color.as_str().to_owned(),
            support_email: issuer.support_email.as_str().to_owned(),
        },
        lang,
        rehearsal: app.rehearsal,
        subject: match lang {
            Lang::Es => format!("{company}: dejamos de enviar avisos a «{name}»"),
            Lang::En => format!("{company}: we no longer send notices to {name}"),
        },
        heading: pick("Un destino de webhooks quedó apagado", "A webhook endpoint was disabled"),
        paragraphs: vec![
            why,
            pick(
                "Nada se perdió: los avisos que esperaban siguen guardados y todo lo ocurrido está en GET /events. Cuando \
                 el destino esté corregido, enciéndalo y reenvíe lo pendiente.",
                "Nothing is lost: the notices that waited are kept, and all that happened is in GET /events. When the \
                 endpoint is mended, enable it and send what is pending again.",
            ),
        ],
        facts: vec![
            (pick("Destino", "Endpoint"), name.clone()),
            (pick("Servidor", "Server"), host.unwrap_or_default()),
        ],
        button: None,
        footer: pick(
            "Recibe este correo porque esta es la dirección de soporte del emisor.",
            "You get this letter because this is the issuer's support address.",
        ),
    }
}
