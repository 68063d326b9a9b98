//! The words of what only an integrator meets.
use super::{ProblemText, people, text};
use crate::problem::ProblemCode;

pub(super) const fn es(code: ProblemCode) -> Option<ProblemText> {
    use ProblemCode as P;
    Some(match code {
        P::ApiKeyUnknown => text(
            "La clave de la API no sirve.",
            "Falta, no es de este portal, venció o fue revocada; una clave de prueba solo sirve en ensayo.",
            "Envíe Authorization: Bearer con una clave vigente, nunca en la dirección.",
        ),
        P::ScopeMissing => text(
            "La clave no tiene permiso para esto.",
            "Cada clave lleva sus alcances y el de esta operación no está entre ellos.",
            "Pida al emisor una clave con el alcance que nombra la documentación.",
        ),
        P::ApiKeyLimit => text(
            "La clave pide más seguido de lo permitido.",
            "Cada clave tiene límites por minuto, por día y a la vez.",
            "Espere lo que dice Retry-After; para muchos tickets use la carga en bloque.",
        ),
        P::DocumentDiffers => text(
            "Ese nombre ya es de otro documento.",
            "El external_id, el folio fiscal o el número ya pertenecen a un documento con otro contenido.",
            "Use otro external_id, o retire primero el documento publicado por error.",
        ),
        P::TicketNumbersTaken => text(
            "Otra venta tiene esos números.",
            "Sucursal, orden y ticket juntos nombran una sola venta del emisor.",
            "Revise los números, o use el external_id con que esa venta se envió.",
        ),
        P::TooManyEndpoints => text(
            "El emisor ya tiene todos los destinos de webhooks que puede tener.",
            "Son diez por emisor.",
            "Cambie uno que ya exista, o quite el que no se use.",
        ),
        P::TooManyKeys => text(
            "El emisor ya tiene todas las llaves que puede tener.",
            "Son veinte vigentes por emisor.",
            "Revoque una que ya no se use.",
        ),
        P::CaseAnswered => people::CASE_ANSWERED_ES,
        P::CertificateHeld => text(
            "Subir certificados está en pausa.",
            "Varias contraseñas seguidas no abrieron la llave; la que sella ahora sigue a salvo.",
            "Espere unos minutos y escriba la contraseña con que se pidió el certificado al SAT.",
        ),
        P::EndpointDisabled => text(
            "Ese destino está apagado.",
            "Lo apagó una persona, respondió 410, o llevaba demasiado tiempo sin recibir nada.",
            "Corrija el destino, enciéndalo y vuelva a enviar.",
        ),
        P::ContractInUse => text(
            "Ese contrato está en uso.",
            "Hay documentos o saldos con ese número, o es el único del cliente y hay personas que entran por él.",
            "Déjelo como está; si el cliente tiene otro número, agréguelo primero.",
        ),
        _ => return None,
    })
}

pub(super) const fn en(code: ProblemCode) -> Option<ProblemText> {
    use ProblemCode as P;
    Some(match code {
        P::ApiKeyUnknown => text(
            "The API key is not good.",
            "It is missing, not of this portal, expired or revoked; a test key is good in a rehearsal only.",
            "Send Authorization: Bearer with a live key, never in the address.",
        ),
        P::ScopeMissing => text(
            "The key may not do this.",
            "Each key carries its scopes, and this operation's is not among them.",
            "Ask the issuer for a key with the scope that the documentation names.",
        ),
        P::ApiKeyLimit => text(
            "The key asks more often than allowed.",
            "Each key has limits a minute, a day and at once.",
            "Wait as Retry-After says; for many tickets use the bulk request.",
        ),
        P::DocumentDiffers => text(
            "That name is another document's.",
            "The external_id, the folio fiscal or the number belongs to a document with other content.",
            "Use another external_id, or first withdraw the document that was published by mistake.",
        ),
        P::TicketNumbersTaken => text(
            "Another sale has these numbers.",
            "Branch, order and ticket number together name one sale of the issuer.",
            "Check the numbers, or use the external_id that sale was sent with.",
        ),
        P::TooManyEndpoints => text(
            "The issuer has as many webhook endpoints as it may.",
            "There are ten for each issuer.",
            "Change one that exists, or delete one that is not used.",
        ),
        P::TooManyKeys => text(
            "The issuer has as many keys as it may.",
            "There are twenty live ones for each issuer.",
            "Revoke one that is not used any more.",
        ),
        P::CaseAnswered => people::CASE_ANSWERED_EN,
        P::CertificateHeld => text(
            "Handing certificates over is paused.",
            "Several passwords in a row opened no key; the one that seals now is safe.",
            "Wait some minutes and type the password with which the certificate was asked for at the SAT.",
        ),
        P::EndpointDisabled => text(
            "That endpoint is disabled.",
            "A person disabled it, it answered 410, or nothing arrived there for too long.",
            "Mend the endpoint, enable it, and send again.",
        ),
        P::ContractInUse => text(
            "That contract is in use.",
            "Documents or balances have that number, or it is the customer's only one and people sign in for it.",
            "Leave it as it is; if the customer has another number, add that first.",
        ),
        _ => return None,
    })
}
