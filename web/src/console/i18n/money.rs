//! Words of money that came beside its payment, and of a payment's trips to a bank.

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
}

pub const ES: Money = Money {
    trip: "Intento de pago",
    trip_n: "{0}: {1}, referencia {2}",
    trip_open: "El que sigue abierto",
    to_enter: "Sin registrar: {0}",
    enter: "Registrar este dinero",
    enter_lead: "Mire primero la cuenta del banco. El dinero queda como saldo a favor del cliente en este pago y la revisión se cierra.",
    entered: "El dinero se registró como saldo a favor.",
};

pub const EN: Money = Money {
    trip: "Trip to the bank",
    trip_n: "{0}: {1}, reference {2}",
    trip_open: "The one that is still open",
    to_enter: "Not entered: {0}",
    enter: "Enter this money",
    enter_lead: "Look at the bank's account first. The money becomes a credit of the customer's on this payment, and the review is closed.",
    entered: "The money was entered as a credit.",
};
