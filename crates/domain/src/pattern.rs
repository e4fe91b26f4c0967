//! Patterns in rules: `web-*`, `team:*`, `*`.
//!
//! `*` stands for any number of characters. A star or backslash that is meant as itself is written `\*` and `\\`.

use std::{fmt, str::FromStr};

/// The longest pattern, in bytes.
pub const PATTERN_MAX: usize = 256;

/// A pattern that was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern(Vec<Piece>);

/// A piece of a pattern. Two stars are never neighbours, and no text is empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Piece {
    /// These characters, as they are.
    Text(String),
    /// Any number of any characters.
    Star,
}

/// Why a string is not a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    /// Nothing at all.
    #[error("a pattern cannot be empty: use * for any")]
    Empty,
    /// More than [`PATTERN_MAX`] bytes.
    #[error("a pattern has at most 256 bytes")]
    TooLong,
    /// A character that cannot be seen, or that changes the direction of the text around it.
    #[error("a pattern cannot have invisible characters, such as line ends")]
    Invisible,
    /// A backslash before something that needs none.
    #[error("a backslash stands only before * or another backslash")]
    Backslash,
}

/// Characters that show nothing, or that reorder what is shown: a rule must read as it works.
fn invisible(c: char) -> bool {
    let hidden =
        matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    hidden || c.is_control() || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

impl FromStr for Pattern {
    type Err = BadPattern;
    fn from_str(text: &str) -> Result<Self, BadPattern> {
        if text.is_empty() {
            return Err(BadPattern::Empty);
        }
        if text.len() > PATTERN_MAX {
            return Err(BadPattern::TooLong);
        }
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                c if invisible(c) => return Err(BadPattern::Invisible),
                '*' => {
                    flush(&mut pieces, &mut literal);
                    if pieces.last() != Some(&Piece::Star) {
                        pieces.push(Piece::Star);
                    }
                }
                '\\' => literal.push(chars.next().filter(|c| matches!(c, '*' | '\\')).ok_or(BadPattern::Backslash)?),
                c => literal.push(c),
            }
        }
        flush(&mut pieces, &mut literal);
        Ok(Self(pieces))
    }
}

fn flush(pieces: &mut Vec<Piece>, literal: &mut String) {
    if !literal.is_empty() {
        pieces.push(Piece::Text(std::mem::take(literal)));
    }
}

impl Pattern {
    /// The pattern that fits exactly `text`, which may be of any characters.
    #[must_use]
    pub fn exactly(text: &str) -> Self {
        Self(if text.is_empty() { Vec::new() } else { vec![Piece::Text(text.to_owned())] })
    }

    /// The pieces, in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Whether everything fits.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.0.as_slice() == [Piece::Star]
    }

    /// The one text that fits, when there is no star.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether `text` fits.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        let mut rest = text;
        let mut after_star = false;
        let mut pieces = self.0.iter().peekable();
        while let Some(piece) = pieces.next() {
            let Piece::Text(literal) = piece else {
                after_star = true;
                continue;
            };
            if pieces.peek().is_none() {
                return if after_star { rest.ends_with(literal.as_str()) } else { rest == literal };
            }
            let found =
                if after_star { rest.split_once(literal.as_str()).map(|(_, after)| after) } else { rest.strip_prefix(literal.as_str()) };
            let Some(after) = found else { return false };
            rest = after;
            after_star = false;
        }
        after_star || rest.is_empty()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.0 {
            match piece {
                Piece::Star => f.write_str("*")?,
                Piece::Text(text) => f.write_str(&text.replace('\\', "\\\\").replace('*', "\\*"))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, text: &str) -> bool {
        pattern.parse::<Pattern>().expect("a pattern").fits(text)
    }

    #[test]
    fn stars_stand_for_any_number_of_characters() {
        let yes = [("*", ""), ("*", "x"), ("web-*", "web-"), ("web-*", "web-1"), ("*-eu", "web-eu"), ("a*b*c", "aXbYc"), ("a*b*c", "abc")];
        for (pattern, text) in yes {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        let no = [("web-*", "web"), ("web", "web-1"), ("*-eu", "eu"), ("a*b*c", "acb"), ("a*a", "a"), ("w*", "W"), ("x**y", "xz")];
        for (pattern, text) in no {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
        assert!(fits("a*ab", "aab") && fits("**", "") && fits("x**y", "xy"));
    }

    #[test]
    fn stars_and_backslashes_can_be_meant() {
        assert!(fits(r"a\*", "a*") && !fits(r"a\*", "ab"));
        assert!(fits(r"a\\*", r"a\b") && !fits(r"a\\*", "ab"));
        assert_eq!(r"a\".parse::<Pattern>(), Err(BadPattern::Backslash));
        assert_eq!(r"a\n".parse::<Pattern>(), Err(BadPattern::Backslash));
        for text in [r"a\**b", r"\\", "*x*"] {
            assert_eq!(text.parse::<Pattern>().map(|p| p.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_does_not_show_is_refused() {
        for text in ["a\nb", "a\u{202e}b", "\u{200b}", "a\u{7}"] {
            assert_eq!(text.parse::<Pattern>(), Err(BadPattern::Invisible), "{text:?}");
        }
        assert_eq!("".parse::<Pattern>(), Err(BadPattern::Empty));
        assert_eq!("x".repeat(257).parse::<Pattern>(), Err(BadPattern::TooLong));
    }
}
