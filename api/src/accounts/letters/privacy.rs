//! Letters about requests of one's own data and about another mail address.
use shared::Lang;
use shared::privacy::ArcoKind;

use super::{WhoseData, Words, do_nothing, good_once, pick};

const fn named(lang: Lang, kind: ArcoKind) -> &'static str {
    match (lang, kind) {
        (Lang::Es, ArcoKind::Access) => "Acceso",
        (Lang::Es, ArcoKind::Rectification) => "Rectificación",
        (Lang::Es, ArcoKind::Cancellation) => "Cancelación",
        (Lang::Es, ArcoKind::Opposition) => "Oposición",
        (Lang::En, ArcoKind::Access) => "Access",
        (Lang::En, ArcoKind::Rectification) => "Rectification",
        (Lang::En, ArcoKind::Cancellation) => "Cancellation",
        (Lang::En, ArcoKind::Opposition) => "Opposition",
    }
}

fn facts(lang: Lang, kind: ArcoKind, due_on: &str) -> Vec<(String, String)> {
    let day = match due_on.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] => format!("{day}/{month}/{year}"),
        _ => due_on.to_owned(),
    };
    vec![
        (pick(lang, "Solicitud", "Request"), named(lang, kind).to_owned()),
        (pick(lang, "Respuesta a más tardar", "Answer at the latest"), day),
    ]
}

/// To whoever asked: it came in.
pub(super) fn received(lang: Lang, kind: ArcoKind, due_on: &str) -> Words {
    Words {
        kind: "arco_received",
        heading: pick(lang, "Recibimos su solicitud sobre sus datos", "We received your request about your data"),
        paragraphs: vec![pick(
            lang,
            "La respuesta llegará a este correo y queda en Mi cuenta, Privacidad.",
            "The answer will come to this address and stays under My account, Privacy.",
        )],
        facts: facts(lang, kind, due_on),
        button: Some((pick(lang, "Ver mi solicitud", "See my request"), "cuenta/privacidad", String::new())),
    }
}

/// To the issuer's mailbox: somebody asked.
pub(super) fn asked(lang: Lang, kind: ArcoKind, whose: WhoseData<'_>, due_on: &str) -> Words {
    let mut facts = facts(lang, kind, due_on);
    facts.push(match whose {
        WhoseData::Customer(rfc) => ("RFC".to_owned(), rfc.to_owned()),
        WhoseData::Mailbox(email) => (pick(lang, "Cuenta de correo", "Mailbox"), email.to_owned()),
    });
    Words {
        kind: "arco_asked",
        heading: pick(lang, "Una solicitud sobre datos personales espera", "A request about personal data is waiting"),
        paragraphs: vec![pick(
            lang,
            "La ley da veinte días hábiles para responder. Ábrala en la consola, Privacidad.",
            "The law gives twenty working days to answer. Open it in the console, Privacy.",
        )],
        facts,
        button: Some((pick(lang, "Abrir la consola", "Open the console"), "consola", String::new())),
    }
}

/// To whoever asked: the answer.
pub(super) fn answered(lang: Lang, kind: ArcoKind, granted: bool, words: &str) -> Words {
    let outcome = match granted {
        true => pick(lang, "Procedente", "Granted"),
        false => pick(lang, "No procedente", "Not granted"),
    };
    let paragraphs = words.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    Words {
        kind: "arco_answered",
        heading: pick(lang, "Respuesta a su solicitud sobre sus datos", "Answer to your request about your data"),
        paragraphs: paragraphs.filter(|part| !part.is_empty()).collect(),
        facts: vec![
            (pick(lang, "Solicitud", "Request"), named(lang, kind).to_owned()),
            (pick(lang, "Resultado", "Outcome"), outcome),
        ],
        button: Some((pick(lang, "Ver mi solicitud", "See my request"), "cuenta/privacidad", String::new())),
    }
}

/// To the new address: the code.
pub(super) fn email_code(lang: Lang, code: &str, minutes: i64) -> Words {
    Words {
        kind: "account_email_code",
        heading: pick(lang, "Confirme su nuevo correo", "Confirm your new address"),
        paragraphs: vec![
            match lang {
                Lang::Es => format!("Escriba este código en el portal. Sirve una vez, durante {minutes} minutos."),
                Lang::En => format!("Type this code at the portal. It is good once, for {minutes} minutes."),
            },
            do_nothing(lang),
        ],
        facts: vec![(pick(lang, "Código", "Code"), code.to_owned())],
        button: None,
    }
}

/// To the old address.
pub(super) fn email_changed(lang: Lang) -> Words {
    Words {
        kind: "account_email_changed",
        heading: pick(lang, "El correo de su cuenta cambió", "The address of your account was changed"),
        paragraphs: vec![pick(
            lang,
            "Desde ahora su cuenta entra con otro correo y se cerraron las demás sesiones. Si no fue usted, escríbanos de \
             inmediato.",
            "From now on your account signs in with another address, and its other sessions were ended. If it was not you, \
             write to us at once.",
        )],
        facts: Vec::new(),
        button: None,
    }
}

/// To the new address, which staff were told of: the link that confirms it.
pub(super) fn email_move(lang: Lang, token: &str, hours: i64) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Words {
        kind: "account_email_move",
        heading: p("Confirme el nuevo correo de su cuenta", "Confirm the new address of your account"),
        paragraphs: vec![
            p(
                "Nos pidió entrar con este correo en lugar del anterior. Nada cambia hasta que lo confirme. Su contraseña \
                 sigue siendo la misma; si la olvidó, después podrá recuperarla aquí.",
                "You asked us to sign in with this address in place of the one before. Nothing changes until you confirm it. \
                 Your password stays the same; if you forgot it, you can recover it here afterwards.",
            ),
            good_once(lang, &format!("{hours} {}", p("horas", "hours"))),
            do_nothing(lang),
        ],
        facts: Vec::new(),
        button: Some((p("Confirmar este correo", "Confirm this address"), "cuenta/correo", format!("/{token}"))),
    }
}

/// To the address on file, before anything changes.
pub(super) fn email_move_asked(lang: Lang) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Words {
        kind: "account_email_move_asked",
        heading: p("Pidieron cambiar el correo de su cuenta", "Somebody asked to change the address of your account"),
        paragraphs: vec![
            p(
                "Alguien nos dijo que ya no puede leer este correo y pidió que su cuenta tenga otro. Nada ha cambiado: falta \
                 que lo confirme quien lee el nuevo.",
                "Somebody told us that they can no longer read this mailbox and asked that your account have another \
                 address. Nothing has changed: whoever reads the new one has yet to confirm it.",
            ),
            p(
                "Si no fue usted, elija ya otra contraseña: con eso la liga que enviamos deja de servir. Y escríbanos.",
                "If it was not you, choose another password now: with that the link we sent is good no more. And write to \
                 us.",
            ),
        ],
        facts: Vec::new(),
        button: Some((p("Elegir otra contraseña", "Choose another password"), "recuperar", String::new())),
    }
}
