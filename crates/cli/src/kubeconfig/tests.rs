//! Documents of others survive.

use proptest::prelude::*;

use super::*;

fn entry(name: &str) -> Entry {
    Entry {
        name: entry_name(name),
        server: format!("https://central:8443/k8s/clusters/{name}"),
        authority: Some("-----BEGIN CERTIFICATE-----\n".into()),
        plugin: Plugin {
            command: "/usr/bin/mc".into(),
            arguments: ["kube", "credential", "--cluster", name].map(str::to_owned).into(),
            environment: vec![("MC_CONFIG".into(), "/home/ada/mc.yaml".into())],
            hint: "install mc".into(),
        },
    }
}

fn named<'a>(config: &'a Value, list: &str, name: &str) -> &'a Value {
    config[list].as_array().expect("list").iter().find(|entry| entry["name"] == name).expect("the entry")
}

#[test]
fn an_entry_is_a_cluster_a_user_and_a_context() {
    let mut config = Kubeconfig::default();
    assert_eq!(config.put(&entry("dev")), Ok(None));
    config.set_current("mc-dev");
    let plugin = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "command": "/usr/bin/mc", "args": ["kube", "credential", "--cluster", "dev"],
        "env": [{"name": "MC_CONFIG", "value": "/home/ada/mc.yaml"}], "installHint": "install mc", "interactiveMode": "Never",
        "provideClusterInfo": false,
    });
    let cluster = json!({
        "server": "https://central:8443/k8s/clusters/dev", "certificate-authority-data": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==",
    });
    let whole = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "mc-dev",
        "clusters": [{"name": "mc-dev", "cluster": cluster}],
        "users": [{"name": "mc-dev", "user": {"exec": plugin}}],
        "contexts": [{"name": "mc-dev", "context": {"cluster": "mc-dev", "user": "mc-dev"}}],
    });
    assert_eq!(config.to_value(), whole);
    assert_eq!(Kubeconfig::parse(&config.to_yaml().expect("YAML")), Ok(config));
}

#[test]
fn what_was_chosen_in_an_entry_stays_and_what_would_mislead_goes() {
    let mut config = Kubeconfig::parse(
        "clusters:\n- name: mc-dev\n  cluster: {server: https://elsewhere, insecure-skip-tls-verify: true, proxy-url: http://proxy, certificate-authority: /ca}\n\
         users:\n- name: mc-dev\n  user: {token: old}\n\
         contexts:\n- name: mc-dev\n  context: {cluster: x, user: y, namespace: web}\n",
    )
    .expect("read");
    assert_eq!(config.put(&entry("dev")), Ok(Some("https://elsewhere".into())));
    let value = config.to_value();
    let cluster = &named(&value, "clusters", "mc-dev")["cluster"];
    assert_eq!((&cluster["proxy-url"], &cluster["insecure-skip-tls-verify"]), (&json!("http://proxy"), &Value::Null));
    assert_eq!((&cluster["server"], &cluster["certificate-authority"]), (&json!("https://central:8443/k8s/clusters/dev"), &Value::Null));
    assert_eq!(
        named(&value, "users", "mc-dev")["user"].as_object().map(|user| user.keys().cloned().collect::<Vec<_>>()),
        Some(vec!["exec".into()])
    );
    assert_eq!(named(&value, "contexts", "mc-dev")["context"], json!({"cluster": "mc-dev", "user": "mc-dev", "namespace": "web"}));
    let again = config.clone();
    assert_eq!(config.put(&entry("dev")), Ok(None));
    assert_eq!(config, again, "the second time changes nothing");
}

#[test]
fn weird_files_are_read() {
    let empty = |config: &Kubeconfig| config.0.get("clusters").is_none_or(|list| list.is_null() || list == &json!([]));
    for text in
        ["", "---\n", "# only a comment\n", "{}", "null", "apiVersion: v1\nkind: Config\nclusters: null\nusers:\n", "{\"clusters\": []}"]
    {
        let mut config = Kubeconfig::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert!(empty(&config), "{text:?}");
        assert_eq!(config.put(&entry("dev")), Ok(None), "{text:?}");
        assert_eq!(config.to_value()["kind"], "Config");
    }
    for text in ["clusters: {a: 1}", "contexts: 5"] {
        let mut config = Kubeconfig::parse(text).expect("YAML");
        let before = config.clone();
        config.put(&entry("dev")).expect_err("no list");
        assert_eq!(config, before, "half an entry is none");
    }
}

#[test]
fn what_others_wrote_means_the_same_afterwards() {
    let text = r#"
apiVersion: v1
kind: Config
preferences: {colors: yes}
current-context: "on"
x-unknown: [1, 2.5, null, {deep: ~}]
clusters:
- &one
  name: "123"
  cluster:
    server: 'https://one'
    insecure-skip-tls-verify: no
    extensions:
    - name: client.authentication.k8s.io/exec
      extension:
        audience: 0x1f
        when: 2026-11-22T05:31:07Z
        text: "y"
        folded: >-
          one
          line
- name: two
  cluster: {server: "https://two", certificate-authority-data: LS0tLQ==}
users:
- name: "null"
  user:
    token: "0123"
    password: "1e3"
    client-key-data: |
      line one
      line two
"#;
    let mut config = Kubeconfig::parse(text).expect("read");
    let before = config.to_value();
    config.put(&entry("dev")).expect("put");
    let after = Kubeconfig::parse(&config.to_yaml().expect("YAML")).expect("read again").to_value();
    assert_eq!(after, config.to_value());
    assert_eq!(after["preferences"], json!({"colors": true}));
    assert_eq!(after["current-context"], "on");
    assert_eq!(after["x-unknown"], json!([1, 2.5, null, {"deep": null}]));
    let one = &named(&after, "clusters", "123")["cluster"];
    assert_eq!(one["insecure-skip-tls-verify"], json!(false));
    assert_eq!(
        one["extensions"][0]["extension"],
        json!({"audience": 31, "when": "2026-11-22T05:31:07Z", "text": "y", "folded": "one line"})
    );
    assert_eq!(named(&after, "users", "null"), named(&before, "users", "null"));
    assert_eq!(named(&after, "users", "null")["user"]["token"], "0123");
}

/// Texts that are hard for YAML.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,20}",
        "\\PC{0,12}",
        "[\\n\\t :#'\"&*!|>%@`\\-]{1,8}",
        proptest::sample::select(vec![
            "yes",
            "no",
            "on",
            "~",
            "null",
            "0123",
            "1e3",
            "0x1f",
            ".inf",
            "2026-11-22",
            "<<",
            "=",
            "---",
            "!!binary x",
            ""
        ])
        .prop_map(str::to_owned),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1_000_000_i32..1_000_000).prop_map(|number| Value::from(f64::from(number) / 64.0)),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            // A key of two smaller-than signs merges, in YAML; kubeconfigs have none.
            proptest::collection::btree_map(text().prop_filter("merges", |key| key != "<<"), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn foreign(list: &'static str) -> impl Strategy<Value = Value> {
    let one = (text().prop_filter("ours", |name| name != "mc-dev"), value(), value());
    proptest::collection::vec(one, 0..4).prop_map(move |entries| {
        let key = list.trim_end_matches('s');
        entries.into_iter().map(|(name, of, more)| json!({ "name": name, key: of, "more": more })).collect()
    })
}

proptest! {
    #[test]
    fn entries_of_others_survive(clusters in foreign("clusters"), users in foreign("users"), contexts in foreign("contexts"), other in value()) {
        let document = json!({ "clusters": clusters, "users": users, "contexts": contexts, "other": other, "apiVersion": "v1", "kind": "Config" });
        let written = Kubeconfig(document.as_object().cloned().expect("an object")).to_yaml().expect("YAML");
        let mut config = Kubeconfig::parse(&written).expect("read");
        prop_assert_eq!(config.to_value(), document.clone(), "as it was written:\n{}", written);
        config.put(&entry("dev")).expect("put");
        let after = Kubeconfig::parse(&config.to_yaml().expect("YAML")).expect("read again").to_value();
        prop_assert_eq!(&after["other"], &document["other"]);
        for list in ["clusters", "users", "contexts"] {
            let (before, after) = (document[list].as_array().expect("list"), after[list].as_array().expect("list"));
            prop_assert_eq!(&after[..before.len()], &before[..]);
            prop_assert_eq!(after.len(), before.len() + 1);
        }
    }
}
