//! Filters over generated answers: what comes out is what may be seen and nothing else, however the pieces fall.

use mc_kube::filter::{Filter, FilterError, Form, OfNamespaces, Sight, filtered};
use proptest::{prelude::*, sample::select};
use prost::Message as _;
use serde_json::{Value, json};

/// The parts of Kubernetes' protobuf that a test reads and writes, by a library of its own.
pub(crate) mod proto {
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct TypeMeta {
        #[prost(string, tag = "1")]
        pub(crate) api_version: String,
        #[prost(string, tag = "2")]
        pub(crate) kind: String,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Unknown {
        #[prost(message, optional, tag = "1")]
        pub(crate) type_meta: Option<TypeMeta>,
        #[prost(bytes = "vec", tag = "2")]
        pub(crate) raw: Vec<u8>,
        #[prost(string, tag = "3")]
        pub(crate) content_encoding: String,
        #[prost(string, tag = "4")]
        pub(crate) content_type: String,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct ListMeta {
        #[prost(string, tag = "2")]
        pub(crate) resource_version: String,
        #[prost(string, tag = "3")]
        pub(crate) next: String,
        #[prost(int64, optional, tag = "4")]
        pub(crate) remaining: Option<i64>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct ObjectMeta {
        #[prost(string, tag = "1")]
        pub(crate) name: String,
        #[prost(string, tag = "3")]
        pub(crate) namespace: String,
        #[prost(string, tag = "6")]
        pub(crate) resource_version: String,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Object {
        #[prost(message, optional, tag = "1")]
        pub(crate) metadata: Option<ObjectMeta>,
        #[prost(string, tag = "2")]
        pub(crate) data: String,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct List {
        #[prost(message, optional, tag = "1")]
        pub(crate) metadata: Option<ListMeta>,
        #[prost(message, repeated, tag = "2")]
        pub(crate) items: Vec<Object>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct RawExtension {
        #[prost(bytes = "vec", tag = "1")]
        pub(crate) raw: Vec<u8>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct WatchEvent {
        #[prost(string, tag = "1")]
        pub(crate) kind: String,
        #[prost(message, optional, tag = "2")]
        pub(crate) object: Option<RawExtension>,
    }
}

/// An envelope around a message.
pub(crate) fn enveloped(api_version: &str, kind: &str, raw: Vec<u8>) -> Vec<u8> {
    let type_meta = Some(proto::TypeMeta { api_version: api_version.to_owned(), kind: kind.to_owned() });
    let unknown = proto::Unknown { type_meta, raw, ..proto::Unknown::default() };
    [b"k8s\0".as_slice(), &unknown.encode_to_vec()].concat()
}

/// What is in an envelope.
pub(crate) fn opened(bytes: &[u8]) -> proto::Unknown {
    proto::Unknown::decode(bytes.strip_prefix(b"k8s\0").unwrap()).unwrap()
}

/// Who sees the namespaces `app-*`, and of the others what is called `shared`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct App;

impl Sight for App {
    fn sees(&self, namespace: &str, name: &str) -> bool {
        namespace.starts_with("app-") || name == "shared"
    }
}

#[derive(Debug, Clone)]
struct Thing {
    namespace: &'static str,
    name: String,
    data: String,
}

impl Thing {
    fn seen(&self) -> bool {
        App.sees(self.namespace, &self.name)
    }

    fn json(&self) -> Value {
        let mut metadata =
            json!({"name": self.name, "labels": {"namespace": "app-fake", "name": "shared"}, "annotations": {"a\"]}": "{[\\"}});
        if !self.namespace.is_empty() {
            metadata["namespace"] = json!(self.namespace);
        }
        json!({"data": {"metadata": {"name": "shared"}, "text": self.marked()}, "metadata": metadata})
    }

    /// What of a hidden thing must not come out.
    fn marked(&self) -> String {
        format!("{}{}", if self.seen() { "seen" } else { "HIDDEN" }, self.data)
    }

    fn proto(&self) -> proto::Object {
        let metadata =
            proto::ObjectMeta { name: self.name.clone(), namespace: self.namespace.to_owned(), resource_version: "7".to_owned() };
        proto::Object { metadata: Some(metadata), data: self.marked() }
    }
}

fn thing() -> impl Strategy<Value = Thing> {
    let name = prop_oneof![4 => "[a-z]{1,6}", 1 => Just("shared".to_owned())];
    let data = prop_oneof![4 => "\\PC{0,20}", 1 => "[a]{300,400}"];
    (select(&["app-a", "app-b", "kube-system", "apps", ""]), name, data).prop_map(|(namespace, name, data)| Thing { namespace, name, data })
}

fn things() -> impl Strategy<Value = Vec<Thing>> {
    prop::collection::vec(thing(), 0..12)
}

/// Runs a filter over a body in pieces of these sizes.
fn run(form: Form, body: &[u8], pieces: &[usize]) -> Result<Vec<u8>, FilterError> {
    let mut filter = Filter::new(form, App);
    let mut out = Vec::new();
    let mut rest = body;
    let mut sizes = pieces.iter().copied().chain(std::iter::repeat(pieces.last().copied().unwrap_or(1)));
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(sizes.next().unwrap().clamp(1, rest.len()));
        filter.push(piece, &mut out)?;
        rest = behind;
    }
    for piece in filter.finish()? {
        out.extend(piece?);
    }
    Ok(out)
}

fn holds_nothing_hidden(out: &[u8]) -> bool {
    !out.windows(6).any(|window| window == b"HIDDEN")
}

/// A list as JSON, with its members in this order.
fn json_list(things: &[Thing], order: &[usize], pretty: bool) -> Vec<u8> {
    let items: Vec<Value> = things.iter().map(Thing::json).collect();
    let members = [
        ("kind", json!("ThingList")),
        ("apiVersion", json!("v1")),
        ("metadata", json!({"resourceVersion": "12", "continue": "token", "remainingItemCount": 991_199, "selfLink": ""})),
        ("items", json!(items)),
        ("HIDDEN", json!({"items": ["HIDDEN"]})),
    ];
    let members: Vec<String> = order
        .iter()
        .map(|at| {
            let (key, value) = &members[*at];
            let value = if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
            format!("\"{key}\":{}", value.unwrap())
        })
        .collect();
    format!("{{{}}}\n", members.join(if pretty { " ,\n\t" } else { "," })).into_bytes()
}

fn orders() -> impl Strategy<Value = Vec<usize>> {
    Just(vec![0, 1, 2, 3, 4]).prop_shuffle()
}

fn table(things: &[Thing], columns: bool) -> Value {
    let rows: Vec<Value> = things
        .iter()
        .map(|thing| {
            let mut object = json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"});
            object["metadata"] = thing.json()["metadata"].clone();
            json!({"cells": [thing.name, thing.marked()], "object": object})
        })
        .collect();
    let columns = if columns { json!([{"name": "Name", "type": "string"}]) } else { Value::Null };
    json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"remainingItemCount": 991_199}, "columnDefinitions": columns, "rows": rows})
}

fn events(things: &[Thing]) -> Vec<(&'static str, Thing)> {
    let kinds = ["ADDED", "MODIFIED", "DELETED"];
    things.iter().enumerate().map(|(at, thing)| (kinds[(at + thing.name.len()) % 3], thing.clone())).collect()
}

fn frame(event: &proto::WatchEvent) -> Vec<u8> {
    let bytes = event.encode_to_vec();
    [u32::try_from(bytes.len()).unwrap().to_be_bytes().as_slice(), &bytes].concat()
}

fn proto_event(kind: &str, api_version: &str, object_kind: &str, raw: Vec<u8>) -> Vec<u8> {
    let object = Some(proto::RawExtension { raw: enveloped(api_version, object_kind, raw) });
    frame(&proto::WatchEvent { kind: kind.to_owned(), object })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_list_in_json(things in things(), order in orders(), pretty: bool, pieces in prop::collection::vec(1_usize..200, 1..20)) {
        let out = run(Form::JsonList, &json_list(&things, &order, pretty), &pieces).unwrap();
        prop_assert!(holds_nothing_hidden(&out));
        let expected: Vec<Value> = things.iter().filter(|thing| thing.seen()).map(Thing::json).collect();
        let found: Value = serde_json::from_slice(&out).unwrap();
        prop_assert_eq!(found, json!({
            "kind": "ThingList", "apiVersion": "v1", "items": expected,
            "metadata": {"resourceVersion": "12", "continue": "token", "selfLink": ""},
        }));
    }

    #[test]
    fn a_table_in_json(things in things(), piece in 1_usize..100) {
        let out = run(Form::JsonList, table(&things, true).to_string().as_bytes(), &[piece]).unwrap();
        prop_assert!(holds_nothing_hidden(&out));
        let seen: Vec<Thing> = things.into_iter().filter(Thing::seen).collect();
        let mut expected = table(&seen, true);
        expected["metadata"] = json!({});
        prop_assert_eq!(serde_json::from_slice::<Value>(&out).unwrap(), expected);
    }

    #[test]
    fn events_in_json(things in things(), piece in 1_usize..100, pretty: bool) {
        let written = |(kind, thing): &(&str, Thing)| {
            let event = json!({"type": kind, "object": thing.json()});
            if pretty { serde_json::to_string_pretty(&event) } else { serde_json::to_string(&event) }.unwrap() + "\n"
        };
        let body: String = events(&things).iter().map(written).collect();
        let out = run(Form::JsonWatch, body.as_bytes(), &[piece]).unwrap();
        prop_assert!(holds_nothing_hidden(&out));
        let found: Vec<Value> = serde_json::Deserializer::from_slice(&out).into_iter().map(Result::unwrap).collect();
        let expected: Vec<Value> =
            events(&things).iter().filter(|(_, thing)| thing.seen()).map(|(kind, thing)| json!({"type": kind, "object": thing.json()})).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn tables_as_events(things in things(), piece in 1_usize..100) {
        let body: String = events(&things)
            .iter()
            .enumerate()
            .map(|(at, (kind, thing))| json!({"type": kind, "object": table(std::slice::from_ref(thing), at == 0)}).to_string() + "\n")
            .collect();
        let out = String::from_utf8(run(Form::JsonWatch, body.as_bytes(), &[piece]).unwrap()).unwrap();
        prop_assert!(holds_nothing_hidden(out.as_bytes()));
        let found: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let seen: Vec<(&str, Thing)> = events(&things).into_iter().filter(|(_, thing)| thing.seen()).collect();
        prop_assert_eq!(found.len(), seen.len());
        for (at, (found, (kind, thing))) in found.iter().zip(&seen).enumerate() {
            // Whichever comes out first has the columns.
            let mut expected = table(std::slice::from_ref(thing), at == 0);
            expected["metadata"] = json!({});
            prop_assert_eq!(found, &json!({"type": kind, "object": expected}));
        }
    }

    #[test]
    fn a_list_in_protobuf(things in things(), pieces in prop::collection::vec(1_usize..200, 1..20)) {
        let metadata = proto::ListMeta { resource_version: "12".to_owned(), next: "token".to_owned(), remaining: Some(991_199) };
        let list = proto::List { metadata: Some(metadata.clone()), items: things.iter().map(Thing::proto).collect() };
        let out = run(Form::ProtoList, &enveloped("v1", "ThingList", list.encode_to_vec()), &pieces).unwrap();
        prop_assert!(holds_nothing_hidden(&out));
        let unknown = opened(&out);
        prop_assert_eq!(unknown.type_meta.unwrap().kind, "ThingList");
        let found = proto::List::decode(unknown.raw.as_slice()).unwrap();
        prop_assert_eq!(found.metadata.unwrap(), proto::ListMeta { remaining: None, ..metadata });
        let expected: Vec<proto::Object> = things.iter().filter(|thing| thing.seen()).map(Thing::proto).collect();
        prop_assert_eq!(found.items, expected);
    }

    #[test]
    fn events_in_protobuf(things in things(), piece in 1_usize..100) {
        let written = |(kind, thing): &(&str, Thing)| proto_event(kind, "v1", "Thing", thing.proto().encode_to_vec());
        let body: Vec<u8> = events(&things).iter().flat_map(written).collect();
        let out = run(Form::ProtoWatch, &body, &[piece]).unwrap();
        prop_assert!(holds_nothing_hidden(&out));
        let expected: Vec<u8> = events(&things).iter().filter(|(_, thing)| thing.seen()).flat_map(written).collect();
        prop_assert_eq!(out, expected);
    }

    #[test]
    fn what_is_cut_off_is_not_taken_for_the_whole(things in things(), cut in 0.0_f64..1.0, order in orders()) {
        let list = proto::List { metadata: None, items: things.iter().map(Thing::proto).collect() };
        let bodies = [
            (Form::JsonList, json_list(&things, &order, false)),
            (Form::ProtoList, enveloped("v1", "ThingList", list.encode_to_vec())),
        ];
        for (form, body) in bodies {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a body")]
            let end = ((body.len() - 1) as f64 * cut) as usize;
            let mut filter = Filter::new(form, App);
            let mut out = Vec::new();
            let failed = filter.push(&body[..end], &mut out).is_err() || filter.finish().is_err();
            prop_assert!(failed, "{:?} cut at {} of {}", form, end, body.len());
            prop_assert!(holds_nothing_hidden(&out));
        }
    }

    #[test]
    fn any_bytes_end_in_an_answer(body in prop::collection::vec(any::<u8>(), 0..200), piece in 1_usize..50) {
        for form in [Form::JsonList, Form::JsonWatch, Form::ProtoList, Form::ProtoWatch] {
            let _ = run(form, &body, &[piece]);
        }
    }
}

fn json_watch(lines: &[Value]) -> Result<Vec<Value>, FilterError> {
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let out = String::from_utf8(run(Form::JsonWatch, body.as_bytes(), &[7])?).unwrap();
    Ok(out.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn bookmarks_and_errors_pass_and_carry_nothing() {
    let bookmark = json!({"type": "BOOKMARK", "object": {"kind": "Pod", "apiVersion": "v1", "metadata":
        {"resourceVersion": "9", "creationTimestamp": null, "annotations": {"k8s.io/initial-events-end": "true"}}}});
    let error = json!({"type": "ERROR", "object": {"kind": "Status", "apiVersion": "v1", "code": 410, "message": "too old"}});
    let nameless = json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "9"}});
    let table = json!({"type": "BOOKMARK", "object": {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "9"},
        "columnDefinitions": [], "rows": [{"cells": [""], "object": nameless}]}});
    let all = [bookmark, error, table];
    assert_eq!(json_watch(&all).unwrap(), all);
    // Under the name of a bookmark or an error, an object is judged like any other.
    let hidden = json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "x", "namespace": "kube-system"}});
    assert_eq!(json_watch(&[json!({"type": "BOOKMARK", "object": hidden})]).unwrap(), Vec::<Value>::new());
    assert!(matches!(json_watch(&[json!({"type": "ERROR", "object": hidden})]), Err(FilterError::Unjudgeable(_))));
    assert!(matches!(json_watch(&[json!({"type": "SYNC", "object": hidden})]), Err(FilterError::Unjudgeable(_))));
    let meta = |name: &str| {
        proto::Object { metadata: Some(proto::ObjectMeta { name: name.to_owned(), ..Default::default() }), data: String::new() }
            .encode_to_vec()
    };
    let bookmark = proto_event("BOOKMARK", "v1", "Pod", meta(""));
    let error = proto_event("ERROR", "v1", "Status", b"\x12\x07Failure".to_vec());
    let both = [bookmark, error].concat();
    assert_eq!(run(Form::ProtoWatch, &both, &[3]).unwrap(), both);
    assert_eq!(run(Form::ProtoWatch, &proto_event("BOOKMARK", "v1", "Pod", meta("x")), &[3]).unwrap(), b"");
    assert!(run(Form::ProtoWatch, &proto_event("ERROR", "v1", "Pod", meta("x")), &[3]).is_err());
}

#[test]
fn what_cannot_be_judged_ends_the_answer() {
    let lists = [
        r#"{"items":[{"metadata":{"namespace":"app-a"}}]}"#,
        r#"{"items":[{"metadata":{"name":"","namespace":"app-a"}}]}"#,
        r#"{"items":[{"describedObject":{"name":"x","namespace":"app-a"}}]}"#,
        r#"{"items":[null]}"#,
        r#"{"items":["x"]}"#,
        r#"{"items":{"a":1}}"#,
        r#"{"rows":[{"cells":["x"]}]}"#,
        r#"{"rows":[{"cells":["x"],"object":null}]}"#,
        r#"{"items":[],"items":[]}"#,
        r#"{"items":[{"metadata":{"name":"a","name":"shared"}}]}"#,
        r#"{"items":[{"metadata":{"name":"shared"},"metadata":{"name":"a"}}]}"#,
        r#"{"items":[{"metadata":{"name":1}}]}"#,
        r#"[]"#,
        "",
    ];
    for list in lists {
        assert!(run(Form::JsonList, list.as_bytes(), &[5]).is_err(), "{list}");
    }
    assert_eq!(run(Form::JsonList, br#"{"kind":"PodList","items":null}"#, &[5]).unwrap(), b"{\"kind\":\"PodList\",\"items\":null}\n");
    assert_eq!(run(Form::JsonList, b"{}", &[5]).unwrap(), b"{}\n");
    let item = proto::Object { metadata: Some(proto::ObjectMeta { name: "shared".to_owned(), ..Default::default() }), data: String::new() };
    let list = proto::List { metadata: None, items: vec![item] }.encode_to_vec();
    assert!(run(Form::ProtoList, &enveloped("v1", "PodList", list.clone()), &[5]).is_ok());
    for (version, kind) in
        [("v1", "List"), ("custom.metrics.k8s.io/v1beta1", "MetricValueList"), ("acme.org/v1", "GadgetList"), ("v1", "Pod"), ("", "")]
    {
        assert!(run(Form::ProtoList, &enveloped(version, kind, list.clone()), &[5]).is_err(), "{version} {kind}");
    }
    let third = [list.as_slice(), b"\x1a\x06HIDDEN"].concat();
    assert!(matches!(run(Form::ProtoList, &enveloped("v1", "PodList", third), &[5]), Err(FilterError::Unjudgeable(_))));
    let packed = proto::Unknown { type_meta: None, raw: list, content_encoding: "gzip".to_owned(), ..Default::default() };
    assert!(run(Form::ProtoList, &[b"k8s\0".as_slice(), &packed.encode_to_vec()].concat(), &[5]).is_err());
}

#[test]
fn partial_lists_of_the_older_version_have_their_parts_the_other_way_round() {
    let item = |name: &str| proto::Object {
        metadata: Some(proto::ObjectMeta { name: name.to_owned(), ..Default::default() }),
        data: String::new(),
    };
    let mut raw = Vec::new();
    for part in [item("shared"), item("hidden")] {
        prost::encoding::message::encode(1, &part, &mut raw);
    }
    let metadata = proto::ListMeta { resource_version: "3".to_owned(), remaining: Some(4), ..Default::default() };
    prost::encoding::message::encode(2, &metadata, &mut raw);
    let out = run(Form::ProtoList, &enveloped("meta.k8s.io/v1beta1", "PartialObjectMetadataList", raw), &[9]).unwrap();
    let mut expected = Vec::new();
    prost::encoding::message::encode(1, &item("shared"), &mut expected);
    prost::encoding::message::encode(2, &proto::ListMeta { remaining: None, ..metadata }, &mut expected);
    assert_eq!(opened(&out).raw, expected);
}

#[test]
fn namespaces_are_in_themselves() {
    let list = json!({"items": [{"metadata": {"name": "app-a"}}, {"metadata": {"name": "kube-system"}}]}).to_string();
    let mut out = Vec::new();
    let mut filter = Filter::new(Form::JsonList, OfNamespaces(App));
    filter.push(list.as_bytes(), &mut out).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&out).unwrap(), json!({"items": [{"metadata": {"name": "app-a"}}]}));
}

#[test]
fn a_form_is_told_by_its_type() {
    let of = |kind: &str, watch| Form::of(kind, None, watch).ok();
    assert_eq!(of("application/json", false), Some(Form::JsonList));
    assert_eq!(of("application/json; charset=utf-8", true), Some(Form::JsonWatch));
    assert_eq!(of("Application/vnd.kubernetes.protobuf", false), Some(Form::ProtoList));
    assert_eq!(of("application/vnd.kubernetes.protobuf;stream=watch", true), Some(Form::ProtoWatch));
    for kind in ["", "application/yaml", "application/cbor", "text/plain", "application/json-patch+json"] {
        assert_eq!(of(kind, false), None, "{kind}");
    }
    assert!(Form::of("application/json", Some("gzip"), false).is_err());
    assert!(Form::of("application/json", Some("identity"), false).is_ok());
}

#[tokio::test]
async fn a_stream_ends_with_the_error_that_ends_it() {
    use futures::{StreamExt as _, stream};
    let body = [r#"{"items":[{"metadata":{"name":"shared"}}"#, r#",{"metadata":{}}]}"#, "more"];
    let body = stream::iter(body).map(|piece| Ok::<_, FilterError>(piece.into()));
    let out: Vec<_> = filtered(Box::pin(body), Filter::new(Form::JsonList, App)).collect().await;
    assert_eq!(out.len(), 2);
    assert_eq!(out[0].as_ref().unwrap().as_ref(), br#"{"items":[{"metadata":{"name":"shared"}}"#);
    assert!(matches!(out[1], Err(FilterError::Unjudgeable(_))));
}

/// A list far greater than what is held of it: what comes out between two pieces is never more than the piece and one object.
#[test]
fn a_long_list_flows() {
    let object = json!({"metadata": {"name": "web", "namespace": "app-a"}, "data": "x".repeat(20_000)}).to_string();
    let hidden = object.replace("app-a", "kube-system");
    let mut filter = Filter::new(Form::JsonList, App);
    let mut out = Vec::new();
    filter.push(br#"{"kind":"ThingList","items":["#, &mut out).unwrap();
    let mut total = 0;
    for number in 0..4_000 {
        let object = if number % 2 == 0 { &object } else { &hidden };
        let text = if number == 0 { object.clone() } else { format!(",{object}") };
        for piece in text.as_bytes().chunks(8_192) {
            filter.push(piece, &mut out).unwrap();
            assert!(out.len() <= object.len() + 8_192);
            total += out.len();
            out.clear();
        }
    }
    filter.push(b"]}", &mut out).unwrap();
    filter.finish().unwrap();
    assert!(total > 2_000 * object.len() && total < 2_001 * (object.len() + 1), "{total}");
}
