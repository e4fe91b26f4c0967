//! The query of a request: its parameters in order, decoded once, written in one way.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Refusal, path::decoded};

/// No query is longer. A command line for `exec` stands in one.
pub(super) const QUERY_MAX: usize = 64 * 1024;

/// What stands in a query as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Parameters and their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn read(query: &str) -> Result<Self, Refusal> {
        if query.len() > QUERY_MAX {
            return Err(Refusal::QueryLength);
        }
        if query.contains(';') {
            return Err(Refusal::Semicolon);
        }
        if query.contains('#') {
            return Err(Refusal::Encoding);
        }
        // `a&&b` are two: nobody reads a parameter without a name and a value out of nothing.
        query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect::<Result<_, _>>().map(Self)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values of a parameter, in order.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that may be given once only.
    pub(super) fn one(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        let mut values = self.values(name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Refusal::Repeated(name)),
            (value, None) => Ok(value),
        }
    }

    pub(super) fn canonical(&self) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
        let pairs: Vec<String> = self.0.iter().map(|(key, value)| format!("{}={}", encoded(key), encoded(value))).collect();
        pairs.join("&")
    }
}

fn pair(raw: &str) -> Result<(String, String), Refusal> {
    let spaced = |text: &str| decoded(&text.replace('+', " "));
    let (key, value) = raw.split_once('=').unwrap_or((raw, ""));
    Ok((spaced(key)?, spaced(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(query: &str) -> Result<String, Refusal> {
        Query::read(query).map(|query| query.canonical())
    }

    #[test]
    fn one_spelling_for_each_meaning() {
        assert_eq!(canonical("").unwrap(), "");
        assert_eq!(canonical("&&").unwrap(), "");
        assert_eq!(canonical("watch&b=1").unwrap(), "watch=&b=1");
        assert_eq!(canonical("%77atch=tru%65").unwrap(), "watch=true");
        assert_eq!(canonical("a=b=c&a=x+y%2Bz").unwrap(), "a=b%3Dc&a=x%20y%2Bz");
        assert_eq!(canonical("command=echo%0Ahi").unwrap(), "command=echo%0Ahi");
        assert_eq!(canonical("=x").unwrap(), "=x");
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        assert_eq!(canonical("watch=true;limit=1").unwrap_err(), Refusal::Semicolon);
        assert_eq!(canonical("a=%").unwrap_err(), Refusal::Encoding);
        assert_eq!(canonical("a=%gg").unwrap_err(), Refusal::Encoding);
        assert_eq!(canonical("a=%ff").unwrap_err(), Refusal::Encoding);
        assert_eq!(canonical("a=1#b").unwrap_err(), Refusal::Encoding);
        assert_eq!(canonical(&"a".repeat(QUERY_MAX + 1)).unwrap_err(), Refusal::QueryLength);
        let query = Query::read("watch=1&watch=0&limit=1").unwrap();
        assert_eq!(query.one("watch").unwrap_err(), Refusal::Repeated("watch"));
        assert_eq!(query.one("limit").unwrap(), Some("1"));
        assert_eq!(query.one("none").unwrap(), None);
    }
}
