//! Settings that admins change while the server runs.

use serde::{Deserialize, Serialize};

use crate::role::RoleName;

/// The most users a seat cap can allow.
pub const SEATS_MAX: u32 = 1_000_000;
/// The most roles one of the lists may name.
const ROLES_MAX: usize = 100;

/// Settings of identity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IdentitySettings {
    /// How many users may be active at once; `None` is any number.
    pub seat_cap: Option<u32>,
    /// Roles whose users must have a second factor.
    pub require_second_factor: Vec<RoleName>,
    /// Roles whose users prove again who they are before destructive actions.
    pub step_up: Vec<RoleName>,
}

/// Why settings are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSettings {
    /// The seat cap makes no sense.
    #[error("seat_cap must be between 1 and 1000000, or null for any number")]
    SeatCap,
    /// Too many roles.
    #[error("at most 100 roles can be named")]
    Roles,
}

impl IdentitySettings {
    /// The same in order and without doubles, when it makes sense.
    ///
    /// # Errors
    /// [`BadSettings`].
    pub fn checked(mut self) -> Result<Self, BadSettings> {
        if self.seat_cap.is_some_and(|cap| !(1..=SEATS_MAX).contains(&cap)) {
            return Err(BadSettings::SeatCap);
        }
        for roles in [&mut self.require_second_factor, &mut self.step_up] {
            roles.sort();
            roles.dedup();
            if roles.len() > ROLES_MAX {
                return Err(BadSettings::Roles);
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_put_in_order() {
        let role = |name: &str| name.parse::<RoleName>().expect("a role");
        let given = IdentitySettings { seat_cap: Some(3), require_second_factor: vec![role("b"), role("a"), role("b")], step_up: vec![] };
        assert_eq!(given.checked().map(|settings| settings.require_second_factor), Ok(vec![role("a"), role("b")]));
        assert_eq!(IdentitySettings { seat_cap: Some(0), ..IdentitySettings::default() }.checked(), Err(BadSettings::SeatCap));
    }
}
