//! Requests and what they ask for, as a table: `METHOD TARGET => WHAT`. `apiserver.rs` sends those that are not refused to a real server.

use crate::requests::{read, told};

/// The table.
const CASES: &str = include_str!("cases.txt");

/// Method, target and what is expected.
pub(crate) fn cases() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let lines = CASES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| {
        let (request, expected) = line.split_once(" => ").unwrap();
        let (method, target) = request.split_once(' ').unwrap();
        (method, target, expected)
    })
}

#[test]
fn every_case_is_read_as_the_table_says() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (method, target, expected) in cases() {
        count += 1;
        let found = match read(method, target) {
            Ok(request) => told(&request),
            Err(refusal) => format!("refused {refusal:?}"),
        };
        if found != expected {
            wrong.push(format!("{method} {target}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 100, "{count}");
}

#[test]
fn a_refusal_says_what_to_do() {
    let texts: Vec<String> =
        cases().filter_map(|(method, target, _)| read(method, target).err()).map(|refusal| refusal.to_string()).collect();
    assert!(texts.iter().all(|text| text.len() > 20 && !text.ends_with('.')), "{texts:#?}");
}

#[test]
fn what_opens_a_way_and_what_goes_on_is_known() {
    let asked = |target: &str| read("GET", target).unwrap().attributes().resource().unwrap().clone();
    for target in ["exec", "attach", "portforward", "proxy/x"] {
        let asked = asked(&format!("/api/v1/namespaces/a/pods/b/{target}"));
        assert!(asked.connects() && asked.is_long_running(), "{target}");
    }
    let log = asked("/api/v1/namespaces/a/pods/b/log");
    assert!(!log.connects() && log.is_long_running());
    assert!(!asked("/apis/acme.org/v1/namespaces/a/pods/b/exec").connects());
    let watch = asked("/api/v1/watch/pods");
    assert!(watch.is_long_running() && watch.reads_many() && watch.is_collection());
    assert!(asked("/api/v1/namespaces").is_about_namespaces());
    assert!(!asked("/apis/acme.org/v1/namespaces").is_about_namespaces());
    assert!(!asked("/api/v1/namespaces/a/pods").is_about_namespaces());
}
