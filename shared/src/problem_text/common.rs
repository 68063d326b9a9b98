//! The words of what anybody can meet.
use super::{ProblemText, text, upkeep};
use crate::problem::ProblemCode;

pub(super) const fn es(code: ProblemCode) -> Option<ProblemText> {
    use ProblemCode as P;
    Some(match code {
        P::InvalidFields => text(
            "Hay datos por corregir.",
            "Uno o más campos no tienen la forma esperada.",
            "Corrija los campos señalados y envíe de nuevo.",
        ),
        P::MalformedBody => text(
            "No se entendió la solicitud.",
            "El cuerpo no es JSON con la forma documentada.",
            "Recargue la página; si usa la API, compare con su documentación.",
        ),
        P::MalformedAddress => text(
            "La dirección no es válida.",
            "Falta un dato en la dirección o tiene otra forma.",
            "Vuelva al inicio y llegue por los enlaces.",
        ),
        P::BodyTooLarge => text(
            "El envío es demasiado grande.",
            "Rebasa el límite de tamaño.",
            "Envíe menos datos o un archivo más pequeño.",
        ),
        P::UnsupportedMediaType => text(
            "Ese tipo de contenido no se acepta aquí.",
            "Se esperaba application/json.",
            "Envíe JSON con su encabezado Content-Type.",
        ),
        P::NotFound => {
            text("No encontramos lo que busca.", "No existe, o no es suyo.", "Revise la dirección o vuelva al inicio.")
        }
        P::MethodNotAllowed => text(
            "Esa operación no existe aquí.",
            "La dirección existe, pero no con ese método.",
            "Use uno de los métodos que indica el encabezado Allow.",
        ),
        P::WrongHost => text(
            "Esta dirección no es de este portal.",
            "La solicitud llegó con otro nombre de sitio, o sin https.",
            "Entre por la dirección oficial o avise a soporte.",
        ),
        P::CrossSite => text(
            "La solicitud vino de otro sitio.",
            "Por seguridad solo se aceptan acciones hechas desde el portal.",
            "Repita la acción desde una página del portal.",
        ),
        P::SignedOut => text(
            "Su sesión terminó por seguridad.",
            "Pasó el tiempo o se cerró en otro lugar.",
            "Entre otra vez; lo que escribió sigue aquí.",
        ),
        P::IdempotencyKeyMissing => text(
            "Falta la clave de idempotencia.",
            "Las operaciones que crean algo la necesitan para no repetirse.",
            "Envíe el encabezado Idempotency-Key con un valor único.",
        ),
        P::IdempotencyKeyReused => text(
            "Esa clave de idempotencia ya se usó con otros datos.",
            "Una clave vale para una sola solicitud.",
            "Use una clave nueva para datos distintos.",
        ),
        P::IdempotencyInFlight => text(
            "La misma solicitud sigue en curso.",
            "La primera con esta clave aún no termina.",
            "Espere unos segundos y repítala con la misma clave.",
        ),
        P::Busy => text(
            "El portal está ocupado.",
            "No se hizo nada; sus datos siguen aquí.",
            "Intente de nuevo en unos segundos.",
        ),
        P::SchemaDiffers => upkeep::SCHEMA_DIFFERS_ES,
        P::TooManyRequests => upkeep::TOO_MANY_REQUESTS_ES,
        P::Internal => text(
            "Algo falló de nuestro lado.",
            "Quedó registrado; sus datos siguen aquí.",
            "Intente de nuevo. Si continúa, envíe a soporte el número de la solicitud.",
        ),
        _ => return None,
    })
}

pub(super) const fn en(code: ProblemCode) -> Option<ProblemText> {
    use ProblemCode as P;
    Some(match code {
        P::InvalidFields => text(
            "Some details need correcting.",
            "One or more fields are not of the expected form.",
            "Correct the fields marked and send again.",
        ),
        P::MalformedBody => text(
            "The request was not understood.",
            "The body is not JSON of the documented shape.",
            "Reload the page; if you use the API, compare with its documentation.",
        ),
        P::MalformedAddress => text(
            "The address is not valid.",
            "Part of the address is missing or of another form.",
            "Go back to the start and follow the links.",
        ),
        P::BodyTooLarge => {
            text("What was sent is too large.", "It is over the size limit.", "Send less, or a smaller file.")
        }
        P::UnsupportedMediaType => text(
            "That kind of content is not accepted here.",
            "application/json was expected.",
            "Send JSON with its Content-Type header.",
        ),
        P::NotFound => text(
            "We could not find it.",
            "It does not exist, or it is not yours.",
            "Check the address or go back to the start.",
        ),
        P::MethodNotAllowed => text(
            "That operation does not exist here.",
            "The address exists, but not with that method.",
            "Use one of the methods in the Allow header.",
        ),
        P::WrongHost => text(
            "This address is not of this portal.",
            "The request came under another site name, or without https.",
            "Use the official address, or tell support.",
        ),
        P::CrossSite => text(
            "The request came from another site.",
            "For safety, actions are only accepted from the portal itself.",
            "Repeat the action from a page of the portal.",
        ),
        P::SignedOut => text(
            "Your session ended for safety.",
            "Time passed, or it was closed elsewhere.",
            "Sign in again; what you typed is still here.",
        ),
        P::IdempotencyKeyMissing => text(
            "The idempotency key is missing.",
            "Operations that create something need it so as not to repeat.",
            "Send the Idempotency-Key header with a unique value.",
        ),
        P::IdempotencyKeyReused => text(
            "That idempotency key was used with other data.",
            "A key is good for one request only.",
            "Use a new key for different data.",
        ),
        P::IdempotencyInFlight => text(
            "The same request is still running.",
            "The first one with this key has not finished.",
            "Wait some seconds and repeat it with the same key.",
        ),
        P::Busy => {
            text("The portal is busy.", "Nothing was done; your data are still here.", "Try again in a few seconds.")
        }
        P::SchemaDiffers => upkeep::SCHEMA_DIFFERS_EN,
        P::TooManyRequests => upkeep::TOO_MANY_REQUESTS_EN,
        P::Internal => text(
            "Something failed on our side.",
            "It was recorded; your data are still here.",
            "Try again. If it goes on, send support the request's number.",
        ),
        _ => return None,
    })
}
