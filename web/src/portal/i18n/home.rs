//! Words of Inicio.

/// The words.
pub struct Home {
    pub title: &'static str,
    pub rfc: &'static str,
    pub contract: &'static str,
    pub contracts: &'static str,
    pub search: &'static str,
    pub recent: &'static str,
    pub see_all: &'static str,
    pub shortcuts: &'static str,
    pub this_month: &'static str,
    pub days: &'static str,
    pub statements: &'static str,
    pub last_statement: &'static str,
    pub statements_more: &'static str,
    pub ticket: &'static str,
    pub ticket_more: &'static str,
    /// With the company's name.
    pub one_company: &'static str,
    pub other_company: &'static str,
    pub add_company: &'static str,
}

/// In Spanish.
pub const ES: Home = Home {
    title: "Inicio",
    rfc: "RFC {0}",
    contract: "contrato {0}",
    contracts: "contratos {0}",
    search: "Buscar documentos",
    recent: "Documentos recientes",
    see_all: "Ver todos",
    shortcuts: "Atajos",
    this_month: "Documentos de este mes",
    days: "Del {0} al {1}",
    statements: "Estados de cuenta",
    last_statement: "El último: {0}, del {1}",
    statements_more: "Un corte por mes, en PDF",
    ticket: "Facturar un ticket",
    ticket_more: "Con los datos impresos en su ticket",
    one_company: "Aquí ve lo de {0}.",
    other_company: "¿Tiene contrato con otra empresa del grupo?",
    add_company: "Agréguelo.",
};

/// In English.
pub const EN: Home = Home {
    title: "Home",
    rfc: "RFC {0}",
    contract: "contract {0}",
    contracts: "contracts {0}",
    search: "Search documents",
    recent: "Recent documents",
    see_all: "See all",
    shortcuts: "Shortcuts",
    this_month: "Documents of this month",
    days: "From {0} to {1}",
    statements: "Statements of account",
    last_statement: "The last one: {0}, of {1}",
    statements_more: "One a month, as a PDF",
    ticket: "Invoice a ticket",
    ticket_more: "With what is printed on your ticket",
    one_company: "Here you see what is of {0}.",
    other_company: "Do you have a contract with another company of the group?",
    add_company: "Add it.",
};
