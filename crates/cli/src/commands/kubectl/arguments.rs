//! The arguments of `mc kubectl`: where kubectl's begin, and the little that is read of them.
//!
//! Nothing that is read here decides what the caller may do: only whether stdin is passed on, whether a terminal is wanted, and whether
//! a friendlier error can be given than the agent's kubectl would.

use std::ffi::{OsStr, OsString};

/// The words this command goes by.
const WORDS: [&str; 2] = ["kubectl", "k"];
/// The flags of `mc` before a command that take a value.
const VALUED: [&str; 3] = ["-o", "--output", "--context"];
/// kubectl's own flags that take a value and may stand before the verb.
const KUBECTL_VALUED: [&str; 20] = [
    "-n",
    "--namespace",
    "--context",
    "--cluster",
    "--user",
    "-s",
    "--server",
    "--token",
    "--as",
    "--as-group",
    "--as-uid",
    "--kubeconfig",
    "--cache-dir",
    "--certificate-authority",
    "--client-certificate",
    "--client-key",
    "--request-timeout",
    "--tls-server-name",
    "-v",
    "--v",
];

/// The command line with a `--` where kubectl's own arguments begin, so that none of them is taken for a flag of ours.
pub(crate) fn divide(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(place) = own_begin(&arguments).map(|begin| skip_ours(&arguments, begin)) {
        arguments.insert(place.min(arguments.len()), "--".into());
    }
    arguments
}

/// Where the argument behind the word `kubectl` is, if that is the command.
fn own_begin(arguments: &[OsString]) -> Option<usize> {
    let mut place = 1;
    loop {
        let argument = arguments.get(place)?.to_str()?;
        if WORDS.contains(&argument) {
            return Some(place + 1);
        }
        if !argument.starts_with('-') || argument == "--" {
            return None;
        }
        place += if VALUED.contains(&argument) { 2 } else { 1 };
    }
}

/// Passes the flags of ours behind the word.
fn skip_ours(arguments: &[OsString], begin: usize) -> usize {
    let mut place = begin;
    while let Some(argument) = arguments.get(place).and_then(|argument| argument.to_str()) {
        place += match argument {
            "--remote" | "-h" | "--help" => 1,
            "--on" => 2,
            other if other.starts_with("--on=") => 1,
            _ => break,
        };
    }
    place
}

/// kubectl's verb: its first argument that is neither a flag nor a flag's value.
pub(super) fn verb(command: &[String]) -> Option<&str> {
    let mut rest = command.iter().map(String::as_str);
    while let Some(argument) = rest.next() {
        if KUBECTL_VALUED.contains(&argument) {
            rest.next();
        } else if !argument.starts_with('-') {
            return Some(argument);
        }
    }
    None
}

/// kubectl's own part: what stands behind `--` is another program's.
fn before_dashes(command: &[String]) -> impl Iterator<Item = &str> {
    command.iter().map(String::as_str).take_while(|argument| *argument != "--")
}

/// Whether one of these letters is among the short flags: `-it`.
fn short(argument: &str, letter: char) -> bool {
    let letters = argument.strip_prefix('-').unwrap_or_default();
    !letters.is_empty() && letters.chars().all(|letter| letter.is_ascii_alphabetic()) && letters.contains(letter)
}

/// Whether kubectl is asked to lend a terminal to what it runs.
pub(super) fn wants_terminal(command: &[String]) -> bool {
    let lends = matches!(verb(command), Some("exec" | "attach" | "run" | "debug"));
    let lent = |argument: &str| {
        // `-it`, `-ti`: letters of other flags with a value attached are not meant.
        let grouped = short(argument, 't') && argument.chars().skip(1).all(|letter| matches!(letter, 'i' | 't' | 'q'));
        grouped || matches!(argument, "--tty" | "--tty=true")
    };
    lends && before_dashes(command).any(lent)
}

/// Whether kubectl may read its stdin. When in doubt it may: it is only kept from swallowing what is meant for the next command.
pub(super) fn reads_stdin(command: &[String]) -> bool {
    before_dashes(command).any(|argument| {
        let long = matches!(argument, "-" | "--stdin" | "--stdin=true" | "--interactive" | "--interactive=true" | "-f-");
        long || argument.ends_with("=-") || argument.contains("/dev/stdin") || argument.contains("/dev/fd/0") || short(argument, 'i')
    })
}

/// The values of the flags by which kubectl is told to read files.
pub(super) fn files(command: &[String]) -> Vec<&str> {
    // There `-f` follows.
    if matches!(verb(command), Some("logs" | "log")) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut rest = before_dashes(command);
    while let Some(argument) = rest.next() {
        if matches!(argument, "-f" | "--filename" | "-k" | "--kustomize" | "--patch-file" | "--from-file" | "--from-env-file") {
            found.extend(rest.next());
        } else if let Some((_, value)) = argument.split_once('=').filter(|(flag, _)| {
            matches!(*flag, "-f" | "--filename" | "-k" | "--kustomize" | "--patch-file" | "--from-file" | "--from-env-file")
        }) {
            // `--from-file=key=path`.
            found.push(value.rsplit_once('=').map_or(value, |(_, path)| path));
        } else if let Some(value) = argument.strip_prefix("-f").or_else(|| argument.strip_prefix("-k")).filter(|value| !value.is_empty()) {
            found.push(value);
        }
    }
    found.into_iter().flat_map(|value| value.split(',')).filter(|value| !value.is_empty() && *value != "-").collect()
}

/// kubectl's arguments as text: they travel as JSON.
pub(super) fn words(arguments: &[OsString]) -> Result<Vec<String>, &OsStr> {
    arguments.iter().map(|argument| argument.to_str().map(str::to_owned).ok_or(argument.as_os_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn divided(text: &str) -> String {
        let words = divide(text.split(' ').map(OsString::from));
        words.iter().map(|word| word.to_str().expect("text")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn kubectls_arguments_are_kept_apart() {
        let cases = [
            ("mc kubectl get pods -o wide", "mc kubectl -- get pods -o wide"),
            ("mc k -n kube-system get pods", "mc k -- -n kube-system get pods"),
            ("mc kubectl -o json get pods", "mc kubectl -- -o json get pods"),
            ("mc --context prod -o json kubectl --context x get", "mc --context prod -o json kubectl -- --context x get"),
            ("mc kubectl --on dev --remote get pods --remote", "mc kubectl --on dev --remote -- get pods --remote"),
            ("mc kubectl --on=dev exec -it p -- sh -c ls", "mc kubectl --on=dev -- exec -it p -- sh -c ls"),
            ("mc kubectl --help", "mc kubectl --help --"),
            ("mc kubectl get --help", "mc kubectl -- get --help"),
            ("mc kubectl", "mc kubectl --"),
            ("mc kubectl --on", "mc kubectl --on --"),
            ("mc --no-color --output=json kubectl version", "mc --no-color --output=json kubectl -- version"),
            ("mc agents show kubectl", "mc agents show kubectl"),
            ("mc --context kubectl status", "mc --context kubectl status"),
            ("mc -- kubectl get", "mc -- kubectl get"),
            ("mc", "mc"),
        ];
        for (given, expected) in cases {
            assert_eq!(divided(given), expected);
        }
    }

    #[test]
    fn verbs_are_found_behind_flags() {
        let cases = [
            ("get pods", Some("get")),
            ("-n logs get pods", Some("get")),
            ("--namespace=x --v 6 logs p", Some("logs")),
            ("--request-timeout 5s -n x exec p", Some("exec")),
            ("--help", None),
        ];
        for (given, expected) in cases {
            assert_eq!(verb(&line(given)), expected, "{given}");
        }
    }

    #[test]
    fn terminals_are_only_for_those_who_ask() {
        for yes in [
            "exec -it p -- sh",
            "-n x exec -ti p -- sh",
            "run -i -t x --image=y",
            "exec p --stdin --tty -- sh",
            "attach p --tty=true -i",
            "debug -itq p",
        ] {
            assert!(wants_terminal(&line(yes)), "{yes}");
        }
        for no in ["exec p -- top -it", "get pods -t", "exec -i p -- sh", "exec --tty=false p", "exec -ntest p -- sh", "logs -it"] {
            assert!(!wants_terminal(&line(no)), "{no}");
        }
    }

    #[test]
    fn stdin_is_left_to_the_next_command_when_it_is_not_read() {
        for yes in [
            "apply -f -",
            "apply -f-",
            "apply --filename=-",
            "exec -i p -- cat",
            "exec --stdin p",
            "create configmap x --from-file=a=/dev/stdin",
            "delete -i pod x",
        ] {
            assert!(reads_stdin(&line(yes)), "{yes}");
        }
        for no in ["get pods", "exec p -- cat -", "logs -f p", "apply -f app.yaml", "get pods -A --watch"] {
            assert!(!reads_stdin(&line(no)), "{no}");
        }
    }

    #[test]
    fn files_are_told_from_following() {
        let cases = [
            ("apply -f app.yaml -f - --filename=b.yaml", vec!["app.yaml", "b.yaml"]),
            ("apply -fapp.yaml", vec!["app.yaml"]),
            ("apply -k overlays/dev", vec!["overlays/dev"]),
            ("apply -f a,b", vec!["a", "b"]),
            ("create secret generic s --from-file=key=path", vec!["path"]),
            ("logs -f pod", vec![]),
            ("-n x logs -f pod", vec![]),
            ("exec p -- grep -f patterns", vec![]),
        ];
        for (given, expected) in cases {
            assert_eq!(files(&line(given)), expected, "{given}");
        }
    }
}
