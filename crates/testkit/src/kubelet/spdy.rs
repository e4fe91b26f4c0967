//! SPDY/3.1, as far as Kubernetes uses it: frames written and read by the specification, apart from the code that is tested with them.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

/// The dictionary of SPDY/3's headers.
const DICTIONARY: &[u8] = include_bytes!("../../../kube/src/session/spdy/spdy3.dict");

/// Nothing more comes on this stream from whoever sends it.
pub const FIN: u8 = 1;

/// Headers: names and values.
pub type Headers = BTreeMap<String, String>;

/// A frame that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A stream is opened.
    SynStream(u32, Headers),
    /// Bytes of a stream, and whether they are its last.
    Data(u32, Vec<u8>, bool),
    /// Is anybody there?
    Ping(u32),
    /// Of another type.
    Other(u16),
}

/// Writes frames of one way.
#[derive(Debug)]
pub struct Writer {
    zlib: Compress,
}

impl Default for Writer {
    fn default() -> Self {
        let mut zlib = Compress::new(Compression::best(), true);
        zlib.set_dictionary(DICTIONARY).expect("a new stream takes a dictionary");
        Self { zlib }
    }
}

fn control(kind: u16, flags: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80, 3];
    frame.extend(kind.to_be_bytes());
    frame.push(flags);
    frame.extend(&u32::try_from(body.len()).expect("short").to_be_bytes()[1..]);
    frame.extend(body);
    frame
}

impl Writer {
    /// Opens a stream.
    pub fn syn_stream(&mut self, stream: u32, flags: u8, headers: &[(&str, &str)]) -> Vec<u8> {
        let mut body = stream.to_be_bytes().to_vec();
        body.extend([0; 6]);
        body.extend(self.pack(headers));
        control(1, flags, &body)
    }

    /// Answers to one that was opened.
    pub fn syn_reply(&mut self, stream: u32, headers: &[(&str, &str)]) -> Vec<u8> {
        let mut body = stream.to_be_bytes().to_vec();
        body.extend(self.pack(headers));
        control(2, 0, &body)
    }

    /// More headers of a stream.
    pub fn headers(&mut self, stream: u32, headers: &[(&str, &str)]) -> Vec<u8> {
        let mut body = stream.to_be_bytes().to_vec();
        body.extend(self.pack(headers));
        control(8, 0, &body)
    }

    /// Bytes of a stream.
    #[must_use]
    pub fn data(stream: u32, flags: u8, bytes: &[u8]) -> Vec<u8> {
        let mut frame = stream.to_be_bytes().to_vec();
        frame.push(flags);
        frame.extend(&u32::try_from(bytes.len()).expect("short").to_be_bytes()[1..]);
        frame.extend(bytes);
        frame
    }

    /// Any other frame.
    #[must_use]
    pub fn other(kind: u16, body: &[u8]) -> Vec<u8> {
        control(kind, 0, body)
    }

    fn pack(&mut self, headers: &[(&str, &str)]) -> Vec<u8> {
        let mut plain = u32::try_from(headers.len()).expect("few").to_be_bytes().to_vec();
        for text in headers.iter().flat_map(|(name, value)| [name, value]) {
            plain.extend(u32::try_from(text.len()).expect("short").to_be_bytes());
            plain.extend(text.as_bytes());
        }
        let mut packed = Vec::with_capacity(plain.len() + 256);
        self.zlib.compress_vec(&plain, &mut packed, FlushCompress::Sync).expect("compresses");
        packed
    }
}

/// Reads frames of one way.
#[derive(Debug)]
pub struct Reader {
    bytes: Vec<u8>,
    zlib: Decompress,
}

impl Default for Reader {
    fn default() -> Self {
        Self { bytes: Vec::new(), zlib: Decompress::new(true) }
    }
}

impl Reader {
    /// What came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next frame, once it is whole.
    ///
    /// # Errors
    /// When it is none.
    pub fn frame(&mut self) -> Result<Option<Frame>> {
        let Some(head) = self.bytes.first_chunk::<8>().copied() else { return Ok(None) };
        let length = u32::from_be_bytes([0, head[5], head[6], head[7]]) as usize;
        if self.bytes.len() < 8 + length {
            return Ok(None);
        }
        let body: Vec<u8> = self.bytes.drain(..8 + length).skip(8).collect();
        let first = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        if head[0] & 0x80 == 0 {
            return Ok(Some(Frame::Data(first, body, head[4] & FIN != 0)));
        }
        ensure!(u16::from_be_bytes([head[0] & 0x7f, head[1]]) == 3, "not SPDY/3");
        let number = |bytes: &[u8]| bytes.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes));
        Ok(Some(match (u16::from_be_bytes([head[2], head[3]]), number(&body)) {
            (1, Some(stream)) if body.len() >= 10 => Frame::SynStream(stream, self.unpack(&body[10..])?),
            (2 | 8, Some(_)) => {
                self.unpack(&body[4..])?;
                Frame::Other(2)
            }
            (6, Some(id)) => Frame::Ping(id),
            (1 | 2 | 6 | 8, _) => bail!("a frame is too short"),
            (other, _) => Frame::Other(other),
        }))
    }

    fn unpack(&mut self, packed: &[u8]) -> Result<Headers> {
        let (mut plain, mut rest) = (Vec::with_capacity(4_096), packed);
        while !rest.is_empty() {
            let read = self.zlib.total_in();
            match self.zlib.decompress_vec(rest, &mut plain, FlushDecompress::Sync) {
                Ok(_) => plain.reserve(4_096),
                Err(error) if error.needs_dictionary().is_some() => {
                    self.zlib.set_dictionary(DICTIONARY)?;
                }
                Err(error) => return Err(error.into()),
            }
            rest = rest.get(usize::try_from(self.zlib.total_in() - read)?..).unwrap_or_default();
        }
        let mut plain = plain.as_slice();
        let number = |plain: &mut &[u8]| -> Result<usize> {
            let Some((number, rest)) = plain.split_first_chunk::<4>() else { bail!("headers are too short") };
            *plain = rest;
            Ok(usize::try_from(u32::from_be_bytes(*number))?)
        };
        let count = number(&mut plain)?;
        let mut headers = Headers::new();
        for _ in 0..count {
            let mut texts = [String::new(), String::new()];
            for text in &mut texts {
                let length = number(&mut plain)?;
                let Some((bytes, rest)) = plain.split_at_checked(length) else { bail!("headers are too short") };
                *text = String::from_utf8(bytes.to_vec())?;
                plain = rest;
            }
            let [name, value] = texts;
            headers.insert(name, value);
        }
        Ok(headers)
    }
}
