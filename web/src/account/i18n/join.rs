//! How a person comes to an account, and back into it: registering, recovering, and the letters' links.

/// The words.
pub struct Join {
    pub register: &'static str,
    pub register_lead: &'static str,
    pub registering: &'static str,
    pub rfc: &'static str,
    pub rfc_tip: &'static str,
    pub contract: &'static str,
    pub contract_tip: &'static str,
    pub email: &'static str,
    pub email_hint: &'static str,
    pub have_account: &'static str,
    pub tip: &'static str,

    pub sent_title: &'static str,
    pub sent_register: &'static str,
    pub sent_register_note: &'static str,
    pub sent_recover: &'static str,
    pub sent_recover_note: &'static str,
    pub back: &'static str,
    pub correct: &'static str,

    pub activate_title: &'static str,
    pub activate_lead: &'static str,
    pub new_title: &'static str,
    pub new_lead: &'static str,

    pub recover_title: &'static str,
    pub recover_lead: &'static str,
    pub recover_send: &'static str,
    pub recover_sending: &'static str,

    pub address_title: &'static str,
    pub address_lead: &'static str,
    pub address: &'static str,
    pub address_busy: &'static str,
    pub address_done: &'static str,
    pub address_done_lead: &'static str,
}

pub const ES: Join = Join {
    register: "Registrarse",
    register_lead: "Use los datos de su contrato. Si coinciden, enviaremos a su correo una liga para terminar.",
    registering: "Enviando…",
    rfc: "RFC",
    rfc_tip: "Registro Federal de Contribuyentes: 12 caracteres para empresas, 13 para personas. Da igual si escribe mayúsculas o minúsculas.",
    contract: "Número de contrato",
    contract_tip: "Está en la carátula de su contrato y en sus facturas, junto a “Contrato”. Escriba también los ceros del principio.",
    email: "Correo electrónico",
    email_hint: "Aquí llegarán la confirmación y los avisos del portal.",
    have_account: "¿Ya tiene cuenta?",
    tip: "Ayuda: {0}",

    sent_title: "Revise su correo",
    sent_register: "Si los datos coinciden con un contrato, enviamos un mensaje a {0} con la liga para terminar su registro.",
    sent_register_note: "El mensaje dice hasta cuándo sirve la liga. Si no llega en unos minutos, busque en correo no deseado.",
    sent_recover: "Si {0} tiene una cuenta, enviamos a su correo la liga para elegir otra contraseña.",
    sent_recover_note: "El mensaje dice hasta cuándo sirve la liga. Si no llega pronto, busque en correo no deseado.",
    back: "Volver a la entrada",
    correct: "Corregir los datos",

    activate_title: "Elija su contraseña",
    activate_lead: "Con ella y su correo entrará al portal.",
    new_title: "Elija otra contraseña",
    new_lead: "Al guardarla se cierran las sesiones que tenga abiertas.",

    recover_title: "Recuperar contraseña",
    recover_lead: "Enviaremos a su correo registrado una liga para elegir otra.",
    recover_send: "Enviar liga",
    recover_sending: "Enviando…",

    address_title: "Confirme su nuevo correo",
    address_lead: "Desde que lo confirme entrará con este correo y no con el anterior. Se cierran las sesiones que tenga abiertas y se avisa al correo anterior.",
    address: "Confirmar este correo",
    address_busy: "Confirmando…",
    address_done: "Su correo cambió",
    address_done_lead: "Entre con él y su contraseña de siempre. Si no la recuerda, recupérela: la liga llegará a este correo.",
};

pub const EN: Join = Join {
    register: "Register",
    register_lead: "Use the data of your contract. If they match, we will send a link to your mailbox to finish.",
    registering: "Sending…",
    rfc: "RFC",
    rfc_tip: "Federal taxpayer number: 12 characters for companies, 13 for persons. Capitals do not matter.",
    contract: "Contract number",
    contract_tip: "It is on the cover of your contract and on your invoices, beside “Contrato”. Type the leading zeros too.",
    email: "Email",
    email_hint: "The confirmation and the portal's notices will arrive here.",
    have_account: "Do you have an account?",
    tip: "Help: {0}",

    sent_title: "Check your mailbox",
    sent_register: "If the data match a contract, we sent a message to {0} with the link to finish your registration.",
    sent_register_note: "The message says how long the link is good. If it does not arrive in some minutes, look in the spam folder.",
    sent_recover: "If {0} has an account, we sent to its mailbox the link to choose another password.",
    sent_recover_note: "The message says how long the link is good. If it does not arrive soon, look in the spam folder.",
    back: "Back to sign-in",
    correct: "Correct the data",

    activate_title: "Choose your password",
    activate_lead: "You will sign in with it and your email.",
    new_title: "Choose another password",
    new_lead: "Saving it closes the sessions you have open.",

    recover_title: "Recover password",
    recover_lead: "We will send to your registered mailbox a link to choose another.",
    recover_send: "Send link",
    recover_sending: "Sending…",

    address_title: "Confirm your new address",
    address_lead: "Once you confirm it you sign in with this address and not with the one before. The sessions you have open are closed, and the address before is told.",
    address: "Confirm this address",
    address_busy: "Confirming…",
    address_done: "Your address was changed",
    address_done_lead: "Sign in with it and the password you have. If you do not remember it, recover it: the link will come to this address.",
};
