//! Roles, compiled: the form or the text as Cedar policies that the gate can ask.

use std::sync::{Arc, LazyLock};

use cedar_policy::Policy;
use mc_domain::{
    action::Kind,
    pattern::Pattern,
    role::{Role, RoleName},
    role_form::{DESCRIPTION_MAX, Effect, RULES_MAX, RoleForm, TITLE_MAX},
};

use crate::{
    built_in::built_in_cedar,
    form,
    problem::Problem,
    sieve::Sieve,
    text::{self, Read, Suspect},
    tree::{self, Reach},
};

/// Names that begin like this belong to what access requests grant.
pub const GRANT_PREFIX: &str = "grant-";

/// The outcome of checking a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The role in Cedar: as written, or made from its rules. Empty when the rules cannot be read.
    pub cedar: String,
    /// What is wrong; nothing when the role can be saved.
    pub problems: Vec<Problem>,
}

/// One rule, ready.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    /// `ops-eu/2`, or `role:viewer`.
    pub(crate) id: Arc<str>,
    pub(crate) policy: Policy,
    pub(crate) effect: Effect,
    /// By the action's place in the table.
    pub(crate) reach: Box<[Reach]>,
    pub(crate) tags: Vec<(String, Pattern)>,
    pub(crate) groups: Vec<(String, Pattern)>,
    pub(crate) context: bool,
    pub(crate) sieve: Sieve,
}

/// A role, ready.
#[derive(Debug)]
pub(crate) struct CompiledRole {
    pub(crate) name: RoleName,
    pub(crate) rules: Vec<Arc<CompiledRule>>,
    pub(crate) step_up: bool,
    /// Why it could not be compiled. Nobody may do anything with such a role: its deny rules are not known.
    pub(crate) broken: Option<String>,
}

/// Checks a role as it is saved: everything [`Problem`] can say.
#[must_use]
pub fn check(form: &RoleForm) -> Checked {
    let mut problems = outside(form);
    let cedar = match &form.cedar {
        Some(text) => {
            problems.extend(text::read(form.name.as_str(), text, Suspect::Refused).err().unwrap_or_default());
            text.clone()
        }
        None => {
            let (rules, found) = rendered(form);
            let readable = found.iter().all(|problem| problem.gone);
            problems.extend(found);
            if readable { joined(&rules) } else { String::new() }
        }
    };
    // What the form makes is Cedar by construction; should it not be, nobody saves it.
    if form.cedar.is_none() && !cedar.is_empty() {
        problems.extend(text::read(form.name.as_str(), &cedar, Suspect::Taken).err().unwrap_or_default());
    }
    Checked { cedar, problems }
}

/// The role as Cedar text, as it is shown beside the form.
#[must_use]
pub fn cedar(form: &RoleForm) -> String {
    form.cedar.clone().unwrap_or_else(|| joined(&rendered(form).0))
}

/// What is wrong with a form beside its rules.
fn outside(form: &RoleForm) -> Vec<Problem> {
    let mut problems = Vec::new();
    if form.name.built_in().is_some() {
        problems.push(Problem::new("name", format!("{} is built in and cannot be changed: choose another name", form.name)));
    }
    if form.name.as_str().starts_with(GRANT_PREFIX) {
        problems.push(Problem::new("name", format!("names that begin with {GRANT_PREFIX} are made for access requests: choose another")));
    }
    for (field, text, max, lines) in [("title", &form.title, TITLE_MAX, false), ("description", &form.description, DESCRIPTION_MAX, true)] {
        if text.chars().count() > max {
            problems.push(Problem::new(field, format!("has more than {max} characters")));
        }
        if text.chars().any(|c| c.is_control() && !(lines && c == '\n')) {
            problems.push(Problem::new(field, "has invisible characters: use plain text"));
        }
    }
    match &form.cedar {
        Some(_) if !form.rules.is_empty() => {
            problems.push(Problem::new("cedar", "a role has rules or Cedar text, not both: empty one of them"))
        }
        None if form.rules.is_empty() => problems.push(Problem::new("rules", "a role needs at least one rule")),
        _ if form.rules.len() > RULES_MAX => {
            problems.push(Problem::new(
                "rules",
                format!("has {} rules, at most {RULES_MAX} fit: join some, or make two roles", form.rules.len()),
            ));
        }
        _ => {}
    }
    problems
}

/// The rules in Cedar, and what is wrong with them.
fn rendered(form: &RoleForm) -> (Vec<form::Rendered>, Vec<Problem>) {
    let mut problems = Vec::new();
    let rules = form.rules.iter().take(RULES_MAX).enumerate();
    let rules =
        rules.map(|(index, rule)| form::render(&form.name, index + 1, rule, &mut problems)).filter(|rule| !rule.text.is_empty()).collect();
    (rules, problems)
}

fn joined(rules: &[form::Rendered]) -> String {
    rules.iter().map(|rule| rule.text.as_str()).collect::<Vec<_>>().join("\n")
}

impl CompiledRole {
    /// Compiles a role that was saved. One that cannot be compiled any more comes out broken, which denies.
    pub(crate) fn compile(form: &RoleForm) -> Self {
        let role = |rules, broken| Self { name: form.name.clone(), rules, step_up: form.step_up, broken };
        match text::with_stack(|| rules(form)) {
            Ok(rules) => role(rules, None),
            Err(problems) => role(Vec::new(), Some(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))),
        }
    }

    /// A built-in role: the actions of the table that it reaches.
    fn built_in(role: Role) -> Self {
        let name = RoleName::from(role);
        let id = format!("role:{role}");
        let read = text::read(role.as_str(), &built_in_cedar(role), Suspect::Taken);
        // The first rule is the role itself; what it may of Kubernetes follows, numbered.
        let named =
            |(index, read)| CompiledRule::new(&if index == 0 { id.clone() } else { format!("{id}/{}", index + 1) }, read).map(Arc::new);
        match read.map(|read| read.into_iter().enumerate().filter_map(named).collect()) {
            Ok(rules) => Self { name, rules, step_up: false, broken: None },
            Err(problems) => Self { name, rules: Vec::new(), step_up: false, broken: problems.first().map(ToString::to_string) },
        }
    }
}

/// The Cedar text that allows one action on one agent, or one that is done to no single thing. `None` for anything else.
#[must_use]
pub fn grant(action: &str, kind: &str, thing: &str) -> Option<String> {
    let action = mc_domain::action::by_name(action)?;
    let resource = match (Kind::from_text(kind)?, action.on) {
        (Kind::Agent, Kind::Agent) if !thing.is_empty() => format!("resource == Agent::{}", form::quoted(thing)),
        (Kind::Everything, Kind::Everything) => "resource".to_owned(),
        _ => return None,
    };
    Some(format!("permit (\n    principal,\n    action == Action::\"{}\",\n    {resource}\n);\n", action.name))
}

fn rules(form: &RoleForm) -> Result<Vec<Arc<CompiledRule>>, Vec<Problem>> {
    let name = form.name.as_str();
    if let Some(cedar) = &form.cedar {
        return compiled(
            name,
            text::read(name, cedar, Suspect::Taken)?.into_iter().enumerate().map(|(index, read)| (index + 1, read)).collect(),
        );
    }
    let (rendered, mut problems) = rendered(form);
    problems.retain(|problem| !problem.gone);
    if form.rules.len() > RULES_MAX {
        problems.push(Problem::new("rules", "too many"));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if rendered.is_empty() {
        return Ok(Vec::new());
    }
    let read = text::read(name, &joined(&rendered), Suspect::Taken)?;
    compiled(name, rendered.iter().map(|rule| rule.number).zip(read).collect())
}

fn compiled(name: &str, numbered: Vec<(usize, Read)>) -> Result<Vec<Arc<CompiledRule>>, Vec<Problem>> {
    numbered
        .into_iter()
        .map(|(number, read)| {
            let id = format!("{name}/{number}");
            CompiledRule::new(&id, read).map(Arc::new).ok_or_else(|| vec![Problem::new(id.clone(), "cannot be looked through")])
        })
        .collect()
}

impl CompiledRule {
    fn new(id: &str, read: Read) -> Option<Self> {
        let patterns = |texts: Vec<String>| -> Vec<(String, Pattern)> {
            texts.into_iter().filter_map(|text| text.parse().ok().map(|pattern| (text, pattern))).collect()
        };
        let policy = read.policy.new_id(cedar_policy::PolicyId::new(id));
        let body = policy.to_pst().ok()?;
        Some(Self {
            id: id.into(),
            effect: if policy.effect() == cedar_policy::Effect::Permit { Effect::Allow } else { Effect::Deny },
            reach: tree::reach(body.body()),
            sieve: Sieve::of(body.body()),
            tags: patterns(read.uses.tags),
            groups: patterns(read.uses.groups),
            context: read.uses.context,
            policy,
        })
    }
}

/// The built-in roles, compiled once.
pub(crate) fn built_ins() -> &'static [Arc<CompiledRole>] {
    static ROLES: LazyLock<Vec<Arc<CompiledRole>>> =
        LazyLock::new(|| Role::ALL.into_iter().map(|role| Arc::new(CompiledRole::built_in(role))).collect());
    &ROLES
}
