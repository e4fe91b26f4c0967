//! Requests to an API server, as a method, a path and a query in one text. What is sent on must mean what was read, and be written the same
//! when it is read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mc_kube::{impersonate, request::Request};

fuzz_target!(|text: &str| {
    let (first, rest) = text.split_once(' ').unwrap_or(("GET", text));
    let (target, header) = rest.split_once('\n').unwrap_or((rest, ""));
    let (name, value) = header.split_once(':').unwrap_or((header, ""));
    if let Ok(asked) = impersonate::asked([("impersonate-user", b"ann".as_slice()), (name, value.as_bytes())]) {
        assert!(!asked.is_empty() && asked.iter().all(|asked| asked.verb == "impersonate"));
    }
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let Ok(request) = Request::read(first, path, query) else { return };
    let sent = request.target();
    assert!(sent.starts_with('/') && sent.bytes().all(|byte| byte.is_ascii_graphic()));
    let (path, query) = sent.split_once('?').map_or((sent, None), |(path, query)| (path, Some(query)));
    assert!(!path.contains("//") && !path.split('/').any(|part| part == "." || part == ".."));
    let lower = path.to_ascii_lowercase();
    assert!(["%2f", "%2e", "%25", "%5c", "%00"].iter().all(|encoded| !lower.contains(encoded)));
    assert_eq!(Request::read(first, path, query).as_ref(), Ok(&request));
});
