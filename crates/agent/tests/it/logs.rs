//! Log files: followed over rotation, truncation and the agent's own restarts.

use std::{fs, io::Write};

use mc_wire::v1::agent_frame::Frame as Said;

use crate::{agent::Agent, central::Central};

fn append(path: &std::path::Path, text: &str) {
    fs::File::options().create(true).append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

#[tokio::test]
async fn a_json_log_is_followed_over_a_rotation() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let log = agent.path("app.jsonl");
    append(&log, "{\"time\":\"2026-11-22T04:17:36.892Z\",\"level\":\"error\",\"msg\":\"before\"}\nundated old text\n");
    fs::write(agent.data_dir().join("agent.toml"), format!("[[logs]]\npath = \"{}\"\n", log.display())).unwrap();
    let running = agent.run();
    let mut link = central.link().await;
    let before = link.line("before").await;
    assert_eq!((before.level, before.source.as_str()), (4, log.to_str().unwrap()));
    assert_eq!(before.at_micros, "2026-11-22T04:17:36.892Z".parse::<mc_domain::time::Time>().unwrap().as_micros());
    append(&log, "{\"level\":30,\"msg\":\"live\"}\n");
    link.line("live").await;
    append(&log, "last of the old\n");
    fs::rename(&log, agent.path("app.jsonl.1")).unwrap();
    append(&log, "WARN first of the new\n");
    let mut seen = Vec::new();
    link.find(|frame| {
        if let Said::Telemetry(batch) = frame {
            seen.extend(batch.lines.iter().map(|line| (line.level, line.message.clone())));
        }
        seen.iter().any(|(_, message)| message.contains("first of the new")).then_some(())
    })
    .await;
    assert_eq!(seen, [(2, "last of the old".to_owned()), (3, "WARN first of the new".to_owned())]);
    running.stop().await;
}

#[tokio::test]
async fn reading_goes_on_after_kill_nine_without_repeating() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let log = agent.path("app.log");
    fs::write(agent.data_dir().join("agent.toml"), format!("[[logs]]\npath = \"{}\"\n", log.display())).unwrap();
    append(&log, "");
    let running = agent.run();
    let mut link = central.link().await;
    // The first line is written only once the empty file was met, or it would be history.
    link.find(|frame| matches!(frame, Said::Telemetry(_)).then_some(())).await;
    append(&log, "one\n");
    let last = link
        .find(|frame| match frame {
            Said::Telemetry(batch) if batch.lines.iter().any(|line| line.message == "one") => Some(batch.batch),
            _ => None,
        })
        .await;
    running.kill().await;
    append(&log, "two\n");
    let again = agent.run();
    let mut link = central.accept().await;
    link.welcome(last).await;
    let mut seen = Vec::new();
    link.find(|frame| {
        if let Said::Telemetry(batch) = frame {
            seen.extend(batch.lines.iter().map(|line| line.message.clone()));
        }
        seen.iter().any(|message| message == "two").then_some(())
    })
    .await;
    assert_eq!(seen, ["two"]);
    again.stop().await;
}

#[tokio::test]
async fn a_log_that_cannot_be_read_is_said_where_logs_are_read() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let folder = agent.path("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(agent.data_dir().join("agent.toml"), format!("[[logs]]\npath = \"{}\"\n", folder.display())).unwrap();
    let running = agent.run();
    let line = central.link().await.line("no regular file").await;
    assert_eq!((line.source.as_str(), line.level), ("agent", 3));
    running.stop().await;
}
