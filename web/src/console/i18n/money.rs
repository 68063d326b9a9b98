//! Words of money that came beside its payment, of a payment's trips to a bank, and of why one asks to be looked at.
use super::payments::Named;

/// The words.
pub struct Money {
    pub trip: &'static str,
    /// With its number, its state and its reference.
    pub trip_n: &'static str,
    pub trip_open: &'static str,
    /// With pesos.
    pub to_enter: &'static str,
    pub enter: &'static str,
    pub enter_lead: &'static str,
    pub entered: &'static str,
    pub reasons: [Named; 10],
}

pub const ES: Money = Money {
    trip: "Intento de pago",
    trip_n: "{0}: {1}, referencia {2}",
    trip_open: "El que sigue abierto",
    to_enter: "Sin registrar: {0}",
    enter: "Registrar este dinero",
    enter_lead: "Mire primero la cuenta del banco. El dinero queda como saldo a favor del cliente en este pago y la revisión se cierra.",
    entered: "El dinero se registró como saldo a favor.",
    reasons: [
        ("amount_differs", "Llegó otra cantidad"),
        ("second_success", "Pagado dos veces"),
        ("contradiction", "El banco se contradice"),
        ("refused_after_success", "El banco rechaza lo que confirmó"),
        ("pending_after_end", "El banco procesa lo que aquí se canceló"),
        ("unapplied_credit", "Saldo a favor"),
        ("invoice_cancelled", "Pagó una factura cancelada"),
        ("money_entered", "Ese dinero ya está en otro pago"),
        ("too_much_said", "Demasiados mensajes de este pago"),
        ("unanswered", "El banco no dijo qué pasó"),
    ],
};

pub const EN: Money = Money {
    trip: "Trip to the bank",
    trip_n: "{0}: {1}, reference {2}",
    trip_open: "The one that is still open",
    to_enter: "Not entered: {0}",
    enter: "Enter this money",
    enter_lead: "Look at the bank's account first. The money becomes a credit of the customer's on this payment, and the review is closed.",
    entered: "The money was entered as a credit.",
    reasons: [
        ("amount_differs", "Another amount came"),
        ("second_success", "Paid twice"),
        ("contradiction", "The bank contradicts itself"),
        ("refused_after_success", "The bank refuses what it confirmed"),
        ("pending_after_end", "The bank works on what was given up here"),
        ("unapplied_credit", "Credit"),
        ("invoice_cancelled", "It paid a cancelled invoice"),
        ("money_entered", "That money is in another payment"),
        ("too_much_said", "Too many messages about this payment"),
        ("unanswered", "The bank did not say what became of it"),
    ],
};
