//! The end of a server, and arrivals that cannot be served.

use std::time::Duration;

use mc_hub::Refused;
use mc_wire::v1::{disconnect::Reason, server_frame::Frame as Heard};

use crate::support::{Fixed, connect, hub, welcoming};

fn reason(frame: Option<Heard>) -> Reason {
    match frame {
        Some(Heard::Disconnect(disconnect)) => disconnect.reason(),
        other => panic!("expected a disconnect, got {other:?}"),
    }
}

#[tokio::test]
async fn a_draining_hub_ends_streams_that_are_open_and_streams_that_begin() {
    let hub = hub();
    let mut before = connect(&hub, welcoming()).await;
    assert!(matches!(before.next().await, Some(Heard::Welcome(_))));
    hub.drain(Duration::from_secs(5));
    assert_eq!(reason(before.next().await), Reason::ShuttingDown);
    assert_eq!(before.next().await, None);

    // An agent that comes back at once must not hold up the end of the server.
    let mut after = connect(&hub, welcoming()).await;
    let mut frames = Vec::new();
    while let Some(frame) = after.next().await {
        frames.push(frame);
    }
    assert!(frames.iter().any(|frame| matches!(frame, Heard::Disconnect(why) if why.reason() == Reason::ShuttingDown)), "{frames:?}");
    assert_eq!(hub.linked(), 0);
}

#[tokio::test]
async fn only_a_removed_agent_is_told_that_it_was_removed() {
    let hub = hub();
    let mut removed = connect(&hub, Fixed(Err(Refused::Removed("gone".to_owned())))).await;
    assert_eq!(reason(removed.next().await), Reason::Removed);
    let mut busy = connect(&hub, Fixed(Err(Refused::NotNow("the database does not answer".to_owned())))).await;
    assert_eq!(reason(busy.next().await), Reason::Unspecified, "it comes back in seconds, not in minutes");
}
