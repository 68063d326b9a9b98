//! Which of the two web apps draws an address. The server sends that app's page, and each app leaves the other's
//! addresses to the browser. What an address shows is known to its app alone.

/// How the addresses begin that belong to the portal of customers, below `/` or `/e/{slug}/`.
const PORTAL: [&str; 12] = [
    "entrar",
    "registro",
    "activar",
    "recuperar",
    "inicio",
    "consultas",
    "documentos",
    "estados-de-cuenta",
    "saldos",
    "pagos",
    "historial",
    "cuenta",
];

/// Whether the portal of customers draws this path; the app for guests draws all others.
///
/// ```
/// assert!(shared::pages::is_portal("/e/colibri/consultas"));
/// assert!(!shared::pages::is_portal("/e/consultas"));
/// ```
pub fn is_portal(path: &str) -> bool {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let first = match parts.next() {
        Some("e") => parts.nth(1),
        first => first,
    };
    first.is_some_and(|first| PORTAL.contains(&first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_one_app_under_every_issuer() {
        for path in ["/entrar", "/registro/", "/activar/abc", "/e/colibri/cuenta/seguridad", "/pagos/1"] {
            assert!(is_portal(path), "{path}");
        }
        for path in ["/", "", "/facturar/rfc", "/e/colibri", "/e/entrar", "/e", "/buzon", "/e/x/facturar", "/cuentas"] {
            assert!(!is_portal(path), "{path}");
        }
    }
}
