//! A document by its link.

/// The words.
pub struct Shared {
    pub title: &'static str,
    pub lead: &'static str,
    pub issued_by: &'static str,
    pub issued_on: &'static str,
    pub total: &'static str,
    pub until: &'static str,
    pub pdf: &'static str,
    pub xml: &'static str,
    pub cancelled: &'static str,
    pub gone: &'static str,
    pub gone_cause: &'static str,
}

pub const ES: Shared = Shared {
    title: "Documento compartido",
    lead: "Alguien de la empresa que lo recibió le compartió este documento.",
    issued_by: "Lo emitió",
    issued_on: "Fecha de emisión",
    total: "Total",
    until: "La liga sirve hasta",
    pdf: "Descargar PDF",
    xml: "Descargar XML",
    cancelled: "Este documento está cancelado o en cancelación.",
    gone: "Esta liga ya no abre.",
    gone_cause: "Venció, la retiraron o llegó incompleta. Pida otra a quien se la envió.",
};

pub const EN: Shared = Shared {
    title: "Shared document",
    lead: "Somebody of the company that received it shared this document with you.",
    issued_by: "Issued by",
    issued_on: "Day of issue",
    total: "Total",
    until: "The link opens until",
    pdf: "Download PDF",
    xml: "Download XML",
    cancelled: "This document is cancelled or being cancelled.",
    gone: "This link opens no more.",
    gone_cause: "Its time is over, it was revoked, or it arrived incomplete. Ask whoever sent it for another.",
};
