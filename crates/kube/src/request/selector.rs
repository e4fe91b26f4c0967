//! Selectors in the query of a list: which name a field selector asks for, and whether a label selector is one.
//!
//! Source: `k8s.io/apimachinery/pkg/fields` and `k8s.io/apimachinery/pkg/labels`.

/// The field whose value is the object's name.
const NAME: &str = "metadata.name";
/// The longest label value, and the longest name in a label's key.
const LABEL_MAX: usize = 63;
/// The longest prefix of a label's key.
const PREFIX_MAX: usize = 253;

/// A field selector that makes no sense.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// The one name that a field selector asks for; `None` when it does not, or asks for what cannot be a name.
///
/// Of several such terms the server takes the first in alphabetical order; the list is then empty if they differ.
pub(super) fn name_asked_for(selector: &str) -> Result<Option<String>, Malformed> {
    let mut terms = terms(selector);
    terms.sort_unstable();
    let mut asked: Option<String> = None;
    for term in terms.into_iter().filter(|term| !term.is_empty()) {
        let (field, equal, value) = parted(term).ok_or(Malformed)?;
        let value = unescaped(value)?;
        if equal && field == NAME && asked.is_none() {
            asked = Some(value);
        }
    }
    Ok(asked.filter(|name| !matches!(name.as_str(), "" | "." | "..") && !name.contains(['/', '%'])))
}

/// Splits at commas that no backslash stands before.
fn terms(selector: &str) -> Vec<&str> {
    let mut escaped = false;
    let parts = selector.split(move |c| {
        let parts_here = c == ',' && !escaped;
        escaped = c == '\\' && !escaped;
        parts_here
    });
    parts.collect()
}

/// Field, whether it is to be equal, and value as written.
fn parted(term: &str) -> Option<(&str, bool, &str)> {
    // The first operator counts; `==` is tried before `=`.
    let (at, _) = term.char_indices().find(|(at, c)| *c == '=' || term.get(*at..).is_some_and(|rest| rest.starts_with("!=")))?;
    let (field, rest) = term.split_at(at);
    match rest.strip_prefix("!=") {
        Some(value) => Some((field, false, value)),
        None => Some((field, true, rest.strip_prefix("==").or_else(|| rest.strip_prefix('='))?)),
    }
}

fn unescaped(value: &str) -> Result<String, Malformed> {
    let mut plain = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.push(chars.next().filter(|c| matches!(c, '\\' | ',' | '=')).ok_or(Malformed)?),
            ',' | '=' => return Err(Malformed),
            c => plain.push(c),
        }
    }
    Ok(plain)
}

/// Whether this is a label selector beyond doubt: terms `key`, `!key`, `key=value`, `key==value`, `key!=value`, `key in (a,b)` and
/// `key notin (a,b)`. The server takes a few odd spellings more.
pub(super) fn is_label_selector(selector: &str) -> bool {
    let mut rest = selector.trim_matches(' ');
    if rest.is_empty() {
        return true;
    }
    loop {
        let Some(behind) = label_term(rest) else { return false };
        match behind.trim_start_matches(' ').strip_prefix(',') {
            Some(next) => rest = next.trim_start_matches(' '),
            None => return behind.trim_start_matches(' ').is_empty(),
        }
    }
}

/// What stands behind the term that `text` begins with.
fn label_term(text: &str) -> Option<&str> {
    if let Some(absent) = text.strip_prefix('!') {
        let (key, rest) = word(absent);
        return is_key(key).then_some(rest);
    }
    let (key, rest) = word(text);
    if !is_key(key) || matches!(key, "in" | "notin") {
        return None;
    }
    let spaced = rest.trim_start_matches(' ');
    for operator in ["==", "!=", "="] {
        if let Some(value) = spaced.strip_prefix(operator) {
            let (value, rest) = word(value.trim_start_matches(' '));
            return is_value(value).then_some(rest);
        }
    }
    for operator in ["in", "notin"] {
        let values = spaced.strip_prefix(operator).filter(|_| rest.starts_with(' ')).map(|values| values.trim_start_matches(' '));
        if let Some(values) = values.and_then(|values| values.strip_prefix('(')) {
            let (values, rest) = values.split_once(')')?;
            // An empty value among others is where the odd spellings begin.
            let good = |value: &str| !value.is_empty() && is_value(value);
            return values.split(',').map(|value| value.trim_matches(' ')).all(good).then_some(rest);
        }
    }
    Some(rest)
}

fn word(text: &str) -> (&str, &str) {
    let end = text.find([' ', ',', '=', '!', '(', ')', '<', '>', '\t', '\r', '\n']).unwrap_or(text.len());
    text.split_at(end)
}

fn is_key(key: &str) -> bool {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let good_prefix = prefix.is_none_or(|prefix| {
        let label = |label: &str| {
            let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            label.chars().all(inner) && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
        };
        prefix.len() <= PREFIX_MAX && prefix.split('.').all(label)
    });
    good_prefix && !name.is_empty() && is_value(name)
}

fn is_value(value: &str) -> bool {
    let end = |c: char| c.is_ascii_alphanumeric();
    value.len() <= LABEL_MAX
        && value.chars().all(|c| end(c) || matches!(c, '-' | '_' | '.'))
        && value.chars().next().is_none_or(end)
        && value.chars().next_back().is_none_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_asked_for_by_equality_only() {
        let name = |text: &str| Some(text.to_owned());
        let cases = [
            ("", None),
            ("metadata.name=a", name("a")),
            ("metadata.name==a", name("a")),
            ("metadata.name!=a", None),
            ("metadata.name=", None),
            ("metadata.name=..", None),
            ("metadata.name=a/b", None),
            ("metadata.name=a%b", None),
            ("spec.nodeName=n,metadata.name=a", name("a")),
            (",,metadata.name=a,", name("a")),
            ("metadata.name=b,metadata.name=a", name("a")),
            // `=` sorts before any letter, so the term with two of them comes first.
            ("metadata.name=a,metadata.name==z", name("z")),
            (r"metadata.name=a\,b", name("a,b")),
            (r"metadata.name=a\=b", name("a=b")),
            ("xmetadata.name=a", None),
            ("metadata.name =a", None),
            ("metadata.namespace=a", None),
            ("a!b=c", None),
        ];
        for (selector, expected) in cases {
            assert_eq!(name_asked_for(selector), Ok(expected), "{selector}");
        }
        for selector in ["metadata.name", "a=b=c", r"a=\x", r"a=b\", "a,b=c", "metadata.name=a,!"] {
            assert_eq!(name_asked_for(selector), Err(Malformed), "{selector}");
        }
    }

    #[test]
    fn label_selectors_beyond_doubt() {
        let good =
            ["", "app", "!app", "app=web", "app==web", "app!=web", "app=", "app = web", "a=b,c=d", "a in (b, c),!d", "x.io/a notin (b)"];
        for selector in good {
            assert!(is_label_selector(selector), "{selector}");
        }
        let bad =
            ["a=b c", "a=-b", "=b", "a,", "A.io/b", "a in ()", "a in (b", "a>1", "a=(b)", "a b", "a/b/c", "!a=b", "in", "a in(b) c", "ä"];
        for selector in bad {
            assert!(!is_label_selector(selector), "{selector}");
        }
    }
}
