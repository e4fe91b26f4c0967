//! Logs: every line once and in order, whatever dies; found, followed and downloaded.

use std::ops::ControlFlow;

use mc_testkit::{RawAgent, raw_agent::lines};
use mc_wire::v1::{self, agent_frame::Frame, server_frame};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::support::{Api, Engine, World, entries, on_both_engines};

on_both_engines!(every_line_is_kept_once_while_the_server_dies_and_returns, lines_are_found_by_level_text_time_and_place);

const BATCHES: u64 = 60;
const LINES: u64 = 20;
/// What an agent may have under way.
const WINDOW: u64 = 8;

fn batch(number: u64) -> v1::Telemetry {
    lines(number, (0..LINES).map(|n| format!("line {}", (number - 1) * LINES + n)))
}

/// Sends all batches as a real agent does: from where the server says it stands, again after each loss, until all are acknowledged.
async fn send_all(agent: RawAgent, mut server_runs: watch::Receiver<u32>, acknowledged: watch::Sender<u64>) {
    loop {
        let run = *server_runs.borrow_and_update();
        if let ControlFlow::Break(()) = send_some(&agent, &acknowledged).await {
            return;
        }
        // The server died: it comes back as the next run.
        server_runs.wait_for(|now| *now > run).await.expect("the test goes on");
    }
}

async fn send_some(agent: &RawAgent, acknowledged: &watch::Sender<u64>) -> ControlFlow<()> {
    let Ok((mut link, welcome)) = agent.connect().await else { return ControlFlow::Continue(()) };
    let (mut sent, mut done) = (welcome.last_batch, welcome.last_batch);
    assert!(done >= *acknowledged.borrow(), "what was acknowledged is durable");
    while done < BATCHES {
        while sent < BATCHES && sent - done < WINDOW {
            sent += 1;
            if link.send(Frame::Telemetry(batch(sent))).await.is_err() {
                return ControlFlow::Continue(());
            }
        }
        match link.next().await {
            Ok(Some(server_frame::Frame::Telemetry(ack))) => {
                done = ack.batch;
                acknowledged.send_replace(done);
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return ControlFlow::Continue(()),
        }
    }
    ControlFlow::Break(())
}

async fn every_line_is_kept_once_while_the_server_dies_and_returns(engine: Engine) {
    let mut world = World::start(engine).await;
    let (runs, server_runs) = watch::channel(1);
    let mut senders = Vec::new();
    let mut progress = Vec::new();
    for name in ["a", "b", "c"] {
        let (acknowledged, seen) = watch::channel(0);
        senders.push(tokio::spawn(send_all(world.agent(name).await, server_runs.clone(), acknowledged)));
        progress.push(seen);
    }
    for (run, part) in [(2, BATCHES / 3), (3, BATCHES / 2)] {
        progress[0].wait_for(|done| *done >= part).await.expect("it sends");
        world.server.kill().await.expect("it dies");
        world.server.start_again().await.expect("it starts again");
        runs.send_replace(run);
    }
    for sender in senders {
        sender.await.expect("everything was acknowledged");
    }
    for name in ["a", "b", "c"] {
        let log = world.admin.get(&format!("/api/v1/agents/{name}/logs?lines=5000")).await.json();
        let messages: Vec<&str> = entries(&log).filter_map(|line| line["message"].as_str()).collect();
        let expected: Vec<String> = (0..BATCHES * LINES).map(|n| format!("line {n}")).collect();
        assert_eq!(messages, expected, "agent {name}");
        assert_eq!(log["more"], false);
    }
}

/// A log of 300 lines: every third a warning, every hundredth an error.
async fn told(world: &World) -> RawAgent {
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    for number in 1..=3 {
        let mut told =
            lines(number, (0..100).map(|n| format!("request {} of 100% {}", (number - 1) * 100 + n, if n == 7 { "Seven_ü" } else { "" })));
        for (n, line) in (0..).zip(&mut told.lines) {
            line.level = match n {
                0 => 4,
                n if n % 3 == 0 => 3,
                _ => 2,
            };
        }
        link.telemetry(told).await.expect("it is stored");
    }
    link.goodbye("").await.expect("it leaves");
    agent
}

async fn page(api: &Api, query: &str) -> (Vec<String>, Value) {
    let answer = api.get(&format!("/api/v1/agents/a/logs?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    let log = answer.json();
    let messages = entries(&log).filter_map(|line| Some(line["message"].as_str()?.trim().to_owned())).collect();
    (messages, log)
}

async fn lines_are_found_by_level_text_time_and_place(engine: Engine) {
    let world = World::start(engine).await;
    told(&world).await;
    let (newest, log) = page(&world.admin, "lines=2").await;
    assert_eq!(newest, ["request 298 of 100%", "request 299 of 100%"], "the last ones, oldest first");
    assert_eq!(log["more"], true);
    assert_eq!(page(&world.admin, "").await.0.len(), 200);

    let (errors, log) = page(&world.admin, "level=error").await;
    assert_eq!(errors, ["request 0 of 100%", "request 100 of 100%", "request 200 of 100%"]);
    assert!(entries(&log).all(|line| line["level"] == "error" && line["source"] == "stdout"));
    assert_eq!(page(&world.admin, "level=warn&lines=5000").await.0.len(), 3 * 34, "warnings and what is worse");
    assert_eq!(page(&world.admin, "q=Seven_%C3%BC").await.0.len(), 3);
    assert_eq!(page(&world.admin, "q=SevenX%C3%BC").await.0.len(), 0, "no letter is a wildcard");
    assert_eq!(page(&world.admin, "q=100%25&lines=5000").await.0.len(), 300);
    assert_eq!(page(&world.admin, "q=100%251").await.0.len(), 0);
    assert_eq!(page(&world.admin, "since=2999-01-01T00:00:00Z").await.0.len(), 0);

    let mut backwards = Vec::new();
    let mut before = String::new();
    loop {
        let (mut messages, log) = page(&world.admin, &format!("lines=70{before}")).await;
        before = format!("&before={}", log["items"][0]["seq"]);
        messages.append(&mut backwards);
        backwards = messages;
        if log["more"] == false {
            break;
        }
    }
    let whole = page(&world.admin, "lines=5000").await.0;
    assert_eq!(backwards, whole);
    assert_eq!(whole.len(), 300);
    for wrong in ["lines=0", "lines=5001", "level=loud", "since=yesterday", "format=xml", "before=x"] {
        let refused = world.admin.get(&format!("/api/v1/agents/a/logs?{wrong}")).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "invalid"), "{wrong}");
    }

    let download = world.admin.get("/api/v1/agents/a/logs?format=text").await;
    assert!(download.header("content-disposition").contains("attachment; filename=\"a.log\""));
    assert!(download.header("content-type").starts_with("text/plain"));
    let text = download.text();
    let downloaded: Vec<&str> = text.lines().collect();
    assert_eq!(downloaded.len(), 300);
    assert!(downloaded[0].contains(" error stdout request 0 of 100%"), "{}", downloaded[0]);
    assert_eq!(world.admin.get("/api/v1/agents/a/logs?format=text&level=error&lines=2").await.text().lines().count(), 2);
}

/// The lines of a followed log as they come.
struct Follow {
    answer: reqwest::Response,
    rest: Vec<u8>,
}

impl Follow {
    async fn open(api: &Api, path: &str) -> Self {
        let answer = api.request("GET", path).send().await.expect("an answer");
        assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
        Self { answer, rest: Vec::new() }
    }

    /// The next line; `None` at the end.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Some(serde_json::from_slice(&line).expect("JSON"));
            }
            self.rest.extend(self.answer.chunk().await.ok().flatten()?);
        }
    }

    /// Reads on until a message holds `text`; answers the messages read.
    async fn until(&mut self, text: &str) -> Vec<String> {
        let mut messages = Vec::new();
        loop {
            let line = self.next().await.unwrap_or_else(|| panic!("the log ended before {text:?}: {messages:?}"));
            messages.push(line["message"].as_str().expect("text").to_owned());
            if messages.last().is_some_and(|message| message.contains(text)) {
                return messages;
            }
        }
    }
}

#[tokio::test]
async fn a_followed_log_goes_on_where_it_stood() {
    let mut world = World::start(Engine::Sqlite).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    link.telemetry(lines(1, (0..5).map(|n| format!("old {n}")))).await.expect("it is stored");
    let mut follow = Follow::open(&world.admin, "/api/v1/agents/a/logs?follow=true&lines=2").await;
    assert_eq!(follow.until("old 4").await, ["old 3", "old 4"]);
    let mut warnings = Follow::open(&world.admin, "/api/v1/agents/a/logs?follow=true&level=warn&q=fire").await;
    for number in 2..=20 {
        let mut batch = lines(number, (0..50).map(|n| format!("new {}", (number - 2) * 50 + n)));
        batch.lines[3].level = 3;
        if number == 20 {
            batch.lines[3].message = "fire".to_owned();
        }
        link.telemetry(batch).await.expect("it is stored");
    }
    let followed = follow.until("new 949").await;
    assert_eq!(followed.len(), 950, "every line once");
    assert_eq!(followed[0], "new 0");
    assert_eq!(warnings.until("fire").await, ["fire"], "only what matches");

    let other = world.agent("b").await;
    let (mut noise, _) = other.connect().await.expect("it connects");
    noise.telemetry(lines(1, ["of another agent".to_owned()])).await.expect("it is stored");
    link.telemetry(lines(21, ["the last".to_owned()])).await.expect("it is stored");
    assert_eq!(follow.until("the last").await, ["the last"]);
    world.server.stop().await.expect("followers do not keep it from ending");
    assert!(follow.next().await.is_none(), "and are told by the end of the answer");
}

#[tokio::test]
async fn following_ends_with_the_right_to_it() {
    let world = World::start(Engine::Sqlite).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    link.telemetry(lines(1, ["first".to_owned()])).await.expect("it is stored");
    let id = world.user_add("olga", "operator").await;
    let operator = world.login("olga").await;
    let mut agents_log = Follow::open(&operator, "/api/v1/agents/a/logs?follow=true").await;
    let mut servers_log = Follow::open(&operator, "/api/v1/logs?follow=true").await;
    agents_log.until("first").await;
    assert_eq!(world.admin.put(&format!("/api/v1/admin/users/{id}/roles"), &json!({"role": "viewer"})).await.status, 200);
    while servers_log.next().await.is_some() {}
    link.telemetry(lines(2, ["second".to_owned()])).await.expect("it is stored");
    agents_log.until("second").await;
    assert_eq!(world.admin.patch(&format!("/api/v1/admin/users/{id}"), &json!({"active": false})).await.status, 200);
    while agents_log.next().await.is_some() {}
}

#[tokio::test]
async fn a_batch_with_an_impossible_number_ends_only_its_own_link() {
    let world = World::start(Engine::Sqlite).await;
    let (good, bad) = (world.agent("good").await, world.agent("bad").await);
    let (mut good_link, _) = good.connect().await.expect("it connects");
    for number in [0, u64::MAX] {
        let (mut bad_link, _) = bad.connect().await.expect("it connects");
        bad_link.send(Frame::Telemetry(lines(number, ["poison".to_owned()]))).await.expect("it is sent");
        assert_eq!(bad_link.disconnect().await.expect("it is told why").reason, v1::disconnect::Reason::ProtocolError as i32);
    }
    good_link.telemetry(lines(1, ["still heard".to_owned()])).await.expect("it is stored");
    let entry = world.audited("agent_protocol_error", |_| true).await;
    assert_eq!(entry["resource"], "bad");
}

#[tokio::test]
async fn lines_from_the_future_are_dated_now() {
    let world = World::start(Engine::Sqlite).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    let mut batch = lines(1, ["from the year 2100".to_owned()]);
    batch.lines[0].at_micros = 4_102_444_800_000_000;
    link.telemetry(batch).await.expect("it is stored");
    let log = world.admin.get("/api/v1/agents/a/logs").await.json();
    let at = entries(&log).next().and_then(|line| line["at"].as_str().map(ToOwned::to_owned)).expect("a line");
    assert!(at.as_str() < "2100", "{at}");
}

#[tokio::test]
async fn what_an_agent_had_to_drop_leaves_a_line() {
    let world = World::start(Engine::Sqlite).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    let mut batch = lines(1, ["after".to_owned(), "x".repeat(40_000), "\u{1b}[31mred\u{0}".to_owned()]);
    batch.dropped_lines = 42;
    link.telemetry(batch.clone()).await.expect("it is stored");
    link.telemetry(batch).await.expect("sent twice it is acknowledged twice");
    let (messages, _) = page(&world.admin, "").await;
    assert_eq!(messages.len(), 4, "and stored once");
    assert!(messages[0].starts_with("42 lines before this one were dropped"), "{}", messages[0]);
    assert!(messages[2].len() <= 16 * 1024 && messages[2].ends_with('…'), "long lines are cut");
    assert_eq!(messages[3], "[31mred", "without control characters");
    let fresh = RawAgent { spool: uuid::Uuid::new_v4(), ..agent };
    let (mut link, welcome) = fresh.connect().await.expect("it connects");
    assert_eq!(welcome.last_batch, 0, "numbers count within a spool");
    link.telemetry(lines(1, ["of the new spool".to_owned()])).await.expect("it is stored");
    assert_eq!(page(&world.admin, "lines=1").await.0, ["of the new spool"]);
}

#[tokio::test]
async fn the_servers_own_log_is_read_like_an_agents() {
    let world = World::start(Engine::Sqlite).await;
    let mut follow = Follow::open(&world.admin, "/api/v1/logs?follow=true").await;
    let seen = follow.until("ready").await;
    assert!(seen.last().is_some_and(|line| line.contains("version=")), "{seen:?}");
    let download = world.admin.get("/api/v1/logs?format=text").await;
    assert!(download.header("content-disposition").contains("mission-control.log"));
    assert!(download.text().contains("ready"));
    let viewer = world.user("viewer", "viewer").await;
    assert_eq!(viewer.get("/api/v1/logs").await.status, 403);
    assert_eq!(world.admin.post("/api/v1/logs", &json!({})).await.status, 405);
}
