use super::*;
use crate::{Record, Signer};

struct Trail {
    id: Uuid,
    signer: Signer,
    mac: MacKey,
    entries: Vec<Linked>,
    checkpoints: Vec<Checkpoint>,
}

impl Trail {
    /// `count` entries with a checkpoint behind every tenth.
    fn of(count: u64) -> Self {
        let id = Uuid::now_v7();
        let mut trail =
            Self { id, signer: Signer::generate().unwrap().0, mac: MacKey::new(&[7; 32]), entries: vec![], checkpoints: vec![] };
        for n in 1..=count {
            let previous = trail.entries.last().map_or(genesis(id), |entry| entry.hash);
            trail.entries.push(trail.linked(previous, record(n, &format!("entry {n}"))));
            if n % 10 == 0 {
                trail.sign(n);
            }
        }
        trail
    }

    fn linked(&self, previous: Digest, record: Record) -> Linked {
        let hash = link(previous, &record);
        Linked { mac: self.mac.mac(hash), record, hash }
    }

    fn sign(&mut self, sequence: u64) {
        let before = self.checkpoints.last();
        let checkpoint = Checkpoint {
            number: before.map_or(1, |before| before.number + 1),
            trail: self.id,
            sequence,
            hash: self.entries[usize::try_from(sequence).unwrap() - 1].hash,
            count: sequence,
            first_sequence: 1,
            previous: before.map_or(Digest::NONE, Checkpoint::digest),
            at_micros: 1,
            first_bad: None,
            key_id: String::new(),
            signature: String::new(),
        };
        self.checkpoints.push(checkpoint.sign(&self.signer));
    }

    fn against(&self, keyed: bool, head: Option<u64>) -> Against<'_> {
        Against { keys: vec![self.signer.public().clone()], mac: keyed.then_some(&self.mac), head, ..Against::default() }
    }

    fn check(&self, against: Against<'_>) -> Report {
        let mut verifier = Verifier::new(self.id, against);
        let mut checkpoints = self.checkpoints.iter().peekable();
        for entry in &self.entries {
            while let Some(checkpoint) = checkpoints.next_if(|checkpoint| checkpoint.sequence < entry.record.sequence) {
                verifier.checkpoint(checkpoint.clone());
            }
            verifier.entry(entry.clone());
        }
        checkpoints.for_each(|checkpoint| verifier.checkpoint(checkpoint.clone()));
        verifier.finish()
    }

    /// What is found first with the server's key, and with the public key alone.
    fn found(&self, head: u64) -> [Option<(u64, Kind)>; 2] {
        [self.against(true, Some(head)), self.against(false, None)]
            .map(|against| self.check(against).bad.map(|bad| (bad.sequence, bad.kind)))
    }

    /// Gives every entry from `place` on the number of its place.
    fn renumber(&mut self) {
        for (place, entry) in self.entries.iter_mut().enumerate() {
            entry.record.sequence = u64::try_from(place).unwrap() + 1;
        }
    }
}

fn record(sequence: u64, detail: &str) -> Record {
    Record {
        sequence,
        id: Uuid::now_v7(),
        at_micros: i64::try_from(sequence).unwrap(),
        actor_kind: "user".into(),
        actor_id: None,
        actor: "alice".into(),
        via: Some("session:1".into()),
        address: Some("192.0.2.1".into()),
        action: "login".into(),
        resource_kind: None,
        resource_id: None,
        resource: None,
        result: "ok".into(),
        reason: String::new(),
        detail: detail.into(),
        duration_ms: Some(3),
        request_id: Uuid::now_v7(),
    }
}

#[test]
fn a_whole_trail_is_ok() {
    for count in [0, 1, 9, 10, 200, 205] {
        let trail = Trail::of(count);
        for keyed in [true, false] {
            let report = trail.check(trail.against(keyed, Some(count)));
            assert_eq!(report.bad, None);
            assert_eq!((report.entries, report.last_sequence, report.checkpoints), (count, count, count / 10));
            assert_eq!((report.first_sequence, report.covered_to), (u64::from(count > 0), count / 10 * 10));
        }
    }
}

#[test]
fn any_changed_value_is_found_where_it_is() {
    type Change = fn(&mut Linked);
    let changes: [Change; 19] = [
        |e| e.record.id = Uuid::now_v7(),
        |e| e.record.at_micros += 1,
        |e| e.record.actor_kind = "nobody".into(),
        |e| e.record.actor_id = Some(String::new()),
        |e| e.record.actor.push('x'),
        |e| e.record.via = None,
        |e| e.record.address = None,
        |e| e.record.action = "logout".into(),
        |e| e.record.resource_kind = Some("agent".into()),
        |e| e.record.resource_id = Some("1".into()),
        |e| e.record.resource = Some("web".into()),
        |e| e.record.result = "denied".into(),
        |e| e.record.reason = "why".into(),
        |e| e.record.detail = String::new(),
        |e| e.record.duration_ms = None,
        |e| e.record.request_id = Uuid::now_v7(),
        |e| e.hash = Digest::of(b"x"),
        |e| {
            e.record.duration_ms = Some(4);
            e.hash = Digest::of(b"y");
        },
        |e| (e.record.reason, e.record.detail) = (e.record.detail.clone(), e.record.reason.clone()),
    ];
    for (n, change) in changes.into_iter().enumerate() {
        for place in [0, 57, 99] {
            let mut trail = Trail::of(100);
            change(&mut trail.entries[place]);
            let expected = Some((u64::try_from(place).unwrap() + 1, Kind::Changed));
            assert_eq!(trail.found(100), [expected, expected], "change {n} of entry {}", place + 1);
        }
    }
    let mut trail = Trail::of(100);
    trail.entries[57].mac = Digest::NONE;
    assert_eq!(trail.found(100), [Some((58, Kind::Changed)), None], "only the server's key can tell a wrong MAC");
}

#[test]
fn dropped_entries_are_missing() {
    for place in [0, 41, 98] {
        let mut trail = Trail::of(100);
        trail.entries.remove(place);
        let expected = Some((u64::try_from(place).unwrap() + 1, Kind::Missing));
        assert_eq!(trail.found(100), [expected, expected]);
        trail.renumber();
        assert_eq!(trail.found(100), [expected, expected], "renumbered, entry {}", place + 1);
    }
}

#[test]
fn a_cut_tail_is_truncated() {
    let mut trail = Trail::of(105);
    trail.entries.truncate(102);
    assert_eq!(trail.found(105), [Some((103, Kind::Truncated)), None], "what no checkpoint covers only the server remembers");
    trail.entries.truncate(95);
    assert_eq!(trail.found(95), [Some((96, Kind::Truncated)); 2], "also when the head was set back");
    trail.checkpoints.truncate(9);
    let pin = Pin { sequence: 105, hash: Digest::NONE };
    let remembered = trail.check(Against { pins: vec![pin], ..trail.against(true, Some(95)) });
    assert_eq!(remembered.bad.map(|bad| (bad.sequence, bad.kind)), Some((96, Kind::Truncated)));
    let mut trail = Trail::of(100);
    trail.checkpoints.pop();
    let remembered = trail.check(Against { newest_checkpoint: Some(10), ..trail.against(true, Some(100)) });
    assert_eq!(remembered.bad.map(|bad| bad.kind), Some(Kind::Checkpoint));
}

#[test]
fn a_tail_that_was_cut_and_grew_again_is_found() {
    let (mut trail, other) = (Trail::of(100), Trail::of(100));
    let cut = trail.entries[94].clone();
    let pin = Pin { sequence: 95, hash: cut.hash };
    trail.entries.truncate(94);
    let previous = trail.entries[93].hash;
    trail.entries.push(trail.linked(previous, record(95, "another")));
    trail.checkpoints.truncate(9);
    let found = trail.check(Against { pins: vec![pin], ..trail.against(true, Some(95)) });
    assert_eq!(found.bad.map(|bad| (bad.sequence, bad.kind)), Some((95, Kind::Truncated)));
    let whole = other.check(Against { pins: vec![Pin { sequence: 95, hash: other.entries[94].hash }], ..other.against(true, Some(100)) });
    assert_eq!(whole.bad, None);
}

#[test]
fn swapped_entries_are_reordered() {
    for (one, other) in [(30, 31), (30, 50), (0, 1), (98, 99)] {
        let expected = Some((u64::try_from(one).unwrap() + 1, Kind::Reordered));
        let mut trail = Trail::of(100);
        trail.entries.swap(one, other);
        assert_eq!(trail.found(100), [expected, expected], "lines {one} and {other}");
        trail.renumber();
        assert_eq!(trail.found(100), [expected, expected], "places {one} and {other}");
        let mut trail = Trail::of(100);
        let (first, second) = (trail.entries[one].record.clone(), trail.entries[other].record.clone());
        trail.entries[one].record = Record { sequence: first.sequence, ..second.clone() };
        trail.entries[other].record = Record { sequence: second.sequence, ..first };
        assert_eq!(trail.found(100), [expected, expected], "contents {one} and {other}");
    }
}

#[test]
fn what_the_server_never_wrote_is_inserted() {
    for place in [0, 30, 99] {
        let mut trail = Trail::of(100);
        let forged = Linked { record: record(0, "forged"), hash: Digest::of(b"f"), mac: Digest::NONE };
        trail.entries.insert(place, forged);
        trail.renumber();
        let expected = Some((u64::try_from(place).unwrap() + 1, Kind::Inserted));
        assert_eq!(trail.found(101), [expected, expected]);
    }
    let mut trail = Trail::of(100);
    let previous = trail.entries[99].hash;
    let mut forged = trail.linked(previous, record(101, "forged"));
    forged.mac = Digest::NONE;
    trail.entries.push(forged);
    assert_eq!(trail.found(100), [Some((101, Kind::Inserted)), None]);
}

#[test]
fn a_rewritten_tail_does_not_fit_its_checkpoint() {
    let mut trail = Trail::of(100);
    trail.entries[73].record.detail = "rewritten".into();
    for place in 73..100 {
        let previous = trail.entries[place - 1].hash;
        trail.entries[place].hash = link(previous, &trail.entries[place].record);
    }
    assert_eq!(trail.found(100), [Some((74, Kind::Changed)), Some((71, Kind::Changed))], "the checkpoint tells the ten, the key the one");
}

#[test]
fn forged_and_missing_checkpoints_are_found() {
    let mut trail = Trail::of(100);
    trail.checkpoints.remove(4);
    assert_eq!(trail.found(100), [Some((60, Kind::Checkpoint)); 2]);
    let forgeries: [fn(&mut Checkpoint); 5] = [
        |c| c.hash = Digest::of(b"x"),
        |c| c.count += 1,
        |c| c.at_micros += 1,
        |c| c.signature = "AAAA".into(),
        |c| *c = c.clone().sign(&Signer::generate().unwrap().0),
    ];
    for forge in forgeries {
        let mut trail = Trail::of(100);
        forge(&mut trail.checkpoints[4]);
        assert_eq!(trail.found(100), [Some((50, Kind::Checkpoint)); 2]);
    }
    let (mut trail, other) = (Trail::of(100), Trail::of(100));
    trail.checkpoints[4] = Checkpoint { trail: trail.id, ..other.checkpoints[4].clone() };
    assert_eq!(trail.found(100), [Some((50, Kind::Checkpoint)); 2]);
}

#[test]
fn a_checkpoint_tells_what_the_server_saw() {
    let mut trail = Trail::of(20);
    let said = Checkpoint { first_bad: Some(14), ..trail.checkpoints.pop().unwrap() }.sign(&trail.signer);
    trail.checkpoints.push(said);
    assert_eq!(trail.found(20), [Some((14, Kind::Changed)); 2]);
}

#[test]
fn segments_stand_for_what_was_removed() {
    let mut trail = Trail::of(100);
    let segment = |first: u64, last: u64| {
        let hash = |n: u64| if n == 0 { genesis(trail.id) } else { trail.entries[usize::try_from(n).unwrap() - 1].hash };
        let (first_hash, last_hash) = (hash(first - 1), hash(last));
        let none = String::new;
        let bare = Segment {
            trail: trail.id,
            first_sequence: first,
            last_sequence: last,
            first_hash,
            last_hash,
            at_micros: 1,
            first_bad: None,
            key_id: none(),
            signature: none(),
        };
        bare.sign(&trail.signer)
    };
    let segments = [segment(1, 20), segment(21, 50)];
    trail.entries.drain(..50);
    trail.checkpoints.drain(..4);
    let check = |segments: &[Segment]| {
        let mut verifier = Verifier::new(trail.id, trail.against(true, Some(100)));
        segments.iter().for_each(|segment| verifier.segment(segment));
        for entry in &trail.entries {
            for checkpoint in trail.checkpoints.iter().filter(|checkpoint| checkpoint.sequence + 1 == entry.record.sequence) {
                verifier.checkpoint(checkpoint.clone());
            }
            verifier.entry(entry.clone());
        }
        verifier.checkpoint(trail.checkpoints.last().unwrap().clone());
        verifier.finish()
    };
    let report = check(&segments);
    assert_eq!((report.bad, report.segments, report.first_sequence, report.entries), (None, 2, 51, 50));
    let bad = |segments: &[Segment]| check(segments).bad.map(|bad| (bad.sequence, bad.kind));
    assert_eq!(bad(&segments[..1]), Some((21, Kind::Missing)));
    assert_eq!(bad(&segments[1..]), Some((1, Kind::Checkpoint)));
    assert_eq!(bad(&[Segment { last_sequence: 50, ..segments[0].clone() }]), Some((1, Kind::Checkpoint)));
}
