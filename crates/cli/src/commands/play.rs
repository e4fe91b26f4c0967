//! Playing an asciicast in this terminal.
//!
//! A recording holds what a program printed in somebody else's terminal. Colours and the cursor's ways are played; what would make this
//! terminal answer, or change what is outside its screen (title, clipboard), is left out.

use std::time::{Duration, Instant};

use mc_client::Download;

use crate::{app::App, failure::Failure};

/// The longest line of a recording; the server's are far shorter.
const LINE_MAX: usize = 8 * 1_024 * 1_024;
/// Puts right what the recording may have left: colours, the cursor, the other screen.
const AFTER: &str = "\u{1b}[0m\u{1b}[?25h\u{1b}[?1049l\r\n";

/// How fast.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// So many times as fast.
    pub(crate) speed: f64,
    /// The longest pause.
    pub(crate) longest: Option<Duration>,
    /// As it comes.
    pub(crate) live: bool,
}

/// Plays it; without a pace, all at once and as it is.
pub(crate) async fn play(app: &App, mut cast: Download, pace: Option<Pace>) -> Result<(), Failure> {
    let played = tokio::select! {
        played = events(app, &mut cast, pace) => played,
        _ = tokio::signal::ctrl_c() => Ok(()),
    };
    if pace.is_some() {
        app.out.bytes(AFTER.as_bytes())?;
    }
    played
}

async fn events(app: &App, cast: &mut Download, pace: Option<Pace>) -> Result<(), Failure> {
    let (mut buffer, mut screen) = (Vec::new(), Screen::default());
    let mut clock = Played { began: Instant::now(), skipped: Duration::ZERO, last: Duration::ZERO };
    while let Some(piece) = cast.next().await? {
        buffer.extend_from_slice(&piece);
        let whole = buffer.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if buffer.len() - whole > LINE_MAX {
            return Err(Failure::failed("the recording has a line that is too long".to_owned()));
        }
        for line in buffer.drain(..whole).collect::<Vec<u8>>().split(|byte| *byte == b'\n') {
            let Some((at, text)) = printed(line) else { continue };
            match pace {
                None => app.out.bytes(text.as_bytes())?,
                Some(pace) => {
                    if let Some(wait) = clock.wait(at, pace) {
                        tokio::time::sleep(wait).await;
                    }
                    app.out.bytes(screen.safe(&text).as_bytes())?;
                }
            }
        }
    }
    Ok(())
}

/// What a line of the recording printed, and when. The head, what was typed and sizes print nothing.
fn printed(line: &[u8]) -> Option<(Duration, String)> {
    let (at, code, text): (f64, String, String) = serde_json::from_slice(line).ok()?;
    let at = Duration::try_from_secs_f64(at).ok()?;
    (code == "o").then_some((at, text))
}

/// How far it was played.
struct Played {
    began: Instant,
    /// Of the recording, what was left out of its pauses.
    skipped: Duration,
    last: Duration,
}

impl Played {
    /// How long to wait for what was printed then.
    fn wait(&mut self, at: Duration, pace: Pace) -> Option<Duration> {
        if pace.live {
            return None;
        }
        let pause = at.saturating_sub(self.last);
        self.skipped += pause.saturating_sub(pace.longest.unwrap_or(Duration::MAX));
        self.last = at;
        let due = at.saturating_sub(self.skipped).div_f64(pace.speed);
        due.checked_sub(self.began.elapsed())
    }
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Escape,
    /// `ESC [ … letter`, as far as it came.
    Sequence(String),
    /// A text to the terminal itself, until `BEL` or `ESC \`; whether the last was `ESC`.
    Outside(bool),
}

/// Lets through what stays on the screen.
#[derive(Debug, Default)]
struct Screen(State);

impl Screen {
    fn safe(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            self.0 = match std::mem::take(&mut self.0) {
                State::Text | State::Outside(true) if c == '\u{1b}' => State::Escape,
                State::Text => {
                    // `ENQ` is answered; the rest of these are escapes in one character.
                    if c != '\u{5}' && !('\u{80}'..='\u{9f}').contains(&c) {
                        out.push(c);
                    }
                    State::Text
                }
                State::Escape => match c {
                    '[' => State::Sequence(String::new()),
                    ']' | 'P' | 'X' | '^' | '_' => State::Outside(false),
                    // `ESC Z` is answered.
                    'Z' | '\\' => State::Text,
                    '\u{1b}' => State::Escape,
                    c => {
                        out.extend(['\u{1b}', c]);
                        State::Text
                    }
                },
                State::Sequence(mut sequence) => match c {
                    '\u{40}'..='\u{7e}' => {
                        if !is_outside(&sequence, c) {
                            out.push_str("\u{1b}[");
                            out.push_str(&sequence);
                            out.push(c);
                        }
                        State::Text
                    }
                    '\u{20}'..='\u{3f}' if sequence.len() < 64 => {
                        sequence.push(c);
                        State::Sequence(sequence)
                    }
                    _ => State::Text,
                },
                State::Outside(_) if c == '\u{7}' => State::Text,
                State::Outside(true) if c == '\\' => State::Text,
                State::Outside(_) => State::Outside(c == '\u{1b}'),
            };
        }
        out
    }
}

/// Sequences that are answered, or are about the window.
fn is_outside(sequence: &str, last: char) -> bool {
    matches!(last, 'n' | 'c' | 't' | 'x' | 'y') || (last == 'q' && sequence.starts_with('>')) || (last == 'p' && sequence.contains('$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_on_the_screen_is_played() {
        let plain = "a\u{1b}[31mred\u{1b}[0m\r\n\u{1b}[2J\u{1b}[1;1Hä\u{1b}[?1049h\u{1b}(B\u{1b}7\u{1b}[6 q";
        assert_eq!(Screen::default().safe(plain), plain);
    }

    #[test]
    fn what_does_not_stay_there_is_left_out() {
        for outside in [
            "\u{1b}]0;title\u{7}",
            "\u{1b}]52;c;ZWNobyBvd25lZA==\u{1b}\\",
            "\u{1b}P$qm\u{1b}\\",
            "\u{1b}[6n",
            "\u{1b}[c",
            "\u{1b}[>c",
            "\u{1b}[21t",
            "\u{1b}[>q",
            "\u{1b}[?2026$p",
            "\u{1b}Z",
            "\u{5}",
            "\u{9d}0;x\u{9c}",
        ] {
            let (mut whole, mut pieces) = (Screen::default(), Screen::default());
            let text = format!("a{outside}b");
            let rest = if outside.starts_with('\u{9d}') { "a0;xb" } else { "ab" };
            assert_eq!(whole.safe(&text), rest, "{outside:?}");
            assert_eq!(text.chars().map(|c| pieces.safe(&c.to_string())).collect::<String>(), rest, "{outside:?} in pieces");
        }
    }

    #[test]
    fn pauses_are_as_long_as_asked_for() {
        let wait = |pace: Pace, times: &[u64]| {
            let mut clock = Played { began: Instant::now() + Duration::from_secs(1_000), skipped: Duration::ZERO, last: Duration::ZERO };
            times.iter().filter_map(|at| clock.wait(Duration::from_secs(*at), pace)).map(|wait| wait.as_secs()).collect::<Vec<_>>()
        };
        let pace = Pace { speed: 1.0, longest: None, live: false };
        assert_eq!(wait(pace, &[1, 2, 100]), [1, 2, 100]);
        assert_eq!(wait(Pace { speed: 2.0, ..pace }, &[2, 100]), [1, 50]);
        assert_eq!(wait(Pace { longest: Some(Duration::from_secs(5)), ..pace }, &[1, 100, 101, 200]), [1, 6, 7, 12]);
        assert!(wait(Pace { live: true, ..pace }, &[1, 100]).is_empty());
    }

    #[test]
    fn only_what_was_printed_is_played() {
        assert_eq!(printed(br#"[1.5,"o","x"]"#), Some((Duration::from_millis(1_500), "x".to_owned())));
        for line in [r#"{"version":2}"#, r#"[1,"i","x"]"#, r#"[1,"r","80x24"]"#, r#"[-1,"o","x"]"#, ""] {
            assert_eq!(printed(line.as_bytes()), None, "{line}");
        }
    }
}
