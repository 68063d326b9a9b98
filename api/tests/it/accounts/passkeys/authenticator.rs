//! An authenticator and the browser before it, as far as the portal can tell.
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Somebody touched it; it made sure of them; it tells of a new key.
const PRESENT: u8 = 1;
const VERIFIED: u8 = 4;
const ATTESTED: u8 = 64;

/// One key, for one site.
pub struct Authenticator {
    key: EcdsaKeyPair,
    pub id: Vec<u8>,
    /// Of the site that asked for it.
    user: Vec<u8>,
    /// Signatures made so far.
    pub count: u32,
    /// Whether it makes sure of its person.
    pub verifies: bool,
    /// The page that asks.
    pub origin: String,
}

impl Authenticator {
    /// Before a browser at this origin.
    pub fn at(origin: &str) -> Authenticator {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let id = Uuid::new_v4().as_bytes().to_vec();
        Authenticator { key, id, user: Vec::new(), count: 0, verifies: true, origin: origin.to_owned() }
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = options["challenge"].as_str().unwrap();
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false})
            .to_string()
            .into_bytes()
    }

    fn data(&self, rp: &str, more: u8) -> Vec<u8> {
        let flags = PRESENT | if self.verifies { VERIFIED } else { 0 } | more;
        [&Sha256::digest(rp)[..], &[flags], &self.count.to_be_bytes()].concat()
    }

    /// Makes its key for these options.
    pub fn create(&mut self, options: &Value) -> Value {
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        assert_eq!(options["attestation"], "none");
        self.user = BASE64.decode(options["user"]["id"].as_str().unwrap()).unwrap();
        let point = self.key.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        let cose = [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..], x, &[0x22, 0x58, 32], y].concat();
        let head = self.data(options["rp"]["id"].as_str().unwrap(), ATTESTED);
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let data = [&head[..], &[0; 16], &length, &self.id, &cose].concat();
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        let object = [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59", &length[..], &data].concat();
        json!({
            "id": BASE64.encode(&self.id),
            "rawId": BASE64.encode(&self.id),
            "type": "public-key",
            "response": {
                "attestationObject": BASE64.encode(object),
                "clientDataJSON": BASE64.encode(self.client_data("webauthn.create", options)),
            },
            "clientExtensionResults": {},
        })
    }

    /// Signs what these options ask.
    pub fn sign(&mut self, options: &Value) -> Value {
        assert_eq!(options["userVerification"], "required");
        self.count += 1;
        let client_data = self.client_data("webauthn.get", options);
        let data = self.data(options["rpId"].as_str().unwrap(), 0);
        let message = [&data[..], &Sha256::digest(&client_data)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &message).unwrap();
        json!({
            "id": BASE64.encode(&self.id),
            "rawId": BASE64.encode(&self.id),
            "type": "public-key",
            "response": {
                "authenticatorData": BASE64.encode(data),
                "clientDataJSON": BASE64.encode(client_data),
                "signature": BASE64.encode(signature.as_ref()),
                "userHandle": BASE64.encode(&self.user),
            },
            "clientExtensionResults": {},
        })
    }

    /// It says that it is somebody else's.
    pub fn claim(&mut self, other: &Authenticator) {
        self.id.clone_from(&other.id);
        self.user.clone_from(&other.user);
    }
}
