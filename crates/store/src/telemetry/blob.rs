//! How the values of a metric row are packed.
//!
//! For each metric: a tag (`number × 2`, plus 1 when the extremes differ from the average) as a LEB128 number, then the average as a
//! little-endian `f32`, then, if the tag says so, minimum and maximum. Fifteen single values take 75 bytes. `f32` keeps seven digits, which is
//! more than a chart shows.

use mc_domain::metric::Metric;

use crate::error::StoreError;

/// A value over a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stat {
    pub(crate) min: f32,
    pub(crate) avg: f32,
    pub(crate) max: f32,
}

impl Stat {
    /// A single measurement; `None` for what is no finite number.
    pub(crate) fn single(value: f64) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, reason = "seven digits are kept on purpose")]
        let value = value as f32;
        value.is_finite().then_some(Self { min: value, avg: value, max: value })
    }

    #[expect(clippy::float_cmp, reason = "bit-for-bit equality is what saves the space")]
    fn is_single(self) -> bool {
        self.min == self.avg && self.max == self.avg
    }
}

/// Packs values.
pub(crate) fn pack(values: &[(Metric, Stat)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(values.len() * 9);
    for (metric, stat) in values {
        let mut tag = u32::from(metric.0) << 1 | u32::from(!stat.is_single());
        while tag > 0x7f {
            bytes.extend((tag | 0x80).to_le_bytes().first());
            tag >>= 7;
        }
        bytes.extend(tag.to_le_bytes().first());
        bytes.extend(stat.avg.to_le_bytes());
        if !stat.is_single() {
            bytes.extend(stat.min.to_le_bytes());
            bytes.extend(stat.max.to_le_bytes());
        }
    }
    bytes
}

/// Unpacks values.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Vec<(Metric, Stat)>, StoreError> {
    let mut values = Vec::with_capacity(bytes.len() / 5);
    let mut rest = bytes;
    while !rest.is_empty() {
        let tag = number(&mut rest).ok_or_else(damaged)?;
        let metric = u16::try_from(tag >> 1).map_err(|_| damaged())?;
        let avg = float(&mut rest).ok_or_else(damaged)?;
        let (min, max) =
            if tag & 1 == 0 { (avg, avg) } else { (float(&mut rest).ok_or_else(damaged)?, float(&mut rest).ok_or_else(damaged)?) };
        values.push((Metric(metric), Stat { min, avg, max }));
    }
    Ok(values)
}

fn damaged() -> StoreError {
    StoreError::unreadable("metric row")
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let mut number = 0;
    for place in 0..3 {
        let (byte, tail) = rest.split_first()?;
        *rest = tail;
        number |= u32::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn float(rest: &mut &[u8]) -> Option<f32> {
    let (bytes, tail) = rest.split_first_chunk::<4>()?;
    *rest = tail;
    Some(f32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_packing() {
        let values = vec![
            (Metric(0), Stat { min: 0.5, avg: 1.5, max: 99.0 }),
            (Metric(1), Stat::single(8e9).expect("finite")),
            (Metric(63), Stat::single(-1.0).expect("finite")),
            (Metric(64), Stat { min: 0.0, avg: 0.0, max: 1.0 }),
            (Metric(u16::MAX), Stat::single(3.0).expect("finite")),
        ];
        assert_eq!(unpack(&pack(&values)).expect("whole"), values);
    }

    #[test]
    fn a_sample_of_every_metric_is_small() {
        let values: Vec<_> = (0..15).map(|n| (Metric(n), Stat::single(f64::from(n)).expect("finite"))).collect();
        assert_eq!(pack(&values).len(), 75);
    }

    #[test]
    fn damage_is_an_error_and_no_number_is_made_up() {
        let whole = pack(&[(Metric(7), Stat { min: 1.0, avg: 2.0, max: 3.0 })]);
        for cut in 1..whole.len() {
            assert!(unpack(&whole[..cut]).is_err(), "cut at {cut}");
        }
        assert!(unpack(&[0xff, 0xff, 0xff, 0xff]).is_err());
        assert!(Stat::single(f64::NAN).is_none());
        assert!(Stat::single(1e300).is_none());
    }
}
