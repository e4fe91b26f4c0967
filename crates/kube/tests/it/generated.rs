//! Generated requests: near to what clients send, with every kind of odd spelling mixed in.

use proptest::{prelude::*, sample::select};

use crate::requests::{read, told};

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const WORDS: &[&str] = &[
    "api",
    "apis",
    "v1",
    "v1beta1",
    "apps",
    "rbac.authorization.k8s.io",
    "namespaces",
    "watch",
    "proxy",
    "pods",
    "secrets",
    "nodes",
    "deployments",
    "clusterroles",
    "status",
    "finalize",
    "exec",
    "log",
    "scale",
    "app",
    "kube-system",
    "web-0",
    "system:node",
    "a b",
    "ü",
    "x,y",
    "a=b",
    "@",
    "~",
    "(x)",
    "it's",
    "$1",
    "a&b",
    "a+b",
    "...",
    "healthz",
    "version",
    "metrics",
    "openapi",
];
const ODD: &[&str] = &["", ".", "..", "a/b", "a%2Fb", "%2e", "a\\b", "\u{7f}", "%", "%4", "a?b", "a;b", "#"];
const KEYS: &[&str] = &[
    "watch",
    "fieldSelector",
    "labelSelector",
    "limit",
    "continue",
    "timeoutSeconds",
    "resourceVersion",
    "pretty",
    "container",
    "command",
    "dryRun",
    "allowWatchBookmarks",
    "sendInitialEvents",
    "includeObject",
    "Watch",
    "",
];
const VALUES: &[&str] = &[
    "true",
    "false",
    "False",
    "1",
    "0",
    "",
    "500",
    "-1",
    "+7",
    "ten",
    "metadata.name=web-0",
    "metadata.name==web-0",
    "metadata.name!=web-0",
    "metadata.name=b,metadata.name=a",
    "metadata.name=a,metadata.name==z",
    "spec.nodeName=n1,metadata.name=x",
    ",metadata.name=x,",
    "metadata.name=a\\,b",
    "metadata.name=a\\x",
    "metadata.name=",
    "metadata.name=..",
    "metadata.name=a/b",
    "metadata.name",
    "metadata.name=a b",
    "metadata.name=ü",
    "app=web",
    "app in (a,b)",
    "!app",
    "(((",
    "app=-x",
    "a notin (b)",
    "app",
    "app=",
    "app!=x",
    "a==b,c=d",
    "a>1",
    "a;b",
    "a b+c",
];

/// A text with those bytes percent-encoded that must be, and some others that `seed` chooses; none for the seed 0.
fn spelled(text: &str, seed: u64) -> String {
    let mut state = seed;
    let mut out = String::new();
    for byte in text.bytes() {
        // A xorshift: which bytes are encoded is part of the generated case.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let plain = byte.is_ascii_alphanumeric() || b"-._~:@$&+,=()'!*".contains(&byte);
        if plain && (seed == 0 || !state.is_multiple_of(6)) {
            out.push(char::from(byte));
        } else if state.is_multiple_of(2) {
            out.push_str(&format!("%{byte:02X}"));
        } else {
            out.push_str(&format!("%{byte:02x}"));
        }
    }
    out
}

/// Mostly nothing but what must be encoded.
fn seed() -> impl Strategy<Value = u64> {
    prop_oneof![3 => Just(0), 1 => any::<u64>()]
}

fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        60 => (select(WORDS), seed()).prop_map(|(word, seed)| spelled(word, seed)),
        1 => select(ODD).prop_map(str::to_owned),
        1 => "[a-z0-9.%/-]{0,6}",
    ]
}

/// The usual beginnings of a path, so that most requests are about something.
const STARTS: &[&str] = &[
    "/api/v1",
    "/api/v1/namespaces/app",
    "/apis/apps/v1",
    "/apis/apps/v1/namespaces/app",
    "/api/v1/watch",
    "/api/v1/namespaces",
    "/apis/rbac.authorization.k8s.io/v1",
    "/api/v1/watch/namespaces/app",
    "/api/v1/proxy",
    "/api",
    "/apis",
    "",
];

fn pair() -> impl Strategy<Value = String> {
    let spelled_pair = |(key, value, seed): (&str, &str, u64)| {
        let one = |text: &str| spelled(text, seed).replace('&', "%26").replace('+', "%2B");
        format!("{}={}", one(key).replace('=', "%3D"), one(value))
    };
    prop_oneof![
        20 => (select(KEYS), select(VALUES), seed()).prop_map(spelled_pair),
        20 => (select(&["watch", "fieldSelector"]), select(VALUES), seed()).prop_map(spelled_pair),
        1 => "[a-z=&;%+]{0,8}",
    ]
}

/// A method and a target as they might come.
pub(crate) fn request() -> impl Strategy<Value = (&'static str, String)> {
    let path = (select(STARTS), prop::collection::vec(part(), 0..6), prop::bool::weighted(0.1));
    let path = path.prop_map(|(start, parts, slash)| {
        let parts: String = parts.iter().map(|part| format!("/{part}")).collect();
        format!("{start}{parts}{}", if slash { "/" } else { "" })
    });
    let query = prop::option::weighted(0.5, prop::collection::vec(pair(), 0..4).prop_map(|pairs| pairs.join("&")));
    let method = prop_oneof![3 => Just("GET"), 2 => select(&METHODS)];
    (method, path, query).prop_map(|(method, path, query)| (method, query.map_or(path.clone(), |query| format!("{path}?{query}"))))
}

/// What every request that is not refused keeps to.
fn keeps_its_promises(method: &str, target: &str) {
    let Ok(request) = read(method, target) else { return };
    let canonical = request.target();
    assert!(canonical.starts_with('/') && canonical.is_ascii(), "{canonical}");
    assert!(!canonical.bytes().any(|byte| byte <= b' ' || byte == 0x7f || b"\\;#\"<>{}|^`".contains(&byte)), "{canonical}");
    let path = canonical.split('?').next().unwrap();
    let lower = path.to_ascii_lowercase();
    assert!(!lower.contains("//") && !lower.contains("%2f") && !lower.contains("%2e") && !lower.contains("%25"), "{canonical}");
    assert!(!path.split('/').any(|part| part == "." || part == ".."), "{canonical}");
    // Read again it means the same, and is written the same.
    let again = read(method, canonical).unwrap();
    assert_eq!(told(&again), told(&request), "{target} -> {canonical}");
    assert_eq!(again, request, "{target} -> {canonical}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_sent_on_means_what_was_read((method, target) in request()) {
        keeps_its_promises(method, &target);
    }

    #[test]
    fn any_text_is_read_or_refused(method in select(&METHODS), target in "/?\\PC{0,60}") {
        keeps_its_promises(method, &target);
    }

    #[test]
    fn encoding_changes_nothing(seed in any::<u64>(), word in select(WORDS), verb in select(&METHODS)) {
        let plain = read(verb, &format!("/api/v1/namespaces/app/pods/{}", spelled(word, 0)));
        let other = read(verb, &format!("/api/v1/namespaces/app/pods/{}", spelled(word, seed)));
        prop_assert_eq!(plain, other);
    }

    #[test]
    fn a_part_is_in_one_place_only(namespace in "[a-z]{1,8}", name in "[a-z]{1,8}") {
        let request = read("GET", &format!("/api/v1/namespaces/{namespace}/pods/{name}")).unwrap();
        prop_assert_eq!(told(&request), format!("get -/v1 {namespace} pods {name}"));
    }
}
