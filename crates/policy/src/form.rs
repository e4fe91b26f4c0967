//! From the form to Cedar text: one readable policy for each rule.
//!
//! Every text of the form is parsed as a pattern and written escaped, so that nothing typed into a form is ever read as Cedar.

use std::fmt::Write as _;

use mc_domain::{
    action::{ALL, ActionInfo, Kind},
    pattern::{Pattern, Piece},
    role::RoleName,
    role_form::{AgentSelector, Effect, KubernetesSelector, PATTERNS_MAX, Rule},
    scope::Scope,
};

use crate::{problem::Problem, schema::type_name, target::seen_as};

/// A rule in Cedar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// Its number in the role, from 1.
    pub(crate) number: usize,
    /// The policy's text; empty when no action fits the rule any more.
    pub(crate) text: String,
}

/// Collects conditions on one thing, and what is wrong with the texts they come from.
struct Writer<'a> {
    rule: usize,
    effect: Effect,
    problems: &'a mut Vec<Problem>,
}

/// Writes one rule. Problems are added to `problems`; the text is then of no use.
pub(crate) fn render(role: &RoleName, number: usize, rule: &Rule, problems: &mut Vec<Problem>) -> Rendered {
    let mut writer = Writer { rule: number, effect: rule.effect, problems };
    let actions = writer.actions(&rule.actions);
    let agents = rule.agents.as_ref().map(|agents| writer.agents(agents));
    let kubernetes = rule.kubernetes.as_ref().map(|kubernetes| writer.kubernetes(kubernetes));
    let kinds: Vec<Kind> =
        [agents.is_some().then_some(Kind::Agent), kubernetes.is_some().then_some(Kind::Kubernetes)].into_iter().flatten().collect();
    if let Some(actions) = &actions
        && !kinds.is_empty()
        && !actions.is_empty()
        && !actions.iter().any(|action| kinds.contains(&seen_as(action.on)))
    {
        let named = kinds.iter().map(|kind| if *kind == Kind::Agent { "agents" } else { "kubernetes" }).collect::<Vec<_>>().join(" and ");
        writer.gone(format!("the rule is about {named}, but none of its actions is done to such things: change one or the other"));
    }
    let every = rule.actions.iter().any(|pattern| pattern == "*");
    let text = match actions {
        Some(actions) if actions.is_empty() => String::new(),
        Some(actions) => {
            policy(role, number, rule.effect, (!every).then_some(&actions), &[(Kind::Agent, agents), (Kind::Kubernetes, kubernetes)])
        }
        None => String::new(),
    };
    Rendered { number, text }
}

impl Writer<'_> {
    fn problem(&mut self, field: &str, text: impl Into<String>) {
        self.problems.push(Problem::new(format!("rule {}, {field}", self.rule), text));
    }

    fn gone(&mut self, text: impl Into<String>) {
        self.problems.push(Problem::gone(format!("rule {}, actions", self.rule), text));
    }

    /// The actions that fit; `None` when a pattern is not one.
    fn actions(&mut self, patterns: &[String]) -> Option<Vec<&'static ActionInfo>> {
        if patterns.is_empty() {
            self.problem("actions", "name at least one action, or * for all");
            return None;
        }
        self.bounded("actions", patterns)?;
        let mut scopes = Vec::new();
        for pattern in patterns {
            match pattern.parse::<Scope>() {
                Ok(scope) if ALL.iter().any(|action| scope.covers(action.name)) => scopes.push(scope),
                Ok(scope) => self.gone(format!("no action is called {scope}: see the list of actions")),
                Err(error) => {
                    self.problem("actions", error.to_string());
                    return None;
                }
            }
        }
        Some(ALL.iter().filter(|action| scopes.iter().any(|scope| scope.covers(action.name))).collect())
    }

    fn bounded(&mut self, field: &str, patterns: &[String]) -> Option<()> {
        if patterns.len() > PATTERNS_MAX {
            self.problem(field, format!("has {} patterns, at most {PATTERNS_MAX} fit: use * in them, or make two rules", patterns.len()));
            return None;
        }
        Some(())
    }

    /// The patterns of a list; empty when anything fits.
    fn patterns(&mut self, field: &str, texts: &[String]) -> Vec<Pattern> {
        if self.bounded(field, texts).is_none() {
            return Vec::new();
        }
        let mut patterns = Vec::new();
        for text in texts {
            match text.parse() {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => self.problem(field, format!("{text:?}: {error}")),
            }
        }
        patterns
    }

    /// One text attribute that must fit one of `texts`.
    fn text(&mut self, field: &str, attribute: &str, texts: &[String]) -> Option<String> {
        let patterns = self.patterns(field, texts);
        if patterns.iter().any(Pattern::is_any) {
            return None;
        }
        any_of(patterns.iter().map(|pattern| fits(attribute, pattern)))
    }

    /// One set attribute of which one element must fit one of `texts`.
    fn set(&mut self, field: &str, attribute: &str, matches: &str, texts: &[String]) -> Option<String> {
        let patterns = self.patterns(field, texts);
        any_of(patterns.iter().map(|pattern| match pattern.literal() {
            Some(literal) => format!("resource.{attribute}.contains({})", quoted(literal)),
            None => format!("resource.{matches}.contains({})", quoted(&pattern.to_string())),
        }))
    }

    /// As [`Self::text`]; a deny rule also fits what asks about every value at once.
    fn spanning(&mut self, field: &str, attribute: &str, every: &str, texts: &[String]) -> Option<String> {
        let fits = self.text(field, attribute, texts)?;
        Some(if self.effect == Effect::Deny { format!("{fits} || resource.{every}") } else { fits })
    }

    fn agents(&mut self, agents: &AgentSelector) -> Vec<String> {
        let conditions = [
            self.text("agents.names", "name", &agents.names),
            self.set("agents.tags", "tags", "tag_matches", &agents.tags),
            self.set("agents.groups", "groups", "group_matches", &agents.groups),
            self.text("agents.kinds", "kind", &agents.kinds),
            self.text("agents.owners", "owner", &agents.owners),
        ];
        conditions.into_iter().flatten().collect()
    }

    fn kubernetes(&mut self, request: &KubernetesSelector) -> Vec<String> {
        let conditions = [
            self.text("kubernetes.clusters", "cluster", &request.clusters),
            self.spanning("kubernetes.namespaces", "namespace", "every_namespace", &request.namespaces),
            self.resources(&request.resources),
            self.text("kubernetes.verbs", "verb", &request.verbs),
            self.spanning("kubernetes.names", "name", "every_name", &request.names),
        ];
        conditions.into_iter().flatten().collect()
    }

    fn resources(&mut self, texts: &[String]) -> Option<String> {
        let patterns = self.patterns("kubernetes.resources", texts);
        if patterns.iter().any(Pattern::is_any) {
            return None;
        }
        let mut alternatives = Vec::new();
        for text in texts {
            match resource_parts(text) {
                Some(parts) => alternatives.push(parts.condition(self.effect)),
                None => self.problem("kubernetes.resources", format!("{text:?}: use RESOURCE, RESOURCE.GROUP or RESOURCE/SUBRESOURCE")),
            }
        }
        any_of(alternatives.into_iter())
    }
}

/// A pattern over Kubernetes resources in its parts: `RESOURCE[.GROUP][/SUBRESOURCE]`.
struct ResourceParts {
    resource: Pattern,
    group: Option<Pattern>,
    subresource: Option<Pattern>,
}

fn resource_parts(text: &str) -> Option<ResourceParts> {
    let (object, subresource) = text.split_once('/').map_or((text, None), |(object, sub)| (object, Some(sub)));
    let (resource, group) = object.split_once('.').map_or((object, None), |(resource, group)| (resource, Some(group)));
    let subresource = match subresource {
        Some(sub) => Some(sub.parse().ok()?),
        None => None,
    };
    let group = match group {
        // `pods.` is the core group, whose name is empty.
        Some("") => Some(Pattern::exactly("")),
        Some(group) => Some(group.parse().ok()?),
        None => None,
    };
    Some(ResourceParts { resource: resource.parse().ok()?, group, subresource })
}

impl ResourceParts {
    fn condition(&self, effect: Effect) -> String {
        // Who denies pods means their subresources too; who allows pods does not.
        let itself = Pattern::exactly("");
        let subresource = self.subresource.as_ref().or_else(|| (effect == Effect::Allow).then_some(&itself));
        let parts = [("resource", Some(&self.resource)), ("api_group", self.group.as_ref()), ("subresource", subresource)];
        let conditions: Vec<String> = parts
            .into_iter()
            .filter_map(|(attribute, pattern)| pattern.filter(|pattern| !pattern.is_any()).map(|pattern| fits(attribute, pattern)))
            .collect();
        match conditions.as_slice() {
            [] => "true".to_owned(),
            [one] => one.clone(),
            many => format!("({})", many.join(" && ")),
        }
    }
}

fn any_of(alternatives: impl Iterator<Item = String>) -> Option<String> {
    let alternatives: Vec<String> = alternatives.collect();
    (!alternatives.is_empty()).then(|| alternatives.join(" || "))
}

fn fits(attribute: &str, pattern: &Pattern) -> String {
    match pattern.literal() {
        Some(text) => format!("resource.{attribute} == {}", quoted(text)),
        None => format!("resource.{attribute} like {}", like(pattern)),
    }
}

/// A Cedar string of exactly `text`.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    text.chars().for_each(|c| escape(&mut quoted, c));
    quoted + "\""
}

/// A Cedar pattern for `like`.
fn like(pattern: &Pattern) -> String {
    let mut quoted = String::from('"');
    for piece in pattern.pieces() {
        match piece {
            Piece::Star => quoted.push('*'),
            Piece::Text(text) => text.chars().for_each(|c| if c == '*' { quoted.push_str("\\*") } else { escape(&mut quoted, c) }),
        }
    }
    quoted + "\""
}

fn escape(quoted: &mut String, c: char) {
    match c {
        '"' | '\\' => quoted.extend(['\\', c]),
        c if c.is_control() => {
            let _ = write!(quoted, "\\u{{{:x}}}", u32::from(c));
        }
        c => quoted.push(c),
    }
}

/// A policy's text. `actions` is `None` for all of them; `about` has the conditions for each kind of thing that the rule names.
fn policy(
    role: &RoleName,
    number: usize,
    effect: Effect,
    actions: Option<&Vec<&'static ActionInfo>>,
    about: &[(Kind, Option<Vec<String>>)],
) -> String {
    let about: Vec<(Kind, &Vec<String>)> =
        about.iter().filter_map(|(kind, conditions)| conditions.as_ref().map(|found| (*kind, found))).collect();
    let resource = match about.as_slice() {
        [(kind, _)] => format!("resource is {}", type_name(*kind)),
        _ => "resource".to_owned(),
    };
    let keyword = if effect == Effect::Allow { "permit" } else { "forbid" };
    let mut text = format!("@id(\"{role}/{number}\")\n{keyword} (\n    principal,\n    {},\n    {resource}\n)", action_scope(actions));
    match about.as_slice() {
        [(_, conditions)] => {
            for condition in *conditions {
                let _ = write!(text, "\nwhen {{ {condition} }}");
            }
        }
        [] => {}
        several => {
            let alternatives = several.iter().map(|(kind, conditions)| {
                let parts: Vec<String> = conditions.iter().map(|condition| format!(" && ({condition})")).collect();
                format!("(resource is {}{})", type_name(*kind), parts.concat())
            });
            let _ = write!(text, "\nwhen {{\n    {}\n}}", alternatives.collect::<Vec<_>>().join(" ||\n    "));
        }
    }
    text + ";\n"
}

fn action_scope(actions: Option<&Vec<&'static ActionInfo>>) -> String {
    let names = |actions: &[&ActionInfo]| actions.iter().map(|action| format!("Action::\"{}\"", action.name)).collect::<Vec<_>>();
    match actions.map(Vec::as_slice) {
        None => "action".to_owned(),
        Some([action]) => format!("action == Action::\"{}\"", action.name),
        Some(few) if few.len() <= 3 => format!("action in [{}]", names(few).join(", ")),
        Some(many) => format!("action in [\n        {}\n    ]", names(many).join(",\n        ")),
    }
}

/// The text of a policy that allows a built-in role's actions.
pub(crate) fn built_in(id: &str, actions: &[&'static ActionInfo]) -> String {
    format!("@id(\"{id}\")\npermit (\n    principal,\n    {},\n    resource\n);\n", action_scope(Some(&actions.to_vec())))
}
