//! When a simulated agent dials again: the rules that real agents keep (full jitter, doubling from half a second to a minute).

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(60);
/// A link that held this long makes the next loss a first one.
pub(crate) const STEADY: Duration = Duration::from_secs(60);

/// How a link, or a try to link, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Central could not be reached, or the link broke.
    Lost,
    /// Central asks to come back within this time.
    ShuttingDown(Duration),
    /// Central refuses the credential or asks to slow down: that must not happen here.
    Refused,
    /// The bench wants the agent away.
    Parked,
}

/// Tries since the last steady link.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    tries: u32,
}

impl Backoff {
    /// How long to wait, when a link `held` this long and `roll` is a random number of 0 to 1.
    pub(crate) fn wait(&mut self, ended: Ended, held: Duration, roll: f64) -> Duration {
        if held >= STEADY {
            self.tries = 0;
        }
        match ended {
            Ended::Parked => {
                self.tries = 0;
                Duration::ZERO
            }
            Ended::ShuttingDown(within) if self.tries == 0 => {
                self.tries = 1;
                within.min(LONGEST).mul_f64(roll)
            }
            Ended::Refused => LONGEST.mul_f64(1.0 + roll),
            Ended::Lost | Ended::ShuttingDown(_) => {
                let bound = FIRST.saturating_mul(2_u32.saturating_pow(self.tries)).min(LONGEST);
                self.tries = self.tries.saturating_add(1);
                bound.mul_f64(roll)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_double_to_a_minute_and_a_steady_link_resets() {
        let mut backoff = Backoff::default();
        let bounds: Vec<f64> = (0..9).map(|_| backoff.wait(Ended::Lost, Duration::ZERO, 1.0).as_secs_f64()).collect();
        assert_eq!(bounds, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]);
        assert_eq!(backoff.wait(Ended::Lost, STEADY, 1.0), FIRST);
    }

    #[test]
    fn a_restarting_server_is_given_the_time_it_asks_for_once() {
        let mut backoff = Backoff::default();
        let asked = Ended::ShuttingDown(Duration::from_secs(5));
        assert_eq!(backoff.wait(asked, STEADY, 0.5), Duration::from_millis(2_500));
        assert_eq!(backoff.wait(asked, Duration::ZERO, 1.0), Duration::from_secs(1), "then it is a failure like another");
    }
}
