//! What a command line is called in front of people: program and arguments, with what looks like a secret masked.

/// The longest title, in bytes.
const TITLE_MAX_BYTES: usize = 200;
const MASK: &str = "***";

/// A title for `argv`.
#[must_use]
pub fn title(argv: &[String]) -> String {
    let mut out = String::new();
    let mut secret_follows = false;
    for (place, arg) in argv.iter().enumerate() {
        if place > 0 {
            out.push(' ');
        }
        if secret_follows && !arg.starts_with('-') {
            out.push_str(MASK);
            secret_follows = false;
        } else {
            secret_follows = place > 0 && arg.starts_with('-') && !arg.contains('=') && names_a_secret(arg);
            out.push_str(&masked(arg));
        }
        if out.len() > TITLE_MAX_BYTES {
            let end = out.floor_char_boundary(TITLE_MAX_BYTES);
            out.truncate(end);
            out.push('…');
            break;
        }
    }
    out
}

/// `name=value` and `scheme://user:password@host` without the part that is secret.
fn masked(arg: &str) -> String {
    if let Some((name, value)) = arg.split_once('=')
        && !value.is_empty()
        && names_a_secret(name)
    {
        return format!("{name}={MASK}");
    }
    if let Some((scheme, rest)) = arg.split_once("://") {
        let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        if let Some((_, host)) = authority.rsplit_once('@') {
            return format!("{scheme}://{MASK}@{host}{path}");
        }
    }
    arg.to_owned()
}

fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    ["token", "secret", "password", "passwd", "api-key", "apikey", "private-key", "credential", "auth"]
        .iter()
        .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(argv: &[&str]) -> String {
        title(&argv.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn secrets_are_masked() {
        assert_eq!(of(&["node", "server.js", "--port", "80"]), "node server.js --port 80");
        assert_eq!(of(&["gw", "--token", "abc123", "--verbose"]), "gw --token *** --verbose");
        assert_eq!(of(&["gw", "--api-key=abc123"]), "gw --api-key=***");
        assert_eq!(of(&["env", "DB_PASSWORD=hunter2", "app"]), "env DB_PASSWORD=*** app");
        assert_eq!(of(&["psql", "postgres://me:pw@db/x"]), "psql postgres://***@db/x");
    }

    #[test]
    fn long_titles_end_in_an_ellipsis() {
        let long = of(&["x", &"y".repeat(500)]);
        assert!(long.ends_with('…') && long.len() <= TITLE_MAX_BYTES + 3);
    }
}
