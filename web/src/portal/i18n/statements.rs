//! Words of Estados de cuenta.

/// The words.
pub struct Statements {
    pub title: &'static str,
    pub lead: &'static str,
    pub customer: &'static str,
    pub from_help: &'static str,
    pub to_help: &'static str,
    pub caption: &'static str,
    pub number: &'static str,
    pub contract: &'static str,
    pub date: &'static str,
    pub empty: &'static str,
    pub none_cause: &'static str,
    pub other_documents: &'static str,
}

/// In Spanish.
pub const ES: Statements = Statements {
    title: "Estados de cuenta",
    lead: "Un corte por mes, en PDF. Para buscar facturas sueltas use Consultas.",
    customer: "Cliente",
    from_help: "Los estados de cuenta solo se buscan por fecha de expedición. Puede escribir solo números: 01102026.",
    to_help: "Fecha de expedición más reciente, ese día incluido. Vacía: hasta el último.",
    caption: "Estados de cuenta",
    number: "Estado de cuenta",
    contract: "Núm. de cliente",
    date: "Fecha de expedición",
    empty: "Ningún estado de cuenta en estas fechas",
    none_cause: "El primero aparece aquí cuando la empresa hace su corte.",
    other_documents: "Ir a Consultas",
};

/// In English.
pub const EN: Statements = Statements {
    title: "Statements of account",
    lead: "One a month, as a PDF. To look for single invoices use Documents.",
    customer: "Customer",
    from_help: "Statements of account are found by their date of issue alone. You can type digits alone: 01102026.",
    to_help: "The latest date of issue, that day included. Empty: up to the last.",
    caption: "Statements of account",
    number: "Statement",
    contract: "Customer no.",
    date: "Date of issue",
    empty: "No statement of account on these dates",
    none_cause: "The first appears here when the company closes its month.",
    other_documents: "Go to Documents",
};
