//! Asking Cedar: a thing becomes an entity, the question a request, the answer a verdict.

use std::{
    collections::{HashMap, HashSet},
    str::FromStr as _,
    sync::{Arc, LazyLock},
};

use cedar_policy::{Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression};
use mc_domain::{
    action::{ALL, Kind},
    pattern::Pattern,
};

use crate::{
    decision::{How, Verdict},
    plan::{Asked, Questions},
    schema::{CALLER, type_name},
    target::{AgentAttributes, Body, KubernetesAttributes},
};

/// The names of the schema as Cedar has them, made once.
struct Names {
    caller: EntityUid,
    actions: Vec<EntityUid>,
    types: HashMap<Kind, EntityTypeName>,
}

static NAMES: LazyLock<Option<Names>> = LazyLock::new(names);
static AUTHORIZER: LazyLock<Authorizer> = LazyLock::new(Authorizer::new);

fn names() -> Option<Names> {
    let name = |text: &str| EntityTypeName::from_str(text).ok();
    let action = name("Action")?;
    Some(Names {
        caller: EntityUid::from_type_name_and_id(name(CALLER)?, EntityId::new("caller")),
        actions: ALL.iter().map(|known| EntityUid::from_type_name_and_id(action.clone(), EntityId::new(known.name))).collect(),
        types: Kind::ALL.into_iter().map(|kind| Some((kind, name(type_name(kind))?))).collect::<Option<_>>()?,
    })
}

/// The verdict of `questions` on the action at `index` of the table, done to `body`. What cannot be asked is refused.
pub(crate) fn ask(questions: &Questions, index: usize, body: &Body, how: How<'_>) -> Verdict {
    let how = questions.context.then_some(how);
    questions.about(body, |asked| answer(asked, index, body, how))
}

fn answer(asked: &Asked, index: usize, body: &Body, how: Option<How<'_>>) -> Verdict {
    let Some((request, entities)) = question(asked, index, body, how) else { return Verdict::refused() };
    let answer = stacker::maybe_grow(1 << 20, 8 << 20, || AUTHORIZER.is_authorized(&request, &asked.policies, &entities));
    // A rule that errs is one Cedar leaves out. It may have been a denial.
    let errors: Vec<Arc<str>> = answer.diagnostics().errors().map(|error| format!("{}:error", policy_of(error)).into()).collect();
    if !errors.is_empty() {
        return Verdict::denied(&errors);
    }
    let mut rules: Vec<Arc<str>> = answer.diagnostics().reason().map(|id| AsRef::<str>::as_ref(id).into()).collect();
    rules.sort_unstable();
    match answer.decision() {
        Decision::Allow => Verdict::allowed(&rules),
        Decision::Deny => Verdict::denied(&rules),
    }
}

fn policy_of(error: &cedar_policy::AuthorizationError) -> String {
    match error {
        cedar_policy::AuthorizationError::PolicyEvaluationError(error) => error.policy_id().to_string(),
    }
}

fn question(asked: &Asked, index: usize, body: &Body, how: Option<How<'_>>) -> Option<(Request, Entities)> {
    let names = NAMES.as_ref()?;
    let id = match body {
        Body::Everything => "",
        Body::Agent(agent) => &agent.id,
        Body::Kubernetes(request) => &request.cluster,
        Body::Other { id, .. } => id,
    };
    let resource = EntityUid::from_type_name_and_id(names.types.get(&body.kind())?.clone(), EntityId::new(id));
    let entity = Entity::new(resource.clone(), attributes(asked, body), HashSet::new()).ok()?;
    let context = match how {
        Some(how) => {
            Context::from_pairs([("credential".to_owned(), string(how.credential)), ("address".to_owned(), string(how.address))]).ok()?
        }
        None => Context::empty(),
    };
    let request = Request::new(names.caller.clone(), names.actions.get(index)?.clone(), resource, context, None).ok()?;
    Some((request, Entities::from_entities([entity], None).ok()?))
}

fn string(text: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(text.to_owned())
}

fn set<'a>(texts: impl IntoIterator<Item = &'a str>) -> RestrictedExpression {
    RestrictedExpression::new_set(texts.into_iter().map(string))
}

/// Those patterns that one of `texts` fits.
fn matches(patterns: &[(String, Pattern)], texts: &[String]) -> RestrictedExpression {
    set(patterns.iter().filter(|(_, pattern)| texts.iter().any(|text| pattern.fits(text))).map(|(text, _)| text.as_str()))
}

fn attributes(asked: &Asked, body: &Body) -> HashMap<String, RestrictedExpression> {
    let pairs = match body {
        Body::Everything => Vec::new(),
        Body::Agent(agent) => agent_attributes(asked, agent),
        Body::Kubernetes(request) => kubernetes_attributes(request),
        Body::Other { name, .. } => vec![("name", string(name))],
    };
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn agent_attributes(asked: &Asked, agent: &AgentAttributes) -> Vec<(&'static str, RestrictedExpression)> {
    let texts = |texts: &[String]| set(texts.iter().map(String::as_str));
    vec![
        ("id", string(&agent.id)),
        ("name", string(&agent.name)),
        ("kind", string(&agent.kind)),
        ("owner", string(&agent.owner)),
        ("tags", texts(&agent.tags)),
        ("tag_matches", matches(&asked.tags, &agent.tags)),
        ("groups", texts(&agent.groups)),
        ("group_matches", matches(&asked.groups, &agent.groups)),
    ]
}

fn kubernetes_attributes(request: &KubernetesAttributes) -> Vec<(&'static str, RestrictedExpression)> {
    vec![
        ("cluster", string(&request.cluster)),
        ("namespace", string(&request.namespace)),
        ("every_namespace", RestrictedExpression::new_bool(request.every_namespace)),
        ("api_group", string(&request.api_group)),
        ("resource", string(&request.resource)),
        ("subresource", string(&request.subresource)),
        ("verb", string(&request.verb)),
        ("name", string(&request.name)),
        ("every_name", RestrictedExpression::new_bool(request.every_name)),
    ]
}
