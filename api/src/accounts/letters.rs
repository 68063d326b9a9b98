//! The letters about accounts. None says anything that its reader did not ask for or does not own, and none carries a
//! password but a temporary one, which opens only the choice of another.
mod entry;
mod privacy;

use shared::Lang;
use shared::accounts::{Role, Secret};
use shared::privacy::ArcoKind;

use super::AccountError;
use super::model::{UserId, fold_user};
use crate::App;
use crate::clock::Ids;
use crate::counters::{self, Counter};
use crate::db::{DbResult, Timestamp, Tx};
use crate::issuers::Issuer;
use crate::mail::{self, Brand, Letter, Link, NewLetter};

/// What a letter says.
pub(super) enum About<'a> {
    /// Finish the registration.
    Activation { rfc: &'a str, token: &'a str, hours: i64, temporary: Option<(&'a str, &'a Secret)> },
    /// You have an account since your first invoice: choose its password.
    Mailbox { token: &'a str, hours: i64 },
    /// You asked to register, and have an account.
    AlreadyRegistered { rfc: &'a str },
    /// Somebody asked to register for a customer of yours.
    AccessAsked { rfc: &'a str },
    /// Choose another password.
    Recovery { token: &'a str, minutes: i64, at_console: bool, temporary: Option<(&'a str, &'a Secret)> },
    /// Come in with this temporary password.
    Temporary { password: &'a Secret, minutes: i64 },
    /// The code of a first entry.
    FirstCode { code: &'a str, minutes: i64 },
    /// Your password was changed.
    PasswordChanged,
    /// Another owner of the customer's sees this company's part from now on.
    CompanyAdded { who: &'a str },
    /// Be one of a customer's people.
    Invitation { customer: &'a str, role: Role, token: &'a str, days: i64 },
    /// Be staff; of an issuer, or of the whole installation.
    StaffInvitation { issuer: Option<&'a str>, token: &'a str, days: i64 },
    /// The second step was set up, taken away, or set up anew.
    SecondFactor { on: bool },
    /// So many wrong codes in a row after your password: codes rest.
    SecondStepHeld { codes: i64 },
    /// A passkey was added or taken away.
    Passkey { name: &'a str, added: bool },
    /// We have your request about your data.
    ArcoReceived { kind: ArcoKind, due_on: &'a str },
    /// Somebody made a request about their data, to whoever answers it.
    ArcoAsked { kind: ArcoKind, whose: WhoseData<'a>, due_on: &'a str },
    /// The answer to it, in staff's words.
    ArcoAnswered { kind: ArcoKind, granted: bool, words: &'a str },
    /// The code that proves a new address.
    EmailCode { code: &'a str, minutes: i64 },
    /// Your account has another address.
    EmailChanged,
    /// Staff were asked to give an account this address: confirm it.
    EmailMove { token: &'a str, hours: i64 },
    /// Staff were asked to give your account another address.
    EmailMoveAsked,
}

/// About whose data somebody asks.
#[derive(Clone, Copy)]
pub(super) enum WhoseData<'a> {
    /// A customer's, by its RFC.
    Customer(&'a str),
    /// What was invoiced to a mailbox.
    Mailbox(&'a str),
}

/// The desk that letters leave from.
pub(super) struct Desk<'a> {
    pub public_url: &'a str,
    pub from_address: &'a str,
    pub rehearsal: bool,
    pub ids: &'a Ids,
    pub now: Timestamp,
}

impl Desk<'_> {
    /// The house's own.
    pub fn of(app: &App) -> Desk<'_> {
        Desk {
            public_url: &app.public_url,
            from_address: &app.config.mail.from_address,
            rehearsal: app.rehearsal,
            ids: &app.ids,
            now: app.now(),
        }
    }
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
    enqueue_at(tx, &Desk::of(app), to, about).await
}

/// The same, from a desk that need not be a running house's.
pub(super) async fn enqueue_at(
    tx: &mut Tx,
    desk: &Desk<'_>,
    to: &To<'_>,
    about: &About<'_>,
) -> Result<(), AccountError> {
    let (issuer, lang) = (to.issuer, to.language);
    let words = words(about, lang);
    // The default issuer's pages stand at `/`; the others' below their name.
    // The console is one for all.
    let link = |(label, page, token): (String, &str, String)| {
        let home = if issuer.is_default || page.starts_with("consola") {
            String::new()
        } else {
            format!("/e/{}", issuer.slug)
        };
        (label, Link::under(desk.public_url, &format!("{home}/{page}{token}")))
    };
    let letter = Letter {
        brand: Brand {
            commercial_name: issuer.commercial_name.clone(),
            color: issuer.brand_color.as_str().to_owned(),
            support_email: issuer.support_email.as_str().to_owned(),
        },
        lang,
        rehearsal: desk.rehearsal,
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
        of_access: true,
        from_name: &issuer.commercial_name,
        from_address: desk.from_address,
        reply_to: &issuer.support_email,
        to: to.email,
        body: letter.render()?,
        attachments: Vec::new(),
    };
    mail::enqueue(tx, desk.ids, desk.now, letter).await?;
    Ok(())
}

/// Whether somebody signed in may have another letter sent to this address within the hour. Only they are told, so only
/// theirs are counted: what strangers asked for is counted where there is an account, and would tell of it (A2).
pub(super) async fn may_send(tx: &mut Tx, app: &App, who: UserId, email: &fiscal::Email) -> DbResult<bool> {
    let counter = Counter {
        kind: "link_sender",
        subject: counters::subject(&format!("{who}|{}", fold_user(email.as_str()))),
        limit: app.config.accounts.letters_per_account,
        window_seconds: 3_600,
    };
    Ok(counter.try_hit(tx, app.now()).await?.is_ok())
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
        About::Activation { rfc, token, hours, temporary: None } => activation(lang, rfc, token, *hours),
        About::Activation { rfc, token, hours, temporary: Some(temporary) } => {
            entry::activation(lang, rfc, token, *hours, *temporary)
        }
        About::Mailbox { token, hours } => entry::mailbox(lang, token, *hours),
        About::AlreadyRegistered { rfc } => already_registered(lang, rfc),
        About::AccessAsked { rfc } => access_asked(lang, rfc),
        About::Recovery { token, minutes, at_console, temporary: None } => recovery(lang, token, *minutes, *at_console),
        About::Recovery { token, minutes, temporary: Some(temporary), .. } => {
            entry::recovery(lang, token, *minutes, *temporary)
        }
        About::Temporary { password, minutes } => entry::temporary(lang, password, *minutes),
        About::FirstCode { code, minutes } => entry::first_code(lang, code, *minutes),
        About::PasswordChanged => password_changed(lang),
        About::CompanyAdded { who } => entry::company_added(lang, who),
        About::Invitation { customer, role, token, days } => invitation(lang, customer, *role, token, *days),
        About::StaffInvitation { issuer, token, days } => staff_invitation(lang, *issuer, token, *days),
        About::SecondFactor { on } => second_factor(lang, *on),
        About::SecondStepHeld { codes } => entry::second_step_held(lang, *codes),
        About::Passkey { name, added } => entry::passkey(lang, name, *added),
        About::ArcoReceived { kind, due_on } => privacy::received(lang, *kind, due_on),
        About::ArcoAsked { kind, whose, due_on } => privacy::asked(lang, *kind, *whose, due_on),
        About::ArcoAnswered { kind, granted, words } => privacy::answered(lang, *kind, *granted, words),
        About::EmailCode { code, minutes } => privacy::email_code(lang, code, *minutes),
        About::EmailChanged => privacy::email_changed(lang),
        About::EmailMove { token, hours } => privacy::email_move(lang, token, *hours),
        About::EmailMoveAsked => privacy::email_move_asked(lang),
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

fn recovery(lang: Lang, token: &str, minutes: i64, at_console: bool) -> Words {
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
        button: Some((
            p("Elegir otra contraseña", "Choose another password"),
            if at_console { "consola/recuperar" } else { "recuperar" },
            format!("/{token}"),
        )),
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

fn invitation(lang: Lang, customer: &str, role: Role, token: &str, days: i64) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    let may = match role {
        Role::Owner => p("Administra: ve, paga y da acceso", "Administers: sees, pays and gives access"),
        Role::Payer => p("Consulta y paga", "Sees and pays"),
        Role::Reader => p("Solo consulta", "Only sees"),
    };
    Words {
        kind: "account_invitation",
        heading: p("Le invitaron a una cuenta", "You were invited to an account"),
        paragraphs: vec![
            p(
                "Quien administra la cuenta de este cliente le da acceso a sus documentos en el portal.",
                "Whoever administers this customer's account gives you access to its documents in the portal.",
            ),
            good_once(lang, &format!("{days} {}", p("días", "days"))),
            p("Si no lo esperaba, no haga nada.", "If you did not expect it, do nothing."),
        ],
        facts: vec![(p("Cliente", "Customer"), customer.to_owned()), (p("Permiso", "Permission"), may)],
        button: Some((p("Aceptar la invitación", "Accept the invitation"), "invitacion", format!("/{token}"))),
    }
}

fn staff_invitation(lang: Lang, issuer: Option<&str>, token: &str, days: i64) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Words {
        kind: "staff_invitation",
        heading: p("Le invitaron a la consola", "You were invited to the console"),
        paragraphs: vec![
            p(
                "Elija su contraseña y active un código en su teléfono: en la consola siempre se piden los dos.",
                "Choose your password and set up a code on your phone: the console always asks for both.",
            ),
            good_once(lang, &format!("{days} {}", p("días", "days"))),
            p("Si no lo esperaba, no haga nada.", "If you did not expect it, do nothing."),
        ],
        facts: issuer.map(|name| (p("Emisor", "Issuer"), name.to_owned())).into_iter().collect(),
        button: Some((
            p("Entrar por primera vez", "Enter for the first time"),
            "consola/invitacion",
            format!("/{token}"),
        )),
    }
}

fn second_factor(lang: Lang, on: bool) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    let (heading, what) = if on {
        (
            p("Su código de aplicación está activo", "Your authenticator app is set up"),
            p(
                "Desde ahora le pediremos un código al entrar. Si no fue usted, recupere su contraseña y escríbanos.",
                "From now on we ask for a code when you sign in. If it was not you, recover your password and write to us.",
            ),
        )
    } else {
        (
            p("Su código de aplicación se quitó", "Your authenticator app was taken away"),
            p(
                "Ya no le pediremos un código al entrar. Si no fue usted, recupere su contraseña y escríbanos.",
                "We no longer ask for a code when you sign in. If it was not you, recover your password and write to us.",
            ),
        )
    };
    Words { kind: "account_second_factor", heading, paragraphs: vec![what], facts: Vec::new(), button: None }
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
