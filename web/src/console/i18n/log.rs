//! What was done, in words, by the names of the log: those that its page shows most. A name that is not here is shown
//! as it is.
use shared::Lang;

/// The name, and its words in Spanish and English.
const ACTS: &[(&str, &str, &str)] = &[
    ("activation.revoked", "Se anuló la liga de entrada", "The link of a first entry was revoked"),
    ("activation.sent", "Se envió la liga de entrada", "The link of a first entry was sent"),
    ("api_key.create", "Se creó una clave de la API", "A key of the API was made"),
    ("api_key.revoke", "Se revocó una clave de la API", "A key of the API was revoked"),
    ("arco.answered", "Se contestó una solicitud ARCO", "An ARCO request was answered"),
    ("arco.opened", "Se abrió una solicitud ARCO", "An ARCO request was opened"),
    ("branch.changed", "Se cambió una sucursal", "A branch was changed"),
    ("branch.opened", "Se agregó una sucursal", "A branch was added"),
    ("contract.removed", "Se quitó un contrato", "A contract was removed"),
    ("contract.upsert", "Un sistema guardó un contrato", "A system saved a contract"),
    ("csd.added", "Se agregó un certificado de sello", "A seal's certificate was added"),
    ("csd.refused", "Se rechazó un certificado de sello", "A seal's certificate was refused"),
    ("csd.revoked", "Se dio de baja un certificado de sello", "A seal's certificate was ended"),
    ("customer.added", "Se agregó un cliente", "A customer was added"),
    ("customer.upsert", "Un sistema guardó un cliente", "A system saved a customer"),
    ("customer.viewed", "Se vio el portal como el cliente", "A customer's pages were looked at"),
    ("deposit.assigned", "Se dio un depósito a un cliente", "A deposit was given to a customer"),
    ("document.download", "Se descargó un documento", "A document was downloaded"),
    ("document.looked_at", "El personal vio un documento", "Staff looked at a document"),
    ("document.mail", "Se envió un documento por correo", "A document was mailed"),
    ("document.opened_by_link", "Se abrió un documento con su liga", "A document was opened by its link"),
    ("document.publish", "Se publicó un documento", "A document was published"),
    ("document.share", "Se compartió un documento con una liga", "A document was shared by a link"),
    ("document.state", "Se cambió el estado de un CFDI", "A CFDI's state was changed"),
    ("document.unshare", "Se retiró la liga de un documento", "A document's link was taken back"),
    ("document.view", "Se abrió un documento", "A document was opened"),
    ("document.withdraw", "Se retiró un documento", "A document was withdrawn"),
    ("documents.download", "Se descargaron documentos", "Documents were downloaded"),
    ("email.changed", "Una persona cambió su correo", "Somebody changed their address"),
    ("email.move_asked", "Se pidió cambiar el correo de una persona", "Another address was asked for somebody"),
    (
        "email.move_refused",
        "No se aceptó el cambio de correo de una persona",
        "Another address for somebody was refused",
    ),
    ("email.moved", "Una persona cambió de correo", "Somebody has another address"),
    ("exchange_rate.set", "Se guardó un tipo de cambio", "An exchange rate was kept"),
    ("invoice.await", "Se recibió un ticket cuya venta no llega aún", "A ticket came before its sale"),
    ("invoice.await_end", "Terminó la espera de una venta", "The wait for a sale ended"),
    ("invoice.refuse", "No se aceptó una factura", "An invoice was refused"),
    ("invoice.reseal", "Se selló de nuevo una factura", "An invoice was sealed anew"),
    ("invoice.seal", "Se selló una factura", "An invoice was sealed"),
    ("invoice.stamp", "Se timbró una factura", "An invoice was stamped"),
    ("issuer.changed", "Se cambió la configuración", "The settings were changed"),
    ("issuer.logo", "Se cambió el logotipo", "The logo was changed"),
    ("job.dropped", "Se descartó un trabajo pendiente", "Work that was given up was dropped"),
    ("job.retried", "Se repitió un trabajo pendiente", "Work that was given up was tried again"),
    ("mail_copy.added", "Se agregó un correo para copias", "An address for copies was added"),
    ("mail_copy.removed", "Se quitó un correo para copias", "An address for copies was removed"),
    ("mailbox.account_made", "Se abrió la cuenta de un buzón", "A mailbox's account was made"),
    ("notice.published", "Se publicó un aviso de privacidad", "A privacy notice was published"),
    ("passkey.added", "Se agregó una llave de acceso", "A passkey was added"),
    ("passkey.removed", "Se quitó una llave de acceso", "A passkey was removed"),
    ("password.changed", "Se cambió una contraseña", "A password was changed"),
    ("password.recovered", "Se recuperó una contraseña", "A password was recovered"),
    ("payment.applied", "Se aplicó un pago", "A payment was applied"),
    ("payment.credit_applied", "Se aplicó un saldo a favor", "A credit was applied"),
    ("payment.credit_refunded", "Se devolvió un saldo a favor", "A credit was paid back"),
    ("payment.decided", "Se decidió un pago", "A payment was decided"),
    ("payment.deposited", "Llegó una transferencia", "A transfer came"),
    ("payment.forma_set", "Se guardó la forma de pago", "How it was paid was kept"),
    ("payment.money_entered", "Se registró dinero recibido", "Money that came was entered"),
    ("payment.moved", "Un pago cambió de estado", "A payment's state changed"),
    ("payment.ordered", "Se ordenó un pago", "A payment was ordered"),
    ("payment.proof_attached", "Se adjuntó un comprobante", "A proof was attached"),
    ("payment.retried", "Se intentó de nuevo un pago", "A payment was tried again"),
    ("payment.reversed", "Se revirtió un pago", "A payment was taken back"),
    ("payment.reviewed", "Se resolvió una revisión de pago", "A payment's review was settled"),
    ("person.changed", "Se cambió el acceso de una persona", "Somebody's access was changed"),
    ("person.invitation_revoked", "Se retiró la invitación de una persona", "Somebody's invitation was taken back"),
    ("person.invited", "Se invitó a una persona", "Somebody was invited"),
    ("person.joined", "Una persona aceptó su invitación", "Somebody took their invitation"),
    ("person.removed", "Se quitó el acceso a una persona", "Somebody's access was taken away"),
    ("receivable.upsert", "Un sistema guardó un saldo", "A system saved a balance"),
    ("receptor.changed", "Se cambiaron datos fiscales", "Tax details were changed"),
    ("recovery.asked", "Se pidió recuperar una contraseña", "A password's recovery was asked for"),
    ("recovery.sent", "Se envió una liga de contraseña", "A password's link was sent"),
    ("registration.finished", "Una persona terminó su registro", "Somebody finished registering"),
    ("second_factor.added", "Se activó el segundo paso", "A second step was added"),
    ("second_factor.removed", "Se quitó el segundo paso", "A second step was removed"),
    ("second_factor.reset", "Se quitó el segundo paso de una persona", "Somebody's second step was taken away"),
    ("second_factor.reset_refused", "No se aceptó quitar un segundo paso", "Taking a second step away was refused"),
    ("session.ended", "Se cerró una sesión", "A session was ended"),
    ("session.opened", "Una persona entró", "Somebody signed in"),
    ("session.others_ended", "Se cerraron las otras sesiones", "The other sessions were ended"),
    ("session.proved", "Una persona confirmó que es ella", "Somebody proved who they are"),
    ("session.refused", "Se rechazó una entrada", "An entry was refused"),
    ("settlement_file.brought", "Se cargó un archivo del banco", "A bank's file was brought in"),
    ("staff.changed", "Cambió un permiso del personal", "A colleague's permission changed"),
    ("staff.entered", "Alguien del personal aceptó su invitación", "A colleague took their invitation"),
    ("staff.invitation_revoked", "Se retiró una invitación del personal", "A colleague's invitation was taken back"),
    ("staff.invited", "Se invitó a alguien del personal", "A colleague was invited"),
    ("staff.removed", "Se quitó a alguien del personal", "A colleague was removed"),
    ("ticket.bulk", "Un sistema guardó muchas ventas", "A system saved many sales"),
    ("ticket.create", "Un sistema guardó una venta", "A system saved a sale"),
    ("ticket.update", "Un sistema cambió una venta", "A system changed a sale"),
    ("till_key.create", "Se creó una clave de caja", "A till's key was made"),
    ("till_key.revoke", "Se revocó una clave de caja", "A till's key was revoked"),
    ("user.sessions_ended", "Se cerraron las sesiones de una persona", "Somebody's sessions were ended"),
    ("user.unlocked", "Se desbloqueó a una persona", "Somebody was unlocked"),
    ("webhook_delivery.resend", "Se reenvió un evento", "An event was sent again"),
    ("webhook_endpoint.create", "Se agregó un destino de eventos", "An endpoint was added"),
    ("webhook_endpoint.delete", "Se quitó un destino de eventos", "An endpoint was removed"),
    ("webhook_endpoint.disable", "Se detuvo un destino de eventos", "An endpoint was disabled"),
    ("webhook_endpoint.rotate_secret", "Se creó otro secreto de eventos", "An endpoint's secret was renewed"),
    ("webhook_endpoint.update", "Se cambió un destino de eventos", "An endpoint was changed"),
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
