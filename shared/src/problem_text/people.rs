//! The words of the second step, of several people of a customer, and of staff.
use super::{ProblemText, text};

pub(super) const WRONG_CODE_ES: ProblemText = text(
    "El código no coincide.",
    "Es de otro momento, ya se usó o tiene un error.",
    "Escriba el más reciente; si no sirve, espere o pida otro.",
);
pub(super) const WRONG_CODE_EN: ProblemText = text(
    "The code does not match.",
    "It is of another moment, was used, or has a mistake.",
    "Type the newest one; if it is no good, wait or ask for another.",
);
pub(super) const PASSKEY_REFUSED_ES: ProblemText = text(
    "La llave de acceso no sirvió.",
    "No es de esta cuenta, pasó su tiempo, o es copia de otra.",
    "Inténtelo de nuevo, o entre con su contraseña y un código.",
);
pub(super) const PASSKEY_REFUSED_EN: ProblemText = text(
    "The passkey was no good.",
    "It is not of this account, its time is over, or it is a copy of another.",
    "Try again, or enter with your password and a code.",
);
pub(super) const PASSKEYS_UNAVAILABLE_ES: ProblemText = text(
    "Aquí no se pueden usar llaves de acceso.",
    "El portal se abre con una dirección IP, y los navegadores piden un nombre.",
    "Ábralo con su nombre, o use el código de aplicación.",
);
pub(super) const PASSKEYS_UNAVAILABLE_EN: ProblemText = text(
    "Passkeys cannot be used here.",
    "The portal stands at an IP address, and browsers want a name.",
    "Open it by its name, or use the authenticator app.",
);
pub(super) const CASE_ANSWERED_ES: ProblemText = text(
    "Esta solicitud ya tiene respuesta.",
    "Se responde una vez, y la respuesta ya salió por correo.",
    "Actualice la lista para verla; nada se envió de nuevo.",
);
pub(super) const CASE_ANSWERED_EN: ProblemText = text(
    "This request has its answer.",
    "It is answered once, and the answer has gone by mail.",
    "Refresh the list to see it; nothing was sent again.",
);
pub(super) const SECOND_STEP_EXPIRED_ES: ProblemText = text(
    "Pasó el tiempo para escribir el código.",
    "Entre la contraseña y el código hay unos minutos.",
    "Escriba otra vez su contraseña.",
);
pub(super) const SECOND_STEP_EXPIRED_EN: ProblemText = text(
    "The time to type the code is over.",
    "There are some minutes between password and code.",
    "Type your password again.",
);
pub(super) const SECOND_STEP_HELD_ES: ProblemText = text(
    "Los códigos de su aplicación descansan un día.",
    "Con su contraseña se escribieron muchos códigos seguidos que no eran; le escribimos a su correo.",
    "Entre con un código de recuperación o una llave de acceso, o espere un día. Si no fue usted, cambie su contraseña.",
);
pub(super) const SECOND_STEP_HELD_EN: ProblemText = text(
    "The codes of your app rest for a day.",
    "With your password many codes in a row were typed that were wrong; we wrote to your mailbox.",
    "Come in with a recovery code or a passkey, or wait a day. If it was not you, change your password.",
);
pub(super) const SECOND_FACTOR_NEEDED_ES: ProblemText = text(
    "Antes active su segundo paso.",
    "Quien trabaja para el emisor entra siempre con contraseña y código o llave de acceso.",
    "Actívelo con su teléfono y continúe.",
);
pub(super) const SECOND_FACTOR_NEEDED_EN: ProblemText = text(
    "First set up your second step.",
    "Whoever works for the issuer always enters with password and code or passkey.",
    "Set it up with your phone and go on.",
);
pub(super) const SECOND_FACTOR_COMPULSORY_ES: ProblemText = text(
    "Su único segundo paso no se puede quitar.",
    "Quien trabaja para un emisor entra siempre con código de aplicación o llave de acceso.",
    "Antes agregue otro; si cambia de teléfono, actívelo de nuevo con el nuevo.",
);
pub(super) const SECOND_FACTOR_COMPULSORY_EN: ProblemText = text(
    "Your only second step cannot be taken away.",
    "Whoever works for an issuer always enters with an authenticator app or a passkey.",
    "First add another; with a new phone, set it up again there.",
);
pub(super) const PROOF_NEEDED_ES: ProblemText = text(
    "Confirme que es usted.",
    "Para este cambio pedimos otra vez su contraseña, su código o su llave de acceso.",
    "Confírmelo y repita el cambio; no se perdió nada.",
);
pub(super) const PROOF_NEEDED_EN: ProblemText = text(
    "Confirm that it is you.",
    "For this change we ask for your password, code or passkey again.",
    "Confirm and repeat the change; nothing was lost.",
);
pub(super) const OPERATOR_NEEDED_ES: ProblemText = text(
    "Esto lo hace quien administra.",
    "Su permiso es de soporte, o esa persona es también de otra empresa del grupo.",
    "Pídalo a quien administra el emisor o la instalación.",
);
pub(super) const OPERATOR_NEEDED_EN: ProblemText = text(
    "This is for whoever administers.",
    "Your permission is for support, or that person is another company's of the group, too.",
    "Ask whoever administers the issuer or the installation.",
);
pub(super) const LAST_ONE_ES: ProblemText = text(
    "Es la última persona que administra.",
    "Sin ella nadie podría dar ni quitar permisos.",
    "Antes dé ese permiso a alguien más.",
);
pub(super) const LAST_ONE_EN: ProblemText = text(
    "This is the last person who administers.",
    "Without them nobody could give or take permissions.",
    "First give that permission to somebody else.",
);
pub(super) const VIEW_ONLY_ES: ProblemText = text(
    "Aquí solo se mira.",
    "Está viendo las páginas de un cliente: nada se paga, se envía ni se cambia.",
    "Cierre la vista para volver a la consola.",
);
pub(super) const VIEW_ONLY_EN: ProblemText = text(
    "Here one only looks.",
    "You are looking at a customer's pages: nothing is paid, sent or changed.",
    "Close the view to go back to the console.",
);
pub(super) const OWNER_NEEDED_ES: ProblemText = text(
    "Esto lo hace quien administra la cuenta.",
    "Su permiso no incluye dar acceso ni cambiar a las personas de la cuenta.",
    "Pídalo a quien administra la cuenta.",
);
pub(super) const OWNER_NEEDED_EN: ProblemText = text(
    "This is for whoever administers the account.",
    "Your permission does not include giving access or changing the account's people.",
    "Ask whoever administers the account.",
);
pub(super) const WORK_NEEDED_ES: ProblemText = text(
    "Falta la comprobación de su navegador.",
    "Antes de enviar esto su navegador resuelve un cálculo breve, que sirve una vez y unos minutos.",
    "Espere un momento y envíelo de nuevo; lo que escribió sigue aquí.",
);
pub(super) const WORK_NEEDED_EN: ProblemText = text(
    "Your browser's proof is missing.",
    "Before this is sent your browser solves a short computation, good once and for some minutes.",
    "Wait a moment and send it again; what you typed is still here.",
);

#[cfg(test)]
mod tests {
    use super::*;

    // Codes of letters do not change by themselves, and who has no account has none to fall back on.
    #[test]
    fn what_a_wrong_code_is_answered_holds_for_an_app_and_for_a_letter() {
        for text in [WRONG_CODE_ES, WRONG_CODE_EN] {
            let of_an_app = ["cambie", "respaldo", "changes", "recovery"];
            assert!(of_an_app.iter().all(|word| !text.remedy.contains(word)), "{}", text.remedy);
        }
    }
}
