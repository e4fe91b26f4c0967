//! Headers of SPDY/3: pairs of names and values, packed by zlib with a dictionary of the protocol. All of one way share one stream of zlib,
//! so each must be unpacked, wanted or not.
//!
//! Source: SPDY Protocol, draft 3.1, section 2.6.10; the dictionary is the one printed there.

use flate2::{Decompress, FlushDecompress};

use super::super::Unreadable;

/// The dictionary.
const DICTIONARY: &[u8] = include_bytes!("spdy3.dict");
/// A frame's headers, unpacked; Kubernetes' take a hundred bytes.
const UNPACKED_MAX: usize = 16 * 1_024;
/// Unpacked at once.
const PIECE: usize = 1_024;

/// The headers of one way.
#[derive(Debug)]
pub(super) struct Headers {
    zlib: Decompress,
    unpacked: Vec<u8>,
}

impl Default for Headers {
    fn default() -> Self {
        Self { zlib: Decompress::new(true), unpacked: Vec::new() }
    }
}

const DAMAGED: Unreadable = Unreadable::Frame("headers of SPDY cannot be unpacked");

impl Headers {
    /// More of a frame's headers.
    pub(super) fn push(&mut self, mut packed: &[u8]) -> Result<(), Unreadable> {
        let mut piece = [0; PIECE];
        loop {
            let (read, made) = (self.zlib.total_in(), self.zlib.total_out());
            let unpacked = self.zlib.decompress(packed, &mut piece, FlushDecompress::Sync);
            let read = usize::try_from(self.zlib.total_in().saturating_sub(read)).unwrap_or(usize::MAX);
            let made = usize::try_from(self.zlib.total_out().saturating_sub(made)).unwrap_or(usize::MAX);
            packed = packed.get(read..).unwrap_or_default();
            match unpacked {
                Ok(flate2::Status::StreamEnd) => return Err(DAMAGED),
                Ok(_) => {}
                Err(error) if error.needs_dictionary().is_some() => {
                    self.zlib.set_dictionary(DICTIONARY).map_err(|_| DAMAGED)?;
                    continue;
                }
                Err(_) => return Err(DAMAGED),
            }
            self.unpacked.extend(piece.iter().take(made));
            if self.unpacked.len() > UNPACKED_MAX {
                return Err(Unreadable::TooLong);
            }
            // Room that was not filled: there is nothing more in what came.
            if packed.is_empty() && made < PIECE {
                return Ok(());
            }
            if read == 0 && made == 0 {
                return Err(DAMAGED);
            }
        }
    }

    /// The frame's headers are whole: the value of `streamtype`.
    pub(super) fn end(&mut self) -> Result<Option<Vec<u8>>, Unreadable> {
        let unpacked = std::mem::take(&mut self.unpacked);
        let mut rest = unpacked.as_slice();
        let count = length(&mut rest)?;
        let mut names: Vec<&[u8]> = Vec::new();
        let mut found = None;
        for _ in 0..count {
            let name = text(&mut rest)?;
            let value = text(&mut rest)?;
            // Readers differ in which of two they take, and in the case of letters.
            if names.contains(&name) || name.iter().any(u8::is_ascii_uppercase) {
                return Err(Unreadable::Frame("headers of SPDY could be read in two ways"));
            }
            names.push(name);
            if name == b"streamtype" {
                found = Some(value.to_vec());
            }
        }
        if rest.is_empty() { Ok(found) } else { Err(DAMAGED) }
    }
}

fn length(rest: &mut &[u8]) -> Result<usize, Unreadable> {
    let (number, behind) = rest.split_first_chunk::<4>().ok_or(DAMAGED)?;
    *rest = behind;
    usize::try_from(u32::from_be_bytes(*number)).map_err(|_| DAMAGED)
}

fn text<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], Unreadable> {
    let length = length(rest)?;
    let (text, behind) = rest.split_at_checked(length).ok_or(DAMAGED)?;
    *rest = behind;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dictionary_is_the_protocols() {
        // The checksum by which every peer names it.
        let (mut low, mut high) = (1_u32, 0_u32);
        for byte in DICTIONARY {
            low = (low + u32::from(*byte)) % 65_521;
            high = (high + low) % 65_521;
        }
        assert_eq!((DICTIONARY.len(), high << 16 | low), (1_423, 0xe3c6_a7c2));
    }
}
