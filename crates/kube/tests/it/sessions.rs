//! Sessions into containers: frames made by the specifications, in any pieces, and those of a real kubectl and API server.

use mc_kube::session::{Event, Flow, Outcome, Protocol, Session, Unreadable};
use mc_testkit::kubelet::spdy::{FIN, Writer};
use proptest::{collection::vec, prelude::*};

/// What passed, with neighbouring pieces of a stream put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Passed {
    Data(Flow, Vec<u8>),
    Size(u16, u16),
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Heard(pub(crate) Vec<Passed>);

impl Heard {
    pub(crate) fn take(&mut self, event: Event<'_>) {
        match (event, self.0.last_mut()) {
            (Event::Data(flow, bytes), Some(Passed::Data(last, all))) if *last == flow => all.extend_from_slice(bytes),
            (Event::Data(flow, bytes), _) => self.0.push(Passed::Data(flow, bytes.to_vec())),
            (Event::Resize { cols, rows }, _) => self.0.push(Passed::Size(cols, rows)),
        }
    }

    pub(crate) fn all(&self, wanted: Flow) -> String {
        let of = |passed: &Passed| match passed {
            Passed::Data(flow, bytes) if *flow == wanted => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        };
        self.0.iter().map(of).collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// What a session makes of bytes, in pieces of these lengths.
fn heard(protocol: Protocol, sent: &[(Way, Vec<u8>)], pieces: &[usize]) -> Result<(Heard, Outcome), Unreadable> {
    let mut session = Session::new(protocol);
    let mut heard = Heard::default();
    let mut lengths = pieces.iter().cycle();
    for (way, bytes) in sent {
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at((*lengths.next().unwrap_or(&usize::MAX)).clamp(1, rest.len()));
            rest = behind;
            let mut sink = |event: Event<'_>| heard.take(event);
            match way {
                Way::Up => session.up(piece, &mut sink)?,
                Way::Down => session.down(piece, &mut sink)?,
            }
        }
    }
    let outcome = session.outcome();
    Ok((heard, outcome))
}

fn protocol(headers: &[(&str, &str)]) -> Protocol {
    Protocol::of(headers.iter().map(|(name, value)| (*name, value.as_bytes()))).unwrap()
}

fn spdy() -> Protocol {
    protocol(&[("upgrade", "SPDY/3.1")])
}

fn websocket(name: &str) -> Protocol {
    protocol(&[("upgrade", "websocket"), ("sec-websocket-protocol", name)])
}

/// A frame of a WebSocket (RFC 6455, 5.2).
fn frame(flags: u8, payload: &[u8], mask: Option<[u8; 4]>) -> Vec<u8> {
    let mut frame = vec![flags];
    let marked = if mask.is_some() { 0x80 } else { 0 };
    match payload.len() {
        length @ 0..=125 => frame.push(marked | u8::try_from(length).unwrap()),
        length @ 126..=0xffff => {
            frame.push(marked | 126);
            frame.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            frame.push(marked | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    match mask {
        Some(mask) => {
            frame.extend(mask);
            frame.extend(payload.iter().zip(mask.into_iter().cycle()).map(|(byte, mask)| byte ^ mask));
        }
        None => frame.extend(payload),
    }
    frame
}

const MASK: [u8; 4] = [7, 130, 0, 255];

fn up(payload: &[u8]) -> (Way, Vec<u8>) {
    (Way::Up, frame(0x82, payload, Some(MASK)))
}

fn down(payload: &[u8]) -> (Way, Vec<u8>) {
    (Way::Down, frame(0x82, payload, None))
}

/// A whole session in both protocols, from the same words.
#[derive(Debug, Clone)]
enum Said {
    Typed(Vec<u8>),
    Out(Vec<u8>),
    Err(Vec<u8>),
    Size(u16, u16),
}

fn said() -> impl Strategy<Value = Vec<Said>> {
    let bytes = || vec(any::<u8>(), 0..300);
    let long = vec(any::<u8>(), 60_000..70_000);
    let one = prop_oneof![
        4 => bytes().prop_map(Said::Typed),
        4 => bytes().prop_map(Said::Out),
        2 => bytes().prop_map(Said::Err),
        1 => (any::<u16>(), any::<u16>()).prop_map(|(cols, rows)| Said::Size(cols, rows)),
        1 => long.prop_map(Said::Out),
    ];
    vec(one, 0..12)
}

fn expected(said: &[Said]) -> Heard {
    let mut heard = Heard::default();
    for said in said {
        match said {
            Said::Typed(bytes) if !bytes.is_empty() => heard.take(Event::Data(Flow::Stdin, bytes)),
            Said::Out(bytes) if !bytes.is_empty() => heard.take(Event::Data(Flow::Stdout, bytes)),
            Said::Err(bytes) if !bytes.is_empty() => heard.take(Event::Data(Flow::Stderr, bytes)),
            Said::Size(cols, rows) => heard.take(Event::Resize { cols: *cols, rows: *rows }),
            _ => {}
        }
    }
    heard
}

fn size(cols: u16, rows: u16) -> Vec<u8> {
    format!("{{\"Width\":{cols},\"Height\":{rows}}}").into_bytes()
}

const FAILED: &[u8] = br#"{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}"#;

fn by_websocket(said: &[Said]) -> Vec<(Way, Vec<u8>)> {
    let on = |channel: u8, bytes: &[u8]| [&[channel], bytes].concat();
    let mut sent = vec![down(&[1]), down(&[2])];
    for said in said {
        let last = match said {
            Said::Typed(bytes) => up(&on(0, bytes)),
            Said::Out(bytes) if bytes.len() > 200 => {
                // In several frames with a ping between them.
                let (first, rest) = bytes.split_at(150);
                sent.push((Way::Down, frame(0x02, &on(1, first), None)));
                sent.push((Way::Down, frame(0x89, b"ping", None)));
                (Way::Down, frame(0x80, rest, None))
            }
            Said::Out(bytes) => down(&on(1, bytes)),
            Said::Err(bytes) => down(&on(2, bytes)),
            Said::Size(cols, rows) => up(&on(4, &size(*cols, *rows))),
        };
        sent.push(last);
    }
    sent.extend([up(&[255, 0]), down(&on(3, FAILED)), (Way::Down, frame(0x88, &[3, 232], None)), (Way::Up, frame(0x88, &[], Some(MASK)))]);
    sent
}

fn by_base64(said: &[Said]) -> Vec<(Way, Vec<u8>)> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let on = |channel: char, bytes: &[u8]| format!("{channel}{}", STANDARD.encode(bytes)).into_bytes();
    let up = |payload: &[u8]| (Way::Up, frame(0x81, payload, Some(MASK)));
    let down = |payload: &[u8]| (Way::Down, frame(0x81, payload, None));
    let each = |said: &Said| match said {
        Said::Typed(bytes) => up(&on('0', bytes)),
        Said::Out(bytes) => down(&on('1', bytes)),
        Said::Err(bytes) => down(&on('2', bytes)),
        Said::Size(cols, rows) => up(&on('4', &size(*cols, *rows))),
    };
    said.iter().map(each).chain([down(&on('3', FAILED))]).collect()
}

fn by_spdy(said: &[Said]) -> Vec<(Way, Vec<u8>)> {
    let (mut client, mut server) = (Writer::default(), Writer::default());
    let mut sent = Vec::new();
    for (stream, name) in [(1, "error"), (3, "stdin"), (5, "stdout"), (7, "stderr"), (9, "resize")] {
        sent.push((Way::Up, client.syn_stream(stream, u8::from(name == "error"), &[("streamtype", name)])));
        sent.push((Way::Down, server.syn_reply(stream, &[("status", "200")])));
    }
    sent.push((Way::Up, client.headers(3, &[("x", "y"), ("streamtype", "stdout")])));
    for said in said {
        sent.push(match said {
            Said::Typed(bytes) => (Way::Up, Writer::data(3, 0, bytes)),
            Said::Out(bytes) => (Way::Down, Writer::data(5, 0, bytes)),
            Said::Err(bytes) => (Way::Down, Writer::data(7, 0, bytes)),
            Said::Size(cols, rows) => (Way::Up, Writer::data(9, 0, &size(*cols, *rows))),
        });
    }
    sent.extend([
        (Way::Up, Writer::other(6, &[0, 0, 0, 1])),
        (Way::Down, Writer::other(6, &[0, 0, 0, 1])),
        (Way::Up, Writer::data(3, FIN, &[])),
        (Way::Down, Writer::data(1, FIN, FAILED)),
        (Way::Down, Writer::other(7, &[0; 8])),
    ]);
    sent
}

proptest! {
    #[test]
    fn any_pieces_tell_the_same(said in said(), pieces in vec(1_usize..5_000, 1..6), small in 1_usize..9) {
        let whole = (expected(&said), Outcome { exit_code: Some(3), message: None });
        for (protocol, sent) in [
            (spdy(), by_spdy(&said)),
            (websocket("v5.channel.k8s.io"), by_websocket(&said)),
            (websocket("v4.base64.channel.k8s.io"), by_base64(&said)),
        ] {
            for pieces in [&pieces[..], &[small], &[usize::MAX]] {
                prop_assert_eq!(heard(protocol, &sent, pieces), Ok(whole.clone()), "{:?} in pieces of {:?}", protocol, pieces);
            }
        }
    }

    #[test]
    fn nonsense_makes_no_panic_and_pieces_no_difference(
        bytes in vec((any::<bool>(), vec(any::<u8>(), 0..200)), 0..8), cut in any::<prop::sample::Index>(), byte in any::<u8>(), piece in 1_usize..40,
    ) {
        let random: Vec<_> = bytes.into_iter().map(|(up, bytes)| (if up { Way::Up } else { Way::Down }, bytes)).collect();
        let said = [Said::Typed(b"ls".to_vec()), Said::Out(b"a b".to_vec()), Said::Size(80, 24)];
        for (protocol, mut sent) in [(spdy(), by_spdy(&said)), (websocket(""), by_websocket(&said)), (websocket("base64.channel.k8s.io"), by_base64(&said))] {
            let at = cut.index(sent.len());
            let place = cut.index(sent[at].1.len());
            sent[at].1[place] = byte;
            for sent in [&sent, &random] {
                prop_assert_eq!(heard(protocol, sent, &[piece]).ok(), heard(protocol, sent, &[usize::MAX]).ok());
            }
        }
    }
}

#[test]
fn what_could_be_read_in_two_ways_ends_the_session() {
    let ends = |protocol: Protocol, sent: &[(Way, Vec<u8>)]| heard(protocol, sent, &[usize::MAX]).unwrap_err();
    let v5 = || websocket("v5.channel.k8s.io");
    let spans = [(Way::Up, frame(0x02, &[0, b'l'], Some(MASK))), (Way::Up, frame(0x80, b"s", Some(MASK)))];
    assert_eq!(ends(v5(), &spans), Unreadable::Frame("a message to a container must come in one frame"));
    assert_eq!(ends(v5(), &[(Way::Down, frame(0xc2, &[1], None))]), Unreadable::Extension, "compressed");
    assert!(matches!(ends(v5(), &[(Way::Up, frame(0x82, &[0], None))]), Unreadable::Frame(_)), "not masked");
    assert!(matches!(ends(v5(), &[(Way::Down, frame(0x82, &[1], Some(MASK)))]), Unreadable::Frame(_)), "masked");
    assert!(matches!(ends(v5(), &[(Way::Down, frame(0x80, &[1], None))]), Unreadable::Frame(_)), "goes on with nothing");
    assert!(matches!(ends(v5(), &[(Way::Down, frame(0x83, &[1], None))]), Unreadable::Frame(_)), "of no known kind");
    assert!(matches!(ends(v5(), &[(Way::Down, frame(0x88, &[], None)), down(b"\x01x")]), Unreadable::Frame(_)), "behind the end");
    assert_eq!(ends(v5(), &[down(b"\x05x")]), Unreadable::Stream);
    assert_eq!(ends(v5(), &[up(&[255, 9])]), Unreadable::Stream);
    assert_eq!(ends(v5(), &[up(&[255, 0, 0])]), Unreadable::Stream);
    assert_eq!(ends(v5(), &[up(b"\x01x")]), Unreadable::Way);
    assert_eq!(ends(v5(), &[up(b"\x04x")]), Unreadable::Size);
    let base64 = |text: &[u8]| ends(websocket("base64.channel.k8s.io"), &[(Way::Down, frame(0x81, text, None))]);
    for text in [b"1YQ=".as_slice(), b"1YQ==YQ==", b"1*AAA", b"1YR=="] {
        assert!(matches!(base64(text), Unreadable::Frame(_)), "{text:?}");
    }
}

#[test]
fn streams_of_spdy_are_opened_once_by_the_client() {
    let ends = |sent: &[(Way, Vec<u8>)]| heard(spdy(), sent, &[usize::MAX]).unwrap_err();
    let open = |headers: &[(&str, &str)]| vec![(Way::Up, Writer::default().syn_stream(1, 0, headers))];
    assert_eq!(ends(&open(&[("streamtype", "stdin2")])), Unreadable::Stream);
    assert_eq!(ends(&open(&[("x", "stdin")])), Unreadable::Stream);
    assert!(matches!(ends(&open(&[("streamtype", "stdin"), ("streamtype", "stdout")])), Unreadable::Frame(_)));
    assert!(matches!(ends(&open(&[("Streamtype", "stdin")])), Unreadable::Frame(_)));
    assert_eq!(ends(&open(&[("streamtype", "stdin"), ("x", &"y".repeat(20_000))])), Unreadable::TooLong);
    let mut client = Writer::default();
    let twice = [(1, "stdout"), (3, "stdout")].map(|(stream, name)| (Way::Up, client.syn_stream(stream, 0, &[("streamtype", name)])));
    assert_eq!(ends(&twice), Unreadable::Stream);
    assert_eq!(ends(&[(Way::Down, Writer::data(5, 0, b"x"))]), Unreadable::Stream, "a stream that is not open");
    let by_server = (Way::Down, Writer::default().syn_stream(2, 0, &[("streamtype", "stdout")]));
    assert!(matches!(ends(&[by_server]), Unreadable::Frame(_)));
    assert!(matches!(ends(&[(Way::Up, Writer::other(1, &[0; 9]))]), Unreadable::Frame(_)));
    assert!(matches!(ends(&[(Way::Up, Writer::other(99, &[]))]), Unreadable::Frame(_)));
    assert!(matches!(ends(&[(Way::Up, vec![0x80, 2, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1])]), Unreadable::Frame(_)), "SPDY/2");
}
