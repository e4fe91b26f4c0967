//! Known devices: a sealed cookie that says which users came in from this browser before. It opens nothing; it only keeps the owner's own
//! device out of the queue when strangers guess at the account.

use std::time::Duration;

use mc_domain::{id::UserId, time::Time};
use secrecy::SecretString;

use crate::{App, error::AppError};

/// How long a device stays known without a login.
pub const DEVICE_LIFE: Duration = Duration::from_secs(180 * 86_400);
/// Users remembered on one device.
const USERS: usize = 4;
/// The longest cookie that is looked at.
const COOKIE_MAX: usize = 2_048;
/// Between the users of one cookie; no sealed text holds it.
const BETWEEN: char = '~';

/// Random bytes of a device, then the time it was noted.
const MARK: usize = 16;

fn purpose(user: UserId) -> String {
    format!("device:{user}")
}

impl App {
    /// The mark of the device when `cookie` says that this user came in from it. For an unknown user it takes as long and says no.
    pub(crate) fn device_known(&self, user: Option<UserId>, cookie: Option<&str>, now: Time) -> Option<[u8; MARK]> {
        let purpose = purpose(user.unwrap_or(UserId(uuid::Uuid::nil())));
        parts(cookie).find_map(|part| {
            let plain = self.seal.open(&purpose, part).ok()?;
            let (mark, noted) = plain.split_first_chunk::<MARK>()?;
            let noted = Time::from_micros(i64::from_be_bytes(noted.try_into().ok()?));
            (now.since(noted) < DEVICE_LIFE).then_some(*mark)
        })
    }

    /// The cookie of a device from which this user came in just now, with the other users that `cookie` knew.
    pub(crate) fn device_note(&self, user: UserId, cookie: Option<&str>, now: Time) -> Result<SecretString, AppError> {
        let own = purpose(user);
        let mark = self.device_known(Some(user), cookie, now).unwrap_or_else(rand::random);
        let mut plain = mark.to_vec();
        plain.extend(now.as_micros().to_be_bytes());
        let mut all = vec![self.seal.seal(&own, &plain)?];
        all.extend(parts(cookie).filter(|part| self.seal.open(&own, part).is_err()).take(USERS - 1).map(ToOwned::to_owned));
        Ok(all.join(&BETWEEN.to_string()).into())
    }
}

fn parts(cookie: Option<&str>) -> impl Iterator<Item = &str> {
    cookie.filter(|cookie| cookie.len() <= COOKIE_MAX).into_iter().flat_map(|cookie| cookie.split(BETWEEN)).take(USERS)
}
