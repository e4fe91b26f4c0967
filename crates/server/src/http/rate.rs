//! Limits on tries: 20 a minute for each address on everything that checks a secret.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock, clock::DefaultClock};

use super::problem::Refusal;

/// Tries a minute.
const TRIES: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
/// Messages a minute from a machine that signs them: a provider that ends many logins at once sends one for each.
const MESSAGES: NonZeroU32 = NonZeroU32::MIN.saturating_add(599);
/// Passwords judged a minute while they are typed: a key each, for whole minutes.
const JUDGED: NonZeroU32 = NonZeroU32::MIN.saturating_add(299);
/// Addresses remembered before those that may try again anyway are forgotten.
const REMEMBERED: usize = 10_000;

/// The limits in force.
pub(crate) struct Limits {
    auth: DefaultKeyedRateLimiter<IpAddr>,
    machine: DefaultKeyedRateLimiter<IpAddr>,
    judge: DefaultKeyedRateLimiter<IpAddr>,
}

impl Limits {
    pub(crate) fn new() -> Self {
        let a_minute = |times| RateLimiter::keyed(Quota::per_minute(times));
        Self { auth: a_minute(TRIES), judge: a_minute(JUDGED), machine: a_minute(MESSAGES) }
    }

    /// Counts a try.
    pub(crate) fn auth(&self, address: IpAddr) -> Result<(), Refusal> {
        count(&self.auth, address)
    }

    /// Counts a signed message of another machine.
    pub(crate) fn machine(&self, address: IpAddr) -> Result<(), Refusal> {
        count(&self.machine, address)
    }

    /// Counts a password that is judged: work for us, though nothing is learnt from it.
    pub(crate) fn judge(&self, address: IpAddr) -> Result<(), Refusal> {
        count(&self.judge, address)
    }
}

fn count(limiter: &DefaultKeyedRateLimiter<IpAddr>, address: IpAddr) -> Result<(), Refusal> {
    if limiter.len() > REMEMBERED {
        limiter.retain_recent();
    }
    limiter.check_key(&network(address)).map_err(|until| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        Refusal::rate_limited(wait.as_secs() + 1)
    })
}

/// What counts as one caller: an IPv4 address, or the /64 that one IPv6 caller owns.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twenty_first_try_waits_and_others_do_not() {
        let limits = Limits::new();
        let address = IpAddr::from([192, 0, 2, 1]);
        for _ in 0..20 {
            assert!(limits.auth(address).is_ok());
        }
        assert_eq!(limits.auth(address).expect_err("too many").code(), "rate_limited");
        assert!(limits.auth(IpAddr::from([192, 0, 2, 2])).is_ok());
    }

    #[test]
    fn an_ipv6_network_counts_as_one_caller() {
        assert_eq!(network("2001:db8::1".parse().expect("an address")), network("2001:db8::ffff".parse().expect("an address")));
    }
}
