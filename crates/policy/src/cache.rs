//! Decisions that were made already.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use parking_lot::Mutex;

use crate::decision::Verdict;

/// What a decision depends on, in short: which roles, which action, which thing, asked how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) roles: u32,
    pub(crate) action: u32,
    pub(crate) thing: u128,
    pub(crate) how: u128,
}

const SHARDS: usize = 16;
/// Entries of one generation of one shard: 16 × 2 × 4096 decisions at most, some 10 MB.
const GENERATION: usize = 4096;

/// A bounded map that forgets what was not asked for long: when the young generation is full it becomes the old one.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    shards: [Mutex<Shard>; SHARDS],
}

type Decisions = HashMap<Key, Verdict, BuildHasherDefault<KeyHasher>>;

#[derive(Debug, Default)]
struct Shard {
    young: Decisions,
    old: Decisions,
}

/// The key's parts are fingerprints already: mixing them is enough.
#[derive(Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }
    fn write_u32(&mut self, part: u32) {
        self.write_u64(u64::from(part));
    }
    fn write_u64(&mut self, part: u64) {
        self.0 = (self.0.rotate_left(26) ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    fn write_u128(&mut self, part: u128) {
        let [low, high] = halves(part);
        self.write_u64(low);
        self.write_u64(high);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves are what is wanted")]
const fn halves(part: u128) -> [u64; 2] {
    [part as u64, (part >> 64) as u64]
}

impl Cache {
    fn shard(&self, key: &Key) -> Option<&Mutex<Shard>> {
        let [low, _] = halves(key.thing);
        self.shards.get(usize::try_from((low ^ u64::from(key.action)) % SHARDS as u64).unwrap_or(0))
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Verdict> {
        let mut shard = self.shard(key)?.lock();
        if let Some(found) = shard.young.get(key) {
            return Some(found.clone());
        }
        let found = shard.old.remove(key)?;
        shard.insert(*key, found.clone());
        Some(found)
    }

    pub(crate) fn insert(&self, key: Key, verdict: Verdict) {
        if let Some(shard) = self.shard(&key) {
            shard.lock().insert(key, verdict);
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock()).map(|shard| shard.young.len() + shard.old.len()).sum()
    }
}

impl Shard {
    fn insert(&mut self, key: Key, verdict: Verdict) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, verdict);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::fingerprint;

    fn key(number: u32) -> Key {
        Key { roles: 1, action: 2, thing: fingerprint(&number), how: 0 }
    }

    #[test]
    fn it_keeps_what_is_asked_and_stays_bounded() {
        let cache = Cache::default();
        let kept = key(u32::MAX);
        cache.insert(kept, Verdict::allowed(&["a/1".into()]));
        for number in 0..300_000 {
            cache.insert(key(number), Verdict::refused());
            assert!(number % 1000 != 0 || cache.get(&kept).is_some_and(|verdict| verdict.allowed), "{number}");
        }
        assert!(cache.len() <= SHARDS * 2 * GENERATION);
        assert!(cache.get(&key(0)).is_none(), "the oldest are forgotten");
        assert!(cache.get(&Key { roles: 2, ..kept }).is_none(), "other roles, another decision");
    }
}
