//! What a person prefers: how the page looks, in which time zone, with which filters it opens.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Smallest and largest text, in pixels.
pub const FONT_SIZE: std::ops::RangeInclusive<u8> = 12..=20;
/// Sharpest and roundest corners, in pixels.
pub const RADIUS: std::ops::RangeInclusive<u8> = 0..=16;
/// The most saved views, and the longest name and text of one.
pub const VIEWS_MAX: usize = 50;
const VIEW_NAME_MAX: usize = 64;
const VIEW_TEXT_MAX: usize = 1_000;
const TIME_ZONE_MAX: usize = 64;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $($variant:ident),+;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "the words say it themselves")]
        pub enum $name { #[default] $($variant),+ }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
        }
    )+};
}

words! {
    /// Light, dark, or what the machine prefers.
    Theme: System, Light, Dark;
    /// The one colour for what can be acted on.
    Accent: Blue, Teal, Green, Amber, Rose, Violet, Slate;
    /// How the rail on the left begins.
    Sidebar: Expanded, Collapsed;
    /// Whether things move; `system` follows `prefers-reduced-motion`.
    Animations: System, On, Off;
}

/// A person's preferences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Preferences {
    /// Light or dark.
    pub theme: Theme,
    /// Colour.
    pub accent: Accent,
    /// Size of text in pixels.
    pub font_size: u8,
    /// Roundness of corners in pixels.
    pub radius: u8,
    /// The rail.
    pub sidebar: Sidebar,
    /// Motion.
    pub animations: Animations,
    /// A name of the IANA database (`Europe/Berlin`); `None` is the browser's.
    pub time_zone: Option<String>,
    /// Default filters and saved views: a page's name and the query it opens with.
    pub views: BTreeMap<String, String>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            accent: Accent::default(),
            font_size: 14,
            radius: 6,
            sidebar: Sidebar::default(),
            animations: Animations::default(),
            time_zone: None,
            views: BTreeMap::new(),
        }
    }
}

/// Why preferences are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPreferences {
    /// Unreadable text.
    #[error("font_size must be between 12 and 20")]
    FontSize,
    /// Too round.
    #[error("radius must be at most 16")]
    Radius,
    /// No time zone.
    #[error("time_zone must be a name such as Europe/Berlin or UTC")]
    TimeZone,
    /// Too much to keep.
    #[error("at most 50 views can be kept, with names of up to 64 characters of a-z, 0-9, '.', '_' and '-', and texts of up to 1000")]
    Views,
}

impl Preferences {
    /// Whether they can be kept.
    ///
    /// # Errors
    /// [`BadPreferences`] names the first that cannot.
    pub fn check(&self) -> Result<(), BadPreferences> {
        if !FONT_SIZE.contains(&self.font_size) {
            return Err(BadPreferences::FontSize);
        }
        if !RADIUS.contains(&self.radius) {
            return Err(BadPreferences::Radius);
        }
        if self.time_zone.as_deref().is_some_and(|zone| !is_zone(zone)) {
            return Err(BadPreferences::TimeZone);
        }
        let good = |(name, text): (&String, &String)| is_view(name) && text.len() <= VIEW_TEXT_MAX && !text.chars().any(char::is_control);
        if self.views.len() > VIEWS_MAX || !self.views.iter().all(good) {
            return Err(BadPreferences::Views);
        }
        Ok(())
    }
}

fn is_zone(zone: &str) -> bool {
    zone.len() <= TIME_ZONE_MAX
        && zone.split('/').all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'+' | b'-'))
        })
}

fn is_view(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= VIEW_NAME_MAX
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_bounded() {
        let fine = Preferences { time_zone: Some("America/Argentina/Buenos_Aires".into()), ..Preferences::default() };
        assert_eq!(fine.check(), Ok(()));
        assert_eq!(Preferences { font_size: 40, ..fine.clone() }.check(), Err(BadPreferences::FontSize));
        assert_eq!(Preferences { radius: 17, ..fine.clone() }.check(), Err(BadPreferences::Radius));
        for zone in ["", "Europe/", "../etc/passwd", "Europe/Köln"] {
            assert_eq!(Preferences { time_zone: Some(zone.into()), ..fine.clone() }.check(), Err(BadPreferences::TimeZone), "{zone}");
        }
        let views = |name: &str, text: String| BTreeMap::from([(name.to_owned(), text)]);
        assert_eq!(Preferences { views: views("agents", "status=offline".into()), ..fine.clone() }.check(), Ok(()));
        assert_eq!(Preferences { views: views("agents", "x".repeat(1_001)), ..fine.clone() }.check(), Err(BadPreferences::Views));
        assert_eq!(Preferences { views: views("A b", String::new()), ..fine }.check(), Err(BadPreferences::Views));
    }
}
