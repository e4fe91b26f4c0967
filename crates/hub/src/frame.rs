//! Making the frames that central sends.

use mc_domain::command::{Command, CommandState};
use mc_wire::v1::{self, server_frame::Frame};

fn frame(frame: Frame) -> v1::ServerFrame {
    v1::ServerFrame { frame: Some(frame) }
}

pub(crate) fn heartbeat_ack(sequence: u64) -> v1::ServerFrame {
    frame(Frame::Heartbeat(v1::HeartbeatAck { sequence }))
}

pub(crate) fn telemetry_ack(batch: u64) -> v1::ServerFrame {
    frame(Frame::Telemetry(v1::TelemetryAck { batch }))
}

pub(crate) fn command_ack(command_id: String, state: CommandState) -> v1::ServerFrame {
    frame(Frame::CommandAck(v1::CommandAck { command_id, state: state.as_str().to_owned() }))
}

pub(crate) fn ping(nonce: u64) -> v1::ServerFrame {
    frame(Frame::Ping(v1::Ping { nonce }))
}

pub(crate) fn welcome(welcome: v1::Welcome) -> v1::ServerFrame {
    frame(Frame::Welcome(welcome))
}

pub(crate) fn disconnect(reason: v1::disconnect::Reason, message: impl Into<String>, retry_after_ms: u32) -> v1::ServerFrame {
    frame(Frame::Disconnect(v1::Disconnect { reason: reason.into(), message: message.into(), retry_after_ms }))
}

pub(crate) fn command(command: &Command) -> v1::ServerFrame {
    let timeout = command.deadline.since(command.created_at).as_secs();
    frame(Frame::Command(v1::Command {
        command_id: command.id.to_string(),
        action: command.action.as_str().to_owned(),
        reason: command.reason.clone(),
        actor: command.actor_name.clone(),
        request_id: command.request_id.to_string(),
        timeout_seconds: u32::try_from(timeout).unwrap_or(u32::MAX),
    }))
}

pub(crate) fn cancel(command_id: String) -> v1::ServerFrame {
    frame(Frame::Cancel(v1::CommandCancel { command_id }))
}

pub(crate) fn open_tunnel(tunnel_id: String, target: v1::open_tunnel::Target) -> v1::ServerFrame {
    frame(Frame::Tunnel(v1::OpenTunnel { tunnel_id, target: Some(target) }))
}
