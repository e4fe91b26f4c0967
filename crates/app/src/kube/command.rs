//! A kubectl's arguments: how they are written down, and what is said of those that make no sense through an agent.
//!
//! Nothing here keeps anybody from anything: the agent's sandbox and the door do that, whatever the arguments say. This only gives a clear line
//! sooner than kubectl would give an unclear one.

use crate::error::AppError;

/// The most arguments, and their length together in bytes.
const MOST: usize = 512;
const MOST_BYTES: usize = 64 * 1024;
/// What is written down of a command, in characters.
const WORDS_MAX: usize = 1_000;

/// Flags that say where the API server is, or who calls: the agent's kubectl has one answer to each.
const LEAVE: [&str; 14] = [
    "--server",
    "--kubeconfig",
    "--token",
    "--username",
    "--password",
    "--client-certificate",
    "--client-key",
    "--certificate-authority",
    "--insecure-skip-tls-verify",
    "--tls-server-name",
    "--proxy-url",
    "--cache-dir",
    "--kuberc",
    "--password-file",
];
/// Flags that name a part of the kubeconfig.
const PARTS: [&str; 3] = ["--context", "--cluster", "--user"];
/// Global flags that take a value, so that the word after them is no subcommand.
const VALUED: [&str; 16] = [
    "-n",
    "--namespace",
    "--context",
    "--cluster",
    "--user",
    "--as",
    "--as-group",
    "--as-uid",
    "--as-user-extra",
    "--request-timeout",
    "-v",
    "--v",
    "--vmodule",
    "--profile",
    "--profile-output",
    "-o",
];
/// Flags whose value is a file of the caller's.
const FILES: [&str; 8] = ["-f", "--filename", "-k", "--kustomize", "--from-file", "--from-env-file", "--patch-file", "--env-file"];
/// Flags whose value may be a secret.
const SECRETS: [&str; 12] = [
    "--from-literal",
    "--token",
    "--password",
    "--docker-password",
    "--docker-username",
    "--docker-email",
    "--username",
    "--env",
    "--patch",
    "--overrides",
    "--raw-data",
    "--auth-provider-arg",
];

/// The arguments of a command, without the program's name.
pub(super) fn arguments(mut command: Vec<String>) -> Result<Vec<String>, AppError> {
    let invalid = |text: &str| Err(AppError::Invalid(text.to_owned()));
    if command.first().is_some_and(|first| first == "kubectl") {
        command.remove(0);
    }
    if command.is_empty() {
        return invalid("the command is empty: write, for example, [\"get\", \"pods\"]");
    }
    if command.len() > MOST || command.iter().map(String::len).sum::<usize>() > MOST_BYTES {
        return invalid("the command is too long: send what is long on standard input, with -f -");
    }
    if command.iter().any(|argument| argument.contains('\0')) {
        return invalid("a command's arguments hold no NUL");
    }
    Ok(command)
}

/// A flag and its value when both are in one word.
fn split(word: &str) -> (&str, Option<&str>) {
    if word.starts_with("--") {
        return word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value)));
    }
    match word.get(..2) {
        Some(flag) if word.len() > 2 && flag.starts_with('-') => (flag, word.get(2..).map(|value| value.trim_start_matches('='))),
        _ => (word, None),
    }
}

/// What is kubectl's own: all before `--`.
fn own(arguments: &[String]) -> &[String] {
    let end = arguments.iter().position(|word| word == "--").unwrap_or(arguments.len());
    arguments.get(..end).unwrap_or_default()
}

/// The subcommand, and the word after it.
fn subcommand(arguments: &[String]) -> (Option<&str>, Option<&str>) {
    let mut words = own(arguments).iter().map(String::as_str);
    let mut found = [None, None];
    for place in &mut found {
        while let Some(word) = words.next() {
            if !word.starts_with('-') {
                *place = Some(word);
                break;
            }
            if VALUED.contains(&word) {
                words.next();
            }
        }
    }
    (found[0], found[1])
}

/// Says in a clear line what cannot work.
pub(super) fn courtesy(cluster: &str, arguments: &[String]) -> Result<(), AppError> {
    let invalid = |text: String| Err(AppError::Invalid(text));
    let (verb, object) = subcommand(arguments);
    match verb {
        Some(verb @ ("proxy" | "port-forward")) => {
            return invalid(format!("`kubectl {verb}` opens a port on the machine it runs on: run it on yours, with `mc kubectl {verb}`"));
        }
        Some(verb @ "edit") => {
            return invalid(format!("`kubectl {verb}` needs an editor: run it on your machine, or send the object with `apply -f -`"));
        }
        Some(verb @ ("cp" | "diff" | "plugin" | "config" | "kustomize")) => {
            return invalid(format!(
                "`kubectl {verb}` works with files and programs of the machine it runs on: run it on yours, with `mc kubectl {verb}`"
            ));
        }
        Some("apply") if object == Some("edit-last-applied") => {
            return invalid("`kubectl apply edit-last-applied` needs an editor: run it on your machine".to_owned());
        }
        _ => {}
    }
    let follows = matches!(verb, Some("logs"));
    // To these, `--user` says who is given a role.
    let names_subjects =
        matches!((verb, object), (Some("create"), Some("rolebinding" | "clusterrolebinding")) | (Some("set"), Some("subject")));
    let mut words = own(arguments).iter().map(String::as_str).peekable();
    while let Some(word) = words.next() {
        let (flag, value) = split(word);
        if LEAVE.contains(&flag) || flag == "-s" {
            let text = format!("{flag} has no meaning here: this kubectl speaks to cluster {cluster} as you, and to nothing else");
            return invalid(text);
        }
        let value = value.or_else(|| words.peek().copied()).unwrap_or_default();
        if PARTS.contains(&flag) && !(names_subjects && flag == "--user") && value != format!("mc-{cluster}") {
            return invalid(format!("{flag} has no meaning here: this kubectl knows cluster {cluster} only"));
        }
        if FILES.contains(&flag) && !follows && !is_stdin(value) {
            let text =
                format!("{flag} {value}: there are no files of yours where this kubectl runs: send one on standard input, with -f -");
            return invalid(text);
        }
    }
    Ok(())
}

/// Whether a file's name is standard input: `-`, or `key=/dev/stdin`.
fn is_stdin(value: &str) -> bool {
    value == "-" || value.rsplit('=').next() == Some("/dev/stdin")
}

/// A command as it is written down: without what may be a secret, and in bounds.
pub(super) fn words(arguments: &[String]) -> String {
    let mut out = vec!["kubectl".to_owned()];
    let own = own(arguments).len();
    let (verb, object) = subcommand(arguments);
    let (sets_env, patches) = ((verb, object) == (Some("set"), Some("env")), verb == Some("patch"));
    let mut hidden_next = false;
    for (place, word) in arguments.iter().enumerate() {
        let (flag, value) = split(word);
        let secret = place < own && (SECRETS.contains(&flag) || (patches && flag == "-p"));
        out.push(match (hidden_next, secret, value) {
            (true, ..) => hidden(word),
            (false, true, Some(value)) if word.starts_with("--") => format!("{flag}={}", hidden(value)),
            (false, true, Some(value)) => format!("{flag}{}", hidden(value)),
            // Whoever runs a program in a pod may hand it a secret so.
            (false, false, _) if (place > own || sets_env) && !word.starts_with('-') && word.contains('=') => hidden(word),
            _ => quoted(word),
        });
        hidden_next = !hidden_next && secret && value.is_none();
    }
    let text = out.join(" ");
    match text.char_indices().nth(WORDS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// `key=…` of `key=value`, and nothing of what has no key.
fn hidden(value: &str) -> String {
    let key = value.split_once('=').map(|(key, _)| key);
    let key = key.filter(|key| !key.is_empty() && key.len() <= 64 && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)));
    key.map_or_else(|| "…".to_owned(), |key| format!("{key}=…"))
}

/// As a shell would want it, so that two words are never taken for one.
fn quoted(word: &str) -> String {
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:=,@%+*[]{}".contains(c));
    if plain { word.to_owned() } else { format!("{word:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn what_may_be_a_secret_is_not_written_down() {
        let cases = [
            ("get pods -n app", "kubectl get pods -n app"),
            ("create secret generic x --from-literal=key=hunter2", "kubectl create secret generic x --from-literal=key=…"),
            ("create secret generic x --from-literal key=hunter2 -n app", "kubectl create secret generic x --from-literal key=… -n app"),
            ("get pods --token hunter2", "kubectl get pods --token …"),
            ("get pods --token=hunter2", "kubectl get pods --token=…"),
            ("patch secret x -p {\"a\":\"hunter2\"}", "kubectl patch secret x -p …"),
            ("patch secret x -p{\"a\":\"hunter2\"}", "kubectl patch secret x -p…"),
            ("set env deployment/x KEY=hunter2", "kubectl set env deployment/x KEY=…"),
            ("run x --image=y --env=A=hunter2", "kubectl run x --image=y --env=A=…"),
            ("exec x -- env PGPASSWORD=hunter2 psql", "kubectl exec x -- env PGPASSWORD=… psql"),
            ("logs -p x", "kubectl logs -p x"),
            ("label pod x a=b", "kubectl label pod x a=b"),
        ];
        for (given, written) in cases {
            assert_eq!(words(&list(given)), written);
        }
        assert_eq!(words(&["get".to_owned(), "a b".to_owned()]), "kubectl get \"a b\"");
        assert!(words(&vec!["x".repeat(100); 100]).chars().count() <= WORDS_MAX + 1);
    }

    #[test]
    fn what_leaves_the_door_or_has_no_place_is_told_so() {
        let told = |text: &str| courtesy("dev", &list(text)).map_err(|error| error.to_string());
        for good in [
            "get pods -A",
            "-n app get pods",
            "logs -f x",
            "-n app logs x -f",
            "apply -f -",
            "apply --filename=-",
            "create configmap x --from-file=key=/dev/stdin",
            "exec -it x -- sh -c proxy --server",
            "get pods --context mc-dev",
            "get pods --as somebody",
            "get pods -l app=proxy",
            "create rolebinding x --clusterrole=view --user=ann",
        ] {
            assert_eq!(told(good), Ok(()), "{good}");
        }
        for bad in [
            "proxy",
            "-n app port-forward x 80",
            "edit pod x",
            "config view",
            "cp x:/a b",
            "plugin list",
            "get pods --server https://elsewhere",
            "get pods --server=https://elsewhere",
            "get pods -s https://elsewhere",
            "get pods -shttps://elsewhere",
            "--kubeconfig /x get pods",
            "get pods --token=x",
            "get pods --context other",
            "get pods --user=admin",
            "apply -f /etc/passwd",
            "apply -f/etc/passwd",
            "apply -k .",
            "create configmap x --from-file=/etc/passwd",
        ] {
            assert!(told(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_command_has_arguments_and_bounds() {
        assert_eq!(arguments(list("kubectl get pods")).unwrap(), list("get pods"));
        for bad in [vec![], list("kubectl"), vec!["x".to_owned(); MOST + 1], vec!["a\0b".to_owned()], vec!["x".repeat(MOST_BYTES + 1)]] {
            assert!(arguments(bad).is_err());
        }
    }
}
