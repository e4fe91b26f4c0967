//! Making, hashing and keeping secrets.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngExt;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

/// A new secret: `prefix`, 256 random bits and a checksum, in base64url. By the prefix scanners recognise a leak, by the checksum they tell
/// it from something that only looks so.
pub(crate) fn random(prefix: &str) -> SecretString {
    let mut bytes = [0u8; 32];
    rand::rng().fill(&mut bytes);
    let text = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes));
    SecretString::from(format!("{text}{}", checksum(&text)))
}

/// Whether `text` looks like a secret of ours with this prefix: its length, its alphabet, its checksum. Says nothing of whether it works.
pub(crate) fn is_well_formed(prefix: &str, text: &str) -> bool {
    let whole = text.len() == prefix.len() + RANDOM_CHARS + CHECKSUM_CHARS && text.starts_with(prefix) && text.is_ascii();
    whole && text.split_at_checked(prefix.len() + RANDOM_CHARS).is_some_and(|(before, sum)| checksum(before) == sum)
}

/// Characters of 256 bits, and of 32 bits, in base64url.
const RANDOM_CHARS: usize = 43;
const CHECKSUM_CHARS: usize = 6;

/// CRC-32 (the one of Ethernet and zip) of the text, in base64url: 6 characters.
fn checksum(text: &str) -> String {
    let crc = text.bytes().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    });
    URL_SAFE_NO_PAD.encode((!crc).to_be_bytes())
}

/// Hex SHA-256: how secrets of full entropy are stored.
#[must_use]
pub fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// Makes a directory that only its owner may enter.
pub(crate) fn private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

/// Writes a file that only its owner may read, whole or not at all.
///
/// # Errors
/// When it cannot be written; then what was there stays.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    // A name of its own: servers may share the folder.
    let mark: u64 = rand::random();
    let part = path.with_extension(format!("{mark:016x}.part"));
    let written = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    // What was written of it may be secret; the first error is the one to tell.
    written().inspect_err(|_| drop(fs::remove_file(&part)))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn secrets_carry_a_checksum_that_scanners_can_verify() {
        let secret = random("mct_");
        let text = secret.expose_secret();
        assert_eq!(text.len(), 4 + 43 + 6);
        assert!(is_well_formed("mct_", text) && !is_well_formed("mcj_", text));
        for place in [0, 4, 30, 46, 47, 52] {
            let mut bytes = text.to_owned().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            assert!(!is_well_formed("mct_", &String::from_utf8(bytes).expect("text")), "changed at {place}");
        }
        for bad in ["", "mct_", &text[..52], &format!("{text}A"), "mct_\u{e4}"] {
            assert!(!is_well_formed("mct_", bad), "{bad}");
        }
    }

    #[test]
    fn the_checksum_is_the_common_one() {
        // The check value of CRC-32/ISO-HDLC: cbf43926.
        assert_eq!(checksum("123456789"), URL_SAFE_NO_PAD.encode([0xcb, 0xf4, 0x39, 0x26]));
    }
}
