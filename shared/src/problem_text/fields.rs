//! The words of what is wrong with one field: first those that a guest can meet, then all others, so that the guest's
//! program carries no more than the first.
use crate::problem::FieldCode;

pub(super) const fn guests_es(code: FieldCode) -> Option<&'static str> {
    use FieldCode as F;
    Some(match code {
        F::Required => "Escriba este dato.",
        F::TooLong => "Es más largo de lo permitido.",
        F::Characters => "Tiene caracteres que no van aquí.",
        F::Amount => "Escriba la cantidad con punto decimal, por ejemplo 863.00.",
        F::NotPositive => "Escriba una cantidad mayor que cero.",
        F::Email => "Escriba un solo correo, por ejemplo nombre@empresa.mx.",
        F::NotInCatalog => "Elija una opción de la lista.",
        F::RfcLength => "Escriba el RFC con 12 o 13 caracteres.",
        F::RfcPattern => "El RFC lleva letras, seis números de fecha y tres caracteres al final.",
        F::RfcDate => "La fecha dentro del RFC no existe. Revíselo.",
        F::RfcGeneric => "Ese es un RFC genérico. Escriba el suyo.",
        F::PostalCode => "Escriba los cinco números del código postal.",
        F::RegimenPersona => "Ese régimen no es para este tipo de RFC.",
        F::UsoPersona => "Ese uso no es para este tipo de RFC.",
        F::UsoRegimen => "Ese uso no va con el régimen elegido.",
        F::FormaPagoFixed => "La tienda ya registró otra forma de pago.",
        F::Claim => "Verifique otra vez los datos de su ticket.",
        F::RefusedBySat => "El SAT no aceptó este dato.",
        F::Shape => "Este dato sobra o es de otro tipo.",
        _ => return None,
    })
}

pub(super) const fn es(code: FieldCode) -> &'static str {
    use FieldCode as F;
    if let Some(words) = guests_es(code) {
        return words;
    }
    match code {
        F::PasswordShort => "Escriba al menos 8 caracteres; recomendamos 12.",
        F::PasswordCommon => "Es de las contraseñas más usadas. Una frase de varias palabras es mejor.",
        F::PasswordOwnData => "No use su RFC, su correo, su contrato ni su nombre.",
        F::PasswordHeredada => "Escriba exactamente 8 caracteres, con mayúscula, minúscula, número y uno de @#$%^&+=",
        F::PasswordDiffers => "Escriba la misma contraseña dos veces.",
        F::Capitals => "Aquí cuentan las mayúsculas. Escríbalo como está en su contrato.",
        F::AlreadyThere => "Esta persona ya tiene acceso.",
        F::TooMany => "Son más de los que se pueden tener.",
        F::WrongPassword => "No es su contraseña actual.",
        F::Date => "Escriba una fecha que exista, por ejemplo 17/11/2026.",
        F::Range => "El final va después del inicio y es de la misma serie.",
        F::Folio => "Escriba el folio con número, por ejemplo 60300 o FA-60300.",
        F::DatesOnly => "Los estados de cuenta solo se buscan por fecha.",
        F::Repeated => "Está dos veces.",
        F::MoreThanAvailable => "Es más de lo que se puede pagar ahora.",
        F::NoSuchBalance => "Esta factura ya no tiene saldo por pagar.",
        F::BranchUnknown => "No es una sucursal de este emisor.",
        F::Instant => "Escriba fecha y hora que ya hayan pasado, por ejemplo 2026-11-22T13:45:10.",
        F::TotalDiffers => "Los renglones suman otra cantidad.",
        F::Discount => "El descuento va de cero al importe del renglón.",
        F::ContractTaken => "Ese número es de otro cliente.",
        F::Fixed => "Ya se dijo de otra manera y no se puede cambiar.",
        F::CustomerUnknown => "Ningún cliente suyo tiene esta clave.",
        F::RfcFixed => "Ese identificador es de un cliente con otro RFC.",
        F::Taken => "Ya está en uso. Elija otro.",
        F::MoneyEntered => {
            "Ese número, con esa cantidad, ya es de otro pago. Revise cuál lo tiene antes de escribirlo otra vez."
        }
        F::Color => "Escriba el color con # y seis cifras, por ejemplo #0b6470.",
        F::Number => "Escriba un número entero dentro de los límites.",
        F::TimeZone => "Elija una zona horaria, por ejemplo America/Mexico_City.",
        F::Logo => "Suba un SVG de formas sencillas o un PNG de hasta 600 píxeles por lado, de hasta 128 KB.",
        F::CertificateFile => "No es un certificado. Suba el archivo .cer que le dio el SAT.",
        F::Fiel => "Es su e.firma. Nunca la suba a un servidor: aquí va el certificado de sello digital (CSD).",
        F::CertificateUnfit => "Este certificado no puede sellar aquí: revise su RFC, su vigencia y que sea un CSD.",
        F::KeyFile => "No es la llave de este certificado. Suba el archivo .key que vino con él.",
        F::KeyPassword => "La contraseña no abre la llave.",
        F::WebhookUrl => {
            "Escriba una dirección https, en el puerto 443 u 8443, sin usuario ni #. Otra de un webhook la permite el ajuste webhooks.private_hosts."
        }
        F::NotPublic => {
            "Esa dirección no lleva a internet público. Una de la red propia la permite el ajuste webhooks.private_hosts."
        }
        F::Cfdi => "No es un CFDI timbrado que se pueda guardar.",
        F::NotTheIssuer => "Lo emitió otra empresa.",
        F::NoSuchCustomer => "Ningún cliente lo tiene.",
        F::NotPdf => "No es un PDF.",
        F::PaperName => "El nombre del PDF no dice qué es. Escriba sus datos, o llámelo como se indica.",
        F::Required
        | F::TooLong
        | F::Characters
        | F::Amount
        | F::NotPositive
        | F::Email
        | F::NotInCatalog
        | F::RfcLength
        | F::RfcPattern
        | F::RfcDate
        | F::RfcGeneric
        | F::PostalCode
        | F::RegimenPersona
        | F::UsoPersona
        | F::UsoRegimen
        | F::FormaPagoFixed
        | F::Claim
        | F::RefusedBySat
        | F::Shape => "",
    }
}

pub(super) const fn guests_en(code: FieldCode) -> Option<&'static str> {
    use FieldCode as F;
    Some(match code {
        F::Required => "Fill this in.",
        F::TooLong => "It is longer than allowed.",
        F::Characters => "It has characters that do not belong here.",
        F::Amount => "Type the amount with a decimal point, such as 863.00.",
        F::NotPositive => "Type an amount above zero.",
        F::Email => "Type a single address, such as name@company.mx.",
        F::NotInCatalog => "Choose one from the list.",
        F::RfcLength => "Type the RFC with 12 or 13 characters.",
        F::RfcPattern => "An RFC has letters, six digits of a date and three characters at the end.",
        F::RfcDate => "The date inside the RFC does not exist. Check it.",
        F::RfcGeneric => "That is a generic RFC. Type your own.",
        F::PostalCode => "Type the five digits of the postal code.",
        F::RegimenPersona => "That regime is not for this kind of RFC.",
        F::UsoPersona => "That use is not for this kind of RFC.",
        F::UsoRegimen => "That use does not go with the chosen regime.",
        F::FormaPagoFixed => "The shop already recorded another form of payment.",
        F::Claim => "Check your ticket's details again.",
        F::RefusedBySat => "The SAT did not accept this.",
        F::Shape => "This is not expected here, or is of another type.",
        _ => return None,
    })
}

pub(super) const fn en(code: FieldCode) -> &'static str {
    use FieldCode as F;
    if let Some(words) = guests_en(code) {
        return words;
    }
    match code {
        F::PasswordShort => "Type at least 8 characters; we advise 12.",
        F::PasswordCommon => "It is one of the most used passwords. A phrase of several words is better.",
        F::PasswordOwnData => "Do not use your RFC, mail address, contract or name.",
        F::PasswordHeredada => "Type exactly 8 characters, with a capital, a small letter, a digit and one of @#$%^&+=",
        F::PasswordDiffers => "Type the same password twice.",
        F::Capitals => "Capitals count here. Type it as it is in your contract.",
        F::AlreadyThere => "This person has access already.",
        F::TooMany => "These are more than there can be.",
        F::WrongPassword => "That is not your current password.",
        F::Date => "Type a date that exists, such as 17/11/2026.",
        F::Range => "The end comes after the start and is of the same serie.",
        F::Folio => "Type the folio with its number, such as 60300 or FA-60300.",
        F::DatesOnly => "Statements of account are found by date alone.",
        F::Repeated => "It is here twice.",
        F::MoreThanAvailable => "It is more than can be paid now.",
        F::NoSuchBalance => "This invoice has no balance left to pay.",
        F::BranchUnknown => "That is no branch of this issuer.",
        F::Instant => "Give a date and time that have passed, such as 2026-11-22T13:45:10.",
        F::TotalDiffers => "The lines add up to another amount.",
        F::Discount => "A discount goes from zero to the line's amount.",
        F::ContractTaken => "That number belongs to another customer.",
        F::Fixed => "It was said otherwise before and cannot be changed.",
        F::CustomerUnknown => "No customer of yours has this id.",
        F::RfcFixed => "That id is of a customer with another RFC.",
        F::Taken => "It is in use. Choose another.",
        F::MoneyEntered => {
            "That number, with that amount, is another payment's already. See which one has it before you type it again."
        }
        F::Color => "Type the colour with # and six digits, for example #0b6470.",
        F::Number => "Type a whole number within the limits.",
        F::TimeZone => "Choose a time zone, for example America/Mexico_City.",
        F::Logo => "Upload an SVG of plain shapes or a PNG of up to 600 pixels a side, up to 128 KB.",
        F::CertificateFile => "It is not a certificate. Upload the .cer file that the SAT gave you.",
        F::Fiel => "It is your e.firma. Never give it to a server: the CSD goes here.",
        F::CertificateUnfit => "This certificate cannot seal here: check its RFC, its dates, and that it is a CSD.",
        F::KeyFile => "It is not this certificate's key. Upload the .key file that came with it.",
        F::KeyPassword => "The password does not open the key.",
        F::WebhookUrl => {
            "Give an https address on port 443 or 8443, without user or #. Another one of a webhook is allowed by the setting webhooks.private_hosts."
        }
        F::NotPublic => {
            "That address does not lead to the public internet. One of the own network is allowed by the setting webhooks.private_hosts."
        }
        F::Cfdi => "Not a stamped CFDI that can be kept.",
        F::NotTheIssuer => "Another company issued it.",
        F::NoSuchCustomer => "No customer has it.",
        F::NotPdf => "Not a PDF.",
        F::PaperName => "The name of the PDF does not say what it is. Type its data, or call it as shown.",
        F::Required
        | F::TooLong
        | F::Characters
        | F::Amount
        | F::NotPositive
        | F::Email
        | F::NotInCatalog
        | F::RfcLength
        | F::RfcPattern
        | F::RfcDate
        | F::RfcGeneric
        | F::PostalCode
        | F::RegimenPersona
        | F::UsoPersona
        | F::UsoRegimen
        | F::FormaPagoFixed
        | F::Claim
        | F::RefusedBySat
        | F::Shape => "",
    }
}
