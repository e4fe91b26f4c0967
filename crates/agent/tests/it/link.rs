//! The stream: hello, heartbeats, telemetry, goodbye, reconnects.

use std::time::Duration;

use mc_wire::v1::{self, agent_frame::Frame as Said, server_frame::Frame};
use rustix::process::Signal;

use crate::{
    agent::{Agent, text},
    central::Central,
};

#[tokio::test]
async fn hello_heartbeat_pong_metrics_and_goodbye() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let running = agent.run();
    let mut link = central.link().await;
    let identity = link.hello.identity.clone().unwrap();
    assert_eq!((identity.kind.as_str(), identity.allow.join(",").as_str()), ("host", "restart,kill,check"));
    assert_eq!((link.hello.protocol_min, link.authorization.clone()), (1, None));
    link.find(|frame| matches!(frame, Said::Heartbeat(_)).then_some(())).await;
    link.say(Frame::Ping(v1::Ping { nonce: 77 })).await;
    let nonce = link.find(|frame| if let Said::Pong(pong) = frame { Some(pong.nonce) } else { None }).await;
    assert_eq!(nonce, 77);
    let sample = link
        .find(|frame| match frame {
            Said::Telemetry(batch) => batch.samples.first().cloned(),
            _ => None,
        })
        .await;
    assert!(sample.metrics.len() >= 9 && sample.metrics.len() == sample.values.len());

    running.signal(Signal::TERM);
    link.find(|frame| matches!(frame, Said::Goodbye(_)).then_some(())).await;
    running.stop().await;
}

#[tokio::test]
async fn telemetry_is_sent_again_exactly_once_after_a_lost_link() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    agent.configure("i=0; while [ $i -lt 300 ]; do echo line-$i; i=$((i+1)); sleep 0.01; done; exec sleep 1000", "");
    let running = agent.run();
    let mut stored: Vec<String> = Vec::new();
    let mut last = 0;
    let mut take = |batch: &v1::Telemetry, stored: &mut Vec<String>| {
        // As central does: a batch at or below the last stored one was stored before.
        if batch.batch > last {
            last = batch.batch;
            stored.extend(batch.lines.iter().map(|line| line.message.clone()));
        }
        last
    };
    let mut spool = None;
    let mut known = 0;
    for round in 0..4 {
        let mut link = central.accept().await;
        assert_eq!(spool.get_or_insert(link.hello.spool_id.clone()), &link.hello.spool_id, "the spool is the same over links");
        link.welcome(known).await;
        let mut batches = 0;
        while stored.len() < 300 {
            let Some(frame) = link.next().await else { panic!("the link broke in round {round}") };
            let Said::Telemetry(batch) = frame else { continue };
            known = take(&batch, &mut stored);
            batches += 1;
            if round < 3 && batches > 1 {
                break;
            }
            // The last batch before the cut is stored but never acknowledged.
            link.acknowledge(batch.batch).await;
        }
        link.cut.cancel();
    }
    let expected: Vec<_> = (0..300).map(|n| format!("line-{n}")).collect();
    assert_eq!(stored, expected);
    running.kill().await;
}

#[tokio::test]
async fn a_silent_central_is_left_and_tried_again() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let running = agent.run();
    let link = central.accept().await;
    let welcome = v1::Welcome { protocol: 1, heartbeat_seconds: 1, ..Default::default() };
    link.say(Frame::Welcome(welcome)).await;
    // Nothing is said from here on: after two heartbeats without a word the agent dials again.
    let again = central.accept().await;
    assert_eq!(again.hello.instance_id, link.hello.instance_id, "the same process");
    assert!(running.log().contains("nothing heard from central"), "{}", running.log());
    running.kill().await;
}

#[tokio::test]
async fn a_central_that_died_is_found_again_at_its_address() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    agent.configure("echo before; while :; do sleep 1000; done", "");
    let running = agent.run();
    central.link().await.line("before").await;
    let (address, authority) = central.die().await;
    let mut central = loop {
        // The old listener's port frees a moment after its end.
        if tokio::net::TcpListener::bind(address).await.is_ok() {
            break Central::start_at(address, authority).await;
        }
        tokio::task::yield_now().await;
    };
    let link = central.link().await;
    assert!(!link.hello.instance_id.is_empty());
    running.stop().await;
}

#[tokio::test]
async fn an_api_key_is_shown_on_connecting() {
    let mut central = Central::start().await;
    let agent = Agent::new();
    let joined = agent.try_join(&central, &["--api-key"]).await;
    assert!(joined.status.success(), "{}", text(&joined.stderr));
    let running = agent.run();
    let link = central.link().await;
    assert_eq!(link.authorization.as_deref(), Some(format!("Bearer mcak_{}", "k".repeat(43)).as_str()));
    running.stop().await;
    assert!(!agent.run().log().contains("mcak_"), "never logged");
}

#[tokio::test]
async fn an_old_certificate_is_renewed_and_used() {
    let mut central = Central::start().await;
    central.behaviour.lock().unwrap().age = Duration::from_secs(6 * 86_400);
    let agent = Agent::joined(&central).await;
    let before = std::fs::read(agent.data_dir().join("key.pem")).unwrap();
    let running = agent.run();
    let link = central.link().await;
    central.renewed().await;
    crate::agent::until("the key changed", || std::fs::read(agent.data_dir().join("key.pem")).is_ok_and(|key| key != before)).await;
    // Nobody cut the link: the agent begins anew by itself, so that the old certificate ends.
    central.link().await;
    drop(link);
    running.stop().await;
}
