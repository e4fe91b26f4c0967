//! The one place that writes to the terminal.

use std::io::Write;

/// A line of result.
pub(crate) fn line(text: &str) {
    // When nobody reads any more there is nobody to tell.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A line about how it goes.
pub(crate) fn progress(text: &str) {
    let _ = writeln!(std::io::stderr(), "mc-bench: {text}");
}
