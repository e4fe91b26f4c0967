//! Codes of authenticator apps: RFC 6238 with what every app understands (SHA-1, six digits, thirty seconds).

use mc_domain::time::Time;
use qrcode::{QrCode, render::svg};
use rand::RngExt;
use secrecy::SecretString;
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::error::AppError;

/// Length of a seed in bytes: as long as SHA-1's output, as RFC 4226 advises.
const SEED_BYTES: usize = 20;
/// Steps before and after the current one whose codes are taken: clocks differ, and typing takes time.
const SKEW: u16 = 1;
/// Who the account belongs to, as apps show it.
const ISSUER: &str = "Mission Control";
/// Side of the picture in pixels, at least.
const PICTURE: u32 = 240;

/// What a person needs to set up an app.
pub struct TotpEnrolment {
    /// The seed in base32, to be typed.
    pub secret: SecretString,
    /// The same as an `otpauth:` address.
    pub url: SecretString,
    /// The address as a picture to scan.
    pub qr_svg: SecretString,
}

/// A new seed.
pub(crate) fn seed() -> Zeroizing<Vec<u8>> {
    let mut seed = Zeroizing::new(vec![0; SEED_BYTES]);
    rand::rng().fill(seed.as_mut_slice());
    seed
}

fn totp(seed: &[u8], account: &str) -> Result<Totp, AppError> {
    let builder = Builder::new().with_secret(seed.to_vec()).with_skew(SKEW).with_account_name(account).with_issuer(Some(ISSUER));
    builder.build().map_err(|_| AppError::Internal("an authenticator's seed cannot be used".to_owned()))
}

/// What is shown once, when an app is set up.
pub(crate) fn enrolment(seed: &[u8], account: &str) -> Result<TotpEnrolment, AppError> {
    let failed = || AppError::Internal("an authenticator's address cannot be written".to_owned());
    let totp = totp(seed, account)?;
    let url = totp.to_url().map_err(|_| failed())?;
    let code = QrCode::new(url.as_bytes()).map_err(|_| failed())?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(PICTURE, PICTURE).build();
    Ok(TotpEnrolment { secret: totp.secret().to_base32().into(), url: url.into(), qr_svg: picture.into() })
}

/// The time step of which `code` is the code, if that is near `now` and after the last one taken.
pub(crate) fn step(seed: &[u8], code: &str, now: Time, last: i64) -> Option<i64> {
    let code = Zeroizing::new(code.chars().filter(|c| !c.is_whitespace()).collect::<String>());
    let found = totp(seed, "").ok()?.check(&code, u64::try_from(now.as_secs()).ok()?)?;
    i64::try_from(found).ok().filter(|step| *step > last)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    /// The seed of RFC 6238's appendix B.
    const RFC: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // The appendix prints eight digits; six are their end.
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")] {
            assert_eq!(step(RFC, code, at(seconds), 0), Some(seconds / 30), "{code}");
        }
    }

    #[test]
    fn a_code_counts_near_its_time_and_once() {
        let now = 1_111_111_109;
        let its_step = now / 30;
        for (seconds, right) in [(now - 30, true), (now, true), (now + 30, true), (now + 61, false), (now - 60, false)] {
            assert_eq!(step(RFC, "081804", at(seconds), 0).is_some(), right, "{seconds}");
        }
        assert_eq!(step(RFC, "081804", at(now), its_step), None, "spent");
        assert_eq!(step(RFC, " 081 804 ", at(now), its_step - 1), Some(its_step), "apps show a gap in the middle");
        for wrong in ["", "081805", "81804", "+81804", "0818040", "٠٨١٨٠٤"] {
            assert_eq!(step(RFC, wrong, at(now), 0), None, "{wrong}");
        }
    }

    #[test]
    fn an_enrolment_can_be_typed_and_scanned() {
        let shown = enrolment(RFC, "ada").expect("made");
        assert_eq!(shown.secret.expose_secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let url = shown.url.expose_secret();
        assert!(url.starts_with("otpauth://totp/Mission%20Control:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{url}");
        assert!(shown.qr_svg.expose_secret().contains("<svg"), "a picture");
    }
}
