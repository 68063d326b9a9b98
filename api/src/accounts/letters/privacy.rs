//! Letters about requests of one's own data and about another mail address.
use shared::Lang;
use shared::privacy::ArcoKind;

use super::{Words, do_nothing, pick};

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
pub(super) fn asked(lang: Lang, kind: ArcoKind, rfc: &str, due_on: &str) -> Words {
    let mut facts = facts(lang, kind, due_on);
    facts.push(("RFC".to_owned(), rfc.to_owned()));
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
