//! The wire format of protobuf, as far as it is needed.

use crate::filter::FilterError;

/// The longest a varint can be.
const VARINT_MAX: usize = 10;

/// One field of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field<'a> {
    /// A text, bytes or a message.
    Bytes(u32, &'a [u8]),
    /// Anything else.
    Other(u32),
}

/// The number that `bytes` begin with and its length; `None` when more must come first.
fn varint(bytes: &[u8]) -> Result<Option<(u64, usize)>, FilterError> {
    let mut number = 0_u64;
    for (at, byte) in bytes.iter().take(VARINT_MAX).enumerate() {
        let part = u64::from(byte & 0x7f);
        let shift = 7 * u32::try_from(at).unwrap_or(u32::MAX);
        // The tenth byte has room for one bit.
        if at + 1 == VARINT_MAX && part > 1 {
            return Err(FilterError::Malformed("a number is too great"));
        }
        number |= part << shift;
        if byte & 0x80 == 0 {
            return Ok(Some((number, at + 1)));
        }
    }
    if bytes.len() < VARINT_MAX { Ok(None) } else { Err(FilterError::Malformed("a number has no end")) }
}

/// A field's number, its kind on the wire, and the length of both.
fn tag(bytes: &[u8]) -> Result<Option<(u32, u8, usize)>, FilterError> {
    let Some((tag, len)) = varint(bytes)? else { return Ok(None) };
    let number = u32::try_from(tag >> 3).ok().filter(|number| *number != 0);
    let number = number.ok_or(FilterError::Malformed("a field has no number"))?;
    Ok(Some((number, u8::try_from(tag & 7).unwrap_or_default(), len)))
}

/// The beginning of a field of bytes: its number, how long what it holds is, and how long the beginning is. `None` when more must come
/// first.
pub(super) fn beginning(bytes: &[u8]) -> Result<Option<(u32, usize, usize)>, FilterError> {
    let Some((number, kind, tag_len)) = tag(bytes)? else { return Ok(None) };
    if kind != 2 {
        return Err(FilterError::Malformed("a field is of another kind than it should be"));
    }
    let Some((len, len_len)) = varint(bytes.get(tag_len..).unwrap_or_default())? else { return Ok(None) };
    let len = usize::try_from(len).map_err(|_| FilterError::TooLong("a field"))?;
    Ok(Some((number, len, tag_len + len_len)))
}

/// The fields of a message that is whole.
pub(super) fn fields(mut bytes: &[u8]) -> impl Iterator<Item = Result<Field<'_>, FilterError>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let field = field(&mut bytes);
        if field.is_err() {
            bytes = &[];
        }
        Some(field)
    })
}

fn field<'a>(bytes: &mut &'a [u8]) -> Result<Field<'a>, FilterError> {
    const CUT: FilterError = FilterError::Malformed("a message ends within a field");
    let (number, kind, tag_len) = tag(bytes)?.ok_or(CUT)?;
    let behind = bytes.get(tag_len..).unwrap_or_default();
    let (skip, len) = match kind {
        0 => (varint(behind)?.ok_or(CUT)?.1, 0),
        1 => (8, 0),
        2 => {
            let (len, len_len) = varint(behind)?.ok_or(CUT)?;
            (len_len, usize::try_from(len).map_err(|_| CUT)?)
        }
        5 => (4, 0),
        _ => return Err(FilterError::Malformed("a field is of a kind that is not known")),
    };
    let (_, held) = behind.split_at_checked(skip).ok_or(CUT)?;
    let (held, rest) = held.split_at_checked(len).ok_or(CUT)?;
    *bytes = rest;
    Ok(if kind == 2 { Field::Bytes(number, held) } else { Field::Other(number) })
}

/// Adds a field of bytes.
pub(super) fn put(number: u32, held: &[u8], out: &mut Vec<u8>) {
    put_beginning(number, held.len() as u64, out);
    out.extend_from_slice(held);
}

/// Adds the beginning of a field that holds `len` bytes.
pub(super) fn put_beginning(number: u32, len: u64, out: &mut Vec<u8>) {
    put_varint(u64::from(number) << 3 | 2, out);
    put_varint(len, out);
}

fn put_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut bytes = Vec::new();
            put_varint(number, &mut bytes);
            assert_eq!(varint(&bytes).unwrap(), Some((number, bytes.len())));
            let (_, short) = bytes.split_last().unwrap();
            assert_eq!(varint(short).unwrap(), None);
        }
        assert!(varint(&[0xff; 10]).is_err());
        assert!(varint(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02]).is_err());
    }

    #[test]
    fn fields_are_told_apart() {
        let mut bytes = vec![0x08, 0x96, 0x01];
        put(2, b"name", &mut bytes);
        bytes.extend_from_slice(&[0x1d, 1, 2, 3, 4, 0x21, 1, 2, 3, 4, 5, 6, 7, 8]);
        let found: Vec<_> = fields(&bytes).collect::<Result<_, _>>().unwrap();
        assert_eq!(found, [Field::Other(1), Field::Bytes(2, b"name"), Field::Other(3), Field::Other(4)]);
        for bad in [&[0x12_u8, 5, 1][..], &[0x00, 1], &[0x0b], &[0x1d, 1], &[0x12]] {
            assert!(fields(bad).any(|field| field.is_err()), "{bad:?}");
        }
    }
}
