//! When an ended workload is started again: a pure state machine, without clock and without process.

use std::{collections::VecDeque, time::Duration};

/// Which ends lead to a new start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RestartPolicy {
    /// Every end.
    #[default]
    Always,
    /// Bad ends only: a code other than 0, or a signal.
    OnFailure,
    /// None.
    Never,
}

/// The waits between starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The first wait; it doubles from end to end.
    pub first: Duration,
    /// The longest wait.
    pub max: Duration,
    /// A run at least this long forgets what was before it.
    pub reset_after: Duration,
    /// This many bad ends …
    pub loop_ends: usize,
    /// … within this time are a crash loop …
    pub loop_window: Duration,
    /// … and from then on there is one try in this time.
    pub loop_wait: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            max: Duration::from_secs(60),
            reset_after: Duration::from_secs(60),
            loop_ends: 5,
            loop_window: Duration::from_secs(60),
            loop_wait: Duration::from_secs(60),
        }
    }
}

/// What follows an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It stays down.
    Stay,
    /// It is started again after the wait.
    Retry {
        /// How long to wait.
        wait: Duration,
        /// Whether it is in a crash loop.
        crash_loop: bool,
    },
}

/// Remembers the ends of one workload.
#[derive(Debug)]
pub struct Restarts {
    policy: RestartPolicy,
    backoff: Backoff,
    wait: Duration,
    bad_ends: VecDeque<Duration>,
    crash_loop: bool,
}

impl Restarts {
    /// With nothing to remember.
    #[must_use]
    pub const fn new(policy: RestartPolicy, backoff: Backoff) -> Self {
        Self { policy, backoff, wait: backoff.first, bad_ends: VecDeque::new(), crash_loop: false }
    }

    /// Whether the last ends were a crash loop.
    #[must_use]
    pub const fn in_crash_loop(&self) -> bool {
        self.crash_loop
    }

    /// Forgets everything: somebody asked for a start.
    pub fn reset(&mut self) {
        self.wait = self.backoff.first;
        self.bad_ends.clear();
        self.crash_loop = false;
    }

    /// What follows an end at `now` (since any fixed moment) after `up_for`.
    pub fn ended(&mut self, well: bool, up_for: Duration, now: Duration) -> Verdict {
        if up_for >= self.backoff.reset_after {
            self.reset();
        }
        if !well {
            self.bad_ends.push_back(now);
            while self.bad_ends.len() > self.backoff.loop_ends {
                self.bad_ends.pop_front();
            }
            let span = self.bad_ends.front().map_or(Duration::ZERO, |first| now.saturating_sub(*first));
            self.crash_loop |= self.bad_ends.len() >= self.backoff.loop_ends && span <= self.backoff.loop_window;
        }
        let again = match self.policy {
            RestartPolicy::Always => true,
            RestartPolicy::OnFailure => !well,
            RestartPolicy::Never => false,
        };
        if !again {
            return Verdict::Stay;
        }
        if self.crash_loop {
            return Verdict::Retry { wait: self.backoff.loop_wait, crash_loop: true };
        }
        let wait = self.wait;
        self.wait = (wait * 2).min(self.backoff.max);
        Verdict::Retry { wait, crash_loop: false }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn five_quick_bad_ends_are_a_crash_loop() {
        let mut restarts = Restarts::new(RestartPolicy::Always, Backoff::default());
        let mut now = Duration::ZERO;
        for expected in [1, 2, 4, 8] {
            let wait = SECOND * expected;
            assert_eq!(restarts.ended(false, Duration::ZERO, now), Verdict::Retry { wait, crash_loop: false });
            now += wait;
        }
        assert_eq!(restarts.ended(false, Duration::ZERO, now), Verdict::Retry { wait: SECOND * 60, crash_loop: true });
        now += SECOND * 60;
        assert_eq!(
            restarts.ended(false, SECOND * 59, now),
            Verdict::Retry { wait: SECOND * 60, crash_loop: true },
            "59 s up is not enough"
        );
        now += SECOND * 120;
        assert_eq!(restarts.ended(false, SECOND * 60, now), Verdict::Retry { wait: SECOND, crash_loop: false }, "60 s up is");
    }

    #[test]
    fn good_ends_are_no_crash_loop() {
        let mut restarts = Restarts::new(RestartPolicy::Always, Backoff::default());
        for second in 0..20 {
            let verdict = restarts.ended(true, Duration::ZERO, SECOND * second);
            assert!(matches!(verdict, Verdict::Retry { crash_loop: false, .. }), "{verdict:?}");
        }
    }

    #[test]
    fn the_policy_says_which_ends_count() {
        let end = |policy, well| Restarts::new(policy, Backoff::default()).ended(well, Duration::ZERO, Duration::ZERO);
        assert_eq!(end(RestartPolicy::Never, false), Verdict::Stay);
        assert_eq!(end(RestartPolicy::OnFailure, true), Verdict::Stay);
        assert_ne!(end(RestartPolicy::OnFailure, false), Verdict::Stay);
        assert_ne!(end(RestartPolicy::Always, true), Verdict::Stay);
    }

    proptest! {
        #[test]
        fn never_hot_never_forgotten(ends in prop::collection::vec((any::<bool>(), 0_u64..200, 0_u64..100), 1..200)) {
            let backoff = Backoff::default();
            let mut restarts = Restarts::new(RestartPolicy::Always, backoff);
            let mut now = Duration::ZERO;
            let mut last_wait = Duration::ZERO;
            let mut fresh = true;
            for (well, up, extra) in ends {
                let up_for = SECOND * u32::try_from(up).expect("small");
                now += up_for + SECOND * u32::try_from(extra).expect("small");
                match restarts.ended(well, up_for, now) {
                    Verdict::Stay => prop_assert!(false, "always means always"),
                    Verdict::Retry { wait, crash_loop } => {
                        prop_assert!(wait >= backoff.first && wait <= backoff.max.max(backoff.loop_wait));
                        prop_assert_eq!(crash_loop, restarts.in_crash_loop());
                        if crash_loop {
                            prop_assert_eq!(wait, backoff.loop_wait);
                        }
                        let long = up_for >= backoff.reset_after;
                        if !fresh && !long {
                            prop_assert!(wait >= last_wait, "waits never shrink without a long run");
                        }
                        last_wait = wait;
                        fresh = false;
                        now += wait;
                    }
                }
            }
        }

        #[test]
        fn bad_ends_cost_at_most_one_start_a_second(count in 5_usize..100) {
            let mut restarts = Restarts::new(RestartPolicy::OnFailure, Backoff::default());
            let mut now = Duration::ZERO;
            for _ in 0..count {
                if let Verdict::Retry { wait, .. } = restarts.ended(false, Duration::ZERO, now) {
                    now += wait;
                }
            }
            prop_assert!(restarts.in_crash_loop());
            prop_assert!(now >= SECOND * 15 + SECOND * 60 * u32::try_from(count - 4).expect("small"));
        }
    }
}
