//! The letters about accounts. None says anything that its reader did not ask for or does not own, and none carries a
//! password.
use shared::Lang;

use super::AccountError;
use crate::App;
use crate::db::Tx;
use crate::issuers::Issuer;
use crate::mail::{self, Brand, Letter, Link, NewLetter};

/// What a letter says.
pub(super) enum About<'a> {
    /// Finish the registration.
    Activation { rfc: &'a str, token: &'a str, hours: i64 },
    /// You asked to register, and have an account.
    AlreadyRegistered { rfc: &'a str },
    /// Somebody asked to register for a customer of yours.
    AccessAsked { rfc: &'a str },
    /// Choose another password.
    Recovery { token: &'a str, minutes: i64 },
    /// Your password was changed.
    PasswordChanged,
}

/// A letter to one person, in the name of an issuer.
pub(super) struct To<'a> {
    pub issuer: &'a Issuer,
    pub email: &'a fiscal::Email,
    pub language: Lang,
}

struct Words {
    kind: &'static str,
    heading: String,
    paragraphs: Vec<String>,
    facts: Vec<(String, String)>,
    button: Option<(String, &'static str, String)>,
}

/// Writes the letter into the outbox.
pub(super) async fn enqueue(tx: &mut Tx, app: &App, to: &To<'_>, about: &About<'_>) -> Result<(), AccountError> {
    let (issuer, lang) = (to.issuer, to.language);
    let words = words(about, lang);
    // The default issuer's pages stand at `/`; the others' below their name.
    let home = if issuer.is_default { String::new() } else { format!("/e/{}", issuer.slug) };
    let link = |(label, page, token): (String, &str, String)| {
        (label, Link::under(&app.public_url, &format!("{home}/{page}{token}")))
    };
    let letter = Letter {
        brand: Brand {
            commercial_name: issuer.commercial_name.clone(),
            color: issuer.brand_color.as_str().to_owned(),
            support_email: issuer.support_email.as_str().to_owned(),
        },
        lang,
        rehearsal: app.rehearsal,
        subject: format!("{}: {}", issuer.commercial_name, lower_first(&words.heading)),
        heading: words.heading,
        paragraphs: words.paragraphs,
        facts: words.facts,
        button: words.button.map(link),
        footer: pick(
            lang,
            "Recibe este correo porque alguien usó su dirección en el portal.",
            "You get this letter because somebody used your address at the portal.",
        ),
    };
    let letter = NewLetter {
        issuer_id: issuer.id.uuid(),
        stamp_id: None,
        kind: words.kind,
        from_name: &issuer.commercial_name,
        from_address: &app.config.mail.from_address,
        reply_to: &issuer.support_email,
        to: to.email,
        body: letter.render()?,
        attachments: Vec::new(),
    };
    mail::enqueue(tx, &app.ids, app.now(), letter).await?;
    Ok(())
}

fn pick(lang: Lang, es: &str, en: &str) -> String {
    if lang == Lang::Es { es.to_owned() } else { en.to_owned() }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

fn words(about: &About<'_>, lang: Lang) -> Words {
    match about {
        About::Activation { rfc, token, hours } => activation(lang, rfc, token, *hours),
        About::AlreadyRegistered { rfc } => already_registered(lang, rfc),
        About::AccessAsked { rfc } => access_asked(lang, rfc),
        About::Recovery { token, minutes } => recovery(lang, token, *minutes),
        About::PasswordChanged => password_changed(lang),
    }
}

fn activation(lang: Lang, rfc: &str, token: &str, hours: i64) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Words {
        kind: "account_activation",
        heading: p("Termine su registro", "Finish your registration"),
        paragraphs: vec![
            p(
                "Sus datos coinciden con un contrato. Elija su contraseña para entrar al portal.",
                "Your data match a contract. Choose your password to enter the portal.",
            ),
            good_once(lang, &format!("{hours} {}", p("horas", "hours"))),
            do_nothing(lang),
        ],
        facts: vec![("RFC".to_owned(), rfc.to_owned())],
        button: Some((p("Terminar mi registro", "Finish my registration"), "activar", format!("/{token}"))),
    }
}

fn already_registered(lang: Lang, rfc: &str) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Words {
        kind: "account_already_registered",
        heading: p("Ya tiene una cuenta", "You already have an account"),
        paragraphs: vec![p(
            "Pidió registrarse, y este correo ya tiene cuenta. Entre con él; si olvidó su contraseña, recupérela ahí \
             mismo.",
            "You asked to register, and this address has an account. Sign in with it; if you forgot your password, \
             recover it there.",
        )],
        facts: vec![("RFC".to_owned(), rfc.to_owned())],
        button: Some((p("Entrar al portal", "Sign in"), "entrar", String::new())),
    }
}

fn access_asked(lang: Lang, rfc: &str) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Words {
        kind: "account_access_asked",
        heading: p("Alguien pidió una cuenta con su RFC", "Somebody asked for an account with your RFC"),
        paragraphs: vec![p(
            "Con otro correo y los datos de un contrato suyo alguien quiso registrarse. No le dimos acceso ni le \
             dijimos que usted ya tiene cuenta. Si es alguien de su equipo, escríbanos.",
            "With another address and the data of a contract of yours somebody tried to register. We gave no access \
             and did not say that you have an account. If it is somebody of your team, write to us.",
        )],
        facts: vec![("RFC".to_owned(), rfc.to_owned())],
        button: None,
    }
}

fn recovery(lang: Lang, token: &str, minutes: i64) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Words {
        kind: "account_recovery",
        heading: p("Elija otra contraseña", "Choose another password"),
        paragraphs: vec![
            p(
                "Pidió recuperar su contraseña. La de ahora sigue sirviendo hasta que elija otra.",
                "You asked to recover your password. The present one stays good until you choose another.",
            ),
            good_once(lang, &format!("{minutes} {}", p("minutos", "minutes"))),
            do_nothing(lang),
        ],
        facts: Vec::new(),
        button: Some((p("Elegir otra contraseña", "Choose another password"), "recuperar", format!("/{token}"))),
    }
}

fn password_changed(lang: Lang) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Words {
        kind: "account_password_changed",
        heading: p("Su contraseña cambió", "Your password was changed"),
        paragraphs: vec![p(
            "La contraseña de su cuenta es otra desde ahora y se cerraron las demás sesiones. Si no fue usted, \
             recupérela cuanto antes y escríbanos.",
            "Your account has another password from now on, and its other sessions were ended. If it was not you, \
             recover it at once and write to us.",
        )],
        facts: Vec::new(),
        button: Some((p("Recuperar mi contraseña", "Recover my password"), "recuperar", String::new())),
    }
}

fn good_once(lang: Lang, how_long: &str) -> String {
    match lang {
        Lang::Es => format!("La liga sirve una vez, durante {how_long}."),
        Lang::En => format!("The link is good once, for {how_long}."),
    }
}

fn do_nothing(lang: Lang) -> String {
    pick(lang, "Si no lo pidió usted, no haga nada.", "If you did not ask for it, do nothing.")
}
