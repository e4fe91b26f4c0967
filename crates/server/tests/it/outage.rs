//! A database that goes away and returns, and a disk that is full for a while: clear answers meanwhile, and nothing acknowledged is lost.

use std::{fs, io::Write, time::Duration};

use mc_testkit::{
    Db, RawAgent,
    db::Cluster,
    program::LIMIT,
    raw_agent::lines,
    server::{PASSWORD, Setup},
};
use mc_wire::v1::{agent_frame::Frame, disconnect::Reason, server_frame};
use serde_json::{Value, json};

use crate::support::{Answer, World, entries, eventually};

fn unavailable(answer: &Answer) {
    assert_eq!((answer.status, answer.code().as_str()), (503, "unavailable"), "{}", answer.text());
    assert!(!answer.header("retry-after").is_empty());
    let detail = answer.json()["detail"].as_str().expect("text").to_owned();
    assert!(!detail.contains('\n') && !detail.contains("SQL"), "{detail}");
}

fn messages(log: &Value) -> Vec<String> {
    entries(log).filter_map(|line| Some(line["message"].as_str()?.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_goes_away_and_returns() {
    let cluster = Cluster::start().expect("a PostgreSQL server");
    let url = cluster.url();
    let world = World::on(Db::sqlite().expect("a folder"), |setup| setup.variable("DATABASE_URL", url)).await;
    let admin = &world.admin;
    let (agent, away, other) = (world.agent("a").await, world.agent("away").await, world.agent("other").await);
    assert_eq!(away.name, "away");
    let (mut link, _) = agent.connect().await.expect("it connects");
    link.telemetry(lines(1, ["before".to_owned()])).await.expect("it is stored");
    let (command, _) = world.act("a", json!({"action": "check"})).await;
    link.command().await.expect("it arrives");

    cluster.stop().expect("it stops");
    eventually("bad health", async || (admin.get("/health").await.status == 503).then_some(())).await;
    assert_eq!(admin.get("/readyz").await.status, 503);
    assert_eq!(admin.get("/healthz").await.status, 200, "the process lives");
    unavailable(&admin.post("/api/v1/join-tokens", &json!({})).await);
    unavailable(&world.stranger().login("admin", PASSWORD).await);
    unavailable(&admin.get("/api/v1/admin/audit").await);
    unavailable(&admin.post("/api/v1/agents/a/actions", &json!({"action": "check"})).await);
    unavailable(&admin.post("/api/v1/agents/away/actions", &json!({"action": "check"})).await);
    link.send(Frame::Telemetry(lines(2, ["during".to_owned()]))).await.expect("sent");
    link.tell(&command, "done", "during").await.expect("sent");
    link.beat(1).await.expect("the link lives on");
    let mut refused = other.greet(other.hello()).await.expect("it opens");
    let told = refused.disconnect().await.expect("it is told");
    assert_ne!(told.reason(), Reason::Removed, "an agent is not sent away for good because of us: {told:?}");
    assert!(told.message.contains("database"), "{told:?}");

    cluster.start_again().expect("it starts again");
    eventually("good health", async || (admin.get("/health").await.status == 200).then_some(())).await;
    link.acknowledged(2).await.expect("what waited is stored now");
    assert_eq!(messages(&admin.get("/api/v1/agents/a/logs").await.json()), ["before", "during"]);
    link.report(&command, "done", "during").await.expect("sent again, as agents do until it is acknowledged");
    assert_eq!(world.command_in(&command, "done").await["result"], "during");
    other.connect().await.expect("it connects");
    assert_eq!(admin.post("/api/v1/join-tokens", &json!({})).await.status, 201);
    assert_eq!(world.stranger().login("admin", PASSWORD).await.status, 200);
    let tried = world.audited("agent_check", |entry| entry["resource"] == "away").await;
    assert_eq!(tried["result"], "failed", "what was tried meanwhile is in the trail all the same");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_survived() {
    let world = World::on(Db::sqlite().expect("a folder"), |setup: Setup| setup.disk(24)).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    link.telemetry(lines(1, ["before".to_owned()])).await.expect("it is stored");
    let fill = world.server.data_dir().join("fill");
    let mut made = Vec::new();
    let full = tokio::time::timeout(LIMIT, async {
        loop {
            fill_up(&fill);
            let answer = world.admin.post("/api/v1/join-tokens", &json!({})).await;
            if answer.status != 201 {
                return answer;
            }
            made.push(answer.json()["id"].clone());
        }
    })
    .await
    .expect("it becomes full");
    unavailable(&full);
    assert!(full.text().contains("disk is full"), "{}", full.text());
    assert_eq!(world.admin.get("/api/v1/agents/a").await.status, 200, "reading goes on");
    let more = send_until_held(&mut link).await;

    fs::remove_file(&fill).expect("room again");
    link.acknowledged(more).await.expect("what waited is stored now");
    let token = eventually("room", async || {
        let answer = world.admin.post("/api/v1/join-tokens", &json!({})).await;
        (answer.status == 201).then(|| answer.json())
    })
    .await;
    made.push(token["id"].clone());
    let list = world.admin.get("/api/v1/join-tokens").await.json();
    for id in made {
        assert!(entries(&list).any(|token| token["id"] == id), "what was acknowledged is there");
    }
    let log = messages(&world.admin.get("/api/v1/agents/a/logs?lines=5000").await.json());
    assert_eq!(log.len(), usize::try_from(more).expect("a size"), "every batch once");
    let again = RawAgent { instance: mc_domain::id::InstanceId::new(), ..agent };
    assert_eq!(again.connect().await.expect("it connects").1.last_batch, more);
}

/// Fills the disk to the last byte.
fn fill_up(file: &std::path::Path) {
    let mut file = fs::OpenOptions::new().create(true).append(true).open(file).expect("a file");
    for size in [1 << 20, 4_096, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}

/// Sends batches, each when the one before was acknowledged, until one is held back; answers its number.
async fn send_until_held(link: &mut mc_testkit::raw_link::RawLink) -> u64 {
    for number in 2.. {
        // Incompressible, so that it needs room.
        let text: String = (0..2_000).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect();
        link.send(Frame::Telemetry(lines(number, [text]))).await.expect("sent");
        let acknowledged = link.find(|frame| match frame {
            server_frame::Frame::Telemetry(ack) => (ack.batch == number).then_some(()),
            _ => None,
        });
        if tokio::time::timeout(Duration::from_secs(3), acknowledged).await.is_err() {
            return number;
        }
    }
    0
}
