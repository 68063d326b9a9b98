//! The words of every problem, in both languages: what happened, why, and the way out. One place for the browser,
//! the catalogue of problems and the manual; a code without words does not compile.
mod fields;
mod integrators;
mod payments;
mod upkeep;

use crate::Lang;
use crate::problem::{FieldCode, ProblemCode};

/// The words of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemText {
    /// What happened, one sentence.
    pub title: &'static str,
    /// Why, or what is safe.
    pub cause: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

const fn text(title: &'static str, cause: &'static str, remedy: &'static str) -> ProblemText {
    ProblemText { title, cause, remedy }
}

/// The words of a problem in one language.
pub const fn problem(code: ProblemCode, lang: Lang) -> ProblemText {
    match lang {
        Lang::Es => problem_es(code),
        Lang::En => problem_en(code),
    }
}

/// What is wrong with a field, in one language.
pub const fn field(code: FieldCode, lang: Lang) -> &'static str {
    match lang {
        Lang::Es => fields::es(code),
        Lang::En => fields::en(code),
    }
}

const fn problem_es(code: ProblemCode) -> ProblemText {
    use ProblemCode as P;
    match code {
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
            "El nombre del sitio en la solicitud no es el configurado.",
            "Entre por la dirección oficial del portal.",
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
        P::WrongCredentials => text(
            "El usuario o la contraseña no coinciden.",
            "Por seguridad no decimos cuál de los dos.",
            "Revíselos e intente de nuevo, o recupere su contraseña.",
        ),
        P::SignInHeld => text(
            "La entrada está en pausa.",
            "Hubo varios intentos con otra contraseña; su cuenta y sus datos están a salvo.",
            "Espere unos minutos e intente de nuevo, o recupere su contraseña.",
        ),
        P::MustChangePassword => text(
            "Antes elija una contraseña nueva.",
            "Entró con una contraseña temporal, que solo sirve para eso.",
            "Elija su contraseña y continúe.",
        ),
        P::LinkExpired => text(
            "La liga ya no sirve.",
            "Se usó antes, pasó su tiempo o llegó incompleta.",
            "Pida otra; llegará a su correo en unos minutos.",
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
        P::TicketTooLong => upkeep::TICKET_TOO_LONG_ES,
        P::TooManyRequests => upkeep::TOO_MANY_REQUESTS_ES,
        P::Internal => text(
            "Algo falló de nuestro lado.",
            "Quedó registrado; sus datos siguen aquí.",
            "Intente de nuevo. Si continúa, envíe a soporte el número de la solicitud.",
        ),
        P::TicketNotFound => text(
            "No encontramos un ticket con estos datos.",
            "Alguno de los tres no coincide, o la tienda aún no lo envía.",
            "Compare los tres con su ticket y revise la sucursal. Si compró hace menos de 15 minutos, espere un poco y vuelva a intentar.",
        ),
        P::TicketHeld => text(
            "Este ticket está en pausa por seguridad.",
            "Hubo varios intentos con datos que no coinciden.",
            "Espere y vuelva a intentar con el ticket a la mano.",
        ),
        P::TicketExpired => text(
            "El plazo para facturar este ticket terminó.",
            "La tienda factura sus tickets hasta una fecha límite.",
            "Escriba al correo de ayuda si necesita la factura.",
        ),
        P::TicketCancelled => text(
            "Esta compra se canceló.",
            "La tienda registró la cancelación o devolución total.",
            "Si es un error, escriba al correo de ayuda con su ticket.",
        ),
        P::TicketAlreadyInvoiced => text(
            "Este ticket ya se facturó.",
            "Cada ticket se factura una sola vez.",
            "Búsquela en el correo que se dio al facturar, o ábrala en el mismo navegador que la generó.",
        ),
        P::TicketInGlobal => text(
            "Este ticket entró en la factura global.",
            "El periodo se cerró y se reportó al SAT como venta al público.",
            "Escriba al correo de ayuda: la tienda puede emitir la suya.",
        ),
        P::TicketInProgress => text(
            "La factura de este ticket se está generando.",
            "Otra solicitud la pidió hace un momento.",
            "Espere un minuto; llegará al correo que se dio.",
        ),
        P::ClaimExpired => text(
            "Los datos del ticket se verificaron hace demasiado tiempo.",
            "Por seguridad la verificación dura 30 minutos.",
            "Vuelva al paso del ticket y continúe; lo que escribió sigue aquí.",
        ),
        P::ReceptorRfcUnknown => text(
            "El SAT no tiene registrado ese RFC.",
            "No está en la lista de contribuyentes inscritos.",
            "Revíselo letra por letra en su Constancia de Situación Fiscal.",
        ),
        P::ReceptorNameDiffers => text(
            "El nombre no coincide con su RFC.",
            "El SAT compara el nombre con su registro.",
            "Cópielo de su Constancia, sin “S.A. de C.V.”.",
        ),
        P::ReceptorPostalCodeDiffers => text(
            "El código postal no es el de su domicilio fiscal.",
            "El SAT lo compara con su registro.",
            "Búsquelo en su Constancia.",
        ),
        P::ReceptorRegimenDiffers => text(
            "El régimen no corresponde a ese RFC.",
            "El SAT lo compara con su registro.",
            "Elija el que aparece en su Constancia, en “Regímenes”.",
        ),
        P::ReceptorUsoNotAllowed => text(
            "Ese uso no va con su régimen.",
            "El SAT no lo permite para ese régimen.",
            "Elija otro uso; “S01 Sin efectos fiscales” vale para todos.",
        ),
        P::IssuerNotReady => text(
            "Esta empresa no puede facturar en este momento.",
            "Su certificado o su registro ante el SAT no está listo. Sus datos no tienen nada mal.",
            "Intente más tarde o escriba al correo de ayuda.",
        ),
        P::StampRefused => text(
            "El SAT no aceptó la factura.",
            "Respondió con un código que requiere revisión.",
            "Su ticket sigue libre. Escriba al correo de ayuda con el código.",
        ),
        P::IssuerCeiling => text(
            "Esta empresa alcanzó su límite de facturas por hoy.",
            "Es un freno de seguridad.",
            "Intente más tarde; su ticket sigue libre.",
        ),
        P::InvoiceNotStamped => text(
            "La factura aún no está timbrada.",
            "El SAT todavía no responde; no se perdió.",
            "Espere: los archivos aparecen en cuanto se timbre.",
        ),
        P::PayerNeeded => payments::PAYER_NEEDED_ES,
        P::BalancesChanged => payments::BALANCES_CHANGED_ES,
        P::PaymentNotCancellable => payments::NOT_CANCELLABLE_ES,
        P::NotTheBank => payments::NOT_THE_BANK_ES,
        P::BankUnavailable => payments::BANK_UNAVAILABLE_ES,
        P::ApiKeyUnknown | P::ScopeMissing | P::ApiKeyLimit | P::TicketNumbersTaken => integrators::es(code),
        P::MailLimit => text(
            "Ya enviamos varios correos a esa dirección hoy.",
            "Hay un límite diario por dirección.",
            "Descargue los archivos aquí o intente mañana.",
        ),
    }
}

const fn problem_en(code: ProblemCode) -> ProblemText {
    use ProblemCode as P;
    match code {
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
            "The site name in the request is not the configured one.",
            "Enter through the portal's official address.",
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
        P::WrongCredentials => text(
            "The user or the password does not match.",
            "For safety we do not say which of the two.",
            "Check them and try again, or recover your password.",
        ),
        P::SignInHeld => text(
            "Signing in is paused.",
            "There were several tries with another password; your account and your data are safe.",
            "Wait some minutes and try again, or recover your password.",
        ),
        P::MustChangePassword => text(
            "First choose a new password.",
            "You came in with a temporary one, which is good for nothing else.",
            "Choose your password and go on.",
        ),
        P::LinkExpired => text(
            "The link is no longer good.",
            "It was used before, its time is over, or it arrived incomplete.",
            "Ask for another; it will be in your mailbox in some minutes.",
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
        P::TicketTooLong => upkeep::TICKET_TOO_LONG_EN,
        P::TooManyRequests => upkeep::TOO_MANY_REQUESTS_EN,
        P::Internal => text(
            "Something failed on our side.",
            "It was recorded; your data are still here.",
            "Try again. If it goes on, send support the request's number.",
        ),
        P::TicketNotFound => text(
            "We found no ticket with these details.",
            "One of the three does not match, or the shop has not sent it yet.",
            "Compare all three with your ticket and check the branch. If you bought less than 15 minutes ago, wait a little and try again.",
        ),
        P::TicketHeld => text(
            "This ticket is on hold for safety.",
            "There were several tries with details that do not match.",
            "Wait and try again with the ticket at hand.",
        ),
        P::TicketExpired => text(
            "The time to invoice this ticket is over.",
            "The shop invoices its tickets until a last day.",
            "Write to the help mailbox if you need the invoice.",
        ),
        P::TicketCancelled => text(
            "This purchase was cancelled.",
            "The shop recorded its cancellation or full refund.",
            "If that is wrong, write to the help mailbox with your ticket.",
        ),
        P::TicketAlreadyInvoiced => text(
            "This ticket already has its invoice.",
            "Each ticket is invoiced once.",
            "Look for it in the mailbox given then, or open it in the same browser that made it.",
        ),
        P::TicketInGlobal => text(
            "This ticket went into the global invoice.",
            "The period was closed and reported to the SAT as sales to the public.",
            "Write to the help mailbox: the shop can issue yours.",
        ),
        P::TicketInProgress => text(
            "This ticket's invoice is being made.",
            "Another request asked for it a moment ago.",
            "Wait a minute; it will reach the mailbox given.",
        ),
        P::ClaimExpired => text(
            "The ticket's details were checked too long ago.",
            "For safety the check lasts 30 minutes.",
            "Go back to the ticket step and continue; what you typed is still here.",
        ),
        P::ReceptorRfcUnknown => text(
            "The SAT has no such RFC.",
            "It is not in the list of registered taxpayers.",
            "Check it letter by letter in your Constancia de Situación Fiscal.",
        ),
        P::ReceptorNameDiffers => text(
            "The name does not match its RFC.",
            "The SAT compares the name with its register.",
            "Copy it from your Constancia, without “S.A. de C.V.”.",
        ),
        P::ReceptorPostalCodeDiffers => text(
            "The postal code is not that of your tax domicile.",
            "The SAT compares it with its register.",
            "Look for it in your Constancia.",
        ),
        P::ReceptorRegimenDiffers => text(
            "The regime is not one of that RFC.",
            "The SAT compares it with its register.",
            "Choose the one in your Constancia, under “Regímenes”.",
        ),
        P::ReceptorUsoNotAllowed => text(
            "That use does not go with your regime.",
            "The SAT does not allow it for that regime.",
            "Choose another use; “S01 Sin efectos fiscales” is good for all.",
        ),
        P::IssuerNotReady => text(
            "This company cannot invoice at the moment.",
            "Its certificate or its register at the SAT is not ready. Nothing is wrong with your data.",
            "Try later or write to the help mailbox.",
        ),
        P::StampRefused => text(
            "The SAT did not accept the invoice.",
            "It answered with a code that needs a look.",
            "Your ticket is still free. Write to the help mailbox with the code.",
        ),
        P::IssuerCeiling => text(
            "This company reached its limit of invoices for today.",
            "It is a safety brake.",
            "Try later; your ticket is still free.",
        ),
        P::InvoiceNotStamped => text(
            "The invoice has no stamp yet.",
            "The SAT has not answered; nothing was lost.",
            "Wait: the files appear as soon as it is stamped.",
        ),
        P::PayerNeeded => payments::PAYER_NEEDED_EN,
        P::BalancesChanged => payments::BALANCES_CHANGED_EN,
        P::PaymentNotCancellable => payments::NOT_CANCELLABLE_EN,
        P::NotTheBank => payments::NOT_THE_BANK_EN,
        P::BankUnavailable => payments::BANK_UNAVAILABLE_EN,
        P::ApiKeyUnknown | P::ScopeMissing | P::ApiKeyLimit | P::TicketNumbersTaken => integrators::en(code),
        P::MailLimit => text(
            "We already sent several letters to that address today.",
            "There is a daily limit for each address.",
            "Download the files here or try tomorrow.",
        ),
    }
}
