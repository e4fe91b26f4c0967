//! Filters before a real API server: what passes the door is exactly what of the server's own answer may be seen.

use std::{process::Stdio, time::Duration};

use anyhow::{Context as _, Result, ensure};
use mc_kube::filter::Sight as _;
use mc_testkit::{
    KubePeer,
    program::{LIMIT, Program},
};
use prost::Message as _;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    filters::{App, opened, proto},
    proxy::Door,
};

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const PARTIAL: &str = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
const PROTOBUF_PARTIAL: &str = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
const PROTOBUF_PARTIAL_OLD: &str = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1beta1;g=meta.k8s.io";
/// Namespaces that may be seen, and one that may not but has a thing called `shared`.
const NAMESPACES: [&str; 3] = ["app-a", "app-b", "hidden"];

/// A name, with its namespace.
type Named = (String, String);

async fn filled() -> Result<KubePeer> {
    let peer = KubePeer::start().await?;
    for namespace in NAMESPACES {
        peer.create("/api/v1/namespaces", &json!({"metadata": {"name": namespace}})).await?;
        let mark = if namespace == "hidden" { "HIDDEN" } else { "seen" };
        for number in 0..6 {
            let name = if number == 0 { "shared".to_owned() } else { format!("{mark}-{number}").to_lowercase() };
            let mark = if number == 0 { "seen" } else { mark };
            let config =
                json!({"metadata": {"name": name, "labels": {"app": "x"}}, "data": {"text": format!("{mark} {}", "y".repeat(5_000))}});
            peer.create(&format!("/api/v1/namespaces/{namespace}/configmaps"), &config).await?;
        }
        let pod = json!({"metadata": {"name": "web"}, "spec": {"containers": [{"name": "c", "image": format!("{mark}/image")}]}});
        peer.create(&format!("/api/v1/namespaces/{namespace}/pods"), &pod).await?;
        let deployment = json!({"metadata": {"name": "web"}, "spec": {
            "selector": {"matchLabels": {"app": "x"}},
            "template": {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "c", "image": format!("{mark}/image")}]}}}});
        peer.create(&format!("/apis/apps/v1/namespaces/{namespace}/deployments"), &deployment).await?;
    }
    gadgets(&peer).await?;
    Ok(peer)
}

/// A kind of its own, whose lists the server writes in another order.
async fn gadgets(peer: &KubePeer) -> Result<()> {
    let schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let version = json!({"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}});
    let crd = json!({"metadata": {"name": "gadgets.acme.example.org"}, "spec": {
        "group": "acme.example.org", "scope": "Namespaced", "names": {"kind": "Gadget", "plural": "gadgets", "listKind": "GadgetList"},
        "versions": [version]}});
    let crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": crd["metadata"], "spec": crd["spec"]});
    peer.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", &crd).await?;
    let served = async {
        while peer.send(Method::GET, "/apis/acme.example.org/v1/gadgets", None).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(LIMIT, served).await.context("the new kind is not served")?;
    for namespace in NAMESPACES {
        let gadget = json!({"apiVersion": "acme.example.org/v1", "kind": "Gadget", "metadata": {"name": "g"}, "rows": [{"object": {"metadata": {"name": "shared"}}}]});
        peer.create(&format!("/apis/acme.example.org/v1/namespaces/{namespace}/gadgets"), &gadget).await?;
    }
    Ok(())
}

/// Both ways to ask the same: the server itself, and through the door.
struct Both<'a> {
    peer: &'a KubePeer,
    door: &'a Door,
}

impl Both<'_> {
    async fn ask(&self, base: &str, path: &str, accept: &str) -> Result<(String, Vec<u8>)> {
        let answer = self.peer.admin().client()?.get(format!("{base}{path}")).header("accept", accept).send().await?;
        let status = answer.status();
        let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let bytes = answer.bytes().await?.to_vec();
        ensure!(status == 200, "{path} ({accept}): {status} {}", String::from_utf8_lossy(&bytes));
        Ok((kind, bytes))
    }

    async fn direct(&self, path: &str, accept: &str) -> Result<(String, Vec<u8>)> {
        self.ask(&self.peer.url(), path, accept).await
    }

    async fn through(&self, path: &str, accept: &str) -> Result<(String, Vec<u8>)> {
        self.ask(self.door.url(), path, accept).await
    }
}

fn named(object: &Value) -> Named {
    let text = |name: &str| object["metadata"][name].as_str().unwrap_or_default().to_owned();
    (text("namespace"), text("name"))
}

/// The objects of a list or a table.
fn names(list: &Value) -> Vec<Named> {
    let items = list["items"].as_array().into_iter().flatten().map(named);
    items.chain(list["rows"].as_array().into_iter().flatten().map(|row| named(&row["object"]))).collect()
}

fn seen(path: &str, names: Vec<Named>) -> Vec<Named> {
    let of_namespaces = path.starts_with("/api/v1/namespaces?") || path == "/api/v1/namespaces";
    names.into_iter().filter(|(namespace, name)| App.sees(if of_namespaces { name } else { namespace }, name)).collect()
}

/// The namespace `hidden` has a thing that may be seen; what is marked may not, nor what is called `hidden-` something.
fn holds_nothing_hidden(bytes: &[u8]) -> bool {
    !bytes.windows(6).any(|window| window == b"HIDDEN") && !bytes.windows(7).any(|window| window == b"hidden-")
}

const PATHS: [&str; 9] = [
    "/api/v1/configmaps",
    "/api/v1/configmaps?labelSelector=app%3Dx",
    "/api/v1/configmaps?fieldSelector=metadata.name%3Dshared",
    "/api/v1/namespaces/app-a/configmaps",
    "/api/v1/namespaces/hidden/configmaps",
    "/api/v1/namespaces",
    "/api/v1/pods",
    "/apis/apps/v1/deployments",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
];

#[tokio::test(flavor = "multi_thread")]
async fn lists_hold_what_may_be_seen() {
    let peer = filled().await.unwrap();
    let door = Door::open(&peer).await.unwrap();
    let both = Both { peer: &peer, door: &door };
    let custom = "/apis/acme.example.org/v1/gadgets";
    for path in PATHS.into_iter().chain([custom, "/api/v1/configmaps?pretty=true"]) {
        for accept in ["application/json", TABLE, PARTIAL, "*/*"] {
            let (_, direct) = both.direct(path, accept).await.unwrap();
            let (_, through) = both.through(path, accept).await.unwrap();
            assert!(holds_nothing_hidden(&through), "{path} ({accept}): {}", String::from_utf8_lossy(&through));
            let (direct, through): (Value, Value) = (serde_json::from_slice(&direct).unwrap(), serde_json::from_slice(&through).unwrap());
            assert_eq!(names(&through), seen(path, names(&direct)), "{path} ({accept})");
            for part in ["kind", "apiVersion", "columnDefinitions"] {
                assert_eq!(through[part], direct[part], "{path} ({accept})");
            }
        }
    }
    for path in PATHS {
        for accept in [PROTOBUF, PROTOBUF_PARTIAL] {
            let (kind, direct) = both.direct(path, accept).await.unwrap();
            let (_, through) = both.through(path, accept).await.unwrap();
            assert_eq!(kind, PROTOBUF);
            assert!(holds_nothing_hidden(&through), "{path} ({accept})");
            assert_eq!(proto_names(&through), seen(path, proto_names(&direct)), "{path} ({accept})");
        }
        // The older version, whose parts are the other way round, can be read by nobody but the filter here: its metadata comes last.
        let (_, through) = both.through(path, PROTOBUF_PARTIAL_OLD).await.unwrap();
        assert!(holds_nothing_hidden(&through), "{path}");
        assert_eq!(opened(&through).type_meta.unwrap().api_version, "meta.k8s.io/v1beta1");
    }
    // Of a kind whose protobuf nobody knows there is none.
    assert!(both.through(custom, PROTOBUF).await.unwrap_err().to_string().contains("406"));
}

fn proto_names(bytes: &[u8]) -> Vec<Named> {
    // What a test knows nothing of is skipped, but it must be of the right kind: `data` is bytes of any message there.
    let raw = opened(bytes).raw;
    let list = ListOfAny::decode(raw.as_slice()).unwrap();
    assert_eq!(list.metadata.unwrap().remaining, None);
    list.items.into_iter().map(|item| item.metadata.unwrap()).map(|meta| (meta.namespace, meta.name)).collect()
}

#[derive(Clone, PartialEq, prost::Message)]
struct ListOfAny {
    #[prost(message, optional, tag = "1")]
    metadata: Option<proto::ListMeta>,
    #[prost(message, repeated, tag = "2")]
    items: Vec<Any>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Any {
    #[prost(message, optional, tag = "1")]
    metadata: Option<proto::ObjectMeta>,
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_lead_on_and_count_nothing() {
    let peer = filled().await.unwrap();
    let door = Door::open(&peer).await.unwrap();
    let both = Both { peer: &peer, door: &door };
    let (_, whole) = both.direct("/api/v1/configmaps", "application/json").await.unwrap();
    let expected = seen("", names(&serde_json::from_slice(&whole).unwrap()));
    let mut found = Vec::new();
    let mut next = String::new();
    let mut pages = 0;
    loop {
        let (_, page) = both.through(&format!("/api/v1/configmaps?limit=4&continue={next}"), "application/json").await.unwrap();
        let page: Value = serde_json::from_slice(&page).unwrap();
        assert_eq!(page["metadata"].get("remainingItemCount"), None);
        found.extend(names(&page));
        pages += 1;
        match page["metadata"]["continue"].as_str() {
            Some(token) if !token.is_empty() => next = token.to_owned(),
            _ => break,
        }
    }
    assert_eq!(found, expected);
    assert!(pages > 3, "{pages}");
    let (_, page) = both.through("/api/v1/configmaps?limit=4", PROTOBUF).await.unwrap();
    let list = ListOfAny::decode(opened(&page).raw.as_slice()).unwrap().metadata.unwrap();
    assert!(list.remaining.is_none() && !list.next.is_empty());
    // The server did count.
    let (_, page) = both.direct("/api/v1/configmaps?limit=4", "application/json").await.unwrap();
    let page: Value = serde_json::from_slice(&page).unwrap();
    assert!(page["metadata"]["remainingItemCount"].is_u64());
}

/// Changes of every kind to things that may be seen and things that may not, after a version of which a watch can begin.
async fn changes(peer: &KubePeer) -> Result<String> {
    let list = peer.send(Method::GET, "/api/v1/configmaps?limit=1", None).await?;
    let version = list["metadata"]["resourceVersion"].as_str().context("no version")?.to_owned();
    // The first event is about something hidden: whatever comes with it must come with the next.
    for namespace in ["hidden", "app-a", "hidden", "app-b"] {
        for name in ["shared-not", "shared"] {
            let path = format!("/api/v1/namespaces/{namespace}/configmaps");
            let mark = if App.sees(namespace, name) { "seen" } else { "HIDDEN" };
            if name != "shared" {
                let _ = peer.create(&path, &json!({"metadata": {"name": name}, "data": {"text": mark}})).await;
            }
            peer.send(Method::PATCH, &format!("{path}/{name}"), Some(&json!({"data": {"more": mark}}))).await?;
        }
        peer.send(Method::DELETE, &format!("/api/v1/namespaces/{namespace}/configmaps/shared-not"), None).await?;
    }
    Ok(version)
}

fn json_events(bytes: &[u8]) -> Vec<(String, Named)> {
    let events = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>().map(Result::unwrap);
    let read = |event: Value| {
        let object = &event["object"];
        let object = if object["kind"] == "Table" { object["rows"][0]["object"].clone() } else { object.clone() };
        (event["type"].as_str().unwrap().to_owned(), named(&object))
    };
    events.map(read).filter(|(kind, _)| kind != "BOOKMARK").collect()
}

fn proto_events(mut bytes: &[u8]) -> Vec<(String, Named)> {
    let mut events = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let (event, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        let event = proto::WatchEvent::decode(event).unwrap();
        let object = Any::decode(opened(&event.object.unwrap().raw).raw.as_slice()).unwrap().metadata.unwrap();
        if event.kind != "BOOKMARK" {
            events.push((event.kind, (object.namespace, object.name)));
        }
        bytes = rest;
    }
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn watches_tell_of_what_may_be_seen() {
    let peer = filled().await.unwrap();
    let door = Door::open(&peer).await.unwrap();
    let both = Both { peer: &peer, door: &door };
    let version = changes(&peer).await.unwrap();
    // The server ends a watch by itself, with all that happened before it began already told.
    let query = format!("timeoutSeconds=3&allowWatchBookmarks=true&resourceVersion={version}");
    for path in [format!("/api/v1/configmaps?watch=1&{query}"), format!("/api/v1/watch/configmaps?{query}")] {
        for accept in ["application/json", TABLE, PROTOBUF] {
            let (direct, through) = tokio::join!(both.direct(&path, accept), both.through(&path, accept));
            let (direct, through) = (direct.unwrap().1, through.unwrap().1);
            assert!(holds_nothing_hidden(&through), "{path} ({accept})");
            let read = if accept == PROTOBUF { proto_events } else { json_events };
            let (direct, found) = (read(&direct), read(&through));
            let expected: Vec<_> = direct.iter().filter(|(_, (namespace, name))| App.sees(namespace, name)).cloned().collect();
            assert_eq!(found, expected, "{path} ({accept})");
            let kinds = |kind: &str| expected.iter().any(|(found, _)| found == kind);
            assert!(kinds("ADDED") && kinds("MODIFIED") && kinds("DELETED") && expected.len() < direct.len(), "{expected:?}");
            if accept == TABLE {
                let first: Value = serde_json::Deserializer::from_slice(&through).into_iter().next().unwrap().unwrap();
                assert_eq!(first.pointer("/object/columnDefinitions/0/name"), Some(&json!("Name")), "{first}");
            }
        }
    }
}

async fn kubectl(peer: &KubePeer, server: &str, args: &[&str]) -> Vec<String> {
    let config = peer.kubeconfig(server, peer.admin()).unwrap();
    let output = peer.kubectl(&config).args(args).stdin(Stdio::null()).output().await.unwrap();
    assert!(output.status.success(), "kubectl {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_sees_what_may_be_seen() {
    let peer = filled().await.unwrap();
    let door = Door::open(&peer).await.unwrap();
    // Lines about what is hidden name its namespace, and are no line of `shared`.
    let commands: [&[&str]; 8] = [
        &["get", "configmaps", "-A"],
        &["get", "configmaps", "-A", "--chunk-size=4"],
        &["get", "pods", "-A", "-o", "wide"],
        &["get", "cm,pods,deployments", "-A"],
        &["get", "cm", "-A", "-o", "custom-columns=NS:.metadata.namespace,NAME:.metadata.name"],
        &["get", "gadgets", "-A"],
        &["get", "namespaces"],
        &["get", "pods", "-n", "app-a", "-o", "name"],
    ];
    for args in commands {
        let direct = kubectl(&peer, &peer.url(), args).await;
        let through = kubectl(&peer, door.url(), args).await;
        let words = |line: &String| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let hidden = |line: &&String| {
            let words = words(line);
            let of = words.first().map(String::as_str).unwrap_or_default();
            matches!(of, "hidden" | "kube-system" | "kube-public" | "kube-node-lease" | "default")
                && !words.iter().any(|word| word.ends_with("shared"))
        };
        // Columns may be narrower and ages greater; the first two words are what counts.
        let told = |lines: Vec<&String>| lines.into_iter().map(|line| words(line).into_iter().take(2).collect()).collect::<Vec<Vec<_>>>();
        let expected = told(direct.iter().filter(|line| !hidden(line)).collect());
        assert_eq!(told(through.iter().collect()), expected, "{args:?}");
        assert!(through.len() > 1 || args.contains(&"app-a"), "{args:?}: {through:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kubectl_that_watches_hears_of_what_may_be_seen() {
    let peer = filled().await.unwrap();
    let door = Door::open(&peer).await.unwrap();
    let config = peer.kubeconfig(door.url(), peer.admin()).unwrap();
    let mut command = peer.kubectl(&config);
    command.args(["get", "configmaps", "-A", "--watch"]);
    let mut watching = Program::start("kubectl", &mut command).unwrap();
    watching.find(|line| line.contains("seen-5").then_some(())).await.unwrap();
    for (namespace, name) in [("hidden", "late"), ("app-b", "late")] {
        peer.create(&format!("/api/v1/namespaces/{namespace}/configmaps"), &json!({"metadata": {"name": name}})).await.unwrap();
    }
    let line = watching.find(|line| line.contains("late").then(|| line.to_owned())).await.unwrap();
    assert!(line.starts_with("app-b"), "{line}");
    assert!(!watching.log().lines().any(|line| line.starts_with("hidden") && !line.contains("shared")), "{}", watching.log());
    watching.kill().await.unwrap();
}
