//! Kubernetes behind the real agent: who gets what of it through the door.

use futures::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::core::v1::Pod;
use kube_client::{
    Client, Config,
    api::{Api as Kinds, ListParams, WatchEvent, WatchParams},
};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use serde_json::json;

use crate::support::{entries, kube::KubeWorld};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_is_seen_and_used_as_oneself() {
    let kube = KubeWorld::start().await;
    let cluster = kube.world.admin.get("/api/v1/clusters/dev").await.json();
    assert!(cluster["version"].as_str().is_some_and(|version| version.starts_with('v')), "{cluster}");
    assert_eq!((&cluster["agent"]["name"], &cluster["nodes"]), (&json!("keeper"), &json!({"ready": 1, "all": 1})), "{cluster}");

    let said = kube.kubectl(&kube.world.admin, &["get", "namespaces", "-o", "name"]).await;
    assert_eq!((said.code, said.out.lines().filter(|line| *line == "namespace/default").count()), (0, 1), "{said:?}");
    let said = kube.kubectl(&kube.world.admin, &["create", "namespace", "mine"]).await;
    assert_eq!((said.code, said.out.trim()), (0, "namespace/mine created"), "{said:?}");

    // The API server knows who it was, and under which correlation id it is in our trail.
    let ended = kube.world.audited("kube_request", |entry| entry["result"] == "ok").await;
    let detail = ended["detail"].as_str().expect("text");
    assert!(detail.starts_with("create namespaces in cluster dev: POST /api/v1/namespaces") && detail.ends_with("→ 201"), "{ended}");
    let events = kube.peer.audit_events().expect("its trail");
    let theirs = events.iter().find(|event| {
        event["verb"] == "create" && event["objectRef"]["resource"] == "namespaces" && event["impersonatedUser"]["username"] == "admin"
    });
    let whom = &theirs.expect("the API server wrote it down")["impersonatedUser"];
    assert!(whom["groups"].as_array().is_some_and(|groups| groups.contains(&json!("mission-control:admin"))), "{whom}");
    assert_eq!(whom["extra"]["mission-control/request-id"], json!([ended["request_id"]]), "{whom}");
    let count = kube.world.admin.get("/api/v1/clusters/dev").await.json()["requests_per_minute"].as_u64();
    assert!(count.is_some_and(|count| count >= 2), "{count:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_see_a_part_sees_that_part() {
    let kube = KubeWorld::start().await;
    kube.fill("app-one", &["web", "db"]).await;
    kube.fill("app-two", &["web"]).await;
    kube.fill("secret-plans", &["hidden"]).await;
    let reads = json!({"clusters": ["dev"], "namespaces": ["app-*"], "resources": ["pods", "pods/log", "namespaces"], "verbs": ["get", "list", "watch"]});
    let ann = kube.user("ann", reads).await;

    let said =
        kube.kubectl(&ann, &["get", "pods", "-A", "--no-headers", "-o", "custom-columns=N:.metadata.namespace,P:.metadata.name"]).await;
    let mut pods: Vec<String> = said.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join("/")).collect();
    pods.sort();
    assert_eq!((said.code, pods), (0, ["app-one/db", "app-one/web", "app-two/web"].map(str::to_owned).to_vec()), "{}", said.err);
    let table = kube.kubectl(&ann, &["get", "pods", "-A"]).await;
    assert!(table.code == 0 && table.out.contains("app-two") && !table.out.contains("hidden"), "{table:?}");
    let said = kube.kubectl(&ann, &["get", "pods", "-n", "secret-plans"]).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("Forbidden") && said.err.contains("list pods in every name") | said.err.contains("secret-plans"), "{said:?}");
    let said = kube.kubectl(&ann, &["delete", "pod", "web", "-n", "app-one"]).await;
    assert!(said.code == 1 && said.err.contains("Forbidden"), "{said:?}");
    let said = kube.kubectl(&ann, &["get", "secrets", "-A"]).await;
    assert!(said.code == 1 && said.err.contains("Forbidden"), "{said:?}");

    // Whoever may do nothing in it does not hear of it.
    let bob = kube.user("bob", json!({"clusters": ["prod"]})).await;
    assert_eq!(entries(&bob.get("/api/v1/clusters").await.json()).count(), 0);
    assert_eq!(bob.get("/api/v1/clusters/dev").await.status, 404);
    assert_eq!(bob.get(&KubeWorld::path("/api/v1/pods")).await.status, 404);
    assert_eq!(kube.world.stranger().get(&KubeWorld::path("/api")).await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_for_the_door_opens_nothing_else() {
    let kube = KubeWorld::with(r#"["read"]"#).await;
    let made = kube.world.admin.post("/api/v1/clusters/dev/credentials", &json!({})).await.json();
    let guest = kube.world.admin.holding(made["token"].as_str().expect("a token"));
    assert_eq!(guest.get(&KubeWorld::path("/api/v1/namespaces")).await.status, 200);
    assert_eq!(guest.get("/api/v1/me").await.status, 401);
    assert_eq!(guest.get("/api/v1/clusters").await.status, 401);
    assert_eq!(guest.get("/k8s/clusters/other/api").await.status, 401);

    // As an API token, and gone with it.
    let made = kube.world.api_token(json!({"name": "ci", "kind": "personal", "scopes": ["kube_request"], "ttl_seconds": 3600})).await;
    let ci = kube.world.admin.holding(made["secret"].as_str().or(made["token"].as_str()).expect("a secret"));
    let made_for_ci = ci.post("/api/v1/clusters/dev/credentials", &json!({})).await.json();
    let guest = ci.holding(made_for_ci["token"].as_str().expect("a token"));
    assert_eq!(guest.get(&KubeWorld::path("/api/v1/namespaces")).await.status, 200);
    let id = made["id"].as_str().or(made["token"]["id"].as_str()).or(made["info"]["id"].as_str()).expect("an id");
    assert_eq!(kube.world.admin.delete(&format!("/api/v1/tokens/{id}")).await.status, 204);
    assert_eq!(guest.get(&KubeWorld::path("/api/v1/namespaces")).await.status, 401);

    // The agent's owner has the last word.
    let said = kube.kubectl(&kube.world.admin, &["create", "namespace", "mine"]).await;
    assert!(said.code == 1 && said.err.contains("this agent's owner does not allow it"), "{said:?}");
    // The login's end is the token's.
    let made = kube.world.admin.post("/api/v1/clusters/dev/credentials", &json!({})).await.json();
    let guest = kube.world.admin.holding(made["token"].as_str().expect("a token"));
    assert_eq!(kube.world.admin.post("/api/v1/auth/logout", &json!({})).await.status, 204);
    assert_eq!(guest.get(&KubeWorld::path("/api/v1/namespaces")).await.status, 401);
}

/// Another client than kubectl: the `kube` crate, as controllers and tools are made with.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_kube_crate_works() {
    let kube = KubeWorld::start().await;
    kube.fill("app-one", &["web", "db"]).await;
    kube.fill("hidden", &["plan"]).await;
    let ann = kube.user("ann", json!({"clusters": ["dev"], "namespaces": ["app-*"]})).await;
    let url = format!("{}/k8s/clusters/dev", kube.world.server.url());
    let mut config = Config::new(url.parse().expect("a URL"));
    config.root_cert = Some(vec![CertificateDer::from_pem_file(kube.world.server.ca_file()).expect("a certificate").to_vec()]);
    config.auth_info.token = Some(ann.token.clone().expect("a token").into());
    let client = Client::try_from(config).expect("a client");

    let all: Kinds<Pod> = Kinds::all(client.clone());
    let listed = all.list(&ListParams::default()).await.expect("a list");
    let mut names: Vec<_> = listed.items.iter().filter_map(|pod| pod.metadata.name.as_deref()).collect();
    names.sort_unstable();
    assert_eq!(names, ["db", "web"]);
    let version = listed.metadata.resource_version.expect("a version");
    let mut watch = all.watch(&WatchParams::default(), &version).await.expect("a watch").boxed();
    let pods: Kinds<Pod> = Kinds::namespaced(client, "app-one");
    let made: Pod = serde_json::from_value(json!({"metadata": {"name": "new"}, "spec": {"containers": [{"name": "c", "image": "none"}]}}))
        .expect("a pod");
    pods.create(&Default::default(), &made).await.expect("it is made");
    loop {
        match watch.try_next().await.expect("the watch goes on").expect("an event") {
            WatchEvent::Added(pod) => break assert_eq!(pod.metadata.name.as_deref(), Some("new")),
            WatchEvent::Bookmark(_) => {}
            other => panic!("{other:?}"),
        }
    }
    pods.delete("new", &Default::default()).await.expect("it is deleted");
    let refused = pods.into_client();
    let refused = Kinds::<Pod>::namespaced(refused, "hidden").get("plan").await.expect_err("it may not be seen").to_string();
    assert!(refused.contains("namespace hidden of cluster dev"), "{refused}");
}
