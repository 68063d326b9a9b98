//! Standard Webhooks: what a secret looks like, and what is signed with it.
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// What every shown secret begins with.
const MARK: &str = "whsec_";

/// A secret's bytes. Printed, it says nothing.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// From its bytes.
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Secret {
        Secret(bytes)
    }

    /// As it is shown, once: the receiver's key is what stands in base64.
    pub fn expose(&self) -> String {
        format!("{MARK}{}", STANDARD.encode(&self.0[..]))
    }

    /// The bytes, to be sealed.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn sign(&self, id: &str, unix_seconds: i64, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let mut signing = hmac::Context::with_key(&key);
        signing.update(format!("{id}.{unix_seconds}.").as_bytes());
        signing.update(body);
        format!("v1,{}", STANDARD.encode(signing.sign()))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// `webhook-signature`: one entry for each secret that is good now.
pub fn header(secrets: &[Secret], id: &str, unix_seconds: i64, body: &[u8]) -> String {
    let entries: Vec<String> = secrets.iter().map(|secret| secret.sign(id, unix_seconds, body)).collect();
    entries.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(bytes: &[u8]) -> Secret {
        Secret::new(Zeroizing::new(bytes.to_vec()))
    }

    #[test]
    fn w2_the_published_vector_is_reproduced() {
        let key = secret(b"0123456789abcdef0123456789abcdef");
        assert_eq!(key.expose(), "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
        let signed = header(&[key], "msg_01", 1_764_547_200, br#"{"type":"payment.confirmed"}"#);
        assert_eq!(signed, "v1,FQPaWWwh3diu9pB/IZg/U207oZlXMx+Ga0OhQgkCpII=");
    }

    #[test]
    fn w2_two_secrets_sign_while_one_takes_the_others_place() {
        let (new, old) = (secret(&[1; 32]), secret(&[2; 32]));
        let both = header(&[secret(&[1; 32]), secret(&[2; 32])], "m", 1, b"{}");
        assert_eq!(both, format!("{} {}", header(&[new], "m", 1, b"{}"), header(&[old], "m", 1, b"{}")));
        assert_eq!(format!("{:?}", secret(&[1; 32])), "Secret(***)");
    }
}
