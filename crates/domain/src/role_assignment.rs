//! Roles given to somebody beside the one role that every account has by itself.

use serde::{Deserialize, Serialize};

use crate::{id::AssignmentId, role::RoleName, time::Time};

/// Who can be given a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A user, by id.
    User,
    /// A service token, by id.
    Token,
    /// A group of an identity provider, by the name or id that the provider tells.
    Group,
}

impl SubjectKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::User, Self::Token, Self::Group];

    /// The kind as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Token => "token",
            Self::Group => "group",
        }
    }

    /// The kind from text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A role given to somebody, until it ends or is taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleAssignment {
    /// Stable id.
    pub id: AssignmentId,
    /// Which role.
    pub role: RoleName,
    /// What kind of subject.
    pub subject_kind: SubjectKind,
    /// The subject: the id of a user or token, or the name of a group.
    pub subject: String,
    /// When it ends by itself; `None`: not.
    pub expires_at: Option<Time>,
    /// When it was given.
    pub created_at: Time,
    /// Who gave it, by name.
    pub created_by: String,
    /// Why.
    pub reason: String,
    /// When it was taken away.
    pub removed_at: Option<Time>,
}

impl RoleAssignment {
    /// Whether it counts at that moment. Its last moment is the one before `expires_at`.
    #[must_use]
    pub fn live(&self, now: Time) -> bool {
        self.removed_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_ends_at_its_second() {
        let at = Time::from_micros;
        let mut given = RoleAssignment {
            id: AssignmentId::new(),
            role: "ops".parse().expect("a name"),
            subject_kind: SubjectKind::User,
            subject: "u".to_owned(),
            expires_at: Some(at(10)),
            created_at: at(0),
            created_by: "admin".to_owned(),
            reason: String::new(),
            removed_at: None,
        };
        assert!(given.live(at(9)) && !given.live(at(10)));
        given.expires_at = None;
        assert!(given.live(at(i64::MAX)));
        given.removed_at = Some(at(3));
        assert!(!given.live(at(4)));
    }
}
