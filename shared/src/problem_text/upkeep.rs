//! The words of what the house itself may not do at this moment.
use super::{ProblemText, text};

pub(super) const SCHEMA_DIFFERS_ES: ProblemText = text(
    "La base de datos es de otra versión del portal.",
    "Su esquema no es el que este programa conoce.",
    "Quien opera el portal debe arrancar la versión que actualizó la base, o ejecutar «ventanilla migrate».",
);
pub(super) const SCHEMA_DIFFERS_EN: ProblemText = text(
    "The database belongs to another version of the portal.",
    "Its schema is not the one that this program knows.",
    "Whoever runs the portal must start the version that upgraded the database, or run `ventanilla migrate`.",
);
pub(super) const BODY_TOO_SLOW_ES: ProblemText = text(
    "El envío no llegó a tiempo.",
    "La conexión se detuvo a medias o va muy lenta; no se hizo nada.",
    "Revise su conexión y envíe de nuevo.",
);
pub(super) const BODY_TOO_SLOW_EN: ProblemText = text(
    "What was sent did not arrive in time.",
    "The connection stopped half-way or is very slow; nothing was done.",
    "Check your connection and send again.",
);
pub(super) const MAIL_LIMIT_ES: ProblemText = text(
    "Ya enviamos varios correos hoy.",
    "Hay un límite por dirección, por factura y por quien los pide.",
    "Descargue los archivos aquí o intente mañana.",
);
pub(super) const MAIL_LIMIT_EN: ProblemText = text(
    "We already sent several letters today.",
    "There is a limit for each address, invoice and sender.",
    "Download the files here or try tomorrow.",
);
pub(super) const TOO_MANY_REQUESTS_ES: ProblemText = text(
    "Van demasiadas solicitudes desde su red.",
    "Para que nadie sature el portal hay un límite por minuto; no se hizo nada y sus datos siguen aquí.",
    "Espere unos segundos e intente de nuevo.",
);
pub(super) const TOO_MANY_REQUESTS_EN: ProblemText = text(
    "Too many requests come from your network.",
    "So that nobody floods the portal there is a limit per minute; nothing was done and your data are still here.",
    "Wait some seconds and try again.",
);
pub(super) const TICKET_TOO_LONG_ES: ProblemText = text(
    "Este ticket es demasiado largo para facturarse aquí.",
    "Su factura impresa pasaría del máximo de líneas o de texto. No se timbró nada y su ticket sigue libre.",
    "Escriba al correo de ayuda con su ticket: la tienda puede dividirla.",
);
pub(super) const TICKET_TOO_LONG_EN: ProblemText = text(
    "This ticket is too long to be invoiced here.",
    "Its printed invoice would pass the maximum of lines or of text. Nothing was stamped and your ticket is free.",
    "Write to the help address with your ticket: the shop can divide it.",
);
