//! A table of kubectl invocations: what each is to three users at the door.

use futures::{StreamExt as _, stream};
use serde_json::json;

use crate::support::{
    Api,
    kube::{KubeWorld, Said},
};

/// Invocations that run at once: kubectl is a process, and machines have few cores.
const AT_ONCE: usize = 3;

/// What an invocation is to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    All,
    Part,
    No,
    On,
}

#[derive(Debug)]
struct Case {
    arguments: Vec<String>,
    outcomes: [Outcome; 3],
}

fn cases() -> Vec<Case> {
    let outcome = |word: &str| match word {
        "all" => Outcome::All,
        "part" => Outcome::Part,
        "no" => Outcome::No,
        "on" => Outcome::On,
        other => panic!("{other} is no outcome"),
    };
    let lines = include_str!("kube_table.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (arguments, outcomes) = line.rsplit_once('|').expect("two columns");
            let outcomes: Vec<Outcome> = outcomes.split_whitespace().map(outcome).collect();
            Case {
                arguments: arguments.split_whitespace().map(str::to_owned).collect(),
                outcomes: outcomes.try_into().expect("three users"),
            }
        })
        .collect()
}

/// Every refusal of the gate names its rule; some commands of kubectl show that and exit with 0.
fn refused(said: &Said) -> bool {
    said.err.contains("(rule ")
}

/// What does not change with the time of day.
fn first_words(out: &str) -> Vec<&str> {
    let mut words: Vec<&str> = out.lines().filter_map(|line| line.split_whitespace().next()).collect();
    words.sort_unstable();
    words
}

/// What is wrong with what kubectl said, if anything.
fn wrong(outcome: Outcome, said: &Said) -> Option<&'static str> {
    let refused = refused(said);
    match outcome {
        Outcome::All if said.code != 0 => Some("it failed"),
        Outcome::Part if said.code != 0 => Some("it failed"),
        Outcome::Part if said.out.contains("hidden") || said.out.contains("plan") => Some("it shows what may not be seen"),
        Outcome::Part if !said.out.contains("app-") && !said.out.contains("web") && !said.out.contains("site") => Some("it shows nothing"),
        Outcome::No if said.code == 0 && !refused => Some("it was answered"),
        Outcome::No if !refused => Some("it was not refused by the gate"),
        Outcome::No if said.out.contains("plan") => Some("it shows what may not be seen"),
        Outcome::On if refused => Some("it was refused by the gate"),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_invocation_is_judged_by_what_it_asks_for() {
    let kube = KubeWorld::start().await;
    kube.fill("app-one", &["web", "db"]).await;
    kube.fill("app-two", &["web"]).await;
    kube.fill("hidden", &["plan"]).await;
    kube.fill("pods", &[]).await;
    for namespace in ["app-one", "hidden"] {
        let site = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "site"},
            "spec": {"selector": {"matchLabels": {"app": "site"}}, "template": {
                "metadata": {"labels": {"app": "site"}}, "spec": {"containers": [{"name": "main", "image": "none"}]},
            }},
        });
        kube.peer.create(&format!("/apis/apps/v1/namespaces/{namespace}/deployments"), &site).await.expect("a deployment");
    }
    let tom = json!({
        "clusters": ["dev"], "namespaces": ["app-*"],
        "resources": ["pods", "pods/log", "services", "configmaps", "deployments.apps", "namespaces"],
    });
    let users: [(&str, Api); 3] =
        [("admin", kube.world.admin.clone()), ("vera", kube.world.user("vera", "viewer").await), ("tom", kube.user("tom", tom).await)];

    let cases = cases();
    assert!(cases.len() > 100, "{}", cases.len());
    let all: Vec<_> =
        cases.iter().flat_map(|case| users.iter().zip(case.outcomes).map(move |(user, outcome)| (case, user, outcome))).collect();
    let kube = &kube;
    let judged = stream::iter(all).map(|(case, (name, api), outcome)| async move {
        let arguments: Vec<&str> = case.arguments.iter().map(String::as_str).collect();
        let said = kube.kubectl(api, &arguments).await;
        wrong(outcome, &said).map(|why| {
            let cut = |text: &str| text.chars().take(300).collect::<String>();
            format!(
                "{name}: kubectl {}\n  {why}, wanted {outcome:?}: exit {}\n  out: {}\n  err: {}",
                arguments.join(" "),
                said.code,
                cut(&said.out),
                cut(&said.err)
            )
        })
    });
    let mut wrong: Vec<String> = judged.buffer_unordered(AT_ONCE).filter_map(async |wrong| wrong).collect().await;

    // The kubectl that the agent runs gets the same answers: it comes through the same door.
    let tom = &users[2].1;
    let compared = stream::iter(&cases).map(|case| async move {
        let arguments: Vec<&str> = case.arguments.iter().map(String::as_str).collect();
        let (here, there) = tokio::join!(kube.kubectl(tom, &arguments), kube.exec(tom, &arguments));
        // Without a cache kubectl asks what there is first, and where that is refused it does not say by whom.
        let refused_too = !refused(&here) || refused(&there) || there.code != 0;
        let same = refused_too && (here.code, first_words(&here.out)) == (there.code, first_words(&there.out));
        (!same).then(|| format!("kubectl {}: at the door {here:?}, by the agent {there:?}", arguments.join(" ")))
    });
    wrong.extend(compared.buffer_unordered(2).filter_map(async |wrong| wrong).collect::<Vec<_>>().await);
    assert!(wrong.is_empty(), "{} of {} invocations:\n{}", wrong.len(), cases.len() * 3, wrong.join("\n"));
}
