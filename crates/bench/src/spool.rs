//! Telemetry of a simulated agent: numbered batches that are made from their number, so that any can be sent again without being kept.

use std::ops::Range;

use mc_wire::v1;

/// Batches under way without an acknowledgement, as with real agents.
const UNDER_WAY: u64 = 8;
/// Lines of one batch of logs.
pub(crate) const LINES: u64 = 200;

/// The batches of one agent.
#[derive(Debug, Default)]
pub(crate) struct Spool {
    /// The highest batch there is.
    last: u64,
    /// The next to be sent.
    next: u64,
    acked: u64,
    /// Batches that hold log lines; the others hold a metric sample.
    logs: Vec<Range<u64>>,
    pouring: bool,
}

impl Spool {
    /// A new link begins after what central has stored. Answers how many batches of logs became known as stored.
    pub(crate) fn welcome(&mut self, stored: u64) -> u64 {
        let fresh = self.ack(stored);
        self.next = self.acked + 1;
        fresh
    }

    /// Central stored everything up to this batch. Answers how many of them are logs and were not known as stored before.
    pub(crate) fn ack(&mut self, batch: u64) -> u64 {
        let fresh = (self.acked + 1..=batch).filter(|number| self.is_logs(*number)).count() as u64;
        self.acked = self.acked.max(batch);
        self.last = self.last.max(batch);
        fresh
    }

    /// Puts a metric sample behind what there is.
    pub(crate) fn sample(&mut self) {
        // Central away for long: samples that nobody waits for are not piled up.
        if self.last - self.acked < 1_000 {
            self.last += 1;
        }
    }

    /// Makes batches of logs as fast as they are acknowledged, or stops.
    pub(crate) fn pour(&mut self, on: bool) {
        if on && !self.pouring {
            self.logs.push(self.last + 1..self.last + 1);
        }
        self.pouring = on;
    }

    fn is_logs(&self, batch: u64) -> bool {
        self.logs.iter().any(|range| range.contains(&batch))
    }

    /// The next batch to send now, if any may be sent, and whether it is a new one of logs.
    pub(crate) fn take(&mut self, now_micros: i64, seed: u64) -> Option<(v1::Telemetry, bool)> {
        if self.next > self.acked + UNDER_WAY {
            return None;
        }
        let mut made = false;
        if self.next > self.last {
            if !self.pouring {
                return None;
            }
            self.last += 1;
            // Samples may have come between: the range goes on behind them.
            match self.logs.last_mut() {
                Some(range) if range.end == self.last => range.end += 1,
                _ => self.logs.push(self.last..self.last + 1),
            }
            made = true;
        }
        let batch = self.next;
        self.next += 1;
        let mut frame = v1::Telemetry { batch, ..v1::Telemetry::default() };
        if self.is_logs(batch) {
            frame.lines = (0..LINES).map(|line| log_line(batch, line, now_micros)).collect();
        } else {
            frame.samples = vec![sample(now_micros, seed.wrapping_mul(31).wrapping_add(batch))];
        }
        Some((frame, made))
    }
}

/// What the check for losses looks for in a line.
pub(crate) const MARK: &str = "bench-line ";

fn log_line(batch: u64, line: u64, at_micros: i64) -> v1::LogLine {
    let level = match line % 50 {
        0 => 4,
        1..4 => 3,
        _ => 2,
    };
    let message = format!(
        "{MARK}{batch}.{line} GET /api/items/{} 200 in {} ms, {} bytes to the client",
        batch * LINES + line,
        line % 37,
        line * 97 + 512
    );
    v1::LogLine { at_micros, level, source: "stdout".to_owned(), message }
}

/// Batch and line of a line of ours.
pub(crate) fn place(text: &str) -> Option<(u64, u64)> {
    let (batch, line) = text.split_once(MARK)?.1.split(' ').next()?.split_once('.')?;
    Some((batch.parse().ok()?, line.parse().ok()?))
}

/// What a machine says of itself every 15 s: the nine figures of the host.
fn sample(at_micros: i64, seed: u64) -> v1::Sample {
    let vary = |by: u64| (seed.wrapping_mul(by) % 1_000) as f64 / 10.0;
    let giga = 1_073_741_824.0;
    let values = vec![
        vary(7),
        giga * vary(11) / 12.0,
        giga * 16.0,
        giga * vary(13),
        giga * 100.0,
        vary(17) * 1e4,
        vary(19) * 1e4,
        vary(23) / 25.0,
        86_400.0,
    ];
    v1::Sample { at_micros, metrics: (0..9).collect(), values }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(spool: &mut Spool) -> Vec<u64> {
        std::iter::from_fn(|| spool.take(0, 1).map(|(frame, _)| frame.batch)).collect()
    }

    #[test]
    fn at_most_eight_are_under_way_and_the_rest_follows_acknowledgements() {
        let mut spool = Spool::default();
        assert_eq!(spool.welcome(0), 0);
        spool.pour(true);
        assert_eq!(drain(&mut spool), (1..=8).collect::<Vec<_>>());
        assert_eq!(spool.ack(2), 2);
        assert_eq!(drain(&mut spool), [9, 10]);
        spool.pour(false);
        assert_eq!(spool.ack(10), 8);
        assert_eq!(drain(&mut spool), Vec::<u64>::new());
    }

    #[test]
    fn a_new_link_sends_again_what_was_not_stored_with_the_same_content() {
        let mut spool = Spool::default();
        spool.welcome(0);
        spool.sample();
        spool.pour(true);
        let first: Vec<_> = std::iter::from_fn(|| spool.take(5, 1)).map(|(frame, _)| frame).collect();
        assert_eq!((first[0].samples.len(), first[1].lines.len() as u64), (1, LINES));
        assert_eq!(spool.welcome(3), 2, "two of the three stored are logs");
        spool.pour(false);
        let again: Vec<_> = std::iter::from_fn(|| spool.take(5, 1)).collect();
        assert!(again.iter().all(|(_, made)| !made));
        assert_eq!(again.into_iter().map(|(frame, _)| frame).collect::<Vec<_>>(), first[3..]);
    }

    #[test]
    fn a_line_says_its_place() {
        let text = format!("2026-11-22T00:00:00.000Z info  stdout {}", log_line(12, 34, 0).message);
        assert_eq!(place(&text), Some((12, 34)));
        assert_eq!(place("another line"), None);
    }
}
