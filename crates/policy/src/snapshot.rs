//! All roles at one moment, and the decisions they make.
//!
//! A snapshot never changes: when a role does, a new one is built and takes its place, so no cached decision outlives the rules it was
//! made by. What it remembers is bounded: plans for sets of roles that were asked about, and decisions.

use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use mc_domain::{
    action::{ALL, Action as _, ActionInfo, Kind, KubeRequest},
    role::RoleName,
    role_form::RoleForm,
};
use parking_lot::RwLock;

use crate::{
    ask::ask,
    cache::{Cache, Key},
    decision::{Asker, Extent, How, Verdict},
    plan::Plan,
    role::{CompiledRole, built_ins},
    sieve::Requests,
    target::{Body, KubernetesAttributes, Target, fingerprint, seen_as},
};

/// The most sets of roles whose plans are kept.
const SETS_MAX: usize = 1024;

/// All roles at one moment.
#[derive(Debug)]
pub struct Snapshot {
    roles: HashMap<RoleName, Arc<CompiledRole>>,
    sets: RwLock<HashMap<Box<[RoleName]>, Arc<RoleSet>>>,
    next: AtomicU32,
    cache: Cache,
}

/// A set of roles that somebody holds, with a plan for each action.
#[derive(Debug)]
pub(crate) struct RoleSet {
    id: u32,
    pub(crate) roles: Vec<Arc<CompiledRole>>,
    plans: Box<[OnceLock<Plan>]>,
}

impl RoleSet {
    pub(crate) fn plan(&self, index: usize) -> Option<&Plan> {
        self.plans.get(index).map(|plan| plan.get_or_init(|| Plan::of(&self.roles, index)))
    }
}

impl Default for Snapshot {
    fn default() -> Self {
        Self::of(built_ins().iter().cloned())
    }
}

/// The action's place in the table.
pub(crate) fn index_of(action: &str) -> Option<usize> {
    static PLACES: LazyLock<HashMap<&'static str, usize>> =
        LazyLock::new(|| ALL.iter().enumerate().map(|(index, action)| (action.name, index)).collect());
    PLACES.get(action).copied()
}

impl Snapshot {
    fn of(roles: impl Iterator<Item = Arc<CompiledRole>>) -> Self {
        Self {
            roles: roles.map(|role| (role.name.clone(), role)).collect(),
            sets: RwLock::default(),
            next: AtomicU32::new(0),
            cache: Cache::default(),
        }
    }

    /// The built-in roles and these. One that cannot be compiled any more denies everything to who has it: see [`Snapshot::broken`].
    #[must_use]
    pub fn build<'a>(forms: impl IntoIterator<Item = &'a RoleForm>) -> Self {
        let own = forms.into_iter().filter(|form| form.name.built_in().is_none()).map(|form| Arc::new(CompiledRole::compile(form)));
        Self::of(own.chain(built_ins().iter().cloned()))
    }

    /// The same with this role added or replaced. Nothing else is compiled again. A built-in role stays as it is.
    #[must_use]
    pub fn with(&self, form: &RoleForm) -> Self {
        let changed = form.name.built_in().is_none().then(|| Arc::new(CompiledRole::compile(form)));
        Self::of(self.roles.values().cloned().chain(changed))
    }

    /// The same without this role, unless it is built in.
    #[must_use]
    pub fn without(&self, name: &RoleName) -> Self {
        Self::of(self.roles.values().filter(|role| role.name != *name || name.built_in().is_some()).cloned())
    }

    /// Whether there is such a role.
    #[must_use]
    pub fn knows(&self, name: &RoleName) -> bool {
        self.roles.contains_key(name)
    }

    /// The roles that could not be compiled, with what is wrong.
    #[must_use]
    pub fn broken(&self) -> Vec<(&RoleName, &str)> {
        self.roles.values().filter_map(|role| role.broken.as_deref().map(|why| (&role.name, why))).collect()
    }

    pub(crate) fn set(&self, roles: &[RoleName]) -> Arc<RoleSet> {
        if let Some(set) = self.sets.read().get(roles) {
            return Arc::clone(set);
        }
        let mut held: Vec<Arc<CompiledRole>> = roles.iter().filter_map(|name| self.roles.get(name).cloned()).collect();
        held.sort_by(|a, b| a.name.cmp(&b.name));
        held.dedup_by(|a, b| a.name == b.name);
        let plans = ALL.iter().map(|_| OnceLock::new()).collect();
        let set = Arc::new(RoleSet { id: self.next.fetch_add(1, Ordering::Relaxed), roles: held, plans });
        let mut sets = self.sets.write();
        if sets.len() >= SETS_MAX {
            sets.clear();
        }
        sets.insert(roles.into(), Arc::clone(&set));
        set
    }

    /// Decides whether `asker` may do `action` to `target`. An action that is not in the table is refused.
    #[must_use]
    pub fn decide(&self, asker: &Asker<'_>, action: &str, target: &Target) -> Verdict {
        let Some((index, known)) = index_of(action).and_then(|index| ALL.get(index).map(|known| (index, known))) else {
            return Verdict::refused();
        };
        match asker.refused_to_token(action) {
            Some(refused) => refused,
            None => self.decide_as(&self.set(asker.roles), index, known, target, asker.how),
        }
    }

    pub(crate) fn decide_as(&self, set: &RoleSet, index: usize, action: &ActionInfo, target: &Target, how: How<'_>) -> Verdict {
        let questions = match set.plan(index) {
            None => return Verdict::refused(),
            Some(Plan::Known(verdict)) => return verdict.clone(),
            Some(Plan::Ask(questions)) => questions,
        };
        let kind = seen_as(action.on);
        let (body, thing) = match target.body() {
            _ if kind == Kind::Everything => (&Body::Everything, 0),
            body if body.kind() == kind => (body, target.fingerprint()),
            // Asked about no single one of what it is done to, or about something else: only what holds for all of them holds.
            _ => return questions.everything.clone(),
        };
        let how_key = if questions.context { fingerprint(&how) } else { 0 };
        let key = Key { roles: set.id, action: u32::try_from(index).unwrap_or(u32::MAX), thing, how: how_key };
        if let Some(verdict) = self.cache.get(&key) {
            return verdict;
        }
        let verdict = ask(questions, index, body, how);
        self.cache.insert(key, verdict.clone());
        verdict
    }

    /// For which things `asker` may do `action`, with the verdict for all of them at once.
    #[must_use]
    pub fn extent(&self, asker: &Asker<'_>, action: &str) -> (Extent, Verdict) {
        let Some(index) = index_of(action) else { return (Extent::None, Verdict::refused()) };
        if let Some(refused) = asker.refused_to_token(action) {
            return (Extent::None, refused);
        }
        match self.set(asker.roles).plan(index) {
            Some(plan @ Plan::Known(verdict)) => (plan.extent(), verdict.clone()),
            // Done to no single thing, so there is nothing to depend on but how it is asked.
            Some(Plan::Ask(_)) if ALL.get(index).is_some_and(|action| action.on == Kind::Everything) => {
                let verdict = self.decide(asker, action, &Target::everything());
                (if verdict.allowed { Extent::All } else { Extent::None }, verdict)
            }
            Some(plan @ Plan::Ask(questions)) => (plan.extent(), questions.everything.clone()),
            None => (Extent::None, Verdict::refused()),
        }
    }

    /// Whether `asker` may be allowed some request to this cluster's API server: whoever may not does not hear of it.
    #[must_use]
    pub fn knows_cluster(&self, asker: &Asker<'_>, cluster: &str) -> bool {
        self.some_of(asker, &Requests::To(cluster))
    }

    /// Whether `asker` may see some of what this list or watch is over. Which, is asked for each.
    #[must_use]
    pub fn sees_some(&self, asker: &Asker<'_>, request: &KubernetesAttributes) -> bool {
        self.some_of(asker, &Requests::Over(request))
    }

    fn some_of(&self, asker: &Asker<'_>, requests: &Requests<'_>) -> bool {
        let Some(index) = index_of(KubeRequest::NAME).filter(|_| asker.refused_to_token(KubeRequest::NAME).is_none()) else { return false };
        match self.set(asker.roles).plan(index) {
            Some(Plan::Known(verdict)) => verdict.allowed,
            Some(Plan::Ask(questions)) => questions.some_of(requests),
            None => false,
        }
    }

    /// Narrows a list to what `asker` may do `action` to. The extent tells without asking when that is all or none of it.
    #[must_use]
    pub fn filter(self: &Arc<Self>, asker: &Asker<'_>, action: &'static str) -> Filter {
        let (extent, _) = self.extent(asker, action);
        Filter {
            set: self.set(asker.roles),
            snapshot: Arc::clone(self),
            action,
            extent,
            credential: asker.how.credential.to_owned(),
            address: asker.how.address.to_owned(),
        }
    }

    /// The role for which who holds `roles` must prove again who they are before `action`, if there is one.
    #[must_use]
    pub fn step_up(&self, roles: &[RoleName], action: &ActionInfo) -> Option<RoleName> {
        if !action.destructive {
            return None;
        }
        self.set(roles).roles.iter().find(|role| role.step_up).map(|role| role.name.clone())
    }
}

/// What somebody may do one action to, for going through a list. It holds for the roles and the rules of the moment it was made.
#[derive(Debug, Clone)]
pub struct Filter {
    snapshot: Arc<Snapshot>,
    set: Arc<RoleSet>,
    action: &'static str,
    extent: Extent,
    credential: String,
    address: String,
}

impl Filter {
    /// Lets everything through: for the server itself.
    #[must_use]
    pub fn all(snapshot: &Arc<Snapshot>, action: &'static str) -> Self {
        let set = snapshot.set(&[]);
        Self { snapshot: Arc::clone(snapshot), set, action, extent: Extent::All, credential: String::new(), address: String::new() }
    }

    /// Whether it is all, some or none.
    #[must_use]
    pub const fn extent(&self) -> Extent {
        self.extent
    }

    /// Whether this one is in it.
    #[must_use]
    pub fn covers(&self, target: &Target) -> bool {
        match self.extent {
            Extent::All => true,
            Extent::None => false,
            Extent::Some => {
                let how = How { credential: &self.credential, address: &self.address };
                let found = index_of(self.action).and_then(|index| ALL.get(index).map(|known| (index, known)));
                found.is_some_and(|(index, known)| self.snapshot.decide_as(&self.set, index, known, target, how).allowed)
            }
        }
    }
}
