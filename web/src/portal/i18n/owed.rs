//! Words of what is owed on one document, and of the statement that is made from the ledger.
use shared::Lang;

use crate::i18n::months;
use crate::portal::session::Px;

/// The words.
pub struct Owed {
    pub title: &'static str,
    pub pending: &'static str,
    pub due: &'static str,
    pub late: &'static str,
    pub in_transit: &'static str,
    pub pay: &'static str,
    pub statement: &'static str,
    pub statement_lead: &'static str,
    pub company: &'static str,
    pub month: &'static str,
    pub take: &'static str,
    pub taking: &'static str,
    pub months: [&'static str; 12],
}

static ES: Owed = Owed {
    title: "Saldo de esta factura",
    pending: "Pendiente",
    due: "Vence el {0}",
    late: "Venció el {0}",
    in_transit: "En tránsito {0}",
    pay: "Pagar",
    statement: "Estado de cuenta al día",
    statement_lead: "Se hace en este momento con sus facturas y pagos del portal. Los que emite la empresa están abajo.",
    company: "Empresa",
    month: "Mes",
    take: "Descargar PDF",
    taking: "Preparando…",
    months: months::ES,
};

static EN: Owed = Owed {
    title: "Balance of this invoice",
    pending: "Pending",
    due: "Due on {0}",
    late: "Was due on {0}",
    in_transit: "In transit {0}",
    pay: "Pay",
    statement: "Statement as of now",
    statement_lead: "It is made now from your invoices and payments here. Those that the company issues are below.",
    company: "Company",
    month: "Month",
    take: "Download PDF",
    taking: "Preparing…",
    months: months::EN,
};

/// The words in force, not tracked.
pub fn words(px: Px) -> &'static Owed {
    match px.common().lang {
        Lang::Es => &ES,
        Lang::En => &EN,
    }
}
