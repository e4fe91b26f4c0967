//! Exports of the audit trail: whatever a file holds, it is refused or judged without a panic, and nothing without a signature counts as whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mc_trail::{PublicKey, export};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(line) = export::parse(text)
    {
        // What was read is written and read again as the same.
        let written = export::write(&line).expect("it can be written");
        assert_eq!(export::parse(&written).expect("it can be read again"), line);
    }
    // A key nobody has the other half of: no entry can be covered.
    if let Ok(proof) = export::verify(bytes, Some(PublicKey::new([7; 32]))) {
        assert_eq!(proof.report.covered_to, 0);
        assert_eq!(proof.report.checkpoints, 0);
    }
});
