//! Letters that bring somebody in under a profile: with a temporary password, or with a code.
use shared::Lang;
use shared::accounts::Secret;

use super::{Words, do_nothing, good_once, pick};

/// A registration's link and temporary password; both are needed (C19, C20).
pub(super) fn activation(
    lang: Lang,
    rfc: &str,
    token: &str,
    hours: i64,
    (account, password): (&str, &Secret),
) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    let mut facts = vec![("RFC".to_owned(), rfc.to_owned())];
    facts.extend(account_facts(lang, account, password));
    Words {
        kind: "account_activation",
        heading: p("Confirme su registro", "Confirm your registration"),
        paragraphs: vec![
            p(
                "Sus datos coinciden con un contrato. Abra la liga y entre con su correo y la contraseña temporal; \
                 enseguida elegirá la suya.",
                "Your data match a contract. Open the link and sign in with your address and the temporary password; \
                 you then choose your own.",
            ),
            both_once(lang, &format!("{hours} {}", p("horas", "hours"))),
            do_nothing(lang),
        ],
        facts,
        button: Some((
            p("De clic para terminar su registro", "Click to finish your registration"),
            "activar",
            format!("/{token}"),
        )),
    }
}

/// The way to the first password of a mailbox's account (T24).
pub(super) fn mailbox(lang: Lang, token: &str, hours: i64) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Words {
        kind: "account_mailbox",
        heading: p("Su cuenta de facturas", "Your account for invoices"),
        paragraphs: vec![
            p(
                "Con su primera factura tiene una cuenta. Cree su contraseña, y con este correo verá y descargará cuando \
                 quiera lo que se facture a él.",
                "With your first invoice you have an account. Create its password, and with this address you see and \
                 download whenever you like what is invoiced to it.",
            ),
            good_once(lang, &format!("{hours} {}", p("horas", "hours"))),
            p(
                "Si no la quiere, no haga nada: la cuenta se borra sola.",
                "If you do not want it, do nothing: the account goes by itself.",
            ),
        ],
        facts: Vec::new(),
        button: Some((p("Cree su contraseña", "Create your password"), "activar", format!("/{token}"))),
    }
}

/// A recovery's link and temporary password; both are needed (C48).
pub(super) fn recovery(lang: Lang, token: &str, minutes: i64, (account, password): (&str, &Secret)) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Words {
        kind: "account_recovery",
        heading: p("Recupere su contraseña", "Recover your password"),
        paragraphs: vec![
            p(
                "Abra la liga y entre con la contraseña temporal. La de antes sigue sirviendo hasta que la use.",
                "Open the link and sign in with the temporary password. The one before stays good until you use it.",
            ),
            both_once(lang, &format!("{minutes} {}", p("minutos", "minutes"))),
            do_nothing(lang),
        ],
        facts: account_facts(lang, account, password),
        button: Some((p("Abrir la liga", "Open the link"), "recuperar", format!("/{token}"))),
    }
}

/// A temporary password alone (T19).
pub(super) fn temporary(lang: Lang, password: &Secret, minutes: i64) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    let how_long = format!("{minutes} {}", p("minutos", "minutes"));
    Words {
        kind: "account_temporary_password",
        heading: p("Su contraseña temporal", "Your temporary password"),
        paragraphs: vec![
            p(
                "Entre con ella y elija otra. La de antes sigue sirviendo hasta que la use.",
                "Sign in with it and choose another. The one before stays good until you use it.",
            ),
            match lang {
                Lang::Es => format!("Sirve una vez, durante {how_long}."),
                Lang::En => format!("It is good once, for {how_long}."),
            },
            do_nothing(lang),
        ],
        facts: vec![(p("Contraseña temporal", "Temporary password"), password.expose().to_owned())],
        button: Some((p("Entrar", "Sign in"), "entrar", String::new())),
    }
}

/// The code of a first entry by RFC.
pub(super) fn first_code(lang: Lang, code: &str, minutes: i64) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    let (first, second) = code.split_at(code.len() / 2);
    Words {
        kind: "account_first_code",
        heading: p("Su código para entrar por primera vez", "Your code to enter for the first time"),
        paragraphs: vec![
            match lang {
                Lang::Es => {
                    format!("Escríbalo en la página que se lo pidió. Sirve una vez, durante {minutes} minutos.")
                }
                Lang::En => {
                    format!("Type it on the page that asked for it. It is good once, for {minutes} minutes.")
                }
            },
            p(
                "Si no lo pidió usted, no haga nada y no se lo diga a nadie.",
                "If you did not ask for it, do nothing and tell it to nobody.",
            ),
        ],
        facts: vec![(p("Código", "Code"), format!("{first} {second}"))],
        button: None,
    }
}

/// Somebody knows the password and not the code.
pub(super) fn second_step_held(lang: Lang, codes: i64) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Words {
        kind: "account_second_step_held",
        heading: p("Alguien sabe su contraseña", "Somebody knows your password"),
        paragraphs: vec![
            match lang {
                Lang::Es => format!(
                    "Con su contraseña se escribieron {codes} códigos seguidos que no eran los de su aplicación. Desde ahora \
                     los códigos descansan un día después de cada uno que no sea.",
                ),
                Lang::En => format!(
                    "With your password {codes} codes in a row were typed that were not those of your app. From now on codes \
                     rest for a day after each that is wrong.",
                ),
            },
            p(
                "Si no fue usted, elija ya otra contraseña: quien sabe la de ahora no llegará más al código.",
                "If it was not you, choose another password now: whoever knows the present one comes to the code no more.",
            ),
            p(
                "Para entrar hoy use un código de recuperación o una llave de acceso, o escríbanos.",
                "To come in today use a recovery code or a passkey, or write to us.",
            ),
        ],
        facts: Vec::new(),
        button: Some((p("Elegir otra contraseña", "Choose another password"), "recuperar", String::new())),
    }
}

/// Another owner showed this company that they are its customer's, and sees its part.
pub(super) fn company_added(lang: Lang, who: &str) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Words {
        kind: "account_company_added",
        heading: p("Otra persona de su cuenta ve lo nuestro", "Another person of your account sees our part"),
        paragraphs: vec![p(
            "Entraba por otra empresa del grupo y mostró un contrato o un documento nuestro. Desde ahora ve y paga todo lo \
             de la cuenta. Si no la conoce, quítela de la cuenta y escríbanos.",
            "They came by another company of the group and showed a contract or a document of ours. From now on they see \
             and pay all of the account. If you do not know them, take them off the account and write to us.",
        )],
        facts: vec![(p("Quién", "Who"), who.to_owned())],
        button: Some((p("Ver quién tiene acceso", "See who has access"), "cuenta/usuarios", String::new())),
    }
}

/// A passkey was added or taken away.
pub(super) fn passkey(lang: Lang, name: &str, added: bool) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    let (heading, what) = if added {
        (
            p("Tiene una llave de acceso nueva", "You have a new passkey"),
            p(
                "Desde ahora sirve para entrar a su cuenta. Si no la agregó usted, quítela, cambie su contraseña y \
                 escríbanos.",
                "From now on it opens your account. If it was not you who added it, take it away, change your password \
                 and write to us.",
            ),
        )
    } else {
        (
            p("Se quitó una llave de acceso", "A passkey was taken away"),
            p(
                "Ya no sirve para entrar a su cuenta. Si no fue usted, cambie su contraseña y escríbanos.",
                "It no longer opens your account. If it was not you, change your password and write to us.",
            ),
        )
    };
    let facts = vec![(p("Llave de acceso", "Passkey"), name.to_owned())];
    Words { kind: "account_passkey", heading, paragraphs: vec![what], facts, button: None }
}

fn account_facts(lang: Lang, account: &str, password: &Secret) -> Vec<(String, String)> {
    vec![
        (pick(lang, "Cuenta", "Account"), account.to_owned()),
        (pick(lang, "Contraseña temporal", "Temporary password"), password.expose().to_owned()),
    ]
}

fn both_once(lang: Lang, how_long: &str) -> String {
    let both = pick(lang, "Hacen falta las dos. ", "Both are needed. ");
    both + &good_once(lang, how_long)
}
