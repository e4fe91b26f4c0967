//! `[recordings]`: sessions that are recorded.

use std::time::Duration;

use anyhow::bail;
use mc_app::settings::RecordingSettings;
use serde::Deserialize;

use super::{duration, truth};

/// Recorded sessions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Recordings {
    /// Whether what is typed is recorded too, passwords with it.
    #[serde(deserialize_with = "truth")]
    pub(crate) stdin: bool,
    /// The most text that is kept of one session, in MiB.
    #[serde(deserialize_with = "number")]
    pub(crate) max_mib: u32,
    /// How long recordings are kept.
    #[serde(deserialize_with = "duration")]
    pub(crate) retention: Duration,
}

impl Default for Recordings {
    fn default() -> Self {
        Self { stdin: false, max_mib: 64, retention: Duration::from_secs(90 * 86_400) }
    }
}

impl Recordings {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        if self.retention < Duration::from_secs(86_400) {
            bail!("recordings.retention must be at least 1day");
        }
        if !(1..=4_096).contains(&self.max_mib) {
            bail!("recordings.max_mib must be between 1 and 4096");
        }
        Ok(())
    }

    pub(super) fn settings(&self) -> RecordingSettings {
        RecordingSettings { stdin: self.stdin, max_bytes: u64::from(self.max_mib) * 1_024 * 1_024, retention: self.retention }
    }
}

/// A number; the environment gives it as text.
fn number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Number(u32),
        Text(String),
    }
    match Given::deserialize(from)? {
        Given::Number(number) => Ok(number),
        Given::Text(text) => text.parse().map_err(|_| serde::de::Error::custom(format!("{text:?} is no whole number"))),
    }
}
