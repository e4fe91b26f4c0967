//! Version negotiation: both sides offer a range, the highest common version is spoken.

/// The oldest protocol version this build speaks.
pub const OLDEST: u32 = 1;
/// The newest protocol version this build speaks.
pub const NEWEST: u32 = 1;

/// The peer speaks no version that we speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the agent speaks protocol {min} to {max}, this server {OLDEST} to {NEWEST}: update the older of the two")]
pub struct NoCommonVersion {
    /// The peer's oldest.
    pub min: u32,
    /// The peer's newest.
    pub max: u32,
}

/// The version to speak with a peer that offers `min` to `max`.
///
/// # Errors
/// When the ranges do not meet.
pub const fn negotiate(min: u32, max: u32) -> Result<u32, NoCommonVersion> {
    let highest = if max < NEWEST { max } else { NEWEST };
    if highest < min || highest < OLDEST || min > max {
        return Err(NoCommonVersion { min, max });
    }
    Ok(highest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_common_version_wins() {
        assert_eq!(negotiate(1, 1), Ok(1));
        assert_eq!(negotiate(1, 9), Ok(1));
        assert!(negotiate(2, 9).is_err());
        assert!(negotiate(0, 0).is_err());
        assert!(negotiate(3, 1).is_err());
    }
}
