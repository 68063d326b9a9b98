//! One e-mail address. Promises that it is a single plain address that cannot smuggle a header or a second recipient;
//! whether anybody reads it is only known after writing to it.

use crate::serde_as_text;

/// A plain address; the domain in lower case, the part before the `@` as typed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

/// Why a text is not one e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing was typed.
    #[error("el correo está vacío")]
    Empty,
    /// More than 254 characters (RFC 5321, 4.5.3.1).
    #[error("el correo es demasiado largo")]
    TooLong,
    /// Separators or a display name: more than one plain address.
    #[error("escriba un solo correo, sin nombre ni separadores")]
    NotOne,
    /// Not of the shape `alguien@dominio.mx`.
    #[error("el correo no tiene la forma alguien@dominio.mx")]
    Pattern,
}

const MAX_LEN: usize = 254;
const MAX_LOCAL_LEN: usize = 64;
const MAX_LABEL_LEN: usize = 63;

impl Email {
    /// Reads one address; surrounding blanks are dropped, line ends never are.
    pub fn parse(typed: &str) -> Result<Self, EmailError> {
        let address = typed.trim_matches(' ');
        if address.is_empty() {
            return Err(EmailError::Empty);
        }
        if address.len() > MAX_LEN {
            return Err(EmailError::TooLong);
        }
        if address.chars().any(|c| c.is_whitespace() || c.is_control() || ",;<>\"()[]:\\".contains(c)) {
            return Err(EmailError::NotOne);
        }
        let (local, domain) = address.split_once('@').ok_or(EmailError::Pattern)?;
        if domain.contains('@') {
            return Err(EmailError::NotOne);
        }
        if !(is_local(local) && is_domain(domain)) {
            return Err(EmailError::Pattern);
        }
        Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_local(local: &str) -> bool {
    local.len() <= MAX_LOCAL_LEN
        && local.split('.').all(|atom| {
            !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
        })
}

fn is_domain(domain: &str) -> bool {
    let mut labels = domain.split('.').rev();
    let top = labels.next().unwrap_or_default();
    let rest: Vec<&str> = labels.collect();
    is_label(top)
        && top.len() >= 2
        && !top.bytes().all(|b| b.is_ascii_digit())
        && !rest.is_empty()
        && rest.iter().all(|label| is_label(label))
}

fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL_LEN).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

serde_as_text!(Email, EmailError);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_plain_address_passes_and_its_domain_is_lowered() {
        assert_eq!(Email::parse(" Ana.Ruiz+cfdi@Empresa.COM.MX ").unwrap().as_str(), "Ana.Ruiz+cfdi@empresa.com.mx");
    }

    #[test]
    fn nothing_gets_past_that_could_reach_a_second_recipient() {
        for wrong in [
            "a@b.mx,c@d.mx",
            "a@b.mx;c@d.mx",
            "Ana <a@b.mx>",
            "a@b.mx\r\nBcc: c@d.mx",
            "a@b.mx\0",
            "a b@c.mx",
            "a@b@c.mx",
            "\"a\"@b.mx",
        ] {
            assert_eq!(Email::parse(wrong), Err(EmailError::NotOne), "{wrong:?}");
        }
    }

    #[test]
    fn implausible_shapes_are_refused() {
        for wrong in [
            "a",
            "@b.mx",
            "a@",
            "a@b",
            "a@.mx",
            "a@b..mx",
            "a.@b.mx",
            "a@-b.mx",
            "a@b.1",
            "a@127.0.0.1",
            "ñ@b.mx",
            "a@ñ.mx",
        ] {
            assert_eq!(Email::parse(wrong), Err(EmailError::Pattern), "{wrong:?}");
        }
        assert_eq!(Email::parse(""), Err(EmailError::Empty));
        assert_eq!(Email::parse(&format!("{}@b.mx", "a".repeat(250))), Err(EmailError::TooLong));
    }

    proptest! {
        #[test]
        fn an_accepted_address_has_one_at_sign_and_no_separator(typed in "\\PC{0,30}") {
            if let Ok(email) = Email::parse(&typed) {
                prop_assert_eq!(email.as_str().matches('@').count(), 1);
                prop_assert!(email.as_str().chars().all(|c| c.is_ascii_graphic() && c != ',' && c != ';'));
            }
        }
    }
}
