//! The path of a request: decoded once, refused where it is ambiguous, written in one way.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::Refusal;

/// No path is longer; the longest that Kubernetes' own clients make has five names of at most 253 letters.
pub(super) const PATH_MAX: usize = 8 * 1024;

/// What stands in a path as it is: the letters that no reader of URLs gives a meaning to within a part.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'@').remove(b'=');

/// A path in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    parts: Vec<String>,
    /// Whether it ends in a slash. The server does not mind for its own paths; what is behind a proxy may.
    ends_in_slash: bool,
}

impl Path {
    pub(super) fn read(path: &str) -> Result<Self, Refusal> {
        let inside = path.strip_prefix('/').filter(|_| path.len() <= PATH_MAX).ok_or(Refusal::Path)?;
        if inside.is_empty() {
            return Ok(Self { parts: Vec::new(), ends_in_slash: true });
        }
        let shorter = inside.strip_suffix('/');
        let parts = shorter.unwrap_or(inside).split('/').map(part).collect::<Result<_, _>>()?;
        Ok(Self { parts, ends_in_slash: shorter.is_some() })
    }

    pub(super) fn parts(&self) -> Vec<&str> {
        self.parts.iter().map(String::as_str).collect()
    }

    /// The path as the server has it when it has decoded it.
    pub(super) fn decoded(&self) -> String {
        self.written(str::to_owned)
    }

    /// The path as it is sent on.
    pub(super) fn canonical(&self) -> String {
        self.written(|part| utf8_percent_encode(part, ENCODED).to_string())
    }

    fn written(&self, write: impl Fn(&str) -> String) -> String {
        let parts: String = self.parts.iter().map(|part| format!("/{}", write(part))).collect();
        if self.ends_in_slash { format!("{parts}/") } else { parts }
    }
}

fn part(raw: &str) -> Result<String, Refusal> {
    if raw.is_empty() {
        return Err(Refusal::EmptyPart);
    }
    // Of what stands before the question mark, these can only be somebody's attempt.
    if raw.contains(['?', '#']) {
        return Err(Refusal::Character);
    }
    let decoded = decoded(raw)?;
    if matches!(decoded.as_str(), "." | "..") {
        return Err(Refusal::DotPart);
    }
    if decoded.contains(|c: char| matches!(c, '/' | '%' | '\\') || c.is_control()) {
        return Err(Refusal::Character);
    }
    Ok(decoded)
}

/// Decodes percent signs, each of which must encode something.
pub(super) fn decoded(raw: &str) -> Result<String, Refusal> {
    let encodes = |rest: &str| rest.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    if !raw.split('%').skip(1).all(encodes) {
        return Err(Refusal::Encoding);
    }
    Ok(percent_decode_str(raw).decode_utf8().map_err(|_| Refusal::Encoding)?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(path: &str) -> Result<String, Refusal> {
        Path::read(path).map(|path| path.canonical())
    }

    #[test]
    fn one_spelling_for_each_meaning() {
        assert_eq!(canonical("/").unwrap(), "/");
        assert_eq!(canonical("/api/v1/").unwrap(), "/api/v1/");
        assert_eq!(canonical("/a/system%3anode").unwrap(), "/a/system:node");
        assert_eq!(canonical("/a/%70ods").unwrap(), "/a/pods");
        assert_eq!(canonical("/a/b c;d!").unwrap(), "/a/b%20c%3Bd%21");
        assert_eq!(canonical("/a/ä").unwrap(), "/a/%C3%A4");
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let refused = [
            ("", Refusal::Path),
            ("api", Refusal::Path),
            ("*", Refusal::Path),
            ("//api", Refusal::EmptyPart),
            ("//", Refusal::EmptyPart),
            ("/api//v1", Refusal::EmptyPart),
            ("/api/v1//", Refusal::EmptyPart),
            ("/api/./v1", Refusal::DotPart),
            ("/api/../v1", Refusal::DotPart),
            ("/api/%2e%2E", Refusal::DotPart),
            ("/api/.%2e/", Refusal::DotPart),
            ("/api/a%2fb", Refusal::Character),
            ("/api/a%252fb", Refusal::Character),
            ("/api/a\\b", Refusal::Character),
            ("/api/a%5Cb", Refusal::Character),
            ("/api/a%00", Refusal::Character),
            ("/api/a%0d%0a", Refusal::Character),
            ("/api/a%C2%85", Refusal::Character),
            ("/api/a?b", Refusal::Character),
            ("/api/a#b", Refusal::Character),
            ("/api/a%", Refusal::Encoding),
            ("/api/a%2", Refusal::Encoding),
            ("/api/a%zz", Refusal::Encoding),
            ("/api/a%+1", Refusal::Encoding),
            ("/api/a%ff", Refusal::Encoding),
            ("/api/a%C0%AE", Refusal::Encoding),
        ];
        for (path, refusal) in refused {
            assert_eq!(canonical(path).unwrap_err(), refusal, "{path}");
        }
        assert_eq!(canonical(&format!("/{}", "a".repeat(PATH_MAX))).unwrap_err(), Refusal::Path);
    }
}
