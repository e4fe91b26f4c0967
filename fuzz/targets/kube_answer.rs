//! Answers of an API server, in each form. The first byte chooses how the rest falls into pieces, which must make no difference; where nothing
//! may be seen, no object comes out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mc_kube::filter::{Filter, Form};

/// What comes out, or nothing when the answer ends with an error.
fn run(form: Form, body: &[u8], piece: usize, sees: bool) -> Option<Vec<u8>> {
    let mut filter = Filter::new(form, |_: &str, _: &str| sees);
    let mut out = Vec::new();
    for piece in body.chunks(piece) {
        filter.push(piece, &mut out).ok()?;
    }
    for rest in filter.finish().ok()? {
        out.extend(rest.ok()?);
    }
    Some(out)
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, body)) = bytes.split_first() else { return };
    for form in [Form::JsonList, Form::JsonWatch, Form::ProtoList, Form::ProtoWatch] {
        let whole = run(form, body, body.len().max(1), true);
        assert_eq!(whole, run(form, body, usize::from(*first).max(1), true));
        let hidden = run(form, body, body.len().max(1), false);
        if let (Form::JsonList, Some(hidden)) = (form, &hidden) {
            let list: serde_json::Value = serde_json::from_slice(hidden).expect("what comes out is JSON");
            assert!(["items", "rows"].iter().all(|long| list.get(long).and_then(|long| long.as_array()).is_none_or(Vec::is_empty)));
        }
        // What came out once passes again as it is.
        if let Some(out) = whole {
            assert_eq!(run(form, &out, 7, true), Some(out));
        }
    }
});
