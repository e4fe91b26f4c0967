//! Recovery codes: for when the second factor is lost. Full entropy, so that a plain hash keeps them.

use mc_domain::id::UserId;
use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};

use crate::secret;

/// How many a user gets at once.
pub(crate) const CODES: usize = 10;
/// Base32 without the letters and digits that people take for others (Crockford's).
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Letters of a code: 80 bits.
const LENGTH: usize = 16;

/// New codes, to be shown once.
pub(crate) fn codes() -> Vec<SecretString> {
    (0..CODES).map(|_| code()).collect()
}

fn code() -> SecretString {
    let mut random = rand::rng();
    let mut text = String::with_capacity(LENGTH + LENGTH / 4);
    for place in 0..LENGTH {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        let letter: usize = random.random_range(0..LETTERS.len());
        text.push(LETTERS.get(letter).copied().map_or('0', char::from));
    }
    text.into()
}

/// How a code is kept: bound to its user. What people mistype when they copy from paper is put right first.
pub(crate) fn hash(user: UserId, code: &str) -> String {
    let plain: String = code
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect();
    secret::hash(&format!("recovery:{user}:{plain}"))
}

/// How new codes are kept.
pub(crate) fn hashes(user: UserId, codes: &[SecretString]) -> Vec<String> {
    codes.iter().map(|code| hash(user, code.expose_secret())).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_differ_and_bear_copying_by_hand() {
        let user = UserId::new();
        let codes = codes();
        let hashes: BTreeSet<String> = hashes(user, &codes).into_iter().collect();
        assert_eq!(hashes.len(), CODES);
        for code in &codes {
            let text = code.expose_secret();
            assert_eq!(text.len(), 19, "{text}");
            assert!(hashes.contains(&hash(user, &text.to_uppercase().replace('-', " "))));
            assert!(hashes.contains(&hash(user, &text.replace('0', "O").replace('1', "l"))));
            assert!(!hashes.contains(&hash(UserId::new(), text)), "another user's");
        }
    }
}
