//! Adding another company of the group.

/// The card.
pub struct Company {
    pub title: &'static str,
    /// With the company's name.
    pub seen: &'static str,
    pub question: &'static str,
    pub ask_owner: &'static str,
    pub company: &'static str,
    pub fact: &'static str,
    pub fact_hint: &'static str,
    pub add: &'static str,
    pub adding: &'static str,
    pub added: &'static str,
    pub no_match: &'static str,
    pub no_match_remedy: &'static str,
}

pub const ES: Company = Company {
    title: "Empresas del grupo",
    seen: "Aquí ve lo de {0}.",
    question: "¿Tiene contrato con otra empresa del grupo? Agréguelo.",
    ask_owner: "Para ver lo de otra empresa del grupo, pídalo a quien administra la cuenta.",
    company: "Empresa",
    fact: "Contrato o folio fiscal",
    fact_hint: "El número de su contrato con esa empresa, o el folio fiscal (UUID) de una factura que le hizo.",
    add: "Agregar empresa",
    adding: "Agregando…",
    added: "Listo. Ahora ve lo de todas las empresas del grupo.",
    no_match: "Ese dato no coincide con esa empresa",
    no_match_remedy: "Revise el número y la empresa. Está en su contrato, o en una factura de ella.",
};

pub const EN: Company = Company {
    title: "Companies of the group",
    seen: "Here you see what is of {0}.",
    question: "Do you have a contract with another company of the group? Add it.",
    ask_owner: "To see another company of the group, ask whoever administers the account.",
    company: "Company",
    fact: "Contract or folio fiscal",
    fact_hint: "The number of your contract with that company, or the folio fiscal (UUID) of an invoice it made out to you.",
    add: "Add company",
    adding: "Adding…",
    added: "Done. Now you see all companies of the group.",
    no_match: "That does not match that company",
    no_match_remedy: "Check the number and the company. It is on your contract, or on an invoice of that company.",
};
