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
pub(super) const NOT_RETRYABLE_ES: ProblemText = text(
    "Este pago no puede ir otra vez al banco.",
    "Ya está pagado, el banco aún puede cobrarlo, o se intentó demasiadas veces.",
    "Revise su estado; si sigue debiendo, ordene otro pago desde Saldos.",
);
pub(super) const NOT_RETRYABLE_EN: ProblemText = text(
    "This payment cannot go to a bank again.",
    "It is paid, its bank may still charge it, or it was tried too often.",
    "Look at its state; if you still owe, order another payment from Balances.",
);
pub(super) const STATE_DIFFERS_ES: ProblemText = text(
    "El pago no está en ese punto.",
    "Su dinero no ha llegado, o esto ya se hizo antes.",
    "Lea el pago otra vez y decida sobre lo que dice ahora.",
);
pub(super) const STATE_DIFFERS_EN: ProblemText = text(
    "The payment does not stand there.",
    "Its money is not here, or this was done before.",
    "Read the payment again and decide on what it says now.",
);
pub(super) const RECEIVABLE_NEWER_ES: ProblemText = text(
    "Ya se dijo algo más nuevo de este saldo.",
    "Su `as_of` no es posterior al último que se guardó.",
    "Lea el saldo, y mande el suyo con la hora en que lo contó.",
);
pub(super) const RECEIVABLE_NEWER_EN: ProblemText = text(
    "Something newer was said of this balance.",
    "Its `as_of` is not after the last one that was kept.",
    "Read the balance, and send yours with the time at which it was counted.",
);
