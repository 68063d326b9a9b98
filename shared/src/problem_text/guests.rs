//! The words of what a guest meets: tickets, the receptor's data, the stamp.
use super::{ProblemText, people, text, upkeep};
use crate::problem::ProblemCode;

pub(super) const fn es(code: ProblemCode) -> Option<ProblemText> {
    use ProblemCode as P;
    Some(match code {
        P::WrongCode => people::WRONG_CODE_ES,
        P::WorkNeeded => people::WORK_NEEDED_ES,
        P::TicketTooLong => upkeep::TICKET_TOO_LONG_ES,
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
            "Hay que verificar otra vez los datos del ticket.",
            "Pasó mucho tiempo, o la tienda cambió la venta.",
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
        P::MailLimit => upkeep::MAIL_LIMIT_ES,
        _ => return None,
    })
}

pub(super) const fn en(code: ProblemCode) -> Option<ProblemText> {
    use ProblemCode as P;
    Some(match code {
        P::WrongCode => people::WRONG_CODE_EN,
        P::WorkNeeded => people::WORK_NEEDED_EN,
        P::TicketTooLong => upkeep::TICKET_TOO_LONG_EN,
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
            "The ticket's details must be checked again.",
            "Much time went by, or the shop changed the sale.",
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
        P::MailLimit => upkeep::MAIL_LIMIT_EN,
        _ => return None,
    })
}
