//! Connections into containers, in each protocol. The first byte chooses how the rest falls into pieces, which must make no difference; the
//! second says which parts go up and which come down.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mc_kube::session::{Event, Outcome, Protocol, Session};

type Heard = (Vec<(u8, Vec<u8>)>, Outcome);

/// What was told, or nothing when the session ends with an error.
fn run(protocol: Protocol, parts: &[(bool, &[u8])], piece: usize) -> Option<Heard> {
    let mut session = Session::new(protocol);
    let mut heard: Vec<(u8, Vec<u8>)> = Vec::new();
    for (up, part) in parts {
        for piece in part.chunks(piece) {
            let mut sink = |event: Event<'_>| {
                let (kind, bytes) = match event {
                    Event::Data(flow, bytes) => (flow as u8, bytes.to_vec()),
                    Event::Resize { cols, rows } => (9, [cols.to_be_bytes(), rows.to_be_bytes()].concat()),
                };
                match heard.last_mut() {
                    Some((last, all)) if *last == kind && kind != 9 => all.extend(bytes),
                    _ => heard.push((kind, bytes)),
                }
            };
            let read = if *up { session.up(piece, &mut sink) } else { session.down(piece, &mut sink) };
            read.ok()?;
        }
    }
    Some((heard, session.outcome()))
}

fuzz_target!(|bytes: &[u8]| {
    let [piece, ways, rest @ ..] = bytes else { return };
    // Parts of equal length, each in the direction that a bit says.
    let parts: Vec<(bool, &[u8])> =
        rest.chunks((rest.len() / 8).max(1)).enumerate().map(|(number, part)| (ways >> (number % 8) & 1 == 1, part)).collect();
    let websocket = |name: &'static [u8]| [("upgrade", &b"websocket"[..]), ("sec-websocket-protocol", name)];
    let protocols = [
        Protocol::of([("upgrade", &b"SPDY/3.1"[..])]),
        Protocol::of(websocket(b"v5.channel.k8s.io")),
        Protocol::of(websocket(b"base64.channel.k8s.io")),
    ];
    for protocol in protocols.into_iter().flatten() {
        assert_eq!(run(protocol, &parts, usize::MAX), run(protocol, &parts, usize::from(*piece).max(1)));
    }
});
