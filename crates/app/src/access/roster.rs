//! Roles and assignments as they were at one moment: who has what.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    sync::Arc,
};

use mc_domain::{
    actor::Actor,
    id::UserId,
    role::RoleName,
    role_assignment::{RoleAssignment, SubjectKind},
    role_form::{Effect, RoleForm},
    time::Time,
};
use mc_store::{RoleSet, StoredRole};

/// Who has what.
pub(crate) struct Roster {
    pub(crate) set: RoleSet,
    /// The forms of the roles made here.
    pub(crate) forms: BTreeMap<RoleName, RoleForm>,
    given: HashMap<(SubjectKind, String), Vec<RoleAssignment>>,
    /// When assignments end, in order.
    ends: Vec<Time>,
    /// Counts the rosters of this process.
    pub(crate) serial: u64,
}

/// What somebody has at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The roles, each once, their own first.
    pub(crate) roles: Arc<[RoleName]>,
    /// Those of them that do not end by themselves.
    pub(crate) lasting: Arc<[RoleName]>,
}

/// A role somebody has, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRole {
    /// The role.
    pub role: RoleName,
    /// Until when; `None` is until it is changed.
    pub expires_at: Option<Time>,
    /// Where it comes from: `account`, `assignment`, or a group of an identity provider by its name.
    pub source: String,
}

/// The form of a role as it was stored.
pub(crate) fn form(role: &StoredRole) -> RoleForm {
    RoleForm {
        name: role.name.clone(),
        title: role.title.clone(),
        description: role.description.clone(),
        // What cannot be read any more must not be taken for a role without deny rules: a text that is no Cedar makes it a broken one.
        rules: serde_json::from_str(&role.form).unwrap_or_default(),
        cedar: match serde_json::from_str::<Vec<mc_domain::role_form::Rule>>(&role.form) {
            Ok(_) => role.cedar.clone(),
            Err(error) => Some(format!("unreadable: {error}")),
        },
        step_up: role.step_up,
    }
}

impl Roster {
    pub(crate) fn new(set: RoleSet, serial: u64) -> Self {
        let forms: BTreeMap<RoleName, RoleForm> = set.roles.iter().map(|role| (role.name.clone(), form(role))).collect();
        let mut given: HashMap<(SubjectKind, String), Vec<RoleAssignment>> = HashMap::new();
        for one in &set.assignments {
            given.entry((one.subject_kind, one.subject.clone())).or_default().push(one.clone());
        }
        let mut ends: Vec<Time> = set.assignments.iter().filter_map(|one| one.expires_at).collect();
        ends.sort_unstable();
        Self { set, forms, given, ends, serial }
    }

    /// The rules of these roles, made from those of the roster `before`: what stayed the same is not compiled again. `None` when all did.
    pub(crate) fn rules(&self, before: &Self, standing: &mc_policy::Snapshot) -> Option<mc_policy::Snapshot> {
        let mut rules: Option<mc_policy::Snapshot> = None;
        for name in before.forms.keys().filter(|name| !self.forms.contains_key(*name)) {
            rules = Some(rules.as_ref().unwrap_or(standing).without(name));
        }
        for form in self.forms.values().filter(|form| before.forms.get(&form.name) != Some(*form)) {
            rules = Some(rules.as_ref().unwrap_or(standing).with(form));
        }
        rules
    }

    /// What a user has.
    pub(crate) fn of_user(&self, id: UserId, own: &RoleName, groups: &[String], now: Time) -> Standing {
        let id = id.to_string();
        let groups = groups.iter().map(|group| (SubjectKind::Group, group.as_str()));
        self.standing(std::slice::from_ref(own), std::iter::once((SubjectKind::User, id.as_str())).chain(groups), now)
    }

    /// The roles a user has at a moment, each with until when and whence: their own, and of what was given what lasts longest.
    pub(crate) fn held(&self, id: UserId, own: &RoleName, groups: &[String], now: Time) -> Vec<HeldRole> {
        let mut held: Vec<HeldRole> = Vec::new();
        if self.has(own) {
            held.push(HeldRole { role: own.clone(), expires_at: None, source: "account".to_owned() });
        }
        let id = id.to_string();
        let groups = groups.iter().map(|group| (SubjectKind::Group, group.as_str(), group.as_str()));
        for (kind, subject, source) in std::iter::once((SubjectKind::User, id.as_str(), "assignment")).chain(groups) {
            let given = self.given.get(&(kind, subject.to_owned())).into_iter().flatten();
            for one in given.filter(|one| one.live(now) && self.has(&one.role)) {
                let found = HeldRole { role: one.role.clone(), expires_at: one.expires_at, source: source.to_owned() };
                match held.iter_mut().find(|known| known.role == one.role) {
                    Some(known) if known.expires_at.is_some_and(|end| one.expires_at.is_none_or(|later| later > end)) => *known = found,
                    Some(_) => {}
                    None => held.push(found),
                }
            }
        }
        held
    }

    /// Whether there is such a role.
    pub(crate) fn has(&self, role: &RoleName) -> bool {
        role.built_in().is_some() || self.forms.contains_key(role)
    }

    /// The roles of somebody: their own, and those given to any of these subjects that have not ended. Names of roles that are gone are left out.
    pub(crate) fn standing<'a>(&self, own: &[RoleName], subjects: impl Iterator<Item = (SubjectKind, &'a str)>, now: Time) -> Standing {
        let mut roles: Vec<RoleName> = Vec::with_capacity(own.len());
        let mut lasting: Vec<RoleName> = Vec::with_capacity(own.len());
        let mut add = |role: &RoleName, lasts: bool| {
            if lasts && !lasting.contains(role) {
                lasting.push(role.clone());
            }
            if !roles.contains(role) {
                roles.push(role.clone());
            }
        };
        own.iter().filter(|role| self.has(role)).for_each(|role| add(role, true));
        if !self.given.is_empty() {
            for (kind, subject) in subjects {
                let given = self.given.get(&(kind, subject.to_owned())).into_iter().flatten();
                given.filter(|one| one.live(now) && self.has(&one.role)).for_each(|one| add(&one.role, one.expires_at.is_none()));
            }
        }
        Standing { roles: roles.into(), lasting: lasting.into() }
    }

    /// The live assignments of a role.
    pub(crate) fn assignments(&self, role: &RoleName, now: Time) -> u64 {
        let live = self.set.assignments.iter().filter(|one| one.role == *role && one.live(now)).count();
        u64::try_from(live).unwrap_or(u64::MAX)
    }

    /// Whether the role can take something away from who has it.
    pub(crate) fn denies(&self, role: &RoleName) -> bool {
        self.forms.get(role).is_some_and(denies)
    }

    /// Changes with every roster, and whenever an assignment ends.
    pub(crate) fn epoch(&self, now: Time) -> (u64, usize) {
        (self.serial, self.ends.partition_point(|end| *end <= now))
    }

    /// Stands for what an actor's roles say and ask.
    pub(crate) fn footing(&self, actor: &Actor) -> u64 {
        let versions: Vec<(&RoleName, i64)> = actor
            .roles()
            .iter()
            .map(|role| (role, self.set.roles.iter().find(|stored| stored.name == *role).map_or(0, |stored| stored.version)))
            .collect();
        BuildHasherDefault::<DefaultHasher>::default().hash_one((versions, actor.owed()))
    }
}

/// Whether a role of this form can take something away. A text is only looked at roughly: better once too often.
pub(crate) fn denies(form: &RoleForm) -> bool {
    form.rules.iter().any(|rule| rule.effect == Effect::Deny)
        || form.cedar.as_deref().is_some_and(|text| text.contains("forbid") || text.starts_with("unreadable"))
}

#[cfg(test)]
mod tests {
    use mc_domain::{id::AssignmentId, role::Role};

    use super::*;

    fn name(text: &str) -> RoleName {
        text.parse().expect("a role's name")
    }

    fn role(text: &str, form: &str) -> StoredRole {
        StoredRole {
            name: name(text),
            title: String::new(),
            description: String::new(),
            form: form.to_owned(),
            cedar: None,
            step_up: false,
            version: 1,
            created_at: Time::default(),
            updated_at: Time::default(),
            updated_by: String::new(),
        }
    }

    fn given(role: &str, kind: SubjectKind, subject: &str, end: Option<i64>) -> RoleAssignment {
        RoleAssignment {
            id: AssignmentId::new(),
            role: name(role),
            subject_kind: kind,
            subject: subject.to_owned(),
            expires_at: end.map(Time::from_micros),
            created_at: Time::default(),
            created_by: String::new(),
            reason: String::new(),
            removed_at: None,
        }
    }

    fn roster() -> Roster {
        let assignments = vec![
            given("ops", SubjectKind::User, "u", Some(10)),
            given("operator", SubjectKind::Group, "sre", None),
            given("gone", SubjectKind::User, "u", None),
            given("ops", SubjectKind::Token, "u", None),
        ];
        Roster::new(RoleSet { version: 1, roles: vec![role("ops", "[]"), role("damaged", "{")], assignments }, 1)
    }

    #[test]
    fn roles_come_from_the_account_its_groups_and_what_was_given() {
        let (roster, own) = (roster(), [Role::Viewer.into()]);
        let at = |groups: &[&'static str], micros| {
            let groups = groups.iter().map(|group| (SubjectKind::Group, *group));
            let subjects = std::iter::once((SubjectKind::User, "u")).chain(groups);
            let standing = roster.standing(&own, subjects, Time::from_micros(micros));
            let words = |roles: &[RoleName]| roles.iter().map(RoleName::to_string).collect::<Vec<_>>().join(" ");
            (words(&standing.roles), words(&standing.lasting))
        };
        assert_eq!(at(&[], 9), ("viewer ops".to_owned(), "viewer".to_owned()));
        assert_eq!(at(&[], 10), ("viewer".to_owned(), "viewer".to_owned()), "it ends at its moment, and a role that is gone gives nothing");
        assert_eq!(at(&["other", "sre"], 10).0, "viewer operator");
    }

    #[test]
    fn of_what_is_held_the_longest_counts() {
        let (viewer, user) = (RoleName::from(Role::Viewer), UserId::new());
        let id = user.to_string();
        let assignments = vec![
            given("ops", SubjectKind::User, &id, Some(10)),
            given("ops", SubjectKind::Group, "keycloak:sre", Some(20)),
            given("operator", SubjectKind::User, &id, Some(10)),
            given("operator", SubjectKind::User, &id, None),
            given("viewer", SubjectKind::User, &id, Some(10)),
            given("developer", SubjectKind::User, &id, Some(5)),
        ];
        let roster = Roster::new(RoleSet { version: 1, roles: vec![role("ops", "[]")], assignments }, 1);
        let held = roster.held(user, &viewer, &["keycloak:sre".to_owned()], Time::from_micros(7));
        let held: Vec<_> = held.iter().map(|one| (one.role.as_str(), one.expires_at.map(Time::as_micros), one.source.as_str())).collect();
        assert_eq!(held, [("viewer", None, "account"), ("ops", Some(20), "keycloak:sre"), ("operator", None, "assignment")]);
    }

    #[test]
    fn the_epoch_changes_when_something_ends() {
        let roster = roster();
        assert_eq!((roster.epoch(Time::from_micros(9)), roster.epoch(Time::from_micros(10))), ((1, 0), (1, 1)));
    }

    #[test]
    fn what_cannot_be_read_is_taken_for_denying() {
        let roster = roster();
        assert!(roster.denies(&name("damaged")) && !roster.denies(&name("ops")));
    }
}
