//! The letters of a rehearsal.

/// The words.
pub struct Mailbox {
    pub title: &'static str,
    pub lead: &'static str,
    pub empty: &'static str,
    pub empty_remedy: &'static str,
    pub to: &'static str,
    pub from: &'static str,
    pub sent: &'static str,
    pub attachments: &'static str,
    pub letters: &'static str,
    pub refresh: &'static str,
}

pub const ES: Mailbox = Mailbox {
    title: "Buzón de correos enviados",
    lead: "Lo que el portal envió en este ensayo. Nada salió a internet.",
    empty: "Aún no se envía ningún correo",
    empty_remedy: "Al facturar un ticket, su correo aparece aquí.",
    to: "Para",
    from: "De",
    sent: "Enviado",
    attachments: "Archivos adjuntos",
    letters: "Correos",
    refresh: "Actualizar",
};

pub const EN: Mailbox = Mailbox {
    title: "Mailbox of sent letters",
    lead: "What the portal sent in this rehearsal. Nothing left for the internet.",
    empty: "No letter has been sent yet",
    empty_remedy: "Invoice a ticket and its letter appears here.",
    to: "To",
    from: "From",
    sent: "Sent",
    attachments: "Attachments",
    letters: "Letters",
    refresh: "Refresh",
};
