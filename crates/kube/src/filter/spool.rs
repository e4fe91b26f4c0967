//! What must wait until an answer is complete: in memory while it is short, then in a file that has no name.

use std::{
    fs::File,
    io::{Read as _, Seek as _, Write as _},
};

use super::FilterError;

/// As much stays in memory.
const MEMORY: usize = 4 << 20;
/// More is not kept.
const SPOOL_MAX: u64 = 1 << 30;
/// A piece of what is given out.
const PIECE: usize = 64 << 10;

/// Bytes that wait.
#[derive(Debug, Default)]
pub(super) struct Spool {
    memory: Vec<u8>,
    file: Option<File>,
    len: u64,
}

impl Spool {
    /// How many there are.
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), FilterError> {
        self.len += bytes.len() as u64;
        if self.len > SPOOL_MAX {
            return Err(FilterError::TooLong("all that may be seen; ask for a part of it with limit= or for JSON"));
        }
        self.memory.extend_from_slice(bytes);
        if self.memory.len() > MEMORY { self.spill().map_err(FilterError::Spool) } else { Ok(()) }
    }

    fn spill(&mut self) -> std::io::Result<()> {
        if self.file.is_none() {
            self.file = Some(tempfile::tempfile()?);
        }
        if let Some(file) = &mut self.file {
            file.write_all(&self.memory)?;
            self.memory.clear();
        }
        Ok(())
    }

    /// All of it, between what is said before and after it.
    pub(super) fn between(mut self, before: Vec<u8>, after: Vec<u8>) -> Result<Rest, FilterError> {
        if let Some(file) = &mut self.file {
            file.rewind().map_err(FilterError::Spool)?;
        }
        let pieces = if self.file.is_some() { [before, Vec::new()] } else { [before, std::mem::take(&mut self.memory)] };
        Ok(Rest { before: pieces.into_iter().rev().collect(), file: self.file, behind: vec![after, self.memory] })
    }
}

/// What is left to give out when a body has ended, in pieces.
#[derive(Debug, Default)]
pub struct Rest {
    /// Last first.
    before: Vec<Vec<u8>>,
    file: Option<File>,
    /// Last first.
    behind: Vec<Vec<u8>>,
}

impl Iterator for Rest {
    type Item = Result<Vec<u8>, FilterError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(piece) = self.before.pop() {
            return Some(Ok(piece));
        }
        if let Some(file) = &mut self.file {
            let mut piece = Vec::with_capacity(PIECE);
            match file.take(PIECE as u64).read_to_end(&mut piece) {
                Ok(0) => self.file = None,
                Ok(_) => return Some(Ok(piece)),
                Err(error) => {
                    *self = Self::default();
                    return Some(Err(FilterError::Spool(error)));
                }
            }
        }
        self.behind.pop().map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_in_comes_out_whether_it_fits_or_not() {
        for total in [0_usize, 10, MEMORY, MEMORY + 1, 3 * MEMORY + 17] {
            let mut spool = Spool::default();
            let bytes: Vec<u8> = (0..total).map(|at| u8::try_from(at % 251).unwrap()).collect();
            for piece in bytes.chunks(1_000_003) {
                spool.write(piece).unwrap();
            }
            assert_eq!(spool.len(), total as u64);
            let rest = spool.between(b"before".to_vec(), b"after".to_vec()).unwrap();
            let out: Vec<u8> = rest.flat_map(Result::unwrap).collect();
            assert!(out == [b"before".as_slice(), &bytes, b"after"].concat(), "{total}");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut spool = Spool::default();
        for _ in 0..8 {
            spool.write(&vec![7; MEMORY]).unwrap();
            assert!(spool.memory.len() <= MEMORY);
        }
    }
}
