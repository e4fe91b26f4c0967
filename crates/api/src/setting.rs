//! Settings of identity.

use mc_domain::role::RoleName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Settings of identity, and how many seats are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdentitySettings {
    /// How many users may be active at once; null is any number.
    pub seat_cap: Option<u32>,
    /// How many are.
    pub seats_used: u64,
    /// Roles whose users must have a second factor.
    #[schema(value_type = Vec<String>)]
    pub require_second_factor: Vec<RoleName>,
    /// Roles whose users prove again who they are before destructive actions.
    #[schema(value_type = Vec<String>)]
    pub step_up: Vec<RoleName>,
}

/// Settings of identity to be kept: all of them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentitySettingsUpdate {
    /// How many users may be active at once; null or left out is any number.
    #[serde(default)]
    pub seat_cap: Option<u32>,
    /// Roles whose users must have a second factor.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub require_second_factor: Vec<RoleName>,
    /// Roles whose users prove again who they are before destructive actions.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub step_up: Vec<RoleName>,
}
