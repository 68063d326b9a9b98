//! The words of what can go wrong with a payment.
use super::{ProblemText, text};

pub(super) const PAYER_NEEDED_ES: ProblemText = text(
    "Su usuario puede consultar, no pagar.",
    "El titular de la cuenta le dio acceso de consulta.",
    "Pida al titular que le dé acceso para pagar.",
);
pub(super) const PAYER_NEEDED_EN: ProblemText = text(
    "Your user can look, not pay.",
    "The account's owner gave you access to consult only.",
    "Ask the owner for access to pay.",
);
pub(super) const BALANCES_CHANGED_ES: ProblemText = text(
    "Los saldos cambiaron mientras elegía.",
    "Otra persona pagó o apartó alguna de estas facturas. No se hizo ningún cargo.",
    "Revise las cantidades actuales y confirme de nuevo.",
);
pub(super) const BALANCES_CHANGED_EN: ProblemText = text(
    "The balances changed while you were choosing.",
    "Somebody else paid or reserved some of these invoices. Nothing was charged.",
    "Check the present amounts and confirm again.",
);
pub(super) const NOT_CANCELLABLE_ES: ProblemText = text(
    "Este pago ya no se puede cancelar.",
    "El banco ya respondió, o puede estar cobrándolo.",
    "Espere la respuesta del banco; no pague de nuevo.",
);
pub(super) const NOT_CANCELLABLE_EN: ProblemText = text(
    "This payment can no longer be cancelled.",
    "The bank has answered, or may be charging it.",
    "Wait for the bank's answer; do not pay again.",
);
pub(super) const BANK_UNAVAILABLE_ES: ProblemText = text(
    "El banco no responde.",
    "No se hizo ningún cargo; sus facturas quedan apartadas unos minutos.",
    "Intente de nuevo en un momento, o elija otro banco.",
);
pub(super) const BANK_UNAVAILABLE_EN: ProblemText = text(
    "The bank does not answer.",
    "Nothing was charged; your invoices stay reserved for some minutes.",
    "Try again in a moment, or choose another bank.",
);
pub(super) const NOT_THE_BANK_ES: ProblemText = text(
    "Este aviso no se reconoce como del banco.",
    "Su firma o sus datos no coinciden con lo que se ordenó. No cambió nada.",
    "Si usted opera el banco, revise la llave y que los campos lleguen sin cambios.",
);
pub(super) const NOT_THE_BANK_EN: ProblemText = text(
    "This notice is not recognised as the bank's.",
    "Its signature or its data do not match what was ordered. Nothing changed.",
    "If you run the bank, check the key and that the fields arrive unchanged.",
);
