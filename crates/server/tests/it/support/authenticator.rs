//! A passkey's device and its browser, made of bytes: does what the specification says, and on request what it forbids.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

/// A key for one account.
struct Key {
    id: Vec<u8>,
    user: String,
    pair: EcdsaKeyPair,
    counter: u32,
}

/// The device. Its fields may be set to make it lie.
pub(crate) struct Authenticator {
    /// Where the browser is.
    pub(crate) origin: String,
    /// What it binds keys to.
    pub(crate) rp_id: String,
    /// Whether the person showed a finger or a PIN.
    pub(crate) verified: bool,
    /// What is added to the counter each time; 0 for a device that counts nothing.
    pub(crate) counts: i32,
    keys: Vec<Key>,
}

impl Authenticator {
    /// One whose browser is at `https://HOST`.
    pub(crate) fn at(host: &str) -> Self {
        Self { origin: format!("https://{host}"), rp_id: host.to_owned(), verified: true, counts: 1, keys: Vec::new() }
    }

    /// Makes a key: the browser's answer to creation options.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        assert_eq!(options["rp"]["id"], json!(self.rp_id));
        let selection = &options["authenticatorSelection"];
        assert_eq!((&selection["residentKey"], &selection["userVerification"]), (&json!("required"), &json!("required")));
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let id: [u8; 32] = rand::random();
        let user = options["user"]["id"].as_str().expect("a user handle").to_owned();
        let mut data = self.head(PRESENT | ATTESTED, 0);
        data.extend([0; 16]);
        data.extend(32_u16.to_be_bytes());
        data.extend(id);
        // The public key after RFC 9052: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(x);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(y);
        // {"fmt": "none", "attStmt": {}, "authData": …}
        let mut attestation = vec![0xa3];
        for (name, value) in [("fmt", &b"\x64none"[..]), ("attStmt", b"\xa0")] {
            attestation.push(0x60 + u8::try_from(name.len()).expect("short"));
            attestation.extend(name.as_bytes());
            attestation.extend(value);
        }
        attestation.push(0x68);
        attestation.extend(b"authData");
        attestation.extend([0x58, u8::try_from(data.len()).expect("short")]);
        attestation.extend(&data);
        self.keys.push(Key { id: id.to_vec(), user, pair, counter: 0 });
        json!({
            "id": URL_SAFE_NO_PAD.encode(id),
            "rawId": URL_SAFE_NO_PAD.encode(id),
            "type": "public-key",
            "response": {
                "clientDataJSON": self.client_data("webauthn.create", options),
                "attestationObject": URL_SAFE_NO_PAD.encode(attestation),
                "transports": ["internal"],
            },
            "clientExtensionResults": {},
        })
    }

    /// Shows the newest key that the options allow: the browser's answer to request options.
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        let allowed: Vec<&str> =
            options["allowCredentials"].as_array().into_iter().flatten().filter_map(|key| key["id"].as_str()).collect();
        let fits = |key: &&Key| allowed.is_empty() || allowed.contains(&URL_SAFE_NO_PAD.encode(&key.id).as_str());
        let id = self.keys.iter().rev().find(fits).expect("a key that is allowed").id.clone();
        self.show(&id, options)
    }

    /// Shows the newest key, whether it is allowed or not.
    pub(crate) fn force(&mut self, options: &Value) -> Value {
        let id = self.keys.last().expect("a key").id.clone();
        self.show(&id, options)
    }

    fn show(&mut self, id: &[u8], options: &Value) -> Value {
        let counts = self.counts;
        let key = self.keys.iter_mut().find(|key| key.id == id).expect("it is there");
        key.counter = key.counter.saturating_add_signed(counts);
        let counter = key.counter;
        let data = self.head(PRESENT, counter);
        let client_data = self.client_data("webauthn.get", options);
        let mut signed = data.clone();
        signed.extend(Sha256::digest(URL_SAFE_NO_PAD.decode(&client_data).expect("base64")));
        let key = self.keys.iter().find(|key| key.id == id).expect("it is there");
        let signature = key.pair.sign(&SystemRandom::new(), &signed).expect("a signature");
        json!({
            "id": URL_SAFE_NO_PAD.encode(id),
            "rawId": URL_SAFE_NO_PAD.encode(id),
            "type": "public-key",
            "response": {
                "clientDataJSON": client_data,
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "signature": URL_SAFE_NO_PAD.encode(signature),
                "userHandle": key.user,
            },
            "clientExtensionResults": {},
        })
    }

    fn head(&self, flags: u8, counter: u32) -> Vec<u8> {
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(if self.verified { flags | VERIFIED } else { flags });
        data.extend(counter.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        let data = json!({"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false});
        URL_SAFE_NO_PAD.encode(data.to_string())
    }
}
