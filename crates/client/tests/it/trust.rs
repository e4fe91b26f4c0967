//! Whom the client trusts, and what it says when it does not.

use mc_client::{
    Class, Client, Error, Options,
    trust::{CaPin, Trust},
};

use crate::peer::{Answer, Asked, Peer};

fn setup(_: &Asked) -> Answer {
    (200, String::new(), r#"{"needed":false}"#.into())
}

async fn reach(url: &str, trust: Trust) -> Result<(), Error> {
    let client = Client::new(Options::new(url.parse().expect("url"), trust)).expect("client");
    client.setup_status().await.map(drop)
}

#[tokio::test]
async fn a_pin_or_a_ca_file_opens_the_way() {
    let peer = Peer::start(setup).await;
    reach(&peer.url, Trust::Pin(peer.pin)).await.expect("by pin");
    let dir = tempfile::tempdir().expect("dir");
    let file = dir.path().join("ca.pem");
    std::fs::write(&file, &peer.ca_pem).expect("written");
    reach(&peer.url, Trust::from_ca_file(&file).expect("CA file")).await.expect("by file");
}

#[tokio::test]
async fn an_unknown_authority_is_refused_and_named() {
    let peer = Peer::start(setup).await;
    for trust in [Trust::System, Trust::Pin(CaPin::of(b"another"))] {
        match reach(&peer.url, trust).await {
            Err(error @ Error::Untrusted { pin: Some(pin), .. }) if pin == peer.pin => assert_eq!(error.class(), Class::Unreachable),
            other => panic!("{other:?}"),
        }
    }
    assert!(peer.asked("/api/v1/setup").is_empty(), "nothing may be sent to a server that is not trusted");
}

#[tokio::test]
async fn a_wrong_host_name_is_refused_even_under_the_right_pin() {
    let peer = Peer::start(setup).await;
    let error = reach(&peer.url.replace("localhost", "127.0.0.1"), Trust::Pin(peer.pin)).await.expect_err("the name differs");
    assert!(matches!(&error, Error::Untrusted { pin: None, .. }), "{error:?}");
    assert!(error.to_string().contains("host name"), "{error}");
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
    let port = listener.local_addr().expect("address").port();
    drop(listener);
    let error = reach(&format!("https://127.0.0.1:{port}"), Trust::Pin(CaPin::of(b"x"))).await.expect_err("closed");
    assert_eq!(error.class(), Class::Unreachable);
    assert!(error.to_string().contains("connection refused"), "{error}");
}

#[test]
fn a_ca_file_without_certificates_is_refused() {
    let dir = tempfile::tempdir().expect("dir");
    let file = dir.path().join("empty.pem");
    std::fs::write(&file, "nothing").expect("written");
    for path in [&file, &dir.path().join("missing.pem")] {
        let text = Trust::from_ca_file(path).expect_err("no certificates").to_string();
        assert!(text.contains(".pem"), "{text}");
    }
}

#[tokio::test]
async fn the_authority_is_told_whichever_way_it_is_trusted() {
    let peer = Peer::start(|_| (200, String::new(), "{}".into())).await;
    let file = tempfile::NamedTempFile::new().expect("file");
    std::fs::write(file.path(), &peer.ca_pem).expect("written");
    let plain = |pem: &str| pem.replace("\r\n", "\n");
    for trust in [Trust::Pin(peer.pin), Trust::from_ca_file(file.path()).expect("CA file")] {
        let client = Client::new(Options::new(peer.url.parse().expect("address"), trust)).expect("client");
        assert_eq!(client.authority().await.expect("told").map(|pem| plain(&pem)), Some(plain(&peer.ca_pem)));
    }
    let client = Client::new(Options::new(peer.url.parse().expect("address"), Trust::System)).expect("client");
    assert_eq!(client.authority().await.expect("told"), None);
    let wrong = Trust::Pin(CaPin::of(b"another"));
    let client = Client::new(Options::new(peer.url.parse().expect("address"), wrong)).expect("client");
    assert!(matches!(client.authority().await, Err(Error::Untrusted { .. })));
}
