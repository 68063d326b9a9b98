//! Letters to an issuer's operators before what it seals with ends (K5): 60, 30 and 7 days before, each once for a
//! certificate. One that a later one outlasts needs none: two live side by side while they are changed.
use shared::Lang;

use crate::App;
use crate::accounts::AccountError;
use crate::accounts::store::staff as store;
use crate::db::{Timestamp, Tx};
use crate::issuers::custody::{self, Ending, WARNED_DAYS};
use crate::issuers::{self, Issuer, Scope};
use crate::jobs::Outcome;
use crate::mail::{self, Brand, Letter, Link, NewLetter};

const DAY_SECONDS: i64 = 86_400;

/// Looks at every certificate: the body of `JobKind::WarnOfCertificates`.
pub async fn warn(app: &App) -> Outcome {
    match try_warn(app).await {
        Ok(()) => Outcome::Done,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "letters about certificates could not be written");
            Outcome::Retry { reason: "letters about certificates could not be written".into() }
        }
    }
}

async fn try_warn(app: &App) -> Result<(), AccountError> {
    let ending = custody::ending(&mut app.db.read().await?, app.now()).await?;
    for certificate in ending {
        let mut tx = app.db.begin().await?;
        warn_of(&mut tx, app, &certificate, app.now()).await?;
        tx.commit().await?;
        app.wake.notify_one();
    }
    Ok(())
}

/// The shortest of the terms that have begun; those before it need no letter any more.
fn term_of(ends_at: Timestamp, now: Timestamp) -> Option<i64> {
    let left = ends_at.seconds_since(now);
    WARNED_DAYS.into_iter().filter(|days| left <= days * DAY_SECONDS).min()
}

async fn warn_of(tx: &mut Tx, app: &App, certificate: &Ending, now: Timestamp) -> Result<(), AccountError> {
    let Some(term) = term_of(certificate.ends_at, now) else { return Ok(()) };
    let scope = Scope::of(certificate.issuer);
    if !custody::mark_warned(tx, scope, certificate.id, term).await? {
        return Ok(());
    }
    let Some(issuer) = issuers::service::find_issuer(tx, scope).await? else { return Ok(()) };
    let mut readers = store::list_operators(tx, scope).await?;
    if readers.is_empty() {
        readers.push((issuer.support_email.clone(), issuer.language));
    }
    let days = certificate.ends_at.seconds_since(now).div_euclid(DAY_SECONDS);
    for (to, language) in &readers {
        let new = NewLetter {
            issuer_id: issuer.id.uuid(),
            stamp_id: None,
            kind: "certificate_ends",
            of_access: false,
            from_name: &issuer.commercial_name,
            from_address: &app.config.mail.from_address,
            reply_to: &issuer.support_email,
            to,
            body: letter(app, &issuer, *language, (certificate, days)).render()?,
            attachments: Vec::new(),
        };
        mail::enqueue(tx, &app.ids, now, new).await?;
    }
    Ok(())
}

fn letter(app: &App, issuer: &Issuer, lang: Lang, (certificate, days): (&Ending, i64)) -> Letter {
    let pick = |es: &str, en: &str| if lang == Lang::Es { es.to_owned() } else { en.to_owned() };
    let company = &issuer.commercial_name;
    let ends_on = issuer.day_of(certificate.ends_at).strftime("%d/%m/%Y").to_string();
    let address = format!("/consola/e/{}/certificados", issuer.slug);
    Letter {
        brand: Brand {
            commercial_name: company.clone(),
            color: issuer.brand_color.as_str().to_owned(),
            support_email: issuer.support_email.as_str().to_owned(),
        },
        lang,
        rehearsal: app.rehearsal,
        subject: match lang {
            Lang::Es => format!("{company}: su certificado de sello termina en {days} días"),
            Lang::En => format!("{company}: your sealing certificate ends in {days} days"),
        },
        heading: pick("Su certificado de sello está por terminar", "Your sealing certificate is about to end"),
        paragraphs: vec![
            pick(
                "Desde ese día no se podrá sellar ninguna factura con él, y no hay otro que dure más.",
                "From that day on no invoice can be sealed with it, and there is none that lasts longer.",
            ),
            pick(
                "Pida otro en el portal del SAT (Certifica) y súbalo en la consola: los dos sirven a la vez y el cambio no \
                 detiene nada.",
                "Ask the SAT for another (Certifica) and hand it over in the console: both are good at once, and the change \
                 stops nothing.",
            ),
        ],
        facts: vec![
            (pick("Certificado", "Certificate"), certificate.certificate_number.clone()),
            (pick("Termina", "Ends"), ends_on),
        ],
        button: Some((pick("Subir otro certificado", "Hand another over"), Link::under(&app.public_url, &address))),
        footer: pick(
            "Recibe este correo porque administra este emisor en la consola.",
            "You get this letter because you administer this issuer in the console.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_term_that_began_is_the_letters() {
        let now = Timestamp::new("2026-11-18T18:00:00Z".parse().unwrap());
        for (left, term) in [
            (61 * DAY_SECONDS, None),
            (60 * DAY_SECONDS, Some(60)),
            (30 * DAY_SECONDS + 1, Some(60)),
            (30 * DAY_SECONDS, Some(30)),
            (7 * DAY_SECONDS, Some(7)),
            (1, Some(7)),
        ] {
            assert_eq!(term_of(now.plus_seconds(left), now), term, "{left}");
        }
    }
}
