//! Which of the web programs draws an address. The server sends that program's page, and each program leaves the others'
//! addresses to the browser. What an address shows is known to its program alone.

/// A program that runs in the browser. There are several, so that nobody downloads what they never open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// A person with a paper ticket.
    Guest,
    /// A person at the invoices of a mailbox.
    Mine,
    /// A customer at their documents.
    Portal,
    /// A customer at their balances and payments.
    Payments,
    /// The pages that make an account and keep it.
    Account,
    /// The people who work for an issuer.
    Console,
    /// Those of them who look after its payments.
    Treasury,
}

impl Program {
    /// All of them.
    pub const ALL: [Program; 7] = [
        Program::Guest,
        Program::Mine,
        Program::Portal,
        Program::Payments,
        Program::Account,
        Program::Console,
        Program::Treasury,
    ];

    /// Its name in builds.
    pub const fn name(self) -> &'static str {
        match self {
            Program::Guest => "guest",
            Program::Mine => "mine",
            Program::Portal => "portal",
            Program::Payments => "payments",
            Program::Account => "account",
            Program::Console => "console",
            Program::Treasury => "treasury",
        }
    }

    /// The file that starts it.
    pub const fn page(self) -> &'static str {
        match self {
            Program::Guest => "index.html",
            Program::Mine => "mine.html",
            Program::Portal => "portal.html",
            Program::Payments => "payments.html",
            Program::Account => "account.html",
            Program::Console => "console.html",
            Program::Treasury => "treasury.html",
        }
    }
}

/// The program that draws a path, below `/` or `/e/{slug}/`. Guests' pages are all that are nobody else's.
///
/// ```
/// use shared::pages::{Program, program};
/// assert_eq!(program("/e/colibri/consultas"), Program::Portal);
/// assert_eq!(program("/e/consultas"), Program::Guest);
/// ```
pub fn program(path: &str) -> Program {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let first = match parts.next() {
        Some("e") => parts.nth(1),
        // The console is the installation's own: it names the issuer in another place.
        Some("consola") => {
            let of_issuer = parts.next() == Some("e") && parts.next().is_some();
            return if of_issuer && parts.next() == Some("pagos") { Program::Treasury } else { Program::Console };
        }
        first => first,
    };
    match first {
        Some("entrar" | "inicio" | "consultas" | "documentos" | "estados-de-cuenta") => Program::Portal,
        Some("saldos" | "pagos" | "historial") => Program::Payments,
        Some("registro" | "activar" | "recuperar" | "invitacion" | "cuenta" | "aviso-de-privacidad") => {
            Program::Account
        }
        // Guests', but seldom opened: the guest's own program must be light.
        Some("mis-facturas") => Program::Mine,
        Some("buzon" | "c") => Program::Portal,
        _ => Program::Guest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_one_program_under_every_issuer() {
        let cases = [
            ("/entrar /inicio/ /consultas /e/colibri/estados-de-cuenta /buzon /c/a", Program::Portal),
            ("/saldos /pagos/1 /e/colibri/saldos /historial/ /e/colibri/historial", Program::Payments),
            ("/mis-facturas /mis-facturas/ /e/colibri/mis-facturas", Program::Mine),
            ("/registro/ /activar/abc /e/colibri/cuenta/seguridad", Program::Account),
            ("/consola /consola/ /consola/entrar /consola/e/colibri/personal /consola/x/y", Program::Console),
            ("/consola/e/colibri /consola/pagos /consola/e/pagos /consola/e/pagos/clientes", Program::Console),
            ("/consola/e/colibri/pagos /consola/e/colibri/pagos/por-revisar/", Program::Treasury),
            ("/ /facturar/rfc /e/colibri /e/entrar /ensayo", Program::Guest),
            ("/e /e/x/facturar /cuentas /e/colibri/consola", Program::Guest),
        ];
        for (paths, drawn_by) in cases {
            for path in paths.split(' ') {
                assert_eq!(program(path), drawn_by, "{path}");
            }
        }
        assert_eq!(program(""), Program::Guest);
    }
}
