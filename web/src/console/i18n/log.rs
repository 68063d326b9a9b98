//! What was done, in words, by the names of the log: those that its page shows most. A name that is not here is shown
//! as it is.
use shared::Lang;

/// The name, and its words in Spanish and English.
const ACTS: [(&str, &str, &str); 42] = [
    ("activation.sent", "Se envió la liga de entrada", "The link of a first entry was sent"),
    ("arco.answered", "Se contestó una solicitud ARCO", "An ARCO request was answered"),
    ("arco.opened", "Se abrió una solicitud ARCO", "An ARCO request was opened"),
    ("branch.changed", "Se cambió una sucursal", "A branch was changed"),
    ("branch.opened", "Se agregó una sucursal", "A branch was added"),
    ("csd.added", "Se agregó un certificado de sello", "A seal's certificate was added"),
    ("csd.revoked", "Se dio de baja un certificado de sello", "A seal's certificate was ended"),
    ("customer.added", "Se agregó un cliente", "A customer was added"),
    ("customer.upsert", "Un sistema guardó un cliente", "A system saved a customer"),
    ("customer.viewed", "Se vio el portal como el cliente", "A customer's pages were looked at"),
    ("deposit.assigned", "Se dio un depósito a un cliente", "A deposit was given to a customer"),
    ("document.download", "Se descargó un documento", "A document was downloaded"),
    ("document.mail", "Se envió un documento por correo", "A document was mailed"),
    ("document.opened_by_link", "Se abrió un documento con su liga", "A document was opened by its link"),
    ("document.publish", "Se publicó un documento", "A document was published"),
    ("document.state", "Se cambió el estado de un CFDI", "A CFDI's state was changed"),
    ("document.withdraw", "Se retiró un documento", "A document was withdrawn"),
    ("documents.download", "Se descargaron documentos", "Documents were downloaded"),
    ("email.moved", "Una persona cambió de correo", "Somebody has another address"),
    ("exchange_rate.set", "Se guardó un tipo de cambio", "An exchange rate was kept"),
    ("invoice.stamped", "Se timbró una factura", "An invoice was stamped"),
    ("invoice.viewed", "Se vio una factura", "An invoice was seen"),
    ("issuer.changed", "Se cambió la configuración", "The settings were changed"),
    ("issuer.logo", "Se cambió el logotipo", "The logo was changed"),
    ("mailbox.account_made", "Se abrió la cuenta de un buzón", "A mailbox's account was made"),
    ("notice.published", "Se publicó un aviso de privacidad", "A privacy notice was published"),
    ("payment.decided", "Se decidió un pago", "A payment was decided"),
    ("payment.deposited", "Llegó una transferencia", "A transfer came"),
    ("payment.moved", "Un pago cambió de estado", "A payment's state changed"),
    ("payment.proof_attached", "Se adjuntó un comprobante", "A proof was attached"),
    ("payment.reversed", "Se revirtió un pago", "A payment was taken back"),
    ("person.changed", "Se cambió el acceso de una persona", "Somebody's access was changed"),
    ("person.invited", "Se invitó a una persona", "Somebody was invited"),
    ("person.removed", "Se quitó el acceso a una persona", "Somebody's access was taken away"),
    ("receivable.upsert", "Un sistema guardó un saldo", "A system saved a balance"),
    ("recovery.sent", "Se envió una liga de contraseña", "A password's link was sent"),
    ("session.opened", "Una persona entró", "Somebody signed in"),
    ("session.refused", "Se rechazó una entrada", "An entry was refused"),
    ("settlement_file.brought", "Se cargó un archivo del banco", "A bank's file was brought in"),
    ("staff.changed", "Cambió un permiso del personal", "A colleague's permission changed"),
    ("staff.invited", "Se invitó a alguien del personal", "A colleague was invited"),
    ("staff.removed", "Se quitó a alguien del personal", "A colleague was removed"),
];

/// The words of an act, when there are some.
pub fn words(act: &str, lang: Lang) -> Option<&'static str> {
    let (_, es, en) = ACTS.iter().find(|(name, ..)| *name == act)?;
    Some(if lang == Lang::Es { es } else { en })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_is_told_in_the_language_of_the_page_or_by_its_own_name() {
        assert_eq!(words("payment.moved", Lang::Es), Some("Un pago cambió de estado"));
        assert_eq!(words("payment.moved", Lang::En), Some("A payment's state changed"));
        assert_eq!(words("something.new", Lang::Es), None);
        assert!(ACTS.windows(2).all(|two| two[0].0 < two[1].0), "each once, in order");
    }
}
