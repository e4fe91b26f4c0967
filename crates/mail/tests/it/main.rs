//! Mails through a real SMTP server with STARTTLS and AUTH.
#![expect(clippy::expect_used, reason = "helpers outside of test functions fail the test by panicking")]

use std::time::Duration;

use mc_mail::{Button, Mail, Mailer, Settings};
use mc_testkit::mail::{MailServer, USER};

fn settings(server: &MailServer, url: String) -> Settings {
    Settings {
        url: url.into(),
        from: "Mission Control <mc@example.org>".to_owned(),
        ca_pem: Some(std::fs::read(server.ca_file()).expect("the authority")),
        greeting: "mc.example.org".to_owned(),
    }
}

fn mail(subject: &str) -> Mail {
    Mail {
        to: "ada@example.org".parse().expect("an address"),
        subject: subject.to_owned(),
        paragraphs: vec!["Hello Ada,".to_owned(), "schöne Grüße.".to_owned()],
        button: Some(Button { label: "Go".to_owned(), url: "https://mc.example/reset#token=mcp_secret".into() }),
        footer: "Was it not you?".to_owned(),
    }
}

fn header<'a>(mail: &'a serde_json::Value, name: &str) -> Vec<&'a str> {
    let all = mail["headers"].as_array().expect("headers");
    all.iter()
        .filter(|header| header[0].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name)))
        .filter_map(|header| header[1].as_str())
        .collect()
}

#[tokio::test]
async fn a_mail_arrives_encrypted_and_logged_in() {
    let mut server = MailServer::start().await.expect("a mail server");
    let mailer = Mailer::new(&settings(&server, server.url())).expect("settings");
    mailer.send(&mail("Grüße")).expect("room");
    let got = server.next().await.expect("a mail");
    assert_eq!((got["tls"].as_bool(), got["login"].as_str()), (Some(true), Some(USER)));
    assert_eq!(got["to"], serde_json::json!(["ada@example.org"]));
    assert_eq!((header(&got, "subject"), header(&got, "from")), (vec!["Grüße"], vec!["Mission Control <mc@example.org>"]));
    assert_eq!(header(&got, "message-id").len(), 1);
    assert!(got["text"].as_str().expect("text").contains("https://mc.example/reset#token=mcp_secret"), "{got}");
    assert!(got["html"].as_str().expect("HTML").contains("schöne Grüße."), "{got}");
    mailer.settle(Duration::from_secs(60)).await;
}

#[tokio::test]
async fn what_stands_in_a_subject_becomes_no_header() {
    let mut server = MailServer::start().await.expect("a mail server");
    let mailer = Mailer::new(&settings(&server, server.url())).expect("settings");
    mailer.send(&mail("Hello\r\nBcc: eve@example.org\r\n\r\nand a body")).expect("room");
    let got = server.next().await.expect("a mail");
    assert_eq!(got["to"], serde_json::json!(["ada@example.org"]));
    assert!(header(&got, "bcc").is_empty(), "{got}");
    assert_eq!(header(&got, "subject").len(), 1);
}

#[tokio::test]
async fn a_busy_server_is_tried_again() {
    let mut server = MailServer::busy(2).await.expect("a mail server");
    let mailer = Mailer::patient(&settings(&server, server.url()), &[Duration::ZERO; 3]).expect("settings");
    mailer.send(&mail("Later")).expect("room");
    assert_eq!(server.next().await.expect("a try")["refused"], true);
    assert_eq!(server.next().await.expect("a try")["refused"], true);
    assert_eq!(header(&server.next().await.expect("a mail"), "subject"), ["Later"]);
}

#[tokio::test]
async fn a_wrong_password_or_an_unknown_authority_sends_nothing() {
    let mut server = MailServer::start().await.expect("a mail server");
    let wrong = Mailer::patient(&settings(&server, server.url_with_wrong_password()), &[]).expect("settings");
    let unknown = Settings { ca_pem: None, ..settings(&server, server.url()) };
    let unknown = Mailer::patient(&unknown, &[]).expect("settings");
    for mailer in [&wrong, &unknown] {
        mailer.send(&mail("Never")).expect("room");
        mailer.settle(Duration::from_secs(60)).await;
    }
    let right = Mailer::new(&settings(&server, server.url())).expect("settings");
    right.send(&mail("First")).expect("room");
    assert_eq!(header(&server.next().await.expect("a mail"), "subject"), ["First"], "nothing came before");
}

#[tokio::test]
async fn the_queue_is_bounded_and_nobody_waits_for_it() {
    // A port where nobody listens: each mail waits for its next try.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    drop(taken);
    let settings = Settings {
        url: format!("smtp://localhost:{port}").into(),
        from: "mc@example.org".to_owned(),
        ca_pem: None,
        greeting: "mc.example.org".to_owned(),
    };
    let mailer = Mailer::patient(&settings, &[Duration::from_secs(3_600)]).expect("settings");
    let sent = (0..1_500).filter(|_| mailer.send(&mail("Waits")).is_ok()).count();
    assert_eq!(sent, 1_000);
}
